"""The network register: whose addresses we visit from, how wide the line is, and since when (C2.3)."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import RowMapping, insert, select

from clearance.database import Database
from clearance.errors import BadInput, printable
from clearance.governing import checked_name
from clearance.sourcing.tables import networks

AddressBlock = ipaddress.IPv4Network | ipaddress.IPv6Network
_BANDWIDTH = re.compile(r"(\d{1,9}(?:\.\d{1,3})?)\s*(?:([kmgt])(?:bit/s|bps))?", re.IGNORECASE)
_UNITS = {"k": "kbit/s", "m": "Mbit/s", "g": "Gbit/s", "t": "Tbit/s"}
_WIDEST = {4: 8, 6: 16}
"""Shorter prefixes nobody buys; registered by mistake, they would make every address ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """A line that we visit from; both days are included, an open end is open."""

    name: str
    provider: str
    addresses: tuple[AddressBlock, ...]
    """Those bought."""
    bandwidth: str
    """A number and its unit, such as `500 Mbit/s`."""
    valid_from: date
    valid_until: date | None
    created_at: datetime

    def is_valid_on(self, day: date) -> bool:
        """Tell whether it was ours on a day."""
        return self.valid_from <= day and (self.valid_until is None or day <= self.valid_until)


class NetworkIndex:
    """Finds the network of an address; the narrowest block wins."""

    def __init__(self, known: Iterable[Network]) -> None:
        blocks = [(block, network) for network in known for block in network.addresses]
        self._blocks = sorted(blocks, key=lambda pair: pair[0].prefixlen, reverse=True)

    def match(self, address: str, on: date) -> Network | None:
        """Return the network that an address belonged to on a day; nothing for what is no address."""
        read = _address(address)
        if read is None:
            return None
        return next(
            (network for block, network in self._blocks if read in block and network.is_valid_on(on)), None
        )


class NetworkStore:
    """The networks of one workspace."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, network: Network) -> None:
        """Register a network.

        Raises:
            BadInput: a value cannot be used, or the name or a block is taken for that time.
        """
        checked_name(network.name, what="network")
        if not network.provider.strip():
            raise BadInput("--provider is empty: who sells the line? (C2.3)")
        if not network.addresses:
            raise BadInput("--address: at least one address or block that was bought")
        if network.valid_until is not None and network.valid_until < network.valid_from:
            raise BadInput(
                f"the network ends on {network.valid_until}, before it begins on {network.valid_from}"
            )
        for other in self.list():
            if other.name == network.name:
                raise BadInput(f"network {network.name!r} exists already")
            shared = set(other.addresses) & set(network.addresses)
            if shared and _overlap(other, network):
                block = min(str(each) for each in shared)
                raise BadInput(f"{block} belongs to network {other.name!r} at that time already")
        with self._database.begin() as connection:
            connection.execute(
                insert(networks).values(
                    name=network.name,
                    provider=network.provider.strip(),
                    addresses=[str(block) for block in network.addresses],
                    bandwidth=network.bandwidth,
                    valid_from=network.valid_from,
                    valid_until=network.valid_until,
                    created_at=network.created_at,
                )
            )

    def list(self) -> tuple[Network, ...]:
        """Return all networks, oldest first."""
        query = select(networks).order_by(networks.c.created_at, networks.c.name)
        with self._database.begin() as connection:
            return tuple(_network(row) for row in connection.execute(query).mappings())


def parse_block(text: str) -> AddressBlock:
    """Read an address or a block of them in CIDR form.

    Raises:
        BadInput: it is none, its address lies inside the block instead of at its beginning, or it is wider
            than anything that is sold.
    """
    try:
        block = ipaddress.ip_network(text.strip())
    except ValueError as error:
        raise BadInput(f"--address {printable(text)!r}: {printable(str(error))}") from error
    if block.prefixlen < _WIDEST[block.version]:
        raise BadInput(f"--address {block}: wider than /{_WIDEST[block.version]}, which nobody sells")
    return block


def parse_bandwidth(text: str) -> str:
    """Read a bandwidth, such as `1 Gbit/s`; a bare number is in Mbit/s.

    Raises:
        BadInput: it is none.
    """
    match = _BANDWIDTH.fullmatch(text.strip())
    if match is None or not float(match[1]):
        raise BadInput(f"--bandwidth {printable(text)!r}: a number and kbit/s, Mbit/s, Gbit/s or Tbit/s")
    return f"{match[1]} {_UNITS[(match[2] or 'm').lower()]}"


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        address = ipaddress.ip_address(text.strip().partition("%")[0])
    except ValueError:
        return None
    # A socket for both families shows IPv4 peers in this form.
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


def _overlap(one: Network, other: Network) -> bool:
    return one.valid_from <= (other.valid_until or date.max) and other.valid_from <= (
        one.valid_until or date.max
    )


def _network(row: RowMapping) -> Network:
    return Network(
        name=row["name"],
        provider=row["provider"],
        addresses=tuple(ipaddress.ip_network(text) for text in row["addresses"]),
        bandwidth=row["bandwidth"],
        valid_from=row["valid_from"],
        valid_until=row["valid_until"],
        created_at=row["created_at"],
    )
