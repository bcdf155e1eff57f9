"""robots.txt as lines and groups: one pure reading of the file, shared by every signal that may stand in it.

Engines read real files differently: where a line ends, how a field may be misspelt, which line ends a run of
`User-agent` lines, which name is ours. Each difference has cost some site a group that it meant for us, so the
file is grouped in three ways, and who denies by any of them is obeyed.

Source: RFC 9309 section 2.2; google/robotstxt; scrapy/protego; draft-ietf-aipref-attach-05; C1.5.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from clearance.sourcing.observed import HostFile, HostFiles

PATH = "/robots.txt"
EVERYONE = "*"
MAX_BYTES = 1 << 20
"""RFC 9309 section 2.5 asks for 500 KiB at least; twice that is read."""
_MAX_LINE_BYTES = 16_663
"""Google's parser reads eight times the longest address that browsers take, and drops the rest of a line."""
_KEPT_FILES = 4
"""All signals read one host's file in a row; a hostile one takes tens of megabytes once it is parsed."""
_MAX_LINES = 100_000
"""Of those that say something. A megabyte holds no more rules than that; more lines are made to keep us busy."""
_SPACE = " \t\n\r\f\v"
_TOKEN = re.compile(r"[A-Za-z_-]*")
_LINE_END = re.compile(r"\r\n|\r|\n")

# What nobody reads differently.
_USUAL = re.compile(r"[ \t]*([A-Za-z-]+)[ \t]*:[ \t]*([!-\"$-~]*)[ \t]*")
_MISSPELT = ("dissallow", "dissalow", "disalow", "diasllow", "disallaw")
# Google's parser looks at the beginning of a field only.
_BEGINNINGS = {
    "user-agent": "user-agent",
    "useragent": "user-agent",
    "user agent": "user-agent",
    "allow": "allow",
    "disallow": "disallow",
    **dict.fromkeys(_MISSPELT, "disallow"),
    "crawl-delay": "crawl-delay",
    "crawldelay": "crawl-delay",
    "crawl delay": "crawl-delay",
    "sitemap": "sitemap",
    "site-map": "sitemap",
}
_BEGINNING = re.compile("|".join(map(re.escape, _BEGINNINGS)))
# Protego takes these fields whole, also without a colon.
_WHOLE = {
    "user-agent": "user-agent",
    "useragent": "user-agent",
    "user agent": "user-agent",
    "allow": "allow",
    "disallow": "disallow",
    **dict.fromkeys(_MISSPELT, "disallow"),
    "crawl-delay": "crawl-delay",
    "crawl delay": "crawl-delay",
    "sitemap": "sitemap",
    "sitemaps": "sitemap",
    "site-map": "sitemap",
    "host": "host",
    **dict.fromkeys(("request-rate", "request rate", "visit-time", "visit time"), "pace"),
}
_SITE_WIDE = frozenset({"sitemap", "host"})
_RULES = frozenset({"allow", "disallow"})
_PLAIN_FIELDS = frozenset({"user-agent", "crawl-delay", "sitemap", "host"})
_RULES_OF_AIPREF = _RULES | {"content-usage"}
_EndsRun = Callable[["Line"], bool]


class Line(NamedTuple):
    """One line that says something: `field: value`, without its comment; a named tuple, because a file may
    have a hundred thousand.
    """

    number: int
    """Counted from 1."""
    field: str
    """In lower case; misspelt fields under their right name."""
    value: str


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
        return self._lines(self._by_name.get(self._name_of(agent), ()))

    def _names(self, agent: str) -> tuple[str, ...]:
        # A star and further words still mean everyone.
        if agent[:1] == EVERYONE and (len(agent) == 1 or agent[1] in _SPACE):
            return (EVERYONE,)
        token = _TOKEN.match(agent)
        return (token[0].lower(),) if token is not None and token[0] else ()

    def _name_of(self, agent: str) -> str:
        name = agent.lower()
        return name if name in self._by_name else EVERYONE

    def _lines(self, places: Iterable[int]) -> tuple[Line, ...]:
        return tuple(line for place in places for line in self.groups[place].lines)


class LenientGrouping(Grouping):
    """Groups as Protego has them: stars in names fall away, and a name may be the beginning of ours."""

    def _names(self, agent: str) -> tuple[str, ...]:
        name = agent.lower()
        bare = name.replace(EVERYONE, "")
        return tuple(dict.fromkeys(each for each in (name, bare) if each))

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
    text = content[:MAX_BYTES].decode("utf-8-sig", "replace").replace("\x00", "")
    strict: list[Line] = []
    lenient: list[Line] = []
    for number, raw in enumerate(_LINE_END.split(text), start=1):
        if not raw:
            continue
        if max(len(strict), len(lenient)) >= _MAX_LINES:
            break
        usual = _usual_line(raw, number)
        if usual is not None:
            strict.append(usual)
            lenient.append(usual)
        else:
            read = _google_line(raw, number)
            if read is not None:
                strict.append(read)
            lenient += _protego_lines(raw, number)
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


def _usual_line(raw: str, number: int) -> Line | None:
    """Read a line that both engines read alike, as nearly all are; it costs half."""
    usual = _USUAL.fullmatch(raw) if len(raw) < _MAX_LINE_BYTES else None
    if usual is None:
        return None
    field = usual[1].lower()
    if field not in _RULES and field not in _PLAIN_FIELDS and (field in _WHOLE or _BEGINNING.match(field)):
        return None
    return Line(number, field, usual[2])


def _google_line(raw: str, number: int) -> Line | None:
    """Read a line as Google's parser does; without a colon, two words are a field and its value."""
    if len(raw) * 4 > _MAX_LINE_BYTES:
        raw = raw.encode()[:_MAX_LINE_BYTES].decode("utf-8", "ignore")
    text = raw.partition("#")[0].strip(_SPACE)
    field, colon, value = text.partition(":")
    if not colon:
        words = text.replace("\t", " ").split(" ", 1)
        if len(words) == 1 or " " in words[1].strip(_SPACE):
            return None
        field, value = words
    field = field.strip(_SPACE).lower()
    if not field:
        return None
    known = _BEGINNING.match(field)
    if known is not None:
        field = _BEGINNINGS[known[0]]
    return Line(number=number, field=field, value=value.strip(_SPACE))


def _protego_lines(raw: str, number: int) -> Iterator[Line]:
    """Read a line as Protego does, which ends lines at more characters and takes fields without a colon."""
    for piece in raw.splitlines():
        text = piece.partition("#")[0].strip()
        read = _protego_line(text) if text else None
        if read is not None:
            yield Line(number=number, field=read[0], value=read[1])


def _protego_line(text: str) -> tuple[str, str] | None:
    before, colon, value = text.partition(":")
    field = before.strip().lower()
    if colon and field in _WHOLE:
        return _WHOLE[field], value.strip()
    if colon and (not value or value[0].isspace()):
        return field, value.strip()
    words = text.split(None, 2)
    for count in (1, 2):
        name = " ".join(words[:count]).lower()
        if name in _WHOLE:
            return _WHOLE[name], " ".join(text.split()[count:])
    return (field, value.strip()) if colon else None


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
            if agents:
                yield Group(agents=tuple(agents), lines=tuple(below))
            agents, below, is_open = [], [], True
        agents.append(line.value)
    if agents:
        yield Group(agents=tuple(agents), lines=tuple(below))
