"""How fast one host may be visited: pure bookkeeping, with the time handed in.

A host is asked again only after the longest of: the minimum delay, its robots.txt crawl-delay, and a multiple
of the time it usually takes to answer, so that a host that slows down is visited more slowly at once.

Source: C3.7; RFC 9110 section 10.2.3 (Retry-After).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import TypeVar

from clearance.policy import PaceLimits
from clearance.sourcing import Pace

_SMOOTHING = 0.3
"""Weight of the newest answering time in the moving average: a slowdown shows within three answers."""
OVERLOADED = frozenset({429, 500, 502, 503, 504, 520, 521, 522, 523, 524})
"""Statuses by which a host says that it cannot now."""


_T = TypeVar("_T")


class Leave(StrEnum):
    """Why a host is left alone until a later run."""

    REQUESTS = "daily request budget spent"
    BYTES = "daily byte budget spent"
    CRAWL_DELAY = "its crawl-delay is longer than we wait"
    RETRY_AFTER = "it asked for a longer wait than we keep a run open for"
    FAILURES = "it failed too often in a row"


@dataclass(frozen=True, slots=True, kw_only=True)
class HostLimits:
    """The limits in force for one host: the policy's, the source's agreement, the host's own crawl-delay."""

    max_concurrent: int
    min_delay_s: float
    latency_factor: float
    daily_requests: int
    daily_bytes: int
    crawl_delay_s: float | None
    policy: PaceLimits

    @classmethod
    def of(cls, *, policy: PaceLimits, agreed: Pace, crawl_delay_s: float | None) -> HostLimits:
        """Combine what the policy says with what was agreed with a source; a crawl-delay is always obeyed."""
        return cls(
            # A crawl-delay speaks of one visitor that comes again and again, not of several at once.
            max_concurrent=1 if crawl_delay_s else _either(agreed.max_concurrent, policy.max_concurrent),
            min_delay_s=_either(agreed.min_delay_s, policy.min_delay_s),
            latency_factor=_either(agreed.latency_factor, policy.latency_factor),
            daily_requests=_either(agreed.daily_requests, policy.daily_requests),
            daily_bytes=_either(agreed.daily_bytes, policy.daily_bytes),
            crawl_delay_s=crawl_delay_s,
            policy=policy,
        )


class HostPace:
    """The pace of one host: owns the times of its last visits; not shared between processes."""

    def __init__(self, limits: HostLimits, *, requests_today: int = 0, bytes_today: int = 0) -> None:
        self.left: Leave | None = None
        self._requests = requests_today
        self._bytes = bytes_today
        self._latency_s = 0.0
        self._next_start = 0.0
        self._failures = 0
        self.apply(limits)

    def apply(self, limits: HostLimits) -> None:
        """Put other limits in force, as when the host's robots.txt names a crawl-delay."""
        self.limits = limits
        if limits.crawl_delay_s is not None and limits.crawl_delay_s > limits.policy.max_crawl_delay_s:
            self.left = Leave.CRAWL_DELAY

    @property
    def delay_s(self) -> float:
        """Seconds between the starts of two requests, as things stand."""
        return max(
            self.limits.min_delay_s,
            self.limits.crawl_delay_s or 0.0,
            self.limits.latency_factor * self._latency_s,
        )

    def reserve(self, now: float) -> float | Leave:
        """Claim the next turn: seconds to wait for it, or why there is none; `now` is monotonic."""
        if self.left is None and self._requests >= self.limits.daily_requests:
            self.left = Leave.REQUESTS
        if self.left is None and self._bytes >= self.limits.daily_bytes:
            self.left = Leave.BYTES
        if self.left is not None:
            return self.left
        self._requests += 1
        start = max(now, self._next_start)
        self._next_start = start + self.delay_s
        return start - now

    def note(
        self, now: float, *, status: int, seconds: float, size: int, retry_after_s: float | None
    ) -> None:
        """Take in how a request ended; status 0 means that no answer came."""
        self._bytes += size
        if status:
            self._latency_s += _SMOOTHING * (seconds - self._latency_s) if self._latency_s else seconds
        if status and status not in OVERLOADED:
            self._failures = 0
            return
        self._failures += 1
        policy = self.limits.policy
        if self._failures >= policy.give_up_after:
            self.left = Leave.FAILURES
            return
        wait = min(policy.backoff_s * 2 ** (self._failures - 1), policy.max_backoff_s)
        if retry_after_s is not None:
            if retry_after_s > policy.max_backoff_s:
                self.left = Leave.RETRY_AFTER
                return
            wait = max(wait, retry_after_s)
        self._next_start = max(self._next_start, now + wait)

    def is_worth_retrying(self, status: int) -> bool:
        """Tell whether a picture may be asked for again after this answer."""
        return self.left is None and (status == 0 or status in OVERLOADED)


def parse_retry_after(value: str, *, now: datetime) -> float | None:
    """Read a Retry-After header as seconds from now; unreadable is no statement.

    Source: RFC 9110 section 10.2.3.
    """
    text = value.strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())


def _either(agreement: _T | None, default: _T) -> _T:
    return default if agreement is None else agreement
