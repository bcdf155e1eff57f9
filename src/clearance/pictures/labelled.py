"""Write rights metadata into a JPEG on its way out, and read back what is in one. Pure: bytes to bytes.

A kept picture is encoded without metadata; its rights stand in its record. An export writes them back.

What is read back is held against the table of `metadata_classes`: whatever is not named there as kept or
coarsened is a leak.

Source: Adobe XMP Specification part 3, section 1.1.3 (APP1); ITU-T T.871 (JFIF); C4.1, C1.1.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from clearance.errors import IntegrityError
from clearance.identifiers import Malformed
from clearance.pictures.exif_details import exif_details
from clearance.pictures.iim import CHARACTER_SET, IIM_RESOURCE, datasets, resources
from clearance.pictures.metadata_classes import DC, FIELD_GROUPS, Action, MetadataClass, group_of
from clearance.pictures.pieces import APPLICATION, COMMENT, Piece, pieces_of
from clearance.pictures.rights_packet import (
    COARSE_DATE,
    IIM_BYTES,
    ITEM,
    PROPERTIES,
    RightsMetadata,
    bounded_rights,
    rights_packet,
    rights_resource,
)
from clearance.pictures.tiff import layout_of
from clearance.pictures.xmp import Name, Xmp, read_xmp

_JFIF, _ADOBE, _XMP, _EXIF, _PHOTOSHOP = (
    *(b"JFIF\x00", b"Adobe", b"http://ns.adobe.com/xap/1.0/\x00", b"Exif\x00\x00", b"Photoshop 3.0\x00"),
)
_JFIF_BYTES = 14
"""Of the segment without a thumbnail."""
_IIM_HANDED_ON = frozenset({0, *IIM_BYTES})


@dataclass(frozen=True, slots=True, kw_only=True)
class Leak:
    """Something in a picture that may not be handed on."""

    where: str
    what: str
    metadata_class: MetadataClass | None
    """None for what no class names: it is not on the list, whatever it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadBack:
    """What stands in a picture."""

    rights: RightsMetadata
    leaks: tuple[Leak, ...]


def with_rights(jpeg: bytes, rights: RightsMetadata) -> bytes:
    """Return a JPEG with these rights in it and no other metadata; its picture data stays byte for byte.

    Raises:
        IntegrityError: it is no JPEG: what the vault keeps always is.
    """
    split = pieces_of(jpeg)
    if isinstance(split, Malformed):
        raise IntegrityError(f"item {rights.item}: {split.why}")
    kept = [piece for found in split[0] if (piece := _without_metadata(found)) is not None]
    clean = bounded_rights(rights)
    head = 2 if len(kept) > 1 and kept[1][1] == 0xE0 else 1
    written = [
        _segment(0xE1, _XMP + rights_packet(clean)),
        _segment(0xED, _PHOTOSHOP + rights_resource(clean)),
    ]
    return b"".join([*kept[:head], *written, *kept[head:]])


def read_back(jpeg: bytes) -> ReadBack | Malformed:
    """Read what stands in a picture, and tell everything that may not be handed on."""
    split = pieces_of(jpeg)
    if isinstance(split, Malformed):
        return split
    found, after = split
    leaks: list[Leak] = []
    packets: list[Xmp] = []
    for piece in found:
        if piece.marker == 0xE1 and piece.payload.startswith(_XMP):
            packet = read_xmp(piece.payload[len(_XMP) :])
            if isinstance(packet, Malformed):
                leaks.append(Leak(where="XMP", what=packet.why, metadata_class=None))
            else:
                packets.append(packet)
                leaks += _xmp_leaks(packet)
        else:
            leaks += _leaks(piece)
    if after:
        what = f"{len(after)} bytes after the end of the picture"
        leaks.append(Leak(where="JPEG", what=what, metadata_class=None))
    return ReadBack(rights=_rights_in(packets), leaks=tuple(leaks))


def _rights_in(packets: Iterable[Xmp]) -> RightsMetadata:
    properties: dict[Name, list[str]] = {}
    for packet in packets:
        for name, stated in packet.properties.items():
            properties.setdefault(name, []).extend(stated)
    values = {field: next(iter(properties.get(name, ())), "") for field, name in PROPERTIES}
    return RightsMetadata(creators=tuple(properties.get((DC, "creator"), ())), **values)


def _xmp_leaks(packet: Xmp) -> Iterator[Leak]:
    for name, values in packet.properties.items():
        if name == ITEM:
            continue
        group = group_of(name)
        is_date = group is not None and group.metadata_class is MetadataClass.TIME
        is_coarse = not is_date or all(COARSE_DATE.fullmatch(value) for value in values)
        if group is None or group.action not in (Action.KEEP, Action.COARSEN) or not is_coarse:
            found = group.metadata_class if group is not None else None
            yield Leak(where="XMP", what=name[1], metadata_class=found)


def _leaks(piece: Piece) -> Iterator[Leak]:
    """Tell what in a segment is neither the picture nor its rights."""
    payload = piece.payload
    if piece.marker == 0xED and payload.startswith(_PHOTOSHOP):
        yield from _iim_leaks(payload[len(_PHOTOSHOP) :])
    elif piece.marker == 0xE1 and payload.startswith(_EXIF):
        yield from _exif_leaks(payload[len(_EXIF) :])
    elif piece.marker == COMMENT:
        yield Leak(where="JPEG", what="a comment", metadata_class=None)
    elif piece.marker in APPLICATION and _without_metadata(piece) != piece.data:
        is_jfif = piece.marker == 0xE0
        yield Leak(
            where="JPEG",
            what="a thumbnail" if is_jfif else f"segment APP{piece.marker - 0xE0}",
            metadata_class=MetadataClass.DEVICE if is_jfif else None,
        )


def _exif_leaks(block: bytes) -> Iterator[Leak]:
    layout = layout_of(block)
    traces = exif_details(block, layout).traces if layout is not None else frozenset()
    yield Leak(where="Exif", what="a block", metadata_class=None)
    for group in FIELD_GROUPS:
        if group.trace is not None and group.trace in traces:
            yield Leak(where="Exif", what=group.trace.value, metadata_class=group.metadata_class)


def _iim_leaks(blocks: bytes) -> Iterator[Leak]:
    for number, data in resources(blocks):
        if number != IIM_RESOURCE:
            yield Leak(where="Photoshop", what=f"resource {number:#06x}", metadata_class=None)
            continue
        for (record, field), _ in datasets(data):
            if (record, field) == CHARACTER_SET or (record == 2 and field in _IIM_HANDED_ON):
                continue
            group = next((each for each in FIELD_GROUPS if record == 2 and field in each.iim), None)
            found = group.metadata_class if group is not None else None
            yield Leak(where="IIM", what=f"{record}:{field}", metadata_class=found)


def _without_metadata(piece: Piece) -> bytes | None:
    """Return a piece as it goes out: nothing of a comment or of an application, but what decoders need."""
    payload = piece.payload
    if piece.marker == 0xE0 and payload.startswith(_JFIF) and len(payload) >= _JFIF_BYTES:
        # The last two bytes count the pixels of a thumbnail that follows.
        return _segment(0xE0, payload[: _JFIF_BYTES - 2] + b"\x00\x00")
    if piece.marker == 0xEE and payload.startswith(_ADOBE):
        return _segment(0xEE, payload[:12])
    return None if piece.marker in APPLICATION or piece.marker == COMMENT else piece.data


def _segment(marker: int, payload: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(payload) + 2) + payload
