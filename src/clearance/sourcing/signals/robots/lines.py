"""One line of robots.txt, as two reference engines read it: where it ends, how a field may be misspelt.

Source: RFC 9309 section 2.2; google/robotstxt; scrapy/protego.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

SPACE = " \t\n\r\f\v"
_MAX_LINE_BYTES = 16_663
"""Google's parser reads eight times the longest address that browsers take, and drops the rest of a line."""

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
_USUAL_FIELDS = frozenset({"allow", "disallow", "user-agent", "crawl-delay", "sitemap", "host"})


class Line(NamedTuple):
    """One line that says something: `field: value`, without its comment; a named tuple, because a file may
    have a hundred thousand.
    """

    number: int
    """Counted from 1."""
    field: str
    """In lower case; misspelt fields under their right name."""
    value: str


def usual_line(raw: str, number: int) -> Line | None:
    """Read a line that both engines read alike, as nearly all are; it costs half."""
    usual = _USUAL.fullmatch(raw) if len(raw) < _MAX_LINE_BYTES else None
    if usual is None:
        return None
    field = usual[1].lower()
    if field not in _USUAL_FIELDS and (field in _WHOLE or _BEGINNING.match(field)):
        return None
    return Line(number, field, usual[2])


def google_line(raw: str, number: int) -> Line | None:
    """Read a line as Google's parser does; without a colon, two words are a field and its value."""
    if len(raw) * 4 > _MAX_LINE_BYTES:
        raw = raw.encode()[:_MAX_LINE_BYTES].decode("utf-8", "ignore")
    text = raw.partition("#")[0].strip(SPACE)
    field, colon, value = text.partition(":")
    if not colon:
        words = text.replace("\t", " ").split(" ", 1)
        if len(words) == 1 or " " in words[1].strip(SPACE):
            return None
        field, value = words
    field = field.strip(SPACE).lower()
    if not field:
        return None
    known = _BEGINNING.match(field)
    if known is not None:
        field = _BEGINNINGS[known[0]]
    return Line(number=number, field=field, value=value.strip(SPACE))


def protego_lines(raw: str, number: int) -> Iterator[Line]:
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
