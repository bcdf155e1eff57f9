"""The signed risk analyses of one workspace; each stays as it was signed."""

from __future__ import annotations

from datetime import date

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
                        "target": covers.target,
                        "subjects": dict(covers.subjects),
                        "ends": covers.ends.isoformat() if covers.ends else None,
                        "sources": dict(covers.sources),
                    },
                    signed_by=signed.signed_by,
                    recorded_by=signed.recorded_by,
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
            purpose=row["covers"]["purpose"],
            use=row["covers"]["use"],
            target=row["covers"]["target"],
            subjects=row["covers"]["subjects"],
            ends=date.fromisoformat(row["covers"]["ends"]) if row["covers"]["ends"] else None,
            sources=row["covers"]["sources"],
        ),
        signed_by=row["signed_by"],
        recorded_by=row["recorded_by"],
        signed_at=row["signed_at"],
    )
