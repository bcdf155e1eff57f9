"""Our traffic against one site, counted from the visit ledger."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from clearance.collecting.journal import Visit
from clearance.collecting.traffic import AskedFor, Load, Traffic, asked_for
from clearance.collecting.traffic_page import readable_size, render_traffic
from clearance.identifiers import Host

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def visit(at: datetime, **changes: Any) -> Visit:
    values = {
        "host": Host("a.example"),
        "what": "picture",
        "status": 200,
        "size": 100,
        "seconds": 0.5,
        "egress": "192.0.2.1",
        "network": "office",
        "user_agent": "ClearanceBot/0.1.0",
        **changes,
    }
    return Visit(at=at, **values)


@pytest.mark.control("C3.7", "C2.3")
def test_visits_are_counted_by_everything_that_an_owner_may_ask() -> None:
    """Days, peaks, kinds, runs, answers, who we were and from where; a visit without an answer has no answering time."""
    traffic = Traffic()
    for run, each in (
        ("r1", visit(NOON, what="/robots.txt", status=404, size=0, seconds=0.1)),
        ("r1", visit(NOON + timedelta(seconds=10))),
        ("r1", visit(NOON + timedelta(seconds=59), seconds=0.3)),
        (
            "survey",
            visit(NOON + timedelta(minutes=1), what="/.well-known/tdmrep.json", network="", egress=""),
        ),
        ("r2", visit(NOON + timedelta(hours=12), status=0, size=7, seconds=30.0)),
        ("r2", visit(NOON - timedelta(hours=13), what="page")),
    ):
        traffic.add_for(run, each)
    assert traffic.total == Load(requests=6, bytes=407)
    assert list(traffic.per_day()) == [
        (date(2026, 11, 22), Load(requests=1, bytes=100)),
        (date(2026, 11, 23), Load(requests=4, bytes=300)),
        (date(2026, 11, 24), Load(requests=1, bytes=7)),
    ]
    assert traffic.busiest_minute == (NOON, 3)
    assert traffic.busiest_hour == (NOON, 4)
    assert traffic.requests_per_active_hour == 2.0
    assert traffic.mean_answer_s == pytest.approx((0.1 + 0.5 + 0.3 + 0.5 + 0.5) / 5)
    assert (traffic.first, traffic.last) == (NOON - timedelta(hours=13), NOON + timedelta(hours=12))
    assert dict(traffic.statuses) == {404: 1, 200: 4, 0: 1}
    assert traffic.by_run["r1"] == Load(requests=3, bytes=200)
    assert traffic.ways_out == {("office", "192.0.2.1"): 5, ("", ""): 1}
    assert {what: load.requests for what, load in traffic.by_asked.items()} == {
        AskedFor.ROBOTS: 1,
        AskedFor.PICTURES: 3,
        AskedFor.RIGHTS: 1,
        AskedFor.PAGES: 1,
    }


def test_a_host_that_was_never_visited_has_no_peaks() -> None:
    """Nothing is divided by nothing."""
    traffic = Traffic()
    assert (traffic.busiest_hour, traffic.busiest_minute, traffic.mean_answer_s) == (None, None, None)
    assert traffic.requests_per_active_hour == 0.0


@pytest.mark.parametrize(
    ("what", "kind"),
    [
        ("picture", AskedFor.PICTURES),
        ("terms", AskedFor.TERMS),
        ("sitemap", AskedFor.SITEMAPS),
        ("/ai.txt", AskedFor.RIGHTS),
        ("whatever", AskedFor.OTHER),
    ],
)
def test_a_request_is_named_by_its_kind_only(what: str, kind: AskedFor) -> None:
    """No address is told."""
    assert asked_for(what) is kind


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (1000, "1 kB"),
        (999_600, "1 MB"),
        (2_500_000_000, "2.5 GB"),
        (4 * 10**15, "4,000.0 TB"),
    ],
)
def test_sizes_are_written_as_people_read_them(size: int, text: str) -> None:
    """Decimal units, as sites' hosts bill them."""
    assert readable_size(size) == text


@pytest.mark.control("C5.2")
def test_what_comes_from_outside_is_escaped_on_the_page() -> None:
    """A user agent or an organisation is text, never markup."""
    facts = {
        "host": "a.example",
        "organisation": "<script>alert(1)</script>",
        "contact": 'https://example.org/"><b>',
        "since": None,
        "until": None,
        "made_at": "2026-11-23T12:00:00+00:00",
        "requests": 0,
        "bytes": 0,
        "limits": {
            "daily_requests": 10,
            "daily_bytes": 10,
            "max_concurrent": 1,
            "min_delay_s": 1.0,
            "latency_factor": 1.0,
            "crawl_delay_s": None,
        },
    }
    page = render_traffic(facts)
    assert "<script>" not in page
    assert "<b>" not in page
    assert "We hold no record of a request to your site." in page.replace("\n", " ")
