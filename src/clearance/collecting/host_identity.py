"""Read what a host's TLS certificate says of the host: its owner, its issuer, its key. Pure.

The certificate was verified when the connection was made; here it is only read. Takes all input: what cannot
be read says nothing, and a host that said something before and says nothing now has changed.

Source: RFC 5280 sections 4.1.2.4, 4.1.2.6 and 4.1.2.7; C5.2.
"""

from __future__ import annotations

from functools import lru_cache

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID, ObjectIdentifier

from clearance.errors import printable
from clearance.identifiers import Sha256, sha256_of
from clearance.sourcing import HostIdentity

_MAX_CHARS = 500
"""RFC 5280 allows names 64 characters; more than this is a construction and is cut."""
_REMEMBERED = 1024
"""Certificates whose reading is kept: a host shows the same one with every answer."""


@lru_cache(maxsize=_REMEMBERED)
def read_certificate(der: bytes) -> HostIdentity:
    """Read a certificate in DER; of one that cannot be read only its hash is known, in the key's place."""
    try:
        certificate = x509.load_der_x509_certificate(der)
        key = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        organisation = _named(certificate.subject, NameOID.ORGANIZATION_NAME)
        issuer = _named(certificate.issuer, NameOID.ORGANIZATION_NAME)
        return HostIdentity(
            organisation=organisation,
            issuer=issuer or _named(certificate.issuer, NameOID.COMMON_NAME),
            key_sha256=sha256_of(key),
        )
    except Exception:  # noqa: BLE001 - foreign bytes in a foreign parser: whatever it raises, nothing was said
        return HostIdentity(organisation="", issuer="", key_sha256=Sha256(sha256_of(der)))


def _named(name: x509.Name, kind: ObjectIdentifier) -> str:
    values = (str(attribute.value).strip() for attribute in name.get_attributes_for_oid(kind))
    return printable(", ".join(value for value in values if value), max_chars=_MAX_CHARS)
