"""The vault on disk: sealed shards in one folder, their keys and places in the control database.

A shard holds pictures of one source, one licence and one month of expiry, so that a whole source can be made
unreadable by destroying one key, and a shard can be dropped when its month has passed (C3.2, C5.1).
"""

from __future__ import annotations

import contextlib
import os
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import delete, func, insert, select

from clearance.database import Database
from clearance.errors import IntegrityError, ShardDamaged, StorageError
from clearance.identifiers import BatchId, KeyId, ShardId
from clearance.vault.keys import KeyRing, sync_folder
from clearance.vault.sealing import ShardReader, ShardWriter
from clearance.vault.tables import keys, shards

_OPEN_SHARDS = 16
"""Shards kept open for reading: one chunk of memory and one file each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """Where a picture lies."""

    shard: ShardId
    entry: int


class _Open:
    """A shard being written."""

    def __init__(self, path: Path, *, shard: ShardId, key_id: KeyId, key: bytes) -> None:
        self.path = path
        self.partial = path.with_suffix(".partial")
        self.key_id = key_id
        descriptor = os.open(self.partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        self.file = os.fdopen(descriptor, "wb")
        self.writer = ShardWriter(self.file, shard=shard, key=key)


class BatchWriter:
    """Seals the pictures of one batch, a shard for each source, licence and month of expiry."""

    def __init__(self, vault: Vault, batch: BatchId) -> None:
        self._vault = vault
        self._batch = batch
        self._open: dict[tuple[str, str, str], tuple[ShardId, _Open]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.abandon() if kind is not None else self.finish()

    def add(self, *, source: str, licence: str, expires: str, content: bytes) -> Placed:
        """Seal one picture; `expires` is a month, YYYY-MM, or empty.

        Raises:
            StorageError: the disk is full or does not answer.
        """
        group = (source, licence, expires)
        try:
            if group not in self._open:
                shard = ShardId(f"{self._batch}-{len(self._open):04d}")
                self._open[group] = (shard, self._vault.begin_shard(shard, source=source, licence=licence))
            shard, being_written = self._open[group]
            return Placed(shard=shard, entry=being_written.writer.add(content))
        except OSError as error:
            raise StorageError(f"{self._vault.directory}: {error.strerror}") from error

    def finish(self) -> None:
        """Put every shard in its place, on disk for good, and into the database.

        Raises:
            StorageError: the disk is full or does not answer.
        """
        rows = []
        try:
            for (source, licence, expires), (shard, being_written) in self._open.items():
                being_written.writer.finish()
                being_written.file.flush()
                os.fsync(being_written.file.fileno())
                being_written.file.close()
                being_written.partial.rename(being_written.path)
                rows.append(
                    {
                        "id": shard,
                        "batch": self._batch,
                        "source": source,
                        "licence": licence,
                        "expires": expires,
                        "key": being_written.key_id,
                        "bytes": being_written.writer.size,
                        "entries": len(being_written.writer),
                    }
                )
            if rows:
                sync_folder(self._vault.directory)
        except OSError as error:
            raise StorageError(f"{self._vault.directory}: {error.strerror}") from error
        self._vault.record(rows)

    def abandon(self) -> None:
        """Leave nothing of this batch behind."""
        for _, being_written in self._open.values():
            # Closing writes what is buffered, which a full disk refuses again; the file goes either way.
            with contextlib.suppress(OSError):
                being_written.file.close()
            being_written.partial.unlink(missing_ok=True)
        self._open.clear()
        self._vault.discard_batch(self._batch)


class Vault:
    """The sealed pictures of one workspace."""

    def __init__(
        self, directory: Path, *, keyring: KeyRing, database: Database, clock: Callable[[], datetime]
    ) -> None:
        self.directory = directory
        self._keyring = keyring
        self._database = database
        self._clock = clock
        self._readers: OrderedDict[ShardId, ShardReader] = OrderedDict()

    def open_batch(self, batch: BatchId) -> BatchWriter:
        """Begin to seal a batch."""
        return BatchWriter(self, batch)

    def begin_shard(self, shard: ShardId, *, source: str, licence: str) -> _Open:
        """Make a shard's key and file."""
        parent = self._keyring.source_key(source, licence)
        key_id, key = self._keyring.new_shard_key(shard, parent=parent)
        return _Open(self._path(shard), shard=shard, key_id=key_id, key=key)

    def record(self, rows: list[dict[str, object]]) -> None:
        """Write finished shards into the database."""
        if rows:
            with self._database.begin() as connection:
                connection.execute(insert(shards), [{**row, "created_at": self._clock()} for row in rows])

    def discard_batch(self, batch: BatchId) -> None:
        """Remove a batch's shards and keys, as far as they came to be."""
        for path in self.directory.glob(f"{batch}-*"):
            path.unlink()
        with self._database.begin() as connection:
            connection.execute(delete(shards).where(shards.c.batch == batch))
            connection.execute(delete(keys).where(keys.c.id.like(f"shard:{batch}-%")))

    def remove_leftovers(self) -> None:
        """Remove what a crash left half written."""
        for path in self.directory.glob("*.partial"):
            path.unlink()

    def read(self, shard: str, entry: int) -> bytes:
        """Open one picture.

        Raises:
            ShardDamaged: the shard was changed, cut off, moved or is missing.
            WrongKey: its key was destroyed or does not unwrap.
            StorageError: the disk does not answer.
        """
        return self._reader(ShardId(shard)).read(entry)

    def check(self, shard: str) -> int:
        """Authenticate a whole shard; returns how many pictures it holds."""
        reader = self._reader(ShardId(shard))
        reader.check()
        return len(reader)

    def amounts(self) -> Mapping[str, tuple[int, int]]:
        """Return how many pictures and bytes are held from each source."""
        query = select(shards.c.source, func.sum(shards.c.entries), func.sum(shards.c.bytes)).group_by(
            shards.c.source
        )
        with self._database.begin() as connection:
            return {source: (int(count), int(size)) for source, count, size in connection.execute(query)}

    def _reader(self, shard: ShardId) -> ShardReader:
        known = self._readers.get(shard)
        if known is not None:
            self._readers.move_to_end(shard)
            return known
        with self._database.begin() as connection:
            row = connection.execute(select(shards.c.key).where(shards.c.id == shard)).first()
        if row is None:
            raise IntegrityError(f"shard {shard}: the vault knows none of that name")
        path = self._path(shard)
        key = self._keyring.shard_key(KeyId(row[0]))
        try:
            file = path.open("rb")
        except OSError as error:
            raise ShardDamaged(f"{path}: {error.strerror}") from error
        try:
            reader = ShardReader(file, shard=shard, key=key, where=str(path))
        except OSError as error:
            file.close()
            raise StorageError(f"{path}: {error.strerror}") from error
        except BaseException:
            file.close()
            raise
        self._readers[shard] = reader
        if len(self._readers) > _OPEN_SHARDS:
            self._readers.popitem(last=False)[1].close()
        return reader

    def close(self) -> None:
        """Close the shards that are open for reading."""
        while self._readers:
            self._readers.popitem()[1].close()

    def _path(self, shard: ShardId) -> Path:
        return self.directory / f"{shard}.shard"
