"""Hold a sudden flood of near-identical pictures from one host, also where it comes a little in every run.

Source: C5.2.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from clearance.collecting.flood import MIN_QUALITY, Window
from clearance.collecting.outcome import Considered
from clearance.identifiers import Host
from clearance.policy import FloodLimits, Outcome, Policy, RuleId
from clearance.register import ItemStore

_MAX_HOSTS = 1024
"""Windows kept at once, the longest unused given up first: 32 MB; a run visits 256 hosts side by side."""


class FloodWatch:
    """Watches one run; safe to use from many tasks of one event loop."""

    def __init__(self, *, items: ItemStore, policy: Policy, clock: Callable[[], datetime]) -> None:
        self._items = items
        self._policy = policy
        self._limits = policy.parameters(FloodLimits)
        self._began_at = clock()
        self._windows: dict[Host, Window] = {}
        self._recalled: set[Host] = set()

    async def weigh(self, considered: Considered) -> Considered:
        """Return an outcome, held where it is one more of too many that look alike.

        A picture that is refused or too flat to be told apart neither counts nor is held. What earlier runs
        recorded of a host is read once, when two of this run look alike: a host without any costs nothing.
        """
        picture = considered.inspected
        if (
            picture is None
            or considered.decision.outcome is Outcome.DENY
            or picture.pdq_quality < MIN_QUALITY
        ):
            return considered
        host = considered.host
        near = self._near(host, picture.pdq)
        if near and host not in self._recalled:
            self._recalled.add(host)
            earlier = await asyncio.to_thread(self._earlier, host)
            self._windows[host] = self._window(host).preceded_by(earlier)
            near = self._near(host, picture.pdq)
        window = self._window(host)
        size = len(window)
        window.add(picture.pdq)
        if near < self._limits.max_near:
            return considered
        detail = (
            f"{near} of the last {size} pictures of {host} differ from it in at most"
            f" {self._limits.max_distance_bits} of 256 bits"
        )
        flood = self._policy.reason(RuleId.NEAR_IDENTICAL_FLOOD, detail=detail)
        return replace(considered, decision=self._policy.decide([flood, *considered.decision.reasons]))

    def _near(self, host: Host, code: bytes) -> int:
        return self._window(host).near(code, max_distance_bits=self._limits.max_distance_bits)

    def _window(self, host: Host) -> Window:
        window = self._windows.pop(host, None)
        if window is None:
            window = Window(self._limits.window)
            self._recalled.discard(host)
        self._windows[host] = window
        while len(self._windows) > _MAX_HOSTS:
            del self._windows[next(iter(self._windows))]
        return window

    def _earlier(self, host: Host) -> list[bytes]:
        """Read the codes of the host's newest pictures that were recorded before this run, oldest first."""
        latest = self._items.latest_pictures(host, before=self._began_at, limit=self._limits.window)
        pictures = (stored.record["picture"] for stored in latest)
        return [base64.b64decode(each["pdq"]) for each in pictures if each["pdq_quality"] >= MIN_QUALITY]
