"""What a segment of each layer holds, and how segments are joined and thinned. Pure.

Two layers: codes, which every item has from the day it was collected, and what was read from its pixels
later.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clearance.fingerprints.fingerprint import CODE_BYTES, Code, Fingerprint
from clearance.fingerprints.segment import Arrays
from clearance.fingerprints.voting import BandIndex, band_index
from clearance.identifiers import ItemId

_VECTORS = "vectors-"
_POINT_ARRAYS = ("points", "descriptors")
_INDEX_ARRAYS = ("band_order", "band_values")
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """A kind of segment."""

    name: str
    max_items: int
    """Of one segment: what removing one item writes anew, and what is mapped at once, stay bounded."""


CODES = Layer(name="codes", max_items=1 << 20)
LOCAL = Layer(name="local", max_items=1 << 14)


def vectors_of(model: str) -> Layer:
    """Return the layer of an own model's vectors, named after the hash of its file: vectors of two models are
    never compared.
    """
    return Layer(name=f"{_VECTORS}{model}", max_items=1 << 16)


def is_vectors(name: str) -> bool:
    """Tell whether a layer's name is that of an own model's."""
    return name.startswith(_VECTORS)


def code_arrays(codes: Sequence[Code | Fingerprint]) -> Arrays:
    """Return PDQ codes as arrays."""
    return {
        "ids": _ids([code.item for code in codes]),
        "quality": np.array([code.pdq_quality for code in codes], np.uint8),
        "pdq": _rows([code.pdq for code in codes]),
    }


def local_arrays(fingerprints: Sequence[Fingerprint]) -> Arrays:
    """Return what was read from pixels as arrays, indexed for voting."""
    none = b"\0" * CODE_BYTES
    arrays: Arrays = {
        "ids": _ids([each.item for each in fingerprints]),
        "quality": np.array([each.pdq_quality for each in fingerprints], np.uint8),
        "pdq_trimmed": _rows([each.pdq_trimmed or none for each in fingerprints]),
        # Of no quality where there is no border.
        "trimmed_quality": np.array(
            [each.pdq_trimmed_quality if each.pdq_trimmed else 0 for each in fingerprints], np.uint8
        ),
        "iscc": _rows([each.iscc for each in fingerprints]),
        "sizes": np.array([(each.width, each.height) for each in fingerprints], np.uint16).reshape(-1, 2),
        "counts": np.array([len(each.points) for each in fingerprints], np.uint16),
        "points": np.concatenate([np.zeros((0, 2), np.uint16), *(each.points for each in fingerprints)]),
        "descriptors": np.concatenate(
            [np.zeros((0, CODE_BYTES), np.uint8), *(each.descriptors for each in fingerprints)]
        ),
    }
    return _indexed(arrays)


def vector_arrays(vectors: Mapping[ItemId, NDArray[np.float32]]) -> Arrays:
    """Return vectors of one model as arrays."""
    return {"ids": _ids(list(vectors)), "vectors": np.stack([*vectors.values()]).astype(np.float32)}


def joined(parts: Sequence[Arrays]) -> Arrays:
    """Return the rows of several segments of one layer, in their order."""
    names = [name for name in parts[0] if name not in _INDEX_ARRAYS]
    return _indexed({name: np.concatenate([part[name] for part in parts]) for name in names})


def kept(arrays: Arrays, mask: Mask) -> Arrays:
    """Return the rows of a segment that a mask says, with what belongs to them."""
    thinned: dict[str, NDArray[Any]] = {}
    point_mask = np.repeat(mask, arrays["counts"]) if "counts" in arrays else mask
    for name, array in arrays.items():
        if name not in _INDEX_ARRAYS:
            thinned[name] = array[point_mask if name in _POINT_ARRAYS else mask]
    return _indexed(thinned)


def index_of(arrays: Arrays) -> BandIndex:
    """Return the index that a segment's descriptors are found by."""
    return BandIndex(order=arrays["band_order"], values=arrays["band_values"])


def _indexed(arrays: Arrays) -> Arrays:
    if "descriptors" not in arrays:
        return arrays
    index = band_index(arrays["descriptors"])
    return {**arrays, "band_order": index.order, "band_values": index.values}


def _ids(items: Sequence[str]) -> NDArray[Any]:
    return np.array([item.encode("ascii") for item in items], dtype=np.bytes_)


def _rows(codes: Sequence[bytes]) -> NDArray[np.uint8]:
    if any(len(code) != CODE_BYTES for code in codes):
        raise ValueError(f"a code has {CODE_BYTES} bytes")
    return np.frombuffer(b"".join(codes), np.uint8).reshape(len(codes), CODE_BYTES)
