"""Read the features of one picture that matching stores: PDQ, ISCC Image-Code, local features. Runs inside
the cage only.

Codes of the whole picture find what was re-encoded, resized or written over; what was cut, framed or put into
another picture is found by local features alone.

Source: docs/decisions/0014-fingerprints-are-searched-exactly.md; ISO 24138:2024; C4.1, C4.2.
"""

from __future__ import annotations

import base64
from typing import Any

import cv2
import iscc_lib
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from clearance.pictures.content_ids import pdq, reduced_grey
from clearance.pictures.decode import Rgb
from clearance.pictures.packed_features import CODE_BYTES, Descriptors, Features, Points, pack_features

__all__ = ["Features", "features_of", "pack_features"]

FEATURE_SIDE = 512
"""Local features are read from a picture of this longest side at most: a kept picture has no more."""
POINTS = 200
"""Local features that are stored of a picture: 6.4 kB of descriptors."""

Grey = NDArray[np.uint8]
"""Height x width."""

_LOOKED_AT = 1500
"""Corners that are described; the strongest crowd where the texture is, and the picture is more than that."""
_CELLS = 8
"""What is stored is spread over so many columns and rows."""
_FAST_THRESHOLD = 7
"""Lower than usual: soft pictures have corners, too."""
_EDGE_PX = 16
"""How near the edge a corner may lie; the usual 31 leaves out a third of a small picture."""
_MIN_SIDE_PX = 32
"""A side shorter than the patch that a descriptor looks at has no local features."""
_ISCC_SIDE = 32
_ISCC_HEAD_BYTES = 2
_BORDER_TOLERANCE = 14
"""How far a border's values may be from its corner's, of 255: what a poor JPEG makes of one colour."""
_LEAST_INSIDE = 0.2
"""Less than this share of a side inside a border is a small thing on a plain ground, which is the picture."""


def features_of(rgb: Rgb) -> Features:
    """Read the features of a decoded picture."""
    code = pdq(reduced_grey(rgb))
    inner = inside_border(rgb)
    trimmed = None if inner is None else pdq(reduced_grey(cut(rgb, inner)))
    grey = grey_of(rgb, longest_side_px=FEATURE_SIDE)
    points, descriptors = local_features(grey, looked_at=_LOOKED_AT, kept=POINTS)
    return Features(
        pdq=code.bits,
        pdq_quality=code.quality,
        pdq_trimmed=b"" if trimmed is None else trimmed.bits,
        pdq_trimmed_quality=0 if trimmed is None else trimmed.quality,
        iscc=image_code(rgb if inner is None else cut(rgb, inner)),
        width=int(grey.shape[1]),
        height=int(grey.shape[0]),
        points=points,
        descriptors=descriptors,
    )


def image_code(rgb: Rgb) -> bytes:
    """Return the 256 bits of the ISCC Image-Code of a trimmed picture: grey, 32 x 32, bicubic.

    Source: ISO 24138:2024, Image-Code.
    """
    grey = Image.fromarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY))
    pixels = grey.resize((_ISCC_SIDE, _ISCC_SIDE), Image.Resampling.BICUBIC).tobytes()
    text = iscc_lib.gen_image_code_v0(pixels, CODE_BYTES * 8).iscc.removeprefix("ISCC:")
    return base64.b32decode(text + "=" * (-len(text) % 8))[_ISCC_HEAD_BYTES:]


def inside_border(rgb: Rgb) -> tuple[int, int, int, int] | None:
    """Return left, top, right and bottom of what a border of one colour frames, where there is one."""
    apart = cv2.absdiff(rgb, np.full_like(rgb, rgb[0, 0])).max(axis=2) > _BORDER_TOLERANCE
    rows, columns = np.flatnonzero(apart.any(axis=1)), np.flatnonzero(apart.any(axis=0))
    if not rows.size:
        return None
    left, top, right, bottom = int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1
    height, width = apart.shape
    is_whole = (right - left, bottom - top) == (width, height)
    is_small = right - left < _LEAST_INSIDE * width or bottom - top < _LEAST_INSIDE * height
    return None if is_whole or is_small else (left, top, right, bottom)


def cut(rgb: Rgb, box: tuple[int, int, int, int]) -> Rgb:
    """Return a part of a picture."""
    left, top, right, bottom = box
    return np.ascontiguousarray(rgb[top:bottom, left:right])


def grey_of(rgb: Rgb, *, longest_side_px: int) -> Grey:
    """Return a picture in grey, reduced to a longest side."""
    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
    scale = longest_side_px / max(grey.shape)
    if scale < 1:
        size = (max(1, round(grey.shape[1] * scale)), max(1, round(grey.shape[0] * scale)))
        grey = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    return np.ascontiguousarray(grey, dtype=np.uint8)


def local_features(grey: Grey, *, looked_at: int, kept: int) -> tuple[Points, Descriptors]:
    """Return ORB features of a picture, spread over it.

    Source: Rublee et al., "ORB: an efficient alternative to SIFT or SURF" (2011).
    """
    described: Any = None
    found: Any = ()
    if min(grey.shape) >= _MIN_SIDE_PX:
        orb_create: Any = cv2.ORB.create
        orb = orb_create(
            nfeatures=looked_at,
            edgeThreshold=_EDGE_PX,
            fastThreshold=_FAST_THRESHOLD,
            scaleFactor=1.2,
            nlevels=8,
        )
        found, described = orb.detectAndCompute(grey, None)
    if described is None:
        return np.zeros((0, 2), np.uint16), np.zeros((0, CODE_BYTES), np.uint8)
    places = np.array([point.pt for point in found], np.float32)
    strengths = np.array([point.response for point in found], np.float32)
    chosen = _spread(places, strengths, shape=grey.shape, kept=kept)
    return places[chosen].round().astype(np.uint16), np.ascontiguousarray(described[chosen], np.uint8)


def _spread(
    places: NDArray[np.float32], strengths: NDArray[np.float32], *, shape: tuple[int, ...], kept: int
) -> NDArray[np.intp]:
    """Choose points cell by cell: the strongest of each cell first, then the second of each."""
    per_cell = np.array([_CELLS / shape[1], _CELLS / shape[0]], np.float32)
    column, row = (places * per_cell).astype(np.intp).T
    cell = row * _CELLS + column
    by_cell = np.lexsort((-strengths, cell))
    ordered = cell[by_cell]
    rank = np.arange(len(ordered)) - np.searchsorted(ordered, ordered)
    best = np.lexsort((-strengths[by_cell], rank))[:kept]
    return np.sort(by_cell[best])
