"""The re-check, wired: pictures in, what is refused now into quarantine and what no longer is out of it, the
report out.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import uvloop

from clearance.collecting import (
    Batch,
    Fetcher,
    Rechecked,
    Rechecker,
    RecheckTally,
    Verdict,
    Weighing,
    cancelled,
    utc_now,
)
from clearance.collecting import Recheck as Outcome
from clearance.governing import Permission, ProjectStore
from clearance.identifiers import ItemId
from clearance.policy import Policy, RecheckLimits
from clearance.register import ItemFilter, StoredItem
from clearance.sourcing import SourceStore, Use
from clearance.workspace.collection import stopping
from clearance.workspace.holding import Holding
from clearance.workspace.origins import Licences, Sources
from clearance.workspace.visiting import open_cage, opt_out_registries, visiting

_TICK_S = 0.25
_SETTLED = (Outcome.ALLOWED, Outcome.QUARANTINED, Outcome.GONE)
"""Outcomes that answer for an item until it is due again."""
_BATCH = 1000
_SETTLE_S = 20.0
"""A refusal that was heard waits no longer than this before it counts, whatever happens."""


class Rechecks:
    """Re-checks of a workspace."""

    def __init__(self, holding: Holding, sources: Sources, licences: Licences) -> None:
        self._holding = holding
        self._stores = holding.stores
        self._sources = sources
        self._licences = licences

    def recheck(
        self,
        *,
        project: str = "",
        source: str = "",
        host: str = "",
        older_than_days: int | None = None,
        limit: int | None = None,
        of: Verdict = Verdict.KEPT,
        watch: Callable[[RecheckTally], None] = lambda _: None,
    ) -> dict[str, Any]:
        """Ask again about kept pictures whose signals were read too long ago, by the policy or as asked; or
        about those in quarantine, which are kept again where nothing is refused any more.
        """
        self._holding.require(Permission.COLLECT)
        if project:
            ProjectStore(self._holding.database).get(project)
        if source:
            SourceStore(self._holding.database).get(source)
        policy = self._holding.policy
        # Whoever asks about what is in quarantine wants to know now.
        usual = 0 if of is Verdict.HELD else policy.parameters(RecheckLimits).max_age_days
        age = usual if older_than_days is None else older_than_days
        with self._holding.locked():
            self._holding.publish_policy()
            meant = ItemFilter(
                project=project, source=source, host=host, decision=of, has_bytes=of is Verdict.HELD
            )
            due, not_due = self._due(meant, age=timedelta(days=age))
            chosen = due[:limit]
            tally = RecheckTally(planned=len(chosen))
            found: list[Rechecked] = []
            changed: list[str] = []
            try:
                with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                    interrupted = runner.run(
                        self._run(chosen, policy, tally=tally, found=found, settled=changed, watch=watch)
                    )
            finally:
                # Whatever ended the run, a refusal that was heard counts.
                self._settle(found, policy, settled=changed)
        return {
            "checked": tally.outcomes.total(),
            **{outcome.value: tally.outcomes[outcome] for outcome in Outcome},
            "by_reason": dict(tally.by_reason.most_common()),
            "items": changed,
            "not_due": not_due,
            "left": len(due) - tally.outcomes.total(),
            "older_than_days": age,
            "interrupted": interrupted,
            "log_size": self._stores.log.size,
        }

    def _due(self, chosen: ItemFilter, *, age: timedelta) -> tuple[list[StoredItem], int]:
        """Return the items that are due, those asked about longest ago first, and how many are not."""
        checked = self._stores.journal.rechecked(outcomes=[outcome.value for outcome in _SETTLED])
        horizon = utc_now() - age
        due: list[tuple[str, StoredItem]] = []
        not_due = 0
        for stored in self._stores.items.records(chosen):
            if chosen.decision == Verdict.HELD and "rechecked_at" not in stored.record:
                # Held when it was collected: a person decides that, not the host.
                continue
            at = checked.get(ItemId(stored.record["item_id"]))
            last = f"{at:%Y-%m-%dT%H:%M:%S.%fZ}" if at else stored.record["collected_at"]
            if last <= f"{horizon:%Y-%m-%dT%H:%M:%S.%fZ}":
                due.append((last, stored))
            else:
                not_due += 1
        return [stored for _, stored in sorted(due, key=lambda pair: pair[0])], not_due

    async def _run(
        self,
        items: list[StoredItem],
        policy: Policy,
        *,
        tally: RecheckTally,
        found: list[Rechecked],
        settled: list[str],
        watch: Callable[[RecheckTally], None],
    ) -> bool:
        """Ask about all items; returns whether it was stopped before its end."""
        index = self._sources.index()
        registries = opt_out_registries(self._holding)

        def note(rechecked: Rechecked) -> None:
            tally.count(rechecked)
            found.append(rechecked)

        async with (
            visiting(self._holding, policy=policy, sources=index, run="recheck", max_age_s=0.0) as to,
            open_cage(self._holding, policy=policy, workers=os.cpu_count() or 1) as cage,
        ):
            rechecker = Rechecker(
                fetcher=Fetcher(
                    hosts=to.hosts,
                    standing=to.standing,
                    sources=index,
                    registries=registries,
                    policy=policy,
                    clock=utc_now,
                ),
                standing=to.standing,
                weighing=Weighing(
                    cage=cage,
                    policy=policy,
                    use=Use.GENERATIVE,
                    longest_side_px=None,
                    earlier={},
                    is_erased=lambda _: False,
                    registries=registries,
                    clock=utc_now,
                ),
                sources={source.name: source for source in self._sources.all()},
                licences=self._licences.index(),
                registries=registries,
                policy=policy,
                clock=utc_now,
            )
            work = asyncio.create_task(rechecker.run(items, note))
            stopped = False
            settled_at = time.monotonic()

            def stop() -> None:
                nonlocal stopped
                stopped = True
                work.cancel()

            with stopping(stop):
                try:
                    while not work.done():
                        await asyncio.wait({work}, timeout=_TICK_S)
                        watch(tally)
                        if found and (len(found) >= _BATCH or time.monotonic() - settled_at > _SETTLE_S):
                            heard, found[:] = list(found), []
                            await asyncio.to_thread(self._settle, heard, policy, settled=settled)
                            settled_at = time.monotonic()
                    if not stopped:
                        work.result()
                finally:
                    await cancelled(work)
        return stopped

    def _settle(self, heard: list[Rechecked], policy: Policy, *, settled: list[str]) -> None:
        """Seal what goes into quarantine or comes out of it, then note what was asked; a crash between the
        two asks again.

        The items whose standing changed are added to `settled`.
        """
        changed = [each for each in heard if each.changes_standing]
        if changed:
            batch = Batch(
                self._stores, run=f"recheck-{secrets.token_hex(6)}", policy=policy.hash, clock=utc_now
            )
            try:
                for each in changed:
                    batch.recheck(each)
            except BaseException:
                batch.abandon()
                raise
            batch.seal()
            settled += [each.item.record["item_id"] for each in changed]
        self._stores.journal.note_rechecks(
            {ItemId(each.item.record["item_id"]): each.outcome.value for each in heard}, now=utc_now()
        )
