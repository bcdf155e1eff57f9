"""Which codes are near each other: exact, by the pigeonhole principle. Pure.

Two codes of 256 bits that differ in at most 15 of them agree wholly in at least one of 16 bands of 16 bits;
up to 31, they differ in at most one bit of a band. Only codes whose bands are that near are compared.

Source: Norouzi, Punjani, Fleet, "Fast Search in Hamming Space with Multi-Index Hashing"; PDQ.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from clearance.fingerprints.fingerprint import CODE_BYTES

MAX_BITS = 31
_BANDS = 16
_AT_ONCE = 1 << 18


def near_pairs(codes: Sequence[bytes], *, max_bits: int) -> Iterator[tuple[int, int]]:
    """Return every pair of codes that differ in at most so many bits: indices, the lower first, once each.

    Args:
        codes: PDQ codes, 32 bytes each.
        max_bits: at most 31.
    """
    if max_bits > MAX_BITS:
        raise ValueError(
            f"bands of 16 bits, one of them turned, find distances up to {MAX_BITS}, not {max_bits}"
        )
    if len(codes) < 2:
        return
    rows = np.frombuffer(b"".join(codes), np.uint8).reshape(len(codes), CODE_BYTES)
    slack = max_bits // _BANDS
    flips = [0] if slack == 0 else [0, *(1 << bit for bit in range(_BANDS))]
    for band in range(_BANDS):
        values = rows.view("<u2")[:, band]
        order = np.argsort(values, kind="stable")
        for flip in flips:
            for left, right in _meeting(values, order, flip):
                yield from _close(rows, left, right, band=band, slack=slack, max_bits=max_bits)


def _meeting(
    values: npt.NDArray[np.uint16], order: npt.NDArray[np.intp], flip: int
) -> Iterator[tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]]:
    """Return the pairs of indices whose values differ in just these bits, some at a time."""
    ordered = values[order]
    asked = ordered ^ np.uint16(flip)
    first = np.searchsorted(ordered, asked, "left")
    counts = np.searchsorted(ordered, asked, "right") - first
    ends = np.cumsum(counts)
    total = int(ends[-1])
    for start in range(0, total, _AT_ONCE):
        place = np.arange(start, min(start + _AT_ONCE, total))
        one = np.searchsorted(ends, place, "right")
        other = first[one] + place - (ends[one] - counts[one])
        left, right = order[one], order[other]
        is_ordered = left < right
        yield left[is_ordered], right[is_ordered]


def _close(
    rows: npt.NDArray[np.uint8],
    left: npt.NDArray[np.intp],
    right: npt.NDArray[np.intp],
    *,
    band: int,
    slack: int,
    max_bits: int,
) -> Iterator[tuple[int, int]]:
    """Return the pairs that are near enough, and did not meet in an earlier band."""
    apart = np.bitwise_count(rows.view("<u2")[left] ^ rows.view("<u2")[right])
    is_near = (apart.sum(axis=1, dtype=np.uint16) <= max_bits) & (apart[:, :band] > slack).all(axis=1)
    yield from zip(left[is_near].tolist(), right[is_near].tolist(), strict=True)
