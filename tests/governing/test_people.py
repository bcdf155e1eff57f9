import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearance.database import Database, migrate, open_database
from clearance.errors import BadInput, Refused
from clearance.governing import (
    Actor,
    ApprovalStore,
    PeopleStore,
    Permission,
    Person,
    Read,
    ReadStore,
    Role,
    SharedAction,
    TokenStore,
    parse_token,
)
from clearance.governing.tokens import GivenToken
from clearance.identifiers import Malformed

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
EXPORT = frozenset({Permission.EXPORT})


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """A control database with its tables."""
    with open_database(f"sqlite:///{tmp_path / 'control.sqlite'}") as opened:
        migrate(opened)
        yield opened


def person(name: str, *roles: Role, **changes: Any) -> Person:
    """A person as a test needs one."""
    made = Person(name=name, os_user=name.lower(), roles=roles, until=None, created_at=NOW, left_at=None)
    return replace(made, **changes)


def test_people_come_back_as_they_went_in(database: Database) -> None:
    """Every field is kept."""
    store = PeopleStore(database)
    anna = person("Anna Müller", Role.COLLECTOR, Role.CURATOR, os_user="anna")
    bert = person("Bert", Role.AUDITOR, until=date(2027, 1, 1), created_at=NOW + timedelta(days=1))
    store.add(anna)
    store.add(bert)
    assert store.list() == (anna, bert)
    assert store.of_os_user("anna") == anna
    assert store.of_os_user("nobody") is None
    assert store.get(" Anna Mu\u0308ller ") == anna


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"name": ""}, "1 to 100"),
        ({"name": "x" * 101}, "1 to 100"),
        ({"name": "A\nB"}, "1 to 100"),
        ({"name": "--help"}, "1 to 100"),
        ({"os_user": "a\x1b"}, "no name of an operating-system user"),
        ({"os_user": "x" * 101}, "no name of an operating-system user"),
        ({"os_user": "anna"}, "acts as Anna already"),
        ({"name": "ANNA"}, "is or was taken"),
        ({"name": "Ａnna"}, "is or was taken"),
        ({"name": "Gone"}, "is or was taken"),
        ({"roles": (Role.AUDITOR,)}, "needs a last day"),
        ({"roles": (Role.AUDITOR, Role.ADMIN), "until": date(2027, 1, 1)}, "no other role"),
    ],
)
@pytest.mark.control("C5.1")
def test_people_who_cannot_be_told_apart_are_refused(
    database: Database, changes: dict[str, Any], why: str
) -> None:
    """One name and one operating-system user mean one person, for ever; an auditor stands alone."""
    store = PeopleStore(database)
    store.add(person("Anna", Role.ADMIN))
    store.add(person("Gone", Role.VIEWER, left_at=NOW))
    with pytest.raises(BadInput, match=why):
        store.add(replace(person("Bert", Role.VIEWER), **changes))


@pytest.mark.control("C5.1")
def test_the_last_admin_stays(database: Database) -> None:
    """Not leaving, not losing the role, not getting an end: somebody must be able to let people in."""
    store = PeopleStore(database)
    anna = person("Anna", Role.ADMIN)
    store.add(anna)
    store.add(person("Bert", Role.ADMIN, until=date(2027, 1, 1)))
    for worse in ({"left_at": NOW}, {"roles": (Role.VIEWER,)}, {"until": date(2030, 1, 1)}):
        with pytest.raises(Refused, match="last admin"):
            store.change(replace(anna, **worse))
    store.add(person("Cora", Role.ADMIN))
    store.change(replace(anna, left_at=NOW))
    assert [known.name for known in store.present()] == ["Bert", "Cora"]


def test_who_is_not_here_is_not_changed(database: Database) -> None:
    """Neither a stranger nor one who left."""
    store = PeopleStore(database)
    store.add(person("Anna", Role.ADMIN))
    store.add(person("Gone", Role.VIEWER, left_at=NOW))
    for name in ("Bert", "Gone"):
        with pytest.raises(BadInput, match="works here"):
            store.change(person(name, Role.ADMIN))
        with pytest.raises(BadInput, match="people: Anna"):
            store.get(name)


def issued(database: Database, **changes: Any) -> tuple[Any, str]:
    """A token as a test needs one."""
    values = {
        "person": "Anna",
        "label": "cron",
        "scopes": EXPORT,
        "issued_by": "Anna",
        "now": NOW,
        "expires_at": NOW + timedelta(days=1),
        **changes,
    }
    return TokenStore(database).issue(**values)


@pytest.mark.control("C5.1")
def test_a_token_opens_until_it_is_revoked(database: Database) -> None:
    """What was issued is found by what was shown, and never again once it is revoked."""
    store = TokenStore(database)
    token, text = issued(database)
    shown = parse_token(text)
    assert isinstance(shown, GivenToken)
    assert store.find(shown) == token == store.get(token.id)
    assert not token.has_expired(NOW + timedelta(hours=23))
    assert token.has_expired(NOW + timedelta(days=1))
    store.revoke(token.id, now=NOW)
    assert store.find(shown) is None
    assert store.get(token.id).revoked_at == NOW
    with pytest.raises(BadInput, match="no token"):
        store.get("x\n")


@pytest.mark.control("C5.1")
def test_half_a_token_opens_nothing(database: Database) -> None:
    """Its id with another secret, and its secret with another id."""
    token, text = issued(database)
    other, _ = issued(database)
    secret = text.rpartition(f"{token.id}_")[2]
    for wrong in (
        f"clearance_{token.id}_{'A' * 43}",
        f"clearance_{other.id}_{secret}",
        f"clearance_{'0' * 12}_{secret}",
    ):
        shown = parse_token(wrong)
        assert isinstance(shown, GivenToken)
        assert TokenStore(database).find(shown) is None


@pytest.mark.control("C5.1")
def test_a_token_is_nowhere_on_disk(database: Database, tmp_path: Path) -> None:
    """Neither its text nor its secret stands in the files of the database."""
    token, text = issued(database)
    secret = text.rpartition(f"{token.id}_")[2].encode()
    raw = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert token.id.encode() in raw
    assert secret not in raw


@pytest.mark.parametrize(
    "changes", [{"label": " "}, {"label": "x" * 101}, {"label": "a\nb"}, {"scopes": frozenset()}]
)
def test_a_token_says_what_it_is_for(database: Database, changes: dict[str, Any]) -> None:
    """Without a label or a scope none is issued."""
    with pytest.raises(BadInput, match="--label|--scope"):
        issued(database, **changes)


@pytest.mark.control("C5.2")
@given(st.text() | st.from_regex(r"clearance_[0-9a-f]{10,14}_[A-Za-z0-9_-]{40,46}\n?"))
def test_whatever_is_shown_as_a_token_is_read(text: str) -> None:
    """Reading never fails; what is no token says so."""
    read = parse_token(text)
    assert isinstance(read, Malformed) or len(read.secret_sha256) == 64


def asker(name: str = "Anna", granted: frozenset[Permission] = EXPORT, **changes: Any) -> Actor:
    """An actor as a test needs one."""
    return Actor(name=name, granted=granted, **changes)


def ask(store: ApprovalStore, subject: str = "s", *, actor: Actor | None = None, now: datetime = NOW) -> str:
    """Ask for something that takes two persons; returns the request's id."""
    with pytest.raises(Refused, match="takes two persons") as refusal:
        store.use(SharedAction.BULK_EXPORT, subject, actor=actor or asker(), now=now, valid_hours=72)
    named = re.search("people approve ([0-9a-f]{12})`", str(refusal.value))
    assert named is not None
    return named[1]


@pytest.mark.control("C5.1")
def test_what_two_agreed_on_holds_once(database: Database) -> None:
    """Asked, agreed to by another, used; then it has to be asked anew."""
    store = ApprovalStore(database)
    request = ask(store)
    assert ask(store) == request
    given = store.give(request, actor=asker("Bert"), now=NOW, valid_hours=72)
    assert (given.asked_by, given.approved_by) == ("Anna", "Bert")
    people = PeopleStore(database)
    people.add(person("Bert", Role.PUBLISHER))
    store.use(SharedAction.BULK_EXPORT, "s", actor=asker(), now=NOW, valid_hours=72)
    assert ask(store) != request


@pytest.mark.control("C5.1")
@pytest.mark.parametrize("since", [{"left_at": NOW}, {"roles": (Role.VIEWER,)}])
def test_who_left_or_may_no_longer_agrees_no_more(database: Database, since: dict[str, Any]) -> None:
    """An agreement is worth what its giver may do when it is used."""
    store = ApprovalStore(database)
    store.give(ask(store), actor=asker("Bert"), now=NOW, valid_hours=72)
    PeopleStore(database).add(replace(person("Bert", Role.PUBLISHER), **since))
    with pytest.raises(Refused):
        store.use(SharedAction.BULK_EXPORT, "s", actor=asker(), now=NOW, valid_hours=72)


@pytest.mark.control("C5.1")
def test_what_was_agreed_on_is_that_and_nothing_else(database: Database) -> None:
    """Another subject, action or asker does not profit."""
    store = ApprovalStore(database)
    store.give(ask(store), actor=asker("Bert"), now=NOW, valid_hours=72)
    with pytest.raises(Refused):
        store.use(SharedAction.BULK_EXPORT, "s2", actor=asker(), now=NOW, valid_hours=72)
    with pytest.raises(Refused):
        store.use(SharedAction.BULK_EXPORT, "s", actor=asker("Bert"), now=NOW, valid_hours=72)
    with pytest.raises(Refused):
        store.use(SharedAction.DESTROY_KEYS, "s", actor=asker(), now=NOW, valid_hours=72)


@pytest.mark.control("C5.1")
def test_the_second_person_is_another_one_who_may(database: Database) -> None:
    """Not the asker, not somebody without the permission, not a token that another issued."""
    store = ApprovalStore(database)
    request = ask(store)
    token: dict[str, Any] = {"scopes": EXPORT, "lent_by": "Anna"}
    for actor, why in (
        (asker("Anna"), "your own"),
        (asker("Anna", **token), "your own"),
        (asker("Bert", frozenset({Permission.READ})), "role curator or publisher"),
        (asker("Bert", **token), "issued by Anna"),
    ):
        with pytest.raises(Refused, match=why):
            store.give(request, actor=actor, now=NOW, valid_hours=72)
    with pytest.raises(Refused, match="issued by Anna"):
        store.use(SharedAction.BULK_EXPORT, "s", actor=asker("Bert", **token), now=NOW, valid_hours=72)
    with pytest.raises(BadInput, match="no request"):
        store.give("x\n", actor=asker("Bert"), now=NOW, valid_hours=72)


@pytest.mark.control("C5.1")
def test_a_request_waits_and_an_answer_holds_for_the_stated_hours(database: Database) -> None:
    """A late answer is refused, and so is a late use; an answer is given once."""
    store = ApprovalStore(database)
    late = NOW + timedelta(hours=72)
    first = ask(store)
    with pytest.raises(Refused, match="it is expired"):
        store.give(first, actor=asker("Bert"), now=late, valid_hours=72)
    second = ask(store, now=late)
    assert second != first
    store.give(second, actor=asker("Bert"), now=late + timedelta(hours=71), valid_hours=72)
    with pytest.raises(Refused, match="it is given"):
        store.give(second, actor=asker("Cora"), now=late + timedelta(hours=71), valid_hours=72)
    assert ask(store, now=late + timedelta(hours=143)) != second


def test_reads_are_listed_newest_first(database: Database) -> None:
    """All of them, one person's, or those since a moment."""
    store = ReadStore(database)
    made = [
        Read(
            at=NOW + timedelta(hours=hour),
            who=who,
            lent_by="",
            what="items list",
            query={"host": "a.example"},
            items=hour,
            why="to test",
        )
        for hour, who in enumerate(("Anna", "Bert", "Anna"))
    ]
    for read in made:
        store.add(read)
    assert list(store.list()) == made[::-1]
    assert list(store.list(who="Anna")) == [made[2], made[0]]
    assert list(store.list(since=made[1].at, limit=1)) == [made[2]]
