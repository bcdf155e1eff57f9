"""Sitemaps as sites write them, and as attackers do."""

import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearance.identifiers import Malformed
from clearance.sourcing import HostFile, HostFiles, Sitemap, SitemapPage, named_sitemaps, read_sitemap
from clearance.sourcing.sitemaps import MAX_ENTRIES, MAX_SITEMAP_BYTES

NAMESPACES = (
    'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
    ' xmlns:image="http://www.google.com/schemas/sitemap-image/1.1"'
)
PAGES = f"""<?xml version="1.0" encoding="UTF-8"?>
<!-- made by hand -->
<urlset {NAMESPACES}>
  <url><loc> https://a.example/1 </loc><lastmod>2026-01-01</lastmod>
    <image:image><image:loc>https://cdn.example/1.jpg</image:loc><image:title>One &amp; only</image:title></image:image>
    <image:image><image:loc>https://cdn.example/2.jpg</image:loc></image:image>
    <image:image><image:loc>https://cdn.example/1.jpg</image:loc></image:image></url>
  <url><loc>https://a.example/2?x=1&amp;y=2</loc></url>
  <url><lastmod>2026-01-01</lastmod></url>
</urlset>""".encode()
READ = Sitemap(
    pages=(
        SitemapPage(
            address="https://a.example/1",
            pictures=("https://cdn.example/1.jpg", "https://cdn.example/2.jpg"),
        ),
        SitemapPage(address="https://a.example/2?x=1&y=2"),
    )
)
BOMB = b"""<?xml version="1.0"?><!DOCTYPE urlset [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>
<urlset><url><loc>https://a.example/&b;</loc></url></urlset>"""
OUTSIDE = b"""<!DOCTYPE urlset [<!ENTITY x SYSTEM "file:///etc/passwd">]>
<urlset><url><loc>https://a.example/&x;</loc></url></urlset>"""


def pages(*numbers: int) -> Sitemap:
    return Sitemap(pages=tuple(SitemapPage(address=f"https://a.example/{number}") for number in numbers))


@pytest.mark.control("C3.6")
@pytest.mark.parametrize(
    ("content", "read"),
    [
        (PAGES, READ),
        (gzip.compress(PAGES), READ),
        (b"\xef\xbb\xbf\n " + PAGES.removeprefix(b'<?xml version="1.0" encoding="UTF-8"?>'), READ),
        (PAGES.decode().replace("UTF-8", "UTF-16").encode("utf-16"), READ),
        (
            f"<sitemapindex {NAMESPACES}><sitemap><loc>https://a.example/s1.xml.gz</loc></sitemap>"
            "<sitemap><loc>https://a.example/s2.xml</loc></sitemap></sitemapindex>".encode(),
            Sitemap(sitemaps=("https://a.example/s1.xml.gz", "https://a.example/s2.xml")),
        ),
        (b"<urlset><url><loc>https://a.example/1</loc></url></urlset>", pages(1)),
        (b"https://a.example/1\r\n\nhttps://a.example/2\nftp://no\n# none\n", pages(1, 2)),
        (b"<urlset/>", Sitemap()),
        (b"<urlset><other><loc>https://a.example/1</loc></other></urlset>", Sitemap()),
    ],
)
def test_a_sitemap_is_read_in_every_form(content: bytes, read: Sitemap) -> None:
    """XML with and without namespaces, packed, in either encoding, an index, a list of addresses."""
    assert read_sitemap(content) == read


@pytest.mark.control("C3.6", "C5.2")
@pytest.mark.parametrize(
    ("content", "why"),
    [
        (BOMB, "declares entities or a document type"),
        (OUTSIDE, "declares entities or a document type"),
        (gzip.compress(BOMB), "declares entities or a document type"),
        (b"<html><body>not here</body></html>", "begins with html, not with urlset or sitemapindex"),
        (b"<", "begins with nothing that can be read, not with urlset or sitemapindex"),
        (b"", "neither XML nor a list of addresses"),
        (
            b"\x1f\x8bnothing",
            "not readable as gzip: Error -3 while decompressing data: unknown compression method",
        ),
        (b"\x89PNG\r\n", "neither XML nor a list of addresses"),
    ],
)
def test_what_is_no_sitemap_is_told(content: bytes, why: str) -> None:
    """No entity is expanded, no file opened, and nothing is counted."""
    assert read_sitemap(content) == Malformed(where="sitemap", why=why)


@pytest.mark.control("C3.6", "C5.2")
def test_what_is_too_large_is_read_up_to_a_bound() -> None:
    """A packed bomb, a long list, deep nesting, a crowded entry, a torn end: what is read before it counts, and it is told."""
    entry = b"<url><loc>https://a.example/1</loc></url>"
    bomb = zlib.compressobj(wbits=31)
    packed = bomb.compress(b"<urlset>" + entry) + b"".join(bomb.compress(b" " * (1 << 20)) for _ in range(60))
    cases: list[tuple[bytes, str]] = [
        (packed + bomb.flush(), f"unpacks to more than {MAX_SITEMAP_BYTES} bytes"),
        (gzip.compress(b"<urlset>" + entry)[:-9], "the packed file ends too early"),
        (b"<urlset>" + entry + b" " * MAX_SITEMAP_BYTES, f"larger than {MAX_SITEMAP_BYTES} bytes"),
        (b"<urlset>" + entry + b"<a>" * 100, "nested deeper than 20"),
        (b"<urlset>" + entry + b"<url>" + b"<a/>" * 30_000, "an entry of more than 20000 elements"),
        (b"<urlset>" + entry + b"<x/>" * MAX_ENTRIES, f"more than {MAX_ENTRIES} entries"),
        (b"<urlset>" + entry + b"<url><loc>https://a", "not well-formed: no element found"),
        (b"https://a.example/1\n" * (MAX_ENTRIES + 1), f"more than {MAX_ENTRIES} entries"),
    ]
    for content, why in cases:
        found = read_sitemap(content)
        assert isinstance(found, Sitemap)
        assert found.cut.startswith(why)
        assert found.pages[0] == SitemapPage(address="https://a.example/1")


@pytest.mark.control("C5.2")
def test_addresses_longer_than_any_are_left_out() -> None:
    """The protocol's bound of 2,048 characters holds for pages, pictures and names of sitemaps."""
    long = f"https://a.example/{'a' * 2040}"
    written = f"<urlset><url><loc>{long}</loc></url><url><loc>https://a.example/1</loc><image><loc>{long}</loc></image></url></urlset>"
    assert read_sitemap(written.encode()) == pages(1)
    assert read_sitemap(f"{long}\nhttps://a.example/1".encode()) == pages(1)


@pytest.mark.control("C3.6")
def test_robots_txt_names_sitemaps_wherever_the_line_stands() -> None:
    """In any case, once each, and nothing where there is no robots.txt."""
    from conftest import NOW

    def files(content: bytes, status: int = 200) -> HostFiles:
        robots = HostFile(
            origin="https://a.example",
            path="/robots.txt",
            status=status,
            headers=(),
            content=content,
            fetched_at=NOW,
            failure="",
            sha256="",  # type: ignore[arg-type] # no evidence is weighed here
        )
        return HostFiles.of("https://a.example", [robots])

    text = b"Sitemap: https://a.example/1.xml\nUser-agent: *\nDisallow: /x\nSITEMAP:https://a.example/2.xml\nsitemap: https://a.example/1.xml\nSitemap:\n"
    assert named_sitemaps(files(text)) == ("https://a.example/1.xml", "https://a.example/2.xml")
    assert named_sitemaps(files(text, status=404)) == ()


@given(st.binary(max_size=300))
def test_reading_a_sitemap_never_fails(content: bytes) -> None:
    """Any bytes are read or malformed, also behind what looks like the beginning of a sitemap."""
    for start in (b"", b"<urlset>", b"<urlset><url>", b"\x1f\x8b\x08\x00", b"\xff\xfe"):
        assert isinstance(read_sitemap(start + content), (Sitemap, Malformed))
