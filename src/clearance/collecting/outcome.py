"""What became of one row, or of one item that was asked about again: with its reasons and everything that its
record needs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from clearance.collecting.client import Response
from clearance.collecting.inspected import Inspected
from clearance.collecting.table import Row
from clearance.identifiers import Host, ItemId, Sha256, WebUrl
from clearance.policy import Decision, Outcome, Reason, RuleId
from clearance.register import StoredItem
from clearance.sourcing import Reading, Source


class Verdict(StrEnum):
    """How an item stands in the records; `FAILED` is no decision: there was no picture to decide on."""

    KEPT = "kept"
    HELD = "held"
    DENIED = "denied"
    FAILED = "failed"


_FAILURES = frozenset(
    {RuleId.FETCH_FAILED, RuleId.FETCH_LIMITS, RuleId.PICTURE_UNREADABLE, RuleId.PICTURE_LIMITS}
)
_GONE = frozenset({"HTTP 404", "HTTP 410"})
_VERDICTS = {Outcome.ALLOW: Verdict.KEPT, Outcome.HOLD: Verdict.HELD, Outcome.DENY: Verdict.DENIED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Considered:
    """One row after its gate: everything that its record is built from."""

    row: Row
    url: WebUrl | None
    """`None` where the row holds no URL."""
    decision: Decision
    decided_at: datetime
    source: Source | None = None
    basis: str = ""
    licence: str = ""
    """Id of the contract or of the open licence that the basis stands on."""
    responses: tuple[Response, ...] = ()
    """Every hop, the picture's own answer last."""
    inspected: Inspected | None = None
    received_sha256: Sha256 | None = None
    host_files: tuple[Sha256, ...] = ()
    reading: Reading | None = None
    """What the picture and its page say of their rights."""
    replaces: ItemId | None = None
    """An earlier record of the same URL in the same project."""
    expires: str = ""
    """The month in which the licence ends, YYYY-MM, or an empty string."""
    subject: str = ""
    """What of the project's subjects it counts for, or empty (C3.1)."""
    evidence: dict[str, object] = field(default_factory=dict)

    @property
    def verdict(self) -> Verdict:
        """How the item stands in the records."""
        return verdict_of(self.decision)

    @property
    def host(self) -> Host:
        """The host that the row names, or an empty one."""
        return self.url.host if self.url is not None else Host("")


def verdict_of(decision: Decision) -> Verdict:
    """Name a decision as the records do: what failed only technically was not decided against."""
    if decision.outcome is Outcome.DENY and all(is_failure(reason) for reason in decision.reasons):
        return Verdict.FAILED
    return _VERDICTS[decision.outcome]


def is_failure(reason: Reason) -> bool:
    """Tell whether a reason is technical: nobody said no, there just was no picture."""
    return reason.rule in _FAILURES


class Recheck(StrEnum):
    """How a kept picture stands after it was asked about again."""

    ALLOWED = "allowed"
    QUARANTINED = "quarantined"
    GONE = "gone"
    """The picture is no longer there: nobody took anything back."""
    UNREACHABLE = "unreachable"
    """No answer that says anything; it is still due."""
    POSTPONED = "postponed"
    """The host is left alone, until a later run or until a person has looked at it; it is still due."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rechecked:
    """What came of one item."""

    item: StoredItem
    outcome: Recheck
    at: datetime
    decision: Decision
    """What the gate answers now, or why nobody could be asked."""
    responses: tuple[Response, ...] = ()
    host_files: tuple[Sha256, ...] = ()
    evidence: Mapping[str, object] = field(default_factory=dict)

    @property
    def changes_standing(self) -> bool:
        """Tell whether a new record is due: a kept picture is refused, or one in quarantine no more."""
        was_held = self.item.record["decision"] == Verdict.HELD.value
        return self.outcome is (Recheck.ALLOWED if was_held else Recheck.QUARANTINED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Released:
    """A held picture that a person looked at and released."""

    item: StoredItem
    decision: Decision
    """What its basis says of its use today."""
    at: datetime
    by: str
    reason: str
    note: str


def recheck_of(decision: Decision) -> Recheck:
    """Tell a refusal from an outage: an outage puts no picture in quarantine."""
    if decision.outcome is Outcome.ALLOW:
        return Recheck.ALLOWED
    if all(is_failure(reason) for reason in decision.reasons):
        gone = any(reason.detail in _GONE for reason in decision.reasons)
        return Recheck.GONE if gone else Recheck.UNREACHABLE
    if all(is_failure(reason) or reason.rule is RuleId.HOST_UNREACHABLE for reason in decision.reasons):
        return Recheck.UNREACHABLE
    if all(reason.rule is RuleId.HOST_CHANGED for reason in decision.reasons):
        # Nobody refused, and what was kept came from the host as it was: a person must look at it first.
        return Recheck.POSTPONED
    return Recheck.QUARANTINED
