"""The balance audit: what a selection of pictures is made of, held against what was stated before. Pure.

Steps: 1 one picture a near-duplicate cluster; 2 each dimension; 3 concentration; 4 scales; 5 keywords;
6 crossings; 7 what tells one thing from another; 8 the verdict. Nothing is inferred about people, and what is
unknown is counted as unknown.

Source: C4.2.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from clearance.curating.audit.cells import audit_crossing, leakage
from clearance.curating.audit.columns import (
    PROMPT,
    Column,
    clusters_of,
    column_of,
    declared_attributes,
    keyword_column,
    keywords_of,
    one_a_cluster,
)
from clearance.curating.audit.concentration import concentration, copies
from clearance.curating.audit.dimensions import Units, audit_dimension
from clearance.curating.audit.findings import (
    Audit,
    Concentration,
    CrossingAudit,
    DimensionAudit,
    DrawnBy,
    Leakage,
    QuantityAudit,
    Unmeasured,
)
from clearance.curating.audit.intervals import SEED
from clearance.curating.audit.keywords import audit_keywords
from clearance.curating.audit.scales import audit_quantities
from clearance.curating.audit.targets import Dimension, Question, Targets
from clearance.curating.audit.verdicts import Judged, nothing_known, overall
from clearance.errors import BadInput
from clearance.policy import AuditConventions

_ALWAYS = tuple(question for question in Question if question not in (Question.KEYWORD, Question.ATTRIBUTE))
"""What every audit shows, stated or not; keywords and attributes join where they occur."""
_MAX_ATTRIBUTES = 50
_LEAKS = (
    (Question.SOURCE, Question.RESOLUTION),
    (Question.SOURCE, Question.ORIENTATION),
    (Question.SOURCE, Question.PEOPLE),
    (Question.SOURCE, Question.YEAR),
    (Question.COUNTRY, Question.SOURCE),
    (Question.COUNTRY, Question.RESOLUTION),
    (Question.COUNTRY, Question.PEOPLE),
)
"""A model can learn the one from the other, where nobody meant it to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pictures:
    """A selection, one row a picture, and its columns."""

    rows: pa.Table
    columns: Mapping[Dimension, Column]
    """By the stated categories where there are some."""
    observed: Mapping[Dimension, Column]
    """By the values as stated."""


def audit_items(rows: pa.Table, targets: Targets, conventions: AuditConventions) -> Audit:
    """Audit a selection of items.

    Args:
        rows: one row a file, as `audit_columns.ROWS` has it; synthetic pictures have a column `prompt`, too.
        targets: what was stated beforehand.
        conventions: where the lines are.

    Raises:
        BadInput: there is nothing to audit.
    """
    if not len(rows):
        raise BadInput("nothing to audit: no picture is kept")
    rng = np.random.default_rng(SEED)
    # 1 One picture a cluster.
    clusters = clusters_of(rows)
    pictures = columns_of(one_a_cluster(rows, clusters), targets)
    keywords = keywords_of(pictures.rows)
    grouped = targets.of(Dimension(question=Question.KEYWORD))
    columns = dict(pictures.columns)
    if grouped is not None:
        columns[grouped.dimension] = keyword_column(keywords, grouped)
    units = _units(pictures, conventions)
    # 2 Each dimension.
    dimensions = tuple(
        audit_dimension(column, targets.of(dimension), units, conventions, rng)
        for dimension, column in columns.items()
    )
    # 3 Concentration.
    compared = np.asarray(rows.column("is_compared").fill_null(False))  # noqa: FBT003 - pyarrow's own signature
    concentrations = (
        *_concentrations(pictures, targets, conventions, rng),
        *copies(clusters, compared, conventions, rng),
    )
    unmeasured = tuple(_unmeasured(concentrations, targets, conventions))
    # 4 Scales.
    quantities = tuple(audit_quantities(pictures.rows, targets, units, conventions, rng))
    # 5 Keywords. 6 Crossings. 7 What tells one thing from another.
    slices = [pictures.observed[Dimension(question=each)] for each in (Question.SOURCE, Question.COUNTRY)]
    crossings = tuple(
        audit_crossing(tuple(columns[each] for each in crossed), targets, conventions)
        for crossed in targets.cells
    )
    return Audit(
        files=len(rows),
        files_compared=int(compared.sum()),
        pictures=len(pictures.rows),
        has_targets=targets != Targets(),
        dimensions=dimensions,
        concentrations=concentrations,
        unmeasured=unmeasured,
        quantities=quantities,
        keywords=audit_keywords(keywords, slices, confidence=conventions.confidence),
        crossings=crossings,
        leakages=tuple(_leakages(pictures)),
        # 8 The verdict.
        verdict=overall(
            each for _, each in _judged(dimensions, concentrations, unmeasured, quantities, crossings)
        ),
        confidence=conventions.confidence,
        draws=conventions.bootstrap_draws,
    )


def columns_of(rows: pa.Table, targets: Targets) -> Pictures:
    """Read every dimension's column from rows of one picture each."""
    wanted = [Dimension(question=question) for question in _ALWAYS]
    wanted += [
        Dimension(question=Question.ATTRIBUTE, attribute=name)
        for name in declared_attributes(rows)[:_MAX_ATTRIBUTES]
    ]
    observed = {dimension: column_of(rows, dimension) for dimension in wanted}
    stated = [each for each in targets.dimensions if each.dimension.question is not Question.KEYWORD]
    columns = {each.dimension: column_of(rows, each.dimension, each) for each in stated}
    columns |= {name: column for name, column in observed.items() if name not in columns}
    return Pictures(rows=rows, columns=columns, observed=observed)


def judged(audit: Audit) -> Iterator[tuple[str, Judged]]:
    """Return every verdict of an audit with the place that it is about."""
    return _judged(
        audit.dimensions, audit.concentrations, audit.unmeasured, audit.quantities, audit.crossings
    )


def _judged(
    dimensions: Iterable[DimensionAudit],
    concentrations: Iterable[Concentration],
    unmeasured: Iterable[Unmeasured],
    quantities: Iterable[QuantityAudit],
    crossings: Iterable[CrossingAudit],
) -> Iterator[tuple[str, Judged]]:
    yield from (each for dimension in dimensions for each in _judged_shares(dimension))
    for one in concentrations:
        if one.judged_hhi is not None:
            yield f"{one.of}: concentration", one.judged_hhi
        if one.judged_share is not None:
            yield f"{one.of}: largest share", one.judged_share
    yield from ((f"{limit.of}: largest share", limit.judged) for limit in unmeasured)
    yield from ((f"{each.quantity.value}: quantiles", each.judged) for each in quantities if each.judged)
    yield from (each for crossing in crossings for each in _judged_cells(crossing))


def _judged_shares(dimension: DimensionAudit) -> Iterator[tuple[str, Judged]]:
    name = dimension.dimension.name
    if dimension.judged is not None:
        yield f"{name}: distance to target", dimension.judged
    yield from ((f"{name}: {each.name}", each.aim.judged) for each in dimension.categories if each.aim)


def _judged_cells(crossing: CrossingAudit) -> Iterator[tuple[str, Judged]]:
    crossed = " x ".join(each.name for each in crossing.dimensions)
    yield from (
        (f"{crossed}: {', '.join(cell.categories)}", cell.aim.judged) for cell in crossing.cells if cell.aim
    )


def _units(pictures: Pictures, conventions: AuditConventions) -> Units:
    """Draw whole prompts, else whole sources where there are enough to draw from, else pictures."""
    if PROMPT in pictures.rows.column_names:
        prompts = pictures.rows.column(PROMPT).combine_chunks().dictionary_encode()
        return Units(
            drawn_by=DrawnBy.PROMPT,
            of=np.asarray(prompts.indices.fill_null(0), np.int64),
            count=len(prompts.dictionary),
        )
    source = pictures.observed[Dimension(question=Question.SOURCE)]
    if len(source.names) - 1 >= conventions.min_cell:
        return Units(drawn_by=DrawnBy.SOURCE, of=source.codes, count=len(source.names))
    return Units(drawn_by=DrawnBy.CLUSTER, of=np.arange(len(pictures.rows)), count=len(pictures.rows))


def _concentrations(
    pictures: Pictures, targets: Targets, conventions: AuditConventions, rng: np.random.Generator
) -> Iterator[Concentration]:
    for question in (Question.SOURCE, Question.HOST, Question.CREATOR, Question.LICENCE):
        dimension = Dimension(question=question)
        found = concentration(
            pictures.observed[dimension], conventions, rng, max_share=targets.max_shares.get(dimension)
        )
        if found is not None:
            yield found


def _unmeasured(
    concentrations: Iterable[Concentration], targets: Targets, conventions: AuditConventions
) -> Iterator[Unmeasured]:
    """Return the largest shares that were stated of what no picture states."""
    measured = {each.of for each in concentrations}
    for dimension in targets.max_shares:
        if dimension.name not in measured:
            yield Unmeasured(of=dimension.name, judged=nothing_known(conventions))


def _leakages(pictures: Pictures) -> Iterator[Leakage]:
    for of, by in _LEAKS:
        found = leakage(pictures.observed[Dimension(question=of)], pictures.observed[Dimension(question=by)])
        if found is not None:
            yield found
