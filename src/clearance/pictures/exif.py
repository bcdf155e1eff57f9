"""Read orientation, XMP and rights fields from an Exif block or a whole TIFF file. Pure, bounded, never
raises.

Both are the same structure: a header, and a directory of entries whose longer values stand elsewhere in the
file. Only the first directory is read: it is the picture's own, later ones are thumbnails and further pages.

Source: TIFF 6.0 section 2; Exif 3.0 section 4.6.4 (Orientation, Artist, Copyright) and 4.6.2 (type UTF-8);
BigTIFF; TIFF/EP tag 33723 (IPTC-NAA); Adobe tags 700 (XMP) and 34377 (image resources).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from clearance.pictures.details import NO_DETAILS, Details, joined
from clearance.pictures.exif_details import exif_details
from clearance.pictures.iim import UNREAD, Fields, bounded, field_of, read_iim, read_resources
from clearance.pictures.iim_details import iim_details, resource_details
from clearance.pictures.tiff import block, entries, first_directory, layout_of, size_of

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """What a picture file says beside its pixels."""

    orientation: int = 1
    """As Exif states it, 1 to 8; 1 where it states none that can be read."""
    xmp: tuple[bytes, ...] = ()
    fields: Fields = ()
    """Rights fields of Exif and IPTC IIM, by name."""
    details: Details = NO_DETAILS
    """What it says beside its rights."""


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
        details=joined(metadata.details for metadata in read),
    )


def read_exif(tiff: bytes) -> Metadata:
    """Read an Exif block, from its byte order mark on, or a TIFF file."""
    layout = layout_of(tiff)
    if layout is None:
        return Metadata()
    orientation = 0
    packets: list[bytes] = []
    fields: list[tuple[str, str]] = []
    details = [exif_details(tiff, layout)]
    first = first_directory(tiff, layout)
    for count, (tag, kind, number, inline) in enumerate(entries(tiff, layout, first, wanted=_WANTED)):
        if count >= _MAX_READ:
            fields.append((UNREAD, f"more than {_MAX_READ} entries of Exif for rights and orientation"))
            break
        if tag == _ORIENTATION:
            stated = layout.short.unpack_from(inline)[0]
            if kind == _SHORT and 1 <= stated <= 8:
                orientation = orientation or stated
            continue
        value = block(tiff, layout, size=min(size_of(kind, number), _MAX_BLOCK_BYTES), inline=inline)
        if tag == _XMP:
            packets.append(value)
        elif tag == _IIM:
            fields += read_iim(value)
            details.append(iim_details(value))
        elif tag == _RESOURCES:
            fields += read_resources(value)
            details.append(resource_details(value))
        else:
            # The photographer's notice and the editor's stand in one value, each ended by a NUL; what follows
            # the last part that is split off is still searched, in one piece.
            for part in value.rstrip(b"\x00 ").split(b"\x00", _MAX_PARTS):
                fields += field_of(_NAMES[tag], part)
    return Metadata(
        orientation=orientation or 1, xmp=tuple(packets), fields=bounded(fields), details=joined(details)
    )
