"""The table that an audit reads, gathered from the stores: one row an item, nothing but columns.

Source: C4.2.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Set
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from clearance.curating.audit.columns import ATTRIBUTES, ROWS
from clearance.curating.audit.measures import Array
from clearance.curating.examined import ExaminedStore
from clearance.errors import RegisterDamaged
from clearance.identifiers import ItemId
from clearance.register import ItemFilter, ItemStore

_COLUMNS = ("item_id", "source", "host", "licence", "basis", "record")
_EXAMINED = ("item_id", "failure", "creator", "country", "taken", "keywords", "candidates")
_MARK = b'"kept":{"bytes":'
_KEPT = re.compile(
    rb'"kept":\{"bytes":[0-9]{1,12},"format":"[A-Z]{1,8}","height":([0-9]{1,6}),'
    rb'"sha256":"[0-9a-f]{64}","width":([0-9]{1,6})\}'
)
"""Where a canonical record has the size of the kept picture: its names are sorted, and a text that looks like
it would have its quotes escaped. Reading a million records as JSON takes ten times as long."""

Attributes = Mapping[ItemId, list[tuple[str, str]]]
"""What model releases declare of those in each picture: names and values."""


def audit_rows(
    items: ItemStore,
    chosen: ItemFilter,
    *,
    examined: ExaminedStore,
    clusters: Mapping[ItemId, ItemId],
    compared: Set[ItemId],
    attributes: Attributes,
    only: pa.Array | None = None,
) -> pa.Table:
    """Return the rows of the chosen items.

    Args:
        items: the records.
        chosen: which of them are meant.
        examined: what was found in the pictures; of those that nobody looked at, that is unknown.
        clusters: items that have copies, with their cluster.
        compared: items whose copies were looked for.
        attributes: what model releases declare, by item.
        only: the ids of the items that are meant, where the filter alone does not say it.

    Raises:
        RegisterDamaged: a record says nothing of the size of its picture.
    """
    with ThreadPoolExecutor(max_workers=1) as beside:
        # Lance reads outside of Python's lock, and sizes are found inside of it.
        examinations = beside.submit(examined.columns, _EXAMINED)
        batches = [_sized(batch, only) for batch in items.scan(_COLUMNS, chosen)]
    if not batches:
        return ROWS.empty_table()
    rows = pa.Table.from_batches(batches).combine_chunks()
    ids = rows.column("item_id").combine_chunks()
    columns = {name: rows.column(name) for name in rows.column_names}
    columns["cluster"] = _clusters(ids, clusters)
    columns["is_compared"] = pc.is_in(ids, value_set=pa.array(list(compared), pa.string()))
    columns.update(_found(ids, examinations.result().combine_chunks()))
    columns["attributes"] = _declared(ids, attributes)
    # A public-domain picture has no licence; its basis is what it is used by.
    columns["licence"] = pc.if_else(
        pc.equal(rows.column("licence"), ""), rows.column("basis"), rows.column("licence")
    )
    return pa.table({name: columns[name] for name in ROWS.names}).cast(ROWS)


def _sized(batch: pa.RecordBatch, only: pa.Array | None) -> pa.RecordBatch:
    """Replace the records of a batch by the sizes that they state."""
    if only is not None:
        batch = batch.filter(pc.is_in(batch.column("item_id"), value_set=only))
    columns = {name: batch.column(name) for name in _COLUMNS if name != "record"}
    sizes = _sizes(batch.column("record"))
    if len(sizes) < batch.num_rows:
        raise RegisterDamaged(f"item {batch.column('item_id')[len(sizes)]}: its record states no size")
    columns["height"], columns["width"] = pa.array(sizes[:, 0]), pa.array(sizes[:, 1])
    return pa.RecordBatch.from_pydict(columns)


def _sizes(records: pa.BinaryArray) -> Array:
    """Return height and width that each record states of its kept picture, a row a record, up to the first
    that states none.

    All records lie in one piece of memory, which is searched as it is: taking each out first doubles the
    time.
    """
    _, offsets, data = records.buffers()
    ends = np.frombuffer(offsets, np.int32)[records.offset : records.offset + len(records) + 1].tolist()
    content = b"" if data is None else data.to_pybytes()
    sizes: list[bytes] = []
    for start, end in pairwise(ends):
        place = content.find(_MARK, start, end)
        found = _KEPT.match(content, place, end) if place >= 0 else None
        if found is None:
            break
        sizes += found.groups()
    return np.array(sizes, "S6").astype(np.int32).reshape(-1, 2)


def _clusters(ids: pa.Array, clusters: Mapping[ItemId, ItemId]) -> pa.Array:
    if not clusters:
        return ids
    place = pc.index_in(ids, value_set=pa.array(list(clusters), pa.string()))
    return pc.coalesce(pa.array(list(clusters.values()), pa.string()).take(place), ids)


def _found(ids: pa.Array, table: pa.Table) -> dict[str, pa.Array]:
    """Return what was found in each picture; what was found last counts."""
    last_first = table.column("item_id").combine_chunks().take(pa.array(np.arange(len(table) - 1, -1, -1)))
    place = pc.subtract(len(table) - 1, pc.index_in(ids, value_set=last_first))
    found = {name: table.column(name).combine_chunks().take(place) for name in _EXAMINED[1:]}
    has_looked = pc.fill_null(pc.equal(found["failure"], ""), False)  # noqa: FBT003 - pyarrow's own signature
    return {
        "creator": pc.fill_null(found["creator"], ""),
        "country": pc.fill_null(found["country"], ""),
        "year": _years(found["taken"]),
        "keywords": _listed(found["keywords"]),
        "people": pc.if_else(has_looked, found["candidates"], None),
    }


def _years(taken: pa.Array) -> pa.Array:
    """Return the year of each time; there are few different ones, and only those are read."""
    times = taken.dictionary_encode()
    has_year = pc.fill_null(pc.match_substring_regex(times.dictionary, r"^(1[89]|20)[0-9]{2}"), False)  # noqa: FBT003 - as above
    years = pc.if_else(has_year, pc.utf8_slice_codeunits(times.dictionary, 0, 4), None)
    return years.cast(pa.int32()).take(times.indices)


def _listed(keywords: pa.Array) -> pa.Array:
    """Turn lists that are missing into empty ones."""
    return pc.if_else(keywords.is_null(), pa.scalar([], keywords.type), keywords)


def _declared(ids: pa.Array, attributes: Attributes) -> pa.Array:
    if not attributes:
        return pa.array([[]], ATTRIBUTES).take(pa.array(np.zeros(len(ids), np.int32)))
    return pa.array(
        [
            [{"name": name, "value": value} for name, value in attributes.get(item, ())]
            for item in ids.to_pylist()
        ],
        ATTRIBUTES,
    )
