import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearance.collecting.addresses import is_allowed

LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"),)


@pytest.mark.control("C5.2")
@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "169.254.169.254",
        "192.0.0.192",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "::ffff:127.0.0.1",
        "::127.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "fe80::1",
        "fd00::1",
        "ff02::1",
        "2001:db8::1",
    ],
)
def test_private_and_reserved_addresses_are_refused(address: str) -> None:
    """No form of a private, reserved or metadata address may be connected to."""
    assert not is_allowed(ipaddress.ip_address(address), allowed=())


@pytest.mark.parametrize(
    "address", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "::ffff:93.184.216.34"]
)
def test_public_addresses_are_allowed(address: str) -> None:
    """Public servers can be visited."""
    assert is_allowed(ipaddress.ip_address(address), allowed=())


@pytest.mark.control("C5.2")
def test_what_the_workspace_allows_is_allowed_and_nothing_beside_it() -> None:
    """An allowed private network opens itself only, in its IPv6-mapped form too."""
    assert is_allowed(ipaddress.ip_address("127.0.0.1"), allowed=LOOPBACK)
    assert is_allowed(ipaddress.ip_address("::ffff:127.0.0.1"), allowed=LOOPBACK)
    assert not is_allowed(ipaddress.ip_address("10.0.0.1"), allowed=LOOPBACK)
    assert not is_allowed(ipaddress.ip_address("::1"), allowed=LOOPBACK)


@pytest.mark.control("C5.2")
@given(st.ip_addresses())
def test_allowing_more_never_allows_less(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    """Every address has an answer, and an allowed network only adds to what is open."""
    assert is_allowed(address, allowed=LOOPBACK) or not is_allowed(address, allowed=())


@pytest.mark.control("C5.2")
@given(st.ip_addresses(v=4).filter(lambda address: not address.is_global))
def test_what_is_not_global_is_never_allowed(address: ipaddress.IPv4Address) -> None:
    """Our table covers all that the standard library calls non-global."""
    assert not is_allowed(address, allowed=())
