"""Survey a table before collecting: ask its hosts, look at a sample of pages, fetch no picture.

Every host of the table is asked what it allows, registered or not; each address then passes the same gate
that `collect` asks first.

Source: C1.3, C1.4, C1.5, C3.7.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from clearance.collecting.hosts import Hosts, HostState
from clearance.collecting.pages import Pages, Shown
from clearance.collecting.plan import HostPlan, Plan
from clearance.collecting.standing import StandingWatch
from clearance.collecting.table import Row, UrlTable
from clearance.collecting.tasks import side_by_side
from clearance.errors import printable
from clearance.identifiers import Malformed, WebUrl, parse_url
from clearance.policy import Decision, Policy, Reason, SurveyLimits
from clearance.sourcing import (
    SILENCE,
    CollectFacts,
    HostSurvey,
    LicenceIndex,
    OptOutRegistry,
    Reading,
    Survey,
    Use,
    foresee,
    merge,
    ordered,
)

_HOSTS_AT_ONCE = 256
_ROWS_AT_ONCE = 200
"""Rows weighed before the event loop gets its turn: a few milliseconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyJob:
    """What is to be looked at."""

    table: UrlTable
    plan: Plan
    use: Use
    licences: LicenceIndex
    registries: Sequence[OptOutRegistry]


@dataclass(slots=True, kw_only=True)
class SurveyProgress:
    """How far a survey is, for whoever watches."""

    hosts: int
    asked: int = 0
    pictures: int = 0


class Surveyor:
    """One survey; made, run once, and thrown away."""

    def __init__(
        self,
        job: SurveyJob,
        *,
        hosts: Hosts,
        standing: StandingWatch,
        policy: Policy,
        clock: Callable[[], datetime],
    ) -> None:
        self._job = job
        self._hosts = hosts
        self._pages = Pages(hosts=hosts, policy=policy)
        self._standing = standing
        self._policy = policy
        self._clock = clock
        self._sample = policy.parameters(SurveyLimits).pages_per_host
        self.progress = SurveyProgress(hosts=len(job.plan.hosts))

    async def run(self) -> Survey:
        """Ask every host and weigh every address."""
        found: list[HostSurvey] = []
        waiting = iter(self._job.plan.hosts)

        async def worker() -> None:
            for plan in waiting:
                found.append(await self._host(plan))
                self.progress.asked += 1

        await side_by_side(worker() for _ in range(min(_HOSTS_AT_ONCE, len(self._job.plan.hosts))))
        return Survey(
            use=self._job.use,
            hosts=ordered(found),
            unreadable_rows=tuple(
                (self._job.table.row(index).number, printable(why.why))
                for index, why in self._job.plan.unreadable
            ),
            duplicates=self._job.plan.duplicates,
        )

    async def _host(self, plan: HostPlan) -> HostSurvey:
        source = plan.source
        surveyed = HostSurvey(
            host=plan.host,
            source=source.name if source is not None else "",
            basis=source.basis.value if source is not None else "",
        )
        against = await self._standing.against(source) if source is not None else ()
        sample = await self._read_sample(plan, surveyed)
        states: dict[str, HostState] = {}
        for count, index in enumerate(plan.rows, start=1):
            row = self._job.table.row(index)
            url = parse_url(row.url)
            if isinstance(url, Malformed):  # pragma: no cover - the plan holds readable URLs only
                continue
            state = states.get(url.origin)
            if state is None:
                state = states[url.origin] = await self._hosts.state(url)
                surveyed.files += tuple(state.files.by_url.values())
            page = await self._page(row, url, sample)
            standing = (*against, *self._hosts.against(url.host))
            reading, decision = self._weigh(row, url, plan, state.evidence.read(url.target), page, standing)
            surveyed.add(reading, decision)
            self.progress.pictures += 1
            if count % _ROWS_AT_ONCE == 0:
                await asyncio.sleep(0)
        pace = self._hosts.pace(plan.host)
        surveyed.settle(delay_s=pace.delay_s, daily_requests=pace.limits.daily_requests)
        return surveyed

    async def _read_sample(self, plan: HostPlan, surveyed: HostSurvey) -> Mapping[str, Shown]:
        """Read the first few of the pages that show this host's pictures."""
        named = dict.fromkeys(
            page for page in (self._job.table.row(index).page for index in plan.rows) if page
        )
        chosen = list(named)[: self._sample]
        surveyed.pages, surveyed.pages_read = len(named), len(chosen)
        return {address: await self._pages.read(address) for address in chosen}

    async def _page(self, row: Row, picture: WebUrl, sample: Mapping[str, Shown]) -> Reading:
        """Return what a picture's page says; of one outside the sample, what its host says of it."""
        if not row.page:
            return SILENCE
        if row.page in sample:
            return sample[row.page].reading(picture)
        url = parse_url(row.page)
        if isinstance(url, Malformed):
            return SILENCE
        return (await self._hosts.state(url)).evidence.read(url.target)

    def _weigh(
        self,
        row: Row,
        url: WebUrl,
        plan: HostPlan,
        host: Reading,
        page: Reading,
        against: Sequence[Reason],
    ) -> tuple[Reading, Decision]:
        licences = (
            self._job.licences.covering(plan.source.name, url.target) if plan.source is not None else ()
        )
        registry = merge(each.of_url(url) for each in self._job.registries)
        facts = CollectFacts(
            url=url,
            project_use=self._job.use,
            source=plan.source,
            licences=licences,
            stated_licence=row.licence,
            host=host,
            response=SILENCE,
            embedded=SILENCE,
            page=page,
            registry=registry,
            now=self._clock(),
        )
        decision = foresee(facts, self._policy)
        if against:
            decision = self._policy.decide([*against, *decision.reasons])
        return merge([host, page, registry]), decision
