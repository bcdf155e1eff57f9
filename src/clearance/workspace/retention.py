"""How long things are kept: the clocks of everything, and the sweep that ends what is past them (C3.2, C3.4,
C3.5).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from clearance.collecting import utc_now
from clearance.governing import Permission
from clearance.keeping import Ends, ErasureReason, Folders, Retention, choose_items, no_items
from clearance.policy import RetentionClocks
from clearance.workspace.erasing import erasure_facts
from clearance.workspace.holding import Holding
from clearance.workspace.origins import Licences
from clearance.workspace.promises import Projects

_ITEMS_AT_ONCE = 250_000
"""Items of one erasure: each ends with a certificate, and a crash goes on from there."""


class Retentions:
    """The retention clocks of a workspace."""

    def __init__(
        self,
        holding: Holding,
        projects: Projects,
        licences: Licences,
        *,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._holding = holding
        self._projects = projects
        self._licences = licences
        self._clock = clock
        self._stuck: dict[str, str] = {}
        self._folders = Folders(
            staging=tuple(holding.root / name for name in ("vault", "tombstones", "exports", "log")),
            requests=holding.root / "requests",
        )

    def status(self) -> dict[str, Any]:
        """Return how everything stands with its clock; nothing is changed."""
        self._holding.require(Permission.VIEW)
        limits = self._limits
        standing = self._retention(limits).standing()
        overdue = {**dict(standing.overdue), **self._others(limits)}
        return {
            "overdue": sum(overdue.values()),
            "overdue_by_reason": {name: count for name, count in overdue.items() if count},
            "due_within_30_days": dict(standing.soon),
            "running": standing.running,
            "erased": self._holding.stores.tombstones.counts(),
            "clocks": limits.model_dump(mode="json"),
        }

    def overdue(self) -> frozenset[str]:
        """Return the ids of records past their clock."""
        self._holding.require(Permission.EXPORT, Permission.VIEW)
        due = self._retention(self._limits).overdue()
        return frozenset(item for items in due.values() for item in items.to_pylist())

    def sweep(self) -> dict[str, Any]:
        """End everything that is past its clock; each batch leaves a certificate and an entry in the log.

        Safe to run from cron: what another process is at work on makes it wait for the next time.

        Raises:
            WorkspaceBusy: another process is changing this workspace.
        """
        self._holding.require(Permission.SWEEP)
        done: list[dict[str, Any]] = []
        self._stuck = {}
        with self._holding.locked():
            limits = self._limits
            self._holding.publish_policy()
            for reason, items in self._retention(limits).overdue().items():
                for start in range(0, len(items), _ITEMS_AT_ONCE):
                    done += self._erase(items.slice(start, _ITEMS_AT_ONCE), reason)
            others = self._end_others(limits)
            if any(others.values()):
                ended = self._holding.eraser.erase(
                    no_items(), reason=ErasureReason.SPENT, asked_by="retention clocks", others=others
                )
                done.append(erasure_facts(ended, certificates=self._holding.keeping.certificates))
        return {
            "erased": sum(entry["items"] for entry in done),
            "others": others,
            "erasures": done,
            "blocked": dict(self._stuck),
        }

    @property
    def _limits(self) -> RetentionClocks:
        return self._holding.policy.parameters(RetentionClocks)

    def _retention(self, limits: RetentionClocks) -> Retention:
        ends = Ends(
            projects=self._projects.ends(),
            licences={name: licence.valid_until for name, licence in self._licences.by_id().items()},
        )
        return Retention(self._holding.stores.items, ends=ends, limits=limits, now=self._clock())

    def _erase(self, items: pa.Array, reason: ErasureReason) -> list[dict[str, Any]]:
        chosen = choose_items(self._holding.stores.items, items)
        # One damaged shard keeps its own pictures, not the others.
        blocked = self._holding.eraser.blocked(chosen)
        if blocked:
            stuck = pc.is_in(chosen.column("shard"), value_set=pa.array(list(blocked), pa.string()))
            self._stuck.update(blocked)
            chosen = chosen.filter(pc.invert(stuck))
        if not chosen.num_rows:
            # Gone with an earlier part, since records of one picture go together; or stuck.
            return []
        erasure = self._holding.eraser.erase(chosen, reason=reason, asked_by="retention clocks")
        return [erasure_facts(erasure, certificates=self._holding.keeping.certificates)]

    def _others(self, limits: RetentionClocks) -> dict[str, int]:
        """Count what is past its clock beside records."""
        now = self._clock()
        return {
            "staged_files": len(self._staged(limits, now)),
            "request_files": len(self._request_files(limits, now)),
            "visits": self._holding.stores.journal.visits_before(now - timedelta(days=limits.visit_days)),
            "reads": self._holding.reads.before(now - timedelta(days=limits.read_days)),
        }

    def _end_others(self, limits: RetentionClocks) -> dict[str, int]:
        now = self._clock()
        files = [*self._staged(limits, now), *self._request_files(limits, now)]
        counts = self._others(limits)
        for path in files:
            path.unlink(missing_ok=True)
        self._holding.stores.journal.forget_visits(before=now - timedelta(days=limits.visit_days))
        self._holding.reads.forget(before=now - timedelta(days=limits.read_days))
        return counts

    def _staged(self, limits: RetentionClocks, now: datetime) -> list[Path]:
        return self._folders.staged(older_than=now - timedelta(hours=limits.staging_hours))

    def _request_files(self, limits: RetentionClocks, now: datetime) -> list[Path]:
        return self._folders.request_files(older_than=now - timedelta(days=limits.request_file_days))
