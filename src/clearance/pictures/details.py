"""What a picture file says beside its rights, as one reader of its metadata found it. Pure.

Source: C4.1.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from clearance.pictures.metadata_classes import Trace

MAX_DETAIL_CHARS = 2000
"""Of one value: the longest caption that the standard allows."""
MAX_DETAIL_VALUES = 100
"""Of one field; agencies write fifty keywords. Nothing here reserves a right: the rest may go unread."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """Fields by name, in the order in which they stand, and what was only noted as there."""

    fields: tuple[tuple[str, str], ...] = ()
    traces: frozenset[Trace] = frozenset()


NO_DETAILS = Details()


def joined(found: Iterable[Details]) -> Details:
    """Put what several blocks of one file say together, each value once and no more than people write."""
    kept: dict[tuple[str, str], None] = {}
    counts: dict[str, int] = {}
    traces: frozenset[Trace] = frozenset()
    for details in found:
        traces |= details.traces
        for name, value in details.fields:
            field = (name, value[:MAX_DETAIL_CHARS])
            count = counts.get(name, 0)
            if value and count < MAX_DETAIL_VALUES and field not in kept:
                counts[name] = count + 1
                kept[field] = None
    return Details(fields=tuple(kept), traces=traces)
