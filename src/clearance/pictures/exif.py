"""Read orientation, XMP and rights fields from an Exif block or a whole TIFF file. Pure, bounded, never
raises.

Both are the same structure: a header, and a directory of entries whose longer values stand elsewhere in the
file. Only the first directory is read: it is the picture's own, later ones are thumbnails and further pages.

Source: TIFF 6.0 section 2; Exif 3.0 section 4.6.4 (Orientation, Artist, Copyright) and 4.6.2 (type UTF-8);
BigTIFF; TIFF/EP tag 33723 (IPTC-NAA); Adobe tags 700 (XMP) and 34377 (image resources).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from clearance.pictures.iim import UNREAD, Fields, bounded, field_of, read_iim, read_resources

_MAX_ENTRIES = 65_535
"""As many as the count of a classic directory can state."""
_MAX_READ = 16
"""Entries of a first directory that concern us: each stands there once, if it is sound."""
_MAX_BLOCK_BYTES = (4 << 20) + 1
"""Of XMP, IIM or image resources in one entry: one byte more than is read of XMP, so that a packet beyond it
is known to be.
"""
_MAX_BLOCKS = 8
"""Of Exif in one file, which has one; a hostile one repeats it to keep the reader busy."""
_MAX_PARTS = 8
"""Of one text: Exif knows two, the photographer's and the editor's."""
_ORIENTATION = 0x0112
_SHORT = 3
_NAMES = {0x013B: "exif:artist", 0x8298: "exif:copyright"}
_XMP, _IIM, _RESOURCES = 700, 33723, 34377
_WANTED = frozenset({_ORIENTATION, _XMP, _IIM, _RESOURCES, *_NAMES})
_SIZES = {3: 2, 4: 4, 5: 8, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
"""Bytes of one value by its type; one where it is not listed, as for text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """What a picture file says beside its pixels."""

    orientation: int = 1
    """As Exif states it, 1 to 8; 1 where it states none that can be read."""
    xmp: tuple[bytes, ...] = ()
    fields: Fields = ()
    """Rights fields of Exif and IPTC IIM, by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Layout:
    """How numbers and entries are written: in either byte order, with offsets of four or eight bytes."""

    short: struct.Struct
    offset: struct.Struct
    offset_at: int
    count: struct.Struct
    entry: struct.Struct


def _layout(order: str, *, is_big: bool) -> _Layout:
    offset = "Q" if is_big else "I"
    return _Layout(
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


def read_exif_blocks(blocks: Sequence[bytes]) -> Metadata:
    """Read all Exif blocks of one file; the last orientation counts, and every field."""
    read = [read_exif(block) for block in blocks[:_MAX_BLOCKS]]
    fields = [field for metadata in read for field in metadata.fields]
    if len(blocks) > _MAX_BLOCKS:
        fields.append((UNREAD, f"more than {_MAX_BLOCKS} blocks of Exif"))
    return Metadata(
        orientation=read[-1].orientation if read else 1,
        xmp=tuple(packet for metadata in read for packet in metadata.xmp),
        fields=bounded(fields),
    )


def read_exif(tiff: bytes) -> Metadata:
    """Read an Exif block, from its byte order mark on, or a TIFF file."""
    layout = _LAYOUTS.get(tiff[:4])
    if layout is None:
        return Metadata()
    orientation = 0
    packets: list[bytes] = []
    fields: list[tuple[str, str]] = []
    for count, (tag, kind, number, inline) in enumerate(_entries(tiff, layout)):
        if count >= _MAX_READ:
            fields.append((UNREAD, f"more than {_MAX_READ} entries of Exif for rights and orientation"))
            break
        if tag == _ORIENTATION:
            value = layout.short.unpack_from(inline)[0]
            if kind == _SHORT and 1 <= value <= 8:
                orientation = orientation or value
            continue
        block = _block(tiff, layout, size=number * _SIZES.get(kind, 1), inline=inline)
        if tag == _XMP:
            packets.append(block)
        elif tag == _IIM:
            fields += read_iim(block)
        elif tag == _RESOURCES:
            fields += read_resources(block)
        else:
            # The photographer's notice and the editor's stand in one value, each ended by a NUL; what follows
            # the last part that is split off is still searched, in one piece.
            for part in block.rstrip(b"\x00 ").split(b"\x00", _MAX_PARTS):
                fields += field_of(_NAMES[tag], part)
    return Metadata(orientation=orientation or 1, xmp=tuple(packets), fields=bounded(fields))


def _entries(tiff: bytes, layout: _Layout) -> Iterator[tuple[int, int, int, bytes]]:
    """Walk the wanted entries of the first directory: tag, type, count, and the value or where it stands."""
    if layout.offset_at + layout.offset.size > len(tiff):
        return
    start = layout.offset.unpack_from(tiff, layout.offset_at)[0]
    first = start + layout.count.size
    if first > len(tiff):
        return
    count = min(layout.count.unpack_from(tiff, start)[0], _MAX_ENTRIES)
    whole = min(count, (len(tiff) - first) // layout.entry.size)
    directory = tiff[first : first + whole * layout.entry.size]
    for entry in layout.entry.iter_unpack(directory):
        if entry[0] in _WANTED:
            yield entry


def _block(tiff: bytes, layout: _Layout, *, size: int, inline: bytes) -> bytes:
    """Return a value as far as the file goes: one that points outside it is empty."""
    if size <= len(inline):
        return inline[:size]
    at = layout.offset.unpack(inline)[0]
    return tiff[at : at + min(size, _MAX_BLOCK_BYTES)]
