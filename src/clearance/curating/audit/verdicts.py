"""The three answers that an audit gives: within, outside, insufficient evidence. Pure.

Every answer is read from the interval, never from the figure alone: what lies on both sides of a line is not
known to lie on either. Where too little is known, no figure helps.

Source: C4.2; the lines are the policy's conventions (rule `balance-audit`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from clearance.curating.audit.intervals import Interval
from clearance.policy import AuditConventions


class AuditVerdict(StrEnum):
    """What an audit finds of one figure."""

    WITHIN = "within"
    OUTSIDE = "outside"
    INSUFFICIENT = "insufficient evidence"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A verdict and why."""

    verdict: AuditVerdict
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """What a figure rests on."""

    n: int
    """Pictures that state a value."""
    coverage: float
    """Their part of all pictures."""


def at_most(interval: Interval, bound: float, basis: Basis, conventions: AuditConventions) -> Judged:
    """Judge a figure that is not to be larger than a bound."""
    too_little = _too_little(basis, conventions)
    if too_little is not None:
        return too_little
    if interval.high <= bound:
        return Judged(verdict=AuditVerdict.WITHIN, why=f"at most {bound:g}")
    if interval.low > bound:
        return Judged(verdict=AuditVerdict.OUTSIDE, why=f"more than {bound:g}")
    return _on_both_sides(f"{bound:g}")


def ratio_within(
    share: Interval, target: float, counted: int, basis: Basis, conventions: AuditConventions
) -> Judged:
    """Judge the share of one category against its target, by their ratio.

    A category is judged where it has enough pictures, or should have: one that is empty although hundreds
    were expected is outside, not unknown.
    """
    too_little = _too_little(basis, conventions)
    if too_little is not None:
        return too_little
    if max(counted, basis.n * target) < conventions.min_cell:
        why = f"{counted} pictures, {basis.n * target:.0f} expected; {conventions.min_cell} are needed"
        return Judged(verdict=AuditVerdict.INSUFFICIENT, why=why)
    low, high = share.low / target, share.high / target
    line = f"{conventions.ratio_low:g} to {conventions.ratio_high:g} times the target"
    if conventions.ratio_low <= low and high <= conventions.ratio_high:
        return Judged(verdict=AuditVerdict.WITHIN, why=line)
    if high < conventions.ratio_low:
        return Judged(
            verdict=AuditVerdict.OUTSIDE, why=f"less than {conventions.ratio_low:g} times the target"
        )
    if low > conventions.ratio_high:
        return Judged(
            verdict=AuditVerdict.OUTSIDE, why=f"more than {conventions.ratio_high:g} times the target"
        )
    return _on_both_sides(line)


def overall(judged: Iterable[Judged]) -> AuditVerdict:
    """Sum verdicts up: one that is outside decides, then one that is not known; none at all is not known."""
    found = {each.verdict for each in judged}
    if AuditVerdict.OUTSIDE in found:
        return AuditVerdict.OUTSIDE
    if AuditVerdict.INSUFFICIENT in found or not found:
        return AuditVerdict.INSUFFICIENT
    return AuditVerdict.WITHIN


def nothing_known(conventions: AuditConventions) -> Judged:
    """Judge what was stated although no picture says anything of it: a target is never passed over."""
    why = f"0% of the pictures state it; {conventions.min_coverage:.0%} are needed"
    return Judged(verdict=AuditVerdict.INSUFFICIENT, why=why)


def _too_little(basis: Basis, conventions: AuditConventions) -> Judged | None:
    if basis.coverage < conventions.min_coverage:
        why = f"{basis.coverage:.0%} of the pictures state it; {conventions.min_coverage:.0%} are needed"
        return Judged(verdict=AuditVerdict.INSUFFICIENT, why=why)
    if basis.n < conventions.min_cell:
        return Judged(
            verdict=AuditVerdict.INSUFFICIENT, why=f"{basis.n} pictures; {conventions.min_cell} are needed"
        )
    return None


def _on_both_sides(line: str) -> Judged:
    return Judged(verdict=AuditVerdict.INSUFFICIENT, why=f"the interval lies on both sides of {line}")
