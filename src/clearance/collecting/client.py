"""The only door to the network: one HTTP client that says who it is and connects to allowed addresses only.

It follows no redirect, keeps no cookie, runs no script, decodes no content encoding, and has no proxy:
whoever calls it sees every hop. The address is checked where it is used, when the socket is made, so that a
name that resolves differently the second time gains nothing (C5.2, C5.3).
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import socket
import ssl
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.connector import Connection
from typing_extensions import override
from yarl import URL

from clearance.collecting.addresses import Network, is_allowed
from clearance.collecting.host_identity import read_certificate
from clearance.errors import ConfigurationError, Refused
from clearance.identifiers import WebUrl
from clearance.sourcing import HostIdentity

_LARGE_BYTES = 4 << 20
"""Bodies above this take one of few places, so that many large ones at once cannot fill the memory."""
_LARGE_PLACES = 4
_MAX_HEADER_BYTES = 32_768
_UNBOUND = frozenset({"0.0.0.0", "::"})  # noqa: S104 - what a socket says of itself before it is connected
_AddressInfo = tuple[int, int, int, str, tuple[str, int] | tuple[str, int, int, int]]
"""As `socket.getaddrinfo` returns it."""


class AddressRefused(OSError):
    """The address is private or reserved and the workspace does not allow it."""


class EgressRefused(OSError):
    """The request would leave from an address that nobody registered, and the policy asks for it (C2.3)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What a host answered, as received."""

    url: WebUrl
    status: int
    headers: tuple[tuple[str, str], ...]
    """In the order received, names as sent."""
    content: bytes
    seconds: float
    """From the request's start to the response head."""
    egress: str
    """The local address that the request left from (C2.3)."""
    identity: HostIdentity | None = None
    """What the host's certificate says of it; nothing over http."""

    def header(self, name: str) -> str:
        """Return the first header of a name, in any case, or an empty string."""
        return next((value for key, value in self.headers if key.lower() == name), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class NoResponse:
    """No usable answer came, or we did not connect or stopped reading on purpose."""

    url: WebUrl
    why: str
    seconds: float
    egress: str
    received: int = 0
    address_refused: bool = False
    too_large: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientLimits:
    """What one request may cost."""

    timeout_s: float
    connect_timeout_s: float
    max_connections: int


class Client:
    """An HTTP client for one run; use it as an async context manager."""

    def __init__(
        self,
        *,
        user_agent: str,
        allowed: Sequence[Network],
        hosts: Mapping[str, str],
        limits: ClientLimits,
        may_leave_from: Callable[[str], bool] | None = None,
        ca_file: Path | None = None,
    ) -> None:
        self.user_agent = user_agent
        self._guard = _Guard(allowed=allowed, hosts=hosts, may_leave_from=may_leave_from)
        self._limits = limits
        self._trust = _trust(ca_file)
        self._large = asyncio.Semaphore(_LARGE_PLACES)
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                resolver=self._guard,
                socket_factory=self._guard.open_socket,
                limit=self._limits.max_connections,
                happy_eyeballs_delay=None,
                ssl=self._trust,
            ),
            response_class=_Answer,
            headers={"User-Agent": self.user_agent, "Accept-Encoding": "identity"},
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
            max_line_size=_MAX_HEADER_BYTES,
            max_field_size=_MAX_HEADER_BYTES,
            timeout=aiohttp.ClientTimeout(
                total=self._limits.timeout_s, sock_connect=self._limits.connect_timeout_s
            ),
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def get(self, url: WebUrl, *, max_bytes: int, headers: Mapping[str, str]) -> Response | NoResponse:
        """Ask for one URL; redirects come back as they are, and no failure of the network raises.

        Raises:
            Refused: the request would leave from an address that nobody registered, where the policy asks for
                one; nothing was sent.
        """
        if self._session is None:
            raise RuntimeError("the client is used inside `async with` only")
        started = time.monotonic()
        try:
            self._guard.check_literal(url.hostname)
            async with self._session.get(
                URL(url.text, encoded=True), headers=headers, allow_redirects=False
            ) as answer:
                seconds = time.monotonic() - started
                egress = self._guard.egress(url.hostname)
                if answer.headers.get("Content-Encoding", "identity").lower() not in ("", "identity"):
                    # We asked for none. To unpack it would invite a bomb; to take it as it is would misread
                    # it.
                    why = "answered in a content encoding that we did not ask for"
                    return NoResponse(url=url, why=why, seconds=seconds, egress=egress)
                body = await self._read(answer, max_bytes=max_bytes)
                if isinstance(body, str):
                    return NoResponse(
                        url=url, why=body, seconds=seconds, egress=egress, received=max_bytes, too_large=True
                    )
                return Response(
                    url=url,
                    status=answer.status,
                    headers=tuple(
                        (name.decode("latin-1"), value.decode("utf-8", "replace"))
                        for name, value in answer.raw_headers
                    ),
                    content=body,
                    seconds=seconds,
                    egress=egress,
                    identity=read_certificate(answer.certificate)
                    if isinstance(answer, _Answer) and answer.certificate
                    else None,
                )
        except TimeoutError:
            why, refused = f"no complete answer within {self._limits.timeout_s:g} s", False
        except AddressRefused as error:
            why, refused = str(error), True
        except aiohttp.ClientConnectorError as error:
            if isinstance(error.os_error, EgressRefused):
                raise Refused(str(error.os_error)) from error
            refused = isinstance(error.os_error, AddressRefused)
            why = (
                str(error.os_error)
                if refused
                else f"no connection: {error.os_error.strerror or error.os_error}"
            )
        except (aiohttp.ClientError, OSError, ValueError) as error:
            why, refused = f"{type(error).__name__}: {error}", False
        return NoResponse(
            url=url,
            why=why,
            seconds=time.monotonic() - started,
            egress=self._guard.egress(url.hostname),
            address_refused=refused,
        )

    async def _read(self, answer: aiohttp.ClientResponse, *, max_bytes: int) -> bytes | str:
        """Read a body up to a bound; text says why it was not read to the end."""
        if answer.content_length is not None and answer.content_length > max_bytes:
            return f"announces {answer.content_length} bytes, the limit is {max_bytes}"
        if answer.content_length is not None and answer.content_length <= _LARGE_BYTES:
            return await answer.content.read()
        parts: list[bytes] = []
        size = 0
        async for part in answer.content.iter_any():
            parts.append(part)
            size += len(part)
            if size > _LARGE_BYTES:
                break
        else:
            return b"".join(parts)
        async with self._large:
            async for part in answer.content.iter_any():
                parts.append(part)
                size += len(part)
                if size > max_bytes:
                    return f"more than {max_bytes} bytes"
        return b"".join(parts)


class _Answer(aiohttp.ClientResponse):
    """An answer that remembers the certificate of the connection it came over, as DER."""

    certificate = b""

    @override
    async def start(self, connection: Connection) -> Self:
        # Only here is the connection at hand: it is given back as soon as a short answer has been read.
        transport = connection.transport
        tls = transport.get_extra_info("ssl_object") if transport is not None else None
        if tls is not None:
            self.certificate = tls.getpeercert(binary_form=True) or b""
        await super().start(connection)
        return self


def _trust(ca_file: Path | None) -> ssl.SSLContext:
    """Return how certificates are verified: by the machine's authorities, and by those of a file beside them.

    Raises:
        ConfigurationError: the file holds no certificate that can be read.
    """
    context = ssl.create_default_context()
    context.set_alpn_protocols(("http/1.1",))
    if ca_file is not None:
        try:
            context.load_verify_locations(cafile=ca_file)
        except (OSError, ValueError) as error:
            why = error.strerror or "no certificate in PEM" if isinstance(error, OSError) else str(error)
            raise ConfigurationError(f"{ca_file}: {why}; see ca_file under [network]") from error
    return context


class _Guard(AbstractResolver):
    """Resolves names, and makes sockets for allowed addresses only; remembers where requests leave from."""

    def __init__(
        self,
        *,
        allowed: Sequence[Network],
        hosts: Mapping[str, str],
        may_leave_from: Callable[[str], bool] | None,
    ) -> None:
        self._allowed = tuple(allowed)
        self._may_leave_from = may_leave_from
        self._hosts = dict(hosts)
        self._address_of: dict[str, str] = {}
        self._sockets: dict[str, socket.socket] = {}
        self._egress: dict[str, str] = {}
        self._judged: dict[str, bool] = {}

    @override
    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        mapped = self._hosts.get(host)
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(mapped or host, port, family=family, type=socket.SOCK_STREAM)
        addresses = [str(info[4][0]) for info in found]
        good = [address for address in addresses if self._is_allowed(address)]
        if not good:
            raise AddressRefused(f"{host} is at {', '.join(sorted(set(addresses)))}: not a public address")
        self._address_of[host] = good[0]
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
            for address in good
        ]

    @override
    async def close(self) -> None:
        self._sockets.clear()

    def check_literal(self, hostname: str) -> None:
        """Refuse an address written as the host, which no resolver sees."""
        if (hostname[0].isdigit() or ":" in hostname) and not self._is_allowed(hostname):
            raise AddressRefused(f"{hostname}: not a public address")

    def open_socket(self, info: _AddressInfo) -> socket.socket:
        """Make the socket for one address, or refuse: the last check before a connection."""
        family, kind, protocol, _, peer = info
        if not self._is_allowed(peer[0]):
            raise AddressRefused(f"{peer[0]}: not a public address")
        made = socket.socket(family, kind, protocol)
        if self._may_leave_from is not None:
            try:
                made.bind((self._registered_way_out(family, peer), 0))
            except OSError:
                made.close()
                raise
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._sockets.setdefault(peer[0], made)
        return made

    def _registered_way_out(self, family: int, peer: tuple[str, int] | tuple[str, int, int, int]) -> str:
        """Return the address that the route to a peer leaves from, which must be registered."""
        # Connecting a datagram socket sends nothing: it only asks the routing table.
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect(peer)
            address = str(probe.getsockname()[0])
        if self._may_leave_from is not None and not self._may_leave_from(address):
            what = f"requests would leave from {address}, which no registered network holds"
            raise EgressRefused(f"{what}; `clearance network add` registers it (C2.3)")
        return address

    def egress(self, hostname: str) -> str:
        """Return the local address that requests to a host leave from, or an empty string before the first
        one.
        """
        peer = self._address_of.get(hostname, hostname)
        used = self._sockets.get(peer)
        if used is not None:
            address = ""
            # Closed already; the address of an earlier connection to the same peer still holds.
            with contextlib.suppress(OSError):
                address = str(used.getsockname()[0])
            if address not in _UNBOUND:
                # Not yet connected otherwise: a later request learns it.
                self._egress[peer] = address or self._egress.get(peer, "")
                del self._sockets[peer]
        return self._egress.get(peer, "")

    def _is_allowed(self, address: str) -> bool:
        return is_allowed(ipaddress.ip_address(address.split("%", maxsplit=1)[0]), allowed=self._allowed)
