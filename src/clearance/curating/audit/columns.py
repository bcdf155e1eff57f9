"""From the table of items to one answer a picture: columns of category numbers that can be counted. Pure.

Pictures are counted by near-duplicate cluster, not by file: fifty frames of one moment are one picture. The
file with the most pixels speaks for its cluster. A file whose copies nobody looked for counts as a picture.

Source: C4.2.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from clearance.curating.audit.countries import alpha_2
from clearance.curating.audit.measures import Array, distinct
from clearance.curating.audit.targets import (
    FIXED,
    ORIENTATIONS,
    OTHER,
    PEOPLE,
    PEOPLE_STEPS,
    RESOLUTION_STEPS,
    RESOLUTIONS,
    SEVERAL,
    UNKNOWN,
    Dimension,
    DimensionTargets,
    Question,
)

ATTRIBUTES = pa.list_(pa.struct([("name", pa.string()), ("value", pa.string())]))
ROWS = pa.schema(
    [
        *(pa.field(name, pa.string()) for name in ("item_id", "cluster", "source", "host", "licence")),
        *(pa.field(name, pa.string()) for name in ("basis", "creator", "country")),
        *(pa.field(name, pa.int32()) for name in ("year", "width", "height")),
        pa.field("keywords", pa.list_(pa.string())),
        pa.field("people", pa.int32()),
        pa.field("attributes", ATTRIBUTES),
        pa.field("is_compared", pa.bool_()),
    ]
)
"""One row a file: empty text, an empty list and null mean that nothing is stated or was looked for. Where
copies were not looked for (`is_compared`), a file is its own cluster, and that says nothing."""
PROMPT = "prompt"
"""A further column of synthetic pictures: what each was made from."""
_SQUARE_WITHIN = 1.02
"""Cropping by eye leaves a few pixels; nobody sees one in fifty."""
_TEXT = {
    Question.SOURCE: "source",
    Question.HOST: "host",
    Question.LICENCE: "licence",
    Question.BASIS: "basis",
    Question.CREATOR: "creator",
    Question.COUNTRY: "country",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """Each picture's category in one dimension, as its place in `names`; the last name is `unknown`."""

    dimension: Dimension
    names: tuple[str, ...]
    codes: Array
    declared: int
    """How many of the names were declared beforehand; they come first."""
    in_several: int = 0
    """Pictures that would fit a later category, too."""

    @property
    def counts(self) -> Array:
        """Pictures by category, `unknown` last."""
        return np.bincount(self.codes, minlength=len(self.names))

    @property
    def is_known(self) -> Array:
        """Which pictures state something."""
        return np.asarray(self.codes < len(self.names) - 1)


def clusters_of(rows: pa.Table) -> Array:
    """Return the number of each row's cluster."""
    return np.asarray(rows.column("cluster").combine_chunks().dictionary_encode().indices)


def one_a_cluster(rows: pa.Table, clusters: Array) -> pa.Table:
    """Return the row of each cluster that has the most pixels; of equals, the one with the lowest id."""
    sizes = np.bincount(clusters)
    shared = np.flatnonzero(sizes[clusters] > 1)
    if not len(shared):
        return rows
    some = rows.take(pa.array(shared))
    pixels = np.asarray(some.column("width"), np.int64) * np.asarray(some.column("height"), np.int64)
    ids = np.asarray(some.column("item_id").combine_chunks().dictionary_encode().dictionary)
    rank = np.argsort(np.argsort(ids.astype(str)))
    order = np.lexsort((rank, -pixels, clusters[shared]))
    _, first = np.unique(clusters[shared][order], return_index=True)
    keep = sizes[clusters] == 1
    keep[shared[order[first]]] = True
    return rows.filter(pa.array(keep))


def column_of(rows: pa.Table, dimension: Dimension, targets: DimensionTargets | None = None) -> Column:
    """Return each picture's category: the declared ones where there are some, else the values as stated.

    Keywords, of which a picture has several, have `keyword_column`.

    Raises:
        KeyError: keywords were asked for.
    """
    match dimension.question:
        case Question.YEAR:
            return _years(rows, dimension, targets)
        case Question.ORIENTATION | Question.RESOLUTION | Question.PEOPLE:
            codes = _FIXED_CODES[dimension.question](rows)
            return _regrouped(codes, FIXED[dimension.question], dimension, targets)
        case Question.ATTRIBUTE:
            codes, names = _attribute(rows, dimension.attribute)
            return _regrouped(codes, names, dimension, targets)
        case _:
            codes, names = _stated(rows.column(_TEXT[dimension.question]), dimension.question)
            return _regrouped(codes, names, dimension, targets)


def declared_attributes(rows: pa.Table) -> tuple[str, ...]:
    """Return the names of all attributes that model releases declare, in order."""
    found = pc.unique(pc.struct_field(pc.list_flatten(rows.column("attributes")), "name"))
    return tuple(sorted({name for name in found.to_pylist() if name}))


def _stated(column: pa.ChunkedArray, question: Question) -> tuple[Array, tuple[str, ...]]:
    """Return a text column as codes, with `len(names)` where nothing is stated."""
    coded = column.combine_chunks().dictionary_encode()
    if question is Question.COUNTRY:
        spelled = [alpha_2(name) for name in coded.dictionary.to_pylist()]
    else:
        spelled = [(name or "").strip() for name in coded.dictionary.to_pylist()]
    names = tuple(sorted({name for name in spelled if name}))
    place = {name: number for number, name in enumerate(names)}
    moved = np.array([place.get(name, len(names)) for name in spelled] or [0], dtype=np.int64)
    codes = moved[np.asarray(coded.indices.fill_null(0))]
    codes[np.asarray(coded.indices.is_null())] = len(names)
    return codes, names


def _regrouped(
    codes: Array, names: Sequence[str], dimension: Dimension, targets: DimensionTargets | None
) -> Column:
    """Gather stated values into the declared categories; what is in none is `other`."""
    unknown = len(names)
    if targets is None:
        return _by_frequency(codes, names, dimension)
    category = _places(targets, dimension)
    outside = len(targets.categories)
    moved = np.array(
        [_declared_place(name, category, outside) for name in names] + [outside + 1], dtype=np.int64
    )
    labels = (*(each.name for each in targets.categories), OTHER, UNKNOWN)
    return Column(
        dimension=dimension, names=labels, codes=moved[np.minimum(codes, unknown)], declared=outside
    )


def _declared_place(name: str, category: Mapping[str, int], outside: int) -> int:
    return category.get(name.casefold(), outside)


def _places(targets: DimensionTargets, dimension: Dimension) -> dict[str, int]:
    places: dict[str, int] = {}
    for number, category in enumerate(targets.categories):
        for value in category.values:
            spelled = alpha_2(value) if dimension.question is Question.COUNTRY else value
            places.setdefault(spelled.casefold(), number)
    return places


def _by_frequency(codes: Array, names: Sequence[str], dimension: Dimension) -> Column:
    """Name the categories that occur, the most frequent first; fixed ones stay in their order."""
    counts = np.bincount(codes, minlength=len(names) + 1)[: len(names)]
    order = np.lexsort((np.arange(len(names)), -counts))
    fixed = dimension.question in FIXED
    if fixed:
        order = np.arange(len(names))
    moved = np.empty(len(names) + 1, dtype=np.int64)
    moved[order] = np.arange(len(names))
    moved[len(names)] = len(names)
    labels = (*(names[place] for place in order), UNKNOWN)
    return Column(dimension=dimension, names=labels, codes=moved[codes], declared=len(names) if fixed else 0)


def _orientation(rows: pa.Table) -> Array:
    width, height = _sizes(rows)
    codes = np.where(width > height, 0, 1)
    codes[np.maximum(width, height) <= np.minimum(width, height) * _SQUARE_WITHIN] = 2
    codes[(width <= 0) | (height <= 0)] = len(ORIENTATIONS)
    return codes


def _resolution(rows: pa.Table) -> Array:
    longest = np.maximum(*_sizes(rows))
    codes = np.digitize(longest, RESOLUTION_STEPS)
    codes[longest <= 0] = len(RESOLUTIONS)
    return codes


def _people(rows: pa.Table) -> Array:
    faces = rows.column("people")
    codes = np.digitize(np.asarray(faces.fill_null(0), np.int64), PEOPLE_STEPS)
    codes[np.asarray(faces.is_null())] = len(PEOPLE)
    return codes


_FIXED_CODES = {
    Question.ORIENTATION: _orientation,
    Question.RESOLUTION: _resolution,
    Question.PEOPLE: _people,
}


def _sizes(rows: pa.Table) -> tuple[Array, Array]:
    width = np.asarray(rows.column("width").fill_null(0), np.int64)
    return width, np.asarray(rows.column("height").fill_null(0), np.int64)


def _years(rows: pa.Table, dimension: Dimension, targets: DimensionTargets | None) -> Column:
    years = rows.column("year")
    is_null = np.asarray(years.is_null())
    values = np.asarray(years.fill_null(0), np.int64)
    if targets is None:
        decades = np.where(is_null, 0, values // 10 * 10)
        known = np.unique(decades[~is_null])
        codes = np.searchsorted(known, decades)
        codes[is_null] = len(known)
        names = (*(f"{decade} to {decade + 9}" for decade in known.tolist()), UNKNOWN)
        return Column(dimension=dimension, names=names, codes=codes, declared=0)
    outside = len(targets.categories)
    codes = np.full(len(values), outside, dtype=np.int64)
    ranges = [(place, each.years) for place, each in enumerate(targets.categories) if each.years is not None]
    for number, years_of in ranges:
        is_after = years_of.first is None or values >= years_of.first
        is_before = years_of.last is None or values <= years_of.last
        codes[np.broadcast_to(np.logical_and(is_after, is_before), codes.shape)] = number
    codes[is_null] = outside + 1
    labels = (*(each.name for each in targets.categories), OTHER, UNKNOWN)
    return Column(dimension=dimension, names=labels, codes=codes, declared=outside)


def _attribute(rows: pa.Table, name: str) -> tuple[Array, tuple[str, ...]]:
    """Return what model releases declare of each picture; where they declare several values, that."""
    column = rows.column("attributes").combine_chunks()
    owners = np.asarray(pc.list_parent_indices(column), np.int64)
    flat = pc.list_flatten(column)
    wanted = np.asarray(pc.fill_null(pc.equal(pc.struct_field(flat, "name"), name), fill_value=False))
    values, names = _stated(pa.chunked_array([pc.struct_field(flat, "value")]), Question.ATTRIBUTE)
    owners, values = owners[wanted], values[wanted]
    stated = values < len(names)
    owners, values = owners[stated], values[stated]
    labels = names if SEVERAL in names else (*names, SEVERAL)
    codes = np.full(len(rows), len(labels), dtype=np.int64)
    codes[owners] = values
    # A second value that is not the one written last differs from it.
    differs = codes[owners] != values
    codes[owners[differs]] = labels.index(SEVERAL)
    return codes, labels


@dataclass(frozen=True, slots=True, kw_only=True)
class Keywords:
    """Which picture has which keyword, each pair once."""

    pictures: int
    owners: Array
    """Row numbers of pictures."""
    words: Array
    """Places in `names`."""
    names: tuple[str, ...]


def keywords_of(rows: pa.Table) -> Keywords:
    """Return the keywords of all pictures, in lower case."""
    column = rows.column("keywords").combine_chunks()
    owners = np.asarray(pc.list_parent_indices(column), np.int64)
    coded = pc.list_flatten(column).dictionary_encode()
    spelled = [(word or "").strip().casefold() for word in coded.dictionary.to_pylist()]
    names = tuple(sorted({word for word in spelled if word}))
    place = {word: number for number, word in enumerate(names)}
    moved = np.array([place.get(word, len(names)) for word in spelled] or [0], dtype=np.int64)
    words = moved[np.asarray(coded.indices.fill_null(0))]
    stated = (words < len(names)) & ~np.asarray(coded.indices.is_null())
    width = len(names) + 1
    pairs = distinct(owners[stated] * width + words[stated])
    return Keywords(pictures=len(rows), owners=pairs // width, words=pairs % width, names=names)


def keyword_column(keywords: Keywords, targets: DimensionTargets) -> Column:
    """Put each picture into the first declared group that one of its keywords is in."""
    place = _places(targets, targets.dimension)
    outside = len(targets.categories)
    moved = np.array([*(place.get(name, outside) for name in keywords.names), outside], dtype=np.int64)
    groups = moved[keywords.words]
    codes = np.full(keywords.pictures, outside + 1, dtype=np.int64)
    # Unknown is the largest number, `other` the next: the least one stays.
    np.minimum.at(codes, keywords.owners, groups)
    named = groups < outside
    fits = distinct(keywords.owners[named] * (outside + 1) + groups[named]) // (outside + 1)
    return Column(
        dimension=targets.dimension,
        names=(*(group.name for group in targets.categories), OTHER, UNKNOWN),
        codes=codes,
        declared=outside,
        in_several=int((np.unique(fits, return_counts=True)[1] > 1).sum()),
    )
