"""One file of fingerprints: named arrays, written once, read where they lie.

A segment is never changed. It appears whole, by a rename, and what is to go out of it goes into a new one.

Source: docs/decisions/0014-fingerprints-are-searched-exactly.md.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clearance.errors import IntegrityError, StorageError

Arrays = Mapping[str, NDArray[Any]]

_MAGIC = b"CLRFP\x00\x01\n"
_LENGTH_BYTES = 4
_MAX_HEAD_BYTES = 1 << 16
_ALIGNED = 64
"""A cache line: FAISS reads words of 8 bytes."""
_KINDS = frozenset("uSf")
_REBUILT = "it is made from the records: delete the folder, and `clearance items examine` makes it again"


def write_segment(path: Path, arrays: Arrays) -> None:
    """Write arrays into a new file; it appears when it is whole.

    Raises:
        StorageError: the disk is full or does not answer.
    """
    ready = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    head = json.dumps(
        {name: [array.dtype.str, list(array.shape)] for name, array in ready.items()}, separators=(",", ":")
    ).encode()
    partial = path.with_name(f".{path.name}.new")
    try:
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(_MAGIC + len(head).to_bytes(_LENGTH_BYTES, "big") + head)
            for array in ready.values():
                file.write(b"\0" * (-file.tell() % _ALIGNED))
                file.write(array.reshape(-1).view(np.uint8).data if array.size else b"")
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except OSError as error:
        raise StorageError(f"{path}: {error.strerror or error}") from error


def open_segment(path: Path) -> Arrays:
    """Map a file's arrays into memory; nothing is read before it is looked at.

    Raises:
        FileNotFoundError: it is gone: another process wrote it anew.
        IntegrityError: it is damaged.
    """
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        if file.read(len(_MAGIC)) != _MAGIC:
            raise IntegrityError(f"{path}: not a file of fingerprints; {_REBUILT}")
        length = int.from_bytes(file.read(_LENGTH_BYTES), "big")
        try:
            head = json.loads(file.read(min(length, _MAX_HEAD_BYTES)))
            return _mapped(file, head, at=len(_MAGIC) + _LENGTH_BYTES + length, size=size)
        except (ValueError, TypeError, AttributeError) as error:
            raise IntegrityError(f"{path}: damaged; {_REBUILT}") from error


def _mapped(file: Any, head: Mapping[str, Any], *, at: int, size: int) -> Arrays:
    arrays: dict[str, NDArray[Any]] = {}
    for name, (kind, shape) in head.items():
        dtype = np.dtype(kind)
        if dtype.kind not in _KINDS or any(side < 0 for side in shape):
            raise ValueError(f"{name}: of an unknown kind")
        at += -at % _ALIGNED
        if not all(shape):
            arrays[name] = np.zeros(shape, dtype)
            continue
        end = at + dtype.itemsize * int(np.prod(shape, dtype=object))
        if end > size:
            raise ValueError(f"{name}: cut off")
        arrays[name] = np.memmap(file, dtype=dtype, mode="r", offset=at, shape=tuple(shape)).view(np.ndarray)
        at = end
    return arrays
