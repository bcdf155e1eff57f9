"""Read the visit ledger again: the visits to one host, a few at a time (C2.3, C3.7)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from sqlalchemy import select

from clearance.collecting.journal import Visit
from clearance.collecting.tables import runs, visits
from clearance.database import Database
from clearance.identifiers import Host

_ROWS_AT_ONCE = 10_000
_IDS_AT_ONCE = 500
"""SQLite takes a thousand values in one statement at the least."""


class Visits:
    """The visits of one workspace, read only."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def to(
        self, host: Host, *, since: datetime | None = None, before: datetime | None = None
    ) -> Iterator[tuple[str, Visit]]:
        """Return the visits to a host in their order, each with what it was made for."""
        query = select(visits).where(visits.c.host == host).order_by(visits.c.at, visits.c.id)
        if since is not None:
            query = query.where(visits.c.at >= since)
        if before is not None:
            query = query.where(visits.c.at < before)
        with self._database.begin() as connection:
            found = connection.execution_options(yield_per=_ROWS_AT_ONCE).execute(query)
            for row in found.mappings():
                yield (
                    row["run"],
                    Visit(
                        at=row["at"],
                        host=host,
                        what=row["what"],
                        status=row["status"],
                        size=row["bytes"],
                        seconds=row["seconds"],
                        egress=row["egress"],
                        network=row["network"],
                        user_agent=row["user_agent"],
                    ),
                )

    def projects_of(self, run_ids: Iterable[str]) -> Mapping[str, str]:
        """Return which project each run collected for; words such as `survey` are no runs."""
        wanted = sorted(set(run_ids))
        found: dict[str, str] = {}
        with self._database.begin() as connection:
            for start in range(0, len(wanted), _IDS_AT_ONCE):
                ids = wanted[start : start + _IDS_AT_ONCE]
                query = select(runs.c.id, runs.c.project).where(runs.c.id.in_(ids))
                found.update((run, project) for run, project in connection.execute(query))
        return found
