"""What is past its clock: records by their group, and files and ledgers that belong to no record.

Records are read as columns; their clocks are worked out once a group (project, licence, decision), so that a
million of them take seconds.

Source: C3.2, C3.4, C3.5.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from clearance.collecting import Verdict
from clearance.keeping.clocks import Group, clocks_of
from clearance.keeping.journal import ErasureReason
from clearance.policy import RetentionClocks
from clearance.register import ItemFilter, ItemStore

_SOON = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ends:
    """The last days that records refer to: of projects and licences, by name and id."""

    projects: Mapping[str, date | None]
    licences: Mapping[str, date | None]


@dataclass(slots=True, kw_only=True)
class Standing:
    """How the records of a workspace stand with their clocks."""

    overdue: Counter[str] = field(default_factory=Counter)
    """Records past their clock, by the reason that they are due for."""
    soon: Counter[str] = field(default_factory=Counter)
    """Records that are due within 30 days."""
    running: int = 0
    """Records whose clocks run longer."""


class Retention:
    """The clocks of one workspace at one moment."""

    def __init__(self, items: ItemStore, *, ends: Ends, limits: RetentionClocks, now: datetime) -> None:
        self._items = items
        self._ends = ends
        self._limits = limits
        self._now = now

    def standing(self) -> Standing:
        """Count records by how they stand with their clocks."""
        standing = Standing()
        for rows, due_at, reasons in self._weighed():
            overdue = pc.less_equal(due_at, pa.scalar(self._now, due_at.type))
            soon = pc.and_not(pc.less_equal(due_at, pa.scalar(self._now + _SOON, due_at.type)), overdue)
            for mask, counter in ((overdue, standing.overdue), (soon, standing.soon)):
                for entry in pc.value_counts(reasons.filter(mask)).to_pylist():
                    counter[entry["values"]] += entry["counts"]
            standing.running += rows.num_rows - pc.sum(pc.or_(overdue, soon)).as_py()
        return standing

    def overdue(self) -> dict[ErasureReason, pa.Array]:
        """Return the ids of records past their clock, by the reason that they are due for."""
        found: dict[ErasureReason, list[pa.Array]] = {}
        for rows, due_at, reasons in self._weighed():
            mask = pc.less_equal(due_at, pa.scalar(self._now, due_at.type))
            ids, why = rows.column("item_id").filter(mask), reasons.filter(mask)
            for reason in pc.unique(why).to_pylist():
                found.setdefault(ErasureReason(reason), []).append(ids.filter(pc.equal(why, reason)))
        return {reason: pa.concat_arrays(parts) for reason, parts in sorted(found.items())}

    def _weighed(self) -> Iterator[tuple[pa.RecordBatch, pa.Array, pa.Array]]:
        """Return records with the moment that each is due at, and why; an earlier record of the same picture
        goes with the newest.
        """
        columns = ["item_id", "project", "licence", "decision", "shard", "collected_at"]
        for rows in self._items.scan(columns, ItemFilter()):
            has_bytes = pc.not_equal(rows.column("shard"), "")
            key = pc.binary_join_element_wise(
                rows.column("project"),
                rows.column("licence"),
                rows.column("decision"),
                pc.cast(has_bytes, pa.string()),
                "\n",
            )
            coded = key.dictionary_encode()
            due_at = reasons = None
            for code, name in enumerate(coded.dictionary.to_pylist()):
                mask = pc.equal(coded.indices, code)
                moments, why = self._due(rows.column("collected_at"), self._group(name))
                due_at = moments if due_at is None else pc.if_else(mask, moments, due_at)
                reasons = why if reasons is None else pc.if_else(mask, why, reasons)
            if due_at is not None and reasons is not None:
                yield rows, due_at, reasons

    def _due(self, collected_at: pa.Array, group: Group) -> tuple[pa.Array, pa.Array]:
        """Return when records of a group are due, and why: the first clock to end."""
        first = why = None
        for clock in clocks_of(group, self._limits):
            moment = pa.scalar(clock.moment.replace(microsecond=0), collected_at.type)
            ends = (
                pa.repeat(moment, len(collected_at))
                if clock.age is None
                else pc.add(collected_at, pa.scalar(clock.age, pa.duration("us")))
            )
            reason = pa.repeat(clock.reason.value, len(collected_at))
            if first is None or why is None:
                first, why = ends, reason
                continue
            is_earlier = pc.less(ends, first)
            first, why = pc.if_else(is_earlier, ends, first), pc.if_else(is_earlier, reason, why)
        return first, why

    def _group(self, name: str) -> Group:
        project, licence, decision, has_bytes = name.split("\n")
        return Group(
            verdict=Verdict(decision),
            has_bytes=has_bytes == "true",
            licence_until=self._ends.licences.get(licence),
            project_until=self._ends.projects.get(project),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Folders:
    """Where files lie that belong to no record."""

    staging: tuple[Path, ...]
    """Folders in which half-written files may be left."""
    requests: Path
    """Correspondence with people who asked."""

    def staged(self, *, older_than: datetime) -> list[Path]:
        """Return half-written files that nobody has touched since (C3.5)."""
        found = [path for folder in self.staging for path in _files(folder) if _is_staged(path)]
        return [path for path in found if _touched(path) < older_than.timestamp()]

    def request_files(self, *, older_than: datetime) -> list[Path]:
        """Return request files that nobody has touched since."""
        return [path for path in _files(self.requests) if _touched(path) < older_than.timestamp()]


def _is_staged(path: Path) -> bool:
    return path.suffix == ".partial" or (path.name.startswith(".") and path.suffix == ".new")


def _files(folder: Path) -> list[Path]:
    # A link is not followed: what it names lies elsewhere and is not ours to delete.
    return [path for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink()]


def _touched(path: Path) -> float:
    return path.stat().st_mtime
