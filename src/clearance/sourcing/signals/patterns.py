"""Path patterns with `*` and a trailing `$`, as robots.txt and TDMRep write them.

Only the wildcards are shared: which of several matching rules wins differs from standard to standard.

Source: RFC 9309 section 2.2.3; TDMRep section 7.
"""

from __future__ import annotations

import re
from functools import lru_cache

MAX_PATTERN_CHARS = 2048
_MAX_STARS = 50
"""More wildcards are a construction against the matcher, not a path."""


class PathPattern:
    """A compiled pattern; matches from the path's beginning, case-sensitive."""

    __slots__ = ("_regex", "_start", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._start, self._regex = _compiled(text)

    def matches(self, target: str) -> bool:
        """Tell whether a path and query is meant."""
        if not target.startswith(self._start):
            return False
        return self._regex is None or self._regex.match(target) is not None


@lru_cache(maxsize=4096)
def _compiled(text: str) -> tuple[str, re.Pattern[str] | None]:
    """Return the literal beginning, and a regular expression where there is more to it.

    A pattern too long or with too many wildcards is cut: what is left matches more, and a denial that widens
    is safe.
    """
    cut = text[:MAX_PATTERN_CHARS]
    is_anchored = cut.endswith("$") and len(text) <= MAX_PATTERN_CHARS
    parts = re.sub(r"\*+", "*", cut.removesuffix("$") if is_anchored else cut).split("*")
    if len(parts) - 1 > _MAX_STARS:
        parts, is_anchored = parts[: _MAX_STARS + 1], False
    if len(parts) == 1 and not is_anchored:
        return parts[0], None
    # Each wildcard takes as little as it can: for literal parts in a row that is as good as any other choice,
    # and atomic groups keep the matcher from trying the others, so that time stays linear in the path.
    middle = parts[1:-1] if is_anchored else parts[1:]
    body = re.escape(parts[0]) + "".join(f"(?>.*?{re.escape(part)})" for part in middle if part)
    if is_anchored and len(parts) > 1:
        body += f".*{re.escape(parts[-1])}"
    return parts[0], re.compile(body + (r"\Z" if is_anchored else ""), re.DOTALL)
