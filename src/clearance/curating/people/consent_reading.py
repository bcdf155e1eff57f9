"""Read a model release or property release from a YAML file that a person wrote, all problems at once. Pure.

Source: P2.1; GDPR article 7(1) (whoever relies on consent must be able to show it).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from clearance.curating.people.consents import (
    AgeEvidence,
    ConsentKind,
    ConsentUse,
    Cover,
    CoverKind,
    LegalBasis,
    SignatureMethod,
)
from clearance.curating.people.plus_vocabulary import MinorAge, read_plus
from clearance.errors import BadInput, printable
from clearance.identifiers import Malformed, Sha256
from clearance.policy import read_strict_yaml

FORM = 1
"""Of the file; a later version of Clearance may ask for more, and still reads what was recorded."""
MAX_CONSENT_BYTES = 1 << 20
"""A shoot of ten thousand pictures, each named by its hash."""
BLANK = "?"
"""What the form has where a person must write."""
_MAX_COVERS = 20_000
_MAX_PEOPLE = 1000
"""In one picture; a crowd is reviewed, not signed for."""
_HIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Control characters, those that turn the direction of text, and halves of characters."""
_SHA256 = r"^[0-9a-f]{64}$"


def _seen(value: str) -> str:
    if _HIDDEN.search(value):
        raise ValueError("holds a character that cannot be seen")
    if value.strip() == BLANK:
        raise ValueError("is blank")
    return value.strip()


def _age(value: object) -> object:
    """Take a PLUS word bare or as URI."""
    read = read_plus(MinorAge, value) if isinstance(value, str) else value
    if isinstance(read, Malformed):
        raise ValueError(read.why)  # noqa: TRY004 - what pydantic gathers is a ValueError
    return read


Text = Annotated[str, Field(max_length=500), AfterValidator(_seen)]
NeededText = Annotated[str, Field(min_length=1, max_length=500, pattern=r"\S"), AfterValidator(_seen)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class _Document(_Part):
    sha256: Annotated[str, Field(pattern=_SHA256)]
    reference: NeededText
    """Where the signed paper is kept: never in a dataset."""
    form: NeededText
    version: Text = ""
    language: Text = ""


class _Subject(_Part):
    name: NeededText
    reference: Text = ""
    """What tells two people of one name apart; a number, nothing of what they are."""
    age: Annotated[MinorAge, BeforeValidator(_age)] = MinorAge.UNKNOWN
    age_evidence: Annotated[AgeEvidence, Field(strict=False)] = AgeEvidence.NONE
    age_checked_by: Text = ""
    age_checked_at: date | None = None


class _Guardian(_Part):
    name: NeededText
    relation: NeededText
    signed_at: date


class _Shoot(_Part):
    first: date = Field(alias="from")
    last: date = Field(alias="to")
    place: Text = ""
    photographer: Text = ""


class _Signed(_Part):
    at: date | None
    method: Annotated[SignatureMethod, Field(strict=False)]
    envelope: Text = ""
    """Service and envelope of an electronic signature."""
    witness: Text = ""


class _Grants(_Part):
    uses: list[Annotated[ConsentUse, Field(strict=False)]] = Field(min_length=1)
    territory: Literal["worldwide"] | list[Annotated[str, Field(pattern=r"^[A-Z]{2}$")]]
    expires_at: date | None = None
    exclusions: list[NeededText] = Field(default_factory=list, max_length=100)


class _Attributes(_Part):
    is_consented: bool
    """To their use in a balance audit: explicit, and apart from everything else (GDPR article 9(2)(a))."""
    consented_at: date
    values: dict[
        Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")],
        Annotated[str, Field(min_length=1, max_length=100), AfterValidator(_seen)],
    ] = Field(min_length=1, max_length=50)


class _Verified(_Part):
    by: NeededText
    at: date


class _Cover(_Part):
    item: Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")] | None = None
    sha256: Annotated[str, Field(pattern=_SHA256)] | None = None
    release_id: NeededText | None = None
    person: Annotated[int, Field(ge=1, le=_MAX_PEOPLE)] = 1


class _Form(_Part):
    form: Literal[1]
    kind: Annotated[ConsentKind, Field(strict=False)]
    document: _Document
    subject: _Subject
    guardian: _Guardian | None = None
    shoot: _Shoot
    signed: _Signed
    grants: _Grants
    compensation: Text = ""
    legal_basis: Annotated[LegalBasis, Field(strict=False)]
    notice_version: Text = ""
    attributes: _Attributes | None = None
    verified: _Verified | None = None
    covers: list[_Cover] = Field(min_length=1, max_length=_MAX_COVERS)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadConsent:
    """What a file states; `personal` goes under seal, the rest may be listed."""

    kind: ConsentKind
    document_sha256: Sha256
    subject_name: str
    subject_reference: str
    age: MinorAge
    age_evidence: AgeEvidence
    guardian_signed_at: date | None
    shoot_from: date
    shoot_to: date
    signed_at: date | None
    signature: SignatureMethod
    uses: frozenset[ConsentUse]
    territory: tuple[str, ...]
    expires_at: date | None
    exclusions: tuple[str, ...]
    legal_basis: LegalBasis
    form: str
    """Name, version and language of the form that was signed."""
    notice_version: str
    covers: tuple[Cover, ...]
    personal: dict[str, Any]
    """Names, places, the document's place, what was paid, and what the person declared of themselves."""


def read_consent(content: bytes, *, where: str) -> ReadConsent:
    """Read one record from its file.

    Raises:
        BadInput: it is no YAML, or something in it is missing, unknown or contradicts; the message says all
            of it, with its place.
    """
    loaded = read_strict_yaml(content, where=where, max_bytes=MAX_CONSENT_BYTES)
    try:
        form = _Form.model_validate(loaded)
    except ValidationError as error:
        raise BadInput(f"{where}: {'; '.join(_lines(error))}") from error
    problems = _contradictions(form)
    if problems:
        raise BadInput(f"{where}: {'; '.join(problems)}")
    return _read(form)


def _lines(error: ValidationError) -> list[str]:
    lines = []
    for item in error.errors(include_url=False):
        place = ".".join(printable(str(part), max_chars=60) for part in item["loc"]) or "the file"
        lines.append(f"{place}: {printable(item['msg'])}")
    return lines


def _contradictions(form: _Form) -> list[str]:
    """Find what no field alone shows to be wrong."""
    found = [*_wrong_days(form), *_wrong_people(form)]
    for number, cover in enumerate(form.covers, 1):
        named = [value for value in (cover.item, cover.sha256, cover.release_id) if value is not None]
        if len(named) != 1:
            found.append(f"covers.{number}: one of item, sha256, release_id")
        if form.kind is ConsentKind.PROPERTY and cover.person != 1:
            found.append(f"covers.{number}.person: a property release speaks of no person")
    return found


def _wrong_days(form: _Form) -> list[str]:
    found = []
    if form.shoot.last < form.shoot.first:
        found.append(f"shoot: ends on {form.shoot.last}, before it begins on {form.shoot.first}")
    expires, signed = form.grants.expires_at, form.signed.at
    if expires is not None and signed is not None and expires <= signed:
        found.append(f"grants.expires_at: {expires} is not after the signature of {signed}")
    return found


def _wrong_people(form: _Form) -> list[str]:
    found = []
    if form.kind is ConsentKind.PROPERTY and (form.guardian is not None or form.attributes is not None):
        found.append("a property release has neither guardian nor attributes")
    witness, parties = form.signed.witness, (form.subject.name, form.shoot.photographer)
    if witness and witness.casefold() in {party.casefold() for party in parties if party}:
        found.append("signed.witness: a third person, neither the one who consents nor the photographer")
    if form.guardian is not None and form.guardian.name.casefold() == form.subject.name.casefold():
        found.append("guardian.name: the same person as the subject")
    if form.subject.age_evidence is AgeEvidence.ID_CHECKED and not (
        form.subject.age_checked_by and form.subject.age_checked_at
    ):
        found.append("subject: age_checked_by and age_checked_at say who looked at the document, and when")
    if form.subject.age_evidence is not AgeEvidence.NONE and form.subject.age is MinorAge.UNKNOWN:
        found.append("subject.age: evidence of an age that is not stated")
    return found


def _read(form: _Form) -> ReadConsent:
    territory = form.grants.territory
    return ReadConsent(
        kind=form.kind,
        document_sha256=Sha256(form.document.sha256),
        subject_name=form.subject.name,
        subject_reference=form.subject.reference,
        age=form.subject.age,
        age_evidence=form.subject.age_evidence,
        guardian_signed_at=form.guardian.signed_at if form.guardian is not None else None,
        shoot_from=form.shoot.first,
        shoot_to=form.shoot.last,
        signed_at=form.signed.at,
        signature=form.signed.method,
        uses=frozenset(form.grants.uses),
        territory=() if territory == "worldwide" else tuple(territory),
        expires_at=form.grants.expires_at,
        exclusions=tuple(form.grants.exclusions),
        legal_basis=form.legal_basis,
        form=" ".join(
            part for part in (form.document.form, form.document.version, form.document.language) if part
        ),
        notice_version=form.notice_version,
        covers=tuple(dict.fromkeys(_cover(cover) for cover in form.covers)),
        personal=_personal(form),
    )


def _cover(cover: _Cover) -> Cover:
    if cover.item is not None:
        return Cover(kind=CoverKind.ITEM, value=cover.item, person=cover.person)
    if cover.sha256 is not None:
        return Cover(kind=CoverKind.PICTURE, value=cover.sha256, person=cover.person)
    return Cover(kind=CoverKind.RELEASE_ID, value=cover.release_id or "", person=cover.person)


def _personal(form: _Form) -> dict[str, Any]:
    attributes = form.attributes
    return {
        "document_reference": form.document.reference,
        "subject": form.subject.model_dump(mode="json", exclude={"age", "age_evidence"}),
        "guardian": form.guardian.model_dump(mode="json") if form.guardian is not None else None,
        "place": form.shoot.place,
        "photographer": form.shoot.photographer,
        "envelope": form.signed.envelope,
        "witness": form.signed.witness,
        "compensation": form.compensation,
        "verified": form.verified.model_dump(mode="json") if form.verified is not None else None,
        "attributes": attributes.model_dump(mode="json") if attributes is not None else None,
    }
