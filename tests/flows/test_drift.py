"""Poisoning and drift: what is not what it was, or comes too often, waits for a person, with the reason."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import clearance
from clearance.errors import BadInput, ConfigurationError
from pictures_made import PROHIBITED, photograph
from sites import Answer, Site
from tls_sites import Authority, TlsSite, trusted
from workspaces import Tried

FIRST, SECOND = Authority("First Authority"), Authority("Second Authority")


@pytest.fixture
def secure(tried: Tried, tmp_path: Path) -> Iterator[TlsSite]:
    """A site over TLS that the workspace trusts, owned by Archive Foundation, and its source."""
    authorities = trusted(tmp_path, FIRST, SECOND)
    tried.configure('ca_file = ""', f'ca_file = "{authorities}"')
    with TlsSite(tmp_path) as running:
        running.certify(*FIRST.issue("Archive Foundation"))
        tried.source("archive", running.host)
        yield running


def by_name(tried: Tried) -> dict[str, tuple[str, str]]:
    return {
        item["url"].rpartition("/")[2]: (item["decision"], item["reasons"][0]["rule"])
        for item in tried.items()
    }


def detail(tried: Tried, **chosen: Any) -> str:
    (item,) = tried.items(**chosen)
    found: str = item["reasons"][0]["detail"]
    return found


def recheck(tried: Tried) -> dict[str, Any]:
    with clearance.open(tried.root) as here:
        return here.recheck(older_than_days=0)


def changed_hosts(tried: Tried) -> list[dict[str, Any]]:
    with clearance.open(tried.root) as here:
        shown: list[dict[str, Any]] = here.sources.show("archive")["changed_hosts"]
        return shown


@pytest.mark.control("C5.2")
def test_other_bytes_than_the_table_announces_are_held(tried: Tried, site: Site) -> None:
    """The right hash, in any case and between spaces, is kept; another holds with both hashes and the bytes."""
    tried.source("archive", site.host)
    pictures = {name: photograph(seed=n) for n, name in enumerate(["right", "wrong", "silent"])}
    told = {name: hashlib.sha256(content).hexdigest() for name, content in pictures.items()}
    rows = ["url,hash"]
    for name, content in pictures.items():
        stated = {"right": f" {told[name].upper()} ", "wrong": "0" * 64, "silent": ""}[name]
        rows.append(f"{site.serve(f'/{name}.jpg', content)},{stated}")
    table = tried.root / "urls.csv"
    table.write_text("\n".join(rows))
    tried.collect(table, sha256_col="hash")
    assert by_name(tried) == {
        "right.jpg": ("kept", "basis-public-domain"),
        "silent.jpg": ("kept", "basis-public-domain"),
        "wrong.jpg": ("held", "content-mismatch"),
    }
    assert detail(tried, reason="content-mismatch") == (
        f"row 2 announces {'0' * 64}, received was {told['wrong']}"
    )
    with clearance.open(tried.root) as here:
        (held,) = here.items.list(decision="held")
        assert here.items.show(held["id"])["record"]["picture"]["kept"]["bytes"] > 0
    assert tried.verified()["pictures"] == 3


@pytest.mark.control("C5.2")
@pytest.mark.parametrize(
    "stated",
    ["0" * 63, "0" * 65, "g" * 64, "sha256:" + "0" * 64, "-", "\u0660" * 64, "\x1b[31m", "null"],
)
def test_a_hash_that_is_none_holds_before_anything_is_asked_for(
    tried: Tried, site: Site, stated: str
) -> None:
    """It is not taken for no hash: the row waits until the table is put right, and is then collected."""
    tried.source("archive", site.host)
    content = photograph(seed=1)
    url = site.serve("/a.jpg", content)
    table = tried.root / "urls.jsonl"
    table.write_text(json.dumps({"url": url, "hash": stated}))
    assert tried.collect(table, sha256_col="hash")["held"] == 1
    assert by_name(tried) == {"a.jpg": ("held", "content-mismatch")}
    told = detail(tried)
    assert told.startswith("row 1: ")
    assert told.endswith(" is no SHA-256, which has 64 hexadecimal digits")
    assert told.isprintable()
    assert site.asked == []
    table.write_text(json.dumps({"url": url, "hash": hashlib.sha256(content).hexdigest()}))
    assert tried.collect(table, sha256_col="hash")["kept"] == 1


@pytest.mark.control("C5.2")
def test_a_picture_that_changed_between_visits_goes_into_quarantine(tried: Tried, site: Site) -> None:
    """Another one, and the same one encoded anew; not the same bytes, a 304, or what is no picture."""
    tried.source("archive", site.host)
    names = ["same", "cached", "other", "encoded", "broken", "refused"]
    urls = [site.serve(f"/{name}.jpg", photograph(seed=n)) for n, name in enumerate(names)]
    assert tried.collect(urls)["kept"] == len(names)
    site.answers["/cached.jpg"] = lambda _: Answer(status=304)
    site.serve("/other.jpg", photograph(seed=99))
    site.serve("/encoded.jpg", photograph(seed=3, quality=60))
    site.serve("/broken.jpg", b"no picture at all")
    site.serve("/refused.jpg", photograph(seed=98, xmp=PROHIBITED))
    report = recheck(tried)
    assert (report["allowed"], report["quarantined"], report["unreachable"]) == (2, 3, 1)
    assert report["by_reason"] == {"content-changed": 2, "reservation:plus-data-mining": 1}
    held = {item["url"].rpartition("/")[2]: item for item in tried.items(decision="held")}
    assert sorted(held) == ["encoded.jpg", "other.jpg", "refused.jpg"]
    bits = {
        name: int(item["reasons"][0]["detail"].partition("; ")[2].split()[0])
        for name, item in held.items()
        if item["reasons"][0]["rule"] == "content-changed"
    }
    assert bits["encoded.jpg"] <= 20
    assert bits["other.jpg"] > 60
    with clearance.open(tried.root) as here:
        assert here.items.show(held["other.jpg"]["id"])["replay"] is None
        assert here.datasets.check(project="p")["withheld"]["hold-resolved"] == 3
    assert tried.verified()["ok"]


@pytest.mark.control("C5.2")
def test_a_host_of_another_owner_waits_until_a_person_confirms(tried: Tried, secure: TlsSite) -> None:
    """Its pictures are not asked for meanwhile; once confirmed, they are collected."""
    first = secure.serve("/a.jpg", photograph(seed=1))
    assert tried.collect([first])["kept"] == 1
    assert changed_hosts(tried) == []
    secure.certify(*FIRST.issue("Domain Hoarder Ltd\r\n\x1b[31m"))
    urls = [first, *(secure.serve(f"/{n}.jpg", photograph(seed=n)) for n in range(2, 8))]
    assert tried.collect(urls)["held"] == 6
    assert all(item["reasons"][0]["rule"] == "host-changed" for item in tried.items(decision="held"))
    told = detail(tried, host=secure.host, reason="host-changed", limit=1)
    owner = r"Domain Hoarder Ltd\r\n\x1b[31m"
    assert told.startswith(f'{secure.host}: organisation "Archive Foundation" -> "{owner}", since 20')
    asked = len([each for each in secure.asked if each.target.endswith(".jpg")])
    # The copy of robots.txt was still good: the first connections were those of pictures, four side by side.
    assert asked <= 1 + 4
    assert tried.verified()["pictures"] == 1
    assert tried.collect(urls)["held"] == 6
    assert len([each for each in secure.asked if each.target.endswith(".jpg")]) == asked
    (waiting,) = changed_hosts(tried)
    assert (waiting["host"], waiting["was"]["organisation"], waiting["is"]["organisation"]) == (
        secure.host,
        "Archive Foundation",
        owner,
    )
    done = tried.run("source", "confirm-host", secure.host, "--by", "A. Person", "--json")
    assert (done.returncode, json.loads(done.stdout)["confirmed_by"]) == (0, "A. Person")
    assert changed_hosts(tried) == []
    assert tried.collect(urls)["kept"] == 6
    assert tried.items(decision="held") == []
    assert tried.verified()["ok"]


@pytest.mark.control("C5.2")
def test_what_the_log_says_of_a_confirmed_host_names_nobody(tried: Tried, secure: TlsSite) -> None:
    """That a host was confirmed stands there; which, and by whom, does not."""
    tried.collect([secure.serve("/a.jpg", photograph(seed=1))])
    secure.certify(*SECOND.issue("Archive Foundation"))
    tried.collect([secure.serve("/b.jpg", photograph(seed=2))])
    with clearance.open(tried.root) as here:
        here.sources.confirm_host(secure.host.upper(), by="A. Person")
        log = here.holding.stores.log
        last = json.loads(log.entry(log.size - 1))
    del last["time"], last["version"]
    assert last == {"kind": "host-confirmed"}


@pytest.mark.control("C5.2")
def test_what_is_not_watched_changes_quietly(tried: Tried, secure: TlsSite) -> None:
    """A new key holds nothing unless the policy watches keys; another issuer does by default."""
    tried.collect([secure.serve("/a.jpg", photograph(seed=1))])
    secure.certify(*FIRST.issue("Archive Foundation"))
    assert tried.collect([secure.serve("/b.jpg", photograph(seed=2))])["kept"] == 1
    tried.policy("watched: [organisation, issuer]", "watched: [organisation, issuer, key]")
    assert tried.collect([secure.serve("/c.jpg", photograph(seed=3))])["kept"] == 1
    secure.certify(*FIRST.issue("Archive Foundation"))
    assert tried.collect([secure.serve("/d.jpg", photograph(seed=4))])["held"] == 1
    assert ': key "' in detail(tried, reason="host-changed")
    tried.policy("watched: [organisation, issuer, key]", "watched: [organisation]")
    # A policy that was made looser frees nothing that waits already.
    assert tried.collect([secure.url("/d.jpg")])["held"] == 1


@pytest.mark.control("C5.2")
def test_an_issuer_that_changed_holds_and_may_change_back(tried: Tried, secure: TlsSite) -> None:
    """A person is shown what the host says now: an attack of an hour does not become what is trusted."""
    owned = FIRST.issue("Archive Foundation")
    secure.certify(*owned)
    tried.collect([secure.serve("/a.jpg", photograph(seed=1))])
    secure.certify(*SECOND.issue("Archive Foundation"))
    assert tried.collect([secure.serve("/b.jpg", photograph(seed=2))])["held"] == 1
    assert 'issuer "First Authority" -> "Second Authority"' in detail(tried, reason="host-changed")
    secure.certify(*owned)
    with clearance.open(tried.root) as here:
        here.recheck(older_than_days=0)
    (waiting,) = changed_hosts(tried)
    assert waiting["change"].startswith("showed another certificate on 20")
    assert waiting["was"] == waiting["is"]
    with clearance.open(tried.root) as here:
        here.sources.confirm_host(secure.host, by="A. Person")
    assert tried.collect([secure.url("/b.jpg")])["kept"] == 1


@pytest.mark.control("C1.5", "C5.2")
def test_what_a_changed_host_denies_is_denied(tried: Tried, secure: TlsSite) -> None:
    """A hold is no shelter from a refusal: neither while collecting nor when kept pictures are asked about."""
    names = ["header", "same", "gone"]
    urls = [secure.serve(f"/{name}.jpg", photograph(seed=n)) for n, name in enumerate(names)]
    tried.collect(urls)
    secure.certify(*FIRST.issue("Domain Hoarder Ltd"))
    url = secure.serve("/new.jpg", photograph(seed=9), headers={"X-Robots-Tag": "noai"})
    assert tried.collect([url])["denied"] == 1
    assert len(changed_hosts(tried)) == 1
    report = recheck(tried)
    assert (report["postponed"], report["quarantined"], report["left"]) == (3, 0, 0)
    assert report["by_reason"] == {"host-changed": 3}
    secure.serve("/robots.txt", b"User-agent: *\nDisallow: /gone.jpg")
    assert recheck(tried)["by_reason"] == {"host-changed": 2, "crawl-disallowed:robots.txt": 1}
    assert tried.items(decision="held", limit=5)[0]["url"] == urls[2]


@pytest.mark.control("C5.2")
def test_a_page_of_a_waiting_host_is_not_visited(tried: Tried, secure: TlsSite) -> None:
    """Nothing is asked of a host that waits but what says whether it may be asked."""
    tried.collect([secure.serve("/a.jpg", photograph(seed=1))])
    secure.certify(*FIRST.issue("Domain Hoarder Ltd"))
    tried.collect([secure.serve("/b.jpg", photograph(seed=2))])
    table = tried.root / "urls.csv"
    page = secure.serve("/page", b"<p>", headers={"Content-Type": "text/html"})
    table.write_text(f"url,page\n{secure.url('/b.jpg')},{page}")
    assert tried.collect(table, page_col="page")["held"] == 1
    assert secure.requests("/page") == []
    with clearance.open(tried.root) as here:
        assert here.survey(table)["by_reason"] == {"host-changed": 1}


@pytest.mark.control("C5.2")
def test_http_says_nothing_of_who_answers(tried: Tried, site: Site) -> None:
    """A host without a certificate is neither known nor changed, and is collected as before."""
    tried.source("archive", site.host)
    assert tried.collect([site.serve("/a.jpg", photograph(seed=1))])["kept"] == 1
    with clearance.open(tried.root) as here, pytest.raises(BadInput, match="no certificate of it was seen"):
        here.sources.confirm_host(site.host, by="A. Person")


def test_a_certificate_that_nobody_vouches_for_is_no_answer(tried: Tried, tmp_path: Path) -> None:
    """Only the authorities of the machine and of `ca_file` are trusted; the default is none of ours."""
    with TlsSite(tmp_path) as running:
        running.certify(*FIRST.issue("Archive Foundation"))
        tried.source("archive", running.host)
        tried.collect([running.serve("/a.jpg", photograph(seed=1))])
        assert running.asked == []
    assert by_name(tried) == {"a.jpg": ("denied", "host-unreachable")}


@pytest.mark.parametrize("content", [None, b"", b"no certificate"])
def test_a_ca_file_without_certificates_is_told(tried: Tried, content: bytes | None) -> None:
    """A file that is named and cannot be used is never taken for none."""
    if content is not None:
        (tried.root / "ours.pem").write_bytes(content)
    tried.configure('ca_file = ""', 'ca_file = "ours.pem"')
    tried.source("archive", "example.org")
    with pytest.raises(ConfigurationError, match=r"ours\.pem: .*; see ca_file under \[network\]"):
        tried.collect(["https://example.org/a.jpg"])


@pytest.mark.parametrize(
    ("host", "by", "says"),
    [
        ("example.org", "A. Person", "no certificate of it was seen"),
        ("example.org/x", "A. Person", "is none"),
        ("exa mple\x1b", "A. Person", "is none"),
        ("", "A. Person", "is none"),
        ("127.0.0.1", " ", "the name of the person"),
        ("127.0.0.1", "A\nB", "the name of the person"),
    ],
)
def test_who_confirms_names_a_host_that_waits(tried: Tried, host: str, by: str, says: str) -> None:
    """Everything else is told, with what to do next, and nothing is recorded."""
    done = tried.run("source", "confirm-host", "--by", by, "--", host)
    assert (done.returncode, says in done.stderr) == (2, True), done.stderr


def test_a_host_that_does_not_wait_cannot_be_confirmed(tried: Tried, secure: TlsSite) -> None:
    """Nobody confirms in advance."""
    tried.collect([secure.serve("/a.jpg", photograph(seed=1))])
    with clearance.open(tried.root) as here, pytest.raises(BadInput, match="does not wait for a person"):
        here.sources.confirm_host(secure.host, by="A. Person")


@pytest.mark.control("C5.2")
@pytest.mark.parametrize("basis", ["public-domain", "own-work"])
def test_a_flood_of_near_identical_pictures_is_held(tried: Tried, site: Site, basis: str) -> None:
    """From the stated number on, whatever the basis; other pictures of the host are kept, before and after."""
    tried.policy("max_near: 25", "max_near: 4")
    tried.source("archive", site.host, basis=basis, pace={"max_concurrent": 1, "min_delay_s": 0.0})
    other = [site.serve(f"/o{n}.jpg", photograph(seed=100 + n)) for n in range(4)]
    like = [site.serve(f"/l{n}.jpg", photograph(seed=1, quality=60 + 3 * n)) for n in range(8)]
    assert tried.collect([*other[:2], *like, *other[2:]])["by_reason"]["near-identical-flood"] == 4
    outcomes = by_name(tried)
    assert {name for name, (decision, _) in outcomes.items() if decision == "held"} == {
        "l4.jpg",
        "l5.jpg",
        "l6.jpg",
        "l7.jpg",
    }
    item = next(each for each in tried.items(reason="near-identical-flood") if each["url"] == like[4])
    assert item["reasons"][0]["detail"] == (
        f"4 of the last 6 pictures of {site.host} differ from it in at most 20 of 256 bits"
    )
    assert tried.verified()["pictures"] == 12
    with clearance.open(tried.root) as here:
        assert here.items.show(item["id"])["replay"] is None


@pytest.mark.control("C5.2")
def test_a_flood_that_comes_a_little_in_every_run_is_held(tried: Tried, site: Site) -> None:
    """What earlier runs recorded of the host counts, as soon as two of a run look alike."""
    tried.policy("max_near: 25", "max_near: 5")
    tried.source("archive", site.host, pace={"max_concurrent": 1, "min_delay_s": 0.0})
    like = [site.serve(f"/{n}.jpg", photograph(seed=1, quality=60 + 3 * n)) for n in range(9)]
    assert [tried.collect(like[start : start + 3]).get("held", 0) for start in (0, 3, 6)] == [0, 1, 2]


@pytest.mark.control("C5.2")
def test_flat_pictures_are_no_flood(tried: Tried, site: Site) -> None:
    """A PDQ code of low quality does not say what a picture shows: neither alike nor held."""
    import io

    from PIL import Image

    tried.policy("max_near: 25", "max_near: 1")
    tried.source("archive", site.host)
    output = io.BytesIO()
    Image.new("RGB", (320, 240), (40, 80, 90)).save(output, "PNG")
    assert tried.collect([site.serve(f"/{n}.png", output.getvalue()) for n in range(6)])["kept"] == 6


@pytest.mark.control("C5.2")
def test_like_pictures_of_many_hosts_are_no_flood_of_one(tried: Tried, site: Site) -> None:
    """Each host is compared with itself."""
    tried.policy("max_near: 25", "max_near: 2")
    with Site() as second:
        tried.source("archive", site.host, second.host)
        urls = [each.serve(f"/{n}.jpg", photograph(seed=1)) for n in range(2) for each in (site, second)]
        assert tried.collect(urls)["kept"] == 4
