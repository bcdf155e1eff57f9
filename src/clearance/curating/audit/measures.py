"""What a balance audit measures: concentration, distance, evenness, dependence. Pure functions of counts.

Counts are one-dimensional arrays, a category an entry; shares are counts divided by their sum. Where several
rows are handed in (draws), the last axis holds the categories.

Source: C4.2; Herfindahl (1950) and Hill (1973) for concentration; Lin (1991) for the Jensen-Shannon
divergence; Bergsma (2013) for the corrected V of Cramér.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


def distinct(values: Array) -> Array:
    """Return whole numbers once each, in order; sorting is six times as fast as numpy's own hashing."""
    ordered = np.sort(values)
    first = np.ones(len(ordered), dtype=bool)
    first[1:] = ordered[1:] != ordered[:-1]
    return np.asarray(ordered[first])


def shares_of(counts: Array) -> Array:
    """Divide counts by their sum, row by row; a row of nothing stays nothing."""
    totals = counts.sum(axis=-1, keepdims=True)
    return np.asarray(np.divide(counts, totals, out=np.zeros(counts.shape, dtype=float), where=totals > 0))


def hhi(shares: Array) -> Array:
    """Return the Herfindahl-Hirschman index: the chance that two pictures share a category, from 1/K to 1."""
    return np.asarray(np.square(shares).sum(axis=-1))


def entropy(shares: Array) -> Array:
    """Return Shannon's entropy in nats."""
    logs = np.log(shares, out=np.zeros(shares.shape, dtype=float), where=shares > 0)
    # Nothing less a sum: turned around, an entropy of nothing would be written "-0".
    return np.asarray(0.0 - (shares * logs).sum(axis=-1))


def evenness(shares: Array, categories: int) -> Array:
    """Return the entropy as a part of the most that the declared number of categories allows."""
    return entropy(shares) / math.log(categories) if categories > 1 else np.ones(shares.shape[:-1])


def gini(counts: Array) -> float:
    """Return Gini's coefficient over the categories that occur: 0 where all have as many, towards 1 where one
    has all.
    """
    ordered = np.sort(counts[counts > 0]).astype(float)
    if not len(ordered):
        return 0.0
    ranks = np.arange(1, len(ordered) + 1)
    return float((2 * (ranks * ordered).sum() / ordered.sum() - (len(ordered) + 1)) / len(ordered))


def tvd(shares: Array, target: Array) -> Array:
    """Return the total variation distance: the part of the pictures that would have to be others, 0 to 1."""
    return np.asarray(np.abs(shares - target).sum(axis=-1) / 2)


def jsd(shares: Array, target: Array) -> Array:
    """Return the Jensen-Shannon divergence to base 2, 0 to 1."""
    middle = (shares + target) / 2
    found = (entropy(middle) - (entropy(shares) + entropy(target)) / 2) / math.log(2)
    return np.asarray(np.clip(found, 0, 1))


def jensen_shannon_distance(shares: Array, target: Array) -> Array:
    """Return the square root of the divergence, which is a distance.

    Source: Endres and Schindelin (2003).
    """
    return np.asarray(np.sqrt(jsd(shares, target)))


def g_statistic(counts: Array, target: Array) -> Array:
    """Return the likelihood-ratio statistic against a target; categories without one are left out."""
    aimed = target > 0
    kept = counts[..., aimed]
    expected = kept.sum(axis=-1, keepdims=True) * (target[aimed] / target[aimed].sum())
    ratio = np.divide(kept, expected, out=np.ones(kept.shape, dtype=float), where=kept > 0)
    return np.asarray(2 * (kept * np.log(ratio)).sum(axis=-1))


def design_effect(by_unit: Array) -> float:
    """Return how many times as many pictures are needed as if each were drawn alone, because those of one
    unit resemble each other; 1 where they do not.

    Args:
        by_unit: counts with a row a unit (a source) and a column a category.

    Source: Kish (1965), deff = 1 + (m - 1) rho; rho from a one-way analysis of variance over all categories.
    """
    sizes = by_unit.sum(axis=1).astype(float)
    units, total = len(sizes), sizes.sum()
    if units < 2 or total <= units:
        return 1.0
    within_shares = by_unit / sizes[:, None]
    overall = by_unit.sum(axis=0) / total
    between = float((sizes[:, None] * np.square(within_shares - overall)).sum()) / (units - 1)
    within = float((sizes[:, None] * within_shares * (1 - within_shares)).sum()) / (total - units)
    usual = (total - float(np.square(sizes).sum()) / total) / (units - 1)
    spread = between + (usual - 1) * within
    rho = (between - within) / spread if spread > 0 else 0.0
    mean_size = float(np.square(sizes).sum()) / total
    return max(1.0, float(1 + (mean_size - 1) * rho))


def cramers_v(table: Array) -> float:
    """Return how far one slice tells another, 0 (not at all) to 1 (wholly), corrected for chance.

    Args:
        table: counts with a row a category of the one and a column a category of the other.
    """
    kept = table[table.sum(axis=1) > 0][:, table.sum(axis=0) > 0].astype(float)
    rows, columns = kept.shape
    total = kept.sum()
    if rows < 2 or columns < 2 or total < 2:
        return 0.0
    expected = kept.sum(axis=1, keepdims=True) * kept.sum(axis=0, keepdims=True) / total
    phi = float((np.square(kept - expected) / expected).sum() / total)
    left = max(0.0, phi - (rows - 1) * (columns - 1) / (total - 1))
    least = min(rows - (rows - 1) ** 2 / (total - 1), columns - (columns - 1) ** 2 / (total - 1)) - 1
    return min(1.0, math.sqrt(left / least)) if least > 0 else 0.0


def wasserstein(values: Array, quantiles: tuple[tuple[float, float], ...]) -> float:
    """Return the mean distance by which values would have to move to lie as stated, in their own unit.

    Between stated quantiles the target runs straight; beyond the first and the last it is flat.
    """
    ordered = np.sort(values.astype(float))
    parts = (np.arange(len(ordered)) + 0.5) / len(ordered)
    aimed = np.interp(parts, [part for part, _ in quantiles], [value for _, value in quantiles])
    return float(np.abs(ordered - aimed).mean())
