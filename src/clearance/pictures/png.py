"""Read a PNG file's chunks: orientation, XMP packets, rights fields, wherever they stand. Pure, bounded,
never raises.

Metadata may follow the picture data, where a decoder finds it only after decoding all of it.

Source: PNG Specification (W3C, third edition) sections 5.3, 11.3.3 (iTXt), 11.3.3.4 (eXIf); XMP Specification
part 3, section 1.1.5.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

from clearance.pictures.exif import Metadata, read_exif_blocks
from clearance.pictures.iim import UNREAD, bounded

_MAX_CHUNKS = 100_000
"""Picture data of 100 million pixels comes in chunks of 8 KiB at the least."""
_MAX_PACKET_BYTES = 4 << 20
_TOO_MANY = b""
"""No chunk has such a name."""
_KEYWORD = b"XML:com.adobe.xmp\x00"


def read_png_metadata(data: bytes) -> Metadata:
    """Read a PNG's metadata."""
    packets: list[bytes] = []
    blocks: list[bytes] = []
    unread: list[tuple[str, str]] = []
    for kind, payload in _chunks(data):
        if kind == b"eXIf":
            blocks.append(payload)
        elif kind == _TOO_MANY:
            unread.append((UNREAD, f"more than {_MAX_CHUNKS} chunks"))
        elif payload.startswith(_KEYWORD):
            packets.append(_text(payload[len(_KEYWORD) :]))
    exif = read_exif_blocks(blocks)
    return Metadata(
        orientation=exif.orientation,
        xmp=(*packets, *exif.xmp),
        fields=bounded([*exif.fields, *unread]),
        details=exif.details,
    )


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Walk the chunks up to the end; what is beyond the bound is told, for it may be a packet."""
    position = 8
    for _ in range(_MAX_CHUNKS):
        if position + 12 > len(data):
            return
        length = struct.unpack_from(">I", data, position)[0]
        kind = data[position + 4 : position + 8]
        if kind in (b"eXIf", b"iTXt"):
            yield kind, data[position + 8 : position + 8 + length]
        if kind == b"IEND":
            return
        position += 12 + length
    yield _TOO_MANY, b""


def _text(body: bytes) -> bytes:
    """Return an iTXt chunk's text after its keyword; what does not unpack will not parse either."""
    if len(body) < 2:
        return body
    is_compressed = body[0] == 1
    # Language tag and translated keyword, each ended by a NUL.
    text = body[2:].split(b"\x00", 2)[-1]
    if not is_compressed:
        return text
    try:
        return zlib.decompressobj().decompress(text, _MAX_PACKET_BYTES)
    except zlib.error:
        return text
