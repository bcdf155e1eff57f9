"""The main job: from a table of URLs to cleared, recorded, encrypted pictures; see docs/collect.md.

`Collection.run` is the one visible loop: plan, ask the host, fetch, inspect, gate, seal, report. Each step is
a module of its own; here they are put in order, bounded, and made to stop cleanly.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from clearance.collecting.client import Client
from clearance.collecting.fetch import Asked, Fetched, Fetcher, Postponed, Stopped
from clearance.collecting.flood_watch import FloodWatch
from clearance.collecting.host_identities import HostIdentityStore
from clearance.collecting.hosts import Hosts
from clearance.collecting.journal import Run
from clearance.collecting.ledger import Ledger
from clearance.collecting.outcome import Considered
from clearance.collecting.pace import HostLimits
from clearance.collecting.places import Left, Needs, Place, Promises, SourceQuotas
from clearance.collecting.plan import Earlier, HostPlan, Plan, is_licensed
from clearance.collecting.quotas import Quota
from clearance.collecting.seal import Stamp, Stores
from clearance.collecting.sealer import Sealer
from clearance.collecting.standing import StandingWatch
from clearance.collecting.table import Row, UrlTable
from clearance.collecting.tally import Tally
from clearance.collecting.tasks import cancelled, side_by_side
from clearance.collecting.weighing import Weighing
from clearance.errors import printable
from clearance.governing import SubjectIndex
from clearance.identifiers import Malformed, Sha256, WebUrl, parse_url
from clearance.pictures import Cage
from clearance.policy import PaceLimits, Policy
from clearance.sourcing import (
    AccountStore,
    LicenceIndex,
    NetworkIndex,
    OptOutRegistry,
    Source,
    SourceIndex,
    TermsSnapshot,
    TermsStore,
    Use,
)

_HOSTS_AT_ONCE = 256
"""Hosts visited side by side: each may sleep most of the time, but holds a task and its rows."""
_PICTURES_IN_HAND = 64
"""Pictures fetched and not yet inspected; above this, no further one is asked for."""
_TICK_S = 0.25
"""How often progress is shown and the ledger written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What one run is to do."""

    table: UrlTable
    plan: Plan
    is_erased: Callable[[Sha256], bool]
    """Knows pictures that must not come back, whatever their address (C5.4)."""
    earlier: Mapping[str, Earlier]
    project: str
    use: Use
    subjects: SubjectIndex
    needs: Needs
    """How many pictures the project still needs, and of what."""
    quotas: Mapping[str, Sequence[Quota]]
    """What each source may give, and has given so far over all runs."""
    run: Run
    agent: str
    batch_items: int
    batch_seconds: int
    longest_side_px: int | None
    """A smaller bound than the policy's, if the user asked for one."""
    registries: tuple[OptOutRegistry, ...]


class Collection:
    """One run of the main job; made, run once, and thrown away."""

    def __init__(
        self,
        job: Job,
        *,
        stores: Stores,
        client: Client,
        cage: Cage,
        policy: Policy,
        sources: SourceIndex,
        licences: LicenceIndex,
        networks: NetworkIndex,
        terms: TermsStore,
        accounts: AccountStore,
        identities: HostIdentityStore,
        clock: Callable[[], datetime],
    ) -> None:
        self.tally = Tally(
            planned=job.plan.planned,
            already=job.plan.already,
            duplicates=job.plan.duplicates,
            erased=job.plan.erased,
        )
        self._job = job
        self._stores = stores
        self._licences = licences
        self._pace = policy.parameters(PaceLimits)
        self._ledger = Ledger(stores.journal, run=job.run.id, watch=self.tally.visit)
        self._hosts = Hosts(
            client=client,
            journal=stores.journal,
            policy=policy,
            sources=sources,
            networks=networks,
            agent=job.agent,
            note=self._ledger.note,
            identities=identities,
            clock=clock,
        )
        self._standing = StandingWatch(
            hosts=self._hosts, terms=terms, accounts=accounts, policy=policy, clock=clock
        )
        self._fetcher = Fetcher(
            hosts=self._hosts,
            standing=self._standing,
            sources=sources,
            registries=job.registries,
            policy=policy,
            clock=clock,
        )
        self._weighing = Weighing(
            cage=cage,
            policy=policy,
            use=job.use,
            longest_side_px=job.longest_side_px,
            earlier=job.earlier,
            is_erased=job.is_erased,
            registries=job.registries,
            clock=clock,
        )
        self._flood = FloodWatch(items=stores.items, policy=policy, clock=clock)
        self._promises = Promises(job.needs, SourceQuotas(job.quotas))
        self._stopped = asyncio.Event()
        self._in_hand = asyncio.Semaphore(_PICTURES_IN_HAND)
        self._sealer = Sealer(
            stores,
            Stamp(run=job.run, project=job.project, use=job.use.value, policy=policy.hash),
            items=job.batch_items,
            seconds=job.batch_seconds,
            clock=clock,
            note=self.tally.count,
        )

    @property
    def terms_changes(self) -> tuple[TermsSnapshot, ...]:
        """The terms of service that were found changed on the way (C1.4)."""
        return tuple(self._standing.changes)

    def stop(self) -> None:
        """Ask for a clean stop: nothing new is asked for, what is finished is sealed."""
        self._stopped.set()

    async def run(self, watch: Callable[[Tally], None]) -> bool:
        """Do the whole job; returns whether it was stopped before its end.

        Raises:
            ClearanceError: a store failed; what was sealed before stays, the rest was undone.
        """
        ticker = asyncio.create_task(self._tick(watch))
        work = asyncio.create_task(self._visit_all())
        stopping = asyncio.create_task(self._stopped.wait())
        try:
            await asyncio.wait({work, stopping, ticker}, return_when=asyncio.FIRST_COMPLETED)
            if ticker.done():
                ticker.result()
            interrupted = not work.done()
            if interrupted:
                await cancelled(work)
            else:
                work.result()
            await self._sealer.close()
            return interrupted
        except BaseException:
            await cancelled(work)
            await self._sealer.abandon()
            raise
        finally:
            await cancelled(stopping)
            await cancelled(ticker)
            await self._hosts.close()
            self._ledger.write()
            watch(self.tally)

    async def _visit_all(self) -> None:
        """Visit every host of the plan, licensed sources first (C4.3)."""
        for index, why in self._job.plan.unreadable:
            await self._sealer.add(self._weighing.unreadable(self._job.table.row(index), why))
        hosts = self._job.plan.hosts
        await self._visit_hosts([plan for plan in hosts if is_licensed(plan)])
        self._promises.close_licensed()
        await self._visit_hosts([plan for plan in hosts if not is_licensed(plan)])

    async def _visit_hosts(self, hosts: Sequence[HostPlan]) -> None:
        waiting = iter(hosts)
        self.tally.hosts_waiting = len(hosts)

        async def worker() -> None:
            for plan in waiting:
                await self._visit_host(plan)
                self.tally.hosts_waiting -= 1

        await side_by_side(worker() for _ in range(min(_HOSTS_AT_ONCE, len(hosts))))

    async def _visit_host(self, plan: HostPlan) -> None:
        """Work through one host's rows, as many side by side as its pace allows."""
        rows = iter(plan.rows)
        if plan.source is None:
            concurrency = 1
        else:
            limits = HostLimits.of(policy=self._pace, agreed=plan.source.pace, crawl_delay_s=None)
            concurrency = min(limits.max_concurrent, len(plan.rows))

        async def worker() -> None:
            for index in rows:
                await self._visit_row(self._job.table.row(index), plan.source)

        await side_by_side(worker() for _ in range(concurrency))

    async def _visit_row(self, row: Row, source: Source | None) -> None:
        """Take one row through every gate to its record."""
        url = parse_url(row.url)
        if isinstance(url, Malformed):  # pragma: no cover - the plan holds readable URLs only
            return
        # Rows that need no request would otherwise keep the loop from its other tasks, signals among them.
        await asyncio.sleep(0)
        subjects = self._subjects_of(row)
        if self._job.subjects.is_needed and not subjects:
            self.tally.no_subject += 1
            return
        subject = next(iter(subjects), "")
        if source is None:
            await self._sealer.add(replace(self._weighing.unregistered(row, url), subject=subject))
            return
        against = (*self._weighing.against_row(row), *await self._standing.against(source))
        if against:
            held = self._weighing.standing_against(row, url, source, against)
            await self._sealer.add(replace(held, subject=subject))
            return
        place = await self._promises.take(source, subjects)
        match place:
            case Left():
                self.tally.leave(place, subjects)
            case Quota():
                beyond = self._weighing.denied(row, url, source, place.rule, _beyond(place, source))
                await self._sealer.add(replace(beyond, subject=subject))
            case Place():
                await self._fill(place, row, url)

    async def _fill(self, place: Place, row: Row, url: WebUrl) -> None:
        """Fetch and gate a picture for the places that it holds; what it does not fill is free again."""
        considered: Considered | None = None
        try:
            considered = await self._consider(row, url, place.source)
            if considered is None:
                return
            quota = self._promises.claim_bytes(place, considered)
            if quota is not None:
                considered = self._weighing.dropped(considered, quota.rule, _beyond(quota, place.source))
            considered = replace(considered, subject=place.subject)
            await self._sealer.add(considered)
        finally:
            await self._promises.settle(place, considered)

    def _subjects_of(self, row: Row) -> tuple[str, ...]:
        """Return what a row pictures: as the table's own column says, or else its caption."""
        if self._job.table.columns.subject:
            return self._job.subjects.named(row.subject)
        return self._job.subjects.named_in(row.caption)

    async def _consider(self, row: Row, url: WebUrl, source: Source) -> Considered | None:
        """Fetch, inspect and gate one picture; nothing comes back where the row stays to be done."""
        earlier = self._job.earlier.get(url.text)
        licences = self._licences.covering(source.name, url.target)
        async with self._in_hand:
            pass
        fetched = await self._fetcher.fetch(
            Asked(
                url=url,
                source=source,
                licences=licences,
                stated_licence=row.licence,
                use=self._job.use,
                conditions=earlier.conditions if earlier else {},
                page=row.page,
            )
        )
        match fetched:
            case Postponed():
                self.tally.postponed += 1
                self.tally.left[url.host] = fetched.why.value
                return None
            case Stopped():
                return self._weighing.stopped(row, url, source, fetched)
            case Fetched() if fetched.is_unchanged:
                self.tally.unchanged += 1
                return None
            case Fetched():
                async with self._in_hand:
                    self.tally.receive(fetched.last)
                    considered = await self._weighing.fetched(row, url, source, licences, fetched)
                    return await self._flood.weigh(considered)

    async def _tick(self, watch: Callable[[Tally], None]) -> None:
        """Show progress, write the ledger and seal what waited long enough, a few times a second."""
        while True:
            await asyncio.sleep(_TICK_S)
            watch(self.tally)
            self._ledger.write()
            await self._sealer.tick()


def _beyond(quota: Quota, source: Source) -> str:
    return printable(f"{source.name} may give at most {quota.detail}", max_chars=500)


def utc_now() -> datetime:
    """Return the time, aware and in UTC: the clock that a real run is handed."""
    return datetime.now(UTC)
