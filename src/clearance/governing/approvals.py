"""The two-person rule: what nobody does alone, and what two persons agreed on (C5.1).

A request binds exactly what is meant, as text; another person agrees to it, and it holds once.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import RowMapping, insert, select, update

from clearance.database import Database
from clearance.errors import BadInput, Refused, printable
from clearance.governing.access import Access, Actor, Permission, access, roles_with
from clearance.governing.people import PeopleStore
from clearance.governing.tables import approvals


class SharedAction(StrEnum):
    """What takes two persons."""

    DESTROY_KEYS = "destroy-keys"
    BULK_EXPORT = "bulk-export"


AGREES: dict[SharedAction, Permission] = {
    SharedAction.DESTROY_KEYS: Permission.DESTROY_KEYS,
    SharedAction.BULK_EXPORT: Permission.EXPORT,
}
"""The permission that the second person needs."""


class ApprovalState(StrEnum):
    """Where a request stands."""

    ASKED = "asked"
    GIVEN = "given"
    USED = "used"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """A request for something that takes two persons, and what became of it."""

    id: str
    action: SharedAction
    subject: str
    asked_by: str
    asked_at: datetime
    approved_by: str | None
    approved_at: datetime | None
    used_at: datetime | None

    def state(self, now: datetime, *, valid_hours: int) -> ApprovalState:
        """Tell where the request stands: it waits so long for an answer, and the answer holds as long."""
        if self.used_at is not None:
            return ApprovalState.USED
        since = self.approved_at or self.asked_at
        if not since <= now < since + timedelta(hours=valid_hours):
            return ApprovalState.EXPIRED
        return ApprovalState.ASKED if self.approved_at is None else ApprovalState.GIVEN


class ApprovalStore:
    """The requests of one workspace."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def use(
        self, action: SharedAction, subject: str, *, actor: Actor, now: datetime, valid_hours: int
    ) -> None:
        """Go on with what two persons agreed on, once; else note that it is asked for.

        Raises:
            Refused: nobody has agreed so far; the message says what the second person runs.
        """
        _in_person(actor)
        mine = [
            approval
            for approval in self.list()
            if (approval.action, approval.subject, approval.asked_by) == (action, subject, actor.name)
        ]
        states = {approval.id: approval.state(now, valid_hours=valid_hours) for approval in mine}
        for approval, state in states.items():
            if (
                state is ApprovalState.GIVEN
                and self._still_agrees(approval, now)
                and self._spend(approval, now)
            ):
                return
        asked = next((known for known, state in states.items() if state is ApprovalState.ASKED), None)
        request = asked or self._ask(action, subject, asked_by=actor.name, now=now)
        raise Refused(
            f"{action.value} takes two persons (C5.1): {printable(subject, max_chars=600)}; another one, with"
            f" the role {_roles(action)}, runs `clearance people approve {request}` within {valid_hours}"
            " hours; then run the same command again"
        )

    def give(self, approval: str, *, actor: Actor, now: datetime, valid_hours: int) -> Approval:
        """Agree to a request as the second person.

        Raises:
            BadInput: there is no such request.
            Refused: the actor asked themselves, may not agree, or the request waits no longer.
        """
        _in_person(actor)
        known = self.get(approval)
        if known.asked_by == actor.name:
            raise Refused(f"request {known.id} is your own; the second person is another one")
        if access(actor, AGREES[known.action]) is not Access.ALLOWED:
            raise Refused(f"{known.action.value}: the second person has the role {_roles(known.action)}")
        state = known.state(now, valid_hours=valid_hours)
        if state is not ApprovalState.ASKED:
            raise Refused(f"request {known.id} waits no longer: it is {state.value}")
        with self._database.begin() as connection:
            changed = connection.execute(
                update(approvals)
                .where(approvals.c.id == known.id, approvals.c.approved_at.is_(None))
                .values(approved_by=actor.name, approved_at=now)
            )
        if not changed.rowcount:
            raise Refused(f"request {known.id} waits no longer: another person agreed to it")
        return self.get(known.id)

    def list(self) -> tuple[Approval, ...]:
        """Return all requests, oldest first."""
        with self._database.begin() as connection:
            rows = connection.execute(
                select(approvals).order_by(approvals.c.asked_at, approvals.c.id)
            ).mappings()
            return tuple(_approval(row) for row in rows)

    def get(self, approval: str) -> Approval:
        """Return one request.

        Raises:
            BadInput: there is none of that id.
        """
        found = next((known for known in self.list() if known.id == approval), None)
        if found is None:
            raise BadInput(f"no request {printable(approval)!r}; `clearance people approvals` shows them")
        return found

    def _ask(self, action: SharedAction, subject: str, *, asked_by: str, now: datetime) -> str:
        request = secrets.token_hex(6)
        with self._database.begin() as connection:
            connection.execute(
                insert(approvals).values(
                    id=request, action=action.value, subject=subject, asked_by=asked_by, asked_at=now
                )
            )
        return request

    def _still_agrees(self, approval: str, now: datetime) -> bool:
        """Tell whether the second person is still one who may agree."""
        known = self.get(approval)
        people = PeopleStore(self._database).list()
        person = next((person for person in people if person.name == known.approved_by), None)
        if person is None or person.left_at is not None:
            return False
        return AGREES[known.action] in person.granted(now.date())

    def _spend(self, approval: str, now: datetime) -> bool:
        """Use an approval up; of two that try at once, one does."""
        with self._database.begin() as connection:
            spent = connection.execute(
                update(approvals)
                .where(approvals.c.id == approval, approvals.c.used_at.is_(None))
                .values(used_at=now)
            )
        return bool(spent.rowcount)


def _in_person(actor: Actor) -> None:
    if not actor.is_in_person:
        raise Refused(
            f"the token was issued by {printable(actor.lent_by)}; what takes two persons is done in person,"
            " or by a token of one's own"
        )


def _roles(action: SharedAction) -> str:
    return " or ".join(role.value for role in roles_with(AGREES[action]))


def _approval(row: RowMapping) -> Approval:
    return Approval(
        id=row["id"],
        action=SharedAction(row["action"]),
        subject=row["subject"],
        asked_by=row["asked_by"],
        asked_at=row["asked_at"],
        approved_by=row["approved_by"],
        approved_at=row["approved_at"],
        used_at=row["used_at"],
    )
