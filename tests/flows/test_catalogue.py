"""A source's catalogue, counted in the site's own sitemaps by the rules that hold for everything else."""

import gzip
import json
from typing import Any

import pytest

import clearance
from clearance.errors import BadInput, Refused
from sites import Site
from workspaces import Tried


def page(site: Site, number: int, *pictures: str) -> str:
    images = "".join(f"<image><loc>{picture}</loc></image>" for picture in pictures)
    return f"<url><loc>{site.url(f'/page{number}')}</loc>{images}</url>"


def urlset(*entries: str) -> bytes:
    return f"<urlset>{''.join(entries)}</urlset>".encode()


def index(*addresses: str) -> bytes:
    return f"<sitemapindex>{''.join(f'<sitemap><loc>{each}</loc></sitemap>' for each in addresses)}</sitemapindex>".encode()


def count(tried: Tried) -> dict[str, Any]:
    with clearance.open(tried.root) as here:
        return here.catalogues.count("archive")


def sitemaps_asked(site: Site) -> list[str]:
    return [asked.target for asked in site.asked if asked.target.startswith("/s")]


@pytest.mark.control("C3.6")
def test_pictures_are_counted_over_all_sitemaps_that_robots_txt_names(tried: Tried, site: Site) -> None:
    """Through an index, packed or plain, each picture once; what is shown from elsewhere is on its pages too."""
    tried.source("archive", site.host)
    site.serve("/robots.txt", f"Sitemap: {site.url('/s-index.xml')}\nSitemap: {site.url('/s1.xml')}".encode())
    site.serve("/s-index.xml", index(site.url("/s1.xml"), site.url("/s2.xml.gz")))
    site.serve(
        "/s1.xml", urlset(page(site, 1, site.url("/1.jpg"), "https://cdn.example/2.jpg"), page(site, 2))
    )
    site.serve("/s2.xml.gz", gzip.compress(urlset(page(site, 3, site.url("/1.jpg"), site.url("/3.jpg")))))
    result = tried.run("source", "catalogue", "archive", "--from-sitemap", "--json")
    assert result.returncode == 0, result.stderr
    counted = json.loads(result.stdout)
    assert (counted["catalogue"]["pictures"], counted["sitemaps"], counted["problems"]) == (3, 3, [])
    assert counted["catalogue"]["how"] == "counted 3 pictures in 3 sitemaps of its own"
    assert sorted(sitemaps_asked(site)) == ["/s-index.xml", "/s1.xml", "/s2.xml.gz"]
    assert len(site.requests("/sitemap.xml")) == 0
    with clearance.open(tried.root) as here:
        assert here.sources.show("archive")["catalogue"] == counted["catalogue"]


@pytest.mark.control("C3.6")
def test_without_pictures_pages_are_counted_at_the_usual_place(tried: Tried, site: Site) -> None:
    """A page counts once; one of another site is none of this source."""
    tried.source("archive", site.host)
    pages = (page(site, 1), page(site, 2), page(site, 1), "<url><loc>https://other.example/</loc></url>")
    site.serve("/sitemap.xml", urlset(*pages, "<url><loc>no address</loc></url>"))
    counted = count(tried)
    assert counted["catalogue"]["pictures"] == 2
    assert counted["catalogue"]["how"] == "counted 2 pages in 1 sitemap of its own"


@pytest.mark.control("C3.6", "C3.7", "C5.3")
def test_a_sitemap_is_asked_for_as_politely_as_everything_else(tried: Tried, site: Site) -> None:
    """Nothing that robots.txt closes, nothing of another site, each visit in the ledger; what was not read is told."""
    with Site() as other:
        tried.source("archive", site.host)
        tried.source("other", other.host)
        elsewhere = other.serve("/s.xml", urlset(page(other, 1)))
        site.serve(
            "/robots.txt",
            "\n".join(
                [
                    "User-agent: *",
                    "Disallow: /s-closed",
                    *(
                        f"Sitemap: {site.url(path)}"
                        for path in ("/s-closed.xml", "/s-moved.xml", "/s-gone.xml", "/s.xml")
                    ),
                    f"Sitemap: {elsewhere}",
                    "Sitemap: gopher://x/",
                ]
            ).encode(),
        )
        site.serve("/s-closed.xml", urlset(page(site, 1)))
        site.serve("/s-moved.xml", status=301, headers={"Location": elsewhere})
        site.serve("/s.xml", urlset(page(site, 2), page(site, 3)))
        counted = count(tried)
        assert other.asked == []
    assert counted["catalogue"]["pictures"] == 2
    assert (
        counted["catalogue"]["how"]
        == "counted 2 pages in 1 sitemap of its own, at least: not all could be read"
    )
    problems = {text.partition(": ")[0].rpartition("/")[2]: text for text in counted["problems"]}
    assert "robots.txt" in problems["s-closed.xml"]
    assert "does not belong to source archive" in problems["s-moved.xml"]
    assert "HTTP 404" in problems["s-gone.xml"]
    assert sorted(sitemaps_asked(site)) == ["/s-gone.xml", "/s-moved.xml", "/s.xml"]
    with clearance.open(tried.root) as here:
        report = here.traffic(site.host)
    assert {each["what"]: each["requests"] for each in report["asked_for"]}["sitemaps"] == 3
    assert report["requests"] == len(site.asked)


@pytest.mark.control("C5.2", "C3.7")
def test_sitemaps_that_lead_in_circles_are_asked_for_once(tried: Tried, site: Site) -> None:
    """An index that names itself, and one deeper than any, end."""
    tried.source("archive", site.host)
    site.serve("/sitemap.xml", index(site.url("/sitemap.xml"), site.url("/s1.xml")))
    site.serve("/s1.xml", index(site.url("/s2.xml"), site.url("/sitemap.xml")))
    site.serve("/s2.xml", index(site.url("/s3.xml")))
    site.serve("/s3.xml", urlset(page(site, 1)))
    counted = count(tried)
    assert (counted["catalogue"]["pictures"], sitemaps_asked(site)) == (
        0,
        ["/sitemap.xml", "/s1.xml", "/s2.xml"],
    )
    assert counted["problems"] == [f"{site.url('/s2.xml')}: an index on level 3 of indexes is not followed"]


@pytest.mark.control("C5.2", "C3.7")
def test_an_index_without_end_is_cut_off(tried: Tried, site: Site) -> None:
    """Not more than five hundred sitemaps are asked for, whatever an index names."""
    tried.source("archive", site.host, pace={"max_concurrent": 4, "min_delay_s": 0.0, "latency_factor": 0.0})
    site.serve("/sitemap.xml", index(*(site.url(f"/s{n}.xml") for n in range(700))))
    site.serve("/s0.xml", urlset(page(site, 1)))
    counted = count(tried)
    assert len(sitemaps_asked(site)) == 500
    assert counted["catalogue"]["pictures"] == 1
    assert len(counted["problems"]) == 20


@pytest.mark.control("C5.2")
@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b'<!DOCTYPE u [<!ENTITY a "b">]><urlset>&a;</urlset>', "declares entities"),
        (b"<html></html>", "begins with html"),
        (b"\x1f\x8bnothing", "not readable as gzip"),
    ],
)
def test_what_is_no_sitemap_is_told_and_nothing_recorded(
    tried: Tried, site: Site, body: bytes, says: str
) -> None:
    """The message says what to do instead."""
    tried.source("archive", site.host)
    site.serve("/sitemap.xml", body)
    with pytest.raises(BadInput, match=says) as refused:
        count(tried)
    assert "--pictures" in str(refused.value)
    with clearance.open(tried.root) as here:
        assert here.catalogues.show("archive")["catalogue"] is None


@pytest.mark.control("C1.4", "C3.7")
def test_a_source_that_is_held_is_not_visited(tried: Tried, site: Site) -> None:
    """Nobody has read its terms: it is not asked for its sitemap either."""
    tried.source("archive", site.host, reviewed=False)
    with pytest.raises(Refused, match="C1.4"):
        count(tried)
    assert site.asked == []


def test_a_source_without_a_single_host_is_stated_by_hand(tried: Tried) -> None:
    """Nobody is asked; an unreachable host is told."""
    tried.source("archive", "*:8080")
    with pytest.raises(BadInput, match="--pictures and --how"):
        count(tried)


def test_a_host_that_cannot_be_reached_is_told(tried: Tried, site: Site) -> None:
    """Without a readable robots.txt nothing is asked for."""
    tried.policy("backoff_s: 2.0", "backoff_s: 0.01")
    tried.source("archive", site.host)
    site.serve("/robots.txt", status=503)
    site.serve("/sitemap.xml", urlset(page(site, 1)))
    with pytest.raises(BadInput, match=r"robots.txt cannot be reached"):
        count(tried)
    assert not site.requests("/sitemap.xml")
