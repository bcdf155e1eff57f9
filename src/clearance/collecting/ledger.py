"""The visit ledger of one run: every request is noted, and written in groups (C2.3, C3.7)."""

from __future__ import annotations

from collections.abc import Callable

from clearance.collecting.journal import Journal, Visit


class Ledger:
    """Gathers visits and writes them when asked to; `watch` sees each one as it is noted."""

    def __init__(
        self, journal: Journal, *, run: str, watch: Callable[[Visit], None] = lambda _: None
    ) -> None:
        self._journal = journal
        self._run = run
        self._watch = watch
        self._noted: list[Visit] = []

    def note(self, visit: Visit) -> None:
        """Take in one request."""
        self._watch(visit)
        self._noted.append(visit)

    def write(self) -> None:
        """Write what was noted since the last time."""
        noted, self._noted = self._noted, []
        self._journal.note_visits(noted, run=self._run)
