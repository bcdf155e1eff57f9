"""Synthetic pictures held against what a model was trained on: what came out, and what was amplified. Pure.

Outputs are paired with nothing but their prompts: whole prompts are drawn again, with all their seeds.

Source: C4.2, P4.3.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pyarrow as pa

from clearance.curating.audit.columns import (
    PROMPT,
    Column,
    clusters_of,
    column_of,
    declared_attributes,
    one_a_cluster,
)
from clearance.curating.audit.dimensions import withheld
from clearance.curating.audit.intervals import SEED, Interval, drawn_by_unit, estimate
from clearance.curating.audit.measures import Array, shares_of
from clearance.curating.audit.prompts import PromptKind
from clearance.curating.audit.targets import (
    FIXED,
    RESERVED,
    Category,
    Dimension,
    DimensionTargets,
    Question,
    Targets,
)
from clearance.policy import AuditConventions

ALL_PROMPTS = "all"
KIND = "prompt_kind"
"""A further column of synthetic pictures."""


class Outcome(StrEnum):
    """What came of one prompt."""

    WITH_FACES = "faces found"
    NO_FACE = "no_face_detected"
    NOT_EXAMINED = "picture, not examined for faces"
    REFUSED = "refused: no file was made"
    UNREADABLE = "a file that is no picture"


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryComparison:
    """One category, among the outputs and among the pictures that were trained on."""

    name: str
    outputs: float
    trained: float | None
    """Nothing where the cell is too small to be shown."""
    amplification: float | None
    interval: Interval | None
    ratio: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One dimension, for one kind of prompts."""

    dimension: Dimension
    prompts: str
    n_prompts: int
    categories: tuple[CategoryComparison, ...]


def compare_outputs(
    outputs: pa.Table, trained: pa.Table, targets: Targets, conventions: AuditConventions
) -> tuple[Comparison, ...]:
    """Compare outputs with the pictures trained on, by every dimension that both state.

    Args:
        outputs: rows as the audit reads them, with the columns `prompt` and `prompt_kind`.
        trained: rows as the audit reads them.
        targets: whose categories are used where they are stated.
        conventions: how sure, and how small a cell may be shown.
    """
    if not len(outputs) or not len(trained):
        return ()
    rng = np.random.default_rng(SEED)
    pictures = one_a_cluster(trained, clusters_of(trained))
    return tuple(
        found
        for prompts, rows in _by_kind(outputs)
        for dimension in _dimensions(rows, pictures)
        for found in _compared(dimension, prompts, rows, pictures, targets, conventions, rng)
    )


def count_outcomes(outcomes: Sequence[Outcome]) -> Mapping[Outcome, int]:
    """Count what came of all prompts; what never came is a category, too."""
    counted = Counter(outcomes)
    return {outcome: counted[outcome] for outcome in Outcome if counted[outcome]}


def _by_kind(outputs: pa.Table) -> Iterator[tuple[str, pa.Table]]:
    """Return the outputs of all prompts, or of each kind by itself where kinds are stated."""
    kinds = np.asarray(outputs.column(KIND).to_pylist())
    stated = [kind for kind in PromptKind if kind is not PromptKind.UNSAID and (kinds == kind.value).any()]
    if not stated:
        yield ALL_PROMPTS, outputs
    for kind in stated:
        yield kind.value, outputs.filter(pa.array(kinds == kind.value))


def _dimensions(outputs: pa.Table, trained: pa.Table) -> Iterator[Dimension]:
    for question in (Question.PEOPLE, Question.ORIENTATION, Question.RESOLUTION):
        yield Dimension(question=question)
    for name in sorted(set(declared_attributes(outputs)) & set(declared_attributes(trained))):
        yield Dimension(question=Question.ATTRIBUTE, attribute=name)


def _compared(
    dimension: Dimension,
    prompts: str,
    outputs: pa.Table,
    trained: pa.Table,
    targets: Targets,
    conventions: AuditConventions,
    rng: np.random.Generator,
) -> Iterator[Comparison]:
    categories = targets.of(dimension) or _all_categories(dimension, outputs, trained)
    ours, theirs = column_of(outputs, dimension, categories), column_of(trained, dimension, categories)
    known = len(ours.names) - 1
    if not ours.is_known.any() or not theirs.is_known.any():
        return
    by_prompt, count = _by_prompt(outputs, ours, known)
    drawn = shares_of(drawn_by_unit(by_prompt, conventions.bootstrap_draws, rng))
    made, learnt = shares_of(ours.counts[:known]), shares_of(theirs.counts[:known])
    hidden = (
        withheld(theirs.counts[:known], conventions.min_published_cell)
        if dimension.is_about_people
        else np.zeros(known, dtype=bool)
    )
    yield Comparison(
        dimension=dimension,
        prompts=prompts,
        n_prompts=count,
        categories=tuple(
            _category(
                ours.names[place],
                float(made[place]),
                float(learnt[place]),
                drawn=drawn[:, place],
                is_hidden=bool(hidden[place]),
                confidence=conventions.confidence,
            )
            for place in range(known)
            if made[place] or learnt[place]
        ),
    )


def _category(
    name: str, made: float, learnt: float, *, drawn: Array, is_hidden: bool, confidence: float
) -> CategoryComparison:
    found = estimate(made - learnt, drawn - learnt, confidence=confidence, least=-1.0)
    return CategoryComparison(
        name=name,
        outputs=made,
        trained=None if is_hidden else learnt,
        amplification=None if is_hidden else found.value,
        interval=None if is_hidden else found.interval,
        ratio=None if is_hidden or learnt <= 0 else made / learnt,
    )


def _by_prompt(outputs: pa.Table, column: Column, known: int) -> tuple[Array, int]:
    prompts = outputs.column(PROMPT).combine_chunks().dictionary_encode()
    of = np.asarray(prompts.indices, np.int64)
    kept = column.is_known
    table = np.bincount(of[kept] * known + column.codes[kept], minlength=len(prompts.dictionary) * known)
    by_prompt = table.reshape(-1, known)
    by_prompt = by_prompt[by_prompt.sum(axis=1) > 0]
    return by_prompt, len(by_prompt)


def _all_categories(dimension: Dimension, *tables: pa.Table) -> DimensionTargets:
    """Declare the categories that occur on either side, so that both are counted alike."""
    names = FIXED.get(dimension.question) or sorted(
        {name for table in tables for name in column_of(table, dimension).names} - RESERVED
    )
    return DimensionTargets(
        dimension=dimension,
        categories=tuple(Category(name=name, values=(name,)) for name in names),
        shares=(),
    )
