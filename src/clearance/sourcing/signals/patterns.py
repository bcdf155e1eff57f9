"""Path patterns with `*` and a trailing `$`, as robots.txt and TDMRep write them, and how paths are spelt.

Only the wildcards are shared: which of several matching rules wins differs from standard to standard. How a
path is spelt before it is compared differs too, and from engine to engine.

Source: RFC 9309 sections 2.2.2 and 2.2.3; TDMRep section 7.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote, unquote_to_bytes

MAX_PATTERN_CHARS = 2048
_MAX_STARS = 50
"""More wildcards are a construction against the matcher, not a path."""
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_ASCII = "".join(map(chr, range(0x80)))
_PLAIN = re.compile(r"[A-Za-z0-9_.~/=-]*")
_ESCAPED_OCTET = re.compile(rb"%([0-9A-Fa-f]{2})")
_ESCAPED = re.compile(r"[A-Za-z0-9_.~/%=-]*")
_RESPELT = re.compile(r"%[0-9A-Fa-f]{2}|[^A-Za-z0-9_.~/%=-]")
_ESCAPES = {chr(code): f"%{code:02X}" for code in range(0x80)} | {
    f"%{code:02X}": char if (char := chr(code)) in _UNRESERVED or char == "=" else f"%{code:02X}"
    for code in range(0x100)
}
"""How a character or an escape is written where everything is escaped that may be."""
_KEPT = frozenset({b"2F", b"25"})
"""A decoded slash would be another path, a decoded percent sign the beginning of another escape."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The literal parts of a pattern, in their order."""

    start: str
    """What must stand at the path's beginning."""
    middle: tuple[str, ...]
    end: str | None
    """What must stand at the path's end, or nothing where the pattern is not anchored."""
    is_exact: bool = False
    """No wildcard and anchored: the start is all."""

    @classmethod
    def of(cls, parts: Sequence[str], *, is_anchored: bool) -> Parts:
        """Take what stood between wildcards; there is at least one part."""
        if len(parts) == 1:
            return cls(start=parts[0], middle=(), end=None, is_exact=is_anchored)
        middle = parts[1:-1] if is_anchored else parts[1:]
        return cls(start=parts[0], middle=tuple(filter(None, middle)), end=parts[-1] if is_anchored else None)

    def match(self, path: str) -> bool:
        """Find the parts one after the other, each wildcard taking as little as it can.

        That is as good as any other choice, and the time stays linear in the path.
        """
        if self.is_exact or not path.startswith(self.start):
            return path == self.start
        at = len(self.start)
        for part in self.middle:
            at = path.find(part, at)
            if at < 0:
                return False
            at += len(part)
        return self.end is None or (len(path) - len(self.end) >= at and path.endswith(self.end))


class PathPattern:
    """A compiled pattern; matches from the path's beginning, case-sensitive, however either is escaped."""

    __slots__ = ("_parts", "is_whole", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        # Not whole: it was cut, and so matches more than its author wrote.
        self._parts, self.is_whole = _compiled(text)

    def matches(self, target: str) -> bool:
        """Tell whether a path and query is meant."""
        if "%" in target or not target.isascii():
            target = _escaped_alike(target)
        return self._parts.match(target)


@lru_cache(maxsize=4096)
def _compiled(text: str) -> tuple[Parts, bool]:
    """Return a pattern's parts, and whether they are all of it.

    A pattern too long or with too many wildcards is cut: what is left matches more. That is safe for a denial
    only; whoever allows by a pattern asks first whether it is whole.
    """
    whole = _escaped_alike(text)
    cut = whole[:MAX_PATTERN_CHARS]
    is_whole = cut == whole
    is_anchored = cut.endswith("$") and is_whole
    parts = re.sub(r"\*+", "*", cut.removesuffix("$") if is_anchored else cut).split("*")
    if len(parts) - 1 > _MAX_STARS:
        parts, is_anchored, is_whole = parts[: _MAX_STARS + 1], False, False
    return Parts.of(parts, is_anchored=is_anchored), is_whole


def _escaped_alike(text: str) -> str:
    """Write a path one way: what is not ASCII escaped, escapes in capitals, none where none is needed.

    Source: RFC 9309 section 2.2.2, RFC 3986 section 6.2.2.
    """
    if text.isascii():
        return _ESCAPE.sub(_plain_or_capital, text) if "%" in text else text
    return _ESCAPE.sub(_plain_or_capital, quote(text, safe=_ASCII, errors="replace"))


def _plain_or_capital(escape: re.Match[str]) -> str:
    char = chr(int(escape[1], 16))
    return char if char in _UNRESERVED else escape[0].upper()


def is_plain(path: str) -> bool:
    """Tell whether a path is spelt the same in every spelling, as most are."""
    return _PLAIN.fullmatch(path) is not None


def octets(path: str) -> str:
    """Spell a path as its octets, one character each, every escape decoded: so Google's matcher compares."""
    if "%" not in path and path.isascii():
        return path
    return unquote_to_bytes(path.encode("utf-8", "replace")).decode("latin-1")


def requoted(path: str) -> str:
    """Spell a path with everything escaped that may be, but an escaped slash left so: so Protego compares.

    Octets that are no UTF-8 become the same replacement character.
    """
    if path.isascii():
        if "%" not in path:
            # What a query is made of, before anything slower.
            path = path.replace("?", "%3F").replace("&", "%26").replace(",", "%2C").replace(":", "%3A")
            if _ESCAPED.fullmatch(path) is not None:
                return path
        if _is_text(path):
            return _RESPELT.sub(lambda found: _ESCAPES[found[0].upper()], path)
    decoded = _ESCAPED_OCTET.sub(_octet_or_kept, path.encode("utf-8", "replace"))
    return quote(decoded.decode("utf-8", "replace"), safe="/%=")


def _octet_or_kept(escape: re.Match[bytes]) -> bytes:
    code = escape[1].upper()
    return b"%" + code if code in _KEPT else bytes((int(code, 16),))


def _is_text(path: str) -> bool:
    """Tell whether a path's escapes are UTF-8."""
    try:
        unquote_to_bytes(path).decode()
    except UnicodeDecodeError:
        return False
    return True
