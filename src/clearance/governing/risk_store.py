"""The signed risk analyses of one workspace; each stays as it was signed."""

from __future__ import annotations

from sqlalchemy import RowMapping, insert, select

from clearance.database import Database
from clearance.governing.risk_standing import Covers, SignedAnalysis
from clearance.governing.tables import risk_analyses


class RiskStore:
    """The signed analyses of one workspace; the latest of a project holds, the others stay on record."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, signed: SignedAnalysis) -> None:
        """Keep an analysis that was signed."""
        covers = signed.covers
        with self._database.begin() as connection:
            connection.execute(
                insert(risk_analyses).values(
                    project=signed.project,
                    content=signed.content,
                    nonce=signed.nonce,
                    covers={
                        "purpose": covers.purpose,
                        "use": covers.use,
                        "sources": dict(covers.sources),
                    },
                    signed_by=signed.signed_by,
                    signed_at=signed.signed_at,
                )
            )

    def latest(self, project: str) -> SignedAnalysis | None:
        """Return the analysis that was signed last for a project, or nothing."""
        query = (
            select(risk_analyses)
            .where(risk_analyses.c.project == project)
            .order_by(risk_analyses.c.id.desc())
            .limit(1)
        )
        with self._database.begin() as connection:
            row = connection.execute(query).mappings().first()
        return None if row is None else _signed(row)


def _signed(row: RowMapping) -> SignedAnalysis:
    return SignedAnalysis(
        project=row["project"],
        content=row["content"],
        nonce=row["nonce"],
        covers=Covers(
            purpose=row["covers"]["purpose"], use=row["covers"]["use"], sources=row["covers"]["sources"]
        ),
        signed_by=row["signed_by"],
        signed_at=row["signed_at"],
    )
