"""The lines of an ai.txt that has fields, `name: value`, and what they say."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from clearance.errors import printable
from clearance.sourcing.observed import HostFile
from clearance.sourcing.statements import Answer, Reading, Scope, Unreadable, stated
from clearance.sourcing.uses import Use

NAME = "ai.txt"
_FIELD = re.compile(r"(?:[-*] )?([A-Za-z][A-Za-z-]{0,39})\s*([:=])\s*(.*)", re.DOTALL)
_SPACED = re.compile(r"(disallow)\s+([/*.]\S*)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line that is not empty without its comment, or an empty one, which ends a block."""

    number: int
    text: str
    name: str
    """Of the field, in lower case; empty where the line has none."""
    value: str
    is_well_formed: bool
    """A name, a colon and a value, as both kinds ask for."""
    is_indented: bool


def lines_of(texts: Iterable[str]) -> tuple[Line, ...]:
    """Read lines of text as fields."""
    return tuple(_line(number, text) for number, text in enumerate(texts, start=1))


def quote(line: Line) -> str:
    """Return a line as it may be shown."""
    return printable(f"line {line.number}: {line.text}", max_chars=120)


def said(
    uses: Iterable[Use], answer: Answer, *, file: HostFile, words: str, is_specified: bool = True
) -> Reading:
    """Return what a line says of uses."""
    return Reading(
        statements=stated(
            uses,
            answer,
            signal=NAME,
            scope=Scope.SITE,
            where=file.path,
            quote=words,
            evidence=(file.sha256,),
            is_specified=is_specified,
        )
    )


def unread(file: HostFile, why: str) -> Reading:
    """Return that something is there and cannot be read."""
    found = Unreadable(signal=NAME, scope=Scope.SITE, where=file.path, why=why, evidence=(file.sha256,))
    return Reading(unreadable=(found,))


def _line(number: int, raw: str) -> Line:
    text = raw.partition("#")[0].strip()
    match = _FIELD.fullmatch(text) or _SPACED.fullmatch(text)
    separator = match[2] if match is not None and match.re is _FIELD else ""
    value = "" if match is None else match[3] if separator else match[2]
    return Line(
        number=number,
        text=text,
        name="" if match is None else match[1].lower(),
        value=value.strip(),
        is_well_formed=separator == ":" and text.startswith(match[1] if match is not None else ""),
        is_indented=raw[:1] in (" ", "\t"),
    )
