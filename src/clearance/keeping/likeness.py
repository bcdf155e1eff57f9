"""Which fingerprints are near each other: exact search by the pigeonhole principle. Pure.

Two codes of 256 bits that differ in at most 15 of them agree wholly in at least one of 16 bands of 16 bits;
only codes that share a band are compared.

Source: Norouzi, Punjani, Fleet, "Fast Search in Hamming Space with Multi-Index Hashing"; PDQ.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

CODE_BYTES = 32
MAX_BITS = 15
_COMPARED_AT_ONCE = 1 << 16


def near_pairs(codes: Sequence[bytes], *, max_bits: int) -> Iterator[tuple[int, int]]:
    """Return every pair of codes that differ in at most so many bits, as indices, each pair once.

    Args:
        codes: PDQ codes, 32 bytes each.
        max_bits: at most 15.
    """
    if max_bits > MAX_BITS:
        raise ValueError(f"bands of 16 bits find distances up to {MAX_BITS}, not {max_bits}")
    if len(codes) < 2:
        return
    rows = np.frombuffer(b"".join(codes), np.uint8).reshape(len(codes), CODE_BYTES)
    bands = rows.view(np.uint16)
    words = rows.view(np.uint64)
    seen: set[tuple[int, int]] = set()
    for band in range(bands.shape[1]):
        for members in _runs(bands[:, band]):
            for pair in _close(words, members, max_bits):
                if pair not in seen:
                    seen.add(pair)
                    yield pair


def _runs(values: npt.NDArray[np.uint16]) -> Iterator[npt.NDArray[np.intp]]:
    """Return the groups of indices that hold the same value, where there are at least two."""
    order = np.argsort(values, kind="stable")
    starts = np.flatnonzero(np.diff(values[order], prepend=values[order][:1] ^ 1))
    for start, end in zip(starts, [*starts[1:], len(order)], strict=True):
        if end - start > 1:
            yield order[start:end]


def _close(
    words: npt.NDArray[np.uint64], members: npt.NDArray[np.intp], max_bits: int
) -> Iterator[tuple[int, int]]:
    """Return the pairs among some codes that are near enough, a block of them in memory at a time."""
    step = max(1, _COMPARED_AT_ONCE // len(members))
    for start in range(0, len(members), step):
        left = members[start : start + step]
        bits = np.bitwise_count(words[left][:, None, :] ^ words[members][None, :, :]).sum(
            axis=2, dtype=np.uint16
        )
        for one, other in zip(*np.nonzero(bits <= max_bits), strict=True):
            if left[one] < members[other]:
                yield int(left[one]), int(members[other])
