"""What a record says of the people and the property in its picture, and of editorial use. Pure.

The picture's own metadata, the table it came with and the conditions of its licence speak; what cannot be
read is told, and never read as "nothing".

Source: IPTC Photo Metadata Standard 2025.1; PLUS; P2.1, C4.1.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from clearance.curating.people.consents import Pictured
from clearance.curating.people.plus_vocabulary import (
    MinorAge,
    ModelReleaseStatus,
    PlusWord,
    PropertyReleaseStatus,
    read_plus,
)
from clearance.identifiers import ItemId, Malformed, Sha256

_EDITORIAL = re.compile(r"\beditorial", re.IGNORECASE)
_DENIED = frozenset({"", "0", "no", "false", "none", "n"})
"""What a table has in a column `editorial` where the picture is not."""
_IMPLIES_SOMEBODY = frozenset({ModelReleaseStatus.UNLIMITED, ModelReleaseStatus.LIMITED})
"""Where there is a model release, there is somebody who signed it."""
_ADULT_FROM = 18


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """What a record says of its picture; a status that is not stated is `None`, never "not applicable"."""

    model_status: ModelReleaseStatus | None = None
    property_status: PropertyReleaseStatus | None = None
    has_property_release_id: bool = False
    persons: int = 0
    """As many as the record names or implies; 0 is no statement that nobody is there."""
    youngest: MinorAge | None = None
    has_minor: bool = False
    unread: tuple[str, ...] = ()
    """What it says in words that are no vocabulary's."""
    editorial: tuple[str, ...] = ()
    """Where it says that the picture is for editorial use."""
    words: tuple[str, ...] = ()
    """Keywords, headline and captions."""


def pictured_of(record: Mapping[str, Any]) -> Pictured:
    """Return what of a record decides which model releases cover its picture."""
    described = _described(record)
    releases = (*_texts(described, "model_release_ids"), *_texts(described, "property_release_ids"))
    taken = described.get("taken", "")
    return Pictured(
        item=ItemId(record["item_id"]),
        sha256=Sha256(record["sha256"]),
        release_ids=tuple(dict.fromkeys(releases)),
        taken=taken if isinstance(taken, str) else "",
    )


def declared_in(record: Mapping[str, Any], *, conditions: str = "") -> Declared:
    """Read what a record says; `conditions` are those of the licence that its picture was taken under."""
    described = _described(record)
    unread: list[str] = []
    model = _word(ModelReleaseStatus, described.get("model_release_status"), unread)
    youngest = _word(MinorAge, described.get("minor_disclosure"), unread)
    ages = [age for age in _listed(described, "model_ages") if isinstance(age, int)]
    is_somebody = model in _IMPLIES_SOMEBODY or youngest is not None or _texts(described, "model_release_ids")
    return Declared(
        model_status=model,
        property_status=_word(PropertyReleaseStatus, described.get("property_release_status"), unread),
        has_property_release_id=bool(_texts(described, "property_release_ids")),
        persons=max(_count(described.get("persons_named")), len(ages), 1 if is_somebody else 0),
        youngest=youngest,
        has_minor=any(age < _ADULT_FROM for age in ages) or (youngest is not None and youngest.is_minor),
        unread=tuple(unread),
        editorial=tuple(_editorial(record, described, conditions)),
        words=(
            *_texts(described, "keywords"),
            *_texts(described, "headline"),
            *_texts(described, "caption"),
            str(_row(record).get("caption", "")),
        ),
    )


def sensitive_in(words: Iterable[str], watched: Iterable[str]) -> tuple[str, ...]:
    """Return the watched words that stand in texts, whole and in any case."""
    text = " " + " ".join(_spaced(word) for word in words) + " "
    return tuple(word for word in watched if f" {_spaced(word)} " in text)


def _spaced(text: str) -> str:
    """Write a text as its words with one blank between them, so that whole words can be looked for."""
    return " ".join(re.findall(r"\w+", text.casefold()))


def _editorial(record: Mapping[str, Any], described: Mapping[str, Any], conditions: str) -> Iterator[str]:
    if _EDITORIAL.search(conditions):
        yield "the licence"
    if described.get("editorial"):
        yield "its metadata"
    extra = _row(record).get("extra", {})
    for name, value in extra.items() if isinstance(extra, dict) else ():
        stated = str(value).strip().casefold()
        is_named = bool(_EDITORIAL.search(str(name))) and stated not in _DENIED
        if is_named or _EDITORIAL.search(stated):
            yield "its table"
            return


def _word(kind: type[PlusWord], stated: object, unread: list[str]) -> PlusWord | None:
    """Return a word of a vocabulary; another one is noted, for it may be a denial."""
    if stated is None or stated == "":
        return None
    read = read_plus(kind, str(stated))
    if isinstance(read, Malformed):
        unread.append(read.why)
        return None
    return read


def _described(record: Mapping[str, Any]) -> Mapping[str, Any]:
    described = record.get("described", {})
    return described if isinstance(described, dict) else {}


def _row(record: Mapping[str, Any]) -> Mapping[str, Any]:
    row = record.get("row", {})
    return row if isinstance(row, dict) else {}


def _listed(described: Mapping[str, Any], name: str) -> list[Any]:
    found = described.get(name, [])
    return list(found) if isinstance(found, (list, tuple)) else [found]


def _texts(described: Mapping[str, Any], name: str) -> tuple[str, ...]:
    return tuple(text for text in _listed(described, name) if isinstance(text, str) and text)


def _count(stated: object) -> int:
    return stated if isinstance(stated, int) and not isinstance(stated, bool) and stated > 0 else 0
