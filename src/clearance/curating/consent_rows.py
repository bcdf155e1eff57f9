"""A model release or property release as a row of a table, without its personal parts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import RowMapping

from clearance.curating.people.consent_reading import ReadConsent
from clearance.curating.people.consents import (
    AgeEvidence,
    Consent,
    ConsentKind,
    ConsentUse,
    Cover,
    CoverKind,
    LegalBasis,
    SignatureMethod,
    Withdrawal,
)
from clearance.curating.people.plus_vocabulary import MinorAge
from clearance.identifiers import Sha256

ERASED: Mapping[str, Any] = {
    "age": MinorAge.UNKNOWN.value,
    "age_evidence": AgeEvidence.NONE.value,
    "guardian_signed_at": None,
    "signature": SignatureMethod.SIMPLE.value,
    "uses": [],
    "territory": [],
    "exclusions": [],
    "legal_basis": LegalBasis.OTHER.value,
    "form": "",
    "notice_version": "",
    "is_erased": True,
}
"""What stays of a record that was erased: nothing that was said of or by its person."""


def content_of(read: ReadConsent) -> dict[str, Any]:
    """Return what of a record is listed, as it is kept."""
    return {
        "age": read.age.value,
        "age_evidence": read.age_evidence.value,
        "guardian_signed_at": read.guardian_signed_at.isoformat() if read.guardian_signed_at else None,
        "signature": read.signature.value,
        "uses": sorted(use.value for use in read.uses),
        "territory": list(read.territory),
        "exclusions": list(read.exclusions),
        "legal_basis": read.legal_basis.value,
        "form": read.form,
        "notice_version": read.notice_version,
    }


def cover_of(row: RowMapping) -> Cover:
    """Read a cover back."""
    return Cover(kind=CoverKind(row["kind"]), value=row["covered"], person=row["person"])


def consent_of(row: RowMapping, covers: Iterable[Cover], *, is_shared: bool) -> Consent:
    """Read a record back, with its covers."""
    content = row["content"]
    guardian = content["guardian_signed_at"]
    withdrawal = row["withdrawal"] or {}
    return Consent(
        id=row["id"],
        kind=ConsentKind(row["kind"]),
        subject=row["subject"],
        document_sha256=Sha256(row["document_sha256"]),
        is_document_shared=is_shared,
        age=MinorAge(content["age"]),
        age_evidence=AgeEvidence(content["age_evidence"]),
        guardian_signed_at=date.fromisoformat(guardian) if guardian else None,
        shoot_from=row["shoot_from"],
        shoot_to=row["shoot_to"],
        signed_at=row["signed_at"],
        signature=SignatureMethod(content["signature"]),
        uses=frozenset(ConsentUse(use) for use in content["uses"]),
        territory=tuple(content["territory"]),
        expires_at=row["expires_at"],
        exclusions=tuple(content["exclusions"]),
        legal_basis=LegalBasis(content["legal_basis"]),
        covers=tuple(covers),
        recorded_at=row["recorded_at"],
        withdrawal=Withdrawal(
            at=row["withdrawn_at"],
            channel=withdrawal.get("channel", ""),
            effect=withdrawal.get("effect", ""),
        )
        if row["withdrawn_at"] is not None
        else None,
        is_erased="is_erased" in content,
    )
