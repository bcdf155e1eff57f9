"""What a restored backup missed: items that were erased after it was made, and items that it never had.

Source: docs/keys.md; C5.4, C3.4, C2.1.
"""

from __future__ import annotations

import secrets
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc

from clearance.errors import RegisterDamaged
from clearance.identifiers import BatchId, ItemId
from clearance.keeping.erasing import Keeping
from clearance.keeping.journal import Erasure, ErasureReason, ErasureState
from clearance.register import (
    LOST,
    BatchEntry,
    ErasureEntry,
    ItemFilter,
    Tombstone,
    read_entry,
    tombstone_rows,
)

NOT_KNOWN = "not known: the workspace was restored"
"""Who asked for an erasure that the backup missed."""


def missed_erasures(keeping: Keeping) -> list[Erasure]:
    """Return the erasures that the log knows and the control database does not, oldest first.

    Raises:
        RegisterDamaged: one has a reason that this version does not know.
    """
    known = {erasure.id for erasure in keeping.journal.list()}
    missed: list[Erasure] = []
    for index, raw in enumerate(keeping.stores.log.entries()):
        entry = read_entry(raw)
        if not isinstance(entry, ErasureEntry) or entry.erasure in known:
            continue
        sizes = keeping.stores.tombstones.table(entry.erasure).column("bytes")
        try:
            reason = ErasureReason(entry.reason)
        except ValueError as error:
            raise RegisterDamaged(
                f"erasure {entry.erasure}: its reason is unknown to this version"
            ) from error
        missed.append(
            Erasure(
                id=entry.erasure,
                state=ErasureState.ERASING,
                reason=reason,
                counts={
                    "items": entry.size,
                    "pictures": pc.sum(pc.greater(sizes, 0)).as_py() or 0,
                    "bytes": pc.sum(sizes).as_py() or 0,
                },
                sources=(),
                asked_by=NOT_KNOWN,
                recorded_by=NOT_KNOWN,
                begun_at=entry.time,
                done_at=None,
                log_index=index,
            )
        )
    return missed


def lost_stones(keeping: Keeping, *, now: datetime) -> pa.Table:
    """Return a tombstone for every item that the log knows and that has neither a record nor a tombstone."""
    buried = keeping.stores.tombstones.positions()
    accounted = {batch: {position for position, _ in gone} for batch, gone in buried.items()}
    for rows in keeping.stores.items.scan(["batch", "position"], ItemFilter(include_superseded=True)):
        columns = (rows.column(name).to_pylist() for name in ("batch", "position"))
        for batch, position in zip(*columns, strict=True):
            accounted.setdefault(batch, set()).add(position)
    stones = []
    for raw in keeping.stores.log.entries():
        entry = read_entry(raw)
        if not isinstance(entry, BatchEntry):
            continue
        missing = set(range(entry.size)) - accounted.get(entry.batch, set())
        stones += [_stone(entry.batch, position, now=now) for position in sorted(missing)]
    return tombstone_rows(stones)


def _stone(batch: BatchId, position: int, *, now: datetime) -> Tombstone:
    return Tombstone(
        # The item's own id went with its record.
        item=ItemId(f"lost-{secrets.token_hex(8)}"),
        batch=batch,
        position=position,
        source="",
        project="",
        decision=LOST,
        size=0,
        reason=ErasureReason.LOST.value,
        erased_at=now,
    )
