"""The features of a picture as types, and the bytes that they cross the cage's wall in. Pure.

What reads them out of pixels stands in `features` and `query`, inside the cage only; the process that asks
has these types and no decoder. The other side may be a decoder that hostile bytes took over: everything is
bounded before it is allocated.

Source: C5.2; docs/decisions/0014-fingerprints-are-searched-exactly.md.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

CODE_BYTES = 32
MAX_POINTS = 4096
"""Local features of one picture that are taken from a cage at most."""
DIHEDRAL = 8
"""A square has so many turns and mirrorings."""

_HEAD = struct.Struct(">BBBHHH")
_VERSION = 1
_POINT_BYTES = 4

Points = NDArray[np.uint16]
"""n x 2: x and y in pixels of the picture that they were read from."""
Descriptors = NDArray[np.uint8]
"""n x 32: ORB, 256 bits a point."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Features:
    """What one picture is found by."""

    pdq: bytes
    """256 bits, as `content_ids.pdq` gives them."""
    pdq_quality: int
    """0 to 100; below 50 the picture is too flat to be matched by codes."""
    pdq_trimmed: bytes
    """Of the picture without its uniform border; empty where it has none."""
    pdq_trimmed_quality: int
    """As `pdq_quality`; 0 where there is no border."""
    iscc: bytes
    """256 bits of the ISCC Image-Code (ISO 24138)."""
    width: int
    height: int
    """Of the picture that the points are read from."""
    points: Points
    descriptors: Descriptors


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class QueryFeatures:
    """What a picture is looked for by: as it is, turned, mirrored, inverted and without its border."""

    codes: tuple[bytes, ...]
    """PDQ of the eight turns and mirrorings, the picture as it is first."""
    quality: int
    trimmed_codes: tuple[bytes, ...]
    """The same of the picture without its uniform border; none where it has none."""
    trimmed_quality: int
    inner: tuple[float, float, float, float]
    """The picture inside its border: left, top, width, height in shares."""
    iscc: bytes
    shown_width: int
    shown_height: int
    """Of the picture that was given, in pixels."""
    width: int
    height: int
    """Of the picture that the points are read from."""
    points: Points
    descriptors: Descriptors
    mirrored_points: Points
    """Of the picture's mirror image."""
    mirrored_descriptors: Descriptors


def pack_features(features: Features) -> bytes:
    """Return features as bytes; `unpack_features` reads them back."""
    head = _HEAD.pack(
        _VERSION,
        features.pdq_quality,
        features.pdq_trimmed_quality,
        features.width,
        features.height,
        len(features.pdq_trimmed),
    )
    codes = features.pdq + features.pdq_trimmed + features.iscc
    return head + codes + pack_points(features.points, features.descriptors)


def unpack_features(data: bytes) -> Features:
    """Read what `pack_features` wrote.

    Raises:
        ValueError: it is something else.
    """
    if len(data) < _HEAD.size:
        raise ValueError("features: cut off")
    version, quality, trimmed_quality, width, height, trimmed = _HEAD.unpack_from(data)
    if version != _VERSION or trimmed not in (0, CODE_BYTES):
        raise ValueError("features: of another kind")
    at = _HEAD.size + 2 * CODE_BYTES + trimmed
    codes = data[_HEAD.size : at]
    if len(codes) != 2 * CODE_BYTES + trimmed:
        raise ValueError("features: cut off")
    (points, descriptors), end = _points_at(data, at)
    if end != len(data):
        raise ValueError("features: more than was announced")
    return Features(
        pdq=codes[:CODE_BYTES],
        pdq_quality=quality,
        pdq_trimmed=codes[CODE_BYTES : CODE_BYTES + trimmed],
        pdq_trimmed_quality=trimmed_quality,
        iscc=codes[CODE_BYTES + trimmed :],
        width=width,
        height=height,
        points=points,
        descriptors=descriptors,
    )


def pack_points(points: Points, descriptors: Descriptors) -> bytes:
    """Return local features as bytes: their number, the points, the descriptors."""
    return b"".join(
        (
            len(points).to_bytes(2, "big"),
            np.ascontiguousarray(points, "<u2").tobytes(),
            np.ascontiguousarray(descriptors, np.uint8).tobytes(),
        )
    )


def read_query(answer: Mapping[str, Any], payload: bytes) -> QueryFeatures:
    """Read what the cage answered about a query picture.

    Raises:
        ValueError: it is something else.
    """
    (points, descriptors), middle = _points_at(payload, 0)
    (mirrored_points, mirrored_descriptors), end = _points_at(payload, middle)
    codes, trimmed = _codes(answer["codes"]), _codes(answer["trimmed_codes"])
    if end != len(payload) or len(codes) != DIHEDRAL or len(trimmed) not in (0, DIHEDRAL):
        raise ValueError("query: of another kind")
    left, top, inner_width, inner_height = (float(value) for value in answer["inner"])
    (iscc,) = _codes([answer["iscc"]])
    return QueryFeatures(
        codes=codes,
        quality=int(answer["quality"]),
        trimmed_codes=trimmed,
        trimmed_quality=int(answer["trimmed_quality"]),
        inner=(left, top, inner_width, inner_height),
        iscc=iscc,
        shown_width=int(answer["size"][0]),
        shown_height=int(answer["size"][1]),
        width=int(answer["width"]),
        height=int(answer["height"]),
        points=points,
        descriptors=descriptors,
        mirrored_points=mirrored_points,
        mirrored_descriptors=mirrored_descriptors,
    )


def _codes(texts: list[str]) -> tuple[bytes, ...]:
    codes = tuple(bytes.fromhex(text) for text in texts)
    if any(len(code) != CODE_BYTES for code in codes):
        raise ValueError(f"a code has {CODE_BYTES} bytes")
    return codes


def _points_at(data: bytes, at: int) -> tuple[tuple[Points, Descriptors], int]:
    """Read local features from a place on; returns them and where they end."""
    count = int.from_bytes(data[at : at + 2], "big")
    start, middle = at + 2, at + 2 + count * _POINT_BYTES
    end = middle + count * CODE_BYTES
    if count > MAX_POINTS or end > len(data):
        raise ValueError("local features: cut off, or too many")
    points = np.frombuffer(data[start:middle], "<u2").reshape(count, 2).astype(np.uint16)
    descriptors = np.frombuffer(data[middle:end], np.uint8).reshape(count, CODE_BYTES)
    return (points, descriptors), end
