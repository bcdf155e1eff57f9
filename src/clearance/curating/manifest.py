"""The manifest of a dataset version on disk: a row a member, each committed to with a chance of its own.

Leaf 0 is the version's head (name, parent, project, policy, audit), the others are its members in their
order. Row and nonce of an erased member go, its leaf stays: the root in the log still holds, and tells
nothing of who is gone.

Source: docs/architecture.md, Stores; RFC 6962 section 2.1; C2.1, C3.4.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from clearance.errors import RegisterDamaged, StorageError, printable
from clearance.identifiers import BatchId, ItemId
from clearance.parts import in_parts
from clearance.register import NONCE_BYTES, Leaves, canonical, commitment

_ROWS = "rows.parquet"
_HEAD = "head.json"
_LEAVES = BatchId("manifest")
_SCHEMA = pa.schema(
    [
        pa.field("position", pa.int32()),
        pa.field("item_id", pa.string()),
        pa.field("nonce", pa.binary()),
        pa.field("row", pa.binary()),
    ]
)
_ROWS_AT_ONCE = 8192
_MAX_PROBLEMS = 100
"""More findings of one version tell nothing new."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One picture of a dataset version, as it was when the version was frozen."""

    item_id: ItemId
    url: str
    host: str
    source: str
    basis: str
    licence: str
    credit: str
    sha256: str
    """Of the bytes as received."""
    content_sha256: str
    """Of the bytes in the vault."""
    iscc: str
    width: int
    height: int
    caption: str
    cluster: str
    """Of near copies; the item's own id where there is none."""
    checked_at: str
    """When its rights signals were last read."""
    collected_at: str


class Manifest:
    """The files of one dataset version, in a folder of its own."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._leaves = Leaves(directory)

    def write(self, head: Mapping[str, Any], members: Iterable[Member]) -> tuple[bytes, int]:
        """Write a new manifest; returns the root over it and how many members it has.

        Raises:
            StorageError: the disk is full or does not answer.
        """
        first = secrets.token_bytes(NONCE_BYTES)
        head_bytes = canonical(dict(head))
        leaves = [commitment(first, head_bytes)]
        try:
            self.directory.mkdir(parents=True, mode=0o700)
            _write(self.directory / _HEAD, json.dumps({"nonce": first.hex(), "head": head_bytes.decode()}))
            with pq.ParquetWriter(self.directory / _ROWS, _SCHEMA, compression="zstd") as file:
                for rows in in_parts(_rows(members), _ROWS_AT_ONCE):
                    leaves += [commitment(row["nonce"], row["row"]) for row in rows]
                    file.write_table(pa.Table.from_pylist(rows, schema=_SCHEMA))
            sync(self.directory / _ROWS)
        except OSError as error:
            raise StorageError(f"{self.directory}: {error.strerror or error}") from error
        return self._leaves.write(_LEAVES, leaves), len(leaves) - 1

    def root(self) -> bytes:
        """Return the root over the leaves as they stand on disk.

        Raises:
            RegisterDamaged: they are missing or cut off.
        """
        return self._leaves.root(_LEAVES)

    def head(self) -> dict[str, Any]:
        """Return the version's head as it was frozen.

        Raises:
            RegisterDamaged: it is missing or cannot be read.
        """
        try:
            return dict(json.loads(json.loads((self.directory / _HEAD).read_bytes())["head"]))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise RegisterDamaged(f"{self.directory}: the head of the version cannot be read") from error

    def members(self) -> Iterator[Member]:
        """Return the members that are still there, in their order.

        Raises:
            RegisterDamaged: the manifest is missing or cannot be read.
        """
        for rows in self._batches(["row"]):
            for row in rows.column("row").to_pylist():
                if row is not None:
                    yield _member(row)

    def items(self) -> pa.Array:
        """Return the ids of the members that are still there."""
        table = self._table(["item_id", "nonce"])
        return table.filter(pc.is_valid(table.column("nonce"))).column("item_id").combine_chunks()

    def erased(self) -> pa.Array:
        """Return the ids of members that were erased since."""
        table = self._table(["item_id", "nonce"])
        return table.filter(pc.is_null(table.column("nonce"))).column("item_id").combine_chunks()

    def forget(self, items: pa.Array) -> int:
        """Destroy rows and nonces of erased members; returns how many there were (C3.4)."""
        table = self._table(_SCHEMA.names)
        gone = pc.and_(
            pc.is_in(table.column("item_id"), value_set=items.cast(pa.string())),
            pc.is_valid(table.column("row")),
        )
        count = int(pc.sum(gone).as_py() or 0)
        if count:
            for name in ("nonce", "row"):
                index = table.schema.get_field_index(name)
                kept = pc.if_else(gone, pa.scalar(None, pa.binary()), table.column(name))
                table = table.set_column(index, _SCHEMA.field(name), kept)
            partial = self.directory / f".{_ROWS}.new"
            try:
                pq.write_table(table, partial, compression="zstd")
                sync(partial)
                partial.replace(self.directory / _ROWS)
            except OSError as error:
                raise StorageError(f"{self.directory}: {error.strerror or error}") from error
        return count

    def problems(self) -> list[str]:
        """Compute every leaf again; returns what does not hold."""
        try:
            leaves = self._leaves.read(_LEAVES)
            head = json.loads((self.directory / _HEAD).read_bytes())
            first = commitment(bytes.fromhex(head["nonce"]), head["head"].encode())
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RegisterDamaged) as error:
            return [f"the head cannot be read: {printable(str(error))}"]
        found = [] if leaves[:1] == [first] else ["the head is not the one that was frozen"]
        try:
            expected = 1
            for rows in self._batches(_SCHEMA.names):
                for row in rows.to_pylist():
                    found += _row_problems(row, leaves, expected)
                    expected += 1
                    if len(found) >= _MAX_PROBLEMS:
                        return [*found, "more problems were not listed"]
        except RegisterDamaged as error:
            return [*found, str(error)]
        if expected != len(leaves):
            found.append(f"{expected - 1} rows, and {len(leaves) - 1} were frozen")
        return found

    def _batches(self, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        try:
            with pq.ParquetFile(self.directory / _ROWS) as file:
                yield from file.iter_batches(batch_size=_ROWS_AT_ONCE, columns=list(columns))
        except (OSError, pa.ArrowException) as error:
            raise RegisterDamaged(f"{self.directory / _ROWS}: the manifest cannot be read") from error

    def _table(self, columns: Sequence[str]) -> pa.Table:
        try:
            return pq.read_table(self.directory / _ROWS, columns=list(columns), memory_map=False)
        except (OSError, pa.ArrowException) as error:
            raise RegisterDamaged(f"{self.directory / _ROWS}: the manifest cannot be read") from error


def _rows(members: Iterable[Member]) -> Iterator[dict[str, Any]]:
    for position, member in enumerate(members, start=1):
        yield {
            "position": position,
            "item_id": member.item_id,
            "nonce": secrets.token_bytes(NONCE_BYTES),
            "row": canonical(asdict(member)),
        }


def _member(row: bytes) -> Member:
    try:
        return Member(**json.loads(row))
    except (ValueError, TypeError) as error:
        raise RegisterDamaged("a row of the manifest cannot be read") from error


def _row_problems(row: Mapping[str, Any], leaves: Sequence[bytes], expected: int) -> list[str]:
    place = f"member {expected}"
    if row["position"] != expected or expected >= len(leaves):
        return [f"{place}: not at its place"]
    if row["row"] is None and row["nonce"] is None:
        return []
    try:
        leaf = commitment(row["nonce"], row["row"])
        item = json.loads(row["row"])["item_id"]
    except (ValueError, KeyError, TypeError):
        return [f"{place}: cannot be read"]
    if leaf != leaves[expected] or item != row["item_id"]:
        return [f"{place}: not the row that was frozen"]
    return []


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    sync(path)


def sync(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
