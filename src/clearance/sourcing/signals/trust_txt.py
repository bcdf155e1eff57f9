"""trust.txt: `datatrainingallowed=yes` or `no`, and who a publisher belongs to.

`no` speaks of training. A value that is neither word is no silence: its writer meant one of them. Where both
stand, the denial counts.

Source: JournalList, "Reference Document for trust.txt", April 2024; C1.5.
"""

from __future__ import annotations

import re

from clearance.errors import printable
from clearance.sourcing.observed import HostFile, HostFiles
from clearance.sourcing.signals.signal import Everywhere, HostRules, Signal, denied_for_now
from clearance.sourcing.signals.text_file import text_lines
from clearance.sourcing.statements import SILENCE, Answer, Reading, Scope, Unreadable, merge, stated
from clearance.sourcing.uses import TRAINING

NAME = "trust.txt"
PLACES = ("/trust.txt", "/.well-known/trust.txt")
_TRAINING = "datatrainingallowed"
# Denials that the standard does not know, and whose meaning is plain.
_MEANT_AS_NO = frozenset({"no", "false", "0", "none", "never", "deny", "denied", "n"})
_WHOM_TO_ASK = frozenset({"contact", "controlledby", "belongto", "disclosure"})
_MAX_NOTES = 20
"""A publisher names a handful of associations; the file itself is kept as evidence."""
_MAX_NOTE_CHARS = 300
_MAX_UNREAD = 10
_LINE = re.compile(r"\s*([A-Za-z]{1,40})\s*([=:])\s*(.*)", re.DOTALL)


def parse(files: HostFiles, agent: str) -> HostRules:  # noqa: ARG001 - the file knows no agents
    """Read a host's trust.txt, from the second place only where the first has none."""
    for file in (files.get(place) for place in PLACES):
        if file is not None and file.is_unreachable:
            return Everywhere(reading=denied_for_now(NAME, file))
        if file is not None and file.is_there:
            return Everywhere(reading=_read(file))
    return Everywhere(reading=SILENCE)


def _read(file: HostFile) -> Reading:
    lines, cut = text_lines(file)
    answers: list[Reading] = []
    notes: dict[tuple[str, str], None] = {}
    for number, raw in enumerate(lines, start=1):
        line = raw.partition("#")[0].strip()
        match = _LINE.fullmatch(line)
        name = match[1].lower() if match is not None else ""
        if match is not None and name == _TRAINING:
            answers.append(_answer(file, line, separator=match[2], value=match[3].strip()))
        elif _TRAINING in line.lower():
            answers.append(_unread(file, f"line {number}: {printable(line, max_chars=80)}"))
        elif match is not None and name in _WHOM_TO_ASK and len(notes) < _MAX_NOTES and match[3].strip():
            notes[name, printable(match[3].strip(), max_chars=_MAX_NOTE_CHARS)] = None
    said = merge(answers)
    if any(statement.answer is Answer.DENIED for statement in said.statements):
        statements = tuple(each for each in said.statements if each.answer is Answer.DENIED)
    else:
        statements = said.statements
    unread = said.unreadable[:_MAX_UNREAD] + (_unread(file, cut).unreadable if cut else ())
    return Reading(statements=statements, unreadable=unread, notes=tuple(notes))


def _answer(file: HostFile, line: str, *, separator: str, value: str) -> Reading:
    is_as_written = separator == "=" and value in ("yes", "no")
    if value.lower() in _MEANT_AS_NO:
        answer = Answer.DENIED
    elif is_as_written:
        answer = Answer.NOT_RESERVED
    else:
        return _unread(file, f"neither yes nor no: {printable(line, max_chars=80)}")
    return Reading(
        statements=stated(
            TRAINING,
            answer,
            signal=NAME,
            scope=Scope.SITE,
            where=file.path,
            quote=printable(line, max_chars=80),
            evidence=(file.sha256,),
            is_specified=is_as_written,
        )
    )


def _unread(file: HostFile, why: str) -> Reading:
    unread = Unreadable(signal=NAME, scope=Scope.SITE, where=file.path, why=why, evidence=(file.sha256,))
    return Reading(unreadable=(unread,))


SIGNAL = Signal(name=NAME, host_files=(PLACES,), parse_host=parse)
