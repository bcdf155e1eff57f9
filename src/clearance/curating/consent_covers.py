"""Which pictures the records of model releases and property releases speak of, as rows.

Source: P2.1, C5.4.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from sqlalchemy import Connection, Select, delete, insert, select

from clearance.curating.people.consents import CoverKind
from clearance.curating.tables import consent_covers, consents
from clearance.identifiers import Sha256
from clearance.parts import in_parts

AT_ONCE = 500
_IS_KEYED = consent_covers.c.kind == CoverKind.KEYED.value


def uncover(connection: Connection, kind: CoverKind, values: Iterable[str]) -> set[str]:
    """Take pictures out of every record; returns the records that spoke of one."""
    touched: set[str] = set()
    for part in in_parts(sorted(set(values)), AT_ONCE):
        of = (consent_covers.c.kind == kind.value) & consent_covers.c.covered.in_(part)
        touched |= set(connection.execute(select(consent_covers.c.consent).where(of)).scalars())
        connection.execute(delete(consent_covers).where(of))
    return touched


def remember_withdrawn(
    connection: Connection, hashes: Iterable[Sha256], keyed: Callable[[Sha256], str]
) -> None:
    """Keep a keyed hash of bytes that go, wherever consent for them was withdrawn: nobody takes that back by
    collecting them again.
    """
    for part in in_parts(sorted(set(hashes)), AT_ONCE):
        query = (
            select(consent_covers)
            .join(consents, consents.c.id == consent_covers.c.consent)
            .where(
                consents.c.withdrawn_at.is_not(None),
                consent_covers.c.kind == CoverKind.PICTURE.value,
                consent_covers.c.covered.in_(part),
            )
        )
        rows = [
            {**row, "kind": CoverKind.KEYED.value, "covered": keyed(Sha256(row["covered"]))}
            for row in connection.execute(query).mappings()
        ]
        if rows:
            connection.execute(insert(consent_covers), rows)


def covered(connection: Connection, ids: Iterable[str]) -> set[str]:
    """Return the records that still speak of a picture that may be here."""
    return _with(connection, ids, select(consent_covers.c.consent).where(~_IS_KEYED))


def remembered(connection: Connection, ids: Iterable[str]) -> set[str]:
    """Return the records that know bytes by a keyed hash."""
    return _with(connection, ids, select(consent_covers.c.consent).where(_IS_KEYED))


def _with(connection: Connection, ids: Iterable[str], query: Select[tuple[str]]) -> set[str]:
    found: set[str] = set()
    for part in in_parts(sorted(ids), AT_ONCE):
        found.update(connection.scalars(query.where(consent_covers.c.consent.in_(part))))
    return found
