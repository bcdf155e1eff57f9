"""What is measured on a scale: where the values lie, and how far from where they are to lie. Pure.

A target states parts and values: a half under 1024 px. Between the stated values lie classes with a stated
share each; the distance is that of their shares, the part of the pictures that would have to lie elsewhere.
Pictures that lie on a stated value count for either side, whichever is nearer to the target.

Source: C4.2.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pyarrow as pa

from clearance.curating.audit.dimensions import Units
from clearance.curating.audit.findings import DrawnBy, QuantityAudit
from clearance.curating.audit.intervals import (
    Estimate,
    Interval,
    drawn_alone,
    drawn_by_unit,
    measured,
    spread_above,
)
from clearance.curating.audit.measures import Array, shares_of, tvd, wasserstein
from clearance.curating.audit.targets import Quantity, Targets
from clearance.curating.audit.verdicts import Basis, Judged, at_most, nothing_known
from clearance.policy import AuditConventions

QUANTILES = (0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0)

Aims = Sequence[tuple[float, float]]
"""Parts and the values under which they are to lie, ascending."""


def audit_quantities(
    rows: pa.Table, targets: Targets, units: Units, conventions: AuditConventions, rng: np.random.Generator
) -> Iterator[QuantityAudit]:
    """Measure every scale, and judge those of which quantiles are stated."""
    aims = {each.quantity: each.quantiles for each in targets.quantities}
    for quantity, (values, is_known) in _values(rows).items():
        known = values[is_known]
        aim = aims.get(quantity)
        found: Estimate | None = None
        judged: Judged | None = None
        if aim is not None:
            judged = nothing_known(conventions)
        if aim is not None and len(known):
            found = misplaced(known, units.of[is_known], aim, units, conventions, rng)
            basis = Basis(n=len(known), coverage=len(known) / len(rows))
            judged = at_most(found.interval, conventions.tvd_warn, basis, conventions)
        yield QuantityAudit(
            quantity=quantity,
            known=len(known),
            coverage=len(known) / len(rows),
            quantiles=tuple(zip(QUANTILES, np.quantile(known, QUANTILES).tolist(), strict=True))
            if len(known)
            else (),
            wasserstein=wasserstein(known, aim) if aim is not None and len(known) else None,
            misplaced=found,
            judged=judged,
        )


def _values(rows: pa.Table) -> Mapping[Quantity, tuple[Array, Array]]:
    """Return each picture's value on every scale, and whether it has one."""
    width = np.asarray(rows.column("width").fill_null(0), np.int64)
    height = np.asarray(rows.column("height").fill_null(0), np.int64)
    has_size = (width > 0) & (height > 0)
    year, people = rows.column("year"), rows.column("people")
    return {
        Quantity.LONGEST_SIDE: (np.maximum(width, height), has_size),
        Quantity.ASPECT: (width / np.maximum(height, 1), has_size),
        Quantity.YEAR: (np.asarray(year.fill_null(0), np.int64), np.asarray(year.is_valid())),
        Quantity.FACES: (np.asarray(people.fill_null(0), np.int64), np.asarray(people.is_valid())),
    }


def misplaced(
    values: Array,
    of: Array,
    aims: Aims,
    units: Units,
    conventions: AuditConventions,
    rng: np.random.Generator,
) -> Estimate:
    """Return the part of the pictures that would have to lie elsewhere, and its interval.

    The interval is that of a distance (decision 16): the distance to all that would be as stated keeps the
    triangle inequality, too.

    Args:
        values: of the pictures that have one.
        of: the number of each picture's unit.
        aims: what is stated.
        units: what is drawn again.
        conventions: how often, and how sure.
        rng: what draws.
    """
    steps = np.unique([value for _, value in aims])
    # Even places lie between stated values, odd ones on them.
    places = np.searchsorted(steps, values, "left") + np.searchsorted(steps, values, "right")
    width = 2 * len(steps) + 1
    counts = np.bincount(places, minlength=width)
    draws, confidence = conventions.bootstrap_draws, conventions.confidence
    if units.drawn_by is DrawnBy.CLUSTER:
        drawn = shares_of(drawn_alone(counts, draws, rng))
    else:
        table = np.bincount(of * width + places, minlength=units.count * width).reshape(-1, width)
        drawn = shares_of(drawn_by_unit(table[table.sum(axis=1) > 0], draws, rng))
    shares = shares_of(counts)
    found = measured(shares, drawn, lambda each: least_distance(each, steps, aims), confidence=confidence)
    stated = np.diff([0.0, *(part for part, _ in aims), 1.0])
    by_chance = rng.multinomial(len(values), stated / stated.sum(), size=draws) / len(values)
    astray = max(
        float(np.quantile(tvd(drawn, shares), confidence)),
        float(np.quantile(tvd(by_chance, stated), confidence)),
    )
    above = spread_above(least_distance(drawn, steps, aims), confidence=confidence)
    return Estimate(
        value=found.value,
        interval=Interval(
            low=max(0.0, found.value - astray),
            high=max(found.interval.high, min(1.0, found.value + above)),
        ),
    )


def least_distance(shares: Array, steps: Array, aims: Aims) -> Array:
    """Return the least total variation distance to anything that lies as stated.

    How far the part under each stated value is off moves as little as it must: what lies on a value may count
    on either side. Of all ways to visit a row of intervals this lazy one is the shortest.
    """
    under = np.cumsum(shares, axis=-1)
    off = np.zeros(shares.shape[:-1])
    moved = np.zeros(shares.shape[:-1])
    for part, value in aims:
        place = 2 * int(np.searchsorted(steps, value))
        nearest = np.clip(off, under[..., place] - part, under[..., place + 1] - part)
        moved += np.abs(nearest - off)
        off = nearest
    return np.asarray((moved + np.abs(off)) / 2)
