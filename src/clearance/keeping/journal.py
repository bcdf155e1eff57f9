"""Erasures under way and done, as the control database knows them: what a crash leaves is gone on with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import RowMapping, insert, select, update

from clearance.database import Database
from clearance.identifiers import ErasureId
from clearance.keeping.tables import erasures


class ErasureReason(StrEnum):
    """Why something is erased."""

    REQUEST = "request"
    """A rights holder, or a person pictured, asked."""
    MISTAKE = "mistake"
    """It should not have been collected."""
    LICENCE_END = "licence-end"
    PROJECT_END = "project-end"
    KEPT_TOO_LONG = "kept-too-long"
    HELD_TOO_LONG = "held-too-long"
    REFUSED_TOO_LONG = "refused-too-long"
    NOT_NEEDED = "not-needed"
    """Training does not need it."""
    SPENT = "spent"
    """Files and ledgers past their clock, which belong to no item."""
    LOST = "lost"
    """No erasure: a backup was restored that did not have it."""

    @property
    def is_given_by_hand(self) -> bool:
        """Tell whether a person may give it as the reason of an erasure: clocks speak for themselves."""
        return self.is_for_good

    @property
    def is_for_good(self) -> bool:
        """Tell whether it must not be collected again."""
        return self in (ErasureReason.REQUEST, ErasureReason.MISTAKE, ErasureReason.NOT_NEEDED)


class ErasureState(StrEnum):
    """An erasure that was begun is always brought to its end."""

    ERASING = "erasing"
    DONE = "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """One erasure."""

    id: ErasureId
    state: ErasureState
    reason: ErasureReason
    counts: Mapping[str, Any]
    """Items, pictures, bytes, and what became of them; numbers and names of sources and projects only."""
    sources: tuple[str, ...]
    """Sources whose keys are destroyed with it."""
    asked_by: str
    recorded_by: str
    """The person of the workspace who did it."""
    begun_at: datetime
    done_at: datetime | None
    log_index: int | None


class ErasureJournal:
    """The erasures of one workspace."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, erasure: Erasure) -> None:
        """Note that an erasure has begun: from here on it is brought to its end, whatever happens."""
        with self._database.begin() as connection:
            connection.execute(
                insert(erasures).values(
                    id=erasure.id,
                    state=erasure.state.value,
                    reason=erasure.reason.value,
                    counts=dict(erasure.counts),
                    keys=list(erasure.sources),
                    asked_by=erasure.asked_by,
                    recorded_by=erasure.recorded_by,
                    begun_at=erasure.begun_at,
                )
            )

    def note(self, erasure: ErasureId, counts: Mapping[str, Any]) -> None:
        """Note what became of an erasure so far."""
        with self._database.begin() as connection:
            connection.execute(update(erasures).where(erasures.c.id == erasure).values(counts=dict(counts)))

    def end(self, erasure: ErasureId, *, log_index: int, now: datetime) -> None:
        """Note that an erasure is done."""
        with self._database.begin() as connection:
            connection.execute(
                update(erasures)
                .where(erasures.c.id == erasure)
                .values(state=ErasureState.DONE.value, log_index=log_index, done_at=now)
            )

    def list(self, *, state: ErasureState | None = None) -> Sequence[Erasure]:
        """Return erasures, oldest first."""
        query = select(erasures).order_by(erasures.c.begun_at, erasures.c.id)
        if state is not None:
            query = query.where(erasures.c.state == state.value)
        with self._database.begin() as connection:
            return tuple(_erasure(row) for row in connection.execute(query).mappings())


def _erasure(row: RowMapping) -> Erasure:
    return Erasure(
        id=ErasureId(row["id"]),
        state=ErasureState(row["state"]),
        reason=ErasureReason(row["reason"]),
        counts=row["counts"],
        sources=tuple(row["keys"]),
        asked_by=row["asked_by"],
        recorded_by=row["recorded_by"],
        begun_at=row["begun_at"],
        done_at=row["done_at"],
        log_index=row["log_index"],
    )
