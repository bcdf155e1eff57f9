"""How much of the pictures comes from how few: by source, host, creator, licence, and copy. Pure.

Source: C4.2; Hill (1973) for effective numbers.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from clearance.curating.audit.columns import Column
from clearance.curating.audit.dimensions import level
from clearance.curating.audit.findings import Concentration
from clearance.curating.audit.intervals import Estimate, drawn_alone, estimate, wilson
from clearance.curating.audit.measures import Array, entropy, gini, hhi, shares_of
from clearance.curating.audit.targets import Question
from clearance.curating.audit.verdicts import Basis, at_most
from clearance.policy import AuditConventions

_DRAWN = 200
"""Categories that are drawn one by one; the many small ones behind them are drawn as one, and their part of
the index, which hardly moves, is kept: drawing 100,000 photographers a thousand times takes ten seconds."""


def concentration(
    column: Column, conventions: AuditConventions, rng: np.random.Generator, *, max_share: float | None
) -> Concentration | None:
    """Measure how concentrated one dimension is; nothing where no picture states it.

    Sources are judged by the policy's lines, whatever is stated; others where a largest share is stated.
    """
    known = len(column.names) - 1
    counts = column.counts[:known]
    if not counts.sum():
        return None
    basis = Basis(n=int(counts.sum()), coverage=int(counts.sum()) / len(column.codes))
    is_source = column.dimension.question is Question.SOURCE
    most = conventions.max_source_share if is_source and max_share is None else max_share
    return _concentration(
        column.dimension.name,
        counts,
        column.names[int(np.argmax(counts))],
        basis=basis,
        conventions=conventions,
        rng=rng,
        max_share=most,
        is_judged=is_source or most is not None,
        counted="pictures",
    )


def copies(
    clusters: Array, compared: Array, conventions: AuditConventions, rng: np.random.Generator
) -> Iterator[Concentration]:
    """Measure how much of the files is copies: clusters as categories, files counted. Only files whose copies
    were looked for tell; where there are none, nothing is said.
    """
    if not compared.any():
        return
    n = int(compared.sum())
    yield _concentration(
        "near-duplicate cluster",
        np.bincount(clusters[compared]),
        "the largest cluster",
        basis=Basis(n=n, coverage=n / len(compared)),
        conventions=conventions,
        rng=rng,
        max_share=None,
        is_judged=False,
        counted="files",
    )


def _concentration(
    name: str,
    counts: Array,
    largest: str,
    *,
    basis: Basis,
    conventions: AuditConventions,
    rng: np.random.Generator,
    max_share: float | None,
    is_judged: bool,
    counted: str,
) -> Concentration:
    ordered = np.sort(counts[counts > 0])[::-1]
    shares = shares_of(ordered)
    found = _hhi(ordered, conventions, rng)
    top = wilson(int(ordered[0]), basis.n, confidence=conventions.confidence)
    return Concentration(
        of=name,
        counts=counted,
        known=basis.n,
        coverage=basis.coverage,
        categories=len(ordered),
        hhi=found,
        effective=1 / found.value,
        effective_shannon=math.exp(float(entropy(shares))),
        largest=largest,
        largest_share=Estimate(value=float(shares[0]), interval=top),
        top_5_share=float(shares[:5].sum()),
        gini=gini(ordered),
        level=level(found.value, conventions.hhi_moderate, conventions.hhi_high),
        judged_hhi=at_most(found.interval, conventions.hhi_high, basis, conventions) if is_judged else None,
        max_share=max_share,
        judged_share=None if max_share is None else at_most(top, max_share, basis, conventions),
    )


def _hhi(ordered: Array, conventions: AuditConventions, rng: np.random.Generator) -> Estimate:
    total = ordered.sum()
    top, tail = ordered[:_DRAWN], ordered[_DRAWN:]
    drawn = drawn_alone(np.append(top, tail.sum()), conventions.bootstrap_draws, rng) / total
    rest = float(hhi(tail / total))
    return estimate(
        float(hhi(shares_of(ordered))), hhi(drawn[:, :-1]) + rest, confidence=conventions.confidence
    )
