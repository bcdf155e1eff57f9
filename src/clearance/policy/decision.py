"""What a gate answers: a `Decision` with its `Reason`s, and the `Evidence` they stand on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from clearance.identifiers import Sha256
from clearance.policy.controls import ControlId
from clearance.policy.rules import RuleId


class Outcome(StrEnum):
    """What a gate may answer; `HOLD` means that a person must look."""

    ALLOW = "allow"
    HOLD = "hold"
    DENY = "deny"


_STRICTNESS = {Outcome.ALLOW: 0, Outcome.HOLD: 1, Outcome.DENY: 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Raw bytes that a fact was read from, with where and when they were seen."""

    kind: str
    where: str
    observed_at: datetime
    content: bytes
    sha256: Sha256


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why a gate answered so: a rule of the policy, its control, what was found, and its evidence.

    The sentence that people read comes from the policy file (`Policy.sentence`), not from here.
    """

    rule: RuleId
    control: ControlId
    outcome: Outcome
    signal: str = ""
    """The rights signal that spoke, where one did."""
    detail: str = ""
    """What was found and where, in a few words; escaped and cut by whoever writes it."""
    evidence: tuple[Sha256, ...] = ()

    @property
    def key(self) -> str:
        """What reports count by: the rule, and the signal where one spoke."""
        return f"{self.rule}:{self.signal}" if self.signal else str(self.rule)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The answer of a gate under one policy; the strictest reason decides."""

    outcome: Outcome
    reasons: tuple[Reason, ...]
    policy: Sha256


def decide(reasons: Iterable[Reason], *, policy: Sha256) -> Decision:
    """Let the strictest reason decide; reasons weaker than the outcome are left out.

    No reason at all is a programming error of the gate, not a permission: it raises.
    """
    weighed = tuple(reasons)
    if not weighed:
        # An empty list must never read as "nothing against it".
        raise ValueError("a decision needs at least one reason")
    outcome = max((reason.outcome for reason in weighed), key=_STRICTNESS.__getitem__)
    return Decision(
        outcome=outcome,
        reasons=tuple(reason for reason in weighed if reason.outcome is outcome),
        policy=policy,
    )
