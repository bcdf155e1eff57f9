"""A stream cut into parts: what is asked of a database, or held in memory, at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

_T = TypeVar("_T")


def in_parts(values: Iterable[_T], size: int) -> Iterator[list[_T]]:
    """Return values in lists of at most so many, in their order; `itertools.batched` from Python 3.12 on."""
    stream = iter(values)
    while part := list(islice(stream, size)):
        yield part
