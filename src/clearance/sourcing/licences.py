"""Licences: what a licensor grants by contract, for which pictures, for which uses, how long (C1.1, C1.3,
C3.2).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import RowMapping, func, insert, select, update

from clearance.database import Database
from clearance.errors import BadInput, printable
from clearance.sourcing.signals.patterns import PathPattern
from clearance.sourcing.tables import licences


class Grant(StrEnum):
    """What a licence may grant."""

    TRAIN = "train"
    DISPLAY = "display"
    DISTRIBUTE = "distribute"
    SELL = "sell"


@dataclass(frozen=True, slots=True, kw_only=True)
class Licence:
    """One grant; both days are included, an open end is open."""

    id: str
    licensor: str
    sources: tuple[str, ...]
    paths: tuple[str, ...]
    """URL path patterns as in robots.txt; empty means all."""
    grants: frozenset[Grant]
    valid_from: date
    valid_until: date | None
    conditions: str
    reference: str

    def covers(self, source: str, target: str) -> bool:
        """Tell whether it speaks of a picture: a source, and a URL's path and query."""
        if source not in self.sources:
            return False
        return not self.paths or any(PathPattern(path).matches(target) for path in self.paths)

    def is_valid_on(self, day: date) -> bool:
        """Tell whether it runs on a day."""
        return self.valid_from <= day and (self.valid_until is None or day <= self.valid_until)


class LicenceIndex:
    """Finds the licences that cover a picture."""

    def __init__(self, known: Iterable[Licence]) -> None:
        self._of: dict[str, tuple[Licence, ...]] = {}
        for licence in known:
            for source in licence.sources:
                self._of[source] = (*self._of.get(source, ()), licence)

    def covering(self, source: str, target: str) -> tuple[Licence, ...]:
        """Return all licences that speak of a picture, valid or not: the gate weighs their dates."""
        known = self._of.get(source)
        return () if known is None else tuple(licence for licence in known if licence.covers(source, target))


class LicenceStore:
    """The licences of one workspace."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(
        self,
        *,
        licensor: str,
        sources: tuple[str, ...],
        paths: tuple[str, ...],
        grants: frozenset[Grant],
        valid_from: date,
        valid_until: date | None,
        conditions: str,
        reference: str,
        now: datetime,
    ) -> Licence:
        """Record a licence under the next number.

        Raises:
            BadInput: a value is missing, or the dates run backwards.
        """
        for name, value in (("--licensor", licensor), ("--reference", reference)):
            if not value.strip():
                raise BadInput(f"{name} is empty")
        if not grants:
            raise BadInput(
                "--uses is empty: a licence grants at least one of train, display, distribute, sell"
            )
        if not sources:
            raise BadInput("--source: at least one source that the licence covers")
        if valid_until is not None and valid_until < valid_from:
            raise BadInput(f"the licence ends on {valid_until}, before it begins on {valid_from}")
        for path in paths:
            if not path.startswith(("/", "*")):
                raise BadInput(f"--path {printable(path)!r}: a path begins with / or *")
            if not PathPattern(path).is_whole:
                # A pattern that the matcher cuts would license more than the contract does.
                raise BadInput(f"--path {printable(path)!r}: too long, or too many wildcards")
        with self._database.begin() as connection:
            count = connection.execute(select(func.count()).select_from(licences)).scalar_one()
            licence = Licence(
                id=f"licence-{count + 1:04d}",
                licensor=licensor,
                sources=sources,
                paths=paths,
                grants=grants,
                valid_from=valid_from,
                valid_until=valid_until,
                conditions=conditions,
                reference=reference,
            )
            connection.execute(
                insert(licences).values(
                    id=licence.id,
                    licensor=licensor,
                    sources=list(sources),
                    paths=list(paths),
                    uses=sorted(grant.value for grant in grants),
                    valid_from=valid_from,
                    valid_until=valid_until,
                    conditions=conditions,
                    reference=reference,
                    created_at=now,
                )
            )
        return licence

    def renew(self, licence: str, *, until: date | None, reference: str) -> None:
        """Give a licence a later end, or none, by a contract that is named.

        Raises:
            BadInput: there is none of that id, the new end is no later, or no contract is named.
        """
        known = self.get(licence)
        if not reference.strip():
            raise BadInput("--reference is empty: which contract renews it")
        if known.valid_until is None or (until is not None and until <= known.valid_until):
            raise BadInput(f"{licence} runs until {known.valid_until or 'no end'} already")
        with self._database.begin() as connection:
            connection.execute(
                update(licences)
                .where(licences.c.id == known.id)
                .values(valid_until=until, reference=f"{known.reference}; {reference.strip()}")
            )

    def list(self) -> tuple[Licence, ...]:
        """Return all licences, oldest first."""
        with self._database.begin() as connection:
            rows = connection.execute(select(licences).order_by(licences.c.id)).mappings()
            return tuple(_licence(row) for row in rows)

    def get(self, licence: str) -> Licence:
        """Return one licence.

        Raises:
            BadInput: there is none of that id.
        """
        known = {entry.id: entry for entry in self.list()}
        if licence not in known:
            ids = ", ".join(known) or "none yet; `clearance licence add` records one"
            raise BadInput(f"no licence {printable(licence)!r}; licences: {ids}")
        return known[licence]


def _licence(row: RowMapping) -> Licence:
    return Licence(
        id=row["id"],
        licensor=row["licensor"],
        sources=tuple(row["sources"]),
        paths=tuple(row["paths"]),
        grants=frozenset(Grant(use) for use in row["uses"]),
        valid_from=row["valid_from"],
        valid_until=row["valid_until"],
        conditions=row["conditions"],
        reference=row["reference"],
    )
