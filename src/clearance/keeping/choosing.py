"""Which records an erasure takes: by item, address, host, source, licence, project or subject keyword.

With a record go all others of the same picture: those that it replaced and those that replaced it speak of
the same address, and may speak of the same bytes.

Source: C5.4, C3.4.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from clearance.errors import BadInput, printable
from clearance.governing import SubjectIndex, parse_subject
from clearance.identifiers import ItemId, Malformed, parse_url
from clearance.register import ItemFilter, ItemStore

COLUMNS = (
    "item_id",
    "batch",
    "position",
    "source",
    "project",
    "licence",
    "decision",
    "shard",
    "shard_entry",
    "url",
    "host",
    "sha256",
)
"""What an erasure needs to know of each record."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What is to be erased; all that is stated must hold together, and something must be stated."""

    items: tuple[ItemId, ...] = ()
    url: str = ""
    host: str = ""
    source: str = ""
    licence: str = ""
    project: str = ""
    keyword: str = ""
    """A word, or several, of the caption or the subject."""

    @property
    def is_whole_source(self) -> bool:
        """Tell whether everything from one source is meant, so that its keys go too."""
        return bool(self.source) and not any(
            (self.items, self.url, self.host, self.licence, self.project, self.keyword)
        )


def choose(store: ItemStore, selection: Selection) -> pa.Table:
    """Return what an erasure needs to know of each record that is meant, in the columns `COLUMNS`.

    Raises:
        BadInput: nothing is stated, which would mean everything; the URL is none; or an item is not there.
    """
    if selection == Selection():
        raise BadInput("state what is to be erased: an item, URL, host, source, licence, project or keyword")
    if selection.keyword and not any(char.isalnum() for char in selection.keyword):
        raise BadInput(f"--keyword {printable(selection.keyword)!r}: holds no word")
    meant = _meant(store, selection)
    if selection.url and not meant.num_rows:
        meant = _served(store, selection)
    return _with_others_of_the_same_picture(store, meant)


def no_items() -> pa.Table:
    """Return a choice of nothing: for what is erased beside items."""
    return _joined([])


def choose_items(store: ItemStore, items: pa.Array) -> pa.Table:
    """Return what an erasure needs to know of the named records and of all others of the same pictures."""
    return _with_others_of_the_same_picture(store, store.rows(COLUMNS, key="item_id", values=items))


def _meant(store: ItemStore, selection: Selection) -> pa.Table:
    chosen = ItemFilter(
        url=address_of(selection.url),
        host=selection.host,
        source=selection.source,
        licence=selection.licence,
        project=selection.project,
        include_superseded=True,
    )
    columns = [*COLUMNS, "record"] if selection.keyword else [*COLUMNS]
    if selection.items:
        named = store.rows(columns, key="item_id", values=pa.array(selection.items, pa.string()))
        missing = set(selection.items) - set(named.column("item_id").to_pylist())
        if missing:
            raise BadInput(f"no item {printable(min(missing))!r}; `clearance items list` shows them")
        batches: Iterable[pa.RecordBatch] = named.filter(_holds(named, chosen)).to_batches()
    else:
        batches = store.scan(columns, chosen)
    return _joined([_speaking(rows, selection.keyword) for rows in batches])


def _served(store: ItemStore, selection: Selection) -> pa.Table:
    """Return the records whose bytes came from an address after a redirect."""
    address = address_of(selection.url)
    found = []
    for rows in store.scan([*COLUMNS, "record"], ItemFilter(include_superseded=True)):
        mask = [served_from(record) == address for record in rows.column("record").to_pylist()]
        found.append(rows.filter(pa.array(mask, pa.bool_())).select(list(COLUMNS)))
    chosen = _joined(found)
    others = ItemFilter(
        host=selection.host, source=selection.source, licence=selection.licence, project=selection.project
    )
    return chosen.filter(_holds(chosen, others))


def served_from(record: bytes) -> str:
    """Return the address that answered for a record, or nothing where none did."""
    return str(json.loads(record).get("response", {}).get("url", ""))


def _speaking(rows: pa.RecordBatch, keyword: str) -> pa.RecordBatch:
    """Leave the rows whose caption or subject has the keyword; all of them where there is none."""
    if not keyword:
        return rows
    # A comma would part several keywords; here it is one of the signs between words.
    named = SubjectIndex([parse_subject(f"keyword=1:{keyword.replace(',', ' ')}")])
    mask = [_speaks_of(record, named) for record in rows.column("record").to_pylist()]
    return rows.filter(pa.array(mask, pa.bool_())).select(list(COLUMNS))


def _holds(rows: pa.Table, chosen: ItemFilter) -> pa.Array:
    """Tell of each row whether it has the stated properties; items were named beside them."""
    mask = pa.array([True] * rows.num_rows, pa.bool_())
    for name in ("url", "host", "source", "licence", "project"):
        if getattr(chosen, name):
            mask = pc.and_(mask, pc.equal(rows.column(name), getattr(chosen, name)))
    return mask


def _with_others_of_the_same_picture(store: ItemStore, meant: pa.Table) -> pa.Table:
    """Add the records of the same address in the same project."""
    urls = pc.unique(meant.column("url"))
    others = store.rows(COLUMNS, key="url", values=urls)
    wanted = pc.unique(_picture(meant))
    return others.filter(pc.is_in(_picture(others), value_set=wanted))


def _picture(rows: pa.Table) -> pa.Array:
    """Name a row's picture: its project and its address."""
    return pc.binary_join_element_wise(rows.column("project"), rows.column("url"), "\n").combine_chunks()


def _joined(batches: Sequence[pa.RecordBatch]) -> pa.Table:
    if not batches:
        return pa.table({name: pa.array([], _TYPES.get(name, pa.string())) for name in COLUMNS})
    return pa.Table.from_batches(batches)


_TYPES = {"position": pa.int32(), "shard_entry": pa.int32()}


def address_of(url: str) -> str:
    """Return an address as records hold it."""
    if not url:
        return ""
    parsed = parse_url(url)
    # What is no address stands in the record as it stood in the table.
    return url[:2048] if isinstance(parsed, Malformed) else parsed.text


def _speaks_of(record: bytes, subjects: SubjectIndex) -> bool:
    read = json.loads(record)
    return bool(subjects.named_in(f"{read['row']['caption']}\n{read.get('subject', '')}"))
