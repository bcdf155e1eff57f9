"""Who acts: the operating-system user at the terminal, or the owner of a token, as a person of the workspace.

The user is the one whose process it is, as the system's user database names them; what the environment says
does not count.
"""

from __future__ import annotations

import contextlib
import os
import pwd
from datetime import datetime
from pathlib import Path

from clearance.database import Database
from clearance.errors import IntegrityError, Refused, StorageError, printable
from clearance.governing import Actor, PeopleStore, Person, Role, TokenStore, parse_token
from clearance.identifiers import Malformed
from clearance.workspace.holding import Holding

FIRST_ROLES = tuple(role for role in Role if role is not Role.AUDITOR)
"""What the first person of a workspace may: everything, until others come and roles are taken away."""


def os_user(uid: int) -> str:
    """Return the name of an operating-system user; `#` and the number where the system has no name for it."""
    try:
        return printable(pwd.getpwuid(uid).pw_name)
    except KeyError:
        return f"#{uid}"


def first_person(user: str, *, now: datetime) -> Person:
    """Return the person that an operating-system user is in a workspace of their own."""
    return Person(name=user, os_user=user, roles=FIRST_ROLES, until=None, created_at=now, left_at=None)


def acting(database: Database, root: Path, *, token: str | None, now: datetime) -> Actor:
    """Return who acts in the workspace: the owner of the token, or else the operating-system user.

    A workspace of an earlier version has no people; whoever owns its folder is the first.

    Raises:
        Refused: the token opens nothing, the user is no person of the workspace, or their time is over.
    """
    if token is not None:
        return _by_token(database, token, now=now)
    user = os_user(os.getuid())
    people = PeopleStore(database)
    person = people.of_os_user(user)
    if person is None and not people.list() and user == os_user(_owner(root)):
        person = first_person(user, now=now)
    if person is None:
        raise Refused(
            f"operating-system user {user!r} is no person of this workspace (C5.1); an admin adds them:"
            f" `clearance people add NAME --os-user {user} --role ROLE`"
        )
    _check_end(person, now=now)
    return Actor(name=person.name, granted=person.granted(now.date()))


def record_first_person(holding: Holding, *, now: datetime) -> None:
    """Record who owns a workspace of an earlier version as its first person.

    Where another process is at work, or the log is not to be written, this is left for another time.
    """
    people = PeopleStore(holding.database)
    if people.list():
        return
    with contextlib.suppress(Refused, IntegrityError), holding.locked():
        if not people.list():
            holding.log_event("person-added")
            people.add(first_person(holding.actor.name, now=now))


def _by_token(database: Database, text: str, *, now: datetime) -> Actor:
    given = parse_token(text)
    token = None if isinstance(given, Malformed) else TokenStore(database).find(given)
    person = next(
        (
            known
            for known in PeopleStore(database).present()
            if token is not None and known.name == token.person
        ),
        None,
    )
    if token is None or person is None:
        # One message for all: it must not tell which of these it is.
        raise Refused(
            "the token opens nothing here: it is malformed, unknown, revoked, or its owner left (C5.1);"
            " `clearance people token issue` makes one"
        )
    if token.has_expired(now):
        raise Refused(
            f"the token expired at {token.expires_at:%Y-%m-%d %H:%M} UTC (C5.1);"
            " `clearance people token issue` makes one"
        )
    _check_end(person, now=now)
    return Actor(
        name=person.name,
        granted=person.granted(now.date()),
        scopes=token.scopes,
        lent_by=token.issued_by,
    )


def _check_end(person: Person, *, now: datetime) -> None:
    if person.until is not None and now.date() > person.until:
        raise Refused(
            f"the roles of {printable(person.name)} ended on {person.until} (C5.1); an admin gives them more"
            " time: `clearance people change NAME --until YYYY-MM-DD`"
        )


def _owner(root: Path) -> int:
    try:
        return root.stat().st_uid
    except OSError as error:
        raise StorageError(f"{root}: {error.strerror or error}") from error
