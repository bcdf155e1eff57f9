"""Where pictures come from: sources with their due diligence, and licences."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from clearance.collecting import utc_now
from clearance.errors import BadInput
from clearance.identifiers import sha256_of
from clearance.register import ItemFilter
from clearance.sourcing import (
    Basis,
    Grant,
    Licence,
    LicenceIndex,
    LicenceStore,
    Pace,
    Quotas,
    Source,
    SourceIndex,
    SourceStore,
    parse_host_pattern,
)
from clearance.workspace.holding import Holding, one_of
from clearance.workspace.plain import licence_facts, source_facts

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
        quotas: Mapping[str, int | None] | None = None,
        pace: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Register a source with its due diligence (C1.3)."""
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
        return [source_facts(source) for source in self._store.list()]

    def show(self, name: str) -> dict[str, Any]:
        """Return one source and the counts of its items."""
        source = self._store.get(name)
        return {
            **source_facts(source),
            "items": self._holding.stores.items.counts_by("decision", ItemFilter(source=name)),
        }

    def all(self) -> tuple[Source, ...]:
        """Return all sources as the stages know them."""
        return self._store.list()

    def index(self) -> SourceIndex:
        """Return what finds the source of a host."""
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

    def list(self) -> list[dict[str, Any]]:
        """Return all licences."""
        return [licence_facts(licence) for licence in self._store.list()]

    def show(self, licence: str) -> dict[str, Any]:
        """Return one licence."""
        return licence_facts(self._store.get(licence))

    def index(self) -> LicenceIndex:
        """Return what finds the licences that cover a picture."""
        return LicenceIndex(self._store.list())

    def by_id(self) -> dict[str, Licence]:
        """Return all licences by their ids."""
        return {licence.id: licence for licence in self._store.list()}


def _read_bounded(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            content = opened.read(_MAX_DILIGENCE_BYTES + 1)
    except OSError as error:
        raise BadInput(f"{file}: {error.strerror}") from error
    if len(content) > _MAX_DILIGENCE_BYTES:
        raise BadInput(f"{file}: larger than {_MAX_DILIGENCE_BYTES} bytes")
    return content
