"""What we use to collect: accounts with a monitored mailbox (C2.2), and the networks we visit from (C2.3)."""

from __future__ import annotations

from datetime import date
from typing import Any

from clearance.collecting import utc_now
from clearance.governing import Permission
from clearance.policy import AccountChecks
from clearance.sourcing import (
    Account,
    AccountStore,
    Network,
    NetworkIndex,
    NetworkStore,
    SourceStore,
    parse_bandwidth,
    parse_block,
)
from clearance.workspace.holding import Holding
from clearance.workspace.plain import account_facts, network_facts


class Accounts:
    """The accounts of a workspace."""

    def __init__(self, holding: Holding) -> None:
        self._holding = holding
        self._sources = SourceStore(holding.database)
        self._store = AccountStore(holding.database)

    def add(
        self, *, name: str, source: str, mailbox: str, responsible: str, last_checked: date | None = None
    ) -> dict[str, Any]:
        """Register an account at a source; who is responsible made the first check, if there was one."""
        self._holding.require(Permission.REGISTER)
        self._sources.get(source)
        account = Account(
            name=name,
            source=source,
            mailbox=mailbox,
            responsible=responsible,
            last_checked=last_checked,
            checked_by=responsible.strip() if last_checked is not None else "",
            created_at=utc_now(),
        )
        with self._holding.locked():
            self._store.add(account)
            self._holding.log_event("account-added")
        return self._facts(self._store.get(name))

    def check(self, name: str, *, by: str, on: date | None = None) -> dict[str, Any]:
        """Record that a person has read an account's mailbox, today unless another day is given."""
        self._holding.require(Permission.REGISTER)
        now = utc_now()
        with self._holding.locked():
            account = self._store.check(name, by=by, on=on or now.date(), now=now)
            self._holding.log_event("account-checked")
        return self._facts(account)

    def list(self) -> list[dict[str, Any]]:
        """Return all accounts, and which of them are overdue."""
        self._holding.require(Permission.VIEW)
        return [self._facts(account) for account in self._store.list()]

    def _facts(self, account: Account) -> dict[str, Any]:
        max_age_days = self._holding.policy.parameters(AccountChecks).max_check_age_days
        overdue = account.is_overdue(utc_now().date(), max_age_days=max_age_days)
        return {**account_facts(account), "overdue": overdue}


class Networks:
    """The network register of a workspace."""

    def __init__(self, holding: Holding) -> None:
        self._holding = holding
        self._store = NetworkStore(holding.database)

    def add(
        self,
        *,
        name: str,
        provider: str,
        addresses: tuple[str, ...],
        bandwidth: str,
        valid_from: date | None = None,
        valid_until: date | None = None,
    ) -> dict[str, Any]:
        """Register a network: whose it is, which addresses were bought, how wide it is, since when."""
        self._holding.require(Permission.REGISTER)
        now = utc_now()
        network = Network(
            name=name,
            provider=provider,
            addresses=tuple(dict.fromkeys(parse_block(address) for address in addresses)),
            bandwidth=parse_bandwidth(bandwidth),
            valid_from=valid_from or now.date(),
            valid_until=valid_until,
            created_at=now,
        )
        with self._holding.locked():
            self._store.add(network)
            self._holding.log_event("network-added", addresses=len(network.addresses))
        return network_facts(network)

    def list(self) -> list[dict[str, Any]]:
        """Return all networks with the addresses that visits left from, as the ledger recorded them."""
        self._holding.require(Permission.VIEW)
        used = self._used()
        return [
            {**network_facts(network), "used": used.get(network.name, {})} for network in self._store.list()
        ]

    def unregistered(self) -> dict[str, int]:
        """Return the addresses that visits left from under no registered network, with their counts."""
        self._holding.require(Permission.VIEW)
        return self._used().get("", {})

    def index(self) -> NetworkIndex:
        """Return what finds the network of an address."""
        self._holding.require(Permission.VIEW)
        return NetworkIndex(self._store.list())

    def _used(self) -> dict[str, dict[str, int]]:
        """Count visits by network and address; what never left (no address) is left out."""
        used: dict[str, dict[str, int]] = {}
        for network, address, count in self._holding.stores.journal.egress_counts():
            used.setdefault(network, {})[address] = count
        return used
