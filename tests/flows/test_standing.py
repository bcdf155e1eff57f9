"""How a source stands while we collect: its terms, our accounts there, the network that we visit from."""

import json
from typing import Any

import pytest

import clearance
from clearance.errors import BadInput, Refused
from pictures_made import photograph
from sites import Answer, Asked, Site
from workspaces import Tried

HTML = {"Content-Type": "text/html"}


def reasons(tried: Tried) -> set[str]:
    return {reason["rule"] for item in tried.items() for reason in item["reasons"]}


def fetch(tried: Tried, source: str = "archive", **options: Any) -> dict[str, Any]:
    with clearance.open(tried.root) as here:
        return here.terms.fetch(source, **options)


def review(tried: Tried, verdict: str = "permits", **options: Any) -> None:
    with clearance.open(tried.root) as here:
        here.terms.review("archive", verdict, "A. Person", **options)


@pytest.fixture
def with_terms(tried: Tried, site: Site) -> Site:
    """A site whose home page links to its terms."""
    tried.source("archive", site.host, reviewed=False)
    site.serve("/", b"<a href='/about'>About</a><a href='/agb.html'>AGB</a>", headers=HTML)
    site.serve("/agb.html", b"<p>Das Kopieren ist erlaubt.</p>", headers={**HTML, "ETag": '"1"'})
    site.serve("/a.jpg", photograph(seed=1))
    return site


@pytest.mark.control("C1.4")
def test_nothing_is_asked_of_a_source_whose_terms_nobody_read(tried: Tried, with_terms: Site) -> None:
    """Held without a request; collected once a named person has found that the terms permit it."""
    report = tried.collect([with_terms.url("/a.jpg")])
    assert (report["held"], report["by_reason"], with_terms.asked) == (1, {"terms-reviewed": 1}, [])
    found = fetch(tried)
    assert [(page["url"], page["state"]) for page in found["pages"]] == [
        (with_terms.url("/agb.html"), "found")
    ]
    review(tried)
    assert tried.collect([with_terms.url("/a.jpg")])["kept"] == 1
    assert tried.verified()["ok"]


@pytest.mark.control("C1.4")
def test_terms_that_prohibit_deny(tried: Tried, with_terms: Site) -> None:
    """The person's verdict is obeyed, whatever else allows."""
    fetch(tried)
    review(tried, "prohibits")
    assert tried.collect([with_terms.url("/a.jpg")])["by_reason"] == {"terms-prohibit": 1}


@pytest.mark.control("C1.4")
def test_terms_that_changed_stop_collection_until_they_are_read_again(tried: Tried, with_terms: Site) -> None:
    """The page is looked at again when that is due, conditionally; the same text goes on, another one holds."""
    tried.policy("check_interval_s: 86400.0", "check_interval_s: 0.0")
    fetch(tried)
    review(tried)

    def unchanged(asked: Asked) -> Answer:
        return Answer(status=304 if asked.headers.get("if-none-match") == '"1"' else 500)

    with_terms.answers["/agb.html"] = unchanged
    assert tried.collect([with_terms.url("/a.jpg")])["kept"] == 1
    with_terms.serve("/agb.html", b"<p>Das Kopieren ist\n <b>erlaubt</b>.</p>", headers=HTML)
    assert tried.collect([with_terms.serve("/b.jpg", photograph(seed=2))])["kept"] == 1
    with_terms.serve("/agb.html", b"<p>Das Kopieren ist untersagt.</p>", headers=HTML)
    stopped = tried.collect([with_terms.serve("/c.jpg", photograph(seed=3))])
    assert (stopped["by_reason"], with_terms.requests("/c.jpg")) == ({"terms-changed": 1}, [])
    shown = tried.run("terms", "diff", "archive")
    assert "+Das Kopieren ist untersagt." in shown.stdout
    review(tried)
    assert tried.collect([with_terms.url("/c.jpg")])["kept"] == 1


@pytest.mark.control("C1.4")
def test_terms_that_appear_where_there_were_none_stop_collection(tried: Tried, site: Site) -> None:
    """A person confirms that there are none; that is looked at again like a text."""
    tried.policy("check_interval_s: 86400.0", "check_interval_s: 0.0")
    tried.source("archive", site.host, reviewed=False)
    site.serve("/", b"<p>Hello</p>", headers=HTML)
    assert fetch(tried)["pages"][0]["state"] == "none-found"
    review(tried)
    assert tried.collect([site.serve("/a.jpg", photograph(seed=1))])["kept"] == 1
    site.serve("/terms", b"<p>No robots.</p>", headers=HTML)
    assert tried.collect([site.serve("/b.jpg", photograph(seed=2))])["held"] == 1
    assert "terms-reviewed" in reasons(tried)


@pytest.mark.control("C1.4", "C5.2")
@pytest.mark.parametrize(
    ("answer", "state", "why"),
    [
        (Answer(body=b"<form><input type=password>", headers=HTML), "unreadable", "login"),
        (Answer(status=403), "unreadable", "403"),
        (Answer(status=503), "unreachable", "503"),
        (Answer(body=b"%PDF-1.7", headers={"Content-Type": "application/pdf"}), "unreadable", "not text"),
        (Answer(body=b"<script>x</script>", headers=HTML), "unreadable", "no text"),
        (Answer(body=b"<p>", headers=HTML, endless=True), "unreadable", "more than"),
        (Answer(status=302, headers={"Location": "/agb.html"}), "unreadable", "too often"),
        (Answer(status=302), "unreadable", "redirect"),
    ],
)
def test_terms_that_cannot_be_read_hold(
    tried: Tried, with_terms: Site, answer: Answer, state: str, why: str
) -> None:
    """A login, a refusal, an outage, a file, nothing or too much: recorded, and never taken for consent."""
    tried.policy("backoff_s: 2.0", "backoff_s: 0.0")
    with_terms.answers["/agb.html"] = answer
    (page,) = fetch(tried)["pages"]
    assert (page["state"], why in page["why"]) == (state, True)
    with pytest.raises(BadInput, match="no text to review"):
        review(tried)
    assert tried.collect([with_terms.url("/a.jpg")])["by_reason"] == {"terms-reviewed": 1}


@pytest.mark.control("C1.4", "C5.3")
def test_robots_txt_holds_for_terms_too(tried: Tried, with_terms: Site) -> None:
    """Where it forbids the visit, a person saves the page by hand."""
    with_terms.serve("/robots.txt", b"User-agent: *\nDisallow: /agb\nDisallow: /terms\nDisallow: /legal")
    (page,) = fetch(tried)["pages"]
    assert (page["state"], with_terms.requests("/agb.html")) == ("unreadable", [])
    saved = tried.root / "saved.html"
    saved.write_bytes(b"<p>Das Kopieren ist erlaubt.</p>")
    made = tried.run("terms", "fetch", "archive", "--url", page["url"], "--file", "saved.html")
    assert made.returncode == 0, made.stderr
    review(tried)
    assert tried.collect([with_terms.url("/a.jpg")])["kept"] == 1


@pytest.mark.control("C1.4")
def test_terms_can_be_named(tried: Tried, with_terms: Site) -> None:
    """An address that the person knows; a source without a single host needs it."""
    with_terms.serve("/rules.txt", b"You may copy.", headers={"Content-Type": "text/plain"})
    found = fetch(tried, url=with_terms.url("/rules.txt"))
    assert [page["url"] for page in found["pages"]] == [with_terms.url("/rules.txt")]
    tried.source("any", "*", reviewed=False)
    with pytest.raises(BadInput, match="name its terms page with --url"):
        fetch(tried, "any")
    with pytest.raises(BadInput, match="--url 'nonsense'"):
        fetch(tried, url="nonsense")


@pytest.mark.control("C1.4")
def test_an_unreachable_site_is_tried_both_ways_and_holds(tried: Tried) -> None:
    """Nothing answers over http or https: the terms were never reached."""
    tried.policy("backoff_s: 2.0", "backoff_s: 0.0")
    tried.policy("max_retries: 2", "max_retries: 0")
    with Site() as site:
        port = site.port
    tried.source("archive", f"127.0.0.1:{port}", reviewed=False)
    assert fetch(tried)["pages"][0]["state"] == "unreachable"


@pytest.mark.control("C1.4")
@pytest.mark.parametrize(("listed", "kept"), [("[]", 0), ('["127.0.0.1:{port}"]', 1)])
def test_an_archive_that_the_policy_lists_needs_no_review(
    tried: Tried, site: Site, listed: str, kept: int
) -> None:
    """Openly licensed, and by name."""
    tried.policy("open_licence_archives: []", f"open_licence_archives: {listed.format(port=site.port)}")
    tried.source("archive", site.host, basis="open-licence", open_licence="CC0-1.0", reviewed=False)
    assert tried.collect([site.serve("/a.jpg", photograph(seed=1))])["kept"] == kept


@pytest.mark.control("C2.2")
def test_an_account_whose_mailbox_nobody_reads_holds_its_source(tried: Tried, site: Site) -> None:
    """A check by a named person frees it."""
    tried.source("archive", site.host)
    added = tried.run(
        *("account", "add", "api", "--source", "archive", "--mailbox", "api@example.org"),
        *("--responsible", "A. Person", "--checked", "2026-01-02"),
    )
    assert added.returncode == 0, added.stderr
    url = site.serve("/a.jpg", photograph(seed=1))
    assert tried.collect([url])["by_reason"] == {"account-monitored": 1}
    assert tried.run("account", "check", "api", "--by", "A. Person").returncode == 0
    assert tried.collect([url])["kept"] == 1


@pytest.mark.control("C2.3")
def test_each_visit_records_the_network_that_it_left_from(tried: Tried, site: Site) -> None:
    """The egress address is looked up in the register; where the policy asks for it, no other one is used."""
    tried.source("archive", site.host)
    url = site.serve("/a.jpg", photograph(seed=1))
    tried.policy("is_required: false", "is_required: true")
    with pytest.raises(Refused, match=r"127\.0\.0\.1, which no registered network holds"):
        tried.collect([url])
    assert site.asked == []
    refused = tried.run("collect", "urls.txt", "--project", "p", "--json")
    assert (refused.returncode, json.loads(refused.stdout)["error"]["kind"]) == (3, "Refused")
    added = tried.run(
        *("network", "add", "loopback", "--provider", "this machine", "--address", "127.0.0.0/8"),
        *("--bandwidth", "1 Gbit/s"),
    )
    assert added.returncode == 0, added.stderr
    assert tried.collect([url])["kept"] == 1
    (network,) = json.loads(tried.run("network", "list", "--json").stdout)["networks"]
    assert network["used"] == {"127.0.0.1": len(site.asked)}


@pytest.mark.control("C1.5")
def test_an_opt_out_registry_is_asked_by_address_host_and_content(tried: Tried, site: Site) -> None:
    """What stands in it is not requested, or not kept; a registry that cannot be read stops the run."""
    tried.configure("files = []", 'files = ["optouts.csv"]')
    picture = photograph(seed=1)
    import hashlib

    with Site() as other:
        tried.source("archive", site.host)
        tried.source("other", other.host)
        (tried.root / "optouts.csv").write_text(
            "url,host,sha256\n"
            f"{site.url('/named.jpg')},,\n,{other.host},\n,,{hashlib.sha256(picture).hexdigest()}\n"
        )
        urls = [site.serve("/named.jpg", photograph(seed=2)), other.serve("/b.jpg", photograph(seed=3))]
        urls += [site.serve("/same.jpg", picture), site.serve("/free.jpg", photograph(seed=4))]
        report = tried.collect(urls)
        assert report["by_reason"] == {"opt-out-registered:opt-out-registry": 3, "basis-public-domain": 1}
        assert (site.requests("/named.jpg"), other.requests("/b.jpg")) == ([], [])
    (tried.root / "optouts.csv").write_text("url\nnonsense\n")
    with pytest.raises(BadInput, match="optouts.csv"):
        tried.collect(urls)
    (tried.root / "optouts.csv").unlink()
    with pytest.raises(BadInput, match="No such file"):
        tried.collect(urls)


@pytest.mark.control("C1.5", "C3.7")
def test_nobody_is_visited_for_what_a_registry_holds_or_a_host_refuses(tried: Tried, site: Site) -> None:
    """An address in a registry costs its host no request; a host that says no costs its page none."""
    tried.configure("files = []", 'files = ["optouts.csv"]')
    tried.source("archive", site.host)
    (tried.root / "optouts.csv").write_text(f"host\n{site.host}\n")
    assert tried.collect([site.url("/a.jpg")])["denied"] == 1
    assert site.asked == []
    (tried.root / "optouts.csv").write_text("host\nother.example\n")
    site.serve("/robots.txt", b"User-agent: *\nDisallow: /a")
    with Site() as pages:
        table = tried.root / "urls.csv"
        table.write_text(f"url,page\n{site.url('/a.jpg')},{pages.url('/p')}")
        assert tried.collect(table, page_col="page")["denied"] == 1
        assert pages.asked == []
