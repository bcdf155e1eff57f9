"""One dimension: shares, how far they are from what was stated, and how sure that is. Pure.

Source: C4.2.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from clearance.curating.audit.columns import Column
from clearance.curating.audit.findings import (
    Aim,
    CategoryAudit,
    Counted,
    DimensionAudit,
    Distance,
    DrawnBy,
    Level,
)
from clearance.curating.audit.intervals import (
    Estimate,
    Interval,
    by_chance,
    distance,
    drawn_alone,
    drawn_by_unit,
    measured,
    wilson,
)
from clearance.curating.audit.measures import (
    Array,
    design_effect,
    evenness,
    jensen_shannon_distance,
    shares_of,
    tvd,
)
from clearance.curating.audit.targets import DimensionTargets
from clearance.curating.audit.verdicts import Basis, at_most, nothing_known, ratio_within
from clearance.policy import AuditConventions

NONE = Counted(n=0, share=0.0, interval=Interval(low=0.0, high=1.0))
"""Where no picture states a value, the share could be anything."""
LISTED = 100
"""Categories that a report lists where none are declared; the others are counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Units:
    """What is drawn again, whole: each picture alone, or each source or prompt with all its pictures."""

    drawn_by: DrawnBy
    of: Array
    """The number of each picture's unit."""
    count: int

    def table(self, column: Column, known: int) -> Array | None:
        """Count the known categories by unit, without units of which nothing is known; nothing where each
        picture is drawn alone.
        """
        if self.drawn_by is DrawnBy.CLUSTER:
            return None
        kept = column.codes < known
        table = np.bincount(self.of[kept] * known + column.codes[kept], minlength=self.count * known)
        by_unit = table.reshape(self.count, known)
        return np.asarray(by_unit[by_unit.sum(axis=1) > 0])


def withheld(counts: Array, minimum: int) -> Array:
    """Tell which cells are too small to be shown; a single one would follow from the sum, so one more goes.

    An empty cell is shown: it is nobody's.

    Source: Willenborg and de Waal (2001), primary and secondary suppression.
    """
    hidden = (counts > 0) & (counts < minimum)
    shown = (counts > 0) & ~hidden
    if hidden.sum() == 1 and shown.any():
        hidden[np.flatnonzero(shown)[np.argmin(counts[shown])]] = True
    return hidden


def audit_dimension(
    column: Column,
    targets: DimensionTargets | None,
    units: Units,
    conventions: AuditConventions,
    rng: np.random.Generator,
) -> DimensionAudit:
    """Measure one dimension, and judge it where shares are stated."""
    known = len(column.names) - 1
    counts = column.counts[:known]
    total, everything = int(counts.sum()), len(column.codes)
    basis = Basis(n=total, coverage=total / everything)
    aims = np.zeros(known)
    shares = targets.shares if targets is not None else ()
    aims[: len(shares)] = shares
    hidden = _hidden(column, counts, conventions)
    entries = [
        _category(place, column, counts, hidden=hidden, aim=aims[place], basis=basis, conventions=conventions)
        for place in _listed(column, counts)
    ]
    aimed = {column.names[place] for place in range(known) if aims[place] > 0}
    found = None
    judged = nothing_known(conventions) if shares else None
    even = None
    effect = None
    if total and (shares or column.declared > 1):
        by_unit = units.table(column, known)
        drawn = shares_of(
            drawn_alone(counts, conventions.bootstrap_draws, rng)
            if by_unit is None
            else drawn_by_unit(by_unit, conventions.bootstrap_draws, rng)
        )
        effect = None if by_unit is None else design_effect(by_unit)
        if shares:
            found = _distance(counts, aims, drawn, conventions, rng)
            judged = at_most(found.tvd.interval, conventions.tvd_warn, basis, conventions)
        else:
            even = _evenness(counts, column.declared, drawn, conventions)
    return DimensionAudit(
        dimension=column.dimension,
        known=total,
        unknown=everything - total,
        coverage=basis.coverage,
        has_target=bool(shares),
        categories=tuple(entry for entry in entries if not shares or entry.name in aimed),
        not_listed=int((counts > 0).sum()) - sum(1 for place in _listed(column, counts) if counts[place]),
        without_target=tuple(entry for entry in entries if shares and entry.name not in aimed),
        in_several=column.in_several,
        distance=found,
        judged=judged,
        evenness=even,
        design_effect=effect,
        drawn_by=units.drawn_by,
    )


def unknown_aim(aim: float, conventions: AuditConventions) -> Aim | None:
    """Return what is stated of a category where no picture states a value: the target stays, unjudged."""
    if aim <= 0:
        return None
    return Aim(share=float(aim), ratio=None, log2_ratio=None, judged=nothing_known(conventions))


def _hidden(column: Column, counts: Array, conventions: AuditConventions) -> Array:
    if column.dimension.is_about_people:
        return withheld(counts, conventions.min_published_cell)
    return np.zeros(len(counts), dtype=bool)


def _listed(column: Column, counts: Array) -> list[int]:
    """Return the places of the declared categories, and of the most frequent others that occur."""
    others = [place for place in range(column.declared, len(counts)) if counts[place]]
    return [*range(column.declared), *others[:LISTED]]


def _category(
    place: int,
    column: Column,
    counts: Array,
    *,
    hidden: Array,
    aim: float,
    basis: Basis,
    conventions: AuditConventions,
) -> CategoryAudit:
    comparisons = max(1, column.declared)
    n = int(counts[place])
    if not basis.n:
        return CategoryAudit(name=column.names[place], counted=NONE, aim=unknown_aim(aim, conventions))
    interval = wilson(n, basis.n, confidence=conventions.confidence, comparisons=comparisons)
    share = n / basis.n
    is_hidden = bool(hidden[place])
    return CategoryAudit(
        name=column.names[place],
        counted=None if is_hidden else Counted(n=n, share=share, interval=interval),
        aim=None
        if aim <= 0
        else Aim(
            share=float(aim),
            ratio=None if is_hidden else float(share / aim),
            log2_ratio=None if is_hidden or not n else math.log2(share / aim),
            judged=ratio_within(interval, float(aim), n, basis, conventions),
        ),
    )


def _distance(
    counts: Array,
    aims: Array,
    drawn: Array,
    conventions: AuditConventions,
    rng: np.random.Generator,
) -> Distance:
    shares = shares_of(counts)
    chance = by_chance(counts, aims, draws=conventions.bootstrap_draws, rng=rng)
    confidence = conventions.confidence
    far = distance(tvd, shares, aims, drawn_shares=drawn, chance=chance, confidence=confidence)
    root = distance(
        jensen_shannon_distance, shares, aims, drawn_shares=drawn, chance=chance, confidence=confidence
    )
    return Distance(
        tvd=far,
        tvd_by_chance=chance.expected_tvd,
        jsd=squared(root),
        g=chance.g,
        p=chance.p,
        level=level(far.value, conventions.tvd_warn, conventions.tvd_fail),
    )


def _evenness(counts: Array, declared: int, drawn: Array, conventions: AuditConventions) -> Estimate:
    """Measure evenness over the declared categories; what is in none of them is left out."""
    return measured(
        shares_of(counts[:declared].astype(float)),
        shares_of(drawn[:, :declared]),
        lambda shares: evenness(shares, declared),
        confidence=conventions.confidence,
    )


def squared(root: Estimate) -> Estimate:
    """Return the estimate of a square from that of its root."""
    return Estimate(
        value=root.value**2,
        interval=Interval(low=root.interval.low**2, high=root.interval.high**2),
    )


def level(value: float, moderate: float, high: float) -> Level:
    """Label a figure by the two lines of its convention."""
    if value > high:
        return Level.HIGH
    return Level.MODERATE if value > moderate else Level.LOW
