"""How hosts are known by their certificates: kept in the control database, watched while a run visits them.

Over http nobody says who answers: such a visit neither makes a host known nor changes how it is known.

Source: C5.2.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, delete, insert, select

from clearance.collecting.tables import host_certificates
from clearance.database import Database
from clearance.identifiers import Host, Sha256
from clearance.policy import Policy, Reason
from clearance.sourcing import HostIdentity, HostStanding, SourceIndex, against_host, meet_host


class HostIdentityStore:
    """The hosts of a workspace as their certificates make them known."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, host: Host) -> HostStanding | None:
        """Return how a host is known, or nothing where no certificate of it was seen."""
        query = select(host_certificates).where(host_certificates.c.host == host)
        with self._database.begin() as connection:
            row = connection.execute(query).mappings().first()
        return _standing(row) if row is not None else None

    def keep(self, standing: HostStanding) -> None:
        """Keep how a host is known now."""
        seen = standing.seen
        with self._database.begin() as connection:
            connection.execute(delete(host_certificates).where(host_certificates.c.host == standing.host))
            connection.execute(
                insert(host_certificates).values(
                    host=standing.host,
                    organisation=standing.known.organisation,
                    issuer=standing.known.issuer,
                    key_sha256=standing.known.key_sha256,
                    first_seen_at=standing.first_seen_at,
                    changed_to=_packed(seen) if seen is not None else None,
                    changed_at=standing.changed_at,
                    confirmed_by=standing.confirmed_by,
                    confirmed_at=standing.confirmed_at,
                )
            )

    def changed(self) -> tuple[HostStanding, ...]:
        """Return the hosts that wait for a person, those first that have waited longest."""
        query = (
            select(host_certificates)
            .where(host_certificates.c.changed_at.is_not(None))
            .order_by(host_certificates.c.changed_at, host_certificates.c.host)
        )
        with self._database.begin() as connection:
            return tuple(_standing(row) for row in connection.execute(query).mappings())


class IdentityWatch:
    """Watches the certificates of one run; hosts that no source names are not its matter."""

    def __init__(
        self,
        *,
        store: HostIdentityStore,
        sources: SourceIndex,
        policy: Policy,
        clock: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._sources = sources
        self._policy = policy
        self._clock = clock
        self._known: dict[Host, HostStanding | None] = {}

    def note(self, host: Host, identity: HostIdentity | None) -> None:
        """Take in what an answer's certificate said; an answer over http says nothing."""
        if identity is None or self._sources.match(host) is None:
            return
        before = self._standing(host)
        after = meet_host(before, identity, host=host, policy=self._policy, now=self._clock())
        if after != before:
            self._store.keep(after)
            self._known[host] = after

    def against(self, host: Host) -> tuple[Reason, ...]:
        """Return what stands against a host; nothing where nothing does."""
        return against_host(self._standing(host), self._policy)

    def _standing(self, host: Host) -> HostStanding | None:
        if host not in self._known:
            self._known[host] = self._store.get(host)
        return self._known[host]


def _standing(row: RowMapping) -> HostStanding:
    changed_to: Mapping[str, Any] | None = row["changed_to"]
    return HostStanding(
        host=Host(row["host"]),
        known=_identity(row),
        first_seen_at=row["first_seen_at"],
        seen=_identity(changed_to) if changed_to is not None else None,
        changed_at=row["changed_at"],
        confirmed_by=row["confirmed_by"],
        confirmed_at=row["confirmed_at"],
    )


def _packed(identity: HostIdentity) -> dict[str, str]:
    return {
        "organisation": identity.organisation,
        "issuer": identity.issuer,
        "key_sha256": identity.key_sha256,
    }


def _identity(kept: Mapping[Any, Any]) -> HostIdentity:
    return HostIdentity(
        organisation=kept["organisation"], issuer=kept["issuer"], key_sha256=Sha256(kept["key_sha256"])
    )
