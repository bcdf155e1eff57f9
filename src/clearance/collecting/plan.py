"""Plan a run: normalise the table's URLs, leave out what is known already, group by host, licensed sources
first.

Source: docs/collect.md, step 1; C3.1 (nothing twice), C4.3 (licensing is preferred).
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from clearance.collecting.table import UrlTable
from clearance.identifiers import Host, ItemId, Malformed, parse_url
from clearance.sourcing import Basis, Source, SourceIndex


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """What this project's records already say about a URL that may be asked for again."""

    item: ItemId
    conditions: Mapping[str, str]
    """Request headers that ask for a change only; empty where everything must be weighed anew."""


@dataclass(slots=True, kw_only=True)
class HostPlan:
    """The rows to visit at one host, in the table's order."""

    host: Host
    source: Source | None
    rows: array[int] = field(default_factory=lambda: array("q"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What one run will do."""

    hosts: tuple[HostPlan, ...]
    """Licensed sources first, each group in the order of its first row."""
    unreadable: tuple[tuple[int, Malformed], ...]
    """Rows that hold no URL we could visit."""
    duplicates: int
    """Rows whose URL stands earlier in the table."""
    erased: int
    """Rows whose picture was erased for good: not asked for, and no record is made of them (C5.4)."""
    already: int
    """Rows whose picture is held, or was dealt with earlier in this run."""

    @property
    def planned(self) -> int:
        """How many rows this run will answer for."""
        return sum(len(host.rows) for host in self.hosts) + len(self.unreadable)


def make_plan(
    table: UrlTable, *, sources: SourceIndex, done: frozenset[str], is_erased: Callable[[str], bool]
) -> Plan:
    """Plan a run over a table; `done` holds the URLs that need no visit, `is_erased` knows those that must
    have none.
    """
    hosts: dict[Host, HostPlan] = {}
    unreadable: list[tuple[int, Malformed]] = []
    seen: set[int] = set()
    duplicates = already = erased = 0
    for index, text in enumerate(table.rows.column(table.columns.url).to_pylist()):
        url = parse_url(text or "")
        if isinstance(url, Malformed):
            if is_erased((text or "")[:2048]):
                erased += 1
            else:
                unreadable.append((index, url))
            continue
        # 64 bits of hash stand for the URL: ten million of them collide with a chance of one in 370,000.
        key = hash(url.text)
        if key in seen:
            duplicates += 1
            continue
        seen.add(key)
        if url.text in done:
            already += 1
            continue
        if is_erased(url.text):
            erased += 1
            continue
        plan = hosts.get(url.host)
        if plan is None:
            plan = hosts[url.host] = HostPlan(host=url.host, source=sources.match(url.host))
        plan.rows.append(index)
    ordered = sorted(hosts.values(), key=lambda plan: not is_licensed(plan))
    return Plan(
        hosts=tuple(ordered),
        unreadable=tuple(unreadable),
        duplicates=duplicates,
        erased=erased,
        already=already,
    )


def is_licensed(plan: HostPlan) -> bool:
    """Tell whether a host's source rests on a licence, which goes before every other basis (C4.3)."""
    return plan.source is not None and plan.source.basis is Basis.LICENCE
