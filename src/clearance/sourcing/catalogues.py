"""How many pictures a source has: stated by a person, or counted in the site's own sitemap (C3.6)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select

from clearance.database import Database
from clearance.errors import BadInput
from clearance.sourcing.tables import catalogues

_MOST = 2_000_000_000
"""No archive has more, and the database takes no larger number."""
_MAX_HOW_CHARS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """The size of a source's catalogue, and how it is known."""

    source: str
    pictures: int
    how: str
    stated_at: datetime


class CatalogueStore:
    """The catalogues of one workspace, the newest statement of each source."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def state(self, catalogue: Catalogue) -> None:
        """Record how large a source's catalogue is, in place of what was stated before.

        Raises:
            BadInput: the number cannot be, or nobody says how it is known.
        """
        if not 0 <= catalogue.pictures <= _MOST:
            raise BadInput(f"--pictures {catalogue.pictures}: from 0 to {_MOST}")
        if not catalogue.how.strip():
            raise BadInput("--how is empty: where is the size of the catalogue known from? (C3.6)")
        if len(catalogue.how) > _MAX_HOW_CHARS or not catalogue.how.isprintable():
            raise BadInput(f"--how: one line of at most {_MAX_HOW_CHARS} characters that can be printed")
        with self._database.begin() as connection:
            connection.execute(delete(catalogues).where(catalogues.c.source == catalogue.source))
            connection.execute(
                insert(catalogues).values(
                    source=catalogue.source,
                    pictures=catalogue.pictures,
                    how=catalogue.how,
                    stated_at=catalogue.stated_at,
                )
            )

    def all(self) -> Mapping[str, Catalogue]:
        """Return what is stated, by source."""
        with self._database.begin() as connection:
            return {
                row["source"]: Catalogue(
                    source=row["source"], pictures=row["pictures"], how=row["how"], stated_at=row["stated_at"]
                )
                for row in connection.execute(select(catalogues)).mappings()
            }
