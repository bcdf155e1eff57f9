"""Our traffic against a site: the report for its owner, and the daily budgets that it is held against."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import clearance
from clearance.collecting import Client, ClientLimits, Hosts, Journal, Ledger, Visits
from clearance.collecting.client import NoResponse, Response
from clearance.collecting.host_identities import HostIdentityStore
from clearance.collecting.pace import Leave
from clearance.database import Database, migrate, open_database
from clearance.identifiers import Host, WebUrl, parse_url
from clearance.policy import default_policy_bytes, read_policy
from clearance.sourcing import NetworkIndex, SourceIndex
from pictures_made import photograph
from sites import Site
from workspaces import Tried

EVENING = datetime(2026, 11, 23, 23, 50, tzinfo=UTC)


class Days:
    """Visits one site at moments that the test hands in, a run at a time."""

    def __init__(self, database: Database, site: Site, *, requests: int, size: int) -> None:
        text = default_policy_bytes().decode()
        for old, new in (
            ("daily_requests: 10000", f"daily_requests: {requests}"),
            ("daily_bytes: 5000000000", f"daily_bytes: {size}"),
            ("min_delay_s: 0.1", "min_delay_s: 0.0"),
            ("latency_factor: 3.0", "latency_factor: 0.0"),
        ):
            assert old in text
            text = text.replace(old, new)
        self._policy = read_policy(text.encode())
        self._database = database
        url = parse_url(site.url("/a.jpg"))
        assert isinstance(url, WebUrl)
        self._url = url

    def run(self, at: datetime, *, asks: int) -> list[int | str]:
        """Ask for the same address a number of times in one run; returns statuses, or why it was left."""
        return asyncio.run(self._run(at, asks))

    async def _run(self, at: datetime, asks: int) -> list[int | str]:
        import ipaddress

        limits = ClientLimits(timeout_s=10, connect_timeout_s=10, max_connections=10)
        journal = Journal(self._database)
        ledger = Ledger(journal, run="r")
        loopback = [ipaddress.ip_network("127.0.0.0/8")]
        async with Client(user_agent="Test", allowed=loopback, hosts={}, limits=limits) as client:
            hosts = Hosts(
                client=client,
                journal=journal,
                policy=self._policy,
                sources=SourceIndex([]),
                networks=NetworkIndex([]),
                agent="Test",
                note=ledger.note,
                identities=HostIdentityStore(self._database),
                clock=lambda: at,
            )
            found: list[int | str] = []
            for _ in range(asks):
                answer = await hosts.visit(
                    self._url, hosts.pace(self._url.host), what="picture", max_bytes=1 << 20, headers={}
                )
                match answer:
                    case Response():
                        found.append(answer.status)
                    case Leave():
                        found.append(answer.value)
                    case NoResponse():
                        found.append(answer.why)
            ledger.write()
            return found


@pytest.mark.control("C3.7")
def test_daily_budgets_hold_over_runs_and_begin_anew_the_next_day(tmp_path: Path, site: Site) -> None:
    """Three runs on one day share its requests; midnight in UTC gives a new day, and only then."""
    site.serve("/a.jpg", b"x" * 10)
    with open_database(f"sqlite:///{tmp_path}/c.sqlite") as database:
        migrate(database)
        days = Days(database, site, requests=5, size=10**9)
        spent = "daily request budget spent"
        assert days.run(EVENING, asks=3) == [200] * 3
        assert days.run(EVENING + timedelta(minutes=5), asks=4) == [200, 200, spent, spent]
        assert days.run(EVENING + timedelta(minutes=9, seconds=59), asks=1) == [spent]
        assert len(site.asked) == 5
        assert days.run(EVENING + timedelta(minutes=10), asks=6) == [200] * 5 + [spent]
        assert days.run(EVENING + timedelta(days=1), asks=1) == [spent]
        assert len(site.asked) == 10


@pytest.mark.control("C3.7")
def test_daily_bytes_hold_over_runs_and_begin_anew_the_next_day(tmp_path: Path, site: Site) -> None:
    """What earlier runs of the day received counts; the next day nothing of it does."""
    site.serve("/a.jpg", b"x" * 10)
    with open_database(f"sqlite:///{tmp_path}/c.sqlite") as database:
        migrate(database)
        days = Days(database, site, requests=1000, size=25)
        spent = "daily byte budget spent"
        assert days.run(EVENING, asks=2) == [200, 200]
        assert days.run(EVENING, asks=2) == [200, spent]
        assert days.run(EVENING + timedelta(hours=1), asks=4) == [200, 200, 200, spent]
        visits = list(Visits(database).to(Host(site.host)))
        assert sum(visit.size for _, visit in visits) == 10 * len(site.asked) == 60


@pytest.mark.control("C3.7", "C2.3")
def test_an_owner_is_told_what_was_asked_of_their_site_and_nothing_else(tried: Tried, site: Site) -> None:
    """Counts, days, peaks, kinds and limits of one host; no other host, no address of a picture, no project's name."""
    with Site() as other:
        tried.source("archive", site.host, other.host)
        site.serve("/robots.txt", b"User-agent: *\nCrawl-delay: 0.01")
        body = photograph(seed=1)
        report = tried.collect(
            [
                site.serve("/secret-name.jpg", body),
                site.serve("/gone.jpg", status=404),
                other.serve("/b.jpg", photograph(seed=2)),
            ]
        )
        page = tried.root / "page.html"
        result = tried.run("traffic", site.host, "--html", str(page), "--json")
        assert result.returncode == 0, result.stderr
        told = json.loads(result.stdout)
        unsaid = (other.host, "secret-name", "/gone.jpg", "archive")
        for text in (page.read_text(), result.stdout):
            assert not any(each in text for each in unsaid)
    assert told["requests"] == report["requests_by_host"][site.host] == len(site.asked)
    assert told["bytes"] == report["bytes_by_host"][site.host]
    assert told["by_day"][0] == {
        "day": told["first_visit"][:10],
        "requests": told["requests"],
        "bytes": told["bytes"],
    }
    assert told["purposes"][0]["purpose"] == "collecting pictures for generative training"
    assert told["purposes"][0]["runs"] == 1
    assert {each["what"]: each["requests"] for each in told["asked_for"]} == {
        "pictures": 2,
        "robots.txt": 1,
        "files that state rights": 5,
    }
    assert told["limits"]["crawl_delay_s"] == 0.01
    assert told["limits"]["max_concurrent"] == 1
    assert told["contact"] == "https://example.org/bot"
    assert list(told["user_agents"]) == ["ClearanceBot/0.1.0 (+https://example.org/bot; Test & S?hne)"]
    assert [each["address"] for each in told["ways_out"]] == ["127.0.0.1"]
    shown = page.read_text()
    assert "ClearanceBot/0.1.0 (+https://example.org/bot; Test &amp; S?hne)" in shown
    assert "https://example.org/bot" in shown
    assert "<script" not in shown


@pytest.mark.control("C3.7")
def test_a_report_covers_whole_days(tried: Tried, site: Site) -> None:
    """Both days are in it; a site that was never visited is told so."""
    tried.source("archive", site.host)
    tried.collect([site.serve("/a.jpg", photograph(seed=1))])
    with clearance.open(tried.root) as here:
        whole = here.traffic(f"http://{site.host}/any/page")
        day = datetime.fromisoformat(whole["first_visit"]).date()
        last = datetime.fromisoformat(whole["last_visit"]).date()
        assert here.traffic(site.host, since=day, until=last)["requests"] == whole["requests"]
        assert here.traffic(site.host, until=day - timedelta(days=1))["requests"] == 0
        assert here.traffic(site.host, since=last + timedelta(days=1))["requests"] == 0
        never = here.traffic("never.example", html=tried.root / "never.html")
    assert (never["requests"], never["first_visit"], never["busiest_hour"]) == (0, None, None)
    assert "We hold no record of a request to your site" in (tried.root / "never.html").read_text()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("not a host",), "host 'not a host'"),
        (("a.example\x1b[31m",), "host 'a.example"),
        (("a.example", "--since", "2026-02-01", "--until", "2026-01-01"), "lies before"),
        (("a.example", "--since", "yesterday"), "yesterday"),
        (("a.example", "--html", "/nowhere/page.html"), "/nowhere/page.html"),
    ],
)
def test_a_report_that_cannot_be_made_says_why(tried: Tried, arguments: tuple[str, ...], says: str) -> None:
    """Exit status 2, and nothing of the input reaches the terminal unescaped."""
    result = tried.run("traffic", *arguments)
    assert (result.returncode, says in result.stderr) == (2, True), result.stderr
    assert "\x1b[31ma" not in result.stderr
