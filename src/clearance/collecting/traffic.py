"""What we asked of one host, put together from the visit ledger: pure counting, a visit at a time.

Days, hours and minutes are those of UTC, as the daily budgets are.

Source: C2.3, C3.7.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from clearance.collecting.journal import Visit


class AskedFor(StrEnum):
    """What a request was for."""

    PICTURES = "pictures"
    ROBOTS = "robots.txt"
    RIGHTS = "files that state rights"
    TERMS = "terms of service"
    PAGES = "pages that show pictures"
    SITEMAPS = "sitemaps"
    OTHER = "other"


_ASKED = {
    "picture": AskedFor.PICTURES,
    "/robots.txt": AskedFor.ROBOTS,
    "terms": AskedFor.TERMS,
    "page": AskedFor.PAGES,
    "sitemap": AskedFor.SITEMAPS,
}


@dataclass(slots=True, kw_only=True)
class Load:
    """Requests and bytes."""

    requests: int = 0
    bytes: int = 0

    def add(self, visit: Visit) -> None:
        """Take in one visit."""
        self.requests += 1
        self.bytes += visit.size


@dataclass(slots=True, kw_only=True)
class Traffic:
    """The visits to one host, counted."""

    total: Load = field(default_factory=Load)
    days: dict[date, Load] = field(default_factory=dict)
    by_asked: dict[AskedFor, Load] = field(default_factory=dict)
    by_run: dict[str, Load] = field(default_factory=dict)
    """By what the visits were made for, as the ledger has it: the id of a run, or a word such as `survey`."""
    statuses: Counter[int] = field(default_factory=Counter)
    """0 where no answer came."""
    agents: Counter[str] = field(default_factory=Counter)
    ways_out: Counter[tuple[str, str]] = field(default_factory=Counter)
    """By registered network and address that the requests left from."""
    first: datetime | None = None
    last: datetime | None = None
    _hours: Counter[datetime] = field(default_factory=Counter)
    _minutes: Counter[datetime] = field(default_factory=Counter)
    _answered: int = 0
    _seconds: float = 0.0

    def add(self, visit: Visit) -> None:
        """Take in one visit."""
        self.total.add(visit)
        self.days.setdefault(visit.at.date(), Load()).add(visit)
        self.by_asked.setdefault(asked_for(visit.what), Load()).add(visit)
        self.statuses[visit.status] += 1
        self.agents[visit.user_agent] += 1
        self.ways_out[visit.network, visit.egress] += 1
        self.first = visit.at if self.first is None else min(self.first, visit.at)
        self.last = visit.at if self.last is None else max(self.last, visit.at)
        minute = visit.at.replace(second=0, microsecond=0)
        self._minutes[minute] += 1
        self._hours[minute.replace(minute=0)] += 1
        if visit.status:
            self._answered += 1
            self._seconds += visit.seconds

    def add_for(self, run: str, visit: Visit) -> None:
        """Take in one visit that was made for a run."""
        self.add(visit)
        self.by_run.setdefault(run, Load()).add(visit)

    @property
    def busiest_hour(self) -> tuple[datetime, int] | None:
        """The hour of most requests, the earliest of equals, and how many there were."""
        return _most(self._hours)

    @property
    def busiest_minute(self) -> tuple[datetime, int] | None:
        """The minute of most requests, the earliest of equals, and how many there were."""
        return _most(self._minutes)

    @property
    def requests_per_active_hour(self) -> float:
        """Requests on the average of those hours in which there were any."""
        return self.total.requests / len(self._hours) if self._hours else 0.0

    @property
    def mean_answer_s(self) -> float | None:
        """How long the host took to begin its answer, on the average; nothing where it never answered."""
        return self._seconds / self._answered if self._answered else None

    def per_day(self) -> Iterator[tuple[date, Load]]:
        """Return the days with visits, in their order."""
        yield from sorted(self.days.items())


def asked_for(what: str) -> AskedFor:
    """Tell what a request was for, from the ledger's word; no address is told."""
    known = _ASKED.get(what)
    if known is not None:
        return known
    return AskedFor.RIGHTS if what.startswith("/") else AskedFor.OTHER


def _most(counted: Counter[datetime]) -> tuple[datetime, int] | None:
    if not counted:
        return None
    at = min(counted, key=lambda moment: (-counted[moment], moment))
    return at, counted[at]
