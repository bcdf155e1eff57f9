"""robots.txt as groups of lines: one pure reading of the file, shared by every signal that may stand in it.

Engines group real files differently: which line ends a run of `User-agent` lines, which name is ours. Each
difference has cost some site a group that it meant for us, so the file is grouped in three ways, and who
denies by any of them is obeyed.

Source: RFC 9309 section 2.2; google/robotstxt; scrapy/protego; draft-ietf-aipref-attach-05; C1.5.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from typing_extensions import override

from clearance.sourcing.observed import HostFile, HostFiles
from clearance.sourcing.signals.robots.lines import SPACE, Line, google_line, protego_lines, usual_line
from clearance.sourcing.signals.text_file import decoded

PATH = "/robots.txt"
EVERYONE = "*"
MAX_BYTES = 1 << 20
"""RFC 9309 section 2.5 asks for 500 KiB at least; twice that is read."""
_KEPT_FILES = 4
"""All signals read one host's file in a row; a hostile one takes tens of megabytes once it is parsed."""
_MAX_LINES = 100_000
"""Of those that say something. A megabyte holds no more rules; more lines are made to keep us busy."""
_TOKEN = re.compile(r"[A-Za-z_-]*")
_LINE_END = re.compile(r"\r\n|\r|\n")
_SITE_WIDE = frozenset({"sitemap", "host"})
_RULES = frozenset({"allow", "disallow"})
_RULES_OF_AIPREF = _RULES | {"content-usage"}
_EndsRun = Callable[[Line], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A run of `User-agent` lines and what stands below it."""

    agents: tuple[str, ...]
    """As written."""
    lines: tuple[Line, ...]


class Grouping:
    """One way to read a file's groups; names match exactly, as RFC 9309 and Google have it."""

    def __init__(self, groups: Iterable[Group]) -> None:
        self.groups = tuple(groups)
        self._by_name: dict[str, list[int]] = {}
        for place, group in enumerate(self.groups):
            for name in dict.fromkeys(name for agent in group.agents for name in self._names(agent)):
                self._by_name.setdefault(name, []).append(place)

    def lines_for(self, agent: str) -> tuple[Line, ...]:
        """Return the lines of all groups that are for a product token, or else of those for everyone."""
        return self.lines_of(self._by_name.get(self._name_of(agent), ()))

    def lines_of(self, places: Iterable[int]) -> tuple[Line, ...]:
        """Return the lines of some groups, by their places."""
        return tuple(line for place in places for line in self.groups[place].lines)

    def _names(self, agent: str) -> tuple[str, ...]:
        # A star and further words still mean everyone.
        if agent[:1] == EVERYONE and (len(agent) == 1 or agent[1] in SPACE):
            return (EVERYONE,)
        token = _TOKEN.match(agent)
        return (token[0].lower(),) if token is not None and token[0] else ()

    def _name_of(self, agent: str) -> str:
        name = agent.lower()
        return name if name in self._by_name else EVERYONE


class LenientGrouping(Grouping):
    """Groups as Protego has them: stars in names fall away, and a name may be the beginning of ours."""

    @override
    def _names(self, agent: str) -> tuple[str, ...]:
        name = agent.lower()
        bare = name.replace(EVERYONE, "")
        return tuple(dict.fromkeys(each for each in (name, bare) if each))

    @override
    def _name_of(self, agent: str) -> str:
        token = agent.strip().lower()
        starts = [
            start
            for start in range(len(token))
            if start == 0 or not (token[start - 1].isalnum() or token[start - 1] in "-_")
        ]
        found = [
            name
            for length in range(len(token), 0, -1)
            for name in (token[start : start + length] for start in starts if start + length <= len(token))
            if name in self._by_name
        ]
        # A name of one letter counts no more than the star: the first in the file wins.
        if found and len(found[0]) == 1 and EVERYONE in self._by_name:
            return next(name for name in self._by_name if name in (*found, EVERYONE))
        return found[0] if found else EVERYONE


@dataclass(frozen=True, slots=True, kw_only=True)
class RobotsFile:
    """A robots.txt in its distinct readings."""

    lines: tuple[Line, ...]
    """All, in their order, as Google's parser takes them."""
    preamble: tuple[Line, ...]
    """Those before the first `User-agent` line, which speak to everyone."""
    google: Grouping
    """Only `Allow` and `Disallow` end a run of `User-agent` lines."""
    protego: Grouping
    """Every line but `Sitemap` and `Host` ends it."""
    aipref: Grouping
    """`Content-Usage` is a rule too."""

    @property
    def groupings(self) -> tuple[Grouping, ...]:
        """All three."""
        return (self.google, self.protego, self.aipref)


@lru_cache(maxsize=_KEPT_FILES)
def parse_robots(content: bytes) -> RobotsFile:
    """Read a robots.txt, however it is written; the same bytes are read once, whichever signal asks."""
    text = decoded(content[:MAX_BYTES])
    strict: list[Line] = []
    lenient: list[Line] = []
    for number, raw in enumerate(_LINE_END.split(text), start=1):
        if not raw:
            continue
        if max(len(strict), len(lenient)) >= _MAX_LINES:
            break
        usual = usual_line(raw, number)
        if usual is not None:
            strict.append(usual)
            lenient.append(usual)
        else:
            read = google_line(raw, number)
            if read is not None:
                strict.append(read)
            lenient += protego_lines(raw, number)
    lines = tuple(strict)
    first = next((at for at, line in enumerate(lines) if line.field == "user-agent"), len(lines))
    has_usage = any(line.field == "content-usage" for line in lines)
    google = Grouping(_groups(lines, lambda line: line.field in _RULES))
    return RobotsFile(
        lines=lines,
        preamble=lines[:first],
        google=google,
        protego=LenientGrouping(_groups(lenient, lambda line: line.field not in _SITE_WIDE)),
        aipref=Grouping(_groups(lines, lambda line: line.field in _RULES_OF_AIPREF)) if has_usage else google,
    )


def robots_file(files: HostFiles) -> HostFile | None:
    """Return the host's robots.txt where there is one to read: not absent, no page, not unreachable."""
    file = files.get(PATH)
    return file if file is not None and file.is_there else None


def site_lines(files: HostFiles, field: str) -> tuple[Line, ...]:
    """Return the lines of one field, wherever they stand in the file; `field` in lower case."""
    file = robots_file(files)
    if file is None:
        return ()
    return tuple(line for line in parse_robots(file.content).lines if line.field == field)


def split_path(value: str) -> tuple[str, str]:
    """Take `/path value` apart, as usage preferences in robots.txt write it; without a path, it is empty."""
    if not value.startswith("/"):
        return "", value
    path, _, rest = value.replace("\t", " ").partition(" ")
    return path, rest.strip()


def lines_for_use(file: RobotsFile, agent: str, field: str, *, strict: Grouping) -> dict[Line, bool]:
    """Return the lines of a field that speak to a product token, and whether its own standard sees them so.

    What only another reading of the groups finds for us was perhaps meant for us.
    """
    found = {line: True for line in strict.lines_for(agent) if line.field == field}
    for grouping in file.groupings:
        for line in grouping.lines_for(agent):
            if line.field == field:
                found.setdefault(line, False)
    return found


def _groups(lines: Iterable[Line], ends_run: _EndsRun) -> Iterator[Group]:
    """Put lines together below the run of `User-agent` lines that they stand under."""
    agents: list[str] = []
    below: list[Line] = []
    is_open = True
    for line in lines:
        if line.field != "user-agent":
            if agents:
                below.append(line)
                is_open = is_open and not ends_run(line)
            continue
        if not is_open:
            yield Group(agents=tuple(agents), lines=tuple(below))
            agents, below, is_open = [], [], True
        agents.append(line.value)
    if agents:
        yield Group(agents=tuple(agents), lines=tuple(below))
