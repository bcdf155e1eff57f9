"""Whether a host is still whose it was: what is watched waits for a person, everything else goes through."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearance.identifiers import Host, sha256_of
from clearance.policy import Outcome, Policy, default_policy_bytes, read_policy
from clearance.sourcing import (
    HostIdentity,
    HostStanding,
    against_host,
    confirm_host,
    describe_change,
    meet_host,
)
from conftest import NOW

HOST = Host("pictures.example")
NAMES = st.sampled_from(["", "Archive", "Hoarder", "x" * 90])
IDENTITIES = st.builds(
    HostIdentity,
    organisation=NAMES,
    issuer=NAMES,
    key_sha256=st.sampled_from([sha256_of(b"1"), sha256_of(b"2")]),
)


def policy(watched: str = "organisation, issuer") -> Policy:
    text = default_policy_bytes().replace(
        b"watched: [organisation, issuer]", f"watched: [{watched}]".encode()
    )
    return read_policy(text)


def identity(organisation: str = "Archive", issuer: str = "Authority", key: bytes = b"1") -> HostIdentity:
    return HostIdentity(organisation=organisation, issuer=issuer, key_sha256=sha256_of(key))


def met(*seen: HostIdentity, under: Policy, now: datetime = NOW) -> HostStanding:
    standing: HostStanding | None = None
    for day, each in enumerate(seen):
        standing = meet_host(standing, each, host=HOST, policy=under, now=now + timedelta(days=day))
    assert standing is not None
    return standing


@pytest.mark.control("C5.2")
@pytest.mark.parametrize(
    ("watched", "now", "change"),
    [
        ("organisation, issuer", identity(), None),
        ("organisation, issuer", identity(key=b"2"), None),
        ("organisation", identity(issuer="Other"), None),
        ("", identity("Hoarder", "Other", b"2"), None),
        ("organisation", identity("Hoarder"), 'organisation "Archive" -> "Hoarder"'),
        ("organisation", identity(""), 'organisation "Archive" -> none stated'),
        ("issuer", identity(issuer="Other"), 'issuer "Authority" -> "Other"'),
        ("issuer", identity("H", "Other"), 'organisation "Archive" -> "H", issuer "Authority" -> "Other"'),
        ("key", identity(key=b"2"), f'key "{sha256_of(b"1")}" -> "{sha256_of(b"2")}"'),
        ("organisation", identity("x" * 90), f'organisation "Archive" -> "{"x" * 63}…"'),
    ],
)
def test_a_watched_change_holds(watched: str, now: HostIdentity, change: str | None) -> None:
    """The reason names the host, what it was, what it is, and since when."""
    rules = policy(watched)
    standing = met(identity(), now, under=rules)
    reasons = against_host(standing, rules)
    if change is None:
        assert (reasons, standing.known, standing.seen) == ((), now, None)
        return
    (reason,) = reasons
    assert (reason.rule, reason.control, reason.outcome) == ("host-changed", "C5.2", Outcome.HOLD)
    assert reason.detail == f"{HOST}: {change}, since 2026-11-24"
    assert standing.known == identity()


def test_a_host_without_an_owner_that_names_none_later_is_unchanged() -> None:
    """Most certificates vouch for a name only; an owner that appears is another matter."""
    rules = policy()
    assert against_host(met(identity(""), identity("", key=b"2"), under=rules), rules) == ()
    standing = met(identity(""), identity("Archive"), under=rules)
    assert describe_change(standing) == 'organisation none stated -> "Archive", since 2026-11-24'


def test_a_host_that_was_never_seen_has_nothing_against_it() -> None:
    """It is trusted as it is first seen: nobody could say what it was before."""
    assert against_host(None, policy()) == ()
    assert describe_change(met(identity(), under=policy())) == ""


@pytest.mark.control("C5.2")
def test_what_waits_is_shown_as_it_was_last_seen() -> None:
    """Back to what it was, it still waits: a person must know of the other one."""
    rules = policy()
    standing = met(identity(), identity("Hoarder"), identity(), under=rules)
    (reason,) = against_host(standing, rules)
    assert reason.detail.endswith("showed another certificate on 2026-11-24, and now the one it had")
    assert confirm_host(standing, by="A. Person", now=NOW).known == identity()


@pytest.mark.control("C5.2")
@given(
    seen=st.lists(IDENTITIES, min_size=1, max_size=8),
    watched=st.sampled_from(["", "organisation", "issuer, key"]),
)
def test_only_a_person_ends_a_wait(seen: list[HostIdentity], watched: str) -> None:
    """However often the host is seen; whoever confirms takes what was seen last, and nothing waits then."""
    rules = policy(watched)
    for end in range(1, len(seen)):
        waits = bool(against_host(met(*seen[:end], under=rules), rules))
        assert not waits or against_host(met(*seen, under=rules), rules)
    standing = met(*seen, under=rules)
    assert meet_host(standing, seen[-1], host=HOST, policy=rules, now=NOW) == standing
    after = confirm_host(standing, by="A. Person", now=NOW)
    assert (after.known, after.confirmed_by, after.confirmed_at) == (seen[-1], "A. Person", NOW)
    assert against_host(after, rules) == ()
