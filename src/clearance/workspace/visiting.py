"""What every visit to a host goes through: one client that says who we are, one pace, one ledger."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import NamedTuple

from clearance.collecting import (
    ENTRY,
    Client,
    ClientLimits,
    HostIdentityStore,
    Hosts,
    Ledger,
    StandingWatch,
    cancelled,
    utc_now,
)
from clearance.errors import BadInput
from clearance.pictures import Cage, CageLimits
from clearance.policy import FetchLimits, NetworkDuty, PictureLimits, Policy
from clearance.sourcing import (
    AccountStore,
    NetworkIndex,
    NetworkStore,
    OptOutRegistry,
    SourceIndex,
    TermsSnapshot,
    TermsStore,
    read_registry,
)
from clearance.workspace.holding import Holding

_TICK_S = 0.25
_MAX_REGISTRY_BYTES = 1 << 30
"""Ten million addresses come to less."""


class Visiting(NamedTuple):
    """What a run other than collecting visits hosts with."""

    hosts: Hosts
    standing: StandingWatch


@asynccontextmanager
async def visiting(
    holding: Holding, *, policy: Policy, sources: SourceIndex, run: str, max_age_s: float | None = None
) -> AsyncIterator[Visiting]:
    """Open what a run visits hosts with; its visits are in the ledger when it ends, however it ends.

    `max_age_s` is how old a copy of a host's file may be; by default as the policy says.
    """
    ledger = Ledger(holding.stores.journal, run=run)
    networks = network_index(holding)
    async with open_client(holding, policy=policy, networks=networks) as client:
        hosts = Hosts(
            client=client,
            journal=holding.stores.journal,
            policy=policy,
            sources=sources,
            networks=networks,
            agent=holding.configuration.crawler.token,
            note=ledger.note,
            identities=HostIdentityStore(holding.database),
            clock=utc_now,
            max_age_s=max_age_s,
        )
        standing = StandingWatch(
            hosts=hosts,
            terms=TermsStore(holding.database),
            accounts=AccountStore(holding.database),
            policy=policy,
            clock=utc_now,
        )
        ticker = asyncio.create_task(_tick(ledger))
        try:
            yield Visiting(hosts, standing)
        finally:
            await cancelled(ticker)
            await hosts.close()
            ledger.write()
            log_terms_changes(holding, standing.changes)


def log_terms_changes(holding: Holding, changes: Iterable[TermsSnapshot]) -> None:
    """Put into the log that terms of service were found changed (C1.4); the workspace is locked."""
    for snapshot in changes:
        holding.log_event("terms-fetched", state=snapshot.state.value)


async def _tick(ledger: Ledger) -> None:
    while True:
        await asyncio.sleep(_TICK_S)
        ledger.write()


def open_client(holding: Holding, *, policy: Policy, networks: NetworkIndex) -> Client:
    """Make the HTTP client that the workspace's settings and policy allow."""
    limits = policy.parameters(FetchLimits)
    settings = holding.configuration.network

    def is_registered(address: str) -> bool:
        return networks.match(address, on=utc_now().date()) is not None

    return Client(
        user_agent=holding.configuration.user_agent,
        allowed=holding.configuration.allowed_networks,
        hosts=settings.hosts,
        limits=ClientLimits(
            timeout_s=limits.timeout_s,
            connect_timeout_s=limits.connect_timeout_s,
            max_connections=settings.max_connections,
        ),
        may_leave_from=is_registered if policy.parameters(NetworkDuty).is_required else None,
        ca_file=holding.root / settings.ca_file if settings.ca_file else None,
    )


def open_cage(holding: Holding, *, policy: Policy, workers: int, entry: str = ENTRY) -> Cage:
    """Make the cage that pictures are read in."""
    limits = policy.parameters(PictureLimits)
    return Cage(
        entry,
        CageLimits(memory_bytes=limits.max_memory_bytes, timeout_s=limits.timeout_s),
        workers=holding.configuration.work.inspectors or workers,
    )


def network_index(holding: Holding) -> NetworkIndex:
    """Return what finds the registered network of an address."""
    return NetworkIndex(NetworkStore(holding.database).list())


def opt_out_registries(holding: Holding) -> tuple[OptOutRegistry, ...]:
    """Read the opt-out registries that `clearance.toml` names.

    Raises:
        BadInput: one cannot be read; it is never taken for empty.
    """
    found = []
    for name in holding.configuration.registries.files:
        path = holding.root / name
        try:
            if path.stat().st_size > _MAX_REGISTRY_BYTES:
                raise BadInput(f"{path}: larger than {_MAX_REGISTRY_BYTES} bytes")
            content = path.read_bytes()
        except OSError as error:
            raise BadInput(f"opt-out registry {path}: {error.strerror}") from error
        found.append(read_registry(content, name=path.name, form=path.suffix.lower().lstrip(".")))
    return tuple(found)
