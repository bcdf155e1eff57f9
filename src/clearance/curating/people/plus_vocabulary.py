"""The PLUS words for model releases, property releases and the age of the youngest person pictured. Pure.

Writers store the bare code or the whole URI; both are read, the URI is written. Absence is none of these
words: a picture that says nothing of a model release is unknown, never "not applicable".

Source: PLUS Licence Data Format 2.0.1, controlled vocabularies; IPTC Photo Metadata Standard 2025.1, sections
Model Release Status, Property Release Status, Minor Model Age Disclosure.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TypeVar

from clearance.errors import printable
from clearance.identifiers import Malformed

VOCABULARY = "http://ns.useplus.org/ldf/vocab/"
_MAX_CHARS = 100


class ModelReleaseStatus(StrEnum):
    """What a picture says of model releases for the people in it."""

    NONE = "MR-NON"
    """There is none; this is no statement that none is needed."""
    NOT_APPLICABLE = "MR-NAP"
    UNLIMITED = "MR-UMR"
    """For the uses that the form names; an old form names neither AI training nor biometric use."""
    LIMITED = "MR-LMR"


class PropertyReleaseStatus(StrEnum):
    """What a picture says of property releases for what is in it."""

    NONE = "PR-NON"
    NOT_APPLICABLE = "PR-NAP"
    UNLIMITED = "PR-UPR"
    LIMITED = "PR-LPR"


class MinorAge(StrEnum):
    """The age of the youngest person pictured, on the day of the shoot."""

    UNKNOWN = "AG-UNK"
    A25 = "AG-A25"
    """25 or over."""
    A24 = "AG-A24"
    A23 = "AG-A23"
    A22 = "AG-A22"
    A21 = "AG-A21"
    A20 = "AG-A20"
    A19 = "AG-A19"
    A18 = "AG-A18"
    A17 = "AG-A17"
    A16 = "AG-A16"
    A15 = "AG-A15"
    U14 = "AG-U14"
    """14 or under."""

    @property
    def is_minor(self) -> bool:
        """Tell whether the person is known to be under 18."""
        return self in (MinorAge.A17, MinorAge.A16, MinorAge.A15, MinorAge.U14)


PlusWord = TypeVar("PlusWord", bound=StrEnum)


def read_plus(kind: type[PlusWord], text: str) -> PlusWord | Malformed:
    """Read a PLUS word, bare or as URI, in any case."""
    stripped = text.strip()
    bare = stripped
    for prefix in (VOCABULARY, VOCABULARY.replace("http:", "https:", 1)):
        if stripped.lower().startswith(prefix):
            bare = stripped[len(prefix) :]
    try:
        return kind(bare.upper())
    except ValueError:
        known = ", ".join(kind)
        return Malformed(
            where="PLUS", why=f"{printable(stripped, max_chars=_MAX_CHARS)!r} is none of {known}"
        )


def plus_uri(word: ModelReleaseStatus | PropertyReleaseStatus | MinorAge) -> str:
    """Return the URI of a PLUS word, as it is written."""
    return f"{VOCABULARY}{word.value}"
