"""Distances between codes of 256 bits, counted by FAISS over arrays where they lie, mapped files too.

Exact, always: an approximate index could not say that a picture is not in it.

Source: docs/decisions/0014-fingerprints-are-searched-exactly.md.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clearance.fingerprints.fingerprint import CODE_BYTES

Codes = NDArray[np.uint8]
"""n x 32."""


def within(
    queries: Codes, codes: Codes, *, max_bits: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return every pair that differs in at most so many bits: index of the query, index of the code, bits."""
    faiss = _faiss()
    if not len(queries) or not len(codes):
        none = np.zeros(0, np.int64)
        return none, none, none
    queries, codes = _rows(queries), _rows(codes)
    found = faiss.RangeSearchResult(len(queries))
    # The radius is exclusive.
    faiss.hamming_range_search(
        faiss.swig_ptr(queries),
        faiss.swig_ptr(codes),
        len(queries),
        len(codes),
        max_bits + 1,
        CODE_BYTES,
        found,
    )
    ends = faiss.rev_swig_ptr(found.lims, len(queries) + 1).astype(np.int64)
    count = int(ends[-1])
    if not count:
        none = np.zeros(0, np.int64)
        return none, none, none
    query = np.repeat(np.arange(len(queries), dtype=np.int64), np.diff(ends))
    # Copied: the memory goes with the result.
    code = faiss.rev_swig_ptr(found.labels, count).astype(np.int64)
    bits = faiss.rev_swig_ptr(found.distances, count).astype(np.int64)
    return query, code, bits


def distances(queries: Codes, codes: Codes) -> NDArray[np.int32]:
    """Return the bits between every query and every code."""
    faiss = _faiss()
    queries, codes = _rows(queries), _rows(codes)
    bits = np.zeros((len(queries), len(codes)), np.int32)
    if bits.size:
        faiss.hammings(
            faiss.swig_ptr(queries),
            faiss.swig_ptr(codes),
            len(queries),
            len(codes),
            CODE_BYTES,
            faiss.swig_ptr(bits),
        )
    return bits


def _rows(codes: Codes) -> Codes:
    """Return codes as FAISS reads them: whole rows, one behind the other; a mapped file is not copied."""
    if codes.ndim != 2 or codes.shape[1] != CODE_BYTES or codes.dtype != np.uint8:
        raise ValueError(f"codes are rows of {CODE_BYTES} bytes, not {codes.dtype} {codes.shape}")
    return np.ascontiguousarray(codes)


@cache
def _faiss() -> Any:
    # Loaded where it is first needed: most commands look for nothing.
    import faiss  # noqa: PLC0415 - as said above

    # A query is a millisecond of work; threads would only fight for the cores.
    faiss.omp_set_num_threads(1)
    return faiss
