"""How large a source's catalogue is: stated by a person, or counted in the site's own sitemaps (C3.6)."""

from __future__ import annotations

import asyncio
from typing import Any

import uvloop

from clearance.collecting import CatalogueReader, CountedCatalogue, cancelled, utc_now
from clearance.errors import Interrupted, Refused
from clearance.governing import Permission
from clearance.policy import Policy
from clearance.sourcing import Catalogue, CatalogueStore, Source
from clearance.workspace.collection import stopping
from clearance.workspace.holding import Holding
from clearance.workspace.origins import Sources
from clearance.workspace.plain import catalogue_facts
from clearance.workspace.visiting import log_terms_changes, visiting


class Catalogues:
    """The catalogues of a workspace's sources."""

    def __init__(self, holding: Holding, sources: Sources) -> None:
        self._holding = holding
        self._sources = sources
        self._store = CatalogueStore(holding.database)

    def show(self, name: str) -> dict[str, Any]:
        """Return what is stated of a source's catalogue."""
        self._holding.require(Permission.VIEW)
        source = self._sources.get(name)
        return {"source": source.name, "catalogue": catalogue_facts(self._store.all().get(source.name))}

    def state(self, name: str, *, pictures: int, how: str) -> dict[str, Any]:
        """Record how many pictures a source has, and how that is known."""
        self._holding.require(Permission.REGISTER)
        source = self._sources.get(name)
        with self._holding.locked():
            self._record(source, pictures=pictures, how=how)
        return self.show(name)

    def count(self, name: str) -> dict[str, Any]:
        """Count a source's catalogue in its own sitemaps, and record it.

        Raises:
            BadInput: no sitemap can be read; nothing is recorded.
            Refused: something stands against the source, so that it is not visited.
            Interrupted: stopped by a signal; nothing is recorded.
        """
        self._holding.require(Permission.REGISTER)
        source = self._sources.get(name)
        with self._holding.locked(), asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            counted = runner.run(self._read(source, policy=self._holding.policy))
            self._record(source, pictures=counted.pictures, how=counted.how)
        return {**self.show(name), "sitemaps": counted.sitemaps, "problems": list(counted.problems)}

    def _record(self, source: Source, *, pictures: int, how: str) -> None:
        self._store.state(
            Catalogue(source=source.name, pictures=pictures, how=how.strip(), stated_at=utc_now())
        )
        self._holding.log_event("catalogue-stated")

    async def _read(self, source: Source, *, policy: Policy) -> CountedCatalogue:
        index = self._sources.index()
        async with visiting(self._holding, policy=policy, sources=index, run="catalogue") as to:
            try:
                against = await to.standing.against(source)
            finally:
                log_terms_changes(self._holding, to.standing.changes)
            if against:
                why = "; ".join(dict.fromkeys(policy.sentence(reason.rule) for reason in against))
                raise Refused(f"source {source.name!r} is not visited: {why} ({against[0].control})")
            reader = CatalogueReader(hosts=to.hosts, sources=index, policy=policy)
            work = asyncio.create_task(reader.count(source))
            with stopping(lambda: _stop(work)):
                try:
                    return await work
                except asyncio.CancelledError as error:
                    raise Interrupted("the count was stopped; the same command begins anew") from error
                finally:
                    await cancelled(work)


def _stop(work: asyncio.Task[CountedCatalogue]) -> None:
    work.cancel()
