"""Every signal over every transport, end to end: a real site says it, and the picture is refused, held or kept."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

import clearance
from pictures_made import photograph, xmp_packet
from sites import Answer, Site
from workspaces import Tried

RSL = "https://rslstandard.org/rsl"
RSL_DENIES = f'<rsl xmlns="{RSL}"><content url="/"><license><prohibits type="usage">ai-train</prohibits></license></content></rsl>'
HTML = {"Content-Type": "text/html"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What one site says, and what becomes of its picture."""

    name: str
    expected: tuple[str, str]
    files: dict[str, bytes] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    page: str = ""
    page_headers: dict[str, str] = field(default_factory=dict)
    xmp: bytes | None = None
    status: int = 200


def robots(text: str) -> dict[str, bytes]:
    return {"/robots.txt": text.encode()}


def reserved(signal: str) -> tuple[str, str]:
    return ("denied", f"reservation:{signal}")


KEPT = ("kept", "basis-public-domain")
CASES = [
    Case(name="silence", expected=KEPT),
    Case(
        name="robots",
        expected=("denied", "crawl-disallowed:robots.txt"),
        files=robots("User-agent: *\nDisallow: /"),
    ),
    Case(
        name="tokens", expected=reserved("ai-crawler-tokens"), files=robots("User-agent: GPTBot\nDisallow: /")
    ),
    Case(name="tokens-search", expected=KEPT, files=robots("User-agent: OAI-SearchBot\nDisallow: /")),
    Case(
        name="usage-robots",
        expected=reserved("aipref"),
        files=robots("User-agent: *\nAllow: /\nContent-Usage: train-ai=n"),
    ),
    Case(
        name="usage-path",
        expected=KEPT,
        files=robots("User-agent: *\nAllow: /\nContent-Usage: /private train-ai=n"),
    ),
    Case(name="usage-header", expected=reserved("aipref"), headers={"Content-Usage": "train-ai=n"}),
    Case(
        name="content-signal",
        expected=reserved("content-signals"),
        files=robots("Content-Signal: ai-train=no\nUser-agent: *\nAllow: /"),
    ),
    Case(
        name="content-signal-header",
        expected=reserved("content-signals"),
        headers={"Content-Signal": "ai-train=no"},
    ),
    Case(
        name="content-signal-yes",
        expected=KEPT,
        files=robots("User-agent: *\nContent-Signal: ai-train=yes\nAllow: /"),
    ),
    Case(
        name="tdmrep-file",
        expected=reserved("tdmrep"),
        files={"/.well-known/tdmrep.json": b'[{"location": "/", "tdm-reservation": 1}]'},
    ),
    Case(name="tdmrep-header", expected=reserved("tdmrep"), headers={"TDM-Reservation": "1"}),
    Case(name="tdmrep-meta", expected=reserved("tdmrep"), page='<meta name="tdm-reservation" content="1">'),
    Case(
        name="tdmrep-xmp",
        expected=reserved("tdmrep"),
        xmp=xmp_packet('xmlns:tdm="http://www.w3.org/ns/tdmrep/" tdm:reservation="1"'),
    ),
    Case(
        name="rsl-robots",
        expected=reserved("rsl"),
        files={
            **robots("License: /license.xml\nUser-agent: *\nAllow: /"),
            "/license.xml": RSL_DENIES.encode(),
        },
    ),
    Case(
        name="rsl-missing",
        expected=("held", "reservation-unreadable:rsl"),
        files=robots("License: /license.xml\nUser-agent: *\nAllow: /"),
    ),
    Case(
        name="rsl-bomb",
        expected=("held", "reservation-unreadable:rsl"),
        files={**robots("License: /l.xml"), "/l.xml": b'<!DOCTYPE x [<!ENTITY a "aaaa">]><rsl>&a;</rsl>'},
    ),
    Case(
        name="rsl-header",
        expected=reserved("rsl"),
        files={"/license.xml": RSL_DENIES.encode()},
        headers={"Link": '</license.xml>; rel="license"; type="application/rsl+xml"'},
    ),
    Case(
        name="rsl-link",
        expected=reserved("rsl"),
        files={"/license.xml": RSL_DENIES.encode()},
        page='<link rel="license" type="application/rsl+xml" href="/license.xml">',
    ),
    Case(
        name="rsl-inline",
        expected=reserved("rsl"),
        page=f'<script type="application/rsl+xml">{RSL_DENIES}</script>',
    ),
    Case(
        name="ai-txt",
        expected=reserved("ai.txt"),
        files={"/ai.txt": b"# Spawning AI\nUser-Agent: *\nDisallow: *.jpg\n"},
    ),
    Case(
        name="ai-txt-other",
        expected=KEPT,
        files={"/ai.txt": b"# Spawning AI\nUser-Agent: *\nDisallow: *.mp3\n"},
    ),
    Case(name="trust-txt", expected=reserved("trust.txt"), files={"/trust.txt": b"datatrainingallowed=no\n"}),
    Case(
        name="trust-txt-second",
        expected=reserved("trust.txt"),
        files={"/.well-known/trust.txt": b"datatrainingallowed=no\n"},
    ),
    Case(name="noai-header", expected=reserved("x-robots-tag"), headers={"X-Robots-Tag": "NoAI"}),
    Case(
        name="noai-page-header",
        expected=reserved("x-robots-tag"),
        page="<p>",
        page_headers={"X-Robots-Tag": "noai"},
    ),
    Case(name="noai-meta", expected=reserved("meta-robots"), page='<meta name="robots" content="noimageai">'),
    Case(name="noai-meta-bot", expected=reserved("meta-robots"), page='<meta name="GPTBot" content="noai">'),
    Case(
        name="plus",
        expected=reserved("plus-data-mining"),
        xmp=xmp_packet('plus:DataMining="http://ns.useplus.org/ldf/vocab/DMI-PROHIBITED-AIMLTRAINING"'),
    ),
    Case(
        name="plus-allowed",
        expected=KEPT,
        xmp=xmp_packet('plus:DataMining="http://ns.useplus.org/ldf/vocab/DMI-ALLOWED"'),
    ),
    Case(
        name="prose",
        expected=reserved("rights-fields"),
        xmp=xmp_packet('xmpRights:WebStatement="No use for AI training."'),
    ),
    Case(
        name="offer",
        expected=("held", "basis-contradicted"),
        page='<script type="application/ld+json">{"@type": "ImageObject", "contentUrl": "/a.jpg", "acquireLicensePage": "https://shop.example/"}</script>',
    ),
    Case(
        name="nc-page",
        expected=("held", "basis-contradicted"),
        page='<a rel="license" href="https://creativecommons.org/licenses/by-nc/4.0/">NC</a>',
    ),
    Case(
        name="paid",
        expected=("denied", "payment-required:http-status"),
        status=402,
        headers={"crawler-price": "USD 0.01"},
    ),
    Case(name="page-deep", expected=("held", "reservation-unreadable:page"), page="<div>" * 2500),
]


@contextlib.contextmanager
def served(cases: list[Case]) -> Iterator[dict[str, Site]]:
    with contextlib.ExitStack() as stack:
        sites: dict[str, Site] = {}
        for case in cases:
            site = sites[case.name] = stack.enter_context(Site())
            for path, content in case.files.items():
                site.serve(path, content)
            picture = photograph(seed=5, xmp=case.xmp) if case.xmp else photograph(seed=5)
            site.serve(
                "/a.jpg", picture if case.status == 200 else b"", headers=case.headers, status=case.status
            )
            if case.page:
                site.serve(
                    "/page", f"<!doctype html>{case.page}".encode(), headers={**HTML, **case.page_headers}
                )
        yield sites


def outcome(item: dict[str, Any]) -> tuple[str, str]:
    first = item["reasons"][0]
    return item["decision"], first["rule"] + (f":{first['signal']}" if first["signal"] else "")


@pytest.mark.control("C1.5", "C2.1")
def test_each_signal_is_obeyed_over_each_transport_and_decided_alike_again(tried: Tried) -> None:
    """One site a case; afterwards every decision follows from its evidence once more."""
    with served(CASES) as sites:
        for name, site in sites.items():
            tried.source(name, site.host)
        rows = ["url,page"]
        rows += [
            f"{sites[c.name].url('/a.jpg')},{sites[c.name].url('/page') if c.page else ''}" for c in CASES
        ]
        table = tried.root / "urls.csv"
        table.write_text("\n".join(rows))
        tried.collect(table, page_col="page")
        found = {item["source"]: item for item in tried.items()}
        assert {c.name: outcome(found[c.name]) for c in CASES} == {c.name: c.expected for c in CASES}
        with clearance.open(tried.root) as here:
            replayed = {case.name: here.explain(found[case.name]["id"])["replay"]["same"] for case in CASES}
        assert replayed == {case.name: True for case in CASES}


@pytest.mark.control("C1.5")
@pytest.mark.parametrize(
    "path",
    [
        "/robots.txt",
        "/.well-known/tdmrep.json",
        "/ai.txt",
        "/.well-known/ai.txt",
        "/trust.txt",
        "/.well-known/trust.txt",
    ],
)
def test_an_outage_of_any_file_denies_for_now(tried: Tried, site: Site, path: str) -> None:
    """Where a host cannot say what it wants, it is left alone for now, and asked again by the next run."""
    tried.policy("backoff_s: 2.0", "backoff_s: 0.0")
    tried.source("archive", site.host)
    site.serve(path, status=503)
    tried.collect([site.serve("/a.jpg", photograph(seed=1))])
    (item,) = tried.items()
    assert outcome(item)[1].startswith("host-unreachable:")
    site.answers[path] = Answer(status=404)
    assert tried.collect([site.url("/a.jpg")])["kept"] == 1


@pytest.mark.control("C5.2")
@pytest.mark.parametrize("path", ["/robots.txt", "/ai.txt", "/trust.txt", "/.well-known/tdmrep.json"])
def test_an_endless_file_is_cut_and_denies_for_now(tried: Tried, site: Site, path: str) -> None:
    """A gigabyte of rules is not read, and not taken for silence."""
    tried.policy("backoff_s: 2.0", "backoff_s: 0.0")
    tried.policy("max_retries: 2", "max_retries: 0")
    tried.source("archive", site.host)
    site.serve(path, b"User-agent: *\n", endless=True)
    tried.collect([site.serve("/a.jpg", photograph(seed=1))])
    (item,) = tried.items()
    assert (item["decision"], item["reasons"][0]["rule"]) == ("denied", "host-unreachable")
    assert "more than 1048576 bytes" in item["reasons"][0]["detail"]
