"""Does one picture lie in another? Local features that agree on one turn, scale and shift. Pure.

Two correspondences propose a similarity; as complex numbers it is one division: `q = a p + b`. It counts by
the features that it lays onto each other at places of their own: repeated texture, which piles many features
onto one spot, counts once.

Source: Fischler and Bolles, "Random Sample Consensus" (1981); Lowe, "Distinctive Image Features" (2004),
section 7.1; C1.2, C4.1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clearance.fingerprints.fingerprint import Descriptors, Laid, Points, Region, View
from clearance.fingerprints.hamming import distances

Plane = NDArray[np.complex128]
"""Places as complex numbers: x + iy."""

_MAX_BITS = 64
"""Descriptors farther apart are of different corners: unrelated ones differ in 128 bits, give or take 20."""
_RATIO = 0.85
"""The best of an item's descriptors must be that much nearer than the best one elsewhere in its picture."""
_SAME_PLACE_PX = 8.0
"""Descriptors of one corner on neighbouring scales are no rivals."""
_LEAST = 4
"""Two correspondences make a similarity; two more at least must speak for it."""
_TRIES = 1000
_SEED = 20_261_123
"""Fixed, so that the same question has the same answer."""
_APART_PX = 20.0
"""Nearer places tell nothing of turn and scale."""
_SCALES = (0.08, 12.0)
_TOLERANCE_PX = 3.0
_CELL_PX = 4
"""Places within one cell count once."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Stored:
    """The local features of an item."""

    width: int
    height: int
    points: Points
    descriptors: Descriptors


def laid_onto(stored: Stored, view: View, *, width: int, height: int) -> Laid | None:
    """Say how much of an item lies in a view of the query, and where; nothing where nothing does.

    Args:
        stored: the item.
        view: the query's local features, as it is or mirrored.
        width: of the query, in the pixels of its points.
        height: as `width`.
    """
    ours, theirs = _correspondences(stored, view)
    places, seen = _plane(stored.points[ours]), _plane(view.points[theirs])
    similarity = _best_similarity(places, seen)
    if similarity is None:
        return None
    factor, shift, agree = similarity
    corners = np.array([0, stored.width, stored.width + 1j * stored.height, 1j * stored.height])
    region = _region(factor * corners + shift, view, width=width, height=height)
    return Laid(inliers=_distinct(places[agree], seen[agree]), region=region)


def _correspondences(stored: Stored, view: View) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return pairs of the item's and the query's features that are alike, and like no other of the item."""
    bits = distances(view.descriptors, stored.descriptors)
    if not bits.size:
        none = np.zeros(0, np.intp)
        return none, none
    best = bits.argmin(axis=1)
    theirs = np.flatnonzero(bits[np.arange(len(bits)), best] <= _MAX_BITS)
    best, bits = best[theirs], bits[theirs]
    nearest = bits[np.arange(len(bits)), best]
    places = stored.points.astype(np.float32)
    is_same_place = np.abs(places[:, None] - places[None]).max(axis=2) <= _SAME_PLACE_PX
    rivals = np.where(is_same_place[best], np.iinfo(np.int32).max, bits).min(axis=1)
    clear = nearest <= _RATIO * rivals
    return best[clear], theirs[clear]


def _best_similarity(places: Plane, seen: Plane) -> tuple[complex, complex, NDArray[np.bool_]] | None:
    """Return the factor and shift that most correspondences agree on, and which those are."""
    count = len(places)
    if count < _LEAST:
        return None
    one, other = _pairs(count)
    between = places[one] - places[other]
    usable = np.abs(between) > _APART_PX
    one, other, between = one[usable], other[usable], between[usable]
    factors = (seen[one] - seen[other]) / between
    usable = (np.abs(factors) > _SCALES[0]) & (np.abs(factors) < _SCALES[1])
    factors, one = factors[usable], one[usable]
    if not len(factors):
        return None
    shifts = seen[one] - factors * places[one]
    errors = np.abs(factors[:, None] * places + shifts[:, None] - seen)
    agree = errors <= _TOLERANCE_PX * np.maximum(1.0, np.abs(factors))[:, None]
    best = int(agree.sum(axis=1).argmax())
    if agree[best].sum() < _LEAST:
        return None
    return complex(factors[best]), complex(shifts[best]), agree[best]


def _pairs(count: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return pairs of correspondences to try: all where they are few, else as many at random."""
    if count * (count - 1) // 2 <= _TRIES:
        one, other = np.triu_indices(count, 1)
        return one, other
    chance = np.random.default_rng(_SEED)
    one, other = chance.integers(0, count, (2, _TRIES))
    return one, other


def _distinct(places: Plane, seen: Plane) -> int:
    """Count correspondences at places of their own, in the item and in the query."""
    return min(
        len(np.unique(np.stack((plane.real, plane.imag)) // _CELL_PX, axis=1).T) for plane in (places, seen)
    )


def _region(corners: Plane, view: View, *, width: int, height: int) -> Region:
    """Return the box around an item's corners in the query, cut to it, as the query is and not mirrored."""
    left, right = (float(side) / width for side in (corners.real.min(), corners.real.max()))
    top, bottom = (float(side) / height for side in (corners.imag.min(), corners.imag.max()))
    if view.is_mirrored:
        left, right = 1 - right, 1 - left
    left, right, top, bottom = (min(1.0, max(0.0, side)) for side in (left, right, top, bottom))
    return Region(x=left, y=top, width=right - left, height=bottom - top)


def _plane(points: Points) -> Plane:
    return points[:, 0] + 1j * points[:, 1]
