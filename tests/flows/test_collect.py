"""The main job from end to end, against a real server, into real stores."""

import json
from typing import Any

import pytest

import clearance
from clearance.errors import BadInput, Refused
from pictures_made import PROHIBITED, photograph, xmp_packet
from sites import Answer, Asked, Site
from workspaces import Tried

CC_BY = xmp_packet('cc:license="https://creativecommons.org/licenses/by/4.0/"')
CC_BY_NC = xmp_packet('cc:license="https://creativecommons.org/licenses/by-nc/4.0/"')


def verdicts(tried: Tried) -> dict[str, tuple[str, str]]:
    return {
        item["url"].rpartition("/")[2]: (
            item["decision"],
            item["reasons"][0]["rule"]
            + (":" + item["reasons"][0]["signal"] if item["reasons"][0]["signal"] else ""),
        )
        for item in tried.items()
    }


@pytest.mark.control("C1.1", "C1.5", "C2.1", "C5.3")
def test_each_picture_is_taken_or_refused_for_its_own_reason(tried: Tried, site: Site) -> None:
    """Signals in headers and bytes, refusals, failures: every row ends in a record that says why."""
    tried.source("archive", site.host)
    rows: list[tuple[str, bytes, dict[str, Any], tuple[str, str]]] = [
        ("plain.jpg", photograph(seed=1), {}, ("kept", "basis-public-domain")),
        ("plus.jpg", photograph(seed=2, xmp=PROHIBITED), {}, ("denied", "reservation:plus-data-mining")),
        (
            "noai.jpg",
            photograph(seed=3),
            {"headers": {"X-Robots-Tag": "noai"}},
            ("denied", "reservation:x-robots-tag"),
        ),
        (
            "tdm.jpg",
            photograph(seed=4),
            {"headers": {"tdm-reservation": "1"}},
            ("denied", "reservation:tdmrep"),
        ),
        (
            "usage.jpg",
            photograph(seed=5),
            {"headers": {"Content-Usage": "train-ai=n"}},
            ("denied", "reservation:aipref"),
        ),
        (
            "odd.jpg",
            photograph(seed=6),
            {"headers": {"Content-Usage": "A=n"}},
            ("held", "reservation-unreadable:aipref"),
        ),
        ("xmp.jpg", photograph(seed=7, xmp=b"<x:xmpmeta"), {}, ("held", "reservation-unreadable:xmp")),
        (
            "marked.jpg",
            photograph(seed=8, xmp=xmp_packet('xmpRights:Marked="True"')),
            {},
            ("held", "basis-contradicted"),
        ),
        ("secret.jpg", b"", {"status": 403}, ("denied", "access-refused:http-status")),
        ("law.jpg", b"", {"status": 451}, ("denied", "access-refused:http-status")),
        ("paid.jpg", b"", {"status": 402}, ("denied", "payment-required:http-status")),
        ("gone.jpg", b"", {"status": 410}, ("failed", "fetch-failed")),
        ("page.jpg", b"<!doctype html>", {}, ("failed", "picture-unreadable")),
        ("half.jpg", photograph(seed=9)[:4000], {}, ("failed", "picture-unreadable")),
        ("tiny.jpg", photograph(seed=9, width=8, height=8), {}, ("failed", "picture-limits")),
        ("empty.jpg", b"", {}, ("failed", "fetch-failed")),
    ]
    urls = [site.serve(f"/{name}", body, **answer) for name, body, answer, _ in rows]
    report = tried.collect(urls)
    assert verdicts(tried) == {name: expected for name, _, _, expected in rows}
    assert (report["planned"], report["kept"], report["held"], report["denied"], report["failed"]) == (
        16,
        1,
        3,
        7,
        5,
    )
    assert report["requests_by_host"] == {site.host: len(site.asked)}
    found = tried.verified()
    assert (found["ok"], found["items"], found["pictures"]) == (True, 16, 4)


@pytest.mark.control("C2.1")
def test_a_record_names_what_was_taken_and_nothing_of_what_was_refused(tried: Tried, site: Site) -> None:
    """Content IDs, size and source of a kept picture; of a refused one its hash only."""
    tried.source("archive", site.host)
    tried.collect(
        [
            site.serve("/a.jpg", photograph(seed=1, width=900)),
            site.serve("/b.jpg", photograph(seed=2, xmp=PROHIBITED)),
        ]
    )
    by_decision = {item["decision"]: item for item in tried.items()}
    with clearance.open(tried.root) as here:
        kept = here.items.show(by_decision["kept"]["id"])
        refused = here.items.show(by_decision["denied"]["id"])
    picture = kept["record"]["picture"]
    assert (picture["width"], picture["kept"]["width"], picture["format"]) == (900, 512, "JPEG")
    assert kept["iscc"].startswith("ISCC:")
    assert len(kept["content_id"]) == 64
    assert "picture" not in refused["record"]
    assert (refused["iscc"], len(refused["content_id"])) == (None, 64)
    assert refused["reasons"][0]["control"] == "C1.5"
    assert refused["reasons"][0]["text"].startswith("A rights holder's machine-readable reservation")
    assert refused["evidence"]["responses"][0]["status"] == 200
    assert refused["evidence"]["embedded"]["xmp"]


@pytest.mark.control("C1.5", "C5.3")
def test_a_host_that_says_no_is_not_asked_for_a_picture(tried: Tried, site: Site) -> None:
    """robots.txt and the files of other signals are asked first, once, and obeyed."""
    tried.source("archive", site.host)
    site.serve("/robots.txt", b"User-agent: *\nDisallow: /private/")
    site.serve(
        "/.well-known/tdmrep.json", json.dumps([{"location": "/news/*", "tdm-reservation": 1}]).encode()
    )
    urls = [
        site.serve(f"/{folder}/{n}.jpg", photograph(seed=n))
        for folder in ("private", "news", "open")
        for n in range(3)
    ]
    report = tried.collect(urls)
    assert report["by_reason"] == {
        "basis-public-domain": 3,
        "crawl-disallowed:robots.txt": 3,
        "reservation:tdmrep": 3,
    }
    assert sorted(asked.target for asked in site.asked) == [
        "/.well-known/ai.txt",
        "/.well-known/tdmrep.json",
        "/.well-known/trust.txt",
        "/ai.txt",
        "/open/0.jpg",
        "/open/1.jpg",
        "/open/2.jpg",
        "/robots.txt",
        "/trust.txt",
    ]
    assert site.asked[0].target == "/robots.txt"


@pytest.mark.control("C1.5")
@pytest.mark.parametrize("status", [500, 503])
def test_a_host_that_cannot_answer_is_left_alone(tried: Tried, site: Site, status: int) -> None:
    """Without a readable robots.txt nothing is fetched, for now."""
    tried.policy("backoff_s: 2.0", "backoff_s: 0.01")
    tried.source("archive", site.host)
    site.serve("/robots.txt", status=status)
    report = tried.collect([site.serve("/a.jpg", photograph(seed=1))])
    assert report["by_reason"] == {"host-unreachable:robots.txt": 1}
    assert not site.requests("/a.jpg")
    site.serve("/robots.txt", status=404)
    assert tried.collect([site.url("/a.jpg")])["kept"] == 1


@pytest.mark.control("C5.3", "C2.3")
def test_every_request_says_who_asks(tried: Tried, site: Site) -> None:
    """Token, version, contact page and organisation; no cookie, no other disguise."""
    tried.source("archive", site.host)
    tried.collect(
        [
            site.serve("/a.jpg", photograph(seed=1), headers={"Set-Cookie": "id=1"}),
            site.serve("/b.jpg", photograph(seed=2)),
        ]
    )
    agents = {asked.headers["user-agent"] for asked in site.asked}
    assert agents == {"ClearanceBot/0.1.0 (+https://example.org/bot; Test & S?hne)"}
    assert not any("cookie" in asked.headers or "referer" in asked.headers for asked in site.asked)
    assert {asked.method for asked in site.asked} == {"GET"}


@pytest.mark.control("C1.1", "C1.3", "C4.3")
def test_a_licence_covers_its_paths_and_answers_the_sites_reservation(tried: Tried, site: Site) -> None:
    """What the contract speaks of is kept under it, the rest is not asked for."""
    tried.source("agency", site.host, basis="licence")
    with clearance.open(tried.root) as here:
        here.licences.add(
            sources=("agency",), licensor="Agency", uses=("train",), reference="C-1", paths=("/licensed/*",)
        )
    site.serve("/.well-known/tdmrep.json", json.dumps([{"location": "/", "tdm-reservation": 1}]).encode())
    report = tried.collect(
        [site.serve("/licensed/a.jpg", photograph(seed=1)), site.serve("/other/b.jpg", photograph(seed=2))]
    )
    assert verdicts(tried) == {"a.jpg": ("kept", "basis-licence"), "b.jpg": ("denied", "reservation:tdmrep")}
    assert report["by_basis"] == {"licence": 1}
    assert not site.requests("/other/b.jpg")
    (kept,) = tried.items(decision="kept")
    assert (kept["basis"], kept["licence"]) == ("licence", "licence-0001")


@pytest.mark.control("C1.1")
def test_an_open_licence_is_read_from_the_table_the_header_or_the_picture(tried: Tried, site: Site) -> None:
    """Stated anywhere it counts, stated nowhere it is missing, non-commercial it is refused."""
    tried.source("commons", site.host, basis="open-licence")
    rows = [
        ("table.jpg", photograph(seed=1), "CC BY 4.0", {}, ("kept", "basis-open-licence")),
        ("xmp.jpg", photograph(seed=2, xmp=CC_BY), "", {}, ("kept", "basis-open-licence")),
        (
            "link.jpg",
            photograph(seed=3),
            "",
            {"headers": {"Link": '<https://creativecommons.org/publicdomain/zero/1.0/>; rel="license"'}},
            ("kept", "basis-open-licence"),
        ),
        ("none.jpg", photograph(seed=4), "", {}, ("denied", "basis-missing")),
        ("nc.jpg", photograph(seed=5), "CC BY-NC 4.0", {}, ("denied", "licence-noncommercial")),
        ("both.jpg", photograph(seed=6, xmp=CC_BY_NC), "CC BY 4.0", {}, ("denied", "licence-noncommercial")),
        ("odd.jpg", photograph(seed=7), "ask me", {}, ("denied", "licence-unknown")),
    ]
    table = tried.root / "t.jsonl"
    table.write_text(
        "\n".join(
            json.dumps({"url": site.serve(f"/{name}", body, **answer), "rights": licence, "who": "A. Person"})
            for name, body, licence, answer, _ in rows
        )
    )
    tried.collect(table, licence_col="rights")
    assert verdicts(tried) == {name: expected for name, _, _, _, expected in rows}
    assert not site.requests("/nc.jpg")


@pytest.mark.control("C1.3", "C5.2")
def test_redirects_stay_within_the_source_and_are_bounded(tried: Tried, site: Site) -> None:
    """Each hop passes the gate; another host, a loop or a wrong address ends it."""
    tried.source("archive", site.host)
    site.serve("/robots.txt", b"User-agent: *\nDisallow: /closed/")
    good = site.serve("/good.jpg", photograph(seed=1))
    urls = []
    for name, target in (
        ("kept.jpg", "/good.jpg"),
        ("absolute.jpg", good + "?x"),
        ("away.jpg", "http://elsewhere.example/a.jpg"),
        ("loop.jpg", "/loop.jpg"),
        ("file.jpg", "file:///etc/passwd"),
        ("closed.jpg", "/closed/a.jpg"),
        ("nowhere.jpg", ""),
    ):
        urls.append(site.serve(f"/{name}", status=302, headers={"Location": target} if target else {}))
    site.serve("/good.jpg?x", photograph(seed=2), headers={})
    tried.collect(urls)
    assert verdicts(tried) == {
        "kept.jpg": ("kept", "basis-public-domain"),
        "absolute.jpg": ("kept", "basis-public-domain"),
        "away.jpg": ("denied", "redirect-outside-source"),
        "loop.jpg": ("failed", "fetch-limits"),
        "file.jpg": ("failed", "fetch-failed"),
        "closed.jpg": ("denied", "crawl-disallowed:robots.txt"),
        "nowhere.jpg": ("failed", "fetch-failed"),
    }
    assert len(site.requests("/loop.jpg")) == 6
    assert not site.requests("/closed/a.jpg")


@pytest.mark.control("C1.5")
def test_a_signal_on_a_redirect_counts_for_the_picture(tried: Tried, site: Site) -> None:
    """A denial on any hop denies."""
    tried.source("archive", site.host)
    site.serve("/b.jpg", photograph(seed=1))
    tried.collect([site.serve("/a.jpg", status=302, headers={"Location": "/b.jpg", "tdm-reservation": "1"})])
    assert verdicts(tried) == {"a.jpg": ("denied", "reservation:tdmrep")}


@pytest.mark.control("C3.7")
def test_a_second_run_asks_only_for_what_may_have_changed(tried: Tried, site: Site) -> None:
    """Kept pictures are not asked for again, denied ones conditionally, failed ones anew; host files are still fresh."""
    tried.source("archive", site.host)

    def reserved(asked: Asked) -> Answer:
        if asked.headers.get("if-none-match") == '"v1"':
            return Answer(status=304)
        return Answer(body=photograph(seed=2, xmp=PROHIBITED), headers={"ETag": '"v1"'})

    site.answers["/no.jpg"] = reserved
    urls = [
        site.serve("/yes.jpg", photograph(seed=1)),
        site.url("/no.jpg"),
        site.serve("/late.jpg", status=404),
    ]
    first = tried.collect(urls)
    assert (first["kept"], first["denied"], first["failed"]) == (1, 1, 1)
    site.asked.clear()
    site.serve("/late.jpg", photograph(seed=3))
    second = tried.collect(urls)
    assert (second["already_held"], second["unchanged"], second["kept"], second["planned"]) == (1, 1, 1, 2)
    assert sorted(asked.target for asked in site.asked) == ["/late.jpg", "/no.jpg"]
    assert verdicts(tried)["late.jpg"] == ("kept", "basis-public-domain")
    assert len(tried.items(include_superseded=True)) == 4
    assert tried.verified()["ok"]


@pytest.mark.control("C3.7")
def test_host_files_are_asked_again_conditionally_when_they_are_old(tried: Tried, site: Site) -> None:
    """After their age the host is asked whether they changed; unchanged they hold on."""
    tried.policy("host_file_max_age_s: 86400.0", "host_file_max_age_s: 0.0")
    tried.source("archive", site.host)
    text = b"User-agent: *\nDisallow: /no"

    def robots(asked: Asked) -> Answer:
        return (
            Answer(status=304)
            if "if-none-match" in asked.headers
            else Answer(body=text, headers={"ETag": '"1"'})
        )

    site.answers["/robots.txt"] = robots
    tried.collect([site.serve("/no.jpg", photograph(seed=1))])
    assert tried.collect([site.url("/no.jpg")])["by_reason"] == {"crawl-disallowed:robots.txt": 1}
    assert ["if-none-match" in asked.headers for asked in site.requests("/robots.txt")] == [False, True]


@pytest.mark.control("C1.5")
def test_a_robots_txt_that_moved_is_followed(tried: Tried, site: Site) -> None:
    """Redirects are followed within a bound, to another host too; beyond it the host counts as unreachable."""
    tried.source("archive", site.host)
    with Site() as other:
        rules = other.serve("/rules.txt", b"User-agent: *\nDisallow: /no")
        site.serve("/robots.txt", status=301, headers={"Location": rules})
        urls = [site.serve("/no.jpg", photograph(seed=1)), site.serve("/yes.jpg", photograph(seed=2))]
        assert tried.collect(urls)["by_reason"] == {
            "crawl-disallowed:robots.txt": 1,
            "basis-public-domain": 1,
        }
    with Site() as looping:
        tried.source("looping", looping.host)
        looping.serve("/robots.txt", status=302, headers={"Location": "/robots.txt"})
        report = tried.collect([looping.serve("/a.jpg", photograph(seed=3))])
        assert report["by_reason"] == {"host-unreachable:robots.txt": 1}
    with Site() as nowhere:
        tried.source("nowhere", nowhere.host)
        nowhere.serve("/robots.txt", status=302, headers={"Location": "gopher://x"})
        report = tried.collect([nowhere.serve("/a.jpg", photograph(seed=4))])
        assert report["by_reason"] == {"host-unreachable:robots.txt": 1}


@pytest.mark.control("C2.3", "C3.7")
def test_every_request_stands_in_the_visit_ledger(tried: Tried, site: Site) -> None:
    """With its time, status, bytes, the address it left from and the user agent; and without a URL."""
    from sqlalchemy import select

    from clearance.collecting.tables import visits

    tried.source("archive", site.host)
    body = photograph(seed=1)
    tried.collect([site.serve("/a.jpg", body), site.serve("/b.jpg", status=404)])
    with clearance.open(tried.root) as here, here.holding.database.begin() as connection:
        rows = connection.execute(select(visits)).mappings().all()
    assert sorted((row["what"], row["status"]) for row in rows) == [
        ("/.well-known/ai.txt", 404),
        ("/.well-known/tdmrep.json", 404),
        ("/.well-known/trust.txt", 404),
        ("/ai.txt", 404),
        ("/robots.txt", 404),
        ("/trust.txt", 404),
        ("picture", 200),
        ("picture", 404),
    ]
    assert {(row["host"], row["egress"]) for row in rows} == {(site.host, "127.0.0.1")}
    assert {row["bytes"] for row in rows} == {0, len(body)}
    assert all(row["user_agent"].startswith("ClearanceBot/") for row in rows)


@pytest.mark.control("C3.7")
def test_an_overloaded_host_is_asked_again_later_and_then_left(tried: Tried, site: Site) -> None:
    """After 503 comes a pause and another try; a long Retry-After leaves the host, and its rows stay to be done."""
    tried.policy("backoff_s: 2.0", "backoff_s: 0.05")
    tried.source("archive", site.host)
    answers = [Answer(status=503), Answer(body=photograph(seed=1))]
    site.answers["/busy.jpg"] = lambda _: answers.pop(0)
    assert tried.collect([site.url("/busy.jpg")])["kept"] == 1
    site.serve("/later.jpg", status=429, headers={"Retry-After": "86400"})
    report = tried.collect([site.url("/later.jpg"), site.serve("/b.jpg", photograph(seed=2))])
    assert list(report["hosts_left"]) == [site.host]
    assert report["postponed"] >= 1


@pytest.mark.control("C3.7")
def test_a_spent_daily_budget_leaves_the_rest_for_another_day(tried: Tried, site: Site) -> None:
    """Requests of earlier runs count, and the rows that were not reached stay to be done."""
    tried.policy("daily_requests: 10000", "daily_requests: 9")
    tried.source("archive", site.host)
    urls = [site.serve(f"/{n}.jpg", photograph(seed=n)) for n in range(6)]
    report = tried.collect(urls)
    assert (report["kept"], report["postponed"], len(site.asked)) == (3, 3, 9)
    assert report["hosts_left"] == {site.host: "daily request budget spent"}
    assert tried.collect(urls)["kept"] == 0
    assert len(site.asked) == 9


@pytest.mark.control("C3.7")
def test_a_budget_spent_before_a_host_could_say_what_it_allows_decides_nothing(
    tried: Tried, site: Site
) -> None:
    """What was not asked for its wishes is left for another day, with no record against it."""
    tried.policy("daily_requests: 10000", "daily_requests: 3")
    tried.source("archive", site.host)
    report = tried.collect([site.serve("/a.jpg", photograph(seed=1))])
    assert (report["postponed"], report["denied"], len(site.asked)) == (1, 0, 3)


@pytest.mark.control("C3.1", "C4.3")
def test_collection_stops_at_the_target_with_licensed_pictures_first(tmp_path: Any, site: Site) -> None:
    """Not one picture more is fetched than the project needs."""
    tried = Tried(tmp_path / "workspace")
    tried.project(target=4)
    with Site() as agency:
        tried.source("archive", site.host)
        tried.source("agency", agency.host, basis="licence")
        with clearance.open(tried.root) as here:
            here.licences.add(sources=("agency",), licensor="A", uses=("train",), reference="C")
        urls = [site.serve(f"/{n}.jpg", photograph(seed=n)) for n in range(5)]
        urls += [agency.serve(f"/{n}.jpg", photograph(seed=10 + n)) for n in range(3)]
        report = tried.collect(urls)
        assert (report["kept"], report["over_target"]) == (4, 4)
        assert report["by_source"] == {"agency": {"kept": 3}, "archive": {"kept": 1}}
        assert len([asked for asked in site.asked if asked.target.endswith(".jpg")]) == 1
    assert tried.collect(urls)["over_target"] == 4


@pytest.mark.control("C3.6")
def test_a_source_gives_no_more_than_its_quota_over_all_runs(tried: Tried, site: Site) -> None:
    """The next picture is refused for the quota, without being asked for."""
    tried.source("archive", site.host, quotas={"max_items": 2})
    urls = [site.serve(f"/{n}.jpg", photograph(seed=n)) for n in range(4)]
    assert tried.collect(urls[:3])["by_reason"] == {"basis-public-domain": 2, "quota": 1}
    assert tried.collect(urls[3:])["by_reason"] == {"quota": 1}
    assert len([asked for asked in site.asked if asked.target.endswith(".jpg")]) == 2


@pytest.mark.control("C5.2")
def test_bytes_other_than_announced_wait_for_a_person(tried: Tried, site: Site) -> None:
    """A SHA-256 in the table is compared with what came."""
    import hashlib

    tried.source("archive", site.host)
    body = photograph(seed=1)
    table = tried.root / "t.csv"
    table.write_text(
        f"url,hash\n{site.serve('/a.jpg', body)},{hashlib.sha256(body).hexdigest()}\n{site.serve('/b.jpg', body)},{'0' * 64}\n"
    )
    tried.collect(table, sha256_col="hash")
    assert verdicts(tried) == {
        "a.jpg": ("kept", "basis-public-domain"),
        "b.jpg": ("held", "content-mismatch"),
    }


@pytest.mark.control("C3.1")
def test_a_project_that_is_over_collects_nothing(tmp_path: Any, site: Site) -> None:
    """Outside its dates the whole command is refused before it starts."""
    from datetime import date

    tried = Tried(tmp_path / "workspace")
    tried.project(ends=date(2020, 1, 1))
    with pytest.raises(Refused, match="C3.1"):
        tried.collect([site.url("/a.jpg")])
    with pytest.raises(BadInput, match="no project"), clearance.open(tried.root) as here:
        here.collect(tried.table([site.url("/a.jpg")]), project="other")
    assert site.asked == []


@pytest.mark.control("C2.1")
def test_every_decision_can_be_replayed_from_its_evidence(tried: Tried, site: Site) -> None:
    """Read again from what was kept, under the policy of that day, each picture is decided the same."""
    tried.source("archive", site.host)
    site.serve("/robots.txt", b"User-agent: *\nDisallow: /closed/")
    tried.collect(
        [
            site.serve("/a.jpg", photograph(seed=1)),
            site.serve("/b.jpg", photograph(seed=2, xmp=PROHIBITED)),
            site.serve("/c.jpg", photograph(seed=3), headers={"X-Robots-Tag": "noai"}),
            site.serve("/d.jpg", photograph(seed=4, xmp=b"<x:xmpmeta")),
            site.serve("/closed/e.jpg", photograph(seed=5)),
            site.serve("/f.jpg", status=403),
        ]
    )
    tried.policy("effect: hold\n    controls: [C1.5]", "effect: deny\n    controls: [C1.5]")
    with clearance.open(tried.root) as here:
        replayed = {item["url"][-5:]: here.items.show(item["id"])["replay"] for item in here.items.list()}
    assert {name: again["same"] for name, again in replayed.items()} == dict.fromkeys(
        ("a.jpg", "b.jpg", "c.jpg", "d.jpg", "e.jpg", "f.jpg"), True
    )
