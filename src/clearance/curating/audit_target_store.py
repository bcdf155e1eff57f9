"""The targets that projects stated, as they stated them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select

from clearance.curating.tables import audit_targets
from clearance.database import Database
from clearance.identifiers import Sha256, sha256_of


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedTargets:
    """The file of a project's targets, and who stated it when."""

    project: str
    content: bytes
    sha256: Sha256
    stated_by: str
    stated_at: datetime


class TargetStore:
    """The targets of one workspace; a project has one statement, the last one."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def state(self, project: str, content: bytes, *, by: str, at: datetime) -> StatedTargets:
        """Keep what a project states, in place of what it stated before."""
        stated = StatedTargets(
            project=project, content=content, sha256=sha256_of(content), stated_by=by, stated_at=at
        )
        with self._database.begin() as connection:
            connection.execute(delete(audit_targets).where(audit_targets.c.project == project))
            connection.execute(
                insert(audit_targets).values(
                    project=project,
                    content=content,
                    sha256=stated.sha256,
                    stated_by=by,
                    stated_at=at,
                )
            )
        return stated

    def of(self, project: str) -> StatedTargets | None:
        """Return what a project states, or nothing."""
        query = select(audit_targets).where(audit_targets.c.project == project)
        with self._database.begin() as connection:
            row = connection.execute(query).mappings().first()
        if row is None:
            return None
        return StatedTargets(
            project=row["project"],
            content=row["content"],
            sha256=Sha256(row["sha256"]),
            stated_by=row["stated_by"],
            stated_at=row["stated_at"],
        )
