"""Keywords, and which of them go with a source or a country more than chance would have it. Pure.

Source: C4.2; Katz et al. (1978) for the interval of a risk ratio; Benjamini and Hochberg (1995).
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace
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
        pair
        for column in slices
        for pair in _tested(keywords, column, frequent[:_MAX_WORDS], confidence=confidence)
    ]
    found = _discoveries(tested)
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
        tested=len(tested),
        associations=tuple(sorted(found, key=_strength, reverse=True)[:_SHOWN]),
        found=len(found),
    )


def _tested(
    keywords: Keywords, column: Column, words: Array, *, confidence: float
) -> list[tuple[float, Association]]:
    """Return each pair that is frequent enough, with its p-value."""
    slices = min(len(column.names) - 1, _MAX_SLICES)
    if not slices or not len(words):
        return []
    together, with_word, in_slice, total = _tables(keywords, column, words, slices)
    where = np.argwhere(
        (together >= MIN_TOGETHER) & (with_word >= MIN_MARGIN)[:, None] & (in_slice >= MIN_MARGIN)[None, :]
    )
    n = together[where[:, 0], where[:, 1]].astype(float)
    a, b = with_word[where[:, 0]].astype(float), in_slice[where[:, 1]].astype(float)
    inside, outside = b + 2 * _SMOOTHING, total - b + 2 * _SMOOTHING
    ratio = ((n + _SMOOTHING) / inside) / ((a - n + _SMOOTHING) / outside)
    error = np.sqrt(1 / (n + _SMOOTHING) - 1 / inside + 1 / (a - n + _SMOOTHING) - 1 / outside)
    half = np.exp(NormalDist().inv_cdf(1 - (1 - confidence) / 2) * error)
    z = np.abs(np.log(ratio)) / error
    lift = n * total / (a * b)
    return [
        (
            math.erfc(z[row] / math.sqrt(2)),
            Association(
                keyword=keywords.names[int(words[word])],
                dimension=column.dimension,
                category=column.names[slice_],
                n=int(n[row]),
                lift=float(lift[row]),
                pmi=math.log2(lift[row]),
                risk_ratio=float(ratio[row]),
                interval=Interval(low=float(ratio[row] / half[row]), high=float(ratio[row] * half[row])),
                q=1.0,
            ),
        )
        for row, (word, slice_) in enumerate(where.tolist())
        if b[row] < total  # where everything is in one slice there is nothing to compare with
    ]


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


def _discoveries(tested: list[tuple[float, Association]]) -> list[Association]:
    """Keep what is no chance even though so much was tested."""
    ordered = sorted(tested, key=lambda pair: pair[0], reverse=True)
    found = []
    least = 1.0
    for number, (p, association) in enumerate(ordered):
        least = min(least, p * len(ordered) / (len(ordered) - number))
        if least <= FALSE_DISCOVERIES:
            found.append(replace(association, q=least))
    return found


def _strength(association: Association) -> tuple[float, str, str]:
    """Order by how far the nearer end of the interval is from no difference at all."""
    interval = association.interval
    nearer = min(abs(math.log(interval.low)), abs(math.log(interval.high)))
    return nearer, association.keyword, association.category
