"""The survey: hosts are asked, no picture is fetched, and a person learns what to do."""

import json
from pathlib import Path
from typing import Any

import pytest

import clearance
from clearance.errors import BadInput
from pictures_made import photograph
from sites import Answer, Site
from workspaces import Tried

HTML = {"Content-Type": "text/html"}
RESERVED = b'[{"location": "/img/*", "tdm-reservation": 1, "tdm-policy": "/policy.json"}]'
POLICY = {
    "@context": ["http://www.w3.org/ns/odrl.jsonld", {"tdm": "http://www.w3.org/ns/tdmrep#"}],
    "@type": "Offer",
    "profile": "http://www.w3.org/ns/tdmrep",
    "assigner": {
        "uid": "https://example.org",
        "vcard:fn": "Ann Lee",
        "vcard:hasEmail": "mailto:ann@example.org",
    },
    "permission": [
        {"target": "https://example.org/", "action": "tdm:mine", "duty": [{"action": "obtainConsent"}]}
    ],
}


def survey(tried: Tried, table: Path, **options: Any) -> dict[str, Any]:
    with clearance.open(tried.root) as here:
        return here.survey(table, **options)


def by_host(report: dict[str, Any], site: Site) -> dict[str, Any]:
    (found,) = (each for each in report["by_host"] if each["host"] == site.host)
    return dict(found)


@pytest.mark.control("C1.3", "C1.5", "C3.7", "C4.3")
def test_a_survey_tells_what_would_come_and_what_to_do_and_fetches_no_picture(
    tried: Tried, site: Site
) -> None:
    """Counts, reasons, evidence, advice and whom to ask, per host, as JSON and as a page."""
    with Site() as stranger, Site() as page_site:
        tried.source("archive", site.host)
        site.serve("/.well-known/tdmrep.json", RESERVED)
        site.serve("/policy.json", json.dumps(POLICY).encode(), headers={"Content-Type": "application/json"})
        stranger.serve("/robots.txt", b"User-agent: *\nDisallow: /")
        page_site.serve("/p1", b"<meta name='robots' content='noai'>", headers=HTML)
        page_site.serve("/p2", b"<p>", headers=HTML)
        rows = ["url,page", f"{site.serve('/a.jpg', photograph(seed=1))},", f"{site.url('/a.jpg')},"]
        rows += [f"{site.url(f'/img/{n}.jpg')}," for n in range(3)]
        rows += [
            f"{site.url('/b.jpg')},{page_site.url('/p1')}",
            f"{site.url('/c.jpg')},{page_site.url('/p2')}",
        ]
        rows += [f"{stranger.url('/x.jpg')},", "not an address,"]
        table = tried.root / "urls.csv"
        table.write_text("\n".join(rows))
        report = survey(tried, table, project="p", page_col="page", output=tried.root / "out")
        unknown = by_host(report, stranger)
        assert not [asked.target for asked in (*site.asked, *stranger.asked) if asked.target.endswith(".jpg")]
    assert report["outcomes"] == {"allow": 2, "deny": 5}
    assert report["by_reason"] == {
        "reservation:tdmrep": 3,
        "basis-public-domain": 2,
        "reservation:meta-robots": 1,
        "source-registered": 1,
    }
    assert (report["duplicates"], report["unreadable_rows"]) == (
        1,
        [{"row": 9, "why": "scheme 'missing' is not http or https"}],
    )
    own = by_host(report, site)
    assert own["verdicts"]["mining"] == {
        "policy": {"unknown": 2, "denied": 4},
        "spec": {"unknown": 2, "denied": 4},
    }
    assert own["estimate"]["pictures"] == 2
    assert (own["pages"], own["pages_read"]) == (2, 2)
    advice = next(each for each in own["advice"] if each["rule"] == "reservation")
    assert (advice["pictures"], "clearance licence add" in advice["what"]) == (4, True)
    assert any("ann@example.org" in who for who in advice["whom"])
    evidence = {file["sha256"] for file in own["files"]}
    assert {
        sha for each in own["statements"] if each["signal"] == "tdmrep" for sha in each["evidence"]
    } <= evidence
    assert unknown["advice"][0]["what"].startswith("look into it and register it")
    written = json.loads((tried.root / "out" / "survey.json").read_text())
    assert {**written, "files": report["files"]} == report
    markup = (tried.root / "out" / "survey.html").read_text()
    assert "ann@example.org" in markup
    assert "<script" not in markup


@pytest.mark.control("C5.2")
def test_what_hosts_say_cannot_break_the_report(tried: Tried, site: Site) -> None:
    """Markup in quotes, notes and addresses is text."""
    site.serve("/trust.txt", b"contact=<script>alert(1)</script>\ndatatrainingallowed=<img src=x>\n")
    report = survey(tried, tried.table([site.url("/<b>.jpg"), site.url("/a.jpg")]))
    markup = Path(report["files"]["html"]).read_text()
    assert "<script>" not in markup
    assert "<img" not in markup
    assert "&lt;img src=x&gt;" in markup


@pytest.mark.control("C1.4", "C1.5")
def test_what_must_be_looked_at_first_waits(tried: Tried, site: Site) -> None:
    """Terms that nobody read, and a file that cannot be read, hold; an outage denies for now."""
    tried.policy("backoff_s: 2.0", "backoff_s: 0.0")
    tried.source("archive", site.host, reviewed=False)
    with Site() as broken, Site() as down:
        tried.source("broken", broken.host)
        broken.serve("/.well-known/tdmrep.json", b"{")
        tried.source("down", down.host)
        down.serve("/robots.txt", status=500)
        report = survey(tried, tried.table([each.url("/a.jpg") for each in (site, broken, down)]))
        assert report["by_reason"] == {
            "terms-reviewed": 1,
            "reservation-unreadable:tdmrep": 1,
            "host-unreachable:robots.txt": 1,
        }
        assert report["outcomes"] == {"hold": 2, "deny": 1}
        down.answers["/robots.txt"] = Answer(status=404)
        again = survey(tried, tried.table([down.url("/a.jpg")]))
    assert again["outcomes"] == {"allow": 1}


@pytest.mark.control("C3.7")
def test_no_more_pages_are_read_than_the_policy_allows(tried: Tried, site: Site) -> None:
    """Of many pages a sample; what their host says of the others still counts."""
    tried.policy("pages_per_host: 3", "pages_per_host: 1")
    tried.source("archive", site.host)
    rows = ["url,page"]
    for n in range(4):
        site.serve(f"/p{n}", b"<p>", headers=HTML)
        rows.append(f"{site.url(f'/{n}.jpg')},{site.url(f'/p{n}')}")
    rows.append(f"{site.url('/5.jpg')},nonsense")
    table = tried.root / "urls.csv"
    table.write_text("\n".join(rows))
    site.serve("/robots.txt", b"User-agent: *\nDisallow: /p3")
    report = survey(tried, table, page_col="page")
    assert [asked.target for asked in site.asked if asked.target.startswith("/p")] == ["/p0"]
    assert report["by_reason"] == {"basis-public-domain": 4, "crawl-disallowed:robots.txt": 1}


def test_a_survey_names_its_use(tried: Tried, site: Site) -> None:
    """The project's, or one that is named; a request is no use."""
    table = tried.table([site.url("/a.jpg")])
    assert survey(tried, table, use="search")["use"] == "search"
    with pytest.raises(BadInput, match="not a use"):
        survey(tried, table, use="fetch")
    with pytest.raises(BadInput, match="--use 'sale'"):
        survey(tried, table, use="sale")
    with pytest.raises(BadInput, match="no project"):
        survey(tried, table, project="other")


def test_many_hosts_are_surveyed_side_by_side(tried: Tried, site: Site) -> None:
    """Names that lead to one server: each is a host of its own, asked once."""
    names = [f"h{n}.example" for n in range(120)]
    mapped = "\n".join(f'"{name}" = "127.0.0.1"' for name in names)
    path = tried.root / "clearance.toml"
    text = path.read_text()
    path.write_text(text.replace("[network.hosts]", f"[network.hosts]\n{mapped}\n#"))
    tried.source("all", f"*.example:{site.port}")
    urls = [f"http://{name}:{site.port}/{n}.jpg" for name in names for n in range(5)]
    printed = tried.run("survey", str(tried.table(urls)), "--json")
    report = json.loads(printed.stdout)
    assert (printed.returncode, report["pictures"], report["hosts"]) == (0, 600, 120)
    assert len(site.requests("/robots.txt")) == 120
    shown = tried.run("survey", "urls.txt")
    assert "and 100 more, in the report" in shown.stdout
    assert "600 addresses on 120 hosts" in shown.stderr
