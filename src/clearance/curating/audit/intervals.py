"""How sure a figure of an audit is: intervals, and what chance alone would show. Pure; the seed is handed in.

Concentration, distance and evenness come out too high or too low where pictures are few: a perfect selection
of fifty pictures over ten categories is 0.17 away from its target by chance. A percentile interval repeats
that error and hardly ever holds the truth; the basic interval used here, which reflects the draws in the
estimate, takes it back, and the lower end of a distance follows from the triangle inequality (decision 16,
with the measurement).

Source: Wilson (1927); Davison and Hinkley (1997), Bootstrap Methods and their Application: section 5.2 for
the basic interval, 3.8 for draws of whole clusters, 4.2 for the Monte Carlo p-value.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from clearance.curating.audit.measures import Array, g_statistic, tvd

SEED = 20260407
"""One for all audits: the same pictures give the same figures."""
_CELLS_AT_ONCE = 1 << 22
"""Counts that are drawn at a time: 32 MB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """From where to where a figure may lie, at the stated confidence."""

    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A figure and its interval."""

    value: float
    interval: Interval


@dataclass(frozen=True, slots=True, kw_only=True)
class Chance:
    """What a selection drawn from the target itself would show."""

    shares: Array
    """Of each draw, a row a draw."""
    expected_tvd: float
    p: float
    """How often chance is at least as far from the target as these pictures are, by the statistic G."""
    g: float


def wilson(count: int, total: int, *, confidence: float, comparisons: int = 1) -> Interval:
    """Return the interval of a share; with comparisons (Bonferroni), all of them hold at once.

    Raises:
        ValueError: there is nothing to take a share of.
    """
    if total <= 0 or not 0 <= count <= total:
        raise ValueError(f"{count} of {total} is no share")
    z = NormalDist().inv_cdf(1 - (1 - confidence) / (2 * comparisons))
    share, weight = count / total, z * z / total
    middle = (share + weight / 2) / (1 + weight)
    half = z / (1 + weight) * (share * (1 - share) / total + weight / (4 * total)) ** 0.5
    # The ends are exact where rounding would leave them a hair off.
    return Interval(
        low=0.0 if count == 0 else max(0.0, middle - half),
        high=1.0 if count == total else min(1.0, middle + half),
    )


def drawn_alone(counts: Array, draws: int, rng: np.random.Generator) -> Array:
    """Draw as many pictures again, each alone; returns a row of counts a draw."""
    total = int(counts.sum())
    return np.asarray(rng.multinomial(total, counts / total, size=draws))


def drawn_by_unit(by_unit: Array, draws: int, rng: np.random.Generator) -> Array:
    """Draw as many units (sources, prompts) again, each with all its pictures; returns a row a draw."""
    units = by_unit.shape[0]
    step = max(1, _CELLS_AT_ONCE // units)
    evenly = np.full(units, 1 / units)
    weights = by_unit.astype(float)
    parts = [
        rng.multinomial(units, evenly, size=min(step, draws - start)) @ weights
        for start in range(0, draws, step)
    ]
    return np.concatenate(parts)


def estimate(
    value: float, drawn: Array, *, confidence: float, least: float = 0.0, most: float = 1.0
) -> Estimate:
    """Return a figure with its basic bootstrap interval, cut to what the figure can be.

    The interval holds the figure itself, too, where all draws lie on one side of it: readers expect it there.
    """
    tail = (1 - confidence) / 2
    low, high = np.quantile(drawn, [tail, 1 - tail])
    return Estimate(
        value=value,
        interval=Interval(
            low=min(value, float(np.clip(2 * value - high, least, most))),
            high=max(value, float(np.clip(2 * value - low, least, most))),
        ),
    )


def measured(
    shares: Array, drawn_shares: Array, measure: Callable[[Array], Array], *, confidence: float
) -> Estimate:
    """Apply one measure to the shares and to those of every draw."""
    return estimate(float(measure(shares)), measure(drawn_shares), confidence=confidence)


def distance(
    measure: Callable[[Array, Array], Array],
    shares: Array,
    target: Array,
    *,
    drawn_shares: Array,
    chance: Chance,
    confidence: float,
) -> Estimate:
    """Return a distance that keeps the triangle inequality, and its interval.

    Low: the true distance differs from the measured one by no more than the shares lie from the true shares;
    how far that may be, draws show, of the pictures and of the target (the larger counts). High: as far above
    the measured one as draws lie above their own middle, and never below the basic interval; where whole
    units are drawn, a few of them can meet a target by chance.
    """
    value = float(measure(shares, target))
    drawn = measure(drawn_shares, target)
    found = estimate(value, drawn, confidence=confidence)
    astray = max(
        float(np.quantile(measure(drawn_shares, shares), confidence)),
        float(np.quantile(measure(chance.shares, target), confidence)),
    )
    high = max(found.interval.high, min(1.0, value + spread_above(drawn, confidence=confidence)))
    return Estimate(value=value, interval=Interval(low=max(0.0, value - astray), high=high))


def spread_above(drawn: Array, *, confidence: float) -> float:
    """Return how far draws lie above their own middle."""
    middle, far = np.quantile(drawn, [0.5, 1 - (1 - confidence) / 2])
    return float(far - middle)


def by_chance(counts: Array, target: Array, *, draws: int, rng: np.random.Generator) -> Chance:
    """Compare with selections of the same size that are drawn from the target."""
    total = int(counts.sum())
    drawn = rng.multinomial(total, target / target.sum(), size=draws)
    found = float(g_statistic(counts, target))
    reached = int((g_statistic(drawn, target) >= found - 1e-9).sum())
    return Chance(
        shares=drawn / total,
        expected_tvd=float(tvd(drawn / total, target).mean()),
        p=(reached + 1) / (draws + 1),
        g=found,
    )
