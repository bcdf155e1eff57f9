"""Who may do what: roles, the permissions that each gives, and the decision about one actor (C5.1).

Everything here is a value or a function of values; who is at the terminal, the edge finds out.

Source: C5.1; ISO/IEC 27002 5.15 and 5.18 (access control and access rights); least privilege.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Permission(StrEnum):
    """What can be allowed; a token's scopes have the same names."""

    VERIFY = "verify"
    """Verify the register; see the policy, the state of the workspace, and who works in it."""
    VIEW = "view"
    """See what is registered: projects, sources, licences, terms, accounts, networks, visits, erasures."""
    READ = "read"
    """Read records of pictures; each read is recorded."""
    PLAN = "plan"
    """Create and change projects, draft risk analyses."""
    SIGN_RISK = "sign-risk"
    """Sign a risk analysis."""
    REGISTER = "register"
    """Register sources, accounts and networks; fetch terms; confirm hosts."""
    REVIEW_TERMS = "review-terms"
    """Say what a site's terms of service permit."""
    LICENSE = "license"
    """Record licences."""
    COLLECT = "collect"
    """Survey, collect and re-check."""
    CURATE = "curate"
    """Delete what training does not need."""
    REVIEW = "review"
    """Say of what was found in a picture, or held, whether it stands against it."""
    CONSENT = "consent"
    """Record model releases and property releases, and their withdrawal."""
    FREEZE = "freeze"
    """Freeze dataset versions."""
    EXPORT = "export"
    """Take pictures out; each export is recorded."""
    SWEEP = "sweep"
    """Delete what is past its clock."""
    ERASE = "erase"
    """Erase on request."""
    DESTROY_KEYS = "destroy-keys"
    """Ask for, or agree to, the destruction of a source's keys."""
    MANAGE_KEYS = "manage-keys"
    """Rotate keys, make backups."""
    MANAGE_PEOPLE = "manage-people"
    """Add and change people, revoke tokens."""
    SEE_READS = "see-reads"
    """See who read what."""


class Role(StrEnum):
    """The roles that a person may have."""

    VIEWER = "viewer"
    COLLECTOR = "collector"
    CURATOR = "curator"
    LICENCE_MANAGER = "licence-manager"
    PRIVACY_OFFICER = "privacy-officer"
    PUBLISHER = "publisher"
    AUDITOR = "auditor"
    """Reads everything and changes nothing, until a stated day; an auditor has no other role."""
    ADMIN = "admin"
    """Manages people and keys, and reads no data."""


GRANTS: dict[Role, frozenset[Permission]] = {
    Role.VIEWER: frozenset({Permission.VIEW, Permission.READ}),
    Role.COLLECTOR: frozenset({Permission.PLAN, Permission.REGISTER, Permission.COLLECT, Permission.READ}),
    Role.CURATOR: frozenset(
        {
            Permission.CURATE,
            Permission.REVIEW,
            Permission.FREEZE,
            Permission.EXPORT,
            Permission.SWEEP,
            Permission.READ,
        }
    ),
    Role.LICENCE_MANAGER: frozenset(
        {
            Permission.REGISTER,
            Permission.REVIEW_TERMS,
            Permission.LICENSE,
            Permission.CONSENT,
            Permission.READ,
        }
    ),
    Role.PRIVACY_OFFICER: frozenset(
        {
            Permission.SIGN_RISK,
            Permission.REVIEW,
            Permission.CONSENT,
            Permission.ERASE,
            Permission.SWEEP,
            Permission.DESTROY_KEYS,
            Permission.SEE_READS,
            Permission.READ,
        }
    ),
    Role.PUBLISHER: frozenset({Permission.EXPORT, Permission.READ}),
    Role.AUDITOR: frozenset({Permission.VIEW, Permission.READ, Permission.SEE_READS}),
    Role.ADMIN: frozenset(
        {
            Permission.MANAGE_PEOPLE,
            Permission.MANAGE_KEYS,
            Permission.DESTROY_KEYS,
            Permission.SEE_READS,
        }
    ),
}
"""The one table; what it gives brings with it what `with_implied` says."""

_BLIND = frozenset(
    {
        Permission.VERIFY,
        Permission.DESTROY_KEYS,
        Permission.MANAGE_KEYS,
        Permission.MANAGE_PEOPLE,
        Permission.SEE_READS,
    }
)
"""Permissions that show nothing of what was collected or agreed with whom."""


class Access(StrEnum):
    """The answer to whether an actor may do something."""

    ALLOWED = "allowed"
    NOT_GRANTED = "not granted by a role"
    NOT_SCOPED = "not in the token's scopes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who acts: a person as the operating system knows them, or as a token of theirs says."""

    name: str
    granted: frozenset[Permission]
    """What the person's roles give."""
    scopes: frozenset[Permission] | None = None
    """What the token is for; nothing where none is used."""
    lent_by: str = ""
    """Who issued the token; empty where none is used."""

    @property
    def permissions(self) -> frozenset[Permission]:
        """What the actor may do: never more than the person, with or without a token."""
        return self.granted if self.scopes is None else self.granted & with_implied(self.scopes)

    @property
    def is_in_person(self) -> bool:
        """Tell whether nobody else can be behind this: a token that another issued may be in their hands."""
        return self.lent_by in ("", self.name)


def with_implied(permissions: Iterable[Permission]) -> frozenset[Permission]:
    """Add what permissions bring with them: whoever acts on something sees what is registered of it."""
    given = frozenset(permissions)
    if not given:
        return given
    return given | {Permission.VERIFY} | (frozenset({Permission.VIEW}) if given - _BLIND else frozenset())


def granted_by(roles: Iterable[Role], *, until: date | None, today: date) -> frozenset[Permission]:
    """Return what roles give today; after their last day, nothing."""
    if until is not None and today > until:
        return frozenset()
    return with_implied(permission for role in roles for permission in GRANTS[role])


def access(actor: Actor, *wanted: Permission) -> Access:
    """Decide whether an actor may do what any one of these permissions allows.

    Raises:
        ValueError: no permission is named; a check of nothing must not read as a permission.
    """
    if not wanted:
        raise ValueError("a check of access needs at least one permission")
    if actor.permissions & set(wanted):
        return Access.ALLOWED
    return Access.NOT_SCOPED if actor.granted & set(wanted) else Access.NOT_GRANTED


def roles_with(*wanted: Permission) -> tuple[Role, ...]:
    """Return the roles that give any one of these permissions, for the message of a refusal."""
    return tuple(role for role in Role if with_implied(GRANTS[role]) & set(wanted))


def read_roles(words: Iterable[str]) -> tuple[Role, ...]:
    """Return roles by their stored names, in the table's order; an unknown name gives nothing."""
    named = set(words)
    return tuple(role for role in Role if role.value in named)


def read_scopes(words: Iterable[str]) -> frozenset[Permission]:
    """Return scopes by their stored names; an unknown name gives nothing."""
    named = set(words)
    return frozenset(permission for permission in Permission if permission.value in named)
