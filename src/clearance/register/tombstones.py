"""Tombstones: what stays of an erased item. They name its source, batch, reason and time; never the picture,
its address or a person.

One file an erasure, written once and never changed; its root stands in the log. Together with the log and the
leaves they are the register's trail: without personal data, small, and safe to copy anywhere.

Source: C3.4 (a record naming the source is kept), C2.1; EDPB guidelines 02/2025.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from clearance.errors import RegisterDamaged, StorageError
from clearance.identifiers import BatchId, ErasureId, ItemId
from clearance.register.merkle import leaf_hash, root
from clearance.register.record import NONCE_BYTES, canonical, commitment

TOMBSTONE_VERSION = 1
LOST = "lost"
"""Decision of a tombstone whose record nobody has any more: how the item was decided is not known."""
_NONCE = b"nonce"
_SCHEMA = pa.schema(
    [
        pa.field("item_id", pa.string()),
        pa.field("batch", pa.string()),
        pa.field("position", pa.int32()),
        pa.field("source", pa.string()),
        pa.field("project", pa.string()),
        pa.field("decision", pa.string()),
        pa.field("bytes", pa.int64()),
        pa.field("reason", pa.string()),
        pa.field("erased_at", pa.timestamp("us", tz="UTC")),
    ]
)
_ROWS_AT_ONCE = 65_536


@dataclass(frozen=True, slots=True, kw_only=True)
class Tombstone:
    """What stays of one item."""

    item: ItemId
    batch: BatchId
    position: int
    """Index of the item's leaf in its batch."""
    source: str
    project: str
    decision: str
    size: int
    """Bytes that were kept of it; 0 where there were none."""
    reason: str
    erased_at: datetime


class Tombstones:
    """The tombstones of one workspace, a file for each erasure."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def write(self, erasure: ErasureId, rows: pa.Table) -> None:
        """Keep the tombstones of an erasure, in the columns of `Tombstone`.

        Raises:
            StorageError: the disk is full or does not answer.
        """
        nonce = os.urandom(NONCE_BYTES)
        table = rows.select(_SCHEMA.names).cast(_SCHEMA).replace_schema_metadata({_NONCE: nonce.hex()})
        path = self._path(erasure)
        partial = path.with_name(f".{path.name}.new")
        try:
            self._directory.mkdir(mode=0o700, exist_ok=True)
            pq.write_table(table, partial, compression="zstd")
            with partial.open("rb+") as file:
                os.fsync(file.fileno())
            partial.replace(path)
        except OSError as error:
            raise StorageError(f"{path}: {error.strerror or error}") from error

    def root(self, erasure: ErasureId) -> bytes:
        """Return the root over an erasure's tombstones.

        Raises:
            RegisterDamaged: they are missing or cannot be read.
        """
        return root([leaf_hash(leaf) for leaf in self.commitments(erasure)])

    def remove(self, erasure: ErasureId) -> None:
        """Remove the tombstones of an erasure that never began."""
        self._path(erasure).unlink(missing_ok=True)

    def erasures(self) -> list[ErasureId]:
        """Return the erasures that left tombstones."""
        return sorted(ErasureId(path.stem) for path in self._directory.glob("[!.]*.parquet"))

    def table(self, erasure: ErasureId) -> pa.Table:
        """Return an erasure's tombstones, in the columns of `Tombstone`.

        Raises:
            RegisterDamaged: they are missing or cannot be read.
        """
        path = self._path(erasure)
        try:
            return pq.read_table(path, memory_map=False)
        except (OSError, pa.ArrowException) as error:
            raise RegisterDamaged(f"{path}: the tombstones cannot be read") from error

    def commitments(self, erasure: ErasureId) -> list[bytes]:
        """Return what the log commits to of an erasure's tombstones, in their order.

        Raises:
            RegisterDamaged: they are missing or cannot be read.
        """
        try:
            return list(_commitments(erasure, self.table(erasure)))
        except (ValueError, KeyError, TypeError, pa.ArrowException) as error:
            raise RegisterDamaged(f"{self._path(erasure)}: the tombstones cannot be read") from error

    def find(self, items: Sequence[ItemId]) -> dict[ItemId, tuple[ErasureId, int, Tombstone]]:
        """Return the tombstones of items, each with its erasure and its place there."""
        wanted = pa.array(list(items), pa.string())
        found: dict[ItemId, tuple[ErasureId, int, Tombstone]] = {}
        for erasure in self.erasures():
            table = self.table(erasure)
            for place in pc.indices_nonzero(pc.is_in(table.column("item_id"), wanted)).to_pylist():
                stone = _tombstone(table.slice(place, 1).to_pylist()[0])
                found[stone.item] = (erasure, place, stone)
        return found

    def record(self, erasure: ErasureId, place: int) -> tuple[bytes, bytes]:
        """Return one tombstone's canonical record and the nonce that it is committed to with."""
        table = self.table(erasure)
        row = table.slice(place, 1).to_pylist()[0]
        return canonical(_record(erasure, row)), _nonce(table)

    def positions(self) -> dict[BatchId, list[tuple[int, str]]]:
        """Return which leaves of which batches have a tombstone, and how their items were decided."""
        found: dict[BatchId, list[tuple[int, str]]] = {}
        for erasure in self.erasures():
            for rows in self.table(erasure).select(["batch", "position", "decision"]).to_batches():
                columns = (rows.column(name).to_pylist() for name in ("batch", "position", "decision"))
                for batch, position, decision in zip(*columns, strict=True):
                    found.setdefault(batch, []).append((position, decision))
        return found

    def amounts(self, reasons: Collection[str]) -> dict[str, tuple[int, int]]:
        """Return how many pictures and bytes of each source were erased for one of these reasons."""
        wanted = pa.array(sorted(reasons), pa.string())
        amounts: dict[str, tuple[int, int]] = {}
        for erasure in self.erasures():
            table = self.table(erasure)
            table = table.filter(pc.is_in(table.column("reason"), value_set=wanted))
            held = table.filter(pc.greater(table.column("bytes"), 0))
            sums = held.group_by("source").aggregate([("bytes", "count"), ("bytes", "sum")])
            for row in sums.to_pylist():
                items, size = amounts.get(row["source"], (0, 0))
                amounts[row["source"]] = (items + row["bytes_count"], size + row["bytes_sum"])
        return amounts

    def counts(self) -> dict[str, int]:
        """Count tombstones by the reason of their erasure."""
        counts: dict[str, int] = {}
        for erasure in self.erasures():
            for entry in pc.value_counts(self.table(erasure).column("reason")).to_pylist():
                counts[entry["values"]] = counts.get(entry["values"], 0) + entry["counts"]
        return counts

    def _path(self, erasure: ErasureId) -> Path:
        return self._directory / f"{erasure}.parquet"


def tombstone_rows(stones: Sequence[Tombstone]) -> pa.Table:
    """Return tombstones as the table that `Tombstones.write` takes."""
    columns: dict[str, list[Any]] = {
        "item_id": [stone.item for stone in stones],
        "bytes": [stone.size for stone in stones],
    }
    for name in ("batch", "position", "source", "project", "decision", "reason", "erased_at"):
        columns[name] = [getattr(stone, name) for stone in stones]
    return pa.table(columns, schema=_SCHEMA)


def _commitments(erasure: ErasureId, table: pa.Table) -> Iterator[bytes]:
    nonce = _nonce(table)
    for rows in table.to_batches(max_chunksize=_ROWS_AT_ONCE):
        for row in rows.to_pylist():
            yield commitment(nonce, canonical(_record(erasure, row)))


def _nonce(table: pa.Table) -> bytes:
    # One for the whole erasure: the item ids are random themselves, so that nobody can guess a tombstone.
    return bytes.fromhex((table.schema.metadata or {})[_NONCE].decode("ascii"))


def _record(erasure: ErasureId, row: dict[str, Any]) -> dict[str, Any]:
    moment: datetime = row["erased_at"]
    return {
        **row,
        "version": TOMBSTONE_VERSION,
        "kind": "tombstone",
        "erasure": erasure,
        "erased_at": moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
    }


def _tombstone(row: dict[str, Any]) -> Tombstone:
    return Tombstone(
        item=ItemId(row["item_id"]),
        batch=BatchId(row["batch"]),
        position=row["position"],
        source=row["source"],
        project=row["project"],
        decision=row["decision"],
        size=row["bytes"],
        reason=row["reason"],
        erased_at=row["erased_at"].astimezone(UTC),
    )
