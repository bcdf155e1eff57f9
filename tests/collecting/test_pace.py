import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearance.collecting.pace import HostLimits, HostPace, Leave, parse_retry_after
from clearance.policy import PaceLimits, default_policy_bytes, read_policy
from clearance.sourcing import Pace

POLICY = read_policy(default_policy_bytes()).parameters(PaceLimits)
NO_AGREEMENT = Pace()


def pace(*, agreed: Pace = NO_AGREEMENT, crawl_delay_s: float | None = None, **today: int) -> HostPace:
    limits = HostLimits.of(policy=POLICY, agreed=agreed, crawl_delay_s=crawl_delay_s)
    return HostPace(limits, **today)


@pytest.mark.control("C3.7")
def test_requests_keep_the_minimum_delay() -> None:
    """Two requests to one host start at least the policy's delay apart."""
    host = pace()
    assert host.reserve(100.0) == 0.0
    assert host.reserve(100.0) == pytest.approx(POLICY.min_delay_s)


@pytest.mark.control("C3.7")
def test_a_crawl_delay_is_obeyed_and_ends_concurrency() -> None:
    """A host that names a crawl-delay gets one visitor, that many seconds apart, whatever was agreed."""
    host = pace(agreed=Pace(max_concurrent=8, min_delay_s=0.0), crawl_delay_s=7.0)
    assert host.limits.max_concurrent == 1
    host.reserve(0.0)
    assert host.reserve(0.0) == 7.0


@pytest.mark.control("C3.7")
def test_a_crawl_delay_beyond_patience_means_no_visit() -> None:
    """A host that asks for hours between requests is left alone, not visited faster."""
    assert pace(crawl_delay_s=3600.0).reserve(0.0) is Leave.CRAWL_DELAY


@pytest.mark.control("C3.7")
def test_a_host_that_slows_down_is_visited_more_slowly() -> None:
    """The delay follows the host's answering time."""
    host = pace()
    host.note(0.0, status=200, seconds=0.01, size=10, retry_after_s=None)
    before = host.delay_s
    for _ in range(10):
        host.note(0.0, status=200, seconds=2.0, size=10, retry_after_s=None)
    assert host.delay_s > 10 * before


@pytest.mark.control("C3.7")
@pytest.mark.parametrize(
    ("today", "left"),
    [
        ({"requests_today": POLICY.daily_requests}, Leave.REQUESTS),
        ({"bytes_today": POLICY.daily_bytes}, Leave.BYTES),
    ],
)
def test_a_spent_budget_ends_the_visit(today: Any, left: Leave) -> None:
    """What earlier runs of the day spent counts."""
    assert pace(**today).reserve(0.0) is left


@pytest.mark.control("C3.7")
def test_an_overload_backs_off_twice_as_long_each_time() -> None:
    """After a 503 the next request waits; after another, twice as long."""
    host = pace(agreed=Pace(min_delay_s=0.0, latency_factor=0.0))
    host.note(0.0, status=503, seconds=0.0, size=0, retry_after_s=None)
    assert host.reserve(0.0) == POLICY.backoff_s
    host.note(0.0, status=503, seconds=0.0, size=0, retry_after_s=None)
    assert host.reserve(0.0) == 2 * POLICY.backoff_s


@pytest.mark.control("C3.7")
def test_retry_after_is_waited_for_or_the_host_is_left() -> None:
    """A short Retry-After is waited for; one beyond the policy's patience ends the visit."""
    host = pace(agreed=Pace(min_delay_s=0.0))
    host.note(0.0, status=429, seconds=0.0, size=0, retry_after_s=30.0)
    assert host.reserve(0.0) == 30.0
    host.note(0.0, status=429, seconds=0.0, size=0, retry_after_s=86_400.0)
    assert host.reserve(0.0) is Leave.RETRY_AFTER


@pytest.mark.control("C3.7")
def test_a_host_that_keeps_failing_is_left() -> None:
    """Enough failures in a row end the visit; a success in between starts the count again."""
    host = pace()
    for _ in range(POLICY.give_up_after - 1):
        host.note(0.0, status=0, seconds=0.0, size=0, retry_after_s=None)
    assert host.is_worth_retrying(0)
    host.note(0.0, status=200, seconds=0.1, size=0, retry_after_s=None)
    for _ in range(POLICY.give_up_after):
        host.note(0.0, status=500, seconds=0.0, size=0, retry_after_s=None)
    assert host.left is Leave.FAILURES
    assert not host.is_worth_retrying(500)


@pytest.mark.control("C3.7")
@given(st.lists(st.floats(0, 1000), min_size=2, max_size=30))
def test_starts_are_never_closer_than_the_delay(moments: list[float]) -> None:
    """Whenever turns are asked for, granted starts lie at least the delay apart."""
    host = pace()
    starts = []
    for moment in sorted(moments):
        wait = host.reserve(moment)
        assert isinstance(wait, float)
        starts.append(moment + wait)
    assert all(b - a >= POLICY.min_delay_s - 1e-9 for a, b in itertools.pairwise(starts))


@pytest.mark.control("C3.7")
@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120.0),
        (" 5 ", 5.0),
        ("Mon, 23 Nov 2026 12:01:00 GMT", 60.0),
        ("Mon, 23 Nov 2026 11:00:00 GMT", 0.0),
        ("Mon, 23 Nov 2026 12:01:00", 60.0),
        ("soon", None),
        ("", None),
        ("-3", None),
        ("99999999999999999999", 999999999.0),
    ],
)
def test_retry_after_is_read_in_both_forms(value: str, seconds: float | None, now: datetime) -> None:
    """Seconds and dates are read, anything else is no statement."""
    assert parse_retry_after(value, now=now) == seconds


@given(st.text(max_size=60))
def test_reading_retry_after_never_raises(value: str) -> None:
    """A header from outside is a value or nothing, and never negative."""
    read = parse_retry_after(value, now=datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=1))
    assert read is None or read >= 0
