"""Sources: the websites, agencies, archives and people that pictures come from, with their due diligence
(C1.3).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import RowMapping, insert, select

from clearance.database import Database
from clearance.errors import BadInput, printable
from clearance.governing import checked_name
from clearance.identifiers import Host
from clearance.sourcing.open_licences import OpenLicence, normalise_licence
from clearance.sourcing.tables import sources

_PATTERN = re.compile(r"(?:\*|(?:\*\.)?[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?|\[[0-9a-f:.]+\])(?::(\d{1,5}))?")


class Basis(StrEnum):
    """Why a picture may be taken."""

    LICENCE = "licence"
    OPEN_LICENCE = "open-licence"
    PUBLIC_DOMAIN = "public-domain"
    OWN_WORK = "own-work"
    TDM_EXCEPTION = "tdm-exception"


@dataclass(frozen=True, slots=True)
class HostPattern:
    """Which hosts are meant: a name, `*.name` for what lies below it, or `*`; with `:port` for another port.

    Without a port only the ports of http and https are meant.
    """

    text: str

    def matches(self, host: Host) -> bool:
        """Tell whether a host is meant."""
        name, port = _split(self.text)
        host_name, host_port = _split(host)
        if port != host_port:
            return False
        if name == "*":
            return True
        return host_name.endswith(name[1:]) if name.startswith("*.") else host_name == name

    @property
    def rank(self) -> tuple[int, int]:
        """How specific it is: of two patterns that match, the higher one is meant."""
        name, _ = _split(self.text)
        return (0 if name == "*" else 1 if name.startswith("*.") else 2, len(name))


@dataclass(frozen=True, slots=True, kw_only=True)
class Quotas:
    """What a source may give at most (C3.6); `None` means that the policy's default holds."""

    max_items: int | None = None
    max_bytes: int | None = None
    longest_side_px: int | None = None
    max_project_share: float | None = None
    """Of what a project needs; below 1, one source alone cannot fill it."""
    max_catalogue_share: float | None = None
    """Of what the source has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """What was agreed with a source about visits (C3.7); `None` means that the policy's default holds."""

    max_concurrent: int | None = None
    min_delay_s: float | None = None
    latency_factor: float | None = None
    daily_requests: int | None = None
    daily_bytes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where pictures come from, and why they may be taken from there."""

    name: str
    owner: str
    hosts: tuple[HostPattern, ...]
    basis: Basis
    open_licence: str
    """Id of the open licence that all its pictures carry, or empty."""
    diligence: str
    diligence_sha256: str
    """Of the evidence file, or empty."""
    quotas: Quotas
    pace: Pace


def parse_host_pattern(text: str) -> HostPattern:
    """Read a host pattern.

    Raises:
        BadInput: it is none; a scheme or a path does not belong there.
    """
    lowered = text.strip().lower()
    match = _PATTERN.fullmatch(lowered)
    if match is None or (match.group(1) is not None and not 0 < int(match.group(1)) < 65_536):
        raise BadInput(
            f"host pattern {printable(text)!r}: example.org, *.example.org or *, with :port if it has one"
        )
    return HostPattern(lowered)


class SourceIndex:
    """Finds the source of a host; the most specific pattern wins."""

    def __init__(self, known: Iterable[Source]) -> None:
        self._patterns = sorted(
            ((pattern, source) for source in known for pattern in source.hosts),
            key=lambda pair: pair[0].rank,
            reverse=True,
        )
        self._known: dict[Host, Source | None] = {}

    def match(self, host: Host) -> Source | None:
        """Return the source that a host belongs to, or nothing."""
        if host not in self._known:
            found = (source for pattern, source in self._patterns if pattern.matches(host))
            self._known[host] = next(found, None)
        return self._known[host]


class SourceStore:
    """The sources of one workspace."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, source: Source, *, evidence: bytes, now: datetime) -> None:
        """Register a source; `evidence` is the due diligence file's content, or empty.

        Raises:
            BadInput: a value cannot be used, or another source has the name or a pattern already.
        """
        checked_name(source.name, what="source")
        if not source.hosts:
            raise BadInput("--host: at least one host pattern")
        if not source.diligence.strip():
            raise BadInput("--diligence is empty: how does the source lawfully hold the pictures? (C1.3)")
        if source.open_licence and source.basis is not Basis.OPEN_LICENCE:
            raise BadInput(f"--open-licence goes with --basis open-licence, not with {source.basis}")
        if source.open_licence and not isinstance(normalise_licence(source.open_licence), OpenLicence):
            raise BadInput(
                f"--open-licence {printable(source.open_licence)!r}: not in the table of open licences"
            )
        for option, share in (
            ("--max-project-share", source.quotas.max_project_share),
            ("--max-catalogue-share", source.quotas.max_catalogue_share),
        ):
            if share is not None and not 0 < share <= 1:
                raise BadInput(f"{option} {share}: above 0 and up to 1, as 0.05 for a twentieth")
        for other in self.list():
            if other.name == source.name:
                raise BadInput(f"source {source.name!r} exists already")
            shared = {pattern.text for pattern in other.hosts} & {pattern.text for pattern in source.hosts}
            if shared:
                raise BadInput(f"host pattern {sorted(shared)[0]} belongs to source {other.name!r} already")
        with self._database.begin() as connection:
            connection.execute(
                insert(sources).values(
                    name=source.name,
                    owner=source.owner,
                    hosts=[pattern.text for pattern in source.hosts],
                    basis=source.basis.value,
                    open_licence=source.open_licence,
                    diligence=source.diligence,
                    diligence_sha256=source.diligence_sha256,
                    diligence_file=evidence or None,
                    quotas=asdict(source.quotas),
                    pace=asdict(source.pace),
                    created_at=now,
                )
            )

    def list(self) -> tuple[Source, ...]:
        """Return all sources, oldest first."""
        query = select(sources).order_by(sources.c.created_at, sources.c.name)
        with self._database.begin() as connection:
            return tuple(_source(row) for row in connection.execute(query).mappings())

    def get(self, name: str) -> Source:
        """Return one source.

        Raises:
            BadInput: there is none of that name.
        """
        known = {source.name: source for source in self.list()}
        if name not in known:
            names = ", ".join(known) or "none yet; `clearance source add` registers one"
            raise BadInput(f"no source {printable(name)!r}; sources: {names}")
        return known[name]


def _source(row: RowMapping) -> Source:
    return Source(
        name=row["name"],
        owner=row["owner"],
        hosts=tuple(HostPattern(text) for text in row["hosts"]),
        basis=Basis(row["basis"]),
        open_licence=row["open_licence"],
        diligence=row["diligence"],
        diligence_sha256=row["diligence_sha256"],
        quotas=Quotas(**row["quotas"]),
        pace=Pace(**row["pace"]),
    )


def _split(host: str) -> tuple[str, str]:
    """Split a host or pattern into name and port; an IPv6 address keeps its brackets."""
    name, colon, port = host.rpartition(":")
    if colon and port.isdigit() and (not name.startswith("[") or name.endswith("]")):
        return name, port
    return host, ""
