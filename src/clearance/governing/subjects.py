"""What a project pictures: its subjects, how many of each it needs, and which of them a caption names. Pure.

A caption names a subject when one of its keywords stands there as a whole word, whatever the case. Scripts
that write no spaces are compared character by character.

Source: C3.1; Unicode Standard section 3.13 (caseless matching) and UAX 29 (words).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from clearance.errors import BadInput, printable

_STATED = re.compile(r"(?P<name>[^=]*)(?:=(?P<target>[0-9]{1,12})(?::(?P<keywords>.*))?)?", re.DOTALL)
_ASCII_WORD = re.compile(r"[a-z0-9]+")
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\U00020000-\U0003ffff]"
)
"""Thai, Lao, Burmese, Khmer, kana, Chinese: each character counts as a word, so that keywords are found."""
MAX_TARGET = 2_000_000_000
"""More pictures than anybody counts; the database takes no larger number."""
_MAX_NAME_CHARS = 100
_MAX_KEYWORDS = 100
_MAX_SUBJECTS = 1000
"""A project with more kinds of things has no determined purpose."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """One kind of thing that a project needs pictures of."""

    name: str
    target: int | None = None
    """How many pictures of it are needed; nothing where only the project as a whole is counted."""
    keywords: tuple[str, ...]
    """Words, or several words in a row, that name it in a caption."""


class SubjectIndex:
    """Finds the subjects that a row pictures, in the order in which the project states them."""

    def __init__(self, subjects: Sequence[Subject]) -> None:
        self._by_name = {_folded(subject.name): subject.name for subject in subjects}
        self._names = tuple(subject.name for subject in subjects)
        self._by_word: dict[str, list[tuple[tuple[str, ...], int]]] = {}
        for place, subject in enumerate(subjects):
            for keyword in subject.keywords:
                words = words_of(keyword)
                self._by_word.setdefault(words[0], []).append((words, place))
        self.is_needed = any(subject.target is not None for subject in subjects)
        """A row must picture a subject to be asked for."""

    def named_in(self, caption: str) -> tuple[str, ...]:
        """Return the subjects that a caption names."""
        if not self._by_word:
            return ()
        words = words_of(caption)
        found = {
            place
            for at, word in enumerate(words)
            for keyword, place in self._by_word.get(word, ())
            if words[at : at + len(keyword)] == keyword
        }
        return tuple(self._names[place] for place in sorted(found))

    def named(self, value: str) -> tuple[str, ...]:
        """Return the subject that a table's column names, whatever the case; nothing where there is none."""
        name = self._by_name.get(_folded(value))
        return () if name is None else (name,)


def words_of(text: str) -> tuple[str, ...]:
    """Take text apart into words that compare equal whatever their case: letters, digits and their marks."""
    folded = _folded(text)
    if folded.isascii():
        return tuple(_ASCII_WORD.findall(folded))
    spaced = _UNSPACED.sub(r" \g<0> ", folded)
    return tuple(
        "".join(
            char if char.isalnum() or unicodedata.category(char)[0] == "M" else " " for char in spaced
        ).split()
    )


def parse_subject(text: str) -> Subject:
    """Read `NAME`, `NAME=TARGET` or `NAME=TARGET:keyword,keyword`; without keywords the name is the keyword.

    Raises:
        BadInput: it is none of these, or a part of it cannot be used.
    """
    stated = _STATED.fullmatch(text)
    if stated is None:
        raise BadInput(
            f"--subject {printable(text)!r}: NAME, NAME=TARGET or NAME=TARGET:keyword,keyword with a number"
        )
    keywords = stated["keywords"]
    return _checked(
        name=stated["name"],
        target=None if stated["target"] is None else int(stated["target"]),
        keywords=None if keywords is None else tuple(keywords.split(",")),
    )


def checked_subjects(subjects: Iterable[Subject]) -> tuple[Subject, ...]:
    """Return subjects that go together, or refuse them.

    Raises:
        BadInput: there are too many, one stands twice, or some have a target and others none.
    """
    known = tuple(subjects)
    if len(known) > _MAX_SUBJECTS:
        raise BadInput(f"{len(known)} subjects: {_MAX_SUBJECTS} at most")
    names: set[str] = set()
    for subject in known:
        if _folded(subject.name) in names:
            raise BadInput(f"--subject {printable(subject.name)!r} stands twice")
        names.add(_folded(subject.name))
    without = [subject.name for subject in known if subject.target is None]
    if without and len(without) < len(known):
        raise BadInput(
            f"--subject {printable(without[0])!r} has no target and others have one: give each a target,"
            " as in NAME=TARGET, or none"
        )
    return known


def subject_facts(subject: Subject) -> dict[str, Any]:
    """Return a subject as plain values, in the form that `subject_from` reads again."""
    return {"name": subject.name, "target": subject.target, "keywords": list(subject.keywords)}


def subject_from(stored: str | Mapping[str, Any]) -> Subject:
    """Read a subject as it was stored; a bare name is from before subjects had targets."""
    if isinstance(stored, str):
        # Whatever was a name then still is one; where it holds no word, no caption can name it.
        return Subject(name=stored, keywords=(stored,) if words_of(stored) else ())
    return Subject(name=stored["name"], target=stored["target"], keywords=tuple(stored["keywords"]))


def _checked(*, name: str, target: int | None, keywords: tuple[str, ...] | None) -> Subject:
    name = name.strip()
    what = f"--subject {printable(name)!r}"
    if not name or len(name) > _MAX_NAME_CHARS or not name.isprintable():
        raise BadInput(f"{what}: a name of 1 to {_MAX_NAME_CHARS} characters that can be printed")
    if target is not None and not 1 <= target <= MAX_TARGET:
        raise BadInput(f"{what}: a target from 1 to {MAX_TARGET} pictures, not {target}")
    given = (name,) if keywords is None else tuple(keyword.strip() for keyword in keywords)
    if len(given) > _MAX_KEYWORDS:
        raise BadInput(f"{what}: {len(given)} keywords, {_MAX_KEYWORDS} at most")
    for keyword in given:
        if not words_of(keyword):
            raise BadInput(f"{what}: the keyword {printable(keyword)!r} holds no letter and no digit")
        if len(keyword) > _MAX_NAME_CHARS:
            raise BadInput(f"{what}: the keyword {printable(keyword)!r} is longer than {_MAX_NAME_CHARS}")
    return Subject(name=name, target=target, keywords=given)


def _folded(text: str) -> str:
    if text.isascii():
        return text.strip().lower()
    # Folding may take a composed letter apart, and compatibility forms fold only once they are plain.
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold()).strip()
