"""Traces that items leave in what collecting writes down: when they were asked about, and what their hosts
said.

What a host said is evidence for every picture of it; it goes when no record is left that cites it.

Source: C3.4, C5.4.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import delete

from clearance.collecting.tables import host_evidence, host_files, rechecks
from clearance.database import Database
from clearance.parts import in_parts
from clearance.register import ItemFilter, ItemStore

_CITED = r'"host_files":\[(?P<files>[^\]]*)\]'
"""In a canonical record: no blanks, and a quotation mark inside a text has a backslash before it."""
_HASH = re.compile(r"[0-9a-f]{64}")
_AT_ONCE = 500


class CollectingTraces:
    """Removes what collecting wrote down about items; their records must still be there."""

    def __init__(self, items: ItemStore, database: Database) -> None:
        self._items = items
        self._database = database

    def forget(self, items: pa.Array) -> Mapping[str, int]:
        """Remove re-checks of items, and host files that only they cite; returns counts."""
        uncited = self._cited_by_these_alone(items)
        with self._database.begin() as connection:
            for part in in_parts(items.to_pylist(), _AT_ONCE):
                connection.execute(delete(rechecks).where(rechecks.c.item.in_(part)))
            for part in in_parts(sorted(uncited), _AT_ONCE):
                connection.execute(delete(host_evidence).where(host_evidence.c.sha256.in_(part)))
                connection.execute(delete(host_files).where(host_files.c.content_sha256.in_(part)))
        return {"host_files": len(uncited)}

    def _cited_by_these_alone(self, items: pa.Array) -> set[str]:
        theirs = self._items.rows(["record", "host"], key="item_id", values=items)
        uncited = _cited(theirs.column("record"))
        # The hosts themselves first: what others of their pictures cite is usually everything.
        for host in pc.unique(theirs.column("host")).to_pylist():
            self._strike(uncited, items, ItemFilter(host=host, include_superseded=True))
        self._strike(uncited, items, ItemFilter(include_superseded=True))
        return uncited

    def _strike(self, uncited: set[str], items: pa.Array, chosen: ItemFilter) -> None:
        """Take out of `uncited` what records that stay cite."""
        if not uncited:
            return
        for rows in self._items.scan(["item_id", "record"], chosen):
            stays = rows.filter(pc.invert(pc.is_in(rows.column("item_id"), value_set=items)))
            uncited -= _cited(stays.column("record"))
            if not uncited:
                return


def _cited(records: pa.Array | pa.ChunkedArray) -> set[str]:
    if not len(records):
        return set()
    lists = pc.struct_field(pc.extract_regex(pc.cast(records, pa.string()), _CITED), "files")
    return {sha256 for text in pc.unique(lists).to_pylist() if text for sha256 in _HASH.findall(text)}
