"""Read sitemaps: XML or a list of addresses, packed or plain, of pages with their pictures or of further
sitemaps. Pure, bounded, never raises.

A document type is refused whole, so that no entity is ever expanded; a packed file is unpacked up to a bound;
elements are read one after another and let go.

Source: sitemaps.org protocol 0.9; Google image sitemaps 1.1; RFC 1952; C3.6, C5.2.
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, iterparse

from clearance.errors import printable
from clearance.identifiers import Malformed
from clearance.sourcing.observed import HostFiles
from clearance.sourcing.signals.robots.file import site_lines
from clearance.sourcing.signals.text_file import decoded

MAX_SITEMAP_BYTES = 52_428_800
"""The protocol's own bound for one file, unpacked."""
MAX_ENTRIES = 50_000
"""The protocol's own bound for one file."""
_MAX_PICTURES = 1000
"""Of one page, by Google's own bound."""
_MAX_DEPTH = 20
"""A picture's address stands four elements deep, with what others put around it perhaps eight."""
_MAX_ELEMENTS = 20_000
"""Of one entry: a thousand pictures with everything that may be said of them come to less."""
_MAX_URL_CHARS = 2048
_MAX_NAMED = 100
"""Sitemaps that a robots.txt may name; more are a construction."""
_GZIP = b"\x1f\x8b"


@dataclass(frozen=True, slots=True, kw_only=True)
class SitemapPage:
    """One page that a sitemap lists, with the addresses of the pictures on it."""

    address: str
    pictures: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sitemap:
    """What one file says."""

    pages: tuple[SitemapPage, ...] = ()
    sitemaps: tuple[str, ...] = ()
    """Addresses of further sitemaps, where the file is an index."""
    cut: str = ""
    """Why it was not read to its end, or empty."""


class _BeyondBounds(Exception):
    """What no sitemap has: elements nested too deep, or an entry with too many of them."""


def named_sitemaps(files: HostFiles) -> tuple[str, ...]:
    """Return the sitemaps that a host's robots.txt names, in their order."""
    named = dict.fromkeys(line.value.strip() for line in site_lines(files, "sitemap"))
    return tuple(address for address in named if 0 < len(address) <= _MAX_URL_CHARS)[:_MAX_NAMED]


def read_sitemap(content: bytes) -> Sitemap | Malformed:
    """Read a file; what is neither a sitemap, an index nor a list of addresses is `Malformed`."""
    cut = ""
    if content.startswith(_GZIP):
        unpacked = _unpacked(content)
        if isinstance(unpacked, Malformed):
            return unpacked
        content, cut = unpacked
    elif len(content) > MAX_SITEMAP_BYTES:
        content, cut = content[:MAX_SITEMAP_BYTES], f"larger than {MAX_SITEMAP_BYTES} bytes"
    content = content.lstrip(b"\xef\xbb\xbf \t\r\n")
    if content.startswith((b"<", b"\xff\xfe", b"\xfe\xff")):
        return _read_xml(content, cut)
    return _read_lines(content, cut)


def _unpacked(content: bytes) -> tuple[bytes, str] | Malformed:
    unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        plain = unpacker.decompress(content, MAX_SITEMAP_BYTES)
    except zlib.error as error:
        return Malformed(where="sitemap", why=f"not readable as gzip: {printable(str(error), max_chars=80)}")
    if unpacker.unconsumed_tail:
        return plain, f"unpacks to more than {MAX_SITEMAP_BYTES} bytes"
    return plain, "" if unpacker.eof else "the packed file ends too early"


def _read_lines(content: bytes, cut: str) -> Sitemap | Malformed:
    lines = [line.strip() for line in decoded(content).splitlines() if line.strip()]
    pages = tuple(
        SitemapPage(address=line)
        for line in lines[:MAX_ENTRIES]
        if line.startswith(("http://", "https://")) and len(line) <= _MAX_URL_CHARS
    )
    if not pages:
        return Malformed(where="sitemap", why="neither XML nor a list of addresses")
    if len(lines) > MAX_ENTRIES:
        cut = cut or f"more than {MAX_ENTRIES} entries"
    return Sitemap(pages=pages, cut=cut)


def _read_xml(content: bytes, cut: str) -> Sitemap | Malformed:
    """Read what can be read; what a file's broken end hides makes the count smaller, never larger."""
    reader = _Reader()
    try:
        for number, _ in enumerate(reader.read(content)):
            if number == MAX_ENTRIES:
                cut = cut or f"more than {MAX_ENTRIES} entries"
                break
    except DefusedXmlException:
        return Malformed(where="sitemap", why="declares entities or a document type")
    except _BeyondBounds as error:
        cut = str(error)
    except (ParseError, ValueError, LookupError, RecursionError) as error:
        cut = cut or f"not well-formed: {printable(str(error), max_chars=80)}"
    if reader.root not in ("urlset", "sitemapindex"):
        began = printable(reader.root or "nothing that can be read", max_chars=40)
        return Malformed(where="sitemap", why=f"begins with {began}, not with urlset or sitemapindex")
    return Sitemap(pages=tuple(reader.pages), sitemaps=tuple(reader.sitemaps), cut=cut)


class _Reader:
    """Reads elements as they end, and lets them go."""

    def __init__(self) -> None:
        self.root = ""
        self.pages: list[SitemapPage] = []
        self.sitemaps: list[str] = []

    def read(self, content: bytes) -> Iterator[None]:
        """Read a file; it stops before each entry is taken in, so that its caller can count."""
        depth = within = 0
        top: Any = None
        for event, element in iterparse(io.BytesIO(content), events=("start", "end"), forbid_dtd=True):
            if event == "start":
                depth += 1
                within += 1
                if depth > _MAX_DEPTH:
                    raise _BeyondBounds(f"nested deeper than {_MAX_DEPTH}")
                if within > _MAX_ELEMENTS:
                    raise _BeyondBounds(f"an entry of more than {_MAX_ELEMENTS} elements")
                if top is None:
                    top, self.root = element, _name(element)
                continue
            depth -= 1
            if depth != 1:
                continue
            yield
            self._take(element)
            top.clear()
            within = 0

    def _take(self, entry: Any) -> None:
        """Take in one `url` or `sitemap`."""
        parts = list(entry)
        address = next((_text(part) for part in parts if _name(part) == "loc"), "")
        if not 0 < len(address) <= _MAX_URL_CHARS:
            return
        match _name(entry):
            case "sitemap":
                self.sitemaps.append(address)
            case "url":
                images = [part for part in parts if _name(part) == "image"][:_MAX_PICTURES]
                found = dict.fromkeys(
                    _text(each) for image in images for each in image if _name(each) == "loc"
                )
                pictures = tuple(each for each in found if 0 < len(each) <= _MAX_URL_CHARS)
                self.pages.append(SitemapPage(address=address, pictures=pictures))


def _name(element: Any) -> str:
    """Return an element's name without its namespace, which files get wrong as often as right."""
    return str(element.tag).rpartition("}")[2]


def _text(element: Any) -> str:
    return str(element.text or "").strip()
