"""Names for what must not be confused: hashes, hosts, URLs, ids.

Nothing here reads or writes; parsing takes all input and answers with a value.
"""

from __future__ import annotations

import hashlib
import ipaddress
import re
from dataclasses import dataclass
from typing import NewType
from urllib.parse import quote, urlsplit

Sha256 = NewType("Sha256", str)
"""Lower-case hexadecimal SHA-256, 64 characters."""
ItemId = NewType("ItemId", str)
BatchId = NewType("BatchId", str)
ErasureId = NewType("ErasureId", str)
VersionId = NewType("VersionId", str)
ShardId = NewType("ShardId", str)
KeyId = NewType("KeyId", str)
IsccCode = NewType("IsccCode", str)
"""An ISCC-CODE or ISCC-UNIT in its canonical form, `ISCC:` and base32 (ISO 24138)."""
Host = NewType("Host", str)
"""A lower-case host name or address, with `:port` where it is not the scheme's own."""

MAX_URL_CHARS = 8192
"""Longer URLs are refused: servers cut there, and only an attacker needs more."""

_DEFAULT_PORTS = {"http": 80, "https": 443}
_NAME = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*\.?")
# The usual case, which needs no repair: nothing to quote, no dot segment, no user information, no address for
# a host.
_PLAIN = re.compile(
    r"(https?)://((?=[a-z])[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*)"
    r"(?::([1-9][0-9]{1,4}))?(/(?!\.|.*/\.)[A-Za-z0-9/:@!$&'()*+,;=._~-]*(?:\?[A-Za-z0-9/:@!$&'()*+,;=._~?-]+)?)"
)
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
# What RFC 3986 allows in a path and query, and "%" of the escapes that are there.
_PATH_SAFE = "/:@!$&'()*+,;=-._~%"
_QUERY_SAFE = _PATH_SAFE + "?[]|"


def sha256_of(data: bytes) -> Sha256:
    """Return the SHA-256 of bytes as lower-case hexadecimal."""
    return Sha256(hashlib.sha256(data).hexdigest())


@dataclass(frozen=True, slots=True, kw_only=True)
class Malformed:
    """What a parser answers where it cannot read: where it was and why."""

    where: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WebUrl:
    """An absolute http or https URL, normalised so that equal addresses compare equal.

    Host in lower case and IDNA form, no default port, no user information, no fragment, path and query with
    non-ASCII characters percent-encoded.

    Source: RFC 3986 section 6.2.
    """

    scheme: str
    hostname: str
    port: int
    target: str
    """Path and query, as they go into the request line."""

    @property
    def host(self) -> Host:
        """The host, with its port where it is not the scheme's default."""
        name = f"[{self.hostname}]" if ":" in self.hostname else self.hostname
        return Host(name if self.port == _DEFAULT_PORTS[self.scheme] else f"{name}:{self.port}")

    @property
    def origin(self) -> str:
        """Scheme, host and port: what one robots.txt speaks for (RFC 9309 section 2.3)."""
        return f"{self.scheme}://{self.host}"

    @property
    def text(self) -> str:
        """The URL as a string."""
        return f"{self.origin}{self.target}"


def parse_url(text: str) -> WebUrl | Malformed:
    """Read a URL from outside; anything but an absolute http(s) URL is `Malformed`.

    Source: RFC 3986; WHATWG URL is not followed where it repairs what is broken.
    """
    stripped = text.strip()
    if not stripped:
        return Malformed(where="url", why="empty")
    if len(stripped) > MAX_URL_CHARS:
        return Malformed(where="url", why=f"longer than {MAX_URL_CHARS} characters")
    plain = _plain(stripped)
    if plain is not None:
        return plain
    if any(ord(char) < 0x20 or ord(char) == 0x7F for char in stripped):
        return Malformed(where="url", why="control character")
    try:
        parts = urlsplit(stripped)
        port = parts.port
    except ValueError as error:
        return Malformed(where="url", why=str(error))
    if parts.scheme not in _DEFAULT_PORTS:
        return Malformed(where="url", why=f"scheme {parts.scheme or 'missing'!r} is not http or https")
    if parts.username is not None or parts.password is not None:
        return Malformed(where="url", why="user information in the address")
    hostname = _host_name(parts.hostname or "")
    if isinstance(hostname, Malformed):
        return hostname
    if port == 0:
        return Malformed(where="url", why="port 0")
    # Escapes first, or "/%2e%2e/" and "/%70rivate" would pass for paths that no rule speaks of.
    path = _ESCAPE.sub(_plain_escape, quote(parts.path or "/", safe=_PATH_SAFE))
    query = f"?{_ESCAPE.sub(_plain_escape, quote(parts.query, safe=_QUERY_SAFE))}" if parts.query else ""
    return WebUrl(
        scheme=parts.scheme,
        hostname=hostname,
        port=port or _DEFAULT_PORTS[parts.scheme],
        target=_without_dots(path) + query,
    )


def _plain(text: str) -> WebUrl | None:
    """Read a URL that needs no repair; most do not, and this costs a tenth."""
    match = _PLAIN.fullmatch(text)
    if match is None or len(match[2]) > 253 or match[2].rpartition(".")[2].isdigit():
        return None
    port = int(match[3] or _DEFAULT_PORTS[match[1]])
    return WebUrl(scheme=match[1], hostname=match[2], port=port, target=match[4]) if port < 65_536 else None


def _plain_escape(escape: re.Match[str]) -> str:
    """Decode what needs no escape and write the others alike (RFC 3986 sections 6.2.2.1 and 6.2.2.2)."""
    char = chr(int(escape[1], 16))
    return char if char in _UNRESERVED else f"%{escape[1].upper()}"


def _host_name(raw: str) -> str | Malformed:
    if not raw:
        return Malformed(where="host", why="missing")
    if raw[0].isdigit() or ":" in raw:
        try:
            return str(ipaddress.ip_address(raw))
        except ValueError:
            pass
    try:
        name = raw if raw.isascii() else raw.encode("idna").decode("ascii")
    except UnicodeError:
        return Malformed(where="host", why="not a name that IDNA can write")
    name = name.lower()
    if len(name) > 253 or not _NAME.fullmatch(name):
        return Malformed(where="host", why="not a host name")
    if name.rstrip(".").rsplit(".", 1)[-1].isdigit() or name.startswith("0x"):
        # 2130706433, 0x7f000001, 127.1: addresses in disguise, which resolvers read as 127.0.0.1.
        return Malformed(where="host", why="an address in a form that is not dotted decimal")
    return name.rstrip(".")


def _without_dots(path: str) -> str:
    """Remove dot segments (RFC 3986 section 5.2.4)."""
    if "/." not in path:
        return path
    kept: list[str] = []
    segments = path.split("/")[1:]
    for segment in segments:
        if segment == "..":
            if kept:
                kept.pop()
        elif segment != ".":
            kept.append(segment)
    if segments[-1] in (".", ".."):
        kept.append("")
    return "/" + "/".join(kept)
