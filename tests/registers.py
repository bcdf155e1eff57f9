"""Registers for tests: real logs, leaves, records and tombstones, small enough to look at."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from clearance.identifiers import BatchId, Sha256
from clearance.register import (
    BatchEntry,
    ItemRow,
    ItemStore,
    Leaves,
    Log,
    Signer,
    Tombstones,
    Verification,
    canonical,
    commitment,
    verify_register,
)

SIGNER = Signer("example.org/log", bytes(range(32)))
MOMENT = datetime(2026, 11, 23, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Register:
    log: Log
    leaves: Leaves
    items: ItemStore
    tombstones: Tombstones
    root: Path

    def verified(self) -> Verification:
        return verify_register(self.log, self.leaves, self.items, self.tombstones)

    def problems(self) -> str:
        return "; ".join(self.verified().problems)


def row(batch: str, position: int, **record: Any) -> ItemRow:
    full = {
        "item_id": f"{batch}-{position}",
        "url": "https://o'brien.example/x",
        "decision": "kept",
        **record,
    }
    return ItemRow(
        batch=BatchId(batch),
        position=position,
        record=full,
        canonical=canonical(full),
        nonce=secrets.token_bytes(16),
        evidence=b"",
        rules=("reservation:tdmrep",),
        pdq=None,
        collected_at=MOMENT,
        shard="",
        shard_entry=-1,
    )


def seal(register: Register, batch: str, rows: list[ItemRow]) -> None:
    commitments = [commitment(each.nonce, each.canonical) for each in rows]
    top = register.leaves.write(BatchId(batch), commitments)
    register.items.append(rows)
    counts: dict[str, int] = {}
    for each in rows:
        counts[each.record["decision"]] = counts.get(each.record["decision"], 0) + 1
    entry = BatchEntry(
        batch=BatchId(batch), root=top, size=len(rows), policy=Sha256("0" * 64), counts=counts, time=MOMENT
    )
    register.log.append([entry.encode()])
