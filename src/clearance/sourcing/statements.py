"""What signals say: statements for single uses, what was there but could not be read, and rights facts.

Three answers stay three: denied, not reserved, and silence, which is no statement at all.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from clearance.identifiers import Sha256
from clearance.sourcing.uses import Use


class Answer(StrEnum):
    """What a statement says of a use; `NOT_RESERVED` is never a licence."""

    DENIED = "denied"
    NOT_RESERVED = "not-reserved"


class Scope(StrEnum):
    """Whether a statement speaks of a whole site or of one picture."""

    SITE = "site"
    ASSET = "asset"


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One statement of a rights holder about one use."""

    signal: str
    use: Use
    answer: Answer
    scope: Scope
    where: str
    quote: str = ""
    evidence: tuple[Sha256, ...] = ()
    is_temporary: bool = False
    """The host could not be asked: a denial for now, not a rights holder's word."""
    level: int = 0
    """How near to the picture it stands, where its standard lets a nearer place answer a wider one."""
    is_specified: bool = True
    """Whether its standard gives it force: not an older word, a broken field, or an ingredient's wish. A
    denial without that is obeyed all the same, and stands in the policy verdict only.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """Something that a rights holder put there and that could not be read; never taken for silence."""

    signal: str
    scope: Scope
    where: str
    why: str
    evidence: tuple[Sha256, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """All that was read in one place."""

    statements: tuple[Statement, ...] = ()
    unreadable: tuple[Unreadable, ...] = ()
    notes: tuple[tuple[str, str], ...] = ()
    """Rights facts by name, such as `licence`, `creator`, `web-statement`."""

    def noted(self, name: str) -> tuple[str, ...]:
        """Return the values of one rights fact."""
        return tuple(value for known, value in self.notes if known == name)


SILENCE = Reading()


def merge(readings: Iterable[Reading]) -> Reading:
    """Put readings together; what stands in several is kept once."""
    found = [reading for reading in readings if reading is not SILENCE]
    if not found:
        return SILENCE
    if len(found) == 1:
        return found[0]
    return Reading(
        statements=tuple(dict.fromkeys(each for reading in found for each in reading.statements)),
        unreadable=tuple(dict.fromkeys(each for reading in found for each in reading.unreadable)),
        notes=tuple(dict.fromkeys(each for reading in found for each in reading.notes)),
    )


def stated(
    uses: Iterable[Use],
    answer: Answer,
    *,
    signal: str,
    scope: Scope,
    where: str,
    quote: str = "",
    evidence: tuple[Sha256, ...] = (),
    level: int = 0,
    is_specified: bool = True,
) -> tuple[Statement, ...]:
    """Return one statement for each of several uses, in a fixed order."""
    return tuple(
        Statement(
            signal=signal,
            use=use,
            answer=answer,
            scope=scope,
            where=where,
            quote=quote,
            evidence=evidence,
            level=level,
            is_specified=is_specified,
        )
        for use in sorted(uses)
    )
