"""The fingerprints of a workspace: segments that are only added to, and a list of those that count.

The list is one small file that is replaced whole; a segment that it does not name is a leftover. What is
removed is first put down in the list, so that no search finds it any more; then the segments that hold it are
written anew without it, and the next list names those. A crash between leaves either list, both true.

All of it can be made again from records and pictures: it goes into no backup.

Source: docs/decisions/0014-fingerprints-are-searched-exactly.md; C3.4, C5.4.
"""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from clearance.errors import IntegrityError, StorageError
from clearance.fingerprints.fingerprint import Code, Fingerprint
from clearance.fingerprints.layers import (
    CODES,
    LOCAL,
    Layer,
    code_arrays,
    is_vectors,
    joined,
    kept,
    local_arrays,
    vector_arrays,
    vectors_of,
)
from clearance.fingerprints.segment import Arrays, open_segment, write_segment
from clearance.identifiers import ItemId

_LIST = "segments.json"
_VERSION = 1
_ATTEMPTS = 5
"""A reader that meets a segment written anew meanwhile reads the list again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentList:
    """Which segments count, and what in them is gone."""

    number: int = 0
    """Of the segment that was last written."""
    segments: Mapping[str, tuple[str, ...]]
    """File names by layer, oldest first."""
    removed: tuple[str, ...] = ()
    """Ids whose rows are still in a segment."""


class Fingerprints:
    """The fingerprints of one workspace; reading needs no lock."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def add_codes(self, codes: Sequence[Code]) -> int:
        """Add the codes of items that have none yet; the workspace is locked; returns how many were added.

        Raises:
            StorageError: the disk is full or does not answer.
        """
        new = self._without_known(CODES, codes)
        if new:
            self._append(CODES, code_arrays(new))
        return len(new)

    def add(self, fingerprints: Sequence[Fingerprint]) -> None:
        """Add fingerprints of items that have none yet; the workspace is locked.

        Raises:
            StorageError: the disk is full or does not answer.
        """
        if new := self._without_known(CODES, fingerprints):
            self._append(CODES, code_arrays(new))
        if new := self._without_known(LOCAL, fingerprints):
            self._append(LOCAL, local_arrays(new))

    def add_vectors(self, model: str, vectors: Mapping[ItemId, NDArray[np.float32]]) -> None:
        """Add an own model's vectors of items that have none yet; those of other models go.

        Args:
            model: SHA-256 of the model's file.
            vectors: of length one.

        Raises:
            StorageError: the disk is full or does not answer.
        """
        layer = vectors_of(model)
        self.settle()
        listed = self._list()
        staying = {
            name: files
            for name, files in listed.segments.items()
            if name == layer.name or not is_vectors(name)
        }
        if staying != dict(listed.segments):
            self._write_list(replace(listed, segments=staying))
            self._remove_leftovers()
        known = frozenset(self.items_with_vectors(model).to_pylist())
        new = {item: vector for item, vector in vectors.items() if item not in known}
        if new:
            self._append(layer, vector_arrays(new))

    def forget(self, items: pa.Array) -> Mapping[str, int]:
        """Remove everything of items, so that no file holds it any more; returns how many had something.

        Raises:
            StorageError: the disk is full or does not answer; called again, it goes on.
        """
        wanted = _as_ids(items.to_pylist())
        listed = self._list()
        ids = [self._ids(name) for name in listed.segments]
        known = np.unique(np.concatenate([_as_ids([]), *ids]))
        gone = known[np.isin(known, wanted)]
        if len(gone):
            removed = sorted({*listed.removed, *(item.decode("ascii") for item in gone.tolist())})
            self._write_list(replace(listed, removed=tuple(removed)))
        self.settle()
        return {"fingerprints": len(gone)}

    def settle(self) -> None:
        """Finish what a crash left half removed or half written; the workspace is locked."""
        listed = self._list()
        if listed.removed:
            gone = _as_ids(listed.removed)
            segments: dict[str, tuple[str, ...]] = {}
            for layer, files in listed.segments.items():
                names: list[str] = []
                for name in files:
                    listed, thinned = self._thinned(listed, layer, name, gone)
                    names += thinned
                segments[layer] = tuple(names)
            self._write_list(replace(listed, segments=segments, removed=()))
        self._remove_leftovers()

    def items(self) -> pa.Array:
        """Return the ids of the items that have a code."""
        return pa.array(self._ids(CODES.name).astype(str), pa.string())

    def examined_items(self) -> pa.Array:
        """Return the ids of the items whose local features were read."""
        return pa.array(self._ids(LOCAL.name).astype(str), pa.string())

    def items_with_vectors(self, model: str) -> pa.Array:
        """Return the ids of the items that have a vector of a model."""
        return pa.array(self._ids(vectors_of(model).name).astype(str), pa.string())

    def segments(self, layer: Layer) -> Iterator[tuple[Arrays, NDArray[np.bool_]]]:
        """Return a layer's segments, each with the mask of the rows that count."""
        yield from self._segments(layer.name)

    def _segments(self, layer: str) -> Iterator[tuple[Arrays, NDArray[np.bool_]]]:
        removed, opened = self._opened(layer)
        for arrays in opened:
            yield arrays, ~np.isin(arrays["ids"], removed)

    def _without_known(self, layer: Layer, new: Sequence[Any]) -> list[Any]:
        self.settle()
        wanted = np.unique(_as_ids([each.item for each in new]))
        known: set[str] = set()
        for arrays, mask in self._segments(layer.name):
            # A few against a million: looked up among the few, the million needs no sorting.
            places = np.minimum(np.searchsorted(wanted, arrays["ids"]), len(wanted) - 1)
            found = arrays["ids"][mask & (wanted[places] == arrays["ids"])] if len(wanted) else wanted
            known.update(item.decode("ascii") for item in found.tolist())
        unknown = {each.item: each for each in new if each.item not in known}
        return list(unknown.values())

    def _ids(self, layer: str) -> NDArray[Any]:
        found = [arrays["ids"][mask] for arrays, mask in self._segments(layer)]
        return np.concatenate([_as_ids([]), *found])

    def _append(self, layer: Layer, arrays: Arrays) -> None:
        """Add rows: smaller segments at the end go into the new one, so that there are few, and old rows are
        rarely written again.
        """
        for start in range(0, len(arrays["ids"]), layer.max_items):
            part = arrays
            if len(arrays["ids"]) > layer.max_items:
                mask = np.zeros(len(arrays["ids"]), bool)
                mask[start : start + layer.max_items] = True
                part = kept(arrays, mask)
            self._append_one(layer, part)

    def _append_one(self, layer: Layer, arrays: Arrays) -> None:
        listed = self._list()
        names = list(listed.segments.get(layer.name, ()))
        parts, rows = [arrays], len(arrays["ids"])
        while names:
            last = open_segment(self._directory / names[-1])
            if len(last["ids"]) > rows or len(last["ids"]) + rows > layer.max_items:
                break
            parts.insert(0, last)
            rows += len(last["ids"])
            names.pop()
        listed, name = self._write(listed, layer.name, joined(parts) if len(parts) > 1 else arrays)
        self._write_list(replace(listed, segments={**listed.segments, layer.name: (*names, name)}))
        self._remove_leftovers()

    def _thinned(
        self, listed: SegmentList, layer: str, name: str, gone: NDArray[Any]
    ) -> tuple[SegmentList, tuple[str, ...]]:
        """Return the names that stand for a segment when rows went out of it: its own, a new one, or none."""
        arrays = open_segment(self._directory / name)
        stays = ~np.isin(arrays["ids"], gone)
        if stays.all():
            return listed, (name,)
        if not stays.any():
            return listed, ()
        listed, written = self._write(listed, layer, kept(arrays, stays))
        return listed, (written,)

    def _write(self, listed: SegmentList, layer: str, arrays: Arrays) -> tuple[SegmentList, str]:
        number = listed.number + 1
        name = f"{layer}-{number:08d}.seg"
        try:
            self._directory.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise StorageError(f"{self._directory}: {error.strerror}") from error
        write_segment(self._directory / name, arrays)
        return replace(listed, number=number), name

    def _opened(self, layer: str) -> tuple[NDArray[Any], list[Arrays]]:
        for _ in range(_ATTEMPTS):
            listed = self._list()
            try:
                names = listed.segments.get(layer, ())
                return _as_ids(listed.removed), [open_segment(self._directory / name) for name in names]
            except FileNotFoundError:
                continue
        raise IntegrityError(
            f"{self._directory}: segments are missing; delete the folder, and `clearance items examine` makes"
            " it again"
        )

    def _list(self) -> SegmentList:
        path = self._directory / _LIST
        try:
            read = json.loads(path.read_bytes())
            if read["version"] != _VERSION:
                raise ValueError("of another version")  # noqa: TRY301 - told as what cannot be read
            return SegmentList(
                number=int(read["number"]),
                segments={name: tuple(files) for name, files in read["segments"].items()},
                removed=tuple(read["removed"]),
            )
        except FileNotFoundError:
            return SegmentList(segments={})
        except OSError as error:
            raise StorageError(f"{path}: {error.strerror}") from error
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise IntegrityError(
                f"{path}: cannot be read; delete the folder, and `clearance items examine` makes it again"
            ) from error

    def _write_list(self, listed: SegmentList) -> None:
        path, partial = self._directory / _LIST, self._directory / f".{_LIST}.new"
        content = {
            "version": _VERSION,
            "number": listed.number,
            "segments": {name: list(files) for name, files in listed.segments.items()},
            "removed": list(listed.removed),
        }
        try:
            with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                file.write(json.dumps(content, indent=1).encode())
                file.flush()
                os.fsync(file.fileno())
            partial.replace(path)
            _sync(self._directory)
        except OSError as error:
            raise StorageError(f"{path}: {error.strerror}") from error

    def _remove_leftovers(self) -> None:
        """Remove files that the list does not name: what a crash left, and what was written anew."""
        named = {name for files in self._list().segments.values() for name in files} | {_LIST}
        try:
            found = list(self._directory.iterdir()) if self._directory.is_dir() else []
            leftovers = [path for path in found if path.name not in named]
            for path in leftovers:
                path.unlink(missing_ok=True)
            if leftovers:
                _sync(self._directory)
        except OSError as error:
            raise StorageError(f"{self._directory}: {error.strerror}") from error


def _as_ids(items: Collection[str]) -> NDArray[Any]:
    return np.array([item.encode("ascii", "replace") for item in items], dtype=np.bytes_).reshape(len(items))


def _sync(directory: Path) -> None:
    """Make renames and removals in a folder last."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
