"""Compute the whole register again, and prove single items of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from clearance.errors import RegisterDamaged
from clearance.identifiers import BatchId
from clearance.register.entries import BatchEntry, read_entry
from clearance.register.items import MIRRORED, ItemStore, StoredItem
from clearance.register.leaves import Leaves
from clearance.register.log import Log
from clearance.register.merkle import leaf_hash, root
from clearance.register.proof import item_extra, write_proof
from clearance.register.record import canonical, commitment

_MAX_PROBLEMS = 1000
"""More findings of one kind tell nothing new; the rest is counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What was computed again, and what did not hold."""

    entries: int
    items: int
    checkpoint: str
    problems: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Tell whether everything held."""
        return not self.problems


def verify_register(log: Log, leaves: Leaves, items: ItemStore) -> Verification:
    """Compute log, leaves and records again; memory holds one batch at a time.

    Steps: 1 the log against its signed checkpoint; 2 each batch's leaves against its log entry; 3 each record
    against its leaf, and its columns against the record; 4 no record stands outside the log.

    Source: docs/architecture.md, Stores; C2.1.
    """
    # 1
    problems = log.problems()
    counted = 0
    unlogged = items.batches()
    for index, raw in enumerate(log.entries()) if not problems else ():
        try:
            entry = read_entry(raw)
        except RegisterDamaged as error:
            problems.append(f"log entry {index}: {error}")
            continue
        if not isinstance(entry, BatchEntry):
            continue
        unlogged.pop(entry.batch, None)
        # 2 and 3
        found, rows = _batch_problems(entry, leaves, items)
        counted += rows
        problems += found
        if len(problems) >= _MAX_PROBLEMS:
            problems.append("more problems were not listed")
            break
    # 4
    if len(problems) < _MAX_PROBLEMS:
        problems += [
            f"batch {batch}: {rows} records that the log does not know" for batch, rows in unlogged.items()
        ]
    return Verification(
        entries=log.size, items=counted, checkpoint=log.checkpoint_text, problems=tuple(problems)
    )


def prove_item(log: Log, leaves: Leaves, item: StoredItem) -> str:
    """Return a proof that an item's record is in the log.

    Raises:
        RegisterDamaged: its batch is not in the log, or its leaves do not give the batch's root.
    """
    for index in range(log.size - 1, -1, -1):
        raw = log.entry(index)
        entry = read_entry(raw)
        if isinstance(entry, BatchEntry) and entry.batch == item.batch:
            break
    else:
        raise RegisterDamaged(f"batch {item.batch}: not in the log")
    extra = item_extra(
        entry=raw,
        record=item.canonical,
        nonce=item.nonce,
        position=item.position,
        commitments=leaves.read(item.batch),
    )
    return write_proof(extra=extra, index=index, path=log.prove(index), checkpoint=log.checkpoint_text)


def _batch_problems(entry: BatchEntry, leaves: Leaves, items: ItemStore) -> tuple[list[str], int]:
    where = f"batch {entry.batch}"
    try:
        commitments = leaves.read(entry.batch)
    except RegisterDamaged as error:
        return [str(error)], 0
    problems: list[str] = []
    if len(commitments) != entry.size or root([leaf_hash(each) for each in commitments]) != entry.root:
        problems.append(f"{where}: its leaves do not give the root in the log")
    rows = items.mirrors(BatchId(entry.batch))
    counts: dict[str, int] = {}
    positions = [row["position"] for row in rows]
    if positions != list(range(entry.size)):
        missing = sorted(set(range(entry.size)) - set(positions))
        problems.append(f"{where}: {len(missing)} of {entry.size} records are missing, or stand twice")
    for row in rows:
        counts[row["decision"]] = counts.get(row["decision"], 0) + 1
        if not 0 <= row["position"] < len(commitments):
            problems.append(f"{where}, item {row['item_id']}: it has no leaf")
            continue
        wrong = _row_problem(row, commitments[row["position"]])
        if wrong:
            problems.append(f"{where}, item {row['item_id']}: {wrong}")
    if {name: count for name, count in entry.counts.items() if count} != counts:
        problems.append(f"{where}: its records are not decided as the log counts them")
    return problems, len(rows)


def _row_problem(row: dict[str, Any], leaf: bytes) -> str:
    if commitment(row["nonce"], row["record"]) != leaf:
        return "its record is not the one that the log commits to"
    try:
        record = json.loads(row["record"])
        if canonical(record) != row["record"]:
            return "its record is not in canonical form"
    except ValueError:
        return "its record cannot be read"
    wrong = [name for name in MIRRORED if row[name] != record.get(name, "")]
    return f"its columns {', '.join(wrong)} differ from the record" if wrong else ""
