"""Erase: bytes, records, nonces, fingerprints, evidence and every other trace of chosen items, so that only
their tombstones stay.

The note in the journal is the commit point. A crash before it leaves nothing behind; a crash after it is
rolled forward when the workspace is next opened: each step can be done again, and does nothing then.

Source: docs/keep.md; C3.2, C3.4, C5.1, C5.4.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.compute as pc

from clearance.collecting import Stores
from clearance.database import Database
from clearance.errors import IntegrityError, ShardDamaged, StorageError
from clearance.identifiers import ErasureId, KeyId, Sha256, sha256_of
from clearance.keeping.certificate import Checked, certificate_of
from clearance.keeping.choosing import COLUMNS, served_from
from clearance.keeping.journal import Erasure, ErasureJournal, ErasureReason, ErasureState
from clearance.keeping.suppression import Kind, Suppression
from clearance.register import ErasureEntry, read_entry


class Traces(Protocol):
    """A place where items leave traces beside their records and bytes."""

    def forget(self, items: pa.Array) -> Mapping[str, int]:
        """Remove every trace of items whose records are still there; returns counts for the certificate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeping:
    """What an erasure works on."""

    stores: Stores
    database: Database
    journal: ErasureJournal
    suppression: Suppression
    traces: tuple[Traces, ...]
    certificates: Path


class Eraser:
    """Erases; the workspace must be locked."""

    def __init__(
        self, keeping: Keeping, *, actor: str, policy: Callable[[], Sha256], clock: Callable[[], datetime]
    ) -> None:
        self._keeping = keeping
        self._actor = actor
        self._stores = keeping.stores
        self._policy = policy
        self._clock = clock

    def erase(
        self,
        chosen: pa.Table,
        *,
        reason: ErasureReason,
        asked_by: str,
        sources: Sequence[str] = (),
        others: Mapping[str, int] | None = None,
    ) -> Erasure:
        """Erase chosen records, in the columns `choosing.COLUMNS`, and everything else of them.

        Args:
            chosen: the records; every record of the same picture must be among them.
            reason: why.
            asked_by: who asked; stands in the certificate, not in the log.
            sources: sources that go whole, with their keys.
            others: counts of what was erased beside items, for the certificate.

        Raises:
            StorageError: the disk is full or does not answer; a later opening goes on.
        """
        now = self._clock()
        erasure = ErasureId(secrets.token_hex(8))
        sizes = self._sizes(chosen)
        stones = _stones(chosen, sizes, reason=reason, now=now)
        self._stores.tombstones.write(erasure, stones)
        begun = Erasure(
            id=erasure,
            state=ErasureState.ERASING,
            reason=reason,
            counts={**_counts(chosen, sizes), **(others or {})},
            sources=tuple(sources),
            asked_by=asked_by,
            recorded_by=self._actor,
            begun_at=now,
            done_at=None,
            log_index=None,
        )
        self._keeping.journal.begin(begun)
        return self.finish(begun)

    def is_interrupted(self) -> bool:
        """Tell whether a crash left an erasure half begun or half done."""
        known = {erasure.id: erasure.state for erasure in self._keeping.journal.list()}
        return ErasureState.ERASING in known.values() or bool(
            set(self._stores.tombstones.erasures()) - set(known)
        )

    def recover(self) -> int:
        """Bring erasures that a crash interrupted to their end; returns how many there were."""
        logged = self._logged()
        known = {erasure.id for erasure in self._keeping.journal.list()}
        for leftover in set(self._stores.tombstones.erasures()) - known - set(logged):
            self._stores.tombstones.remove(leftover)
        begun = self._keeping.journal.list(state=ErasureState.ERASING)
        for erasure in begun:
            if erasure.id in logged:
                # The log is told last: all that is missing is the note.
                self._keeping.journal.end(erasure.id, log_index=logged[erasure.id], now=self._clock())
            else:
                self.finish(erasure)
        return len(begun)

    def finish(self, erasure: Erasure) -> Erasure:
        """Bring an erasure that was begun to its end.

        Steps: 1 what must not come back is noted; 2 the bytes: keys and shards; 3 traces elsewhere; 4 the
        records; 5 what the engines keep of deleted rows; 6 whether anything is left; 7 the certificate; 8 the
        log; 9 the note that it is done.
        """
        done, keys, checked = self._take(erasure)
        # 7
        now = self._clock()
        root = self._stores.tombstones.root(erasure.id)
        certificate = certificate_of(
            done,
            root=root,
            checked=checked,
            keys=keys,
            policy=self._policy(),
            done_at=now,
            database=self._keeping.database.kind,
        )
        # 8
        index = self._log(done, root=root, certificate=certificate, now=now)
        # 9
        self._keeping.journal.end(erasure.id, log_index=index, now=now)
        return replace(done, state=ErasureState.DONE, done_at=now, log_index=index)

    def repeat(self, erasure: Erasure) -> int:
        """Erase again what a restored backup brought back of an erasure that the log knows; returns how many
        records there were.

        Its tombstones are there, and so is its entry in the log; its certificate may be lost.
        """
        found = self._stores.tombstones.table(erasure.id).column("item_id").combine_chunks()
        count = int(self._stores.items.rows(["item_id"], key="item_id", values=found).num_rows)
        done, _, _ = self._take(erasure)
        self._keeping.journal.begin(done)
        if erasure.log_index is not None:
            # Done when the log says: that it had to be done again moves no deadline.
            self._keeping.journal.end(erasure.id, log_index=erasure.log_index, now=erasure.begun_at)
        return count

    def declare_lost(self, stones: pa.Table, *, asked_by: str) -> Erasure:
        """Say of items that the log knows and whose records nobody has any more that they are lost."""
        erasure = ErasureId(secrets.token_hex(8))
        self._stores.tombstones.write(erasure, stones)
        begun = Erasure(
            id=erasure,
            state=ErasureState.ERASING,
            reason=ErasureReason.LOST,
            counts={"items": stones.num_rows, "pictures": 0, "bytes": 0},
            sources=(),
            asked_by=asked_by,
            recorded_by=self._actor,
            begun_at=self._clock(),
            done_at=None,
            log_index=None,
        )
        self._keeping.journal.begin(begun)
        return self.finish(begun)

    def _take(self, erasure: Erasure) -> tuple[Erasure, list[KeyId], Checked]:
        """Do steps 1 to 6."""
        stones = self._stores.tombstones.table(erasure.id)
        items = stones.column("item_id").combine_chunks()
        columns = [*COLUMNS, "record"] if erasure.reason.is_for_good else COLUMNS
        rows = self._stores.items.rows(columns, key="item_id", values=items)
        # 1
        if erasure.reason.is_for_good:
            self._suppress(rows, erasure.reason)
        # 2
        keys = self._erase_bytes(rows, erasure.sources)
        # 3
        counts = dict(erasure.counts)
        if rows.num_rows:
            for place in self._keeping.traces:
                counts.update(place.forget(items))
            self._keeping.journal.note(erasure.id, counts)
        # 4
        self._stores.items.erase(items)
        # 5
        self._stores.vault.remove_leftovers()
        self._keeping.database.forget_deleted()
        # 6
        checked = self._check(rows, items)
        return replace(erasure, counts=counts), keys, checked

    def _suppress(self, rows: pa.Table, reason: ErasureReason) -> None:
        """Note what is not collected again: what is not needed, for its project; the rest, for any."""
        everywhere = reason is not ErasureReason.NOT_NEEDED
        projects = [""] * rows.num_rows if everywhere else rows.column("project").to_pylist()
        now = self._clock()
        urls = zip(rows.column("url").to_pylist(), projects, strict=True)
        served = zip(map(served_from, rows.column("record").to_pylist()), projects, strict=True)
        self._keeping.suppression.add(Kind.URL, [*urls, *served], reason=reason.value, now=now)
        if everywhere:
            pictures = zip(rows.column("sha256").to_pylist(), projects, strict=True)
            self._keeping.suppression.add(Kind.PICTURE, pictures, reason=reason.value, now=now)

    def _erase_bytes(self, rows: pa.Table, sources: Sequence[str]) -> list[KeyId]:
        keys: list[KeyId] = []
        for source in sources:
            keys += self._stores.vault.erase_source(source)
        for shard, entries in _places(rows).items():
            self._stores.vault.erase(shard, entries)
        return keys

    def _check(self, rows: pa.Table, items: pa.Array) -> Checked:
        """Look for what should be gone: every record, and every picture by its old place."""
        found = self._stores.items.rows(["item_id"], key="item_id", values=items).num_rows
        tried = opened = 0
        for shard, entries in _places(rows).items():
            tried += len(entries)
            try:
                sizes = self._stores.vault.sizes(shard)
            except IntegrityError:
                continue
            opened += sum(1 for entry in entries if entry < len(sizes) and sizes[entry])
        if found or opened:
            raise IntegrityError(f"after the erasure {found} records and {opened} pictures are still there")
        return Checked(records_found=found, pictures_tried=tried, pictures_opened=opened)

    def _log(self, erasure: Erasure, *, root: bytes, certificate: bytes, now: datetime) -> int:
        """Put the erasure with the hash of its certificate into the log; returns its place there."""
        log = self._stores.log
        _write(self._keeping.certificates / f"{erasure.id}.json", certificate)
        entry = ErasureEntry(
            erasure=erasure.id,
            root=root,
            size=int(erasure.counts["items"]),
            reason=erasure.reason.value,
            certificate=sha256_of(certificate),
            time=now,
        )
        log.append([entry.encode()])
        return log.size - 1

    def _logged(self) -> dict[ErasureId, int]:
        entries = enumerate(read_entry(raw) for raw in self._stores.log.entries())
        return {entry.erasure: index for index, entry in entries if isinstance(entry, ErasureEntry)}

    def blocked(self, chosen: pa.Table) -> dict[str, str]:
        """Return the shards that chosen pictures cannot be taken out of, and why: they are damaged, and other
        pictures lie in them, too.
        """
        found: dict[str, str] = {}
        for shard, entries in _places(chosen).items():
            if self._stores.vault.holds_only(shard, entries):
                continue
            try:
                self._stores.vault.check(shard)
            except IntegrityError as error:
                found[shard] = str(error)
        return found

    def _sizes(self, chosen: pa.Table) -> list[int]:
        """Return how many bytes each record keeps; bytes that several records speak of count once.

        Raises:
            ShardDamaged: a shard that other pictures stay in does not open whole: nothing was begun.
            IntegrityError: a record speaks of a picture that is not in its place.
        """
        blocked = self.blocked(chosen)
        if blocked:
            raise ShardDamaged(
                f"{min(blocked.values())}; other pictures lie in it, too: restore the file from a backup, or"
                " erase everything in it"
            )
        known: dict[str, Sequence[int]] = {}
        for shard, entries in _places(chosen).items():
            try:
                known[shard] = self._stores.vault.sizes(shard)
            except IntegrityError:
                # It goes whole; what each picture had nobody can tell any more.
                known[shard] = [1] * (max(entries) + 1)
            if not all(0 <= entry < len(known[shard]) and known[shard][entry] for entry in entries):
                raise IntegrityError(
                    f"shard {shard}: a record speaks of a picture that is not there; `clearance register"
                    " verify` tells which"
                )
        seen: set[tuple[str, int]] = set()
        sizes: list[int] = []
        columns = (chosen.column(name).to_pylist() for name in ("shard", "shard_entry"))
        for shard, entry in zip(*columns, strict=True):
            is_counted = not shard or (shard, entry) in seen
            seen.add((shard, entry))
            sizes.append(0 if is_counted else known[shard][entry])
        return sizes


def _stones(chosen: pa.Table, sizes: Sequence[int], *, reason: ErasureReason, now: datetime) -> pa.Table:
    count = chosen.num_rows
    kept = chosen.select(["item_id", "batch", "position", "source", "project", "decision"])
    return (
        kept.append_column("bytes", pa.array(sizes, pa.int64()))
        .append_column("reason", pa.array([reason.value] * count, pa.string()))
        .append_column("erased_at", pa.array([now] * count, pa.timestamp("us", tz="UTC")))
    )


def _counts(chosen: pa.Table, sizes: Sequence[int]) -> dict[str, Any]:
    counts: dict[str, Any] = {
        "items": chosen.num_rows,
        "pictures": sum(1 for size in sizes if size),
        "bytes": sum(sizes),
    }
    for name in ("source", "project", "decision"):
        values = pc.value_counts(chosen.column(name)).to_pylist()
        counts[f"by_{name}"] = {entry["values"]: entry["counts"] for entry in values}
    return counts


def _places(rows: pa.Table) -> dict[str, set[int]]:
    """Return which pictures of which shards records speak of."""
    places: dict[str, set[int]] = {}
    columns = (rows.column(name).to_pylist() for name in ("shard", "shard_entry"))
    for shard, entry in zip(*columns, strict=True):
        if shard:
            places.setdefault(shard, set()).add(entry)
    return places


def _write(path: Path, content: bytes) -> None:
    """Write a certificate whole, for its owner's eyes."""
    partial = path.with_name(f".{path.name}.new")
    try:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except OSError as error:
        raise StorageError(f"{path}: {error.strerror}") from error
