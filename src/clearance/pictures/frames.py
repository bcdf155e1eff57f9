"""The frames that cross a cage's wall: a JSON header and raw bytes, each with its length before it. No
pickle.

Both sides check the lengths before they allocate: the other side may be a decoder that hostile bytes took
over.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from typing import Any

LENGTHS = struct.Struct(">II")
MAX_HEADER_BYTES = 64 << 20
MAX_PAYLOAD_BYTES = 512 << 20


def pack(header: Mapping[str, Any], payload: bytes) -> bytes:
    """Return the beginning of a frame; the payload follows it on the wire."""
    encoded = json.dumps(header, separators=(",", ":")).encode()
    return LENGTHS.pack(len(encoded), len(payload)) + encoded


def lengths(raw: bytes) -> tuple[int, int]:
    """Read the two lengths of a frame.

    Raises:
        ValueError: one is beyond its bound.
    """
    header, payload = LENGTHS.unpack(raw)
    if header > MAX_HEADER_BYTES or payload > MAX_PAYLOAD_BYTES:
        raise ValueError("a frame is larger than allowed")
    return int(header), int(payload)


def unpack_header(raw: bytes) -> dict[str, Any]:
    """Read a frame's header.

    Raises:
        ValueError: it is not a JSON object.
    """
    header = json.loads(raw)
    if not isinstance(header, dict):
        raise ValueError("a frame's header is a JSON object")  # noqa: TRY004 - one kind of error for one kind of fault
    return header
