"""A line of text that a reader found in a picture. Pure.

What it says came out of somebody's picture: it is hostile text, bounded here and escaped where it is shown.

Source: C1.1, C4.1.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

MAX_LINES = 200
"""Of one picture; a page of print has fewer, a picture of many pages is none to learn from."""
MAX_LINE_CHARS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class TextLine:
    """One line, with the box around it in pixels of the picture that was read."""

    text: str
    x: int
    y: int
    width: int
    height: int
    score_permille: int


def merged(lines: Iterable[TextLine]) -> tuple[TextLine, ...]:
    """Put the lines of several passes over one picture together: the surest of each, from top to bottom."""
    kept: list[TextLine] = []
    for line in sorted(lines, key=lambda line: -line.score_permille):
        if len(kept) < MAX_LINES and not any(_is_same(line, other) for other in kept):
            kept.append(line)
    return tuple(sorted(kept, key=lambda line: (line.y, line.x)))


def _is_same(one: TextLine, other: TextLine) -> bool:
    """Tell whether two passes read the same words at the same place."""
    return (
        one.text.casefold() == other.text.casefold()
        and abs(one.x - other.x) <= max(one.height, other.height)
        and abs(one.y - other.y) <= max(one.height, other.height)
    )
