"""People of a workspace: who they are, as whom the operating system knows them, and their roles (C5.1).

A name is never given twice: what a person approved or read stays theirs after they left.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import RowMapping, insert, select, update

from clearance.database import Database
from clearance.errors import BadInput, Refused, printable
from clearance.governing.access import Permission, Role, granted_by, read_roles
from clearance.governing.tables import people

MAX_NAME_CHARS = 100
"""A full name with titles fits, and a line of a table."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Someone who works in the workspace."""

    name: str
    os_user: str
    """The operating-system user that acts as this person; empty for one who comes by token only."""
    roles: tuple[Role, ...]
    until: date | None
    """The last day on which the roles hold."""
    created_at: datetime
    left_at: datetime | None

    @property
    def has_left(self) -> bool:
        """Tell whether the person left."""
        return self.left_at is not None

    def granted(self, today: date) -> frozenset[Permission]:
        """Return what the person may do today."""
        return frozenset() if self.has_left else granted_by(self.roles, until=self.until, today=today)

    def is_lasting_admin(self) -> bool:
        """Tell whether the person manages people and will go on to."""
        return not self.has_left and Role.ADMIN in self.roles and self.until is None


class PeopleStore:
    """The people of one workspace."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, person: Person) -> None:
        """Record a new person.

        Raises:
            BadInput: a value cannot be used, or the name or the operating-system user is taken.
        """
        known = self.list()
        _check(person, known)
        if _folded(person.name) in {_folded(other.name) for other in known}:
            raise BadInput(
                f"person {printable(person.name)!r}: the name is or was taken; `clearance people change`"
                " changes a person's roles, a new person takes another name"
            )
        with self._database.begin() as connection:
            connection.execute(
                insert(people).values(name=person.name, created_at=person.created_at, **_changeable(person))
            )

    def change(self, person: Person) -> None:
        """Put what holds of a person now in the place of what held.

        Raises:
            BadInput: there is no such person, or a value cannot be used.
            Refused: nobody would be left who manages people.
        """
        known = {other.name: other for other in self.list()}
        before = known.pop(person.name, None)
        if before is None or before.has_left:
            raise BadInput(f"no person {printable(person.name)!r} works here")
        if not person.has_left:
            _check(person, known.values())
        lasting = any(other.is_lasting_admin() for other in (*known.values(), person))
        if before.is_lasting_admin() and not lasting:
            raise Refused(
                f"{printable(person.name)} is the last admin without an end date; make another one first:"
                " `clearance people change NAME --give admin`"
            )
        with self._database.begin() as connection:
            connection.execute(
                update(people).where(people.c.name == person.name).values(**_changeable(person))
            )

    def list(self) -> tuple[Person, ...]:
        """Return all people, those who left too, oldest first."""
        with self._database.begin() as connection:
            rows = connection.execute(select(people).order_by(people.c.created_at, people.c.name)).mappings()
            return tuple(_person(row) for row in rows)

    def present(self) -> tuple[Person, ...]:
        """Return those who have not left."""
        return tuple(person for person in self.list() if not person.has_left)

    def get(self, name: str) -> Person:
        """Return one person who has not left.

        Raises:
            BadInput: there is none of that name; the message lists those there are.
        """
        known = {person.name: person for person in self.present()}
        wanted = unicodedata.normalize("NFC", name.strip())
        if wanted not in known:
            names = ", ".join(printable(other) for other in known)
            raise BadInput(f"no person {printable(name)!r} works here; people: {names}")
        return known[wanted]

    def of_os_user(self, os_user: str) -> Person | None:
        """Return the person that an operating-system user acts as, if there is one."""
        return next((person for person in self.present() if person.os_user == os_user), None)


def checked_person_name(name: str) -> str:
    """Return a person's name as it is kept, or refuse it."""
    kept = unicodedata.normalize("NFC", name.strip())
    if not kept or len(kept) > MAX_NAME_CHARS or not kept.isprintable() or kept.startswith("-"):
        raise BadInput(
            f"person {printable(name)!r}: 1 to {MAX_NAME_CHARS} printable characters, the first no '-'"
        )
    return kept


def _check(person: Person, others: Iterable[Person]) -> None:
    checked_person_name(person.name)
    if len(person.os_user) > MAX_NAME_CHARS or not person.os_user.isprintable():
        raise BadInput(f"--os-user {printable(person.os_user)!r}: no name of an operating-system user")
    taken = next((other for other in others if not other.has_left and other.os_user == person.os_user), None)
    if person.os_user and taken is not None:
        raise BadInput(
            f"--os-user {printable(person.os_user)!r} acts as {printable(taken.name)} already;"
            " two persons never share one"
        )
    if Role.AUDITOR in person.roles and len(person.roles) > 1:
        raise BadInput("an auditor has no other role: nobody audits what they do themselves")
    if Role.AUDITOR in person.roles and person.until is None:
        raise BadInput("an auditor needs a last day: --until YYYY-MM-DD")


def _folded(name: str) -> str:
    """Return what two names have in common that people would take for one."""
    return unicodedata.normalize("NFKC", name).casefold()


def _changeable(person: Person) -> dict[str, Any]:
    return {
        "os_user": person.os_user,
        "roles": [role.value for role in person.roles],
        "until": person.until,
        "left_at": person.left_at,
    }


def _person(row: RowMapping) -> Person:
    return Person(
        name=row["name"],
        os_user=row["os_user"],
        roles=read_roles(row["roles"]),
        until=row["until"],
        created_at=row["created_at"],
        left_at=row["left_at"],
    )
