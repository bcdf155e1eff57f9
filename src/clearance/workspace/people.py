"""Who works here: people and their roles, their tokens, what two of them agreed on, what they read (C5.1)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from types import EllipsisType
from typing import Any

from clearance.collecting import utc_now
from clearance.errors import BadInput, Refused, WorkspaceBusy, printable
from clearance.governing import (
    AGREES,
    Approval,
    ApprovalStore,
    PeopleStore,
    Permission,
    Person,
    Read,
    ReadStore,
    Role,
    SharedAction,
    Token,
    TokenStore,
    checked_person_name,
)
from clearance.policy import AccessDuty, TwoPersons
from clearance.workspace.holding import Holding, one_of


class People:
    """The people of a workspace."""

    def __init__(self, holding: Holding) -> None:
        self._holding = holding
        self._store = PeopleStore(holding.database)
        self._tokens = TokenStore(holding.database)

    def add(
        self, name: str, *, roles: Iterable[str], os_user: str = "", until: date | None = None
    ) -> dict[str, Any]:
        """Record a new person.

        Raises:
            BadInput: a value cannot be used, or the name or the operating-system user is taken.
        """
        self._holding.require(Permission.MANAGE_PEOPLE)
        given = _roles(roles, what="--role")
        if not given:
            raise BadInput(f"--role: at least one of {', '.join(Role)}")
        now = utc_now()
        person = Person(
            name=checked_person_name(name),
            os_user=os_user.strip(),
            roles=given,
            until=_not_past(until, now),
            created_at=now,
            left_at=None,
        )
        with self._holding.locked():
            self._store.add(person)
            self._holding.log_event("person-added")
        return self._facts(person)

    def change(
        self,
        name: str,
        *,
        give: Iterable[str] = (),
        take: Iterable[str] = (),
        os_user: str | None = None,
        until: date | EllipsisType | None = ...,
    ) -> dict[str, Any]:
        """Give roles to a person and take others away; `until` is their last day, none, or `...` as before.

        Raises:
            BadInput: there is no such person, or a value cannot be used.
            Refused: it is the last admin, or somebody would give themselves more than they have.
        """
        self._holding.require(Permission.MANAGE_PEOPLE)
        given, taken = _roles(give, what="--give"), _roles(take, what="--take")
        with self._holding.locked():
            person = self._store.get(name)
            changed = replace(
                person,
                roles=tuple(role for role in Role if role in {*person.roles, *given} - set(taken)),
                os_user=person.os_user if os_user is None else os_user.strip(),
                until=person.until if isinstance(until, EllipsisType) else _not_past(until, utc_now()),
            )
            if changed == person:
                raise BadInput(f"{printable(name)}: nothing to change; --give, --take, --os-user or --until")
            self._check_self(person, changed)
            self._store.change(changed)
            self._holding.log_event("person-changed")
        return self._facts(changed)

    def leave(self, name: str) -> dict[str, Any]:
        """Record that a person left: from now on they may do nothing, and their tokens are worthless.

        Raises:
            BadInput: there is no such person.
            Refused: it is the last admin, or another process is at work; the tokens are worthless then too.
        """
        self._holding.require(Permission.MANAGE_PEOPLE)
        person = self._store.get(name)
        now = utc_now()
        if not person.is_lasting_admin():
            # At once, not only when another process is done.
            self._revoke_all(person.name, now)
        with self._holding.locked():
            left = replace(person, left_at=now)
            self._store.change(left)
            self._revoke_all(person.name, now)
            self._holding.log_event("person-changed")
        return self._facts(left)

    def list(self) -> list[dict[str, Any]]:
        """Return all people, those who left too; `you` marks who asks."""
        self._holding.require(Permission.VERIFY)
        return [self._facts(person) for person in self._store.list()]

    def _check_self(self, person: Person, changed: Person) -> None:
        """Refuse to whoever acts what would give themselves more, unless there is nobody else."""
        if person.name != self._holding.actor.name or len(self._store.present()) == 1:
            return
        lasts_longer = person.until is not None and (changed.until is None or changed.until > person.until)
        if set(changed.roles) - set(person.roles) or lasts_longer:
            raise Refused("nobody gives roles or time to themselves (C5.1); another admin does")

    def _revoke_all(self, person: str, now: datetime) -> None:
        for token in self._tokens.list():
            if token.person == person:
                self._tokens.revoke(token.id, now=now)

    def _facts(self, person: Person) -> dict[str, Any]:
        return {
            "name": person.name,
            "os_user": person.os_user,
            "roles": [role.value for role in person.roles],
            "until": person.until.isoformat() if person.until else None,
            "created_at": person.created_at.isoformat(),
            "left_at": person.left_at.isoformat() if person.left_at else None,
            "you": person.name == self._holding.actor.name,
        }


class Tokens:
    """The tokens of a workspace."""

    def __init__(self, holding: Holding) -> None:
        self._holding = holding
        self._people = PeopleStore(holding.database)
        self._store = TokenStore(holding.database)

    def issue(
        self, *, label: str, scopes: Iterable[str], days: int | None = None, person: str = ""
    ) -> dict[str, Any]:
        """Issue a token, for whoever asks unless another person is named; its text is in the answer only.

        An admin issues tokens only for people who come by token: those who sign in issue their own.

        Raises:
            BadInput: a value cannot be used, or there is no such person.
            Refused: the person may not do what the token is for, or issues their own; or a token is used to
                issue another.
        """
        self._holding.require(Permission.VERIFY)
        actor = self._holding.actor
        if person and person != actor.name:
            self._holding.require(Permission.MANAGE_PEOPLE)
        if actor.scopes is not None:
            raise Refused("a token issues no token (C5.1); issue it in person")
        owner = self._people.get(person or actor.name)
        if owner.name != actor.name and owner.os_user:
            raise Refused(
                f"{printable(owner.name)} issues their own tokens, as {printable(owner.os_user)} (C5.1)"
            )
        longest = self._holding.policy.parameters(AccessDuty).max_token_days
        lasts = longest if days is None else days
        if not 1 <= lasts <= longest:
            raise BadInput(f"--days {lasts}: from 1 to {longest}, by the policy (rule access)")
        now = utc_now()
        wanted = frozenset(one_of(Permission, scope, what="--scope") for scope in scopes)
        if beyond := wanted - owner.granted(now.date()):
            words = ", ".join(sorted(scope.value for scope in beyond))
            raise Refused(
                f"{printable(owner.name)} may not do this, nor may a token of theirs (C5.1): {words}"
            )
        with self._holding.locked():
            token, text = self._store.issue(
                person=owner.name,
                label=label,
                scopes=wanted,
                issued_by=actor.name,
                now=now,
                expires_at=now + timedelta(days=lasts),
            )
            self._holding.log_event("token-issued", days=lasts)
        return {**_token_facts(token, now), "token": text}

    def list(self) -> list[dict[str, Any]]:
        """Return one's own tokens; an admin or auditor sees those of all."""
        self._holding.require(Permission.VERIFY)
        sees_all = self._holding.actor.permissions & {Permission.MANAGE_PEOPLE, Permission.SEE_READS}
        now = utc_now()
        return [
            _token_facts(token, now)
            for token in self._store.list()
            if sees_all or token.person == self._holding.actor.name
        ]

    def revoke(self, token: str) -> dict[str, Any]:
        """Make a token worthless, at once; once more is no fault.

        Raises:
            BadInput: there is none of that id.
            Refused: it is another's, or another process is at work; the token is worthless then all the same.
        """
        self._holding.require(Permission.VERIFY)
        found = self._store.get(token)
        if found.person != self._holding.actor.name:
            self._holding.require(Permission.MANAGE_PEOPLE)
        self._store.revoke(found.id, now=utc_now())
        try:
            with self._holding.locked():
                self._holding.log_event("token-revoked")
        except WorkspaceBusy as error:
            raise WorkspaceBusy(
                f"token {found.id} is revoked; for the log, run this again when the other process is done"
            ) from error
        return _token_facts(self._store.get(token), utc_now())


class Approvals:
    """What takes two persons: what was asked for, and what another person agreed to."""

    def __init__(self, holding: Holding) -> None:
        self._holding = holding
        self._store = ApprovalStore(holding.database)

    def needed(self, action: SharedAction, subject: str) -> None:
        """Go on where another person agreed to exactly this, once; else record that it is asked for.

        Raises:
            Refused: nobody agreed so far; the message says what the second person runs.
        """
        self._holding.require(AGREES[action])
        self._store.use(
            action,
            subject,
            actor=self._holding.actor,
            now=utc_now(),
            valid_hours=self._valid_hours(),
        )

    def approve(self, approval: str) -> dict[str, Any]:
        """Agree, as the second person, to what another one asked for.

        Raises:
            BadInput: there is no such request.
            Refused: it is one's own, the role is missing, or it waits no longer.
        """
        self._holding.require(*AGREES.values())
        with self._holding.locked():
            given = self._store.give(
                approval, actor=self._holding.actor, now=utc_now(), valid_hours=self._valid_hours()
            )
            self._holding.log_event("approval-given", action=given.action.value)
        return self._facts(given)

    def list(self) -> list[dict[str, Any]]:
        """Return all requests and what became of them."""
        self._holding.require(*AGREES.values(), Permission.MANAGE_PEOPLE, Permission.SEE_READS)
        return [self._facts(approval) for approval in self._store.list()]

    def _valid_hours(self) -> int:
        return self._holding.policy.parameters(TwoPersons).approval_valid_hours

    def _facts(self, approval: Approval) -> dict[str, Any]:
        return {
            "id": approval.id,
            "action": approval.action.value,
            "subject": approval.subject,
            "state": approval.state(utc_now(), valid_hours=self._valid_hours()).value,
            "asked_by": approval.asked_by,
            "asked_at": approval.asked_at.isoformat(),
            "approved_by": approval.approved_by,
            "approved_at": approval.approved_at.isoformat() if approval.approved_at else None,
            "used_at": approval.used_at.isoformat() if approval.used_at else None,
        }


class Reads:
    """Who read which records and pictures."""

    def __init__(self, holding: Holding) -> None:
        self._holding = holding
        self._store = ReadStore(holding.database)

    def list(
        self, *, who: str = "", since: datetime | None = None, limit: int = 1000
    ) -> list[dict[str, Any]]:
        """Return reads, newest first."""
        self._holding.require(Permission.SEE_READS)
        return [_read_facts(read) for read in self._store.list(who=who, since=since, limit=limit)]


def _roles(words: Iterable[str], *, what: str) -> tuple[Role, ...]:
    named = {one_of(Role, word, what=what) for word in words}
    return tuple(role for role in Role if role in named)


def _not_past(until: date | None, now: datetime) -> date | None:
    if until is not None and until < now.date():
        raise BadInput(f"--until {until}: that day is over; `clearance people leave` ends it at once")
    return until


def _token_facts(token: Token, now: datetime) -> dict[str, Any]:
    return {
        "id": token.id,
        "person": token.person,
        "label": token.label,
        "scopes": sorted(scope.value for scope in token.scopes),
        "issued_by": token.issued_by,
        "created_at": token.created_at.isoformat(),
        "expires_at": token.expires_at.isoformat(),
        "state": "revoked" if token.revoked_at else "expired" if token.has_expired(now) else "valid",
    }


def _read_facts(read: Read) -> dict[str, Any]:
    return {
        "at": read.at.isoformat(),
        "who": read.who,
        "lent_by": read.lent_by or None,
        "what": read.what,
        "query": dict(read.query),
        "items": read.items,
        "why": read.why,
    }
