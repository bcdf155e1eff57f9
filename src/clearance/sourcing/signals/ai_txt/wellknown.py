"""ai.txt as an Internet-Draft has it: `Training: deny`, blocks for agents, paths of a conditional permission.

Such a permission (a licence, a fee, an attribution) is none until a person has met the conditions. What
another agent's block refuses is obeyed too. The draft's own default for training is deny.

Source: draft-car-ai-txt-wellknown-00 (12 June 2026), an individual draft; C1.5.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from clearance.errors import printable
from clearance.sourcing.observed import HostFile
from clearance.sourcing.signals.ai_txt.lines import Line, quote, said, unread
from clearance.sourcing.signals.patterns import PathPattern
from clearance.sourcing.statements import Answer, Reading, merge
from clearance.sourcing.uses import DATA_USES, TRAINING, Use

_TRAINING = "training"
_FIELDS = {
    _TRAINING: DATA_USES,
    "scraping": DATA_USES | {Use.INFERENCE},
    "indexing": frozenset({Use.SEARCH}),
    # Who must not keep a copy cannot train on it; the draft does not say so.
    "caching": DATA_USES,
}
_OF_THIS_KIND = frozenset(
    {*_FIELDS, "spec-version", "training-allow", "training-deny", "training-license", "training-fee"}
)
_MEANT_AS_DENY = frozenset({"deny", "denied", "no", "none", "never", "false", "disallow", "prohibited"})
_CONDITIONS = frozenset({"training-license", "training-fee"})
_WHOM_TO_ASK = frozenset({*_CONDITIONS, "contact", "policy-url", "attribution", "site-name"})
_MAX_PATHS = 1000
_MAX_SAID = 100
"""Fields that are read of one file: it has four, and a block for each of the agents that people name."""
_MAX_NOTE_CHARS = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One of the four policy fields, and whose it is."""

    line: Line
    agent: str
    """In lower case; empty for the whole site."""


class Paths:
    """What holds everywhere, and the paths of a permission on conditions."""

    crawl_delay_s = None

    def __init__(
        self,
        everywhere: Reading,
        *,
        denied: Sequence[tuple[PathPattern, Reading]],
        conditional: tuple[Reading, Reading] | None,
        offered: Sequence[PathPattern],
    ) -> None:
        self._everywhere = everywhere
        self._denied = denied
        self._conditional = conditional
        self._offered = offered

    def read(self, target: str) -> Reading:
        """Return what is said of a path; the longer of two patterns is the more specific one."""
        found = [self._everywhere]
        denying = [pair for pair in self._denied if pair[0].matches(target)]
        if denying:
            found.append(max(denying, key=lambda pair: len(pair[0].text))[1])
        if self._conditional is not None:
            by_letter, obeyed = self._conditional
            is_offered = not denying and any(pattern.matches(target) for pattern in self._offered)
            found.append(obeyed if is_offered else by_letter)
        return merge(found)


def read_fields(lines: Sequence[Line], file: HostFile, agent: str) -> Paths | None:
    """Read the lines of this kind; nothing where there are none."""
    if not any(line.name in _OF_THIS_KIND for line in lines):
        return None
    fields = _fields(lines)
    own = agent.lower()
    governing = {name: _governing(fields, name, own) for name in _FIELDS}
    readings = [_reading(field, file, governs=governing[field.line.name]) for field in fields[:_MAX_SAID]]
    if len(fields) > _MAX_SAID:
        readings.append(unread(file, f"more than {_MAX_SAID} policy fields"))
    training = [field for field in fields if field.line.name == _TRAINING and field.agent in ("", "*", own)]
    if not training:
        readings.append(said(DATA_USES, Answer.DENIED, file=file, words="no Training field: deny by default"))
    is_conditional = any(field.line.value.lower() == "conditional" for field in training)
    has_conditions = any(line.name in _CONDITIONS or _asks_for_credit(line) for line in lines)
    if training and not has_conditions and not is_conditional:
        readings += [_allowance(field, file) for field in training if field.agent == governing[_TRAINING]]
    denied = [
        (PathPattern(line.value), _denied(line, file, is_specified=is_conditional))
        for line in lines
        if line.name == "training-deny" and line.value
    ]
    if len(denied) > _MAX_PATHS:
        readings.append(unread(file, f"more than {_MAX_PATHS} paths"))
    conditional = None
    if is_conditional:
        conditional = (_on_conditions(file, is_specified=True), _on_conditions(file, is_specified=False))
    return Paths(
        merge([*readings, _notes(lines)]),
        denied=denied[:_MAX_PATHS],
        conditional=conditional,
        offered=[PathPattern(line.value) for line in lines if line.name == "training-allow" and line.value][
            :_MAX_PATHS
        ],
    )


def _fields(lines: Iterable[Line]) -> list[Field]:
    """Find the policy fields; a block lasts until a blank line that no indented one follows."""
    found = []
    agent = ""
    after_blank = False
    for line in lines:
        if not line.text:
            after_blank = True
            continue
        if after_blank and not line.is_indented:
            agent = ""
        after_blank = False
        if line.name == "agent":
            agent = line.value.lower()
        elif line.name in _FIELDS:
            found.append(Field(line=line, agent=agent))
    return found


def _governing(fields: Iterable[Field], name: str, own: str) -> str:
    speaking = {field.agent for field in fields if field.line.name == name}
    return next((agent for agent in (own, "*") if agent in speaking), "")


def _reading(field: Field, file: HostFile, *, governs: str) -> Reading:
    line = field.line
    value = line.value.lower()
    if value in _MEANT_AS_DENY:
        is_specified = field.agent == governs and line.value == "deny" and line.is_well_formed
        return _denied(line, file, is_specified=is_specified and line.name != "caching")
    if value in ("allow", "conditional"):
        return Reading()
    return unread(file, f"neither allow nor deny: {quote(line)}")


def _denied(line: Line, file: HostFile, *, is_specified: bool) -> Reading:
    uses = _FIELDS.get(line.name, DATA_USES)
    return said(uses, Answer.DENIED, file=file, words=quote(line), is_specified=is_specified)


def _allowance(field: Field, file: HostFile) -> Reading:
    if field.line.value != "allow" or not field.line.is_well_formed:
        return Reading()
    return said(TRAINING, Answer.NOT_RESERVED, file=file, words=quote(field.line))


def _on_conditions(file: HostFile, *, is_specified: bool) -> Reading:
    words = "Training: conditional, and the conditions are not met"
    return said(DATA_USES, Answer.DENIED, file=file, words=words, is_specified=is_specified)


def _asks_for_credit(line: Line) -> bool:
    return line.name == "attribution" and line.value.lower() not in ("", "none", "optional")


def _notes(lines: Iterable[Line]) -> Reading:
    first = {line.name: line.value for line in lines if line.name in _WHOM_TO_ASK and line.value}
    return Reading(
        notes=tuple((name, printable(value, max_chars=_MAX_NOTE_CHARS)) for name, value in first.items())
    )
