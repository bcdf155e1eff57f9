"""AIPREF: usage preferences, as `Content-Usage` response headers and as rules in robots.txt.

A dictionary of structured fields; only the tokens `y` and `n` count, an unknown key says nothing. To the
specification a known key with another type says nothing either, and of two equal keys the last counts; a
collector takes every `n` that can be read, and what was meant to say something is never silence. `train-ai`
speaks of models that generate; whoever refuses those is not asked for the others.

In robots.txt a preference stands in a group, for the whole site or for a path; the longest path that matches
speaks, and only of what may be requested at all. A denial for a shorter path stands where the longer one does
not answer.

Source: draft-ietf-aipref-attach-05, draft-ietf-aipref-vocab-08; RFC 9651 section 3.2; C1.5.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

import http_sf

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
from clearance.sourcing.signals.robots.readings import RobotsRules
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
from clearance.sourcing.uses import DATA_USES, TRAINING, Use

NAME = "aipref"
FIELD = "content-usage"
_MAX_LINES = 1_000
"""Different lines that speak to us; a host with more is not speaking."""
_MAX_CHARS = 8_192
"""As long as servers let a header be; in more of it, denials are looked for and nothing else."""
_MAX_READINGS = 1_024
"""Answers that are kept for the next path; a file made for it has one a path."""
_MAX_UNREAD = 10
"""Named one by one; a person who looks sees the rest."""

# The current vocabulary knows `train-ai` (models that generate content) and `search`. A denial in the words
# of an earlier draft, or of a neighbouring standard, is still a denial; in those words nothing is allowed.
_CURRENT: Mapping[str, frozenset[Use]] = {"train-ai": TRAINING, "search": frozenset({Use.SEARCH})}
_OLDER: Mapping[str, frozenset[Use]] = {
    "all": DATA_USES | {Use.INFERENCE, Use.SEARCH},
    "bots": DATA_USES | {Use.INFERENCE, Use.SEARCH},
    "tdm": DATA_USES,
    "ai": DATA_USES | {Use.INFERENCE},
    "ai-train": TRAINING,
    "train-genai": frozenset({Use.GENERATIVE}),
    "genai": frozenset({Use.GENERATIVE}),
    "ai-use": frozenset({Use.INFERENCE}),
    "ai-input": frozenset({Use.INFERENCE}),
}
_DENIABLE = {**_OLDER, **_CURRENT}
_SPOKEN_OF = frozenset({Use.GENERATIVE, Use.SEARCH})
"""What the current vocabulary itself has words for."""
_NO = re.compile(r"(?:^|[,\s])([A-Za-z][A-Za-z0-9_-]{0,63})\s*=\s*n(?=[\s,;]|$)")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Preference:
    """What one field says."""

    no: frozenset[Use]
    """By the specification."""
    yes: frozenset[Use]
    also_no: frozenset[Use]
    """By what can be read besides: older words, earlier of equal keys, a broken field."""
    unreadable: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where a field stands."""

    scope: Scope
    where: str
    quote: str
    evidence: tuple[Sha256, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rule:
    """One `Content-Usage` rule of a robots.txt."""

    pattern: PathPattern | None
    """Nothing for the whole site."""
    said: _Preference
    place: _Place
    is_ours: bool
    """It stands in our group as the specification draws it."""

    @property
    def length(self) -> int:
        """The octets of its path, by which the longest match is found."""
        return len(self.pattern.text.encode("utf-8", "replace")) if self.pattern is not None else 0


class UsageRules:
    """A host's `Content-Usage` rules for our product token."""

    __slots__ = ("_crawling", "_everywhere", "_readings", "_rules")

    crawl_delay_s = None

    def __init__(self, rules: Sequence[_Rule], crawling: RobotsRules, *, everywhere: Reading) -> None:
        self._rules = rules
        self._crawling = crawling
        self._everywhere = everywhere
        self._readings: dict[tuple[tuple[int, ...], bool], Reading] = {}

    def read(self, target: str) -> Reading:
        """Return what the rules say of a path; what could not be read speaks of every path."""
        matching = tuple(
            place
            for place, rule in enumerate(self._rules)
            if rule.pattern is None or rule.pattern.matches(target)
        )
        if not matching:
            return self._everywhere
        key = (matching, self._crawling.denying(target) is None)
        reading = self._readings.get(key)
        if reading is None:
            if len(self._readings) >= _MAX_READINGS:
                self._readings.clear()
            rules = [self._rules[place] for place in matching]
            reading = self._readings[key] = merge([self._everywhere, _in_force(rules, may_crawl=key[1])])
        return reading


def read_response(head: ResponseHead) -> Reading:
    """Read the Content-Usage headers of a response as one field."""
    values = head.lower.get(FIELD)
    if values is None:
        return SILENCE
    field = ", ".join(values)
    place = _Place(scope=Scope.ASSET, where="Content-Usage header", quote=printable(field, max_chars=120))
    said = _preference(field)
    return _reading(said, place)


def parse(files: HostFiles, agent: str) -> HostRules:
    """Read the Content-Usage rules of a host's robots.txt."""
    file = robots_file(files)
    if file is None:
        return Everywhere(reading=SILENCE)
    parsed = parse_robots(file.content)
    lines = _lines(parsed, agent)
    if not lines:
        return Everywhere(reading=SILENCE)
    everywhere = SILENCE
    if len(lines) > _MAX_LINES:
        why = f"more than {_MAX_LINES} Content-Usage rules"
        unread = Unreadable(signal=NAME, scope=Scope.SITE, where=PATH, why=why, evidence=(file.sha256,))
        everywhere = Reading(unreadable=(unread,))
    rules = [
        _rule(line, is_ours=is_ours, evidence=(file.sha256,))
        for line, is_ours in islice(lines.items(), _MAX_LINES)
    ]
    return UsageRules(rules, RobotsRules.of(parsed, agent), everywhere=everywhere)


def _lines(file: RobotsFile, agent: str) -> dict[Line, bool]:
    """Return the rules for us; one before any group has no place in the specification."""
    found = lines_for_use(file, agent, FIELD, strict=file.aipref)
    return found | {line: False for line in file.preamble if line.field == FIELD}


def _rule(line: Line, *, is_ours: bool, evidence: tuple[Sha256, ...]) -> _Rule:
    path, value = split_path(line.value)
    quote = printable(f"Content-Usage: {line.value}", max_chars=120)
    return _Rule(
        pattern=PathPattern(path) if path else None,
        said=_preference(value),
        place=_Place(scope=Scope.SITE, where=f"{PATH} line {line.number}", quote=quote, evidence=evidence),
        is_ours=is_ours,
    )


def _in_force(rules: Sequence[_Rule], *, may_crawl: bool) -> Reading:
    """Weigh the rules that match one path.

    Of the longest, a `y` stands where none of them says `n`. The other rules have no force in the
    specification, and none has where the path may not be crawled; their denials are obeyed all the same, but
    for a shorter path's where the longest answers `y`.
    """
    longest = max((rule.length for rule in rules if rule.is_ours), default=-1)
    nearest = [rule for rule in rules if rule.is_ours and rule.length == longest]
    no = _union(rule.said.no | rule.said.also_no for rule in nearest)
    whole = [rule for rule in nearest if rule.pattern is None or rule.pattern.is_whole]
    yes = _union(rule.said.yes for rule in whole) - no if may_crawl else frozenset()
    read = []
    for rule in rules:
        said = rule.said
        if rule not in nearest:
            hidden = yes if rule.is_ours else frozenset()
            said = replace(said, no=frozenset(), yes=frozenset(), also_no=(said.no | said.also_no) - hidden)
        elif not may_crawl:
            said = replace(said, no=frozenset(), yes=frozenset(), also_no=said.no | said.also_no)
        else:
            said = replace(said, yes=said.yes & yes)
        read.append(_reading(said, rule.place))
    return merge(read)


def _union(uses: Iterable[frozenset[Use]]) -> frozenset[Use]:
    return frozenset().union(*uses)


def _preference(field: str) -> _Preference:
    """Read one field, however it is broken."""
    found = (_DENIABLE.get(match[1].lower()) for match in _NO.finditer(field))
    also_no = set(_union(uses for uses in found if uses))
    quote = printable(field, max_chars=120)
    parsed = _parsed(field)
    if isinstance(parsed, str):
        why = f"not a structured dictionary ({parsed}): {quote}"
        return _Preference(no=frozenset(), yes=frozenset(), also_no=frozenset(also_no), unreadable=(why,))
    no: set[Use] = set()
    yes: set[Use] = set()
    unreadable = []
    for key, item in parsed.items():
        value = item[0] if isinstance(item, tuple) else None
        said = str(value) if isinstance(value, http_sf.Token) else ""
        if said not in ("y", "n"):
            if key in _DENIABLE:
                unreadable.append(f"{key} is neither y nor n: {quote}")
        elif key in _CURRENT:
            (yes if said == "y" else no).update(_CURRENT[key])
    return _Preference(
        no=frozenset(no),
        yes=frozenset(yes),
        also_no=frozenset(also_no),
        unreadable=tuple(unreadable[:_MAX_UNREAD]),
    )


def _parsed(field: str) -> Mapping[str, Any] | str:
    """Parse a dictionary of structured fields, or tell why it is none."""
    if len(field) > _MAX_CHARS:
        return f"longer than {_MAX_CHARS} characters"
    try:
        parsed: Any = http_sf.parse(field.encode("utf-8", "replace"), tltype="dictionary")
    except Exception as error:  # noqa: BLE001 - whatever the parser stumbles over, the field was there
        return type(error).__name__
    return dict(parsed)


def _reading(said: _Preference, place: _Place) -> Reading:
    """State what was said; of models that do not generate, the vocabulary itself says nothing."""
    forms = (
        (said.no & _SPOKEN_OF, Answer.DENIED, True),
        (said.also_no | said.no, Answer.DENIED, False),
        (said.yes & _SPOKEN_OF, Answer.NOT_RESERVED, True),
        (said.yes - _SPOKEN_OF, Answer.NOT_RESERVED, False),
    )
    statements: dict[tuple[Use, Answer], Statement] = {}
    for uses, answer, is_specified in forms:
        for each in stated(
            uses,
            answer,
            signal=NAME,
            scope=place.scope,
            where=place.where,
            quote=place.quote,
            evidence=place.evidence,
            is_specified=is_specified,
        ):
            statements.setdefault((each.use, each.answer), each)
    unreadable = tuple(
        Unreadable(signal=NAME, scope=place.scope, where=place.where, why=why, evidence=place.evidence)
        for why in said.unreadable
    )
    if not statements and not unreadable:
        return SILENCE
    return Reading(statements=tuple(statements.values()), unreadable=unreadable)


SIGNAL = Signal(name=NAME, host_files=((PATH,),), parse_host=parse, read_response=read_response)
