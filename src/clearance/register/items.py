"""The item store: one record for every picture that was taken or refused, in a Lance dataset.

The canonical record is what the register commits to; the other columns repeat some of its fields so that they
can be searched, and `register verify` checks that they agree.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import lance
import pyarrow as pa
import pyarrow.compute as pc

from clearance.errors import RegisterDamaged, StorageError
from clearance.identifiers import BatchId, Host, ItemId
from clearance.register.lance_rows import erase_rows, index_rows

MIRRORED = (
    *("item_id", "project", "subject", "url", "host", "source", "basis", "licence", "decision", "sha256"),
    "iscc",
)
"""Columns that repeat a field of the record; where the record has none, they are empty."""
_SCHEMA = pa.schema(
    [
        *(pa.field(name, pa.string()) for name in MIRRORED),
        pa.field("batch", pa.string()),
        pa.field("position", pa.int32()),
        pa.field("rules", pa.list_(pa.string())),
        pa.field("pdq", pa.binary(32)),
        pa.field("collected_at", pa.timestamp("us", tz="UTC")),
        pa.field("shard", pa.string()),
        pa.field("shard_entry", pa.int32()),
        pa.field("nonce", pa.binary(16)),
        pa.field("record", pa.binary()),
        pa.field("evidence", pa.binary()),
        pa.field("superseded", pa.bool_()),
    ]
)
_INDEXED = ("item_id", "batch")
_IDS_AT_ONCE = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemRow:
    """One record with what is kept beside it."""

    batch: BatchId
    position: int
    """Index of its leaf in the batch."""
    record: dict[str, Any]
    canonical: bytes
    nonce: bytes
    evidence: bytes
    rules: tuple[str, ...]
    pdq: bytes | None
    collected_at: datetime
    shard: str
    """Empty where no bytes are kept."""
    shard_entry: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredItem:
    """One record as it was read back."""

    record: dict[str, Any]
    canonical: bytes
    nonce: bytes
    evidence: bytes
    batch: BatchId
    position: int
    shard: str
    shard_entry: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemFilter:
    """Which items are meant; an empty field means any."""

    project: str = ""
    subject: str = ""
    source: str = ""
    host: str = ""
    basis: str = ""
    licence: str = ""
    decision: str = ""
    batch: str = ""
    url: str = ""
    reason: str = ""
    """A rule, with or without the signal that spoke: `reservation` or `reservation:tdmrep`."""
    include_superseded: bool = False
    has_bytes: bool = False
    """Only those whose picture is in the vault."""

    def sql(self) -> str | None:
        """Return the filter for Lance; values from outside are quoted, never spliced in."""
        named = [
            f"{field.name} = {_quoted(getattr(self, field.name))}"
            for field in fields(self)
            if field.name not in ("reason", "include_superseded", "has_bytes") and getattr(self, field.name)
        ]
        if self.reason:
            named.append(f"array_has(rules, {_quoted(self.reason)})")
        if not self.include_superseded:
            named.append("superseded = false")
        if self.has_bytes:
            named.append("shard != ''")
        return " AND ".join(named) or None


class ItemStore:
    """The records of one workspace."""

    def __init__(self, directory: Path) -> None:
        self._uri = str(directory / "items.lance")

    @classmethod
    def create(cls, directory: Path) -> ItemStore:
        """Make an empty store in an existing folder."""
        store = cls(directory)
        lance.write_dataset(_SCHEMA.empty_table(), store._uri, mode="create")
        return store

    @classmethod
    def open(cls, directory: Path) -> ItemStore:
        """Open a store; nothing is read before it is asked for."""
        return cls(directory)

    def lacks_columns(self) -> bool:
        """Tell whether an earlier version made this store, before there were all of today's columns."""
        try:
            return not set(MIRRORED) <= set(self._dataset().schema.names)
        except RegisterDamaged:
            # Whoever reads it is told; what needs no records goes on.
            return False

    def add_columns(self) -> None:
        """Add the columns that the store lacks, empty as records without the field have it; the workspace is
        locked.

        Raises:
            StorageError: the disk is full or does not answer.
        """
        dataset = self._dataset()
        missing = set(MIRRORED) - set(dataset.schema.names)
        try:
            if missing:
                dataset.add_columns(dict.fromkeys(sorted(missing), "''"))
        except (OSError, pa.ArrowException) as error:
            raise StorageError(f"{self._uri}: {error}") from error

    def append(self, rows: Sequence[ItemRow]) -> None:
        """Append records, all or none.

        Raises:
            StorageError: the disk is full or does not answer.
        """
        columns: dict[str, list[Any]] = {
            name: [row.record.get(name, "") for row in rows] for name in MIRRORED
        }
        # A rule is found by its own name and, where a signal spoke, by both.
        columns["rules"] = [
            sorted({key for rule in row.rules for key in (rule, rule.partition(":")[0])}) for row in rows
        ]
        for name in ("batch", "position", "pdq", "collected_at", "shard", "shard_entry", "nonce", "evidence"):
            columns[name] = [getattr(row, name) for row in rows]
        columns["record"] = [row.canonical for row in rows]
        columns["superseded"] = [False] * len(rows)
        try:
            lance.write_dataset(pa.table(columns, schema=_SCHEMA), self._uri, mode="append")
        except (OSError, pa.ArrowException) as error:
            raise StorageError(f"{self._uri}: {error}") from error

    def delete_batch(self, batch: BatchId) -> None:
        """Remove the records of a batch that never reached the log."""
        self._dataset().delete(f"batch = {_quoted(batch)}")

    def erase(self, items: pa.Array | pa.ChunkedArray) -> None:
        """Delete records by their ids, and purge what is deleted from every file of the store (C3.4)."""
        erase_rows(self._uri, items)

    def mark_superseded(self, items: Sequence[ItemId]) -> None:
        """Mark records that a newer one of the same picture replaces."""
        for start in range(0, len(items), _IDS_AT_ONCE):
            part = ", ".join(_quoted(item) for item in items[start : start + _IDS_AT_ONCE])
            self._dataset().update({"superseded": "true"}, where=f"item_id IN ({part})")

    def replaced_by(self, batch: BatchId) -> list[ItemId]:
        """Return the ids of earlier records that a batch's records replace."""
        chosen = ItemFilter(batch=batch, include_superseded=True)
        return [ItemId(item.record["replaces"]) for item in self.records(chosen) if "replaces" in item.record]

    def records(self, chosen: ItemFilter, *, limit: int | None = None) -> Iterator[StoredItem]:
        """Return records in the order they were appended, a batch of rows in memory at a time."""
        columns = ["record", "nonce", "evidence", "batch", "position", "shard", "shard_entry"]
        scanner = self._dataset().scanner(
            columns=columns, filter=chosen.sql(), limit=limit, batch_size=1024, scan_in_order=True
        )
        for batch in scanner.to_batches():
            for row in batch.to_pylist():
                yield _stored(row)

    def latest_pictures(self, host: Host, *, before: datetime, limit: int) -> list[StoredItem]:
        """Return the newest records of a host's pictures that were made before a moment, oldest first."""
        chosen = f"{ItemFilter(host=host).sql()} AND pdq IS NOT NULL AND collected_at < {_moment(before)}"
        dataset = self._dataset()
        skipped = max(0, dataset.count_rows(chosen) - limit)
        scanner = dataset.scanner(
            columns=["record", "nonce", "evidence", "batch", "position", "shard", "shard_entry"],
            filter=chosen,
            limit=limit,
            offset=skipped,
            scan_in_order=True,
        )
        return [_stored(row) for row in scanner.to_table().to_pylist()]

    def urls(self, chosen: ItemFilter) -> Iterator[tuple[str, BatchId]]:
        """Return the URL and batch of records, without reading the records themselves."""
        scanner = self._dataset().scanner(columns=["url", "batch"], filter=chosen.sql(), batch_size=8192)
        for batch in scanner.to_batches():
            yield from zip(batch.column("url").to_pylist(), batch.column("batch").to_pylist(), strict=True)

    def by_ids(self, items: Sequence[ItemId]) -> list[StoredItem]:
        """Return records by their ids, superseded ones too."""
        if not items:
            return []
        wanted = ", ".join(_quoted(item) for item in items)
        columns = ["record", "nonce", "evidence", "batch", "position", "shard", "shard_entry"]
        return [_stored(row) for row in self._table(columns, f"item_id IN ({wanted})").to_pylist()]

    def scan(self, columns: Sequence[str], chosen: ItemFilter) -> Iterator[pa.RecordBatch]:
        """Return columns of records, a batch of rows in memory at a time, in no particular order."""
        scanner = self._dataset().scanner(columns=list(columns), filter=chosen.sql(), batch_size=8192)
        yield from scanner.to_batches()

    def rows(self, columns: Sequence[str], *, key: str, values: pa.Array) -> pa.Table:
        """Return columns of the records, superseded ones too, whose `key` is one of the values."""
        if len(values) <= _IDS_AT_ONCE:
            wanted = ", ".join(_quoted(value) for value in values.to_pylist())
            return self._table(list(columns), f"{key} IN ({wanted})" if wanted else "false")
        every = ItemFilter(include_superseded=True)
        found = [
            rows.filter(pc.is_in(rows.column(key), value_set=values))
            for rows in self.scan([*dict.fromkeys([*columns, key])], every)
        ]
        if not found:
            return self._table(list(columns), "false")
        return pa.Table.from_batches(found).select(list(columns))

    def counts_by(self, column: str, chosen: ItemFilter) -> dict[str, int]:
        """Count records by one of the mirrored columns, most frequent first."""
        counted = pc.value_counts(self._table([column], chosen.sql()).column(column)).to_pylist()
        ordered = sorted(counted, key=lambda entry: (-entry["counts"], entry["values"]))
        return {entry["values"]: entry["counts"] for entry in ordered}

    def mirrors(self, batch: BatchId) -> list[dict[str, Any]]:
        """Return the searchable columns, record and nonce of one batch's rows, by position."""
        columns = [*MIRRORED, "position", "nonce", "record", "batch"]
        columns += ["evidence", "collected_at", "shard", "superseded"]
        rows: list[dict[str, Any]] = self._table(columns, f"batch = {_quoted(batch)}").to_pylist()
        return sorted(rows, key=lambda row: row["position"])

    def batches(self) -> dict[str, int]:
        """Count rows by batch."""
        return self.counts_by("batch", ItemFilter(include_superseded=True))

    def optimise(self) -> None:
        """Join small files, drop old versions, and index once there is enough to find."""
        index_rows(self._uri, _INDEXED)

    def _dataset(self) -> Any:
        try:
            return lance.dataset(self._uri)
        except (OSError, ValueError) as error:
            raise RegisterDamaged(f"{self._uri}: the item store cannot be opened: {error}") from error

    def _table(self, columns: list[str], condition: str | None) -> pa.Table:
        return self._dataset().to_table(columns=columns, filter=condition)


def _stored(row: dict[str, Any]) -> StoredItem:
    try:
        record = json.loads(row["record"])
    except ValueError as error:
        raise RegisterDamaged(
            f"batch {row['batch']}, item {row['position']}: its record cannot be read"
        ) from error
    return StoredItem(
        record=record,
        canonical=row["record"],
        nonce=row["nonce"],
        evidence=row["evidence"] or b"",
        batch=BatchId(row["batch"]),
        position=row["position"],
        shard=row["shard"],
        shard_entry=row["shard_entry"],
    )


def _moment(at: datetime) -> str:
    return f"timestamp '{at.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}'"


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
