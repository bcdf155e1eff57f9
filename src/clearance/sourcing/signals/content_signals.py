"""Content Signals: `Content-Signal` in robots.txt, before any group or in one, and as a response header.

`yes` and `no` count, whatever is absent is neither. Sites write the keys of neighbouring standards and other
words for no; such a denial is obeyed, such an allowance is not believed.

Source: contentsignals.org, policy text; draft-romm-aipref-contentsignals-00; C1.5.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from clearance.errors import printable
from clearance.identifiers import Sha256
from clearance.sourcing.observed import HostFiles, ResponseHead
from clearance.sourcing.signals.patterns import PathPattern
from clearance.sourcing.signals.robots.file import (
    PATH,
    RobotsFile,
    lines_for_use,
    parse_robots,
    robots_file,
    split_path,
)
from clearance.sourcing.signals.robots.lines import Line
from clearance.sourcing.signals.signal import Everywhere, HostRules, Signal
from clearance.sourcing.statements import (
    SILENCE,
    Answer,
    Reading,
    Scope,
    Statement,
    Unreadable,
    merge,
    stated,
)
from clearance.sourcing.uses import ALL_USES, DATA_USES, TRAINING, Use

NAME = "content-signals"
NOTE = "content-signal-use"
FIELD = "content-signal"
_MAX_LINES = 1_000
"""Different lines that speak to us; a host with more is not speaking."""
_MAX_CHARS = 8_192
"""As long as servers let a header be."""
_MAX_UNREAD = 10
"""Named one by one; a person who looks sees the rest."""

_KEYS: Mapping[str, frozenset[Use]] = {
    "ai-train": TRAINING,
    "ai-input": frozenset({Use.INFERENCE}),
    "search": frozenset({Use.SEARCH}),
}
_OTHER_KEYS: Mapping[str, frozenset[Use]] = {
    "train-ai": TRAINING,
    "ai-training": TRAINING,
    "train-genai": frozenset({Use.GENERATIVE}),
    "ai-use": frozenset({Use.INFERENCE}),
    "input-ai": frozenset({Use.INFERENCE}),
    "tdm": DATA_USES,
    "ai": DATA_USES | {Use.INFERENCE},
    "all": ALL_USES,
}
_USE = "use"
_YES = "yes"
_NO = frozenset({"no", "n", "false", "0", "deny", "disallow", "none"})
_PAIR = re.compile(r"([A-Za-z][A-Za-z0-9_-]{0,63})(?:[ \t]*[=:][ \t]*\"?([A-Za-z0-9_-]{0,63}))?")
_PERFECT = re.compile(r"[a-z-]+=[a-z]+(?:[ \t]*,[ \t]*[a-z-]+=[a-z]+)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where a value stands."""

    scope: Scope
    where: str
    evidence: tuple[Sha256, ...] = ()
    level: int = 0
    is_specified: bool = True
    """The standard reads it as spoken to us."""


class SignalRules:
    """A host's lines, some of them for paths."""

    crawl_delay_s = None

    def __init__(self, everywhere: Reading, paths: Sequence[tuple[PathPattern, Reading]]) -> None:
        self._everywhere = everywhere
        self._paths = paths

    def read(self, target: str) -> Reading:
        """Return what all lines say that speak of a path."""
        found = [reading for pattern, reading in self._paths if pattern.matches(target)]
        return merge((self._everywhere, *found)) if found else self._everywhere


def read_response(head: ResponseHead) -> Reading:
    """Read the Content-Signal headers of a response."""
    values = head.lower.get(FIELD)
    if values is None:
        return SILENCE
    return merge(_read(value, _Place(scope=Scope.ASSET, where="Content-Signal header")) for value in values)


def parse(files: HostFiles, agent: str) -> HostRules:
    """Read the lines of a host's robots.txt that speak to everyone or to our product token."""
    file = robots_file(files)
    if file is None:
        return Everywhere(reading=SILENCE)
    lines = _lines(parse_robots(file.content), agent)
    everywhere, paths = [], []
    if len(lines) > _MAX_LINES:
        unread = _unread(f"more than {_MAX_LINES} lines", _Place(scope=Scope.SITE, where=PATH))
        everywhere.append(Reading(unreadable=(unread,)))
    for line, is_ours in islice(lines.items(), _MAX_LINES):
        path, value = split_path(line.value)
        place = _Place(
            scope=Scope.SITE,
            where=f"{PATH} line {line.number}",
            evidence=(file.sha256,),
            level=1 if path else 0,
            is_specified=is_ours,
        )
        reading = _read(value, place)
        if path:
            pattern = PathPattern(path)
            paths.append((pattern, reading if pattern.is_whole else _denials(reading)))
        else:
            everywhere.append(reading)
    return SignalRules(merge(everywhere), paths) if paths else Everywhere(reading=merge(everywhere))


def _lines(file: RobotsFile, agent: str) -> dict[Line, bool]:
    """Return the lines that speak to us: before any group, or in ours, which they do not end."""
    found = {line: True for line in file.preamble if line.field == FIELD}
    return found | lines_for_use(file, agent, FIELD, strict=file.google)


def _denials(reading: Reading) -> Reading:
    """Leave the denials: a pattern that was cut matches more than was written."""
    statements = tuple(each for each in reading.statements if each.answer is Answer.DENIED)
    return replace(reading, statements=statements)


def _read(value: str, place: _Place) -> Reading:
    text = value.strip()
    pairs = _PAIR.findall(text[:_MAX_CHARS])
    quote = printable(f"Content-Signal: {text}", max_chars=120)
    is_perfect = _PERFECT.fullmatch(text) is not None
    found: list[Statement] = []
    unreadable: list[Unreadable] = []
    notes: list[tuple[str, str]] = []
    if text and (not pairs or len(text) > _MAX_CHARS):
        unreadable.append(_unread(f"no list of signals: {quote}", place))
    for key, said in pairs:
        name = key.lower().replace("_", "-")
        uses = _KEYS.get(name) or _OTHER_KEYS.get(name)
        if name == _USE and said:
            notes.append((NOTE, said.lower()))
        elif uses is None:
            continue
        elif said.lower() in _NO:
            is_exact = is_perfect and key in _KEYS and said == "no"
            found += _stated(uses, Answer.DENIED, place, quote=quote, is_exact=is_exact)
        elif said != _YES or (name in _KEYS and not (is_perfect and key in _KEYS)):
            unreadable.append(_unread(f"{key} is neither yes nor no: {quote}", place))
        elif key in _KEYS and place.is_specified:
            found += _stated(uses, Answer.NOT_RESERVED, place, quote=quote, is_exact=True)
    # What one line denies, it does not allow as well.
    denied = {each.use for each in found if each.answer is Answer.DENIED}
    kept = tuple(each for each in found if each.answer is Answer.DENIED or each.use not in denied)
    return Reading(
        statements=tuple(dict.fromkeys(kept)),
        unreadable=tuple(unreadable[:_MAX_UNREAD]),
        notes=tuple(notes[:1]),
    )


def _stated(
    uses: frozenset[Use], said: Answer, place: _Place, *, quote: str, is_exact: bool
) -> tuple[Statement, ...]:
    return stated(
        uses,
        said,
        signal=NAME,
        scope=place.scope,
        where=place.where,
        quote=quote,
        evidence=place.evidence,
        level=place.level,
        is_specified=place.is_specified and is_exact,
    )


def _unread(why: str, place: _Place) -> Unreadable:
    return Unreadable(signal=NAME, scope=place.scope, where=place.where, why=why, evidence=place.evidence)


SIGNAL = Signal(name=NAME, host_files=((PATH,),), parse_host=parse, read_response=read_response)
