"""Asking again about what is kept: a refusal of today puts a picture into quarantine, an outage does not."""

import json
from typing import Any

import pytest

import clearance
from clearance.errors import BadInput
from pictures_made import PROHIBITED, photograph
from sites import Answer, Asked, Site
from workspaces import Tried


def recheck(tried: Tried, **options: Any) -> dict[str, Any]:
    with clearance.open(tried.root) as here:
        return here.recheck(**{"older_than_days": 0, **options})


def pictures(site: Site) -> list[str]:
    return [asked.target for asked in site.asked if asked.target.endswith(".jpg")]


def decisions(tried: Tried) -> dict[str, str]:
    return {item["url"].rpartition("/")[2]: item["decision"] for item in tried.items()}


@pytest.mark.control("C1.5", "C5.4")
def test_what_is_refused_now_is_quarantined_and_the_register_holds(tried: Tried, site: Site) -> None:
    """Header, bytes and status refuse; silence, a 304 and a picture that is gone do not."""
    tried.policy("backoff_s: 2.0", "backoff_s: 0.0")
    tried.source("archive", site.host)
    names = ["same", "header", "bytes", "refused", "gone", "outage", "cached", "broken"]
    urls = [
        site.serve(f"/{name}.jpg", photograph(seed=n), headers={"ETag": f'"{name}"'})
        for n, name in enumerate(names)
    ]
    assert tried.collect(urls)["kept"] == len(names)
    site.serve("/header.jpg", photograph(seed=1), headers={"X-Robots-Tag": "noai"})
    site.serve("/bytes.jpg", photograph(seed=2, xmp=PROHIBITED))
    site.serve("/refused.jpg", status=403)
    site.serve("/gone.jpg", status=410)
    site.serve("/outage.jpg", status=500)
    site.serve("/broken.jpg", b"no picture at all")

    def unchanged(asked: Asked) -> Answer:
        return Answer(status=304 if asked.headers.get("if-none-match") == '"cached"' else 500)

    site.answers["/cached.jpg"] = unchanged
    report = recheck(tried)
    assert {
        name: report[name] for name in ("allowed", "quarantined", "gone", "unreachable", "postponed")
    } == {
        "allowed": 2,
        "quarantined": 3,
        "gone": 1,
        "unreachable": 2,
        "postponed": 0,
    }
    assert report["by_reason"] == {
        "reservation:x-robots-tag": 1,
        "reservation:plus-data-mining": 1,
        "access-refused:http-status": 1,
    }
    assert decisions(tried) == {
        f"{name}.jpg": "held" if name in ("header", "bytes", "refused") else "kept" for name in names
    }
    verified = tried.verified()
    assert (verified["ok"], verified["items"]) == (True, len(names) + 3)
    with clearance.open(tried.root) as here:
        cleared = here.datasets.check(project="p")["withheld"]
        quarantined = [here.explain(item["id"]) for item in tried.items(decision="held")]
    assert cleared["hold-resolved"] == 3
    assert all(each["replay"]["same"] for each in quarantined)
    again = tried.collect(urls)
    assert (again["planned"], again["already_held"]) == (0, len(names))


@pytest.mark.control("C1.5")
def test_a_site_that_changed_its_mind_is_heard(tried: Tried, site: Site) -> None:
    """robots.txt, a token group and the page are asked again, once their copy is old enough."""
    tried.source("archive", site.host)
    page = site.serve("/p", b"<p>", headers={"Content-Type": "text/html"})
    table = tried.root / "urls.csv"
    table.write_text(f"url,page\n{site.serve('/a.jpg', photograph(seed=1))},{page}")
    assert tried.collect(table, page_col="page")["kept"] == 1
    assert recheck(tried)["allowed"] == 1
    site.serve("/p", b"<meta name=robots content=noai>", headers={"Content-Type": "text/html"})
    assert recheck(tried)["by_reason"] == {"reservation:meta-robots": 1}


@pytest.mark.control("C1.5")
def test_the_hosts_own_files_are_asked_for_again(tried: Tried, site: Site) -> None:
    """However fresh the copy is: a re-check that did not ask would be none; once a host and run."""
    tried.source("archive", site.host)
    tried.collect([site.serve(f"/{n}.jpg", photograph(seed=n)) for n in range(2)])
    site.serve("/robots.txt", b"Content-Signal: ai-train=no\nUser-agent: *\nAllow: /")
    assert recheck(tried)["by_reason"] == {"reservation:content-signals": 2}
    assert len(site.requests("/robots.txt")) == 2


@pytest.mark.control("C1.4", "C1.5")
def test_a_held_source_is_still_heard(tried: Tried, site: Site) -> None:
    """While its terms wait for a person, its pictures are not asked for, and a denial of its host counts."""
    tried.source("archive", site.host)
    tried.collect([site.serve("/a.jpg", photograph(seed=1))])
    with clearance.open(tried.root) as here:
        here.accounts.add(name="api", source="archive", mailbox="a@example.org", responsible="A. Person")
    asked = len(site.requests("/a.jpg"))
    waiting = recheck(tried)
    assert (waiting["postponed"], waiting["by_reason"]) == (1, {"account-monitored": 1})
    site.serve("/trust.txt", b"datatrainingallowed=no")
    assert recheck(tried)["by_reason"] == {"reservation:trust.txt": 1}
    assert len(site.requests("/a.jpg")) == asked


def test_a_misspelt_project_or_source_is_told(tried: Tried) -> None:
    """Nothing due must not look like nothing of that name."""
    for option in ("project", "source"):
        with pytest.raises(BadInput, match=f"no {option} 'nope'"):
            recheck(tried, **{option: "nope"})


@pytest.mark.control("C3.7")
def test_only_what_is_due_is_asked_about(tried: Tried, site: Site) -> None:
    """By the policy's age, by the age that was asked for, and no more than a limit."""
    tried.source("archive", site.host)
    tried.collect([site.serve(f"/{n}.jpg", photograph(seed=n)) for n in range(3)])
    with clearance.open(tried.root) as here:
        assert here.recheck()["not_due"] == 3
    first = recheck(tried, limit=2)
    assert (first["checked"], first["left"]) == (2, 1)
    asked = len(pictures(site))
    tried.policy("max_age_days: 30", "max_age_days: 0")
    printed = tried.run("items", "recheck", "--limit", "1", "--json")
    assert (json.loads(printed.stdout)["checked"], printed.returncode) == (1, 0)
    assert len(pictures(site)) == asked + 1
    shown = tried.run("items", "recheck", "--project", "p")
    assert "3 asked about: 3 allowed" in shown.stderr


@pytest.mark.control("C3.7")
def test_a_spent_budget_postpones(tried: Tried, site: Site) -> None:
    """What could not be asked about stays due."""
    tried.source("archive", site.host, pace={"min_delay_s": 0.0, "latency_factor": 0.0, "daily_requests": 14})
    tried.collect([site.serve("/a.jpg", photograph(seed=1))])
    assert len(site.asked) == 7
    assert recheck(tried)["allowed"] == 1
    assert recheck(tried)["postponed"] == 1


@pytest.mark.control("C1.5")
def test_a_registry_that_came_later_is_followed(tried: Tried, site: Site) -> None:
    """An opt-out by address or by content finds what is kept already."""
    tried.source("archive", site.host)
    urls = [site.serve(f"/{n}.jpg", photograph(seed=n)) for n in range(3)]
    tried.collect(urls)
    kept = {item["url"]: item for item in tried.items()}
    (tried.root / "optouts.csv").write_text(f"url,iscc\n{urls[0]},\n,{kept[urls[1]]['iscc']}\n")
    tried.configure("files = []", 'files = ["optouts.csv"]')
    assert recheck(tried)["by_reason"] == {"opt-out-registered:opt-out-registry": 2}
    assert decisions(tried) == {"0.jpg": "held", "1.jpg": "held", "2.jpg": "kept"}
    with clearance.open(tried.root) as here:
        assert all(here.explain(item["id"])["replay"]["same"] for item in tried.items(decision="held"))
