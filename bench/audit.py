"""A balance audit of a million records: reading them, measuring them, writing the report."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import lance
import numpy as np
import pyarrow as pa

from clearance.curating import (
    ExaminedStore,
    audit_facts,
    audit_items,
    audit_json,
    audit_rows,
    read_targets,
    render_audit,
    targets_template,
)
from clearance.identifiers import BatchId, ItemId
from clearance.policy import AuditConventions, default_policy_bytes, read_policy
from clearance.register import ItemFilter, ItemRow, ItemStore, canonical

_BATCH = 50_000
_NOW = datetime(2026, 11, 23, tzinfo=UTC)
_COUNTRIES = ("DE", "FRA", "IT", "CN", "IN", "JP", "KE", "NG", "US", "")
_WORDS = (*(f"word {number}" for number in range(3000)), "city", "street", "field", "farm")


@dataclass(frozen=True, slots=True, kw_only=True)
class Audited:
    """What was measured, in seconds."""

    items: int
    read: float
    measured: float
    written: float
    cpu: float
    record_bytes: int


def audit_at_size(work: Path, *, items: int = 1_000_000) -> Audited:
    """Fill an item store and its examinations, then audit all of it."""
    root = work / "audit-items"
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir(parents=True)
    store = ItemStore.create(root)
    chance = np.random.default_rng(1)
    size = 0
    for start in range(0, items, _BATCH):
        rows = list(_rows(range(start, min(start + _BATCH, items)), chance))
        size = len(rows[0].canonical)
        store.append(rows)
    # What an audit reads of them, as columns: a million rows of Python would take longer than all the rest.
    lance.write_dataset(_examined(items, chance), str(root / "examined.lance"))
    conventions = read_policy(default_policy_bytes()).parameters(AuditConventions)
    targets = read_targets(targets_template().encode(), where="the example")
    compared = frozenset(ItemId(f"{number:032x}") for number in range(items))
    began, began_cpu = time.perf_counter(), time.process_time()
    table = audit_rows(
        ItemStore.open(root),
        ItemFilter(project="p", decision="kept", has_bytes=True),
        examined=ExaminedStore(root),
        clusters={},
        compared=compared,
        attributes={},
    )
    read = time.perf_counter()
    facts = audit_facts(audit_items(table, targets, conventions), conventions)
    measured = time.perf_counter()
    stated = dict.fromkeys(("targets_sha256", "targets_stated_by", "targets_stated_at", "outputs"))
    facts = {**facts, **stated, "of": "bench", "organisation": "Bench", "made_at": "today"}
    audit_json(facts)
    render_audit(facts)
    written, cpu = time.perf_counter(), time.process_time() - began_cpu
    shutil.rmtree(root)
    return Audited(
        items=len(table),
        read=read - began,
        measured=measured - read,
        written=written - measured,
        cpu=cpu,
        record_bytes=size,
    )


def audit_table(audited: Audited) -> str:
    """Return what was measured as a section of the results."""
    total = audited.read + audited.measured + audited.written
    return "\n".join(
        [
            "",
            "## A balance audit",
            "",
            f"{audited.items:,} generated records of {audited.record_bytes:,} bytes from 400 sources and"
            " 20,000 photographers, five keywords each, against the example targets; 1,000 draws.",
            "",
            "| what | seconds |",
            "|---|---|",
            f"| read records and examinations | {audited.read:.1f} |",
            f"| every measure, interval and verdict | {audited.measured:.1f} |",
            f"| JSON and page | {audited.written:.1f} |",
            f"| all of it | {total:.1f} |",
            f"| all of it, CPU seconds | {audited.cpu:.1f} |",
            "",
        ]
    )


def _rows(numbers: range, chance: np.random.Generator) -> Iterator[ItemRow]:
    sizes = chance.integers(128, 513, (len(numbers), 2)).tolist()
    sources = np.minimum(chance.zipf(1.2, len(numbers)), 400).tolist()
    for number, (width, height), source in zip(numbers, sizes, sources, strict=True):
        kept = {"format": "JPEG", "width": width, "height": height, "bytes": 54_321, "sha256": "0" * 64}
        record = {
            "item_id": f"{number:032x}",
            "project": "p",
            "subject": "",
            "url": f"https://h{source}.example/{number}.jpg",
            "host": f"h{source}.example",
            "source": f"s{source}",
            "basis": "open-licence",
            "licence": "CC-BY-4.0" if number % 3 else "CC0-1.0",
            "decision": "kept",
            "sha256": "1" * 64,
            "iscc": "ISCC:KECYCMZIOY36XXGZ7S6QJQ2AEEXPOVEHZYPK6GMSFLU3WF54UPZMTPY",
            "row": {"number": number, "caption": "a caption of usual length " * 6, "extra": {}},
            "picture": {"format": "JPEG", "width": 1600, "height": 1200, "kept": kept},
            "reasons": [{"rule": "basis-open-licence", "detail": "stated in the table " * 8}] * 3,
            "host_files": ["2" * 64] * 5,
        }
        yield ItemRow(
            batch=BatchId(f"{number // _BATCH:032x}"),
            position=number % _BATCH,
            record=record,
            canonical=canonical(record),
            nonce=bytes(16),
            evidence=b"",
            rules=("basis-open-licence",),
            pdq=None,
            collected_at=_NOW,
            shard="shard",
            shard_entry=number % _BATCH,
        )


def _examined(items: int, chance: np.random.Generator) -> pa.Table:
    """Make the examinations of all items: columns, as the store has them."""

    def drawn(values: list[str]) -> pa.Array:
        places = pa.array(chance.integers(0, len(values), items).astype("int32"))
        return pa.DictionaryArray.from_arrays(places, pa.array(values)).cast(pa.string())

    words = pa.array(np.minimum(chance.zipf(1.3, items * 5) - 1, len(_WORDS) - 1).astype("int32"))
    keywords = pa.ListArray.from_arrays(
        pa.array(np.arange(0, items * 5 + 1, 5, dtype="int32")),
        pa.DictionaryArray.from_arrays(words, pa.array(_WORDS)).cast(pa.string()),
    )
    columns = {
        "item_id": pa.array([f"{number:032x}" for number in range(items)]),
        "failure": drawn([""]),
        "candidates": pa.array(chance.integers(0, 4, items).astype("int32")),
        "creator": drawn([f"Photographer {number}" for number in range(20_000)]),
        "country": drawn(list(_COUNTRIES)),
        "taken": drawn([f"{year}-05" for year in range(1980, 2026)]),
        "keywords": keywords,
    }
    return pa.table(columns)
