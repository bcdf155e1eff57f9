"""robots.txt: whether a path may be requested, and how slowly.

Reference engines disagree on real files: on a byte order mark, on misspelt rules, on groups split by unknown
lines. Each alone would sometimes allow what the site's owner meant to forbid, so the file is read the way of
each (`readings`), and if either denies, it is denied.

Source: RFC 9309; C1.5, C3.7, C5.3.
"""

from __future__ import annotations

import math
import re

from clearance.errors import printable
from clearance.sourcing.observed import HostFile, HostFiles
from clearance.sourcing.signals.robots.file import PATH, RobotsFile, parse_robots
from clearance.sourcing.signals.robots.path_rules import PathRule
from clearance.sourcing.signals.robots.readings import MAX_RULES, RobotsRules
from clearance.sourcing.signals.signal import Everywhere, HostRules, Signal, denied_for_now
from clearance.sourcing.statements import SILENCE, Answer, Reading, Scope, stated
from clearance.sourcing.uses import Use

NAME = "robots.txt"
_SECONDS = re.compile(r"[0-9]{1,18}(?:\.[0-9]{0,18})?")
"""The number that a delay begins with: "7 seconds" is meant as 7."""


class Robots:
    """One robots.txt, read for our product token."""

    __slots__ = ("_agent", "_file", "_readings", "_rules", "crawl_delay_s")

    def __init__(self, file: HostFile, agent: str) -> None:
        parsed = parse_robots(file.content)
        self._file = file
        self._agent = agent
        self._rules = RobotsRules.of(parsed, agent)
        self._readings: dict[PathRule, Reading] = {}
        self.crawl_delay_s = _crawl_delay(parsed, agent)

    def read(self, target: str) -> Reading:
        """Deny the request if a rule does, in either reading; the rule is quoted."""
        rule = self._rules.denying(target)
        if rule is None:
            return SILENCE
        # One answer a rule, made once: a host has few rules and very many paths.
        reading = self._readings.get(rule)
        if reading is None:
            reading = self._readings[rule] = self._denied(rule)
        return reading

    def _denied(self, rule: PathRule) -> Reading:
        pattern = printable(rule.text, max_chars=120)
        quote = f"disallowed for {self._agent} by line {rule.line}: Disallow: {pattern}"
        if self._rules.is_beyond_bounds:
            quote = f"more than {MAX_RULES} rules for {self._agent}: nothing is asked for"
        return Reading(
            statements=stated(
                {Use.FETCH},
                Answer.DENIED,
                signal=NAME,
                scope=Scope.SITE,
                where=PATH,
                quote=quote,
                evidence=(self._file.sha256,),
            )
        )


def parse(files: HostFiles, agent: str) -> HostRules:
    """Read a host's robots.txt; a missing one is no statement, which is not a permission."""
    file = files.get(PATH)
    if file is not None and file.is_unreachable:
        return Everywhere(reading=denied_for_now(NAME, file))
    if file is None or not file.is_there:
        return Everywhere(reading=SILENCE)
    return Robots(file, agent)


def _crawl_delay(parsed: RobotsFile, agent: str) -> float | None:
    """Return the longest delay that is stated for us in any reading."""
    values = {
        line.value
        for grouping in parsed.groupings
        for line in grouping.lines_for(agent)
        if line.field == "crawl-delay"
    }
    return max((seconds for seconds in map(_seconds, values) if seconds is not None), default=None)


def _seconds(value: str) -> float | None:
    try:
        seconds = float(value)
    except ValueError:
        number = _SECONDS.match(value)
        seconds = float(number[0]) if number is not None else -1.0
    return seconds if math.isfinite(seconds) and seconds >= 0 else None


SIGNAL = Signal(name=NAME, host_files=((PATH,),), parse_host=parse)
