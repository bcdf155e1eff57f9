"""Model releases and property releases: what is recorded of one, and whether it is valid for a picture. Pure.

A record speaks for one person, or one owner of property. Names, places and what somebody declared of
themselves are not here: they are sealed, and opened only where they are shown (`consent_store`).

Source: P2.1; GDPR articles 7 and 8; PLUS and IPTC vocabularies; CEPIC guidelines, creation, Transparency.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import assert_never

from clearance.curating.people.plus_vocabulary import MinorAge
from clearance.identifiers import ItemId, Sha256

SHOOT_MARGIN = timedelta(days=1)
"""Clocks of cameras and time zones put a picture of the first hour into the day before."""
_COARSEST = timedelta(days=31)
"""A record keeps no more than the month of a picture; a year says nothing about a shoot of a day."""


class ConsentKind(StrEnum):
    """Who consents."""

    MODEL = "model"
    PROPERTY = "property"


class ConsentUse(StrEnum):
    """What is consented to, each apart: what is not named is not granted."""

    CREATIVE_COMMERCIAL = "creative_commercial"
    EDITORIAL = "editorial"
    AI_TRAINING = "ai_training"
    SYNTHETIC_OUTPUT_LIKENESS = "synthetic_output_likeness"
    BIOMETRIC = "biometric"
    SENSITIVE_CONTEXT = "sensitive_context"
    SUBLICENSE = "sublicense"


class LegalBasis(StrEnum):
    """On what the record stands; only consent is freely withdrawn (GDPR article 7(3))."""

    CONSENT = "consent"
    CONTRACT = "contract"
    OTHER = "other"


class AgeEvidence(StrEnum):
    """How the age is known."""

    NONE = "none"
    DECLARED = "declared"
    ID_CHECKED = "id-checked"


class SignatureMethod(StrEnum):
    """How it was signed; the last three as in Regulation (EU) 910/2014 article 3."""

    WET = "wet"
    SIMPLE = "simple"
    ADVANCED = "advanced"
    QUALIFIED = "qualified"


class CoverKind(StrEnum):
    """By what a record names the pictures it covers."""

    ITEM = "item"
    PICTURE = "sha256"
    """Of the bytes as received."""
    RELEASE_ID = "release-id"
    """The picture's own metadata names the record (plus:ModelReleaseID, plus:PropertyReleaseID)."""
    KEYED = "keyed"
    """By a hash, under a key of the workspace, of bytes that were erased after the consent for them was
    withdrawn: collected again, they are known.
    """


class ConsentState(StrEnum):
    """How a record stands; always derived, never typed in."""

    IN_FORCE = "in force"
    UNSIGNED = "unsigned"
    NO_GUARDIAN = "no guardian's signature"
    SHARED_DOCUMENT = "its document is another person's too"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    ERASED = "erased"


class Validity(StrEnum):
    """The answer of the validity rule."""

    VALID = "valid"
    INVALID = "invalid"
    UNKNOWN = "unknown"
    """A person must look."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cover:
    """One picture, and which of the people in it (from 1, as the record counts them) the record speaks of."""

    kind: CoverKind
    value: str
    person: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal:
    """When consent was withdrawn, how we heard of it, and what was said about its effect."""

    at: datetime
    channel: str
    effect: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """One model release or property release, without its personal parts."""

    id: str
    kind: ConsentKind
    subject: str
    """The pseudonym of who consents: the same for the same person, and made with a key of the workspace."""
    document_sha256: Sha256
    is_document_shared: bool
    """Whether another subject's record names the same document: then one of them was never asked."""
    age: MinorAge
    age_evidence: AgeEvidence
    guardian_signed_at: date | None
    shoot_from: date
    shoot_to: date
    signed_at: date | None
    signature: SignatureMethod
    uses: frozenset[ConsentUse]
    territory: tuple[str, ...]
    """ISO 3166-1 codes; empty means worldwide."""
    expires_at: date | None
    """The first day on which it no longer holds."""
    exclusions: tuple[str, ...]
    """What is left out, in words: only a person can weigh them."""
    legal_basis: LegalBasis
    covers: tuple[Cover, ...]
    recorded_at: datetime
    """When it was recorded here: nobody compared it with a picture before."""
    withdrawal: Withdrawal | None = None
    is_erased: bool = False

    def state(self, at: datetime) -> ConsentState:
        """Return how the record stands at a moment, whatever picture it is asked for."""
        if self.is_erased:
            return ConsentState.ERASED
        if self.is_withdrawn(at):
            return ConsentState.WITHDRAWN
        if self.signed_at is None or self.signed_at > at.date():
            return ConsentState.UNSIGNED
        if self.age.is_minor and not self.has_guardian(at):
            return ConsentState.NO_GUARDIAN
        if self.is_document_shared:
            return ConsentState.SHARED_DOCUMENT
        if self.expires_at is not None and self.expires_at <= at.date():
            return ConsentState.EXPIRED
        return ConsentState.IN_FORCE

    def has_guardian(self, at: datetime) -> bool:
        """Tell whether a guardian had signed by then."""
        return self.guardian_signed_at is not None and self.guardian_signed_at <= at.date()

    def is_withdrawn(self, at: datetime) -> bool:
        """Tell whether consent was withdrawn by then; nothing that is stated later takes that back."""
        return self.withdrawal is not None and self.withdrawal.at <= at


@dataclass(frozen=True, slots=True, kw_only=True)
class Pictured:
    """What of a picture decides which records cover it, and whether they fit."""

    item: ItemId
    sha256: Sha256
    """Of the bytes as received."""
    release_ids: tuple[str, ...] = ()
    """The model release and property release IDs in its metadata."""
    taken: str = ""
    """When it was taken: YYYY-MM-DD, YYYY-MM or YYYY, as far as it is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CoveredBy:
    """A record that covers a picture, for one of the people in it."""

    consent: Consent
    person: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Whether a record is valid for a picture, a person in it and a use, and why not."""

    validity: Validity
    why: tuple[str, ...] = ()


def is_valid(consent: Consent, pictured: Pictured, *, person: int, use: ConsentUse, at: datetime) -> Answer:
    """Decide whether a record is valid at a moment for one picture, one person in it and one use.

    Steps: 1 it covers this person in this picture; 2 it was signed, is not withdrawn and not expired, a
    guardian signed for a minor, and its document is no other subject's; 3 the use is among those granted;
    4 the picture was taken within the shoot, give or take a day. What is not known of 4 leaves it open.
    """
    against: list[str] = []
    # 1
    if person not in {each.person for each in covering(pictured, [consent])}:
        against.append(f"it does not cover person {person} of this picture")
    # 2
    state = consent.state(at)
    if state is not ConsentState.IN_FORCE:
        against.append(state.value)
    # 3
    if use not in consent.uses:
        against.append(f"it does not grant {use}")
    # 4
    open_ = ""
    match _within_shoot(pictured.taken, consent):
        case Validity.INVALID:
            against.append(
                f"the picture was taken in {pictured.taken}, the shoot was from {consent.shoot_from} to"
                f" {consent.shoot_to}"
            )
        case Validity.UNKNOWN:
            open_ = "when the picture was taken is not known well enough"
        case Validity.VALID:
            pass
        case _ as never:
            assert_never(never)
    if against:
        return Answer(validity=Validity.INVALID, why=tuple(against))
    return Answer(validity=Validity.UNKNOWN, why=(open_,)) if open_ else Answer(validity=Validity.VALID)


def covering(pictured: Pictured, consents: Iterable[Consent]) -> tuple[CoveredBy, ...]:
    """Return the records that speak of a picture, valid or not, one line a person."""
    return tuple(
        CoveredBy(consent=consent, person=cover.person)
        for consent in consents
        for cover in consent.covers
        if (cover.kind, cover.value) in _names(pictured)
    )


def withdrawn_among(lines: Iterable[CoveredBy], *, at: datetime) -> tuple[str, ...]:
    """Return the records among those of one picture that were withdrawn, by id.

    One that its own subject signed anew after withdrawing counts no more; nobody else's takes its place.
    """
    consents = {line.consent.id: line.consent for line in lines}
    return tuple(
        sorted(
            each.id
            for each in consents.values()
            if each.withdrawal is not None
            and each.is_withdrawn(at)
            and not any(_renews(other, each, each.withdrawal, at) for other in consents.values())
        )
    )


def _renews(other: Consent, withdrawn: Consent, withdrawal: Withdrawal, at: datetime) -> bool:
    return (
        other.subject == withdrawn.subject
        and other.kind is withdrawn.kind
        and other.state(at) is ConsentState.IN_FORCE
        and other.signed_at is not None
        and other.signed_at > withdrawal.at.date()
    )


class ConsentIndex:
    """Finds the records that cover a picture, among many.

    Args:
        known: the records.
        keyed: how the hash of bytes as received is hashed under the key of the workspace.
    """

    def __init__(self, known: Sequence[Consent], keyed: Callable[[Sha256], str]) -> None:
        self._keyed = keyed
        self._of: dict[tuple[CoverKind, str], list[CoveredBy]] = {}
        for consent in known:
            for cover in consent.covers:
                line = CoveredBy(consent=consent, person=cover.person)
                self._of.setdefault((cover.kind, cover.value), []).append(line)
        # The key is asked for only where there is something to compare.
        self._has_keyed = any(kind is CoverKind.KEYED for kind, _ in self._of)

    def covering(self, pictured: Pictured) -> tuple[CoveredBy, ...]:
        """Return the records that speak of a picture, valid or not: the gate weighs them."""
        names = list(_names(pictured))
        if self._has_keyed and pictured.sha256:
            names.append((CoverKind.KEYED, self._keyed(pictured.sha256)))
        found = [line for name in names for line in self._of.get(name, ())]
        # A record may name one picture in two ways; it is still one person's.
        return tuple({(line.consent.id, line.person): line for line in found}.values())


def _names(pictured: Pictured) -> tuple[tuple[CoverKind, str], ...]:
    named = [(CoverKind.ITEM, str(pictured.item))]
    if pictured.sha256:
        named.append((CoverKind.PICTURE, str(pictured.sha256)))
    return (*named, *((CoverKind.RELEASE_ID, release) for release in pictured.release_ids))


def _within_shoot(taken: str, consent: Consent) -> Validity:
    """Compare a capture date, of whatever precision, with the shoot."""
    days = captured_within(taken)
    if days is None:
        return Validity.UNKNOWN
    first, last = days
    if consent.shoot_from - last > SHOOT_MARGIN or first - consent.shoot_to > SHOOT_MARGIN:
        return Validity.INVALID
    return Validity.UNKNOWN if last - first > _COARSEST else Validity.VALID


def captured_within(taken: str) -> tuple[date, date] | None:
    """Return the first and the last day on which a picture may have been taken, or nothing.

    Args:
        taken: YYYY-MM-DD, YYYY-MM or YYYY; anything else is not known.
    """
    parts = taken.split("-")
    if not 1 <= len(parts) <= 3 or not all(part.isascii() and part.isdecimal() for part in parts):
        return None
    try:
        year, month, day = [int(part) for part in parts] + [0] * (3 - len(parts))
        if len(parts) == 1:
            return date(year, 1, 1), date(year, 12, 31)
        if len(parts) == 2:
            return date(year, month, 1), date(year, month, monthrange(year, month)[1])
        return date(year, month, day), date(year, month, day)
    except (ValueError, OverflowError):
        return None
