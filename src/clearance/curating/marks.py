"""Agencies' marks and credit lines among the words that were read in a picture. Pure.

A mark is strong evidence that somebody holds rights in the picture; that none was found says nothing. A name
on a building in the picture is no watermark: a person tells the two apart, and says which it was.

Source: C1.1; IPTC Photo Metadata Standard 2025.1, "Credit Line".
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from clearance.pictures import TextLine
from clearance.policy import TextMarks

_MAX_MARKS = 20
_MAX_SNIPPET_CHARS = 80
_MAX_LINES = 200
_MAX_CHARS = 200
"""Of one line, or of two that are read as one."""
_LETTERS_A_MISREAD = 6
"""One letter in so many may be read wrong, left out or added: what OCR does to faint marks."""
_WHOLE_WORD = 6
"""Marks of up to so many letters must be a word of their own: inside other words they stand by chance."""
_TAILS = frozenset({"", "com", "stock", "stockphoto", "stockphotos", "images", "photo", "photos", "foto"})
"""What an agency's name is written together with."""
_CONFUSED = str.maketrans({"1": "i", "l": "i", "|": "i", "!": "i", "0": "o", "5": "s", "$": "s"})
"""Characters that OCR takes for each other; folded alike in marks and in what was read."""
_CUE = re.compile(
    r"©|®|\(c\)|copyright|credit|courtesy|photo|foto|image|picture|bild|\bvia\b|\bby\b|/|"
    r"\b(?:19|20)\d\d\b",
    re.IGNORECASE,
)
"""What stands beside the short name of an agency where it is one."""
_NAME = r"[^\W\d_][\w.'’-]{1,40}"
_CREDITS = (
    # The sign is often read as another round one, so that a year must follow those.
    re.compile(rf"(?:©|\(c\)|\bcopyright\b)\s*(?:by\s+)?(?:(?:19|20)\d\d\s*)?{_NAME}", re.IGNORECASE),
    re.compile(rf"(?:[@®℗]|\b[ceo0])\s*(?:19|20)\d\d\s*{_NAME}", re.IGNORECASE),
    re.compile(
        rf"\b(?:photo(?:s|graph(?:s|ed|y)?)?|foto(?:s|graf(?:ie|ía)?)?|images?|pictures?)\s*(?:by|von|par|de)\s+{_NAME}",
        re.IGNORECASE,
    ),
    re.compile(rf"\b(?:photos?|fotos?|bild|credits?|crédit photo)\s*:\s*{_NAME}", re.IGNORECASE),
    re.compile(rf"\bcourtesy\s+of\s+{_NAME}", re.IGNORECASE),
)


class MarkKind(StrEnum):
    """What was found."""

    AGENCY = "agency"
    CREDIT = "credit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One mark, where it stands in pixels of the picture that was read."""

    kind: MarkKind
    name: str
    """Of the agency as the policy lists it; of a credit line, what it is."""
    text: str
    """As read, cut: text from outside, to be escaped where it is shown."""
    x: int
    y: int
    width: int
    height: int


def find_marks(lines: Sequence[TextLine], known: TextMarks) -> tuple[Mark, ...]:
    """Return the marks in lines of text; none says that none was found by this reader, no more."""
    bounded = lines[:_MAX_LINES]
    agencies = {name: folded for name in known.marks if (folded := _folded(name))}
    short = {name: folded for name in known.short_marks if (folded := _folded(name))}
    found: dict[tuple[MarkKind, str, int, int], Mark] = {}
    for line in bounded:
        if len(found) >= _MAX_MARKS:
            break
        text = line.text[:_MAX_CHARS]
        for name in (*_agencies(text, agencies), *_short_marks(text, short)):
            _add(found, MarkKind.AGENCY, name, [line])
        if any(credit.search(text) for credit in _CREDITS):
            _add(found, MarkKind.CREDIT, "credit line", [line])
    seen = {name for _, name, _, _ in found}
    unseen = {name: folded for name, folded in agencies.items() if name not in seen}
    for pair in pairwise(bounded):
        # A reader takes the words of one mark for two lines, side by side or one below the other.
        for name in _agencies(f"{pair[0].text} {pair[1].text}"[:_MAX_CHARS], unseen):
            _add(found, MarkKind.AGENCY, name, pair)
    return tuple(found.values())[:_MAX_MARKS]


def _short_marks(text: str, known: Mapping[str, str]) -> Iterator[str]:
    words = frozenset(_words(text))
    for name, sought in known.items():
        if sought in words and _CUE.search(_without(text, name)):
            yield name


def _agencies(text: str, known: Mapping[str, str]) -> Iterator[str]:
    words = _words(text)
    joined = "".join(words)
    for name, sought in known.items():
        if len(sought) <= _WHOLE_WORD:
            is_there = any(_is_word(sought, word) for word in words)
        else:
            is_there = stands_in(sought, joined, misread=len(sought) // _LETTERS_A_MISREAD)
        if is_there:
            yield name


def _is_word(sought: str, word: str) -> bool:
    """Tell whether a word is a short mark; of six letters one may be another, for none is ever left out."""
    if word.startswith(sought):
        return word[len(sought) :].replace(sought, "") in _TAILS_FOLDED
    misread = len(sought) // _LETTERS_A_MISREAD
    if len(word) != len(sought) or not misread:
        return False
    return sum(one != other for one, other in zip(sought, word, strict=True)) <= misread


def stands_in(sought: str, text: str, *, misread: int) -> bool:
    """Tell whether a text holds a word with so many letters changed, left out or added.

    Source: Wu and Manber, Fast Text Searching Allowing Errors (1992).
    """
    places: dict[str, int] = {}
    for number, letter in enumerate(sought):
        places[letter] = places.get(letter, 0) | 1 << number
    goal = 1 << len(sought) - 1
    # Of each row, the bits tell which beginnings of the word end here with so many misread letters.
    rows = [(1 << errors) - 1 for errors in range(misread + 1)]
    for letter in text:
        fits = places.get(letter, 0)
        before, fewer = rows[0], 0
        for errors, held in enumerate(rows):
            rows[errors] = (held << 1 | 1) & fits
            if errors:
                rows[errors] |= before | before << 1 | fewer << 1 | 1
            before, fewer = held, rows[errors]
        if rows[-1] & goal:
            return True
    return bool(rows[-1] & goal)


def _words(text: str) -> list[str]:
    return [word for part in re.split(r"[\s./,;:()\[\]@©®_-]+", text) if (word := _folded(part))]


def _folded(text: str) -> str:
    """Reduce a text to letters and digits as a reader may take them for each other."""
    plain = unicodedata.normalize("NFKC", text).casefold().translate(_CONFUSED)
    bare = "".join(letter for letter in unicodedata.normalize("NFD", plain) if letter.isalnum())
    return bare[: 2 * _MAX_CHARS]


_TAILS_FOLDED = frozenset(map(_folded, _TAILS))


def _without(text: str, name: str) -> str:
    """Take a name out of a text, so that it is no cue for itself."""
    return re.sub(rf"\b{re.escape(name)}\b", " ", text, flags=re.IGNORECASE)


def _add(
    found: dict[tuple[MarkKind, str, int, int], Mark], kind: MarkKind, name: str, lines: Sequence[TextLine]
) -> None:
    left, top = min(line.x for line in lines), min(line.y for line in lines)
    mark = Mark(
        kind=kind,
        name=name,
        text=" ".join(line.text for line in lines)[:_MAX_SNIPPET_CHARS],
        x=left,
        y=top,
        width=max(line.x + line.width for line in lines) - left,
        height=max(line.y + line.height for line in lines) - top,
    )
    found.setdefault((kind, name, left, top), mark)
