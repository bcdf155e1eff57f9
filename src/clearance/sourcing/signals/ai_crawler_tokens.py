"""Robots groups for crawlers of AI companies: to turn away those that train speaks of training.

Such a group binds only the crawler that it names, so RFC 9309 would not have us obey it; yet it is how most
sites say that they reserve their works, and it is taken for that. A group for everyone says nothing of the
kind, nor does one for a crawler that only searches, answers or acts for a person at a screen.

Source: Directive (EU) 2019/790 Article 4(3); RFC 9309 section 2.2.1; ai-robots-txt/ai.robots.txt; C1.5.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files as resources

from clearance.errors import printable
from clearance.identifiers import Sha256
from clearance.sourcing.observed import HostFiles
from clearance.sourcing.signals.robots.file import PATH, Grouping, RobotsFile, parse_robots, robots_file
from clearance.sourcing.signals.robots.path_rules import PathRule
from clearance.sourcing.signals.robots.readings import MAX_RULES, RobotsRules
from clearance.sourcing.signals.signal import Everywhere, HostRules, Signal
from clearance.sourcing.statements import SILENCE, Answer, Reading, Scope, stated
from clearance.sourcing.uses import TRAINING

NAME = "ai-crawler-tokens"
_DATA = "ai_crawler_tokens.json"
_MAX_LINES = MAX_RULES
"""Of all groups that name such a crawler, counted once a set of groups: many times what any real file has."""
_MAX_AGENT_CHARS = 200
"""No product token is as long."""
_WORD = re.compile(r"[a-z0-9_-]+")
_NAMED = 3
"""Crawlers named in a quote; a person who looks finds the others in the file."""


class CollectsFor(StrEnum):
    """What a crawler collects for."""

    TRAINING = "training"
    BOTH = "both"
    """For training, and for something else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlerToken:
    """A product token by which robots.txt files address an AI company's crawler."""

    token: str
    operator: str
    collects_for: CollectsFor


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlerTokens:
    """The tokens that are known, and since when."""

    as_of: date
    by_name: Mapping[str, CrawlerToken]
    """By the token in lower case."""


@lru_cache(maxsize=1)
def crawler_tokens() -> CrawlerTokens:
    """Read the list that comes with the package."""
    listed = json.loads(resources(__package__).joinpath(_DATA).read_text("utf-8"))
    tokens = (
        CrawlerToken(
            token=each["token"],
            operator=each["operator"],
            collects_for=CollectsFor(each["collects_for"]),
        )
        for each in listed["tokens"]
    )
    return CrawlerTokens(
        as_of=date.fromisoformat(listed["as_of"]), by_name={each.token.lower(): each for each in tokens}
    )


class TokenRules:
    """The groups of a robots.txt that name crawlers which collect for training."""

    __slots__ = ("_closed", "_evidence", "_readings")

    crawl_delay_s = None

    def __init__(self, closed: Iterable[tuple[RobotsRules, str]], *, evidence: Sha256) -> None:
        self._closed = tuple(closed)
        self._evidence = evidence
        self._readings: dict[tuple[str, int, str], Reading] = {}

    def read(self, target: str) -> Reading:
        """Reserve a path against training if any of the crawlers may not request it."""
        for rules, names in self._closed:
            rule = rules.denying(target)
            if rule is not None:
                key = (names, rule.line, rule.text)
                reading = self._readings.get(key)
                if reading is None:
                    reading = self._readings[key] = _reserved(names, rule, evidence=self._evidence)
                return reading
        return SILENCE


def parse(files: HostFiles, agent: str) -> HostRules:  # noqa: ARG001 - it is about others' tokens
    """Read the groups that name a known crawler; a host without any says nothing by them."""
    file = robots_file(files)
    if file is None:
        return Everywhere(reading=SILENCE)
    parsed = parse_robots(file.content)
    shared = _sharing(parsed)
    lines = [(parsed.google.lines_of(google), parsed.protego.lines_of(protego)) for google, protego in shared]
    if sum(len(google) + len(protego) for google, protego in lines) > _MAX_LINES:
        quote = f"more than {_MAX_LINES} lines for crawlers that train: none is weighed"
        return Everywhere(reading=_reading(quote, evidence=file.sha256))
    closed = [
        (RobotsRules(*each), _names(tokens)) for each, tokens in zip(lines, shared.values(), strict=True)
    ]
    # What closes everything is one answer for every path, however many tokens stand beside it.
    for rules, names in closed:
        rule = rules.forbidding_everything
        if rule is not None:
            return Everywhere(reading=_reserved(names, rule, evidence=file.sha256))
    return TokenRules(closed, evidence=file.sha256) if closed else Everywhere(reading=SILENCE)


def _sharing(parsed: RobotsFile) -> dict[tuple[tuple[int, ...], tuple[int, ...]], list[str]]:
    """Put tokens together that share their groups, by the groups' places in both engines' readings."""
    google, protego = _places(parsed.google), _places(parsed.protego)
    shared: dict[tuple[tuple[int, ...], tuple[int, ...]], list[str]] = {}
    for token in dict.fromkeys((*google, *protego)):
        key = (tuple(google.get(token, ())), tuple(protego.get(token, ())))
        shared.setdefault(key, []).append(token)
    return shared


def _places(grouping: Grouping) -> dict[str, list[int]]:
    """Return the places of the groups that name a known crawler."""
    found: dict[str, list[int]] = {}
    for place, group in enumerate(grouping.groups):
        for token in dict.fromkeys(map(_token_in, group.agents)):
            if token:
                found.setdefault(token, []).append(place)
    return found


def _token_in(agent: str) -> str:
    """Return the known token that a `User-agent` line names, with or without a version, or nothing."""
    known = crawler_tokens().by_name
    name = agent[:_MAX_AGENT_CHARS].lower().replace("*", "").strip()
    word = _WORD.match(name)
    for written in (name, name.partition("/")[0].strip(), word[0] if word is not None else ""):
        if written in known:
            return known[written].token
    return ""


def _names(tokens: list[str]) -> str:
    named = ", ".join(tokens[:_NAMED])
    return f"{named} and {len(tokens) - _NAMED} more" if len(tokens) > _NAMED else named


def _reserved(names: str, rule: PathRule, *, evidence: Sha256) -> Reading:
    pattern = printable(rule.text, max_chars=80)
    return _reading(f"disallowed for {names} by line {rule.line}: Disallow: {pattern}", evidence=evidence)


def _reading(quote: str, *, evidence: Sha256) -> Reading:
    return Reading(
        statements=stated(
            TRAINING,
            Answer.DENIED,
            signal=NAME,
            scope=Scope.SITE,
            where=PATH,
            quote=quote,
            evidence=(evidence,),
            is_specified=False,
        )
    )


SIGNAL = Signal(name=NAME, host_files=((PATH,),), parse_host=parse)
