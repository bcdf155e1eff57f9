"""Who may do what with a workspace, as the command line and the Python API find it."""

from __future__ import annotations

import inspect
import json
import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, update

import clearance
from clearance.collecting import utc_now
from clearance.errors import BadInput, Refused, WorkspaceBusy
from clearance.governing import PeopleStore, Permission, Role, SharedAction, TokenStore
from clearance.governing.tables import people, tokens
from clearance.workspace import Workspace
from clearance.workspace.actors import acting, os_user
from pictures_made import photograph
from sites import Site
from workspaces import Tried

ME = os_user(os.getuid())
DAY = timedelta(days=1)
NO_PARTS = {"root", "holding", "configuration"}
"""Attributes of a workspace that are no part of it: where it is, what it is made of, what it is set to."""


def token_of(tried: Tried, name: str, *scopes: Permission, issued_by: str = "") -> str:
    """A token as a person who can sign in issues it for themselves."""
    with clearance.open(tried.root) as here:
        _, text = TokenStore(here.holding.database).issue(
            person=name,
            label="test",
            scopes=frozenset(scopes or Permission),
            issued_by=issued_by or name,
            now=utc_now(),
            expires_at=utc_now() + DAY,
        )
    return text


def person(tried: Tried, name: str, *roles: str, **options: Any) -> None:
    """Add a person to the workspace."""
    with clearance.open(tried.root) as here:
        here.people.add(name, roles=roles, **options)


def without_roles(tried: Tried) -> None:
    """Take all roles from the person who made the workspace; somebody else is left as admin."""
    with clearance.open(tried.root) as here:
        here.people.add("Boss", roles=["admin"])
        here.people.change(ME, take=[role.value for role in Role])


def public_methods(here: Workspace) -> Iterator[tuple[str, Any]]:
    """All that a workspace can be asked to do, by name."""
    for name, part in vars(here).items():
        if name in NO_PARTS:
            continue
        if callable(part):
            yield name, part
            continue
        assert not [field for field in vars(part) if not field.startswith("_")], f"{name} shows its insides"
        for inner, kind in inspect.getmembers(type(part)):
            if not inner.startswith("_"):
                assert not isinstance(kind, property), f"{name}.{inner} could not be refused"
                yield f"{name}.{inner}", getattr(part, inner)


def arguments_of(method: Any, folder: Path) -> dict[str, Any]:
    """Something for each argument that a method must have."""
    by_kind = {"str": "x", "Path": folder / "x", "int": 1, "SharedAction": SharedAction.BULK_EXPORT}
    positional = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    return {
        name: by_kind.get(parameter.annotation, ())
        for name, parameter in inspect.signature(method).parameters.items()
        if parameter.kind in positional and parameter.default is inspect.Parameter.empty
    }


@pytest.mark.control("C5.1")
def test_a_person_without_roles_is_refused_by_everything(tried: Tried, tmp_path: Path) -> None:
    """Every public method of every part asks first who wants it, before it looks at anything else."""
    without_roles(tried)
    before = sorted(tmp_path.rglob("*"))
    asked = []
    with clearance.open(tried.root) as here:
        for name, method in public_methods(here):
            with pytest.raises(Refused, match="may not do this"):
                method(**arguments_of(method, tmp_path))
            asked.append(name)
    assert {"collect", "items.list", "datasets.export", "people.add", "register.verify"} <= set(asked)
    assert len(asked) > 50
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.control("C5.1")
def test_who_makes_a_workspace_may_do_everything_but_audit(tried: Tried) -> None:
    """The operating-system user is its first person, and the log says that one was added."""
    with clearance.open(tried.root) as here:
        (first,) = here.people.list()
        assert b'"person-added"' in next(iter(here.holding.stores.log.entries()))
    assert (first["name"], first["os_user"], first["you"]) == (ME, ME, True)
    assert first["roles"] == [role.value for role in Role if role is not Role.AUDITOR]


@pytest.mark.control("C5.1")
def test_the_environment_does_not_say_who_one_is(tried: Tried) -> None:
    """The user of the process counts; USER and LOGNAME do not. Who is unknown is told what to do."""
    with clearance.open(tried.root) as here:
        here.people.change(ME, os_user="somebody-else")
    claimed = {**os.environ, "USER": "somebody-else", "LOGNAME": "somebody-else"}
    result = tried.run("items", "count", "--json", env=claimed)
    assert (result.returncode, json.loads(result.stdout)["error"]["kind"]) == (3, "Refused")
    assert f"operating-system user '{ME}' is no person" in result.stderr
    assert f"clearance people add NAME --os-user {ME}" in result.stderr


def test_a_user_without_a_name_is_known_by_number() -> None:
    """In a container a process may run as a user that the system has no name for."""
    assert os_user(4_123_456_789) == "#4123456789"


@pytest.mark.control("C5.1")
def test_a_workspace_of_an_earlier_version_belongs_to_its_owner(tried: Tried) -> None:
    """Who owns the folder is taken as the first person; recorded when nobody else is at work."""
    with clearance.open(tried.root) as here, here.holding.database.begin() as connection:
        connection.execute(delete(people))
    with clearance.open(tried.root) as here:
        with here.holding.database.begin() as connection:
            connection.execute(delete(people))
        with here.holding.locked():
            size = here.holding.stores.log.size
            with clearance.open(tried.root) as meanwhile:
                assert meanwhile.items.count()["items"] == 0
                assert meanwhile.people.list() == []
    with clearance.open(tried.root) as here:
        assert [entry["name"] for entry in here.people.list()] == [ME]
        assert here.holding.stores.log.size == size + 1


@pytest.mark.control("C5.1")
def test_a_workspace_of_an_earlier_version_belongs_to_nobody_else(tried: Tried, tmp_path: Path) -> None:
    """Another user who opens it first does not become its first person."""
    folder = Path("/")
    if not os.getuid():
        folder = tmp_path / "theirs"
        folder.mkdir()
        os.chown(folder, 12_345, 12_345)
    with clearance.open(tried.root) as here:
        with here.holding.database.begin() as connection:
            connection.execute(delete(people))
        with pytest.raises(Refused, match="is no person"):
            acting(here.holding.database, folder, token=None, now=utc_now())


@pytest.mark.control("C5.1")
def test_nobody_gives_themselves_more(tried: Tried) -> None:
    """Alone one may; as soon as there is somebody else, they have to. Time is given by others, too."""
    with clearance.open(tried.root) as here:
        here.people.change(ME, take=["viewer"])
        here.people.change(ME, give=["viewer"])
        here.people.add("Boss", roles=["admin"])
        here.people.change(ME, take=["viewer"])
        with pytest.raises(Refused, match="nobody gives roles or time to themselves"):
            here.people.change(ME, give=["viewer"])
        here.people.change(ME, until=utc_now().date())
        for later in (None, utc_now().date() + DAY):
            with pytest.raises(Refused, match="nobody gives roles or time to themselves"):
                here.people.change(ME, until=later)
        here.people.change(ME, os_user=ME + "2")
    with clearance.open(tried.root, token=token_of_boss(tried)) as here:
        here.people.change(ME, give=["viewer"], until=None)


def token_of_boss(tried: Tried) -> str:
    """A token of the admin called Boss, issued in the stores: nobody else can sign in any more."""
    from clearance.database import open_database

    with open_database(f"sqlite:///{tried.root / 'control.sqlite'}") as database:
        _, text = TokenStore(database).issue(
            person="Boss",
            label="test",
            scopes=frozenset(Permission),
            issued_by="Boss",
            now=utc_now(),
            expires_at=utc_now() + DAY,
        )
    return text


@pytest.mark.control("C5.1")
def test_a_token_does_what_it_is_for_and_no_more(tried: Tried) -> None:
    """On the command line it comes from the environment; the refusal names the scope that is missing."""
    made = tried.run(
        "people", "token", "issue", "--label", "cron", "--scope", "read", "--days", "3", "--json"
    )
    token = json.loads(made.stdout)
    assert (token["person"], token["scopes"], token["state"]) == (ME, ["read"], "valid")
    environment = {**os.environ, "CLEARANCE_TOKEN": token["token"]}
    assert tried.run("items", "count", env=environment).returncode == 0
    refused = tried.run("people", "add", "X", "--role", "admin", env=environment)
    assert (refused.returncode, "no scope manage-people" in refused.stderr) == (3, True)
    again = tried.run("people", "token", "issue", "--label", "x", "--scope", "read", env=environment)
    assert (again.returncode, "a token issues no token" in again.stderr) == (3, True)
    assert tried.run("people", "token", "revoke", token["id"]).returncode == 0
    assert tried.run("items", "count", env=environment).returncode == 3
    assert token["token"] not in tried.run("people", "token", "list", "--json").stdout


@pytest.mark.control("C5.1")
def test_a_token_that_counts_for_nothing_says_so_in_one_way(tried: Tried) -> None:
    """Malformed, empty, unknown, revoked or of one who left: the answer is the same, and is a refusal."""
    person(tried, "Anna", "viewer")
    person(tried, "Bert", "viewer")
    revoked, left = token_of(tried, "Anna"), token_of(tried, "Bert")
    with clearance.open(tried.root) as here:
        here.tokens.revoke(revoked.split("_")[1])
        here.people.leave("Bert")
    said = set()
    for text in (
        "",
        "x",
        "\x00\ud800",
        f"clearance_{'0' * 12}_{'A' * 43}",
        revoked[:-1] + "A",
        revoked,
        left,
    ):
        with pytest.raises(Refused) as refusal, clearance.open(tried.root, token=text):
            pass
        said.add(str(refusal.value))
    assert len(said) == 1
    assert tried.run("items", "count", env={**os.environ, "CLEARANCE_TOKEN": ""}).returncode == 3


@pytest.mark.control("C5.1")
def test_what_ended_opens_nothing(tried: Tried) -> None:
    """A token after its time, and a person after their last day."""
    text = token_of(tried, ME)
    with clearance.open(tried.root) as here:
        here.people.add("Boss", roles=["admin"])
        database = here.holding.database
        with pytest.raises(Refused, match="the token expired"):
            acting(database, tried.root, token=text, now=utc_now() + DAY)
        here.people.change(ME, until=utc_now().date())
        acting(database, tried.root, token=text, now=utc_now())
        with database.begin() as connection:
            connection.execute(update(tokens).values(expires_at=utc_now() + 9 * DAY))
        for given in (text, None):
            with pytest.raises(Refused, match="ended on"):
                acting(database, tried.root, token=given, now=utc_now() + 2 * DAY)


@pytest.mark.control("C5.1")
def test_a_token_is_issued_within_bounds(tried: Tried) -> None:
    """Not for longer than the policy says, not for more than the person may, not in another's name."""
    person(tried, "Anna", "viewer")
    person(tried, "Bert", "viewer", os_user="bert")
    with clearance.open(tried.root) as here:
        for days in (0, 91):
            with pytest.raises(BadInput, match="from 1 to 90"):
                here.tokens.issue(label="x", scopes=["read"], days=days)
        with pytest.raises(BadInput, match="one of verify"):
            here.tokens.issue(label="x", scopes=["fly\n"])
        with pytest.raises(Refused, match=r"nor may a token of theirs \(C5.1\): collect, plan"):
            here.tokens.issue(label="x", scopes=["read", "plan", "collect"], person="Anna")
        with pytest.raises(Refused, match="issues their own tokens"):
            here.tokens.issue(label="x", scopes=["read"], person="Bert")
        lent = here.tokens.issue(label="x", scopes=["read"], person="Anna")
    assert (lent["person"], lent["issued_by"]) == ("Anna", ME)
    with clearance.open(tried.root, token=lent["token"]) as here:
        here.items.count()
        assert [known["id"] for known in here.tokens.list()] == [lent["id"]]
    with clearance.open(tried.root) as here:
        read = here.reads.list()[0]
    assert (read["who"], read["lent_by"], read["what"]) == ("Anna", ME, "items count")


@pytest.mark.control("C5.1")
def test_others_tokens_are_the_admins_business(tried: Tried) -> None:
    """A viewer sees and revokes their own; a token is worthless even while another process keeps the log."""
    person(tried, "Anna", "viewer")
    mine, hers = token_of(tried, ME), token_of(tried, "Anna")
    with clearance.open(tried.root, token=hers) as here:
        with pytest.raises(Refused, match="it takes the role admin"):
            here.tokens.revoke(mine.split("_")[1])
        with pytest.raises(Refused, match="it takes the role admin"):
            here.tokens.issue(label="x", scopes=["read"], person=ME)
    with (
        clearance.open(tried.root) as busy,
        busy.holding.locked(),
        clearance.open(tried.root) as here,
        pytest.raises(WorkspaceBusy, match="is revoked; for the log, run this again"),
    ):
        here.tokens.revoke(hers.split("_")[1])
    with pytest.raises(Refused, match="opens nothing"), clearance.open(tried.root, token=hers):
        pass


@pytest.mark.control("C5.1")
def test_reads_of_records_are_recorded(tried: Tried, site: Site, tmp_path: Path) -> None:
    """Who, what, which, how many and why; by command and by the Python API, and not what only plans."""
    tried.source("archive", site.host)
    tried.collect([site.serve("/a.jpg", photograph(seed=1)), site.serve("/b.jpg", photograph(seed=2))])
    item = tried.items()[0]["id"]
    tried.freeze()
    with clearance.open(tried.root) as here:
        known = len(here.reads.list())
    environment = {**os.environ, "CLEARANCE_WHY": "the yearly look"}
    for arguments in (
        ("items", "list", "--decision", "kept", "--why", "complaint 7"),
        ("items", "show", item),
        ("items", "count", "--by", "host"),
        ("explain", item),
        ("explain", site.url("/a.jpg")),
        ("explain", site.url("/never.jpg")),
        ("register", "prove", item),
        ("dataset", "export", "set", "out"),
        ("items", "show", "no-such-item"),
        ("project", "show", "p"),
        ("register", "verify"),
    ):
        tried.run(*arguments, env=environment)
    printed = json.loads(tried.run("people", "reads", "--json").stdout)["reads"]
    made = printed[: len(printed) - known][::-1]
    assert {(read["who"], read["lent_by"]) for read in made} == {(ME, None)}
    assert [(read["what"], read["items"], read["why"]) for read in made] == [
        ("items list", 2, "complaint 7"),
        ("items show", 1, "the yearly look"),
        ("items count", 2, "the yearly look"),
        ("explain", 1, "the yearly look"),
        ("explain", 1, "the yearly look"),
        ("register prove", 1, "the yearly look"),
        ("dataset export", 2, "the yearly look"),
    ]
    assert made[0]["query"] == {"decision": "kept"}
    assert made[1]["query"] == {"item": item}
    assert made[6]["query"] == {"version": "set@1", "use": "train", "format": "webdataset"}
    assert "dataset" in tried.run("people", "reads", "--limit", "1").stdout


@pytest.mark.control("C5.1")
def test_where_the_policy_asks_for_a_reason_none_is_no_read(tried: Tried) -> None:
    """Without a reason nothing is handed over; a blank one is none, and a book is refused."""
    tried.policy("is_reason_required: false", "is_reason_required: true")
    for why in ("", "  "):
        with clearance.open(tried.root, why=why) as here, pytest.raises(Refused, match="--why TEXT"):
            here.items.list()
    with clearance.open(tried.root, why="x" * 501) as here, pytest.raises(BadInput, match="--why"):
        here.items.list()
    with clearance.open(tried.root, why=" complaint 7 ") as here:
        assert here.items.list() == []
        assert [read["why"] for read in here.reads.list()] == ["complaint 7"]


@pytest.mark.control("C5.1")
def test_reading_works_while_another_process_changes_the_workspace(tried: Tried) -> None:
    """A read waits for no collection, and is recorded all the same."""
    with clearance.open(tried.root) as here, here.holding.locked():
        assert tried.run("items", "list").returncode == 0
        assert [read["what"] for read in here.reads.list()] == ["items list"]


@pytest.mark.control("C5.1")
def test_two_persons_export_in_bulk(tried: Tried, site: Site, tmp_path: Path) -> None:
    """Nothing is written until another person agreed; then it is exported once, and this and no other."""
    tried.policy("bulk_export_items: 10000", "bulk_export_items: 1")
    tried.source("archive", site.host)
    tried.collect([site.serve("/a.jpg", photograph(seed=1)), site.serve("/b.jpg", photograph(seed=2))])
    person(tried, "Anna", "publisher")
    person(tried, "Bert", "viewer")
    tried.freeze()
    out = tried.root / "out"
    command = ("dataset", "export", "set", str(out), "--json")
    asked = tried.run(*command)
    (request,) = json.loads(tried.run("people", "approvals", "--json").stdout)["approvals"]
    assert asked.returncode == 3
    assert f"clearance people approve {request['id']}" in asked.stderr
    assert (request["state"], request["action"], out.exists()) == ("asked", "bulk-export", False)
    assert f"2 pictures of set@1 as webdataset for train into {out}" in request["subject"]
    lent = {**os.environ, "CLEARANCE_TOKEN": token_of(tried, "Anna", issued_by=ME)}
    hers = {**os.environ, "CLEARANCE_TOKEN": token_of(tried, "Anna")}
    for environment, why in (
        (None, "your own"),
        ({**os.environ, "CLEARANCE_TOKEN": token_of(tried, ME)}, "your own"),
        ({**os.environ, "CLEARANCE_TOKEN": token_of(tried, "Bert")}, "may not do this"),
        (lent, "was issued by"),
    ):
        refused = tried.run("people", "approve", request["id"], env=environment)
        assert (refused.returncode, why in refused.stderr) == (3, True), refused.stderr
    assert tried.run("people", "approve", request["id"], env=hers).returncode == 0
    elsewhere = tried.run("dataset", "export", "set", "elsewhere")
    assert (elsewhere.returncode, (tried.root / "elsewhere").exists()) == (3, False)
    done = tried.run(*command)
    assert (done.returncode, json.loads(done.stdout)["exported"]) == (0, 2), done.stderr
    used = json.loads(tried.run("people", "approvals", "--json").stdout)["approvals"][0]
    assert (used["state"], used["approved_by"]) == ("used", "Anna")
    with clearance.open(tried.root) as here:
        logged = list(here.holding.stores.log.entries())
    assert any(b'"approval-given"' in entry and b'"bulk-export"' in entry for entry in logged)
    assert not any(b"Anna" in entry for entry in logged)


@pytest.mark.control("C5.1")
def test_an_export_that_would_fail_anyway_asks_nobody(tried: Tried, site: Site) -> None:
    """A folder that holds something is refused before a second person is asked."""
    tried.policy("bulk_export_items: 10000", "bulk_export_items: 0")
    tried.source("archive", site.host)
    tried.collect([site.serve("/a.jpg", photograph(seed=1))])
    tried.freeze()
    (tried.root / "a-file").write_text("x")
    for target, why in ((tried.root, "not empty"), (tried.root / "a-file", "not a folder")):
        with clearance.open(tried.root) as here, pytest.raises(BadInput, match=why):
            here.datasets.export("set", target, form="parquet")
    with clearance.open(tried.root) as here:
        assert here.approvals.list() == []


def test_people_by_command(tried: Tried) -> None:
    """Each command of the group prints for people, and says what is wrong with what it was given."""
    day = f"{utc_now() + 30 * DAY:%Y-%m-%d}"
    for arguments, status, said in (
        (("add", "Anna", "--role", "viewer", "--os-user", "anna"), 0, "Anna works here now: viewer"),
        (("add", "Anna", "--role", "viewer"), 2, "is or was taken"),
        (("add", "Bert", "--role", "wizard"), 2, "one of viewer, collector"),
        (("add", "Aud", "--role", "auditor"), 2, "needs a last day"),
        (("add", "Aud", "--role", "auditor", "--until", "2020-01-01"), 2, "that day is over"),
        (("add", "Aud", "--role", "auditor", "--until", day), 0, f"auditor, until {day}"),
        (("change", "Anna", "--give", "collector", "--take", "viewer"), 0, "Anna: collector"),
        (("change", "Anna", "--give", "collector"), 2, "nothing to change"),
        (("change", "Anna", "--until", day), 0, f"Anna: collector, until {day}"),
        (("change", "Anna", "--until", day, "--without-end"), 2, "one of them"),
        (("change", "Anna", "--without-end"), 0, "Anna: collector"),
        (("change", "Anna", "--take", "collector"), 0, "Anna: no role"),
        (("change", "Nobody", "--give", "admin"), 2, "no person 'Nobody' works here"),
        (("token", "issue", "--label", "cron", "--scope", "sweep"), 0, "it is not shown again"),
        (("token", "list"), 0, "sweep"),
        (("leave", "Anna"), 0, "Anna has left"),
        (("leave", ME), 3, "last admin"),
        (("list",), 0, "by token only"),
        (("approvals",), 0, "What takes two persons"),
        (("reads",), 0, "Reads"),
    ):
        result = tried.run("people", *arguments)
        assert result.returncode == status, (arguments, result.stderr)
        assert said in result.stdout + result.stderr, (arguments, result.stdout, result.stderr)
        assert "Traceback" not in result.stderr


@pytest.mark.control("C5.1")
def test_who_left_may_do_nothing_at_once(tried: Tried) -> None:
    """Their tokens are worthless even while another process keeps them from leaving the list."""
    person(tried, "Anna", "viewer")
    text = token_of(tried, "Anna")
    with (
        clearance.open(tried.root) as busy,
        busy.holding.locked(),
        clearance.open(tried.root) as here,
        pytest.raises(WorkspaceBusy),
    ):
        here.people.leave("Anna")
    with pytest.raises(Refused, match="opens nothing"), clearance.open(tried.root, token=text):
        pass
    with clearance.open(tried.root) as here:
        here.people.leave("Anna")
        assert [known.name for known in PeopleStore(here.holding.database).present()] == [ME]
