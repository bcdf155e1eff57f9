"""Compute the whole register again, and prove single items of it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from clearance.errors import RegisterDamaged
from clearance.identifiers import BatchId, ErasureId, ItemId, sha256_of
from clearance.register.entries import BatchEntry, ErasureEntry, read_entry
from clearance.register.items import MIRRORED, ItemFilter, ItemStore, StoredItem
from clearance.register.leaves import Leaves
from clearance.register.log import Log
from clearance.register.merkle import leaf_hash, root
from clearance.register.proof import item_extra, write_proof
from clearance.register.record import canonical, commitment
from clearance.register.tombstones import LOST, Tombstones

_MAX_PROBLEMS = 1000
"""More findings of one kind tell nothing new; the rest is counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What was computed again, and what did not hold."""

    entries: int
    items: int
    erased: int
    checkpoint: str
    problems: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Tell whether everything held."""
        return not self.problems


def verify_register(log: Log, leaves: Leaves, items: ItemStore, tombstones: Tombstones) -> Verification:
    """Compute log, leaves, records and tombstones again; memory holds one batch of records at a time.

    Steps: 1 the log against its signed checkpoint; 2 each batch's leaves against its log entry; 3 each leaf
    has its record or a tombstone, never both; each record gives its leaf, and its columns are the record's;
    4 each erasure's tombstones against its log entry; 5 no record and no tombstone stands outside the log.

    Source: docs/architecture.md, Stores; C2.1, C3.4.
    """
    # 1
    problems = log.problems()
    counted = erased = 0
    unlogged = items.batches()
    buried = set(tombstones.erasures())
    try:
        gone = tombstones.positions()
    except RegisterDamaged as error:
        problems.append(str(error))
        gone = {}
    for index, raw in enumerate(log.entries()) if not problems else ():
        try:
            entry = read_entry(raw)
        except RegisterDamaged as error:
            problems.append(f"log entry {index}: {error}")
            continue
        if isinstance(entry, BatchEntry):
            unlogged.pop(entry.batch, None)
            # 2 and 3
            found, rows = _batch_problems(entry, leaves, items, gone.pop(entry.batch, []))
            counted += rows
            problems += found
        elif isinstance(entry, ErasureEntry):
            # 4
            buried.discard(entry.erasure)
            erased += entry.size
            problems += _erasure_problems(entry, tombstones)
        if len(problems) >= _MAX_PROBLEMS:
            problems.append("more problems were not listed")
            break
    # 5
    problems += _superseded_problems(items)
    if len(problems) < _MAX_PROBLEMS:
        problems += [
            f"batch {batch}: {rows} records that the log does not know" for batch, rows in unlogged.items()
        ]
        problems += [
            f"erasure {erasure}: tombstones that the log does not know" for erasure in sorted(buried)
        ]
        problems += [f"batch {batch}: tombstones of a batch that the log does not know" for batch in gone]
    return Verification(
        entries=log.size,
        items=counted,
        erased=erased,
        checkpoint=log.checkpoint_text,
        problems=tuple(problems),
    )


def prove_item(log: Log, leaves: Leaves, item: StoredItem) -> str:
    """Return a proof that an item's record is in the log.

    Raises:
        RegisterDamaged: its batch is not in the log, or its leaves do not give the batch's root.
    """
    index, raw = _logged(log, batch=item.batch)
    extra = item_extra(
        entry=raw,
        record=item.canonical,
        nonce=item.nonce,
        position=item.position,
        commitments=leaves.read(item.batch),
    )
    return write_proof(extra=extra, index=index, path=log.prove(index), checkpoint=log.checkpoint_text)


def prove_tombstone(log: Log, tombstones: Tombstones, item: ItemId) -> str | None:
    """Return a proof that an erased item's tombstone is in the log, or nothing where the item has none.

    Raises:
        RegisterDamaged: its erasure is not in the log.
    """
    known = tombstones.find([item]).get(item)
    if known is None:
        return None
    erasure, place, _ = known
    index, raw = _logged(log, erasure=erasure)
    record, nonce = tombstones.record(erasure, place)
    extra = item_extra(
        entry=raw, record=record, nonce=nonce, position=place, commitments=tombstones.commitments(erasure)
    )
    return write_proof(extra=extra, index=index, path=log.prove(index), checkpoint=log.checkpoint_text)


def _logged(log: Log, *, batch: BatchId | None = None, erasure: ErasureId | None = None) -> tuple[int, bytes]:
    """Find a batch or an erasure in the log, newest entries first."""
    for index in range(log.size - 1, -1, -1):
        raw = log.entry(index)
        entry = read_entry(raw)
        if isinstance(entry, BatchEntry) and entry.batch == batch:
            return index, raw
        if isinstance(entry, ErasureEntry) and entry.erasure == erasure:
            return index, raw
    raise RegisterDamaged(f"{f'batch {batch}' if batch else f'erasure {erasure}'}: not in the log")


def _superseded_problems(items: ItemStore) -> list[str]:
    """Compare what is marked as replaced with what later records say they replace."""
    replaced: set[str] = set()
    marked: set[str] = set()
    there: set[str] = set()
    for rows in items.scan(["item_id", "superseded", "record"], ItemFilter(include_superseded=True)):
        for item, is_marked, record in zip(*(column.to_pylist() for column in rows.columns), strict=True):
            there.add(item)
            if is_marked:
                marked.add(item)
            if b'"replaces":"' in record:
                replaced.add(str(json.loads(record).get("replaces", "")))
    return [
        *(
            f"item {item}: it is marked as replaced, and no record replaces it"
            for item in sorted(marked - replaced)
        ),
        *(
            f"item {item}: a later record replaces it, and it is not marked"
            for item in sorted((replaced & there) - marked)
        ),
    ]


def _erasure_problems(entry: ErasureEntry, tombstones: Tombstones) -> list[str]:
    try:
        found, size = tombstones.root(entry.erasure), tombstones.table(entry.erasure).num_rows
    except RegisterDamaged as error:
        return [str(error)]
    if size != entry.size or found != entry.root:
        return [f"erasure {entry.erasure}: its tombstones do not give the root in the log"]
    return []


def _batch_problems(
    entry: BatchEntry, leaves: Leaves, items: ItemStore, gone: Sequence[tuple[int, str]]
) -> tuple[list[str], int]:
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
    for _, decision in gone:
        counts[decision] = counts.get(decision, 0) + 1
    positions = sorted([row["position"] for row in rows] + [position for position, _ in gone])
    if positions != list(range(entry.size)):
        missing = len(set(range(entry.size)) - set(positions))
        twice = len(positions) - len(set(positions))
        problems.append(f"{where}: of {entry.size} records {missing} are missing and {twice} stand twice")
    for row in rows:
        counts[row["decision"]] = counts.get(row["decision"], 0) + 1
        if not 0 <= row["position"] < len(commitments):
            problems.append(f"{where}, item {row['item_id']}: it has no leaf")
            continue
        wrong = _row_problem(row, commitments[row["position"]])
        if wrong:
            problems.append(f"{where}, item {row['item_id']}: {wrong}")
    if LOST not in counts and {name: count for name, count in entry.counts.items() if count} != counts:
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
    if wrong:
        return f"its columns {', '.join(wrong)} differ from the record"
    return _beside_problem(row, record)


def _beside_problem(row: dict[str, Any], record: dict[str, Any]) -> str:
    """Compare what stands beside a record with what the record says of it."""
    if "evidence_sha256" in record and sha256_of(row["evidence"] or b"") != record["evidence_sha256"]:
        return "its evidence is not what its record was decided on"
    at = record.get("rechecked_at", record.get("collected_at"))
    if at is not None and row["collected_at"] != datetime.fromisoformat(at):
        return "its time is not the record's"
    if "collected_at" in record and bool(row["shard"]) != ("picture" in record):
        return "its place in the vault is missing, or it has one and no picture"
    return ""
