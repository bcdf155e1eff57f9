"""What the edges hand to the signals: a host's files, response heads, pages, and what a picture says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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
    def url(self) -> str:
        """The address that was asked."""
        return f"{self.origin}{self.path}"

    @property
    def is_there(self) -> bool:
        """Tell whether there is a file to read: a page in its place is an answer to everything, and none."""
        return self.status == 200 and not self.is_markup

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


Documents = Mapping[str, HostFile]
"""Files by their absolute address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HostFiles:
    """The files of one origin, and the documents elsewhere that they lead to."""

    origin: str
    by_url: Documents

    @classmethod
    def of(cls, origin: str, files: Iterable[HostFile]) -> HostFiles:
        """Put files together by their addresses."""
        return cls(origin=origin, by_url={file.url: file for file in files})

    def get(self, path: str) -> HostFile | None:
        """Return the origin's own file at a path, or nothing where it was not asked for."""
        return self.by_url.get(f"{self.origin}{path}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseHead:
    """Status and headers of one answer; header names in any case, repeated ones in order."""

    url: WebUrl
    status: int
    headers: tuple[tuple[str, str], ...]
    documents: Documents = field(default_factory=dict)
    """Those that the headers lead to, as far as they were asked for."""
    lower: Mapping[str, tuple[str, ...]] = field(init=False)
    """The same headers by lower-case name."""

    def __post_init__(self) -> None:
        found: dict[str, tuple[str, ...]] = {}
        for name, value in self.headers:
            key = name.lower()
            found[key] = (*found.get(key, ()), value)
        object.__setattr__(self, "lower", found)


@dataclass(frozen=True, slots=True, kw_only=True)
class PageLink:
    """One `a`, `area` or `link` element."""

    href: str
    """Absolute."""
    rel: tuple[str, ...]
    """In lower case."""
    type: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PageScript:
    """One `script` element that holds data, such as JSON-LD."""

    type: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PageObject:
    """One thing that microdata or RDFa describes: its type's last word, and its properties in order."""

    type: str
    properties: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A web page that shows a picture, as far as it speaks of rights."""

    head: ResponseHead
    """Its own answer; `head.documents` holds what the page leads to as well."""
    metas: tuple[tuple[str, str], ...]
    """Name in lower case, content."""
    links: tuple[PageLink, ...]
    """Those that state rights, by their relation."""
    scripts: tuple[PageScript, ...]
    objects: tuple[PageObject, ...]
    malformed: tuple[Malformed, ...]
    """What was there and could not be read, or was beyond a bound."""
    evidence: tuple[Sha256, ...]
    """The page's own hash."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Embedded:
    """What a picture's own bytes say, as received, before anything was decoded."""

    xmp: tuple[Xmp, ...]
    malformed: tuple[Malformed, ...]
    """XMP packets or manifests that are there but cannot be read."""
    manifests: Manifests | None
    evidence: tuple[Sha256, ...]
    """The picture's own hash."""
    fields: tuple[tuple[str, str], ...] = ()
    """Rights fields outside XMP, by name: `iim:copyright-notice`, `exif:copyright` and the like."""

    def values(self, namespace: str, name: str) -> tuple[str, ...]:
        """Return the values of a property over all packets."""
        return tuple(value for packet in self.xmp for value in packet.values(namespace, name))
