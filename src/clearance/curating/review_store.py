"""The reviews of one workspace; nothing in them is changed, only erased with its item."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pyarrow as pa
from sqlalchemy import RowMapping, delete, func, insert, select

from clearance.curating.reviews import Finding, Review, ReviewReason, ReviewVerdict, checked_review
from clearance.curating.tables import reviews
from clearance.database import Database
from clearance.identifiers import ItemId, Sha256

_AT_ONCE = 500


class ReviewStore:
    """What people said of findings in pictures."""

    def __init__(self, database: Database) -> None:
        self._database = database

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
        """Erase the reviews of items; returns how many there were."""
        gone = 0
        known = items.to_pylist()
        with self._database.begin() as connection:
            for start in range(0, len(known), _AT_ONCE):
                of = reviews.c.item.in_(known[start : start + _AT_ONCE])
                gone += connection.execute(select(func.count()).select_from(reviews).where(of)).scalar_one()
                connection.execute(delete(reviews).where(of))
        return {"reviews": gone}


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
    )
