"""Take a JPEG file apart, from its first marker to whatever follows its last. Pure, bounded by the file.

Source: ITU-T T.81 annex B.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from clearance.identifiers import Malformed

START, END, SCAN, COMMENT = 0xD8, 0xD9, 0xDA, 0xFE
APPLICATION = frozenset(range(0xE0, 0xF0))
_MAX_PIECES = 10_000
"""A progressive picture has some ten scans; one cut into more pieces than this is made to keep us busy."""
_NEXT_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
"""Within picture data: stuffed bytes, restart markers and fill bytes are a part of it."""
_FILL = re.compile(rb"\xff+(?=\xff)")


@dataclass(frozen=True, slots=True)
class Piece:
    """One marker segment; a scan's is with its picture data."""

    marker: int
    data: bytes
    """Marker, length and all."""

    @property
    def payload(self) -> bytes:
        """What follows marker and length."""
        return self.data[4:]


def pieces_of(jpeg: bytes) -> tuple[tuple[Piece, ...], bytes] | Malformed:
    """Return a JPEG's pieces and what follows its end."""
    if jpeg[:2] != b"\xff\xd8":
        return Malformed(where="JPEG", why="does not begin as one")
    found = [Piece(START, jpeg[:2])]
    end = 2
    for piece, after in _walk(jpeg):
        found.append(piece)
        end = after
        if len(found) > _MAX_PIECES:
            return Malformed(where="JPEG", why=f"more than {_MAX_PIECES} segments")
    if found[-1].marker != END:
        return Malformed(where="JPEG", why=f"no segment begins at byte {end}")
    return tuple(found), jpeg[end:]


def _walk(jpeg: bytes) -> Iterator[tuple[Piece, int]]:
    position = 2
    while True:
        filled = _FILL.match(jpeg, position)
        position = filled.end() if filled is not None else position
        if position + 2 > len(jpeg) or jpeg[position] != 0xFF:
            return
        marker = jpeg[position + 1]
        if marker == END:
            yield Piece(marker, jpeg[position : position + 2]), position + 2
            return
        if position + 4 > len(jpeg) or marker in (START, 0x00, 0xFF):
            return
        length = struct.unpack_from(">H", jpeg, position + 2)[0]
        end = position + 2 + length
        if length < 2 or end > len(jpeg):
            return
        if marker == SCAN:
            after = _NEXT_MARKER.search(jpeg, end)
            end = after.start() if after is not None else len(jpeg)
        yield Piece(marker, jpeg[position:end]), end
        position = end
