"""Near-identical pictures from one host: how many of its last ones look like a new one. Pure.

A handful of like pictures is a series; hundreds of them in a row are a mistake, or somebody who wants a model
to learn one thing by heart.

Source: Meta, "The TMK+PDQF Video-Hashing Algorithm and the PDQ Image-Hashing Algorithm" (distance and quality
of PDQ codes); C5.2.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

MIN_QUALITY = 50
"""PDQ's own bound: below it a picture is too flat for its code to say what it shows."""
_WORDS = 4
"""A code of 256 bits, as numbers of 64."""
_FIRST_ROWS = 16
"""Most hosts give few pictures: a window begins small and grows to its size."""

Codes = NDArray[np.uint64]


class Window:
    """The codes of a host's last pictures, oldest overwritten first."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._codes: Codes = np.empty((min(_FIRST_ROWS, size), _WORDS), dtype=np.uint64)
        self._filled = 0
        self._next = 0

    def __len__(self) -> int:
        return self._filled

    def near(self, code: bytes, *, max_distance_bits: int) -> int:
        """Count the codes that differ from this one in so many bits at most."""
        differing = np.bitwise_count(self._codes[: self._filled] ^ _words(code)).sum(axis=1)
        return int(np.count_nonzero(differing <= max_distance_bits))

    def add(self, code: bytes) -> None:
        """Take in one more code."""
        if self._next == len(self._codes) < self._size:
            rows = min(2 * len(self._codes), self._size)
            grown: Codes = np.empty((rows, _WORDS), dtype=np.uint64)
            grown[: self._filled] = self._codes[: self._filled]
            self._codes = grown
        self._next %= self._size
        self._codes[self._next] = _words(code)
        self._next += 1
        self._filled = max(self._filled, self._next)

    def preceded_by(self, codes: Iterable[bytes]) -> Window:
        """Return a window in which older codes, oldest first, come before these."""
        whole = Window(self._size)
        for code in codes:
            whole.add(code)
        start = self._next if self._filled == self._size else 0
        for row in range(self._filled):
            whole.add(self._codes[(start + row) % self._size].tobytes())
        return whole


def distance_bits(one: bytes, other: bytes) -> int:
    """Return in how many of their 256 bits two codes differ."""
    return int(np.bitwise_count(_words(one) ^ _words(other)).sum())


def _words(code: bytes) -> Codes:
    return np.frombuffer(code, dtype=np.uint64, count=_WORDS)
