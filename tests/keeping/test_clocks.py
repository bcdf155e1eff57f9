"""The clocks: leap days, time zones, and of several clocks the first."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearance.collecting import Verdict
from clearance.keeping import ErasureReason
from clearance.keeping.clocks import FAR, Group, clocks_of, due, end_of
from clearance.policy import RetentionClocks, default_policy_bytes, read_policy

pytestmark = pytest.mark.control("C3.2", "C3.4")
LIMITS = read_policy(default_policy_bytes()).parameters(RetentionClocks)
TAKEN = datetime(2026, 11, 23, 12, tzinfo=UTC)


def limits(**changes: Any) -> RetentionClocks:
    return RetentionClocks.model_validate({**LIMITS.model_dump(), **changes})


def group(verdict: Verdict = Verdict.KEPT, **changes: Any) -> Group:
    stated: dict[str, Any] = {"has_bytes": True, "licence_until": None, "project_until": None}
    return Group(verdict=verdict, **{**stated, **changes})


@pytest.mark.parametrize(
    ("day", "zone", "end"),
    [
        (date(2026, 12, 31), "UTC", datetime(2027, 1, 1, tzinfo=UTC)),
        (date(2028, 2, 28), "UTC", datetime(2028, 2, 29, tzinfo=UTC)),
        (date(2028, 2, 29), "UTC", datetime(2028, 3, 1, tzinfo=UTC)),
        (date(2027, 2, 28), "UTC", datetime(2027, 3, 1, tzinfo=UTC)),
        (date(2026, 12, 31), "Europe/Berlin", datetime(2026, 12, 31, 23, tzinfo=UTC)),
        (date(2026, 12, 31), "America/Los_Angeles", datetime(2027, 1, 1, 8, tzinfo=UTC)),
        (date(2026, 12, 31), "Pacific/Kiritimati", datetime(2026, 12, 31, 10, tzinfo=UTC)),
        # The night of the change to winter time is an hour longer; the day still ends at local midnight.
        (date(2026, 10, 25), "Europe/Berlin", datetime(2026, 10, 25, 23, tzinfo=UTC)),
        (date(2026, 3, 29), "Europe/Berlin", datetime(2026, 3, 29, 22, tzinfo=UTC)),
        # Samoa skipped the 30th of December 2011.
        (date(2011, 12, 29), "Pacific/Apia", datetime(2011, 12, 30, 10, tzinfo=UTC)),
        (date.max, "UTC", FAR),
    ],
)
def test_a_day_ends_at_midnight_where_the_policy_says(day: date, zone: str, end: datetime) -> None:
    """The last day of a licence counts whole, in the time zone of the contracts."""
    assert end_of(day, ZoneInfo(zone)) == end


@pytest.mark.parametrize(
    ("of", "changes", "moment", "reason"),
    [
        (group(), {}, TAKEN + timedelta(days=1095), "kept-too-long"),
        (
            group(licence_until=date(2028, 2, 29)),
            {},
            datetime(2028, 3, 1, tzinfo=UTC),
            "licence-end",
        ),
        (
            group(licence_until=date(2028, 2, 28)),
            {"licence_grace_days": 1},
            datetime(2028, 3, 1, tzinfo=UTC),
            "licence-end",
        ),
        (
            group(project_until=date(2027, 1, 1)),
            {},
            datetime(2027, 2, 1, tzinfo=UTC),
            "project-end",
        ),
        (
            group(project_until=date(2027, 1, 1), licence_until=date(2027, 1, 15)),
            {},
            datetime(2027, 1, 16, tzinfo=UTC),
            "licence-end",
        ),
        # A last day that lies far off lengthens nothing.
        (group(project_until=date(2035, 1, 1)), {}, TAKEN + timedelta(days=1095), "kept-too-long"),
        (group(Verdict.HELD), {}, TAKEN + timedelta(days=90), "held-too-long"),
        (
            group(Verdict.HELD, licence_until=date(2026, 12, 1)),
            {},
            datetime(2026, 12, 2, tzinfo=UTC),
            "licence-end",
        ),
        (group(Verdict.HELD, has_bytes=False), {}, TAKEN + timedelta(days=1095), "refused-too-long"),
        (group(Verdict.DENIED, has_bytes=False), {}, TAKEN + timedelta(days=1095), "refused-too-long"),
        (
            group(Verdict.FAILED, has_bytes=False),
            {"refused_days": 1},
            TAKEN + timedelta(days=1),
            "refused-too-long",
        ),
        (
            group(licence_until=date.max),
            {"licence_grace_days": 5},
            TAKEN + timedelta(days=1095),
            "kept-too-long",
        ),
    ],
)
def test_of_several_clocks_the_first_to_end_counts(
    of: Group, changes: dict[str, Any], moment: datetime, reason: str
) -> None:
    """Each class has its clock; licence and project end whatever the class allows."""
    assert due(of, TAKEN, limits(**changes)) == (moment, ErasureReason(reason))


@given(
    verdict=st.sampled_from(list(Verdict)),
    has_bytes=st.booleans(),
    licence_until=st.none() | st.dates(),
    project_until=st.none() | st.dates(),
    collected_at=st.datetimes(timezones=st.just(UTC)),
    sooner=st.integers(1, 400),
)
def test_every_record_has_a_clock_and_an_earlier_end_never_keeps_longer(
    verdict: Verdict,
    has_bytes: bool,
    licence_until: date | None,
    project_until: date | None,
    collected_at: datetime,
    sooner: int,
) -> None:
    """No combination is kept for ever by accident; a licence that ends sooner ends the picture no later."""
    of = Group(verdict=verdict, has_bytes=has_bytes, licence_until=licence_until, project_until=project_until)
    assert clocks_of(of, LIMITS)
    moment, _ = due(of, collected_at, LIMITS)
    if licence_until is not None and licence_until > date.min + timedelta(days=sooner):
        earlier = Group(
            verdict=verdict,
            has_bytes=has_bytes,
            licence_until=licence_until - timedelta(days=sooner),
            project_until=project_until,
        )
        assert due(earlier, collected_at, LIMITS)[0] <= moment


def test_an_age_that_no_calendar_holds_ends_nothing_early() -> None:
    """A hundred years after the last day that can be written is never; the other clocks run all the same."""
    last = datetime.max.replace(tzinfo=UTC)
    assert due(group(), last, limits(kept_days=36_500)) == (FAR, ErasureReason.KEPT_TOO_LONG)


def test_a_time_zone_that_nobody_knows_is_refused() -> None:
    """A mistyped zone would end licences on the wrong day."""
    with pytest.raises(ValueError, match="IANA"):
        limits(time_zone="Europe/Berlim")
