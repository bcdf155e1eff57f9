"""Path patterns with `*` and a trailing `$`, as robots.txt and TDMRep write them.

Only the wildcards are shared: which of several matching rules wins differs from standard to standard.

Source: RFC 9309 sections 2.2.2 and 2.2.3; TDMRep section 7.
"""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import quote

MAX_PATTERN_CHARS = 2048
_MAX_STARS = 50
"""More wildcards are a construction against the matcher, not a path."""
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_ASCII = "".join(map(chr, range(0x80)))


class PathPattern:
    """A compiled pattern; matches from the path's beginning, case-sensitive, however either is escaped."""

    __slots__ = ("_regex", "_start", "is_whole", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        # Not whole: it was cut, and so matches more than its author wrote.
        self._start, self._regex, self.is_whole = _compiled(text)

    def matches(self, target: str) -> bool:
        """Tell whether a path and query is meant."""
        if "%" in target or not target.isascii():
            target = _escaped_alike(target)
        if not target.startswith(self._start):
            return False
        return self._regex is None or self._regex.match(target) is not None


@lru_cache(maxsize=4096)
def _compiled(text: str) -> tuple[str, re.Pattern[str] | None, bool]:
    """Return the literal beginning, a regular expression where there is more to it, and whether it is whole.

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
    if len(parts) == 1 and not is_anchored:
        return parts[0], None, is_whole
    # Each wildcard takes as little as it can: for literal parts in a row that is as good as any other choice,
    # and atomic groups keep the matcher from trying the others, so that time stays linear in the path.
    middle = parts[1:-1] if is_anchored else parts[1:]
    body = re.escape(parts[0]) + "".join(f"(?>.*?{re.escape(part)})" for part in middle if part)
    if is_anchored and len(parts) > 1:
        body += f".*{re.escape(parts[-1])}"
    return parts[0], re.compile(body + (r"\Z" if is_anchored else ""), re.DOTALL), is_whole


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
