"""Read a JPEG file's segments up to the picture data: size, orientation, XMP packets, rights fields. Pure,
bounded, never raises.

Source: ITU-T T.81 annex B (markers); Exif 3.0 section 4.7 (APP1); Adobe XMP Specification part 3, section
1.1.3 (APP1, extended XMP; APP13, image resources).
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from clearance.identifiers import Malformed
from clearance.pictures.details import Details, joined
from clearance.pictures.exif import read_exif_blocks
from clearance.pictures.iim import UNREAD, Fields, bounded, read_resources
from clearance.pictures.iim_details import resource_details

_MAX_SEGMENTS = 4096
"""A camera writes a few dozen; extended XMP of 100 MB would need 1,600."""
_MAX_EXTENDED_BYTES = 4 << 20
_EXIF = b"Exif\x00\x00"
_XMP = b"http://ns.adobe.com/xap/1.0/\x00"
_EXTENDED = b"http://ns.adobe.com/xmp/extension/\x00"
_EXTENDED_HEAD = 32 + 4 + 4
_RESOURCES = b"Photoshop 3.0\x00"
_MAX_RESOURCE_BYTES = 4 << 20
"""A preview among them takes tens of kilobytes, paths and layers some hundred."""
_FILL = re.compile(rb"\xff+(?=\xff)")
_TOO_MANY = -1
"""No marker has such a number."""
_FRAMES = frozenset({0xC0, 0xC1, 0xC2, 0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF})
_STANDALONE = frozenset({0x01, *range(0xD0, 0xD9)})


@dataclass(frozen=True, slots=True, kw_only=True)
class JpegHead:
    """What stands before a JPEG's picture data; sizes in pixels as stored, before orientation."""

    width: int
    height: int
    orientation: int
    xmp: tuple[bytes, ...]
    fields: Fields
    """Rights fields of Exif and IPTC IIM."""
    details: Details
    """What Exif and IPTC IIM say beside them."""


def read_jpeg_head(data: bytes) -> JpegHead | Malformed:
    """Read a JPEG's head."""
    width = height = 0
    packets: list[bytes] = []
    extended: dict[bytes, dict[int, bytes]] = {}
    blocks: list[bytes] = []
    resources: list[bytes] = []
    unread: list[tuple[str, str]] = []
    for marker, payload in _segments(data):
        if marker in _FRAMES and len(payload) >= 5 and not width:
            height, width = struct.unpack_from(">HH", payload, 1)
        elif marker == 0xE1 and payload.startswith(_EXIF):
            blocks.append(payload[len(_EXIF) :])
        elif marker == 0xE1 and payload.startswith(_XMP):
            packets.append(payload[len(_XMP) :])
        elif marker == 0xE1 and payload.startswith(_EXTENDED):
            body = payload[len(_EXTENDED) :]
            if len(body) >= _EXTENDED_HEAD:
                offset = struct.unpack_from(">I", body, 36)[0]
                extended.setdefault(body[:32], {})[offset] = body[_EXTENDED_HEAD:]
        elif marker == 0xED and payload.startswith(_RESOURCES):
            resources.append(payload[len(_RESOURCES) :])
        elif marker == _TOO_MANY:
            unread.append((UNREAD, f"more than {_MAX_SEGMENTS} segments"))
    if not width or not height:
        return Malformed(where="JPEG", why="no frame header with a size")
    exif = read_exif_blocks(blocks)
    details = [exif.details, resource_details(b"".join(resources)[:_MAX_RESOURCE_BYTES])]
    return JpegHead(
        width=width,
        height=height,
        orientation=exif.orientation,
        xmp=(*packets, *exif.xmp, *(_joined(parts) for parts in extended.values())),
        fields=bounded([*exif.fields, *_fields_in(resources), *unread]),
        details=joined(details),
    )


def _fields_in(resources: list[bytes]) -> Fields:
    """Read image resources, which go on in the next segment where one is full."""
    joined = b"".join(resources)
    fields = read_resources(joined[:_MAX_RESOURCE_BYTES])
    if len(joined) <= _MAX_RESOURCE_BYTES:
        return fields
    return (*fields, (UNREAD, f"more than {_MAX_RESOURCE_BYTES} bytes of image resources"))


def _segments(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Walk the marker segments up to the start of scan or the first thing that is none; what is beyond the
    bound is told, for it may be a packet.
    """
    position = 2
    for _ in range(_MAX_SEGMENTS):
        # Fill bytes may stand before any marker.
        filled = _FILL.match(data, position)
        position = filled.end() if filled is not None else position
        if position + 4 > len(data) or data[position] != 0xFF:
            return
        marker = data[position + 1]
        if marker in _STANDALONE:
            position += 2
            continue
        length = struct.unpack_from(">H", data, position + 2)[0]
        if marker == 0xDA or length < 2:
            return
        yield marker, data[position + 4 : position + 2 + length]
        position += 2 + length
    yield _TOO_MANY, b""


def _joined(parts: dict[int, bytes]) -> bytes:
    """Put the parts of an extended packet in order; what is beyond the bound is cut, and will not parse."""
    return b"".join(parts[offset] for offset in sorted(parts))[:_MAX_EXTENDED_BYTES]
