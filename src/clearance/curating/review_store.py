"""The reviews of one workspace; nothing that was said is changed, only erased with the last record of its
bytes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import Connection, RowMapping, delete, insert, select, update

from clearance.collecting import stored_sha256
from clearance.curating.examined import ExaminedStore
from clearance.curating.reviews import Finding, Review, ReviewReason, ReviewVerdict, checked_review
from clearance.curating.tables import reviews
from clearance.database import Database
from clearance.identifiers import ItemId, Sha256
from clearance.register import ItemStore

_AT_ONCE = 500


class ReviewStore:
    """What people said of findings in pictures."""

    def __init__(self, database: Database, items: ItemStore, examined: ExaminedStore) -> None:
        self._database = database
        self._items = items
        self._examined = examined

    def add(self, review: Review) -> None:
        """Keep a review.

        Raises:
            BadInput: it does not hold together; the message says what is missing.
        """
        kept = checked_review(review)
        with self._database.begin() as connection:
            connection.execute(
                insert(reviews).values(
                    item=kept.item,
                    finding=kept.finding.value,
                    verdict=kept.verdict.value,
                    reason=kept.reason.value,
                    note=kept.note.strip(),
                    picture_sha256=kept.picture_sha256,
                    subject_sha256=kept.subject_sha256,
                    reviewed_by=kept.by,
                    reviewed_at=kept.at,
                )
            )

    def of(self, pictures: Sequence[str]) -> Mapping[str, tuple[Review, ...]]:
        """Return the reviews of pictures by the hash of their bytes, oldest first; those without one are
        missing. A new record of the same bytes needs no new look.
        """
        found: dict[str, tuple[Review, ...]] = {}
        with self._database.begin() as connection:
            for start in range(0, len(pictures), _AT_ONCE):
                query = (
                    select(reviews)
                    .where(reviews.c.picture_sha256.in_(pictures[start : start + _AT_ONCE]))
                    .order_by(reviews.c.id)
                )
                for row in connection.execute(query).mappings():
                    review = _review(row)
                    picture = review.picture_sha256
                    found[picture] = (*found.get(picture, ()), review)
        return found

    def forget(self, items: pa.Array) -> Mapping[str, int]:
        """Erase the reviews of items; returns how many there were.

        Those of bytes that another record has, too, go on speaking of that one.
        """
        gone = 0
        with self._database.begin() as connection:
            said = self._said_of(connection, items.to_pylist())
            others = self._others(said, items) if said else {}
            for review, _, picture in said:
                row = reviews.c.id == review
                if picture in others:
                    connection.execute(update(reviews).where(row).values(item=others[picture]))
                else:
                    connection.execute(delete(reviews).where(row))
                    gone += 1
        return {"reviews": gone}

    def _said_of(self, connection: Connection, items: list[str]) -> list[tuple[int, str, str]]:
        """Return the reviews of items: number, item and hash of the bytes in the vault."""
        said: list[tuple[int, str, str]] = []
        for start in range(0, len(items), _AT_ONCE):
            columns = (reviews.c.id, reviews.c.item, reviews.c.picture_sha256)
            query = select(*columns).where(reviews.c.item.in_(items[start : start + _AT_ONCE]))
            said += [(review, item, picture) for review, item, picture in connection.execute(query)]
        return said

    def _others(self, said: Sequence[tuple[int, str, str]], items: pa.Array) -> dict[str, str]:
        """Return a record that stays for bytes that were reviewed, where there is one: received alike, or
        examined with the same outcome of keeping.
        """
        reviewed = pa.array(sorted({item for _, item, _ in said}), pa.string())
        hashes = pc.unique(self._items.rows(["sha256"], key="item_id", values=reviewed).column("sha256"))
        alike = self._items.rows(["item_id", "record", "shard"], key="sha256", values=hashes)
        stays = alike.filter(pc.invert(pc.is_in(alike.column("item_id"), value_set=items)))
        found = {
            stored_sha256(json.loads(row["record"])): row["item_id"]
            for row in stays.to_pylist()
            if row["shard"]
        }
        rows = self._examined.columns(["item_id", "content_sha256"])
        pictures = pa.array(sorted({picture for _, _, picture in said}), pa.string())
        chosen = pc.and_(
            pc.is_in(rows.column("content_sha256"), value_set=pictures),
            pc.invert(pc.is_in(rows.column("item_id"), value_set=items)),
        )
        kept_alike = {row["content_sha256"]: row["item_id"] for row in rows.filter(chosen).to_pylist()}
        return {**kept_alike, **found}


def _review(row: RowMapping) -> Review:
    return Review(
        item=ItemId(row["item"]),
        finding=Finding(row["finding"]),
        verdict=ReviewVerdict(row["verdict"]),
        reason=ReviewReason(row["reason"]),
        note=row["note"],
        by=row["reviewed_by"],
        at=row["reviewed_at"],
        picture_sha256=Sha256(row["picture_sha256"]),
        subject_sha256=Sha256(row["subject_sha256"]),
    )
