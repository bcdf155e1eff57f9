"""Denials that somebody tried to have overlooked, and pages made to keep their reader busy."""

import json
import signal
import subprocess
import threading
import time
from typing import Any

import pytest

import clearance
from clearance.identifiers import WebUrl, parse_url
from clearance.sourcing import Reading, ResponseHead, Use, parse_page, read_page, read_response, read_text
from clearance.sourcing.signals.robots.file import parse_robots
from clearance.sourcing.signals.robots.lines import Line
from command_line import COMMAND
from pictures_made import PROHIBITED, photograph
from sites import Answer, Asked, Site
from workspaces import Tried

HTML = {"Content-Type": "text/html"}
NOAI = "<meta name=robots content=noai>"


def url(text: str = "https://example.org/p") -> WebUrl:
    parsed = parse_url(text)
    assert isinstance(parsed, WebUrl)
    return parsed


def page(content: bytes, *headers: tuple[str, str]) -> Reading:
    return read_page(parse_page(ResponseHead(url=url(), status=200, headers=headers), content), url())


def response(*headers: tuple[str, str]) -> Reading:
    return read_response(ResponseHead(url=url(), status=200, headers=headers))


def site_lines_of(content: bytes, field: str) -> list[Line]:
    return [line for line in parse_robots(content).lines if line.field == field]


def recheck(tried: Tried, **options: Any) -> dict[str, Any]:
    with clearance.open(tried.root) as here:
        return here.recheck(older_than_days=0, **options)


@pytest.mark.control("C1.5")
@pytest.mark.parametrize(
    ("content", "headers"),
    [
        (f"<meta charset=utf-16>{NOAI}".encode(), (("Content-Type", "text/html"),)),
        (NOAI.encode(), (("Content-Type", "text/html; charset=utf-32"),)),
        (b"\xef\xbb\xbf" + NOAI.encode(), ()),
        (f"\ufeff<p>{NOAI}".encode("utf-16-le"), ()),
        (f"hello {NOAI}".encode(), ()),
        (NOAI.encode(), (("Content-Type", "application/octet-stream"),)),
        (b"<meta name=robots content='max-snippet:-1 noai'>", (("Content-Type", "text/html"),)),
        (b"<meta name=robots content='no ai'>", (("Content-Type", "text/html"),)),
    ],
)
def test_however_a_page_is_written_its_denial_is_read(
    content: bytes, headers: tuple[tuple[str, str], ...]
) -> None:
    """False encodings, missing types, forgotten commas."""
    assert Use.GENERATIVE in {each.use for each in page(content, *headers).statements}


@pytest.mark.control("C1.5", "C5.2")
@pytest.mark.parametrize(
    "content",
    [
        b"<meta http-equiv=refresh content='0; URL=/elsewhere'>",
        b"<meta http-equiv=refresh content='0; url=http://[x'>",
        b"<meta name=robots content='" + b"x, " * 2000 + b"noai'>",
        b"<a " + b" ".join(b"x%d" % n for n in range(60_000)) + b">" + NOAI.encode(),
    ],
)
def test_what_could_hide_a_denial_is_not_silence(content: bytes) -> None:
    """A page that only leads on, or is made against its reader, waits for a person."""
    started = time.process_time()
    reading = page(content, ("Content-Type", "text/html"))
    assert [unread.signal for unread in reading.unreadable] == ["page"]
    assert time.process_time() - started < 5, "its reader was kept busy"


@pytest.mark.control("C5.2")
def test_an_encoding_that_takes_quadratic_time_is_none() -> None:
    """Pages are decoded by the encodings of the web only; terms too."""
    head = ResponseHead(url=url(), status=200, headers=(("Content-Type", "text/html; charset=punycode"),))
    started = time.process_time()
    read_text(head, b"a-" * 500_000)
    assert page(b"<meta http-equiv=refresh content='60'>", ("Content-Type", "text/html")).unreadable == ()
    assert time.process_time() - started < 5, "its reader was kept busy"


@pytest.mark.control("C1.5", "C5.2")
def test_endless_directives_deny_once_and_are_told() -> None:
    """A megabyte of directives is one denial and something that was not read."""
    reading = response(*[("X-Robots-Tag", "noai, " * 5000)] * 30)
    assert len(reading.statements) == 4
    assert [unread.signal for unread in reading.unreadable] == ["x-robots-tag"]


@pytest.mark.control("C1.5")
def test_a_licence_link_behind_a_long_header_is_not_silence() -> None:
    """What is beyond the bound speaks of RSL, and cannot be read."""
    long = ", ".join(f"</{n}.css>; rel=preload" for n in range(1500))
    link = f'{long}, </l.xml>; rel="license"; type="application/rsl+xml"'
    assert [unread.signal for unread in response(("Link", link)).unreadable] == ["rsl"]


@pytest.mark.control("C1.5")
def test_a_robots_txt_saved_as_utf_16_is_read() -> None:
    """As editors on Windows save "Unicode"."""
    text = "\ufeffUser-agent: *\r\nDisallow: /private"
    for encoding in ("utf-8", "utf-16-le", "utf-16-be"):
        (line,) = site_lines_of(text.encode(encoding), "disallow")
        assert (line.value, line.number) == ("/private", 2)


@pytest.mark.control("C1.5")
@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (Answer(status=404, headers={"TDM-Reservation": "1"}), "quarantined"),
        (Answer(status=410, headers={"X-Robots-Tag": "noai"}), "quarantined"),
        (Answer(body=photograph(seed=1, xmp=PROHIBITED)[:6000]), "unreachable"),
        (Answer(body=b"no picture", headers={"X-Robots-Tag": "noai"}), "quarantined"),
    ],
)
def test_a_denial_on_an_answer_without_a_picture_is_one(
    tried: Tried, site: Site, answer: Answer, outcome: str
) -> None:
    """What was kept is asked about again, and the answer is heard whatever its status."""
    tried.source("archive", site.host)
    tried.collect([site.serve("/a.jpg", photograph(seed=1))])
    site.answers["/a.jpg"] = answer
    assert recheck(tried)[outcome] == 1


@pytest.mark.control("C1.5", "C2.1")
def test_a_recheck_that_breaks_off_keeps_what_it_heard(tried: Tried, site: Site) -> None:
    """A refusal that was heard before the run was stopped stays heard."""
    tried.source("archive", site.host)
    tried.collect([site.serve(f"/{n}.jpg", photograph(seed=n)) for n in range(2)])
    heard = threading.Event()
    asked: list[str] = []

    def refuse_once_and_hang(each: Asked) -> Answer:
        asked.append(each.target)
        if len(asked) == 1:
            return Answer(body=photograph(seed=9), headers={"X-Robots-Tag": "noai"})
        # One host's pictures are asked about in turn: by now the first is known.
        heard.set()
        return Answer(wait_s=60)

    site.answers["/0.jpg"] = site.answers["/1.jpg"] = refuse_once_and_hang
    process = subprocess.Popen(
        [*COMMAND, "items", "recheck", "--older-than", "0", "--json"],
        cwd=tried.root,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert heard.wait(60)
    process.send_signal(signal.SIGTERM)
    report = json.loads(process.communicate(timeout=60)[0])
    assert (process.returncode, report["interrupted"], report["quarantined"]) == (130, True, 1)
    assert [item["url"] for item in tried.items(decision="held")] == [site.url(asked[0])]
    assert tried.verified()["ok"]


@pytest.mark.control("C1.4")
def test_terms_that_prohibit_now_are_heard_by_a_recheck(tried: Tried, site: Site) -> None:
    """Nothing more is asked of such a source, and what was kept is used no more; an unread change postpones."""
    tried.policy("check_interval_s: 86400.0", "check_interval_s: 0.0")
    tried.source("archive", site.host, reviewed=False)
    site.serve("/", b"<a href='/terms'>Terms of use</a>", headers=HTML)
    site.serve("/terms", b"<p>Welcome.</p>", headers=HTML)
    with clearance.open(tried.root) as here:
        here.terms.fetch("archive")
        here.terms.review("archive", "permits", "A. Person")
    tried.collect([site.serve("/a.jpg", photograph(seed=1))])
    asked = len(site.requests("/a.jpg"))
    site.serve("/terms", b"<p>No robots.</p>", headers=HTML)
    assert recheck(tried)["postponed"] == 1
    with clearance.open(tried.root) as here:
        here.terms.review("archive", "prohibits", "A. Person")
    assert recheck(tried)["by_reason"] == {"terms-prohibit": 1}
    assert len(site.requests("/a.jpg")) == asked
    assert tried.verified()["ok"]


@pytest.mark.control("C1.4")
def test_a_page_on_a_site_whose_terms_prohibit_is_not_visited(tried: Tried, site: Site) -> None:
    """The page that shows a picture belongs to a source of its own."""
    with Site() as other:
        tried.source("archive", site.host)
        tried.source("other", other.host)
        with clearance.open(tried.root) as here:
            here.terms.review("other", "prohibits", "A. Person")
        table = tried.root / "urls.csv"
        table.write_text(f"url,page\n{site.serve('/a.jpg', photograph(seed=1))},{other.url('/p')}")
        assert tried.collect(table, page_col="page")["by_reason"] == {"terms-prohibit": 1}
        assert (other.asked, site.requests("/a.jpg")) == ([], [])


@pytest.mark.control("C1.5", "C3.7")
def test_a_redirected_file_obeys_the_robots_txt_of_its_new_host(tried: Tried, site: Site) -> None:
    """Nobody's crawler is sent where it may not go."""
    with Site() as victim:
        victim.serve("/robots.txt", b"User-agent: *\nDisallow: /")
        tried.source("archive", site.host)
        site.serve("/trust.txt", status=302, headers={"Location": victim.url("/private")})
        tried.collect([site.serve("/a.jpg", photograph(seed=1))])
        assert [asked.target for asked in victim.asked] == ["/robots.txt"]
        (item,) = tried.items()
        assert (item["decision"], item["reasons"][0]["rule"]) == ("denied", "host-unreachable")


@pytest.mark.control("C1.5")
@pytest.mark.parametrize("status", [300, 501, 507, 530])
def test_a_page_that_is_out_of_order_denies_for_now(tried: Tried, site: Site, status: int) -> None:
    """Only a page that is there, or is known to be gone, has answered."""
    tried.source("archive", site.host)
    table = tried.root / "urls.csv"
    page_url = site.serve("/p", status=status)
    table.write_text(f"url,page\n{site.serve('/a.jpg', photograph(seed=1))},{page_url}")
    tried.collect(table, page_col="page")
    (item,) = tried.items()
    assert (item["decision"], item["reasons"][0]["rule"]) == ("denied", "host-unreachable")


@pytest.mark.control("C2.1")
def test_a_fat_page_pushes_nothing_else_out_of_the_evidence(tried: Tried, site: Site) -> None:
    """What a page says may be cut; what the picture's own answer says stays."""
    tried.source("archive", site.host)
    filler = '<script type="application/ld+json">"license' + "x" * 100_000 + '"</script>'
    page_url = site.serve("/p", (filler * 4).encode(), headers=HTML)
    table = tried.root / "urls.csv"
    picture = site.serve("/a.jpg", photograph(seed=1), headers={"X-Robots-Tag": "noai"})
    table.write_text(f"url,page\n{picture},{page_url}")
    tried.collect(table, page_col="page")
    (item,) = tried.items()
    with clearance.open(tried.root) as here:
        told = here.explain(item["id"])
        assert here.items.show(item["id"])["replay"] is None
    assert {each["signal"] for each in told["signals"]} == {"x-robots-tag"}
    assert told["replay"] is None
