"""Reads: who read which records or pictures, when, and why they said so (C5.1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, insert, select

from clearance.database import Database
from clearance.governing.tables import reads

MAX_WHY_CHARS = 500
"""A sentence or two; more is a document and belongs elsewhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """One read of records or pictures."""

    at: datetime
    who: str
    lent_by: str
    """Who issued the token that was used, if it was not the reader; else empty."""
    what: str
    """The command, in the words of the command line."""
    query: Mapping[str, str]
    """What was asked for."""
    items: int
    """How many records or pictures were handed over."""
    why: str
    """The reason that the reader gave; empty where none was asked for."""


class ReadStore:
    """The reads of one workspace; written without the workspace's lock, also while it collects."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, read: Read) -> None:
        """Record a read."""
        with self._database.begin() as connection:
            connection.execute(
                insert(reads).values(
                    at=read.at,
                    who=read.who,
                    lent_by=read.lent_by,
                    what=read.what,
                    query=dict(read.query),
                    items=read.items,
                    why=read.why,
                )
            )

    def before(self, moment: datetime) -> int:
        """Count reads before a moment."""
        query = select(func.count()).select_from(reads).where(reads.c.at < moment)
        with self._database.begin() as connection:
            return int(connection.execute(query).scalar_one())

    def forget(self, *, before: datetime) -> None:
        """Delete reads before a moment: the list has its clock, too (C3.2)."""
        with self._database.begin() as connection:
            connection.execute(delete(reads).where(reads.c.at < before))

    def list(
        self, *, who: str = "", since: datetime | None = None, limit: int | None = None
    ) -> tuple[Read, ...]:
        """Return reads, newest first."""
        query = select(reads).order_by(reads.c.at.desc(), reads.c.id.desc())
        if who:
            query = query.where(reads.c.who == who)
        if since is not None:
            query = query.where(reads.c.at >= since)
        with self._database.begin() as connection:
            return tuple(
                Read(
                    at=row["at"],
                    who=row["who"],
                    lent_by=row["lent_by"],
                    what=row["what"],
                    query=row["query"],
                    items=row["items"],
                    why=row["why"],
                )
                for row in connection.execute(query.limit(limit)).mappings()
            )
