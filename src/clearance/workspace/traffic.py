"""Our traffic against a site, host by host: what its owner may ask us for (C2.3, C3.7)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from clearance.collecting import HostLimits, Load, Traffic, Visits, render_traffic, utc_now
from clearance.errors import BadInput, printable
from clearance.governing import Permission
from clearance.identifiers import Host, Malformed, parse_url
from clearance.policy import PaceLimits
from clearance.sourcing import HostFiles, Pace, evaluate_host
from clearance.workspace.holding import Holding
from clearance.workspace.origins import Sources
from clearance.workspace.promises import Projects

_WORDS = {
    "survey": "asking what the site allows",
    "recheck": "asking again whether kept pictures are still allowed",
    "terms": "reading the terms of service",
    "catalogue": "counting the catalogue in the site's own sitemaps",
}
_COLLECTING = "collecting pictures"


class TrafficReports:
    """Reports of what was asked of hosts."""

    def __init__(self, holding: Holding, projects: Projects, sources: Sources) -> None:
        self._holding = holding
        self._projects = projects
        self._sources = sources

    def traffic(
        self, host: str, *, since: date | None = None, until: date | None = None, html: Path | None = None
    ) -> dict[str, Any]:
        """Report our visits to one host, both days included, and write the page where one is asked for.

        Raises:
            BadInput: that is no host, the days run backwards, or the page cannot be written.
        """
        self._holding.require(Permission.VIEW)
        if since and until and until < since:
            raise BadInput(f"--until {until} lies before --since {since}")
        name = _host(host)
        visits = Visits(self._holding.database)
        traffic = Traffic()
        found = visits.to(
            name,
            since=_midnight(since) if since else None,
            before=_midnight(until + timedelta(days=1)) if until else None,
        )
        for run, visit in found:
            traffic.add_for(run, visit)
        facts = {
            "host": name,
            "organisation": self._holding.configuration.organisation.name,
            "contact": self._holding.configuration.organisation.contact,
            "since": since.isoformat() if since else None,
            "until": until.isoformat() if until else None,
            "made_at": utc_now().isoformat(timespec="seconds"),
            **traffic_facts(traffic),
            "purposes": self._purposes(traffic, visits.projects_of(traffic.by_run)),
            "limits": self._limits(name),
        }
        if html is not None:
            _write(html, render_traffic(facts))
        return facts

    def _purposes(self, traffic: Traffic, projects: Mapping[str, str]) -> list[dict[str, Any]]:
        """Tell what the visits were made for: the use of the project, never its name."""
        uses = {project["name"]: project["use"] for project in self._projects.list()}
        by_purpose: dict[str, dict[str, Any]] = {}
        for run, load in traffic.by_run.items():
            use = uses.get(projects.get(run, ""), "")
            purpose = _WORDS.get(run) or (
                f"{_COLLECTING} for {use.replace('-', ' ')}" if use else _COLLECTING
            )
            entry = by_purpose.setdefault(purpose, {"purpose": purpose, "runs": 0, "requests": 0, "bytes": 0})
            entry["runs"] += run in projects
            entry["requests"] += load.requests
            entry["bytes"] += load.bytes
        return sorted(by_purpose.values(), key=lambda entry: -int(entry["requests"]))

    def _limits(self, host: Host) -> dict[str, Any]:
        """Return the budgets and the pace in force: the policy's, the agreed, and the host's own wish."""
        source = self._sources.index().match(host)
        limits = HostLimits.of(
            policy=self._holding.policy.parameters(PaceLimits),
            agreed=source.pace if source is not None else Pace(),
            crawl_delay_s=self._crawl_delay(host),
        )
        return {
            "daily_requests": limits.daily_requests,
            "daily_bytes": limits.daily_bytes,
            "max_concurrent": limits.max_concurrent,
            "min_delay_s": limits.min_delay_s,
            "latency_factor": limits.latency_factor,
            "crawl_delay_s": limits.crawl_delay_s,
        }

    def _crawl_delay(self, host: Host) -> float | None:
        """Return the longest crawl-delay of the robots.txt files that are kept of a host."""
        asked = []
        for origin in (f"https://{host}", f"http://{host}"):
            files = HostFiles.of(origin, self._holding.stores.journal.host_files_of(origin))
            rules = evaluate_host(files, agent=self._holding.configuration.crawler.token)
            if rules.crawl_delay_s is not None:
                asked.append(rules.crawl_delay_s)
        return max(asked, default=None)


def traffic_facts(traffic: Traffic) -> dict[str, Any]:
    """Return counted visits as plain values."""
    return {
        "requests": traffic.total.requests,
        "bytes": traffic.total.bytes,
        "first_visit": _written(traffic.first),
        "last_visit": _written(traffic.last),
        "requests_per_active_hour": round(traffic.requests_per_active_hour, 1),
        "busiest_hour": _peak(traffic.busiest_hour),
        "busiest_minute": _peak(traffic.busiest_minute),
        "mean_answer_s": None if traffic.mean_answer_s is None else round(traffic.mean_answer_s, 3),
        "by_day": [{"day": day.isoformat(), **_load(load)} for day, load in traffic.per_day()],
        "asked_for": [
            {"what": what.value, **_load(load)}
            for what, load in sorted(traffic.by_asked.items(), key=lambda pair: -pair[1].requests)
        ],
        "statuses": {
            str(status) if status else "none": count for status, count in sorted(traffic.statuses.items())
        },
        "user_agents": dict(traffic.agents.most_common()),
        "ways_out": [
            {"network": network or None, "address": address or None, "requests": count}
            for (network, address), count in traffic.ways_out.most_common()
        ],
    }


def _load(load: Load) -> dict[str, int]:
    return {"requests": load.requests, "bytes": load.bytes}


def _peak(peak: tuple[datetime, int] | None) -> dict[str, Any] | None:
    return None if peak is None else {"at": peak[0].isoformat(timespec="minutes"), "requests": peak[1]}


def _written(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat(timespec="seconds")


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _host(text: str) -> Host:
    """Read a host as a person writes it: a name, with its port if it has one; an address names one too."""
    url = parse_url(text if "://" in text else f"http://{text}")
    if isinstance(url, Malformed):
        raise BadInput(f"host {printable(text)!r}: {url.why}; example.org, or example.org:8080")
    return Host(url.host.removesuffix(":443")) if "://" not in text else url.host


def _write(file: Path, page: str) -> None:
    try:
        file.write_text(page, encoding="utf-8")
    except OSError as error:
        raise BadInput(f"--html {file}: {error.strerror}") from error
