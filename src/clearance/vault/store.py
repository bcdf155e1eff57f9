"""The vault on disk: sealed shards in one folder, their keys and places in the control database.

A shard holds pictures of one source, one licence and one month of expiry, so that a whole source can be made
unreadable by destroying one key, and a shard can be dropped when its month has passed (C3.2, C5.1).
"""

from __future__ import annotations

import contextlib
import os
from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import delete, func, insert, select, update

from clearance.database import Database
from clearance.errors import IntegrityError, ShardDamaged, StorageError
from clearance.identifiers import BatchId, KeyId, ShardId
from clearance.vault.keys import KeyKind, KeyRing
from clearance.vault.roots import sync_folder
from clearance.vault.sealing import ShardReader, ShardWriter
from clearance.vault.tables import keys, shards

_OPEN_SHARDS = 16
"""Shards kept open for reading: one chunk of memory and one file each."""
_IDS_AT_ONCE = 500
"""SQLite takes a thousand values in one statement at the least."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """Where a picture lies."""

    shard: ShardId
    entry: int


class _Open:
    """A shard being written."""

    def __init__(self, path: Path, *, shard: ShardId, key_id: KeyId, key: bytes) -> None:
        self.path = path
        self.partial = path.with_name(f"{path.name}.partial")
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

    def leftovers(self) -> list[Path]:
        """Return the files that no shard is read from: half written ones, and ones that were replaced."""
        with self._database.begin() as connection:
            current = {
                self._path(ShardId(name), generation).name
                for name, generation in connection.execute(select(shards.c.id, shards.c.generation))
            }
        return [path for path in self.directory.iterdir() if path.name not in current and path.is_file()]

    def remove_leftovers(self) -> None:
        """Remove what a crash left half written or half replaced; no run may be writing."""
        try:
            for path in self.leftovers():
                path.unlink()
        except OSError as error:
            raise StorageError(f"{self.directory}: {error.strerror}") from error
        with self._database.begin() as connection:
            connection.execute(
                delete(keys).where(keys.c.kind == KeyKind.SHARD.value, keys.c.id.not_in(select(shards.c.key)))
            )

    def erase(self, shard: str, entries: Collection[int]) -> int:
        """Erase pictures of a shard; returns how many bytes went.

        What stays is sealed anew under another key, each picture in its place; then the old key and the old
        file are destroyed. A shard in which nothing is left goes whole. Doing it again does nothing.

        Raises:
            ShardDamaged: the shard does not open; nothing was changed.
            StorageError: the disk is full or does not answer.
        """
        known = self._row(ShardId(shard))
        if known is None:
            return 0
        try:
            reader = self._reader(ShardId(shard))
            sizes = reader.sizes()
        except IntegrityError:
            # What cannot be opened can still be erased, where nothing else lies in it.
            if not self.holds_only(shard, entries):
                raise
            return self._drop(ShardId(shard), generation=known[1])
        gone = {entry for entry in entries if 0 <= entry < len(sizes) and sizes[entry]}
        if not gone:
            return 0
        stays = {entry for entry, size in enumerate(sizes) if size} - gone
        try:
            if not stays:
                return self._drop(ShardId(shard), generation=known[1])
            self._seal_anew(ShardId(shard), reader, stays, generation=known[1] + 1)
            self._close(ShardId(shard))
            self._path(ShardId(shard), known[1]).unlink(missing_ok=True)
        except OSError as error:
            raise StorageError(f"{self.directory}: {error.strerror}") from error
        return sum(sizes[entry] for entry in gone)

    def holds_only(self, shard: str, entries: Collection[int]) -> bool:
        """Tell whether a shard holds no other pictures than these."""
        with self._database.begin() as connection:
            row = connection.execute(select(shards.c.entries).where(shards.c.id == shard)).first()
        return row is not None and row[0] <= len(set(entries))

    def _drop(self, shard: ShardId, *, generation: int) -> int:
        """Remove a whole shard with its key; returns how many bytes it held."""
        with self._database.begin() as connection:
            size = connection.execute(select(shards.c.bytes).where(shards.c.id == shard)).scalar_one()
        self._forget([shard])
        self._close(shard)
        try:
            self._path(shard, generation).unlink(missing_ok=True)
        except OSError as error:
            raise StorageError(f"{self.directory}: {error.strerror}") from error
        return int(size)

    def erase_source(self, source: str) -> tuple[KeyId, ...]:
        """Erase everything from a source by destroying its keys, then its shards; returns the keys.

        The keys go first: from then on nothing opens, whatever becomes of the files.
        """
        destroyed = self._keyring.destroy_source_keys(source)
        with self._database.begin() as connection:
            query = select(shards.c.id, shards.c.generation).where(shards.c.source == source)
            found = [(ShardId(name), generation) for name, generation in connection.execute(query)]
        self._forget([name for name, _ in found])
        for name, generation in found:
            self._close(name)
            self._path(name, generation).unlink(missing_ok=True)
        return destroyed

    def _seal_anew(self, shard: ShardId, reader: ShardReader, stays: set[int], *, generation: int) -> None:
        """Write a shard's next generation with some of its pictures; it takes the place of the old one."""
        with self._database.begin() as connection:
            query = select(keys.c.id, keys.c.parent).join(shards, shards.c.key == keys.c.id)
            old, parent = connection.execute(query.where(shards.c.id == shard)).one()
        key_id, key = self._keyring.new_shard_key(f"{shard}#{generation}", parent=KeyId(parent))
        path = self._path(shard, generation)
        # What an earlier try left is of no use: its key may be another one.
        path.with_name(f"{path.name}.partial").unlink(missing_ok=True)
        being_written = _Open(path, shard=shard, key_id=key_id, key=key)
        with being_written.file:
            for entry in range(len(reader)):
                being_written.writer.add(reader.read(entry) if entry in stays else b"")
            being_written.writer.finish()
            being_written.file.flush()
            os.fsync(being_written.file.fileno())
        being_written.partial.replace(path)
        sync_folder(self.directory)
        with self._database.begin() as connection:
            connection.execute(
                update(shards)
                .where(shards.c.id == shard)
                .values(
                    key=key_id, generation=generation, bytes=being_written.writer.size, entries=len(stays)
                )
            )
            connection.execute(delete(keys).where(keys.c.id == old))

    def _forget(self, doomed: Sequence[ShardId]) -> None:
        """Remove shards and their keys from the database."""
        with self._database.begin() as connection:
            for start in range(0, len(doomed), _IDS_AT_ONCE):
                part = doomed[start : start + _IDS_AT_ONCE]
                of_part = select(shards.c.key).where(shards.c.id.in_(part))
                connection.execute(delete(keys).where(keys.c.id.in_(of_part)))
                connection.execute(delete(shards).where(shards.c.id.in_(part)))

    def read(self, shard: str, entry: int) -> bytes:
        """Open one picture.

        Raises:
            ShardDamaged: the shard was changed, cut off, moved or is missing.
            WrongKey: its key was destroyed or does not unwrap.
            StorageError: the disk does not answer.
            IntegrityError: it was erased, or never there.
        """
        content = self._reader(ShardId(shard)).read(entry)
        if not content:
            raise IntegrityError(f"shard {shard}, picture {entry}: it was erased")
        return content

    def sizes(self, shard: str) -> tuple[int, ...]:
        """Return how many bytes each picture of a shard has, by its place; 0 where it was erased.

        Raises:
            IntegrityError: there is no such shard, or it does not open.
        """
        return self._reader(ShardId(shard)).sizes()

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
        row = self._row(shard)
        if row is None:
            raise IntegrityError(f"shard {shard}: the vault knows none of that name")
        path = self._path(shard, row[1])
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

    def _row(self, shard: ShardId) -> tuple[str, int] | None:
        """Return a shard's key and generation."""
        query = select(shards.c.key, shards.c.generation).where(shards.c.id == shard)
        with self._database.begin() as connection:
            row = connection.execute(query).first()
        return None if row is None else (row[0], row[1])

    def _close(self, shard: ShardId) -> None:
        reader = self._readers.pop(shard, None)
        if reader is not None:
            reader.close()

    def close(self) -> None:
        """Close the shards that are open for reading."""
        while self._readers:
            self._readers.popitem()[1].close()

    def _path(self, shard: ShardId, generation: int = 0) -> Path:
        return self.directory / (f"{shard}.{generation}.shard" if generation else f"{shard}.shard")
