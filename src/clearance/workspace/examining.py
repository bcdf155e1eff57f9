"""Examinations, wired: pictures of the vault in, what was found in them kept, the report out (C4.1, C4.2)."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import uvloop

from clearance.collecting import Verdict, utc_now
from clearance.curating import (
    ExaminationTally,
    Examiner,
    examination_entry,
    limits_method,
    marks_method,
)
from clearance.governing import Permission, ProjectStore
from clearance.policy import Policy
from clearance.register import ItemFilter, StoredItem
from clearance.workspace.holding import Holding
from clearance.workspace.visiting import open_cage


class Examinations:
    """Examinations of a workspace."""

    def __init__(self, holding: Holding) -> None:
        self._holding = holding

    def examine(
        self,
        *,
        project: str = "",
        limit: int | None = None,
        watch: Callable[[ExaminationTally], None] = lambda _: None,
    ) -> dict[str, Any]:
        """Look at every picture of the vault that nobody looked at yet, of one project or of all.

        Raises:
            BadInput: there is no such project.
            WorkspaceBusy: another process is changing the workspace.
        """
        self._holding.require(Permission.CURATE)
        if project:
            ProjectStore(self._holding.database).get(project)
        policy = self._holding.policy
        with self._holding.locked():
            self._holding.publish_policy()
            # Looked at again is what was looked at before there was a reader of text, or for other marks; and
            # everything after a restore: fingerprints are in no backup.
            known = self._holding.examined.whole(
                fingerprinted=self._holding.fingerprints.examined_items(),
                reading=self._reading(policy),
                within=limits_method(policy),
            )
            waiting = self._waiting(project, known)
            chosen = waiting.slice(0, limit)
            tally = ExaminationTally(planned=len(chosen))
            if len(chosen):
                with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                    runner.run(self._run(chosen, policy, tally, watch))
                self._holding.examined.optimise()
        return {
            "examined": tally.done,
            "failed": tally.failed,
            "with_faces": tally.with_faces,
            "with_marks": tally.with_marks,
            "with_personal_data": tally.with_personal_data,
            "text": "read" if tally.text_read else "not-read",
            "left": len(waiting) - tally.done,
        }

    async def _run(
        self,
        chosen: pa.Array,
        policy: Policy,
        tally: ExaminationTally,
        watch: Callable[[ExaminationTally], None],
    ) -> None:
        cage = open_cage(self._holding, policy=policy, workers=os.cpu_count() or 1, entry=self._entry())
        async with cage:
            examiner = Examiner(
                cage=cage,
                vault=self._holding.stores.vault,
                fingerprints=self._holding.fingerprints,
                store=self._holding.examined,
                policy=policy,
                clock=utc_now,
            )
            await examiner.run(self._records(chosen), tally, watch)

    def _entry(self) -> str:
        return examination_entry(reads_text=self._holding.configuration.work.reads_text)

    def _reading(self, policy: Policy) -> str:
        """Name what reads text and looks for marks in it; nothing where there is no reader."""
        reads = self._entry() != examination_entry(reads_text=False)
        return marks_method(policy) if reads else ""

    def _waiting(self, project: str, known: pa.Array) -> pa.Array:
        """Return the ids of pictures in the vault that were not looked at."""
        found = [
            rows.filter(pc.invert(pc.is_in(rows.column("item_id"), value_set=known))).column("item_id")
            for verdict in (Verdict.KEPT, Verdict.HELD)
            for rows in self._holding.stores.items.scan(
                ["item_id"], ItemFilter(project=project, decision=verdict, has_bytes=True)
            )
        ]
        return pa.chunked_array(found, pa.string()).combine_chunks()

    def _records(self, chosen: pa.Array) -> Iterator[StoredItem]:
        """Return records a part at a time: with their evidence a million of them would fill the memory."""
        for start in range(0, len(chosen), _AT_ONCE):
            yield from self._holding.stores.items.by_ids(chosen.slice(start, _AT_ONCE).to_pylist())


_AT_ONCE = 512
