"""Where dimensions cross: groups that are small, or missing, although each dimension alone looks fine. Pure.

Source: C4.2; Crenshaw (1989) for why crossings are looked at.
"""

from __future__ import annotations

import math
from itertools import product

import numpy as np

from clearance.curating.audit.columns import Column
from clearance.curating.audit.dimensions import NONE, unknown_aim, withheld
from clearance.curating.audit.findings import Aim, CellAudit, Counted, CrossingAudit, Leakage
from clearance.curating.audit.intervals import wilson
from clearance.curating.audit.measures import Array, cramers_v
from clearance.curating.audit.targets import Targets
from clearance.curating.audit.verdicts import Basis, ratio_within
from clearance.policy import AuditConventions

_MAX_TABLE = 1 << 22
"""Counts in a table of two dimensions: 32 MB; larger ones are not compared."""


def audit_crossing(
    columns: tuple[Column, ...], targets: Targets, conventions: AuditConventions
) -> CrossingAudit:
    """Count the declared cells, and compare them with independence and with the product of the targets."""
    sizes = tuple(column.declared for column in columns)
    inside = np.logical_and.reduce([column.codes < column.declared for column in columns])
    codes = np.ravel_multi_index([column.codes[inside] for column in columns], sizes)
    counts = np.bincount(codes, minlength=math.prod(sizes))
    total = int(counts.sum())
    basis = Basis(n=total, coverage=total / len(inside))
    table = counts.reshape(sizes)
    independent = _product([_margin(table, axis) for axis in range(len(sizes))])
    stated = [targets.of(column.dimension) for column in columns]
    aims = (
        _product([np.array(each.shares) for each in stated if each is not None])
        if all(each is not None and each.shares for each in stated)
        else np.zeros(len(counts))
    )
    hidden = (
        withheld(counts, conventions.min_published_cell)
        if any(column.dimension.is_about_people for column in columns)
        else np.zeros(len(counts), dtype=bool)
    )
    names = list(product(*(column.names[: column.declared] for column in columns)))
    return CrossingAudit(
        dimensions=tuple(column.dimension for column in columns),
        known=total,
        coverage=basis.coverage,
        cells=tuple(
            _cell(
                name,
                int(counts[place]),
                is_hidden=bool(hidden[place]),
                independent=float(independent[place]),
                aim=float(aims[place]),
                basis=basis,
                conventions=conventions,
                comparisons=len(names),
            )
            for place, name in enumerate(names)
            if total or aims[place] > 0
        ),
        empty=tuple(name for name, n in zip(names, counts.tolist(), strict=True) if not n),
    )


def _cell(
    name: tuple[str, ...],
    n: int,
    *,
    is_hidden: bool,
    independent: float,
    aim: float,
    basis: Basis,
    conventions: AuditConventions,
    comparisons: int,
) -> CellAudit:
    if not basis.n:
        aimed = unknown_aim(aim, conventions)
        return CellAudit(categories=name, counted=NONE, to_independence=None, aim=aimed)
    share = n / basis.n
    interval = wilson(n, basis.n, confidence=conventions.confidence, comparisons=comparisons)
    return CellAudit(
        categories=name,
        counted=None if is_hidden else Counted(n=n, share=share, interval=interval),
        to_independence=None if is_hidden or independent <= 0 else share / independent,
        aim=None
        if aim <= 0
        else Aim(
            share=aim,
            ratio=None if is_hidden else share / aim,
            log2_ratio=None if is_hidden or not n else math.log2(share / aim),
            judged=ratio_within(interval, aim, n, basis, conventions),
        ),
    )


def _margin(table: Array, axis: int) -> Array:
    others = tuple(each for each in range(table.ndim) if each != axis)
    return np.asarray(table.sum(axis=others) / max(1, table.sum()))


def _product(margins: list[Array]) -> Array:
    whole = margins[0]
    for margin in margins[1:]:
        whole = np.multiply.outer(whole, margin)
    return np.asarray(whole.ravel())


def leakage(of: Column, by: Column) -> Leakage | None:
    """Measure how far one dimension tells another; nothing where one of them has a single category."""
    rows, columns = len(of.names) - 1, len(by.names) - 1
    both = of.is_known & by.is_known
    if not both.any() or rows < 2 or rows * columns > _MAX_TABLE:
        return None
    table = np.bincount(of.codes[both] * columns + by.codes[both], minlength=rows * columns)
    return Leakage(
        of=of.dimension,
        by=by.dimension,
        n=int(both.sum()),
        cramers_v=cramers_v(table.reshape(rows, columns)),
    )
