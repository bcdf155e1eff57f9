"""What the edges hand to the signals: host files, response heads, what a picture says of itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from clearance.identifiers import Malformed, Sha256, WebUrl
from clearance.pictures import Manifests, Xmp


@dataclass(frozen=True, slots=True, kw_only=True)
class HostFile:
    """One file of a host that states its rights or wishes, as it was last seen."""

    origin: str
    path: str
    status: int
    """The HTTP status; 0 where no answer came."""
    headers: tuple[tuple[str, str], ...]
    content: bytes
    """Empty unless the status is 200."""
    fetched_at: datetime
    failure: str
    """Why no answer came, or empty."""
    sha256: Sha256

    @property
    def is_unreachable(self) -> bool:
        """Tell whether the host could not say what it wants: no answer, overloaded, broken, or a challenge.

        A 429 is an answer about us, not about the file; so is a 202, with which firewalls ask for a proof of
        being a browser. Only the file, 204 and the other 4xx say what there is.

        Source: RFC 9309 section 2.3.1.
        """
        return self.status == 429 or not (self.status in (200, 204) or 400 <= self.status < 500)

    @property
    def is_markup(self) -> bool:
        """Tell whether a page stands where a file was expected, as many sites answer everything."""
        start = self.content[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
        return start.startswith((b"<!doctype", b"<html", b"<head", b"<body"))


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseHead:
    """Status and headers of one answer; header names in any case, repeated ones in order."""

    url: WebUrl
    status: int
    headers: tuple[tuple[str, str], ...]
    lower: Mapping[str, tuple[str, ...]] = field(init=False)
    """The same headers by lower-case name."""

    def __post_init__(self) -> None:
        found: dict[str, tuple[str, ...]] = {}
        for name, value in self.headers:
            key = name.lower()
            found[key] = (*found.get(key, ()), value)
        object.__setattr__(self, "lower", found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Embedded:
    """What a picture's own bytes say, as received, before anything was decoded."""

    xmp: tuple[Xmp, ...]
    malformed: tuple[Malformed, ...]
    """XMP packets or manifests that are there but cannot be read."""
    manifests: Manifests | None
    evidence: tuple[Sha256, ...]
    """The picture's own hash."""

    def values(self, namespace: str, name: str) -> tuple[str, ...]:
        """Return the values of a property over all packets."""
        return tuple(value for packet in self.xmp for value in packet.values(namespace, name))
