"""Counts of one run, kept as it goes on, and the report that they end in."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from clearance.collecting.client import Response
from clearance.collecting.journal import Visit
from clearance.collecting.outcome import Considered, Verdict
from clearance.collecting.places import Left
from clearance.identifiers import Host


@dataclass(slots=True, kw_only=True)
class Tally:
    """What a run has done so far."""

    planned: int = 0
    already: int = 0
    duplicates: int = 0
    erased: int = 0
    fetched: int = 0
    unchanged: int = 0
    over_target: int = 0
    """Rows that are left because the project, or their subject, has what it needs."""
    over_target_by_subject: Counter[str] = field(default_factory=Counter)
    no_subject: int = 0
    """Rows that picture none of the project's subjects (C3.1)."""
    left_for_licensed_share: int = 0
    """Rows without a contract that would take the licensed share below its floor (C4.3)."""
    bytes: int = 0
    hosts_waiting: int = 0
    verdicts: Counter[Verdict] = field(default_factory=Counter)
    by_reason: Counter[str] = field(default_factory=Counter)
    by_source: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    by_basis: Counter[str] = field(default_factory=Counter)
    requests: Counter[Host] = field(default_factory=Counter)
    received: Counter[Host] = field(default_factory=Counter)
    left: dict[Host, str] = field(default_factory=dict)
    """Hosts that are left alone until a later run, and why."""
    postponed: int = 0

    @property
    def considered(self) -> int:
        """Rows that have been answered for."""
        return self.verdicts.total() + self.unchanged

    def count(self, considered: Considered) -> None:
        """Take in one row's outcome."""
        verdict = considered.verdict
        self.verdicts[verdict] += 1
        for key in {reason.key for reason in considered.decision.reasons}:
            self.by_reason[key] += 1
        self.by_source[considered.source.name if considered.source else ""][verdict.value] += 1
        if considered.basis:
            self.by_basis[considered.basis] += 1

    def leave(self, why: Left, subjects: Sequence[str]) -> None:
        """Take in a row that the project does not need."""
        if why is Left.LICENSED_SHARE:
            self.left_for_licensed_share += 1
            return
        self.over_target += 1
        if why is Left.SUBJECT:
            self.over_target_by_subject[subjects[0]] += 1

    def receive(self, answer: Response) -> None:
        """Take in the answer to a request for a picture."""
        if answer.status == 200 and answer.content:
            self.fetched += 1
            self.bytes += len(answer.content)

    def visit(self, visit: Visit) -> None:
        """Take in one request."""
        self.requests[visit.host] += 1
        self.received[visit.host] += visit.size

    def report(self, *, seconds: float, log_size: int, checkpoint: str, interrupted: bool) -> dict[str, Any]:
        """Return the report of a run, as `clearance collect --json` prints it."""
        return {
            "planned": self.planned,
            "fetched": self.fetched,
            **{verdict.value: self.verdicts[verdict] for verdict in Verdict},
            "bytes": self.bytes,
            "seconds": round(seconds, 3),
            "by_reason": dict(self.by_reason.most_common()),
            "by_source": {name: dict(counts) for name, counts in sorted(self.by_source.items())},
            "by_basis": dict(self.by_basis.most_common()),
            "requests_by_host": dict(sorted(self.requests.items())),
            "bytes_by_host": dict(sorted(self.received.items())),
            "already_held": self.already,
            "duplicates": self.duplicates,
            "erased_before": self.erased,
            "unchanged": self.unchanged,
            "over_target": self.over_target,
            "over_target_by_subject": dict(sorted(self.over_target_by_subject.items())),
            "no_subject": self.no_subject,
            "left_for_licensed_share": self.left_for_licensed_share,
            "postponed": self.postponed,
            "hosts_left": dict(sorted(self.left.items())),
            "interrupted": interrupted,
            "log_size": log_size,
            "checkpoint": checkpoint,
        }
