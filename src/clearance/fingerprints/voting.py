"""Which items have local features like those of a query: every feature votes for the items that have one like
it. Pure.

Descriptors that differ in few bits agree wholly in one of a few bands of 16 bits, most of the time: only
those that share a band are compared. Two that differ in 30 of 256 bits are found in 7 of 10 cases, and a
picture has two hundred. So votes propose candidates and nothing else; what they miss is no answer.

Source: docs/decisions/0014-fingerprints-are-searched-exactly.md.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clearance.fingerprints.fingerprint import Descriptors

_BANDS = 8
"""The first ones: ORB sorts its tests so that the first vary most."""
_MOST_ALIKE = 512
"""Stored descriptors of one band value that are looked at in a segment: what is more common tells nothing."""
_AT_ONCE = 1 << 20

Bands = NDArray[np.uint16]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BandIndex:
    """Stored descriptors in the order of each band's values."""

    order: NDArray[np.uint32]
    """8 x n: indices of descriptors."""
    values: Bands
    """8 x n: their values, rising."""


def band_index(descriptors: Descriptors) -> BandIndex:
    """Sort descriptors by each of their bands."""
    bands = _bands(descriptors)
    order = np.argsort(bands, axis=1, kind="stable").astype(np.uint32)
    return BandIndex(order=order, values=np.take_along_axis(bands, order.astype(np.intp), axis=1))


def alike(
    queries: Descriptors, stored: Descriptors, index: BandIndex, *, max_bits: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return pairs of a query's and stored descriptors that share a band and differ in at most so many bits;
    a pair may come more than once.
    """
    found = [
        pair
        for band, values in enumerate(_bands(queries))
        for pair in _alike_in(queries, stored, index.order[band], index.values[band], values, max_bits)
    ]
    none = np.zeros(0, np.int64)
    query = np.concatenate([pair[0] for pair in found]) if found else none
    other = np.concatenate([pair[1] for pair in found]) if found else none
    return query, other


def _alike_in(
    queries: Descriptors,
    stored: Descriptors,
    order: NDArray[np.uint32],
    values: Bands,
    asked: Bands,
    max_bits: int,
) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    first = np.searchsorted(values, asked, "left")
    counts = np.minimum(np.searchsorted(values, asked, "right") - first, _MOST_ALIKE)
    query = np.repeat(np.arange(len(asked)), counts)
    # Within each run: 0, 1, 2 and on.
    step = np.arange(len(query)) - np.repeat(np.cumsum(counts) - counts, counts)
    place = np.repeat(first, counts) + step
    found = []
    for start in range(0, len(query), _AT_ONCE):
        part = query[start : start + _AT_ONCE]
        other = order[place[start : start + _AT_ONCE]].astype(np.int64)
        is_alike = _bits(queries[part], stored[other]) <= max_bits
        found.append((part[is_alike], other[is_alike]))
    return found


def score(query: NDArray[np.int64], item: NDArray[np.int64], *, items: int) -> NDArray[np.float64]:
    """Count votes by item: a feature has one vote, and shares it among the items that have one like it."""
    pairs = np.unique(query * items + item)
    voter, voted = pairs // items, pairs % items
    _, place, shared = np.unique(voter, return_inverse=True, return_counts=True)
    votes = np.bincount(voted, weights=1.0 / shared[place], minlength=items)
    return votes.astype(np.float64)


def _bands(descriptors: Descriptors) -> Bands:
    rows = np.ascontiguousarray(descriptors).view("<u2")
    return np.ascontiguousarray(rows[:, :_BANDS].T)


def _bits(one: Descriptors, other: Descriptors) -> NDArray[np.uint16]:
    words = np.ascontiguousarray(one).view(np.uint64) ^ np.ascontiguousarray(other).view(np.uint64)
    bits: NDArray[np.uint16] = np.bitwise_count(words).sum(axis=1, dtype=np.uint16)
    return bits
