"""Retention clocks: until when a record may be kept, and why no longer. Pure.

A clock that names a last day runs until that day has ended in the policy's time zone; a clock that counts
days runs for that many times 24 hours. Of several clocks the first to end counts.

Source: C3.2 (no longer than the licence), C3.4, C3.5; GDPR article 5(1)(e).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import assert_never
from zoneinfo import ZoneInfo

from clearance.collecting import Verdict
from clearance.keeping.journal import ErasureReason
from clearance.policy import RetentionClocks

FAR = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """What records have in common that share the same clocks."""

    verdict: Verdict
    has_bytes: bool
    licence_until: date | None
    """Last day of the licence that the basis stands on; `None` where there is no such day."""
    project_until: date | None
    """Last day of the project."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """When the records of a group are due: at a moment, or at an age, whichever comes first."""

    reason: ErasureReason
    moment: datetime = FAR
    age: timedelta | None = None

    def due_at(self, collected_at: datetime) -> datetime:
        """Return when a record is due."""
        if self.age is None:
            return self.moment
        try:
            return min(self.moment, collected_at + self.age)
        except OverflowError:
            return self.moment


def clocks_of(group: Group, limits: RetentionClocks) -> tuple[Clock, ...]:
    """Return every clock that runs for a group; at least one does."""
    return tuple(_clocks(group, limits))


def due(group: Group, collected_at: datetime, limits: RetentionClocks) -> tuple[datetime, ErasureReason]:
    """Return when a record is due, and why: the first clock to end."""
    ends = [(clock.due_at(collected_at), clock.reason) for clock in clocks_of(group, limits)]
    return min(ends, key=lambda end: end[0])


def end_of(day: date, zone: ZoneInfo) -> datetime:
    """Return the moment at which a day has ended in a time zone; the day itself still counts."""
    if day == date.max:
        return FAR
    return datetime.combine(day + timedelta(days=1), datetime.min.time(), tzinfo=zone).astimezone(UTC)


def _clocks(group: Group, limits: RetentionClocks) -> Iterator[Clock]:
    match group.verdict:
        case Verdict.KEPT:
            yield from _ends(group, limits)
            yield Clock(reason=ErasureReason.KEPT_TOO_LONG, age=timedelta(days=limits.kept_days))
        case Verdict.HELD if group.has_bytes:
            yield from _ends(group, limits)
            yield Clock(reason=ErasureReason.HELD_TOO_LONG, age=timedelta(days=limits.held_days))
        case Verdict.HELD | Verdict.DENIED | Verdict.FAILED:
            yield Clock(reason=ErasureReason.REFUSED_TOO_LONG, age=timedelta(days=limits.refused_days))
        case _ as never:
            assert_never(never)


def _ends(group: Group, limits: RetentionClocks) -> Iterator[Clock]:
    """Return the clocks of licence and project, with the days that are granted after them."""
    zone = ZoneInfo(limits.time_zone)
    for day, grace, reason in (
        (group.licence_until, limits.licence_grace_days, ErasureReason.LICENCE_END),
        (group.project_until, limits.project_grace_days, ErasureReason.PROJECT_END),
    ):
        if day is not None:
            yield Clock(reason=reason, moment=end_of(_later(day, grace), zone))


def _later(day: date, days: int) -> date:
    try:
        return day + timedelta(days=days)
    except OverflowError:
        return date.max
