"""What every document is: numbered sections of questions, each with what is recorded, if anything is. Pure.

A document says what the records say. Where they say nothing, the answer is `not recorded`: never a guess, and
never a default that could pass for an answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

NOT_RECORDED = "not recorded"


class DocumentKind(StrEnum):
    """The documents that can be written about a dataset version."""

    EU_SUMMARY = "eu-summary"
    DATASHEET = "datasheet"
    PROVENANCE = "provenance"
    AB2013 = "ab2013"


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """An answer of several parts: rows under the names of their columns."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


Value = str | tuple[str, ...] | Listing


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One question of a document, in the words of its standard, and what is recorded."""

    question: str
    value: Value | None
    """Nothing where nothing is recorded."""
    note: str = ""
    """How far the answer goes, where that is less than the question asks."""

    @property
    def is_recorded(self) -> bool:
        """Whether the records answer it."""
        return bool(self.value.rows) if isinstance(self.value, Listing) else bool(self.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A part of a document, numbered as its standard numbers it."""

    number: str
    title: str
    answers: tuple[Answer, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One document about one dataset version."""

    kind: DocumentKind
    title: str
    standard: str
    """What it follows, as it would be cited."""
    scope: str
    """What it does not say: of a model, of other data, of the law."""
    sections: tuple[Section, ...]

    @property
    def unrecorded(self) -> int:
        """How many questions nothing is recorded for."""
        return sum(not answer.is_recorded for section in self.sections for answer in section.answers)


def said(*answers: tuple[str, Value | None] | tuple[str, Value | None, str]) -> tuple[Answer, ...]:
    """Return answers from questions and values, with a note where there is a third."""
    return tuple(
        Answer(question=each[0], value=each[1], note=each[2] if len(each) == 3 else "") for each in answers
    )


def counted(counts: Mapping[str, int], what: str) -> Listing:
    """Return counts as a listing, the largest first."""
    ranked = sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))
    return Listing(columns=(what, "pictures"), rows=tuple((name, f"{count:,}") for name, count in ranked))


def document_facts(document: Document) -> dict[str, Any]:
    """Return a document as plain values: its JSON form."""
    return {
        "kind": document.kind.value,
        "title": document.title,
        "standard": document.standard,
        "scope": document.scope,
        "unrecorded": document.unrecorded,
        "sections": [
            {
                "number": section.number,
                "title": section.title,
                "answers": [_answer_facts(answer) for answer in section.answers],
            }
            for section in document.sections
        ],
    }


def _answer_facts(answer: Answer) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "question": answer.question,
        "answer": _plain(answer.value) if answer.is_recorded else NOT_RECORDED,
        "is_recorded": answer.is_recorded,
    }
    return {**facts, "note": answer.note} if answer.note else facts


def _plain(value: Value | None) -> str | Sequence[Any] | None:
    match value:
        case Listing():
            return [dict(zip(value.columns, row, strict=True)) for row in value.rows]
        case tuple():
            return list(value)
        case _:
            return value
