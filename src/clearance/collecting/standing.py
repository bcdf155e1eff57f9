"""How a source stands while we collect: its terms looked at again when that is due, then weighed.

Source: C1.4, C2.2.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from functools import partial

from clearance.collecting.hosts import Hosts
from clearance.collecting.tasks import once
from clearance.collecting.terms_pages import TermsReader
from clearance.policy import Policy, Reason, TermsWatch
from clearance.sourcing import (
    AccountStore,
    Source,
    SourceFacts,
    TermsPage,
    TermsSnapshot,
    TermsState,
    TermsStore,
    against_source,
    needs_review,
)


class StandingWatch:
    """Tells what stands against a source, each source once in a run."""

    def __init__(
        self,
        *,
        hosts: Hosts,
        terms: TermsStore,
        accounts: AccountStore,
        policy: Policy,
        clock: Callable[[], datetime],
    ) -> None:
        self._reader = TermsReader(hosts=hosts, policy=policy, clock=clock)
        self._terms = terms
        self._accounts = accounts
        self._policy = policy
        self._clock = clock
        self._known: dict[str, asyncio.Task[tuple[Reason, ...]]] = {}
        self.changes: list[TermsSnapshot] = []
        """What was seen anew; the log is told of it when the run has ended."""

    async def against(self, source: Source) -> tuple[Reason, ...]:
        """Return what stands against a source; nothing where nothing does."""
        return await once(self._known, source.name, partial(self._weigh, source))

    async def _weigh(self, source: Source) -> tuple[Reason, ...]:
        if needs_review(source, self._policy):
            await self._look_again(source)
        facts = SourceFacts(
            source=source,
            pages=self._terms.pages(source.name),
            accounts=self._accounts.list(source=source.name),
            now=self._clock(),
        )
        return against_source(facts, self._policy)

    async def _look_again(self, source: Source) -> None:
        """Look at terms that were reviewed, when that is due; what nobody has read holds it anyway."""
        interval_s = self._policy.parameters(TermsWatch).check_interval_s
        for page in self._terms.pages(source.name):
            if page.review is None or page.current is None:
                continue
            if page.is_due(self._clock(), interval_s=interval_s):
                seen = await self._seen_again(source, page)
                self.changes += [snapshot for snapshot in seen if self._terms.add_snapshot(snapshot)]

    async def _seen_again(self, source: Source, page: TermsPage) -> tuple[TermsSnapshot, ...]:
        if page.current is not None and page.current.state is TermsState.NONE_FOUND and not page.was_found:
            # Where there were none, terms may have come since, at whatever address.
            return await self._reader.find(source)
        return (await self._reader.fetch(source, page.url, kept=page.current),)
