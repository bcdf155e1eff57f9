"""Model releases and property releases: recorded, listed by pseudonym, checked, withdrawn, erased (P2.1)."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from clearance.collecting import utc_now
from clearance.curating import (
    MAX_CONSENT_BYTES,
    Consent,
    ConsentKind,
    Cover,
    CoverKind,
    Withdrawal,
    consent_form,
    new_consent_id,
    plus_uri,
    read_consent,
)
from clearance.errors import BadInput, StorageError, printable
from clearance.governing import Permission
from clearance.identifiers import Sha256, sha256_of
from clearance.workspace.holding import Holding

_MAX_DOCUMENT_BYTES = 256 << 20
"""A scan of many pages; it is hashed and not kept."""
_MAX_SAID_CHARS = 500


class Consents:
    """The model releases and property releases of a workspace."""

    def __init__(self, holding: Holding, *, clock: Callable[[], datetime] = utc_now) -> None:
        self._holding = holding
        self._store = holding.consents
        self._clock = clock

    def add(self, file: Path, *, document: Path | None = None) -> dict[str, Any]:
        """Record a model release or property release from its file.

        The document itself is not kept, only its hash and where it lies; given here, it is compared.

        Raises:
            BadInput: the file does not hold together or covers an item that is not there, the document is
                another than it names, or the document is another person's already.
        """
        self._holding.require(Permission.CONSENT)
        read = read_consent(_content(file, MAX_CONSENT_BYTES), where=str(file))
        if document is not None:
            _same_document(document, read.document_sha256)
        with self._holding.locked():
            self._holding.publish_policy()
            read = replace(read, covers=self._with_bytes(read.covers, where=str(file)))
            self._store.check_new(read)
            # The log first: what a crash leaves is an event too many, never a record that nobody logged.
            new = new_consent_id(read.kind)
            self._holding.log_event("consent-recorded", consent=new)
            added = self._store.add(read, new=new, by=self._holding.actor.name, now=self._clock())
        return {**self._facts(added), "is_document_compared": document is not None}

    def list(self) -> list[dict[str, Any]]:
        """Return all records under their pseudonyms."""
        self._holding.require(Permission.READ)
        listed = [self._facts(consent) for consent in self._store.all()]
        self._holding.note_read("consent list", items=len(listed))
        return listed

    def show(self, consent: str) -> dict[str, Any]:
        """Return one record with its names and everything else that is sealed; the read is recorded.

        Raises:
            BadInput: there is none of that id.
        """
        self._holding.require(Permission.CONSENT)
        known = self._store.get(consent)
        self._holding.note_read("consent show", items=1, consent=known.id)
        noted = self._store.noted(known.id)
        return {
            **self._facts(known),
            **noted,
            "recorded_at": noted["recorded_at"].isoformat(),
            "personal": self._store.personal(known.id),
        }

    def check(self, consent: str, *, document: Path) -> dict[str, Any]:
        """Compare a document with the one that a record names.

        Raises:
            BadInput: there is no such record, or the document is another.
        """
        self._holding.require(Permission.CONSENT)
        known = self._store.get(consent)
        _same_document(document, known.document_sha256)
        return {**self._facts(known), "is_document_compared": True}

    def withdraw(
        self, consent: str, *, channel: str, effect: str, at: datetime | None = None
    ) -> dict[str, Any]:
        """Note that consent was withdrawn: from then on its pictures train nothing more.

        Returns the record, and the dataset versions that hold one of its pictures: they were frozen before,
        and `clearance dataset shrink` makes the next ones without it.

        Args:
            consent: the record.
            channel: how we heard of it.
            effect: what was answered about what is published or trained already.
            at: when, if not now; later than now is no withdrawal yet.

        Raises:
            BadInput: there is no such record, it was withdrawn before, or a value cannot be used.
        """
        self._holding.require(Permission.CONSENT)
        now = self._clock()
        when = at or now
        if when > now:
            raise BadInput(f"--at {when:%Y-%m-%d}: in the future; a withdrawal takes effect when it is made")
        withdrawal = Withdrawal(
            at=when, channel=_said(channel, "--channel"), effect=_said(effect, "--effect")
        )
        with self._holding.locked():
            known = self._store.standing(consent)
            self._holding.publish_policy()
            self._holding.log_event("consent-withdrawn", consent=known.id)
            withdrawn = self._store.withdraw(known.id, withdrawal)
        return {**self._facts(withdrawn), "versions": list(self._versions(withdrawn))}

    def erase(self, consent: str, *, channel: str) -> dict[str, Any]:
        """Erase what a record says of its person, at their request; its pictures stay out for ever.

        Raises:
            BadInput: there is no such record, or a value cannot be used.
            StorageError: another process reads what is to be forgotten; the same command goes on.
        """
        self._holding.require(Permission.ERASE)
        withdrawal = Withdrawal(
            at=self._clock(), channel=_said(channel, "--channel"), effect="erased at the person's request"
        )
        with self._holding.locked():
            known = self._store.get(consent)
            self._holding.publish_policy()
            self._holding.log_event("consent-erased", consent=known.id)
            erased = self._store.erase(known.id, withdrawal)
            self._holding.database.forget_deleted()
        return {**self._facts(erased), "versions": list(self._versions(erased))}

    def _with_bytes(self, covers: tuple[Cover, ...], *, where: str) -> tuple[Cover, ...]:
        """Add the bytes of every item that is named: an item gets a new id when its hold is resolved."""
        named = sorted({cover.value for cover in covers if cover.kind is CoverKind.ITEM})
        rows = self._holding.stores.items.rows(
            ["item_id", "sha256"], key="item_id", values=pa.array(named, pa.string())
        )
        known = {row["item_id"]: row["sha256"] for row in rows.to_pylist()}
        missing = [item for item in named if item not in known]
        if missing:
            raise BadInput(
                f"{where}: covers: no item {', '.join(missing)}; `clearance items list` shows them"
            )
        same = [
            Cover(kind=CoverKind.PICTURE, value=known[cover.value], person=cover.person)
            for cover in covers
            if cover.kind is CoverKind.ITEM and known[cover.value]
        ]
        return tuple(dict.fromkeys([*covers, *same]))

    def _versions(self, consent: Consent) -> tuple[str, ...]:
        """Return the dataset versions that hold a picture which a record speaks of."""
        versions = self._holding.versions
        held = versions.holding(pa.array(sorted(self._covered_items(consent)), pa.string()))
        return tuple(version.reference for version in versions.list() if version.id in held)

    def _covered_items(self, consent: Consent) -> set[str]:
        """Return the items that a record speaks of by id or by hash.

        Pictures that name the record in their own metadata are found at the next freeze.
        """
        items = {cover.value for cover in consent.covers if cover.kind is CoverKind.ITEM}
        hashes = [cover.value for cover in consent.covers if cover.kind is CoverKind.PICTURE]
        rows = self._holding.stores.items.rows(
            ["item_id"], key="sha256", values=pa.array(hashes, pa.string())
        )
        return items | set(rows.column("item_id").to_pylist())

    def _facts(self, consent: Consent) -> dict[str, Any]:
        return consent_facts(consent, now=self._clock())


def consent_facts(consent: Consent, *, now: datetime) -> dict[str, Any]:
    """Return a record as plain values, without its personal parts; its state is derived now."""
    withdrawal = consent.withdrawal
    return {
        "id": consent.id,
        "kind": consent.kind.value,
        "state": consent.state(now).value,
        "subject": consent.subject,
        "document_sha256": consent.document_sha256,
        "age": plus_uri(consent.age) if consent.kind is ConsentKind.MODEL else None,
        "age_evidence": consent.age_evidence.value,
        "guardian_signed_at": _day(consent.guardian_signed_at),
        "shoot": [consent.shoot_from.isoformat(), consent.shoot_to.isoformat()],
        "signed_at": _day(consent.signed_at),
        "signature": consent.signature.value,
        "uses": sorted(use.value for use in consent.uses),
        "territory": list(consent.territory) or "worldwide",
        "expires_at": _day(consent.expires_at),
        "exclusions": list(consent.exclusions),
        "legal_basis": consent.legal_basis.value,
        "covers": [{cover.kind.value: cover.value, "person": cover.person} for cover in consent.covers],
        "withdrawn": {
            "at": withdrawal.at.isoformat(),
            "channel": withdrawal.channel,
            "effect": withdrawal.effect,
        }
        if withdrawal is not None
        else None,
    }


def consent_template() -> str:
    """Return the form of a model release or property release, to be filled in."""
    return consent_form()


def _day(day: Any) -> str | None:
    return day.isoformat() if day is not None else None


def _said(text: str, option: str) -> str:
    said = text.strip()
    if not 0 < len(said) <= _MAX_SAID_CHARS or not said.isprintable():
        raise BadInput(
            f"{option} {printable(text, max_chars=60)!r}: 1 to {_MAX_SAID_CHARS} printable characters"
        )
    return said


def _same_document(document: Path, expected: Sha256) -> None:
    found = sha256_of(_content(document, _MAX_DOCUMENT_BYTES))
    if not hmac.compare_digest(found, expected):
        raise BadInput(
            f"{document}: its SHA-256 is {found}, and document.sha256 names {expected}: this is not the"
            " document that was signed, or not as it was signed"
        )


def _content(file: Path, limit: int) -> bytes:
    try:
        with file.open("rb") as opened:
            content = opened.read(limit + 1)
    except FileNotFoundError as error:
        raise BadInput(f"{file} is not there; `clearance consent template` prints a form") from error
    except OSError as error:
        raise StorageError(f"{file}: {error.strerror}") from error
    if len(content) > limit:
        raise BadInput(f"{file}: larger than {limit} bytes")
    return content
