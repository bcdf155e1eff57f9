from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearance.governing import (
    GRANTS,
    Access,
    Actor,
    Permission,
    Role,
    access,
    granted_by,
    roles_with,
    with_implied,
)
from clearance.governing.access import read_roles, read_scopes

TODAY = date(2026, 11, 23)
CHANGING = frozenset(Permission) - {
    *(Permission.VERIFY, Permission.VIEW, Permission.READ, Permission.SEE_READS),
}

roles = st.frozensets(st.sampled_from(Role))
permissions = st.frozensets(st.sampled_from(Permission))


@pytest.mark.control("C5.1")
def test_what_each_role_may() -> None:
    """Roles are few and their permissions known; whoever changes one changes this table too."""
    may = {role.value: {p.value for p in granted_by([role], until=None, today=TODAY)} for role in Role}
    assert may == {
        "viewer": {"verify", "view", "read"},
        "collector": {"verify", "view", "read", "plan", "register", "collect"},
        "curator": {"verify", "view", "read", "curate", "review", "freeze", "export", "sweep"},
        "licence-manager": {"verify", "view", "read", "register", "review-terms", "license", "consent"},
        "privacy-officer": {
            *("verify", "view", "read", "sign-risk", "review", "consent", "erase", "sweep", "destroy-keys"),
            "see-reads",
        },
        "publisher": {"verify", "view", "read", "export"},
        "auditor": {"verify", "view", "read", "see-reads"},
        "admin": {"verify", "manage-people", "manage-keys", "destroy-keys", "see-reads"},
    }


@pytest.mark.control("C5.1")
def test_an_auditor_changes_nothing_and_an_admin_reads_nothing() -> None:
    """Whoever looks at everything touches nothing; whoever lets people in sees no data."""
    assert not with_implied(GRANTS[Role.AUDITOR]) & CHANGING
    data = {Permission.VIEW, Permission.READ, Permission.EXPORT}
    assert not with_implied(GRANTS[Role.ADMIN]) & data


def test_every_permission_is_given_by_some_role() -> None:
    """What nobody can be allowed could not be done."""
    assert all(roles_with(permission) for permission in Permission)


@pytest.mark.control("C5.1")
@given(roles, roles)
def test_more_roles_never_give_less(some: frozenset[Role], others: frozenset[Role]) -> None:
    """A role that is added takes nothing away, and no role at all gives nothing."""
    both = granted_by(some | others, until=None, today=TODAY)
    assert both >= granted_by(some, until=None, today=TODAY)
    assert bool(both) == bool(some | others)


@pytest.mark.control("C5.1")
@given(roles, permissions)
def test_a_token_never_exceeds_its_person(held: frozenset[Role], scopes: frozenset[Permission]) -> None:
    """Whatever a token is said to be for, it carries no more than its person and no more than its scopes."""
    granted = granted_by(held, until=None, today=TODAY)
    by_token = Actor(name="a", granted=granted, scopes=scopes, lent_by="a")
    assert by_token.permissions <= granted
    assert by_token.permissions <= with_implied(scopes)


@pytest.mark.control("C5.1")
@given(roles, st.integers(min_value=-400, max_value=400))
def test_after_the_last_day_nothing_holds(held: frozenset[Role], days: int) -> None:
    """The last day itself still counts, the day after does not."""
    granted = granted_by(held, until=TODAY + timedelta(days=days), today=TODAY)
    assert granted == (granted_by(held, until=None, today=TODAY) if days >= 0 else frozenset())


@pytest.mark.control("C5.1")
@given(permissions, permissions, st.none() | permissions)
def test_access_is_had_by_one_of_the_permissions_wanted(
    granted: frozenset[Permission], wanted: frozenset[Permission], scopes: frozenset[Permission] | None
) -> None:
    """One that is held is enough; what only the token lacks is told apart from what the person lacks."""
    actor = Actor(name="a", granted=granted, scopes=scopes, lent_by="" if scopes is None else "a")
    if not wanted:
        with pytest.raises(ValueError, match="at least one"):
            access(actor, *wanted)
        return
    if actor.permissions & wanted:
        expected = Access.ALLOWED
    elif granted & wanted:
        expected = Access.NOT_SCOPED
    else:
        expected = Access.NOT_GRANTED
    assert access(actor, *wanted) is expected


def test_only_a_token_of_ones_own_is_like_being_there() -> None:
    """A token that another issued may be in that one's hands."""
    assert Actor(name="a", granted=frozenset()).is_in_person
    assert Actor(name="a", granted=frozenset(), scopes=frozenset(), lent_by="a").is_in_person
    assert not Actor(name="a", granted=frozenset(), scopes=frozenset(), lent_by="b").is_in_person


def test_names_of_a_newer_version_give_nothing() -> None:
    """A stored role or scope that this version does not know is no permission."""
    assert read_roles(["wizard", "viewer"]) == (Role.VIEWER,)
    assert read_scopes(["read", "fly"]) == {Permission.READ}
