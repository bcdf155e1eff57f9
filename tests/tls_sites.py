"""A real web server over TLS on loopback, with certificates made here: by any authority, for any owner."""

from __future__ import annotations

import ipaddress
import socket
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from typing_extensions import override

from sites import Site

_FROM = datetime(2020, 1, 1, tzinfo=UTC)
_UNTIL = datetime.now(UTC) + timedelta(days=365)


def name(organisation: str, common: str) -> x509.Name:
    """Build a name; without an organisation it holds the common name only."""
    parts = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation)] if organisation else []
    return x509.Name([*parts, x509.NameAttribute(NameOID.COMMON_NAME, common)])


class Authority:
    """A certificate authority of the test."""

    def __init__(self, organisation: str, common: str = "Test Root") -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = name(organisation, common)
        public = self._key.public_key()
        self.certificate = (
            _begun(self._name, self._name, public)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_signing(), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
            .sign(self._key, hashes.SHA256())
        )

    def issue(
        self, organisation: str, *, key: ec.EllipticCurvePrivateKey | None = None
    ) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
        """Issue a certificate for 127.0.0.1 to an owner, over a new key unless one is given."""
        held = key or ec.generate_private_key(ec.SECP256R1())
        public = held.public_key()
        address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
        issued = (
            _begun(name(organisation, "127.0.0.1"), self._name, public)
            .add_extension(address, critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False
            )
            .sign(self._key, hashes.SHA256())
        )
        return issued, held


class TlsSite(Site):
    """The server of `sites`, over TLS; `certify` gives it another certificate for connections to come."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder
        self._context: ssl.SSLContext | None = None

    @override
    def url(self, target: str) -> str:
        """The URL of a target."""
        return f"https://{self.host}{target}"

    def certify(self, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> None:
        """Show this certificate from now on."""
        file = self._folder / "site.pem"
        secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        file.write_bytes(certificate.public_bytes(Encoding.PEM) + secret)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        self._context = context

    @override
    def _serve(self, connection: socket.socket) -> None:
        assert self._context is not None
        try:
            wrapped = self._context.wrap_socket(connection, server_side=True)
        except OSError:
            connection.close()
            return
        self._open.discard(connection)
        self._open.add(wrapped)
        super()._serve(wrapped)


def trusted(folder: Path, *authorities: Authority) -> Path:
    """Write the authorities into the file that `ca_file` names."""
    file = folder / "authorities.pem"
    file.write_bytes(b"".join(each.certificate.public_bytes(Encoding.PEM) for each in authorities))
    return file


def _begun(
    subject: x509.Name, issuer: x509.Name, public: ec.EllipticCurvePublicKey
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(_FROM)
        .not_valid_after(_UNTIL)
    )


def _signing() -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=True,
        crl_sign=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
