"""Seal a batch: bytes into the vault, records into the item store, the batch's root into the log; all of it
or nothing.

The log's checkpoint is the commit point. A crash before it is rolled back when the workspace is next opened
for collecting, a crash after it is rolled forward: nothing that was sealed is fetched twice, nothing else
leaves a trace.

Source: docs/collect.md, step 6; C2.1, C5.1.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from clearance.collecting.journal import BatchState, Journal, Run
from clearance.collecting.outcome import Considered, Rechecked, Released, Verdict
from clearance.collecting.records import (
    new_item_id,
    packed_evidence,
    rechecked_record,
    record_of,
    released_record,
)
from clearance.identifiers import BatchId, ItemId, Sha256
from clearance.policy import Decision
from clearance.register import (
    NONCE_BYTES,
    BatchEntry,
    ItemRow,
    ItemStore,
    Leaves,
    Log,
    StoredItem,
    Tombstones,
    canonical,
    commitment,
    read_entry,
)
from clearance.vault import Vault

_CONTENT = frozenset({Verdict.KEPT, Verdict.HELD})


@dataclass(frozen=True, slots=True, kw_only=True)
class Stores:
    """Where a batch goes."""

    vault: Vault
    items: ItemStore
    leaves: Leaves
    tombstones: Tombstones
    log: Log
    journal: Journal


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """What every record of a run carries."""

    run: Run
    project: str
    use: str
    policy: Sha256


class Batch:
    """One batch being filled; not shared between threads until `seal` is called, and not used after it."""

    def __init__(self, stores: Stores, *, run: str, policy: Sha256, clock: Callable[[], datetime]) -> None:
        self.id = BatchId(secrets.token_hex(8))
        self._stores = stores
        self._run = run
        self._policy = policy
        self._clock = clock
        self._rows: list[ItemRow] = []
        self._leaves: list[bytes] = []
        self._counts: dict[str, int] = {verdict.value: 0 for verdict in Verdict}
        self._replaced: list[ItemId] = []
        stores.journal.begin_batch(self.id, run=run, policy=policy, now=clock())
        self._writer = stores.vault.open_batch(self.id)

    def __len__(self) -> int:
        return len(self._rows)

    def add(self, considered: Considered, *, project: str, use: str) -> None:
        """Take in one row's outcome: its bytes are sealed at once, its record waits for the batch."""
        evidence = packed_evidence(considered.responses, considered.evidence)
        record = record_of(
            considered, item=new_item_id(), project=project, use=use, evidence=evidence, run=self._run
        )
        shard, entry = self._place(considered)
        self._append(
            record,
            evidence=evidence,
            decision=considered.decision,
            pdq=considered.inspected.pdq if shard and considered.inspected else None,
            decided_at=considered.decided_at,
            shard=shard,
            shard_entry=entry,
        )

    def recheck(self, rechecked: Rechecked) -> None:
        """Take in a picture whose standing a re-check changed: a new record replaces the old one, its bytes
        stay sealed where they are.
        """
        evidence = packed_evidence(rechecked.responses, rechecked.evidence)
        record = rechecked_record(rechecked, item=new_item_id(), evidence=evidence, run=self._run)
        self._replace(
            rechecked.item, record, evidence=evidence, decision=rechecked.decision, decided_at=rechecked.at
        )

    def release(self, released: Released) -> None:
        """Take in a held picture that a person released: a kept record replaces the held one."""
        record = released_record(released, item=new_item_id(), run=self._run)
        # Its clocks go on from when it was taken, or last asked about.
        last_asked = record.get("rechecked_at", record["collected_at"])
        self._replace(
            released.item,
            record,
            evidence=released.item.evidence,
            decision=released.decision,
            decided_at=datetime.fromisoformat(last_asked),
        )

    def _replace(
        self,
        item: StoredItem,
        record: dict[str, Any],
        *,
        evidence: bytes,
        decision: Decision,
        decided_at: datetime,
    ) -> None:
        self._append(
            record,
            evidence=evidence,
            decision=decision,
            pdq=base64.b64decode(record["picture"]["pdq"]),
            decided_at=decided_at,
            shard=item.shard,
            shard_entry=item.shard_entry,
        )

    def _append(
        self,
        record: dict[str, Any],
        *,
        evidence: bytes,
        decision: Decision,
        pdq: bytes | None,
        decided_at: datetime,
        shard: str,
        shard_entry: int,
    ) -> None:
        nonce = secrets.token_bytes(NONCE_BYTES)
        content = canonical(record)
        self._rows.append(
            ItemRow(
                position=len(self._rows),
                batch=self.id,
                record=record,
                canonical=content,
                nonce=nonce,
                evidence=evidence,
                rules=tuple(reason.key for reason in decision.reasons),
                pdq=pdq,
                collected_at=decided_at,
                shard=shard,
                shard_entry=shard_entry,
            )
        )
        self._leaves.append(commitment(nonce, content))
        self._counts[record["decision"]] += 1
        if "replaces" in record:
            self._replaced.append(ItemId(record["replaces"]))

    def seal(self) -> None:
        """Write the batch; runs in a thread of its own while the next batch fills.

        Steps: 1 shards and their keys, 2 leaves, 3 records, 4 the log entry (the commit point), 5 the note
        that it is sealed, 6 the earlier records that these replace.
        """
        if not self._rows:
            self.abandon()
            return
        # 1
        self._writer.finish()
        # 2
        root = self._stores.leaves.write(self.id, self._leaves)
        # 3
        self._stores.items.append(self._rows)
        # 4
        entry = BatchEntry(
            batch=self.id,
            root=root,
            size=len(self._leaves),
            policy=self._policy,
            counts=self._counts,
            time=self._clock(),
        )
        index = self._stores.log.size
        self._stores.log.append([entry.encode()])
        # 5
        self._stores.journal.seal_batch(self.id, log_index=index, items=len(self._rows))
        # 6
        self._stores.items.mark_superseded(self._replaced)

    def abandon(self) -> None:
        """Leave no trace of this batch."""
        self._writer.abandon()
        self._stores.journal.forget_batch(self.id)

    def _place(self, considered: Considered) -> tuple[str, int]:
        if considered.verdict not in _CONTENT or considered.inspected is None or considered.source is None:
            return "", -1
        placed = self._writer.add(
            source=considered.source.name,
            licence=considered.licence,
            expires=considered.expires,
            content=considered.inspected.content,
        )
        return placed.shard, placed.entry


def recover(stores: Stores) -> int:
    """Finish or undo what a crash left half sealed; returns how many batches were undone."""
    stores.vault.remove_leftovers()
    half = stores.journal.batches(state=BatchState.SEALING)
    if not half:
        return 0
    logged = _logged(stores.log, {batch.id for batch in half})
    undone = 0
    for batch in half:
        entry = logged.get(batch.id)
        if entry is not None:
            index, size = entry
            stores.journal.seal_batch(batch.id, log_index=index, items=size)
            stores.items.mark_superseded(stores.items.replaced_by(batch.id))
            continue
        stores.items.delete_batch(batch.id)
        stores.leaves.remove(batch.id)
        stores.vault.discard_batch(batch.id)
        stores.journal.forget_batch(batch.id)
        undone += 1
    return undone


def _logged(log: Log, wanted: set[BatchId]) -> dict[BatchId, tuple[int, int]]:
    """Find batches in the log, newest entries first: a crash leaves them at the end."""
    found: dict[BatchId, tuple[int, int]] = {}
    for index in range(log.size - 1, -1, -1):
        if len(found) == len(wanted):
            break
        entry = read_entry(log.entry(index))
        if isinstance(entry, BatchEntry) and entry.batch in wanted:
            found[entry.batch] = (index, entry.size)
    return found
