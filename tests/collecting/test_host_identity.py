"""What a certificate says of its host is read from any certificate; what cannot be read says nothing."""

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from clearance.collecting.host_identity import read_certificate
from clearance.identifiers import sha256_of
from tls_sites import Authority

KEY = ec.generate_private_key(ec.SECP256R1())
GOOD = Authority("First Authority").issue("Archive Foundation", key=KEY)[0].public_bytes(Encoding.DER)


def der(authority: Authority, organisation: str) -> bytes:
    certificate, _ = authority.issue(organisation, key=KEY)
    return certificate.public_bytes(Encoding.DER)


@pytest.mark.control("C5.2")
def test_owner_issuer_and_key_are_read() -> None:
    """The key's hash is that of its SubjectPublicKeyInfo, so that it does not change with the certificate."""
    read = read_certificate(GOOD)
    spki = KEY.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert (read.organisation, read.issuer) == ("Archive Foundation", "First Authority")
    assert read.key_sha256 == sha256_of(spki)
    assert read_certificate(der(Authority("First Authority"), "Archive Foundation")) == read


def test_an_issuer_without_organisation_is_known_by_its_common_name() -> None:
    """And a certificate that names no owner says so."""
    read = read_certificate(der(Authority("", common="Root X1"), ""))
    assert (read.organisation, read.issuer) == ("", "Root X1")


def test_names_from_outside_are_escaped_and_cut() -> None:
    """A name cannot forge a line, and a long one cannot fill a table."""
    read = read_certificate(der(Authority("A\x00B\u202eC"), "Long\r\n" + "x" * 58))
    assert read.issuer == r"A\x00B\u202eC"
    assert read.organisation.startswith(r"Long\r\nxxx")
    assert read.organisation.isprintable()


@pytest.mark.control("C5.2")
@given(st.binary(max_size=300) | st.tuples(st.integers(0, len(GOOD) - 1), st.integers(0, 255)))
def test_any_bytes_are_read(content: bytes | tuple[int, int]) -> None:
    """Random bytes and a certificate with one byte changed: never an error; unreadable ones differ."""
    if isinstance(content, tuple):
        place, value = content
        content = GOOD[:place] + bytes([value]) + GOOD[place + 1 :]
    read = read_certificate(content)
    assert read.organisation.isprintable()
    assert read.issuer.isprintable()
    assert len(read.key_sha256) == 64


def test_what_cannot_be_read_says_nothing() -> None:
    """Only its own hash is known, so that another one is another host."""
    read = read_certificate(b"no certificate")
    assert (read.organisation, read.issuer, read.key_sha256) == ("", "", sha256_of(b"no certificate"))
