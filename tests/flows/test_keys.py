"""Keys as a user meets them: where the root key comes from, rotation, and a process that dies in between."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

import clearance
from clearance.register import Event, read_entry
from command_line import run
from pictures_made import photograph
from sites import Site
from workspaces import Tried, copied

pytestmark = pytest.mark.control("C5.1")
MAKE = ("--organisation", "O", "--contact", "https://example.org/bot")

KILLED = """
import os, sys
from sqlalchemy import Engine, event
point, updates = sys.argv[1], []
@event.listens_for(Engine, "after_cursor_execute")
def executed(connection, cursor, statement, *rest):
    updates.append(statement.startswith("UPDATE keys"))
    if point == f"update {sum(updates)}" or (point == "renamed" and "wal_checkpoint" in statement):
        os._exit(9)
@event.listens_for(Engine, "commit")
def committing(connection):
    if point == "committing" and any(updates):
        os._exit(9)
def heard(what, arguments):
    if what == "open" and point == "writing" and str(arguments[0]).endswith("root.key.next"):
        os._exit(9)
    if what == "os.rename" and str(arguments[1]).endswith({"logging": "/checkpoint", "renaming": "/root.key"}.get(point, "/nothing")):
        os._exit(9)
sys.addaudithook(heard)
from clearance.cli import main
sys.argv = ["clearance", "keys", "rotate"]
main()
"""


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with one picture, made once."""
    made = Tried(tmp_path_factory.mktemp("made") / "workspace")
    made.project()
    with Site() as site:
        made.source("archive", site.host)
        assert made.collect([site.serve("/a.jpg", photograph(seed=1))])["kept"] == 1
    return made.root


@pytest.fixture
def kept(collected: Path, tmp_path: Path) -> Tried:
    """A copy of it, whose log goes on by itself."""
    return copied(collected, tmp_path / "workspace")


def keys(tried: Tried) -> list[dict[str, object]]:
    done = tried.run("keys", "list", "--json")
    assert done.returncode == 0, done.stderr
    listed: list[dict[str, object]] = json.loads(done.stdout)["keys"]
    return listed


def events(tried: Tried) -> list[str]:
    with clearance.open(tried.root) as here:
        entries = [read_entry(raw) for raw in here.holding.stores.log.entries()]
    return [entry.kind for entry in entries if isinstance(entry, Event)]


@pytest.mark.parametrize(
    "point",
    ["writing", "update 1", "update 3", "committing", "logging", "renaming", "renamed"],
)
def test_a_rotation_that_was_killed_is_undone_or_finished(kept: Tried, point: str) -> None:
    """Wherever the process dies, the workspace opens, nothing is lost, and no second root key lies about."""
    before = (kept.root / "keys" / "root.key").read_bytes()
    killed = subprocess.run([sys.executable, "-c", KILLED, point], cwd=kept.root, capture_output=True)
    assert killed.returncode == 9, killed.stderr
    found = kept.verified()
    assert (found["ok"], found["pictures"]) == (True, 1)
    assert [path.name for path in (kept.root / "keys").iterdir()] == ["root.key"]
    is_rotated = (kept.root / "keys" / "root.key").read_bytes() != before
    assert is_rotated == (point in ("logging", "renaming", "renamed"))
    assert events(kept).count("keys-rotated") == int(is_rotated)
    with clearance.open(kept.root) as here:
        assert here.keys.rotate_root()["root_key"] == "file"


def test_rotation_says_what_was_done_and_shows_no_key(kept: Tried) -> None:
    """Names and ages only; the log is told how many, not which."""
    secret = json.loads((kept.root / "keys" / "root.key").read_text())["key"]
    listed = keys(kept)
    assert {key["key"]: key["kind"] for key in listed} == {
        "root": "root: file",
        "log": "log",
        "suppression": "suppression",
        "source:archive:": "source",
    }
    of_source = kept.run("keys", "rotate", "--source", "archive", "--json")
    assert json.loads(of_source.stdout) == {"rotated": ["source:archive:"]}
    root = kept.run("keys", "rotate", "--json")
    assert json.loads(root.stdout)["root_key"] == "file"
    ages = {key["key"]: key["created_at"] for key in listed}
    assert {key["key"] for key in keys(kept) if key["created_at"] != ages[key["key"]]} == {
        "root",
        "source:archive:",
    }
    shown = "".join((of_source.stdout, root.stdout, kept.run("keys", "list").stdout))
    assert secret not in shown
    assert json.loads((kept.root / "keys" / "root.key").read_text())["key"] not in shown
    assert events(kept)[-2:] == ["keys-rotated", "keys-rotated"]
    assert kept.verified()["ok"]


def test_a_workspace_can_change_where_its_root_key_comes_from(kept: Tried, tmp_path: Path) -> None:
    """From a file to a passphrase, to another, and back: pictures stay, the passphrase is asked from then on."""
    first, second = "correct horse battery", "staple of another horse"

    def rotated(*arguments: str, **variables: str) -> "subprocess.CompletedProcess[str]":
        import os

        return kept.run(*arguments, env={**os.environ, **variables})

    short = rotated("keys", "rotate", "--root-key", "passphrase", CLEARANCE_NEW_PASSPHRASE="short")
    assert (short.returncode, "12 characters" in short.stderr) == (2, True)
    assert (
        rotated("keys", "rotate", "--root-key", "passphrase", CLEARANCE_NEW_PASSPHRASE=first).returncode == 0
    )
    wrong = rotated("keys", "list", CLEARANCE_PASSPHRASE=second)
    assert (wrong.returncode, "not this workspace's" in wrong.stderr) == (3, True)
    again = rotated("keys", "rotate", CLEARANCE_PASSPHRASE=first, CLEARANCE_NEW_PASSPHRASE=second)
    assert again.returncode == 0
    assert rotated("keys", "list", CLEARANCE_PASSPHRASE=first).returncode == 3
    assert rotated("keys", "rotate", "--root-key", "file", CLEARANCE_PASSPHRASE=second).returncode == 0
    assert kept.verified()["pictures"] == 1


@pytest.mark.parametrize(
    ("arguments", "status", "finding"),
    [
        (("--root-key", "other"), 2, "one of file, passphrase, keyring, command"),
        (("--root-key", "command"), 2, "wrap_command: empty"),
        (("--source", "nobody"), 2, "no key"),
        (("--source", "archive", "--root-key", "file"), 2, "one, then the other"),
    ],
)
def test_what_cannot_be_rotated_changes_nothing(
    kept: Tried, arguments: tuple[str, ...], status: int, finding: str
) -> None:
    """The message says what to state; the root key stays."""
    before = (kept.root / "keys" / "root.key").read_bytes()
    done = kept.run("keys", "rotate", *arguments)
    assert (done.returncode, finding in done.stderr) == (status, True), done.stderr
    assert (kept.root / "keys" / "root.key").read_bytes() == before
    assert [path.name for path in (kept.root / "keys").iterdir()] == ["root.key"]


def test_a_workspace_whose_root_key_a_command_wraps(tmp_path: Path) -> None:
    """The commands stand in clearance.toml as a list; what they cannot unwrap opens nothing."""
    flip = "import sys; sys.stdout.buffer.write(bytes(b ^ 255 for b in sys.stdin.buffer.read()))"
    script = tmp_path / "flip it.py"
    script.write_text(flip)
    command = f"{sys.executable} '{script}'"
    options = ("--root-key", "command", "--wrap-command", command, "--unwrap-command", command)
    made = run("init", "w", *MAKE, *options, cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    listed = run("keys", "list", cwd=tmp_path / "w")
    assert "root: command" in listed.stdout
    script.unlink()
    closed = run("keys", "list", cwd=tmp_path / "w")
    assert (closed.returncode, "[keys] unwrap_command: exit status" in closed.stderr) == (2, True)


@pytest.mark.parametrize(
    ("options", "finding"),
    [
        (("--root-key", "command"), "wrap_command: empty"),
        (("--root-key", "other"), "one of file"),
        (("--root-key", "command", "--wrap-command", "'open"), "--wrap-command"),
    ],
)
def test_a_root_key_that_cannot_be_made_leaves_an_empty_folder(
    tmp_path: Path, options: tuple[str, ...], finding: str
) -> None:
    """The same command with other options works in the same folder."""
    failed = run("init", "w", *MAKE, *options, cwd=tmp_path)
    assert (failed.returncode, finding in failed.stderr) == (2, True), failed.stderr
    made = run("init", "w", *MAKE, cwd=tmp_path)
    assert made.returncode == 0, made.stderr


@pytest.mark.control("C2.1", "C5.2")
def test_a_workspace_that_was_copied_back_can_be_read_and_not_changed(tried: Tried, tmp_path: Path) -> None:
    """The checkpoint outside knows better; the message says how to go on; it may stand where the user says."""
    import shutil

    head = tmp_path / "head"
    tried.configure('head = ""', f'head = "{head}"')
    tried.source("one", "a.example")
    older = shutil.copytree(tried.root, tmp_path / "older")
    tried.source("two", "b.example")
    assert head.read_text() == (tried.root / "log" / "checkpoint").read_text()

    def in_older(*arguments: str) -> "subprocess.CompletedProcess[str]":
        return run(*arguments, cwd=older)

    refused = in_older("project", "create", "q", "--purpose", "x", "--use", "analysis", "--target", "1")
    assert (refused.returncode, "restored older state" in refused.stderr) == (3, True)
    assert in_older("register", "verify").returncode == 0
    assert json.loads(in_older("source", "list", "--json").stdout)["sources"][0]["name"] == "one"
    tried.configure(f'head = "{head}"', 'head = "log/head"')
    inside = tried.run("source", "list")
    assert (inside.returncode, "outside the workspace" in inside.stderr) == (2, True)
