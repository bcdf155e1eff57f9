"""Keywords, and which of them go with a source or a country more than chance would have it. Pure.

Source: C4.2; Katz et al. (1978) for the interval of a risk ratio; Benjamini and Hochberg (1995).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from clearance.curating.audit.columns import Column, Keywords
from clearance.curating.audit.findings import Association, KeywordAudit, KeywordCount
from clearance.curating.audit.intervals import Interval
from clearance.curating.audit.measures import Array

MIN_TOGETHER = 5
MIN_MARGIN = 20
"""Below these counts the normal approximation of a log ratio does not hold."""
FALSE_DISCOVERIES = 0.05
"""The part of the shown associations that may be chance."""
_SMOOTHING = 0.5
_SHOWN = 50
_MAX_WORDS = 5000
_MAX_SLICES = 500
"""The most frequent ones are tested: a table of 2.5 million counts is 20 MB."""


def audit_keywords(keywords: Keywords, slices: Iterable[Column], *, confidence: float) -> KeywordAudit:
    """Count keywords, and test each with each category of the slices."""
    counts = np.bincount(keywords.words, minlength=len(keywords.names))
    frequent = np.lexsort((np.arange(len(counts)), -counts))
    described = np.zeros(keywords.pictures, dtype=bool)
    described[keywords.owners] = True
    with_keywords = int(described.sum())
    tested = [
        pairs
        for column in slices
        for pairs in _tested(keywords, column, frequent[:_MAX_WORDS], confidence=confidence)
    ]
    q = _corrected(tested)
    return KeywordAudit(
        with_keywords=with_keywords,
        coverage=with_keywords / keywords.pictures,
        distinct=len(keywords.names),
        frequent=tuple(
            KeywordCount(
                keyword=keywords.names[word], n=int(counts[word]), share=int(counts[word]) / with_keywords
            )
            for word in frequent[:_SHOWN].tolist()
        ),
        tested=len(q),
        associations=_strongest(keywords, tested, q),
        found=int((q <= FALSE_DISCOVERIES).sum()),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pairs:
    """Pairs of a keyword and a category that are frequent enough to test, an entry a pair."""

    column: Column
    words: Array
    slices: Array
    n: Array
    lift: Array
    ratio: Array
    half: Array
    """By what factor the ratio may be larger, or smaller."""
    p: Array

    @property
    def nearer(self) -> Array:
        """How far the nearer end of each interval is from no difference at all."""
        ends = np.abs(np.log([self.ratio / self.half, self.ratio * self.half]))
        return np.asarray(ends.min(axis=0))


def _tested(keywords: Keywords, column: Column, words: Array, *, confidence: float) -> Iterator[_Pairs]:
    """Test each pair that is frequent enough."""
    slices = min(len(column.names) - 1, _MAX_SLICES)
    if not slices or not len(words):
        return
    together, with_word, in_slice, total = _tables(keywords, column, words, slices)
    where = np.argwhere(
        (together >= MIN_TOGETHER)
        & (with_word >= MIN_MARGIN)[:, None]
        # Where everything is in one slice there is nothing to compare with.
        & ((in_slice >= MIN_MARGIN) & (in_slice < total))[None, :]
    )
    n = together[where[:, 0], where[:, 1]].astype(float)
    a, b = with_word[where[:, 0]].astype(float), in_slice[where[:, 1]].astype(float)
    inside, outside = b + 2 * _SMOOTHING, total - b + 2 * _SMOOTHING
    ratio = ((n + _SMOOTHING) / inside) / ((a - n + _SMOOTHING) / outside)
    error = np.sqrt(1 / (n + _SMOOTHING) - 1 / inside + 1 / (a - n + _SMOOTHING) - 1 / outside)
    z = np.abs(np.log(ratio)) / error
    yield _Pairs(
        column=column,
        words=words[where[:, 0]],
        slices=where[:, 1],
        n=n,
        lift=n * total / (a * b),
        ratio=ratio,
        half=np.exp(NormalDist().inv_cdf(1 - (1 - confidence) / 2) * error),
        p=np.array([math.erfc(each) for each in (z / math.sqrt(2)).tolist()]),
    )


def _tables(keywords: Keywords, column: Column, words: Array, slices: int) -> tuple[Array, Array, Array, int]:
    """Count words by slice, over the pictures that have keywords and are in a known slice."""
    described = np.zeros(keywords.pictures, dtype=bool)
    described[keywords.owners] = True
    counted = described & column.is_known
    place = np.full(len(keywords.names), len(words), dtype=np.int64)
    place[words] = np.arange(len(words))
    chosen = counted[keywords.owners]
    rows, columns = place[keywords.words[chosen]], column.codes[keywords.owners[chosen]]
    kept = (rows < len(words)) & (columns < slices)
    table = np.bincount(rows[kept] * slices + columns[kept], minlength=len(words) * slices)
    with_word = np.bincount(rows, minlength=len(words) + 1)[: len(words)]
    in_slice = np.bincount(column.codes[counted], minlength=slices)[:slices]
    return table.reshape(len(words), slices), with_word, in_slice, int(counted.sum())


def _corrected(tested: Sequence[_Pairs]) -> Array:
    """Correct the p-values of all pairs for how many were tested: the least part of chance findings at which
    each would be one of them.
    """
    p = np.concatenate([np.zeros(0), *(each.p for each in tested)])
    order = np.argsort(-p, kind="stable")
    q = np.empty(len(p))
    q[order] = np.minimum.accumulate(p[order] * len(p) / np.arange(len(p), 0, -1))
    return np.minimum(q, 1.0)


def _strongest(keywords: Keywords, tested: Sequence[_Pairs], q: Array) -> tuple[Association, ...]:
    """Return the strongest of what is no chance, by how far the nearer end of the interval is from no
    difference at all. Only those are written out: there may be hundreds of thousands.
    """
    nearer = np.concatenate([np.zeros(0), *(each.nearer for each in tested)])
    found = np.flatnonzero(q <= FALSE_DISCOVERIES)
    if len(found) > _SHOWN:
        least = np.partition(nearer[found], -_SHOWN)[-_SHOWN]
        found = found[nearer[found] >= least]
    first = np.cumsum([0, *(len(each.p) for each in tested)])
    shown = [
        (
            float(nearer[place]),
            _association(keywords, tested[part], int(place - first[part]), float(q[place])),
        )
        for place in found
        for part in [int(np.searchsorted(first, place, "right")) - 1]
    ]
    shown.sort(key=lambda pair: (pair[0], pair[1].keyword, pair[1].category), reverse=True)
    return tuple(association for _, association in shown[:_SHOWN])


def _association(keywords: Keywords, pairs: _Pairs, place: int, q: float) -> Association:
    ratio, half, lift = float(pairs.ratio[place]), float(pairs.half[place]), float(pairs.lift[place])
    return Association(
        keyword=keywords.names[int(pairs.words[place])],
        dimension=pairs.column.dimension,
        category=pairs.column.names[int(pairs.slices[place])],
        n=int(pairs.n[place]),
        lift=lift,
        pmi=math.log2(lift),
        risk_ratio=ratio,
        interval=Interval(low=ratio / half, high=ratio * half),
        q=q,
    )
