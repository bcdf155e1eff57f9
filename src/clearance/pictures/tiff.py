"""Walk the directories of a TIFF structure, in which Exif is written. Pure, bounded, never raises.

Source: TIFF 6.0 section 2; BigTIFF.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

_MAX_ENTRIES = 65_535
"""As many as the count of a classic directory can state."""
_SIZES = {3: 2, 4: 4, 5: 8, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
"""Bytes of one value by its type; one where it is not listed, as for text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How numbers and entries are written: in either byte order, with offsets of four or eight bytes."""

    short: struct.Struct
    offset: struct.Struct
    offset_at: int
    count: struct.Struct
    entry: struct.Struct


def _layout(order: str, *, is_big: bool) -> Layout:
    offset = "Q" if is_big else "I"
    return Layout(
        short=struct.Struct(f"{order}H"),
        offset=struct.Struct(f"{order}{offset}"),
        offset_at=8 if is_big else 4,
        count=struct.Struct(f"{order}{'Q' if is_big else 'H'}"),
        entry=struct.Struct(f"{order}HH{offset}{'8s' if is_big else '4s'}"),
    )


_LAYOUTS = {
    b"II*\x00": _layout("<", is_big=False),
    b"MM\x00*": _layout(">", is_big=False),
    b"II+\x00": _layout("<", is_big=True),
    b"MM\x00+": _layout(">", is_big=True),
}


def layout_of(tiff: bytes) -> Layout | None:
    """Tell the layout by the byte order mark; nothing where there is none."""
    return _LAYOUTS.get(tiff[:4])


def first_directory(tiff: bytes, layout: Layout) -> int:
    """Return where the first directory begins; beyond the end where nothing says so."""
    if layout.offset_at + layout.offset.size > len(tiff):
        return len(tiff)
    start: int = layout.offset.unpack_from(tiff, layout.offset_at)[0]
    return start


def next_directory(tiff: bytes, layout: Layout, start: int) -> int:
    """Return where the directory after one begins; beyond the end where there is none."""
    if start + layout.count.size > len(tiff):
        return len(tiff)
    at = start + layout.count.size + layout.count.unpack_from(tiff, start)[0] * layout.entry.size
    if at + layout.offset.size > len(tiff):
        return len(tiff)
    found: int = layout.offset.unpack_from(tiff, at)[0]
    return found or len(tiff)


def entries(
    tiff: bytes, layout: Layout, start: int, *, wanted: frozenset[int]
) -> Iterator[tuple[int, int, int, bytes]]:
    """Walk the wanted entries of one directory: tag, type, count, and the value or where it stands."""
    first = start + layout.count.size
    if first > len(tiff):
        return
    count = min(layout.count.unpack_from(tiff, start)[0], _MAX_ENTRIES)
    whole = min(count, (len(tiff) - first) // layout.entry.size)
    directory = tiff[first : first + whole * layout.entry.size]
    for entry in layout.entry.iter_unpack(directory):
        if entry[0] in wanted:
            yield entry


def size_of(kind: int, number: int) -> int:
    """Return how many bytes so many values of a type take."""
    return number * _SIZES.get(kind, 1)


def block(tiff: bytes, layout: Layout, *, size: int, inline: bytes) -> bytes:
    """Return a value as far as the file goes: one that points outside it is empty."""
    if size <= len(inline):
        return inline[:size]
    at = layout.offset.unpack(inline)[0]
    return tiff[at : at + size]
