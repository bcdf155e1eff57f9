"""Where pictures come from: sources with their due diligence, and licences."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from clearance.collecting import HostIdentityStore, utc_now
from clearance.errors import BadInput, printable
from clearance.governing import Permission, ProjectStore
from clearance.identifiers import Host, Malformed, parse_url, sha256_of
from clearance.register import ItemFilter
from clearance.sourcing import (
    Basis,
    CatalogueStore,
    Grant,
    Licence,
    LicenceIndex,
    LicenceStore,
    Pace,
    Quotas,
    Source,
    SourceIndex,
    SourceStore,
    confirm_host,
    parse_host_pattern,
)
from clearance.workspace.holding import Holding, one_of
from clearance.workspace.plain import catalogue_facts, changed_host_facts, licence_facts, source_facts
from clearance.workspace.quotas import Counts, quota_facts

_MAX_DILIGENCE_BYTES = 20 << 20
"""A contract scan or a screenshot of terms fits; the file is kept in the control database."""


class Sources:
    """The sources of a workspace."""

    def __init__(self, holding: Holding) -> None:
        self._holding = holding
        self._store = SourceStore(holding.database)

    def add(
        self,
        *,
        name: str,
        hosts: tuple[str, ...],
        basis: str,
        diligence: str,
        owner: str = "",
        evidence: Path | None = None,
        open_licence: str = "",
        quotas: Mapping[str, Any] | None = None,
        pace: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Register a source with its due diligence (C1.3)."""
        self._holding.require(Permission.REGISTER)
        kept = _read_bounded(evidence) if evidence is not None else b""
        source = Source(
            name=name,
            owner=owner,
            hosts=tuple(parse_host_pattern(host) for host in hosts),
            basis=one_of(Basis, basis, what="--basis"),
            open_licence=open_licence,
            diligence=diligence,
            diligence_sha256=sha256_of(kept) if kept else "",
            quotas=Quotas(**(quotas or {})),
            pace=Pace(**(pace or {})),
        )
        with self._holding.locked():
            self._store.add(source, evidence=kept, now=utc_now())
            self._holding.log_event("source-added", basis=source.basis.value)
        return source_facts(source)

    def list(self) -> list[dict[str, Any]]:
        """Return all sources."""
        self._holding.require(Permission.VIEW)
        return [source_facts(source) for source in self._store.list()]

    def show(self, name: str) -> dict[str, Any]:
        """Return one source, what it has given of what it may, and the counts of its items."""
        self._holding.require(Permission.VIEW)
        source = self._store.get(name)
        return {
            **source_facts(source),
            "items": self._holding.stores.items.counts_by("decision", ItemFilter(source=name)),
            "changed_hosts": _changed_hosts(self._holding, self.index(), source=name),
            "catalogue": catalogue_facts(CatalogueStore(self._holding.database).all().get(name)),
            "quota_use": self._quota_use(source),
        }

    def _quota_use(self, source: Source) -> tuple[dict[str, Any], ...]:
        """Return each quota, with what is used and left of it; the share of a project for each project."""
        counts, policy = Counts(self._holding), self._holding.policy
        overall = counts.overall((source,), policy=policy)[source.name]
        within = [
            {**quota_facts(quota), "project": project.name}
            for project in ProjectStore(self._holding.database).list()
            for quota in counts.within((source,), project, policy=policy)[source.name]
        ]
        return (*({**quota_facts(quota), "project": None} for quota in overall), *within)

    def confirm_host(self, host: str, *, by: str) -> dict[str, Any]:
        """Record that a person looked at a host whose certificate changed, and that it may be visited (C5.2).

        Raises:
            BadInput: no person is named, or the host does not wait for one.
        """
        self._holding.require(Permission.REGISTER)
        name = _host(host)
        if not by.strip() or not by.isprintable():
            raise BadInput(f"--by {printable(by)!r}: the name of the person who looked")
        store = HostIdentityStore(self._holding.database)
        with self._holding.locked():
            standing = store.get(name)
            if standing is None:
                raise BadInput(f"host {name}: no certificate of it was seen; see `clearance source show`")
            if standing.seen is None:
                raise BadInput(f"host {name}: it does not wait for a person; see `clearance source show`")
            after = confirm_host(standing, by=by.strip(), now=utc_now())
            store.keep(after)
            self._holding.log_event("host-confirmed")
        return {**changed_host_facts(standing), "confirmed_by": after.confirmed_by}

    def get(self, name: str) -> Source:
        """Return one source as the stages know it.

        Raises:
            BadInput: there is none of that name.
        """
        self._holding.require(Permission.VIEW)
        return self._store.get(name)

    def all(self) -> tuple[Source, ...]:
        """Return all sources as the stages know them."""
        self._holding.require(Permission.VIEW)
        return self._store.list()

    def index(self) -> SourceIndex:
        """Return what finds the source of a host."""
        self._holding.require(Permission.VIEW)
        return SourceIndex(self._store.list())


class Licences:
    """The licences of a workspace."""

    def __init__(self, holding: Holding) -> None:
        self._holding = holding
        self._store = LicenceStore(holding.database)
        self._sources = SourceStore(holding.database)

    def add(
        self,
        *,
        sources: tuple[str, ...],
        licensor: str,
        uses: tuple[str, ...],
        reference: str,
        valid_from: date | None = None,
        valid_until: date | None = None,
        paths: tuple[str, ...] = (),
        conditions: str = "",
    ) -> dict[str, Any]:
        """Record what a licensor grants."""
        self._holding.require(Permission.LICENSE)
        for name in sources:
            self._sources.get(name)
        with self._holding.locked():
            licence = self._store.add(
                licensor=licensor,
                sources=sources,
                paths=paths,
                grants=frozenset(one_of(Grant, use, what="--uses") for use in uses),
                valid_from=valid_from or utc_now().date(),
                valid_until=valid_until,
                conditions=conditions,
                reference=reference,
                now=utc_now(),
            )
            self._holding.log_event("licence-added")
        return licence_facts(licence)

    def renew(self, licence: str, *, until: date | None, reference: str) -> dict[str, Any]:
        """Give a licence a later end, or none; its pictures are kept as long (C3.2)."""
        self._holding.require(Permission.LICENSE)
        with self._holding.locked():
            self._store.renew(licence, until=until, reference=reference)
            self._holding.log_event("licence-renewed")
        return licence_facts(self._store.get(licence))

    def list(self) -> list[dict[str, Any]]:
        """Return all licences."""
        self._holding.require(Permission.VIEW)
        return [licence_facts(licence) for licence in self._store.list()]

    def show(self, licence: str) -> dict[str, Any]:
        """Return one licence."""
        self._holding.require(Permission.VIEW)
        return licence_facts(self._store.get(licence))

    def index(self) -> LicenceIndex:
        """Return what finds the licences that cover a picture."""
        self._holding.require(Permission.VIEW)
        return LicenceIndex(self._store.list())

    def by_id(self) -> dict[str, Licence]:
        """Return all licences by their ids."""
        self._holding.require(Permission.VIEW)
        return {licence.id: licence for licence in self._store.list()}


def _changed_hosts(holding: Holding, index: SourceIndex, *, source: str) -> list[dict[str, Any]]:
    """Return a source's hosts that wait for a person."""
    waiting = HostIdentityStore(holding.database).changed()
    owned = ((standing, index.match(standing.host)) for standing in waiting)
    return [changed_host_facts(each) for each, owner in owned if owner and owner.name == source]


def _host(text: str) -> Host:
    parsed = parse_url(f"https://{text.strip()}/")
    if isinstance(parsed, Malformed) or parsed.target != "/":
        why = f": {parsed.why}" if isinstance(parsed, Malformed) else ""
        raise BadInput(f"host {printable(text)!r} is none{why}; write example.org, or example.org:8443")
    return parsed.host


def _read_bounded(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            content = opened.read(_MAX_DILIGENCE_BYTES + 1)
    except OSError as error:
        raise BadInput(f"{file}: {error.strerror}") from error
    if len(content) > _MAX_DILIGENCE_BYTES:
        raise BadInput(f"{file}: larger than {_MAX_DILIGENCE_BYTES} bytes")
    return content
