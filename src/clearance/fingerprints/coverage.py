"""How many items each method could have found: what an answer says beside what it found. Pure but for reading
segments.

Source: C1.2.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from clearance.fingerprints.fingerprint import Method
from clearance.fingerprints.layers import CODES, LOCAL, Layer, vectors_of
from clearance.fingerprints.segment import Arrays
from clearance.fingerprints.store import Fingerprints
from clearance.policy import MatchLimits


def coverage(
    fingerprints: Fingerprints, items: pa.Array, limits: MatchLimits, *, model: str = ""
) -> Mapping[Method, int]:
    """Count the items, of those given, that each method looked at.

    A code of too little quality is looked at by none; nor is a picture without local features. `model` is the
    hash of the own model that is set, or empty.
    """
    wanted = np.array([item.encode("ascii") for item in items.to_pylist()], dtype=np.bytes_)
    clear = _counted(fingerprints, CODES, wanted)
    local = list(_counted(fingerprints, LOCAL, wanted))
    least = limits.min_pdq_quality
    own = {Method.EMBEDDING: _rows(fingerprints, vectors_of(model), wanted)} if model else {}
    return {
        Method.BYTES: len(wanted),
        Method.PDQ: sum(int((arrays["quality"][mask] >= least).sum()) for arrays, mask in clear),
        Method.ISCC: sum(
            int((np.maximum(arrays["quality"], arrays["trimmed_quality"])[mask] >= least).sum())
            for arrays, mask in local
        ),
        Method.LOCAL: sum(
            int((arrays["counts"][mask] >= limits.possible_inliers).sum()) for arrays, mask in local
        ),
        **own,
    }


def _rows(fingerprints: Fingerprints, layer: Layer, wanted: NDArray[np.bytes_]) -> int:
    return sum(int(mask.sum()) for _, mask in _counted(fingerprints, layer, wanted))


def _counted(
    fingerprints: Fingerprints, layer: Layer, wanted: NDArray[np.bytes_]
) -> Iterator[tuple[Arrays, NDArray[np.bool_]]]:
    for arrays, mask in fingerprints.segments(layer):
        yield arrays, mask & np.isin(arrays["ids"], wanted)
