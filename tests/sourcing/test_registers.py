"""The account register and the network register."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from ipaddress import ip_network
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearance.database import Database, migrate, open_database
from clearance.errors import BadInput
from clearance.sourcing import (
    Account,
    AccountStore,
    Network,
    NetworkIndex,
    NetworkStore,
    parse_bandwidth,
    parse_block,
)

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
TODAY = NOW.date()


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with open_database(f"sqlite:///{tmp_path}/control.sqlite") as opened:
        migrate(opened)
        yield opened


def account(name: str = "members", **changes: object) -> Account:
    made = Account(
        name=name,
        source="archive",
        mailbox="bot@example.org",
        responsible="Ada",
        last_checked=None,
        checked_by="",
        created_at=NOW,
    )
    return replace(made, **changes)  # type: ignore[arg-type] # its fields


def network(name: str = "line", *blocks: str, **changes: object) -> Network:
    made = Network(
        name=name,
        provider="A provider",
        addresses=tuple(ip_network(block) for block in blocks or ("192.0.2.0/24",)),
        bandwidth="1 Gbit/s",
        valid_from=date(2026, 1, 1),
        valid_until=None,
        created_at=NOW,
    )
    return replace(made, **changes)  # type: ignore[arg-type] # its fields


@pytest.mark.control("C2.2")
def test_an_account_comes_back_with_its_last_check(database: Database) -> None:
    """Every check is kept; the latest day counts, in whatever order they were recorded."""
    store = AccountStore(database)
    store.add(account(last_checked=date(2026, 11, 1), checked_by="Ada"))
    store.add(account("other", source="agency"))
    assert store.list(source="agency") == (account("other", source="agency"),)
    store.check("members", by=" Grace ", on=date(2026, 11, 20), now=NOW)
    store.check("members", by="Ada", on=date(2026, 11, 10), now=NOW)
    checked = account(last_checked=date(2026, 11, 20), checked_by="Grace")
    assert store.get("members") == checked
    assert store.list() == (checked, account("other", source="agency"))


@pytest.mark.control("C2.2")
@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"name": "a b"}, "account name"),
        ({"mailbox": "nobody"}, "--mailbox"),
        ({"mailbox": "a@b@example.org"}, "--mailbox"),
        ({"mailbox": "a@example.org, b@example.org"}, "--mailbox"),
        ({"responsible": " "}, "--responsible"),
        ({"last_checked": date(2026, 11, 25)}, "that day is to come"),
        ({"name": "taken"}, "exists already"),
    ],
)
def test_an_account_without_a_mailbox_that_a_person_reads_is_refused(
    database: Database, changes: dict[str, object], match: str
) -> None:
    """And nothing is kept."""
    store = AccountStore(database)
    store.add(account("taken"))
    with pytest.raises(BadInput, match=match):
        store.add(account(**changes))  # type: ignore[arg-type] # its fields
    assert len(store.list()) == 1


@pytest.mark.control("C2.2")
def test_a_check_names_a_person_an_account_and_a_day_that_was(database: Database) -> None:
    """Where the day has begun already somewhere east, tomorrow is today."""
    store = AccountStore(database)
    with pytest.raises(BadInput, match="clearance account add"):
        store.check("members", by="Ada", on=TODAY, now=NOW)
    store.add(account())
    with pytest.raises(BadInput, match="accounts: members"):
        store.get("none")
    with pytest.raises(BadInput, match="names the person"):
        store.check("members", by=" ", on=TODAY, now=NOW)
    with pytest.raises(BadInput, match="to come"):
        store.check("members", by="Ada", on=date(2026, 11, 25), now=NOW)
    assert store.check("members", by="Ada", on=date(2026, 11, 24), now=NOW).last_checked == date(2026, 11, 24)


@pytest.mark.control("C2.3")
def test_a_network_comes_back_whole(database: Database) -> None:
    """Provider, blocks of both families, bandwidth, period."""
    store = NetworkStore(database)
    made = network("line", "192.0.2.0/24", "2001:db8::/48", valid_until=date(2027, 1, 1))
    store.add(made)
    assert store.list() == (made,)


@pytest.mark.control("C2.3")
@pytest.mark.parametrize(
    ("made", "match"),
    [
        (network("a/b"), "network name"),
        (network(provider=" "), "--provider"),
        (replace(network(), addresses=()), "--address"),
        (network(valid_until=date(2025, 1, 1)), "before it begins"),
        (network("taken", "198.51.100.0/24"), "exists already"),
        (network("new", "203.0.113.0/24"), "belongs to network 'taken'"),
    ],
)
def test_a_network_that_explains_no_visit_is_refused(database: Database, made: Network, match: str) -> None:
    """And nothing is kept."""
    store = NetworkStore(database)
    store.add(network("taken", "203.0.113.0/24", valid_until=date(2026, 6, 30)))
    with pytest.raises(BadInput, match=match):
        store.add(made)
    assert len(store.list()) == 1
    store.add(network("later", "203.0.113.0/24", valid_from=date(2026, 7, 1)))


@pytest.mark.control("C2.3")
@pytest.mark.parametrize(
    ("address", "day", "name"),
    [
        ("192.0.2.9", TODAY, "wide"),
        ("192.0.2.130", TODAY, "narrow"),
        ("::ffff:192.0.2.130", TODAY, "narrow"),
        ("192.0.2.130", date(2025, 12, 31), None),
        ("192.0.2.130", date(2026, 12, 1), "wide"),
        ("198.51.100.1", TODAY, None),
        ("2001:db8::1", TODAY, "six"),
        ("fe80::1%eth0", TODAY, "link"),
        (" 192.0.2.9 ", TODAY, "wide"),
        ("", TODAY, None),
        ("example.org", TODAY, None),
    ],
)
def test_the_network_of_an_address_on_a_day(address: str, day: date, name: str | None) -> None:
    """The narrowest block that was ours then; what is no address has none."""
    index = NetworkIndex(
        [
            network("wide", "192.0.2.0/24"),
            network("narrow", "192.0.2.128/25", valid_until=date(2026, 11, 30)),
            network("six", "2001:db8::/32"),
            network("link", "fe80::/64"),
        ]
    )
    matched = index.match(address, day)
    assert (matched.name if matched else None) == name


@given(st.text(max_size=50), st.dates())
def test_matching_any_text_never_raises(text: str, day: date) -> None:
    """Addresses come from sockets, and from a ledger that others may have written."""
    NetworkIndex([network()]).match(text, day)


@pytest.mark.control("C2.3")
@pytest.mark.parametrize(
    ("text", "block"),
    [("192.0.2.1", "192.0.2.1/32"), (" 192.0.2.0/24", "192.0.2.0/24"), ("2001:db8::/32", "2001:db8::/32")],
)
def test_an_address_or_a_block_is_read(text: str, block: str) -> None:
    """A single address is a block of one."""
    assert str(parse_block(text)) == block


@pytest.mark.parametrize(
    "text", ["", "example.org", "192.0.2.5/24", "0.0.0.0/0", "10.0.0.0/7", "::/0", "1.2.3.4/99"]
)
def test_what_is_no_block_that_was_bought_is_refused(text: str) -> None:
    """Among them the whole internet, which would make every address ours."""
    with pytest.raises(BadInput, match="--address"):
        parse_block(text)


@pytest.mark.control("C2.3")
@pytest.mark.parametrize(
    ("text", "bandwidth"),
    [
        ("1 Gbit/s", "1 Gbit/s"),
        ("500", "500 Mbit/s"),
        (" 2.5gbps ", "2.5 Gbit/s"),
        ("64 KBIT/S", "64 kbit/s"),
        ("1tbit/s", "1 Tbit/s"),
    ],
)
def test_a_bandwidth_has_a_number_and_a_unit(text: str, bandwidth: str) -> None:
    """Written one way, whatever was given."""
    assert parse_bandwidth(text) == bandwidth


@pytest.mark.parametrize("text", ["", "fast", "0", "1 GB/s", "-5", "1e3", "1 Gbit/s or so"])
def test_what_is_no_bandwidth_is_refused(text: str) -> None:
    """Bytes are not bits."""
    with pytest.raises(BadInput, match="--bandwidth"):
        parse_bandwidth(text)
