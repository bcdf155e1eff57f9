"""Backup and restore, step by step as docs/keep.md has it, and what must not work."""

import base64
import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import clearance
import command_line
from clearance.curating import lost_versions
from clearance.database import newest_schema
from clearance.errors import BadInput, ClearanceError, IntegrityError, WorkspaceBusy
from clearance.identifiers import ShardId
from clearance.register import read_entry
from clearance.vault import SealingStream, ShardWriter
from clearance.workspace import Restoring, restore
from clearance.workspace.backup import DATA, FILES, FOLDERS, KEYS, MANIFEST
from pictures_made import photograph
from sites import Site
from workspaces import Tried, copied

pytestmark = pytest.mark.control("C5.1", "C2.1")
TRAIL = ("log", "leaves", "tombstones")


@dataclass(frozen=True, kw_only=True)
class Lost:
    """A workspace of two batches, and what is left of it: a backup after the first, the newest trail, the key."""

    workspace: Path
    backup: Path
    trail: Path
    root_key: Path
    site: str
    urls: tuple[str, ...]


def run(*arguments: str, cwd: Path, **variables: str) -> "subprocess.CompletedProcess[str]":
    return command_line.run(*arguments, cwd=cwd, env={**os.environ, **variables})


def said(done: "subprocess.CompletedProcess[str]") -> dict[str, Any]:
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def holds(folder: Path, marker: bytes) -> list[str]:
    return [str(path) for path in folder.rglob("*") if path.is_file() and marker in path.read_bytes()]


@pytest.fixture(scope="module")
def lost(tmp_path_factory: pytest.TempPathFactory) -> Lost:
    """Four pictures, a backup, two more pictures, one of the four erased; log, leaves and tombstones mirrored."""
    folder = tmp_path_factory.mktemp("lost")
    tried = Tried(folder / "workspace")
    tried.configure('head = ""', f'head = "{folder / "head"}"')
    tried.project()
    with Site() as site:
        tried.source("archive", site.host)
        urls = [site.serve(f"/marked-{n}.jpg", photograph(seed=n)) for n in range(6)]
        assert tried.collect(urls[:4])["kept"] == 4
        assert tried.freeze("birds")["items"] == 4
        made = said(run("backup", str(folder / "backups"), "--json", cwd=tried.root))
        shutil.copy(tried.root / "keys" / "root.key", folder / "root.key")
        assert tried.collect(urls[4:])["kept"] == 2
        with clearance.open(tried.root) as here:
            here.erasures.erase(reason="request", by="Somebody", url=urls[0])
            here.datasets.freeze("later", project="p")
        for name in TRAIL:
            shutil.copytree(tried.root / name, folder / "mirror" / name)
        assert tried.verified()["ok"]
        return Lost(
            workspace=tried.root,
            backup=Path(made["backup"]),
            trail=folder / "mirror",
            root_key=folder / "root.key",
            site=site.host,
            urls=tuple(urls),
        )


def state(tmp_path: Path, lost: Lost, name: str = "copy") -> Lost:
    """A copy of what is left, for a test to spoil."""
    folder = tmp_path / name
    return Lost(
        workspace=lost.workspace,
        backup=shutil.copytree(lost.backup, folder / lost.backup.name),
        trail=shutil.copytree(lost.trail, folder / "mirror"),
        root_key=Path(shutil.copy(lost.root_key, folder)),
        site=lost.site,
        urls=lost.urls,
    )


def restored(lost: Lost, to: Path, **changes: Any) -> dict[str, Any]:
    return restore(lost.backup, to, Restoring(**{"trail": lost.trail, "root_key": lost.root_key, **changes}))


@pytest.mark.control("C5.4", "C3.4")
def test_the_procedure_brings_back_what_may_come_back(lost: Lost, tmp_path: Path) -> None:
    """With the newest trail: what was erased is erased again, what nobody has is declared lost, the register
    verifies, and what was erased for good is not taken again.
    """
    head = lost.workspace.parent / "head"
    known = head.read_bytes()
    try:
        options = ("--trail", str(lost.trail), "--root-key", str(lost.root_key), "--json")
        done = said(run("restore", str(lost.backup), "new", *options, cwd=tmp_path))
        assert {name: done[name] for name in ("lost", "erased_again", "can_sign")} == {
            "lost": 2,
            "erased_again": 1,
            "can_sign": True,
        }
        new = tmp_path / "new"
        verified = said(run("register", "verify", "--json", cwd=new))
        assert (verified["ok"], verified["items"], verified["pictures"], verified["erased"]) == (
            True,
            3,
            3,
            3,
        )
        listed = said(run("items", "list", "--json", cwd=new))["items"]
        assert {item["url"] for item in listed} == set(lost.urls[1:4])
        assert holds(new, b"marked-1.jpg")
        assert holds(new, b"marked-0.jpg") == []
        # The erasure of after the backup reached the dataset version, too; fingerprints are made again.
        version = said(run("dataset", "verify", "birds", "--json", cwd=new))
        assert (version["ok"], version["items"], version["erased"]) == (True, 4, 1)
        # A version that was frozen after the backup is lost, and the log says so.
        with clearance.open(lost.workspace) as here:
            later = here.holding.versions.get("later").id
        with clearance.open(new) as here:
            assert lost_versions(here.holding.stores.log) == {later}
        assert said(run("items", "examine", "--json", cwd=new))["examined"] == 3
        assert said(run("items", "examine", "--json", cwd=new))["examined"] == 0
        tried = Tried.__new__(Tried)
        tried.root = new
        again = tried.collect([lost.urls[0]])
        assert (again["kept"], again.get("suppressed", 1)) == (0, 1)
        assert tried.verified()["ok"]
        reasons = [entry["reason"] for entry in said(run("erasure", "list", "--json", cwd=new))["erasures"]]
        assert reasons == ["request", "lost"]
    finally:
        head.write_bytes(known)


def test_without_a_newer_trail_it_can_be_read_and_not_changed(lost: Lost, tmp_path: Path) -> None:
    """The log of the day of the backup is older than what was signed since."""
    options = ("--root-key", str(lost.root_key))
    done = run("restore", str(lost.backup), "old", *options, cwd=tmp_path)
    assert (done.returncode, "can be read only" in done.stderr) == (0, True), done.stderr
    assert said(run("register", "verify", "--json", cwd=tmp_path / "old"))["items"] == 4
    refused = run("keys", "rotate", cwd=tmp_path / "old")
    assert (refused.returncode, "--trail" in refused.stderr) == (3, True)


def test_a_backup_tells_nothing_without_its_keys(lost: Lost, tmp_path: Path) -> None:
    """No address, name or key stands in its files; with the small one destroyed the rest cannot be opened."""
    markers = (
        b"marked-",
        lost.site.encode(),
        b"Somebody",
        b"S\xc3\xb6hne",
        lost.root_key.read_bytes().strip(),
    )
    assert [marker for marker in markers if holds(lost.backup, marker)] == []
    assert holds(lost.workspace, b"marked-1.jpg")
    assert {path.name for path in lost.backup.iterdir()} == {DATA, KEYS, MANIFEST}
    assert {path.stat().st_mode & 0o777 for path in lost.backup.iterdir()} == {0o600}
    ours = state(tmp_path, lost)
    (ours.backup / KEYS).unlink()
    with pytest.raises(BadInput, match="without its keys nothing in this backup can be opened"):
        restored(ours, tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_the_root_key_goes_into_a_backup_only_where_that_is_wished(lost: Lost, tmp_path: Path) -> None:
    """Without it a copy is asked for; with it the backup alone is enough."""
    with pytest.raises(BadInput, match="--root-key"):
        restored(lost, tmp_path / "new", root_key=None)
    tried = copied(lost.workspace, tmp_path / "workspace")
    made = said(run("backup", str(tmp_path / "b"), "--with-root-key", "--json", cwd=tried.root))
    done = restore(Path(made["backup"]), tmp_path / "new", Restoring())
    assert (done["can_sign"], done["lost"], done["erased_again"]) == (True, 0, 0)


def test_everything_in_a_workspace_is_backed_up_or_left_out_on_purpose(lost: Lost) -> None:
    """A folder that somebody adds must be put into backups, or its name here."""
    left_out = {
        ".restored",
        "keys",
        "control.sqlite",
        "control.sqlite-wal",
        "control.sqlite-shm",
        "lock",
        "urls.txt",
        # Made again by `clearance items examine`.
        "fingerprints",
    }
    assert {path.name for path in lost.workspace.iterdir()} - left_out <= {*FILES, *FOLDERS}


def other_key(lost: Lost) -> None:
    stored = json.loads(lost.root_key.read_text())
    stored["key"] = "A" * 43 + "="
    lost.root_key.write_text(json.dumps(stored))


def changed_data(lost: Lost) -> None:
    path = lost.backup / DATA
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def changed_data_and_manifest(lost: Lost) -> None:
    changed_data(lost)
    manifest = json.loads((lost.backup / MANIFEST).read_text())
    manifest["files"][DATA]["sha256"] = hashlib.sha256((lost.backup / DATA).read_bytes()).hexdigest()
    (lost.backup / MANIFEST).write_text(json.dumps(manifest))


def cut_off(lost: Lost) -> None:
    path = lost.backup / DATA
    path.write_bytes(path.read_bytes()[:-100])


def changed_keys(lost: Lost) -> None:
    (lost.backup / KEYS).write_text((lost.backup / KEYS).read_text().replace("{", "{ ", 1))


def without_manifest(lost: Lost) -> None:
    (lost.backup / MANIFEST).unlink()


def manifest_is_nonsense(lost: Lost) -> None:
    (lost.backup / MANIFEST).write_text(json.dumps({"version": 1, "schema": newest_schema(), "files": []}))


def of_another_version(lost: Lost) -> None:
    manifest = json.loads((lost.backup / MANIFEST).read_text())
    (lost.backup / MANIFEST).write_text(json.dumps({**manifest, "schema": "9999"}))


def leaf_missing(lost: Lost) -> None:
    next((lost.trail / "leaves").iterdir()).unlink()


def leaf_changed(lost: Lost) -> None:
    path = next((lost.trail / "leaves").iterdir())
    path.write_bytes(bytes(len(path.read_bytes())))


def tombstones_missing(lost: Lost) -> None:
    next((lost.trail / "tombstones").iterdir()).unlink()


def tombstones_are_nonsense(lost: Lost) -> None:
    next((lost.trail / "tombstones").iterdir()).write_bytes(b"PAR1")


def tombstones_changed(lost: Lost) -> None:
    path = next((lost.trail / "tombstones").iterdir())
    table = pq.read_table(path)
    place = table.schema.get_field_index("source")
    other = pa.array(["another"] * table.num_rows, pa.string())
    pq.write_table(table.set_column(place, "source", other), path)


def log_changed(lost: Lost) -> None:
    tile = max((lost.trail / "log" / "tile" / "0" / "000.p").iterdir(), key=lambda path: int(path.name))
    tile.write_bytes(bytes(len(tile.read_bytes())))


def log_of_another(lost: Lost) -> None:
    (lost.trail / "log" / "checkpoint").write_text("of another\n")


@pytest.mark.control("C5.2")
@pytest.mark.parametrize(
    ("spoil", "finding"),
    [
        (other_key, "not the one that this backup was made with"),
        (changed_data, "changed or cut off"),
        (changed_data_and_manifest, "was changed or cut off"),
        (cut_off, "changed or cut off"),
        (changed_keys, "changed or cut off"),
        (without_manifest, "manifest.json"),
        (manifest_is_nonsense, "manifest"),
        (of_another_version, "restore it with that version"),
        (leaf_missing, "No such file"),
        (leaf_changed, "do not give the root"),
        (tombstones_missing, "missing"),
        (tombstones_changed, "do not give the root"),
        (tombstones_are_nonsense, "cannot be read"),
        (log_changed, "does not hold together"),
        (log_of_another, "checkpoint"),
    ],
)
def test_a_spoiled_backup_or_trail_restores_nothing(
    lost: Lost, tmp_path: Path, spoil: Callable[[Lost], None], finding: str
) -> None:
    """The message says what and where; no half workspace is left behind."""
    ours = state(tmp_path, lost)
    spoil(ours)
    with pytest.raises((BadInput, IntegrityError), match=finding):
        restored(ours, tmp_path / "to" / "new")
    assert not (tmp_path / "to").exists() or list((tmp_path / "to").iterdir()) == []


def test_a_trail_that_is_older_than_the_backup_or_anothers_is_refused(lost: Lost, tmp_path: Path) -> None:
    """It must go on from where the backup's log ends."""
    tried = copied(lost.workspace, tmp_path / "workspace")
    newer = said(run("backup", str(tmp_path / "b"), "--json", cwd=tried.root))
    with clearance.open(tried.root) as here:
        here.keys.rotate_root()
    later = said(run("backup", str(tmp_path / "b"), "--with-root-key", "--json", cwd=tried.root))
    assert newer["log_entries"] + 1 == later["log_entries"]
    with pytest.raises(BadInput, match="does not go on from the backup's"):
        restore(Path(later["backup"]), tmp_path / "new", Restoring(trail=lost.trail))
    other = Tried(tmp_path / "other")
    with pytest.raises(IntegrityError, match="not signed by"):
        restore(Path(later["backup"]), tmp_path / "new", Restoring(trail=other.root))


def member(name: str, **changes: Any) -> tuple[tarfile.TarInfo, bytes]:
    content = changes.pop("content", b"x")
    info = tarfile.TarInfo(name)
    info.size = changes.pop("size", len(content))
    for key, value in changes.items():
        setattr(info, key, value)
    return info, content


HOSTILE = {
    "a path upward": [member("vault/../../outside")],
    "an absolute path": [member("/outside")],
    "a path in disguise": [member("vault/./a"), member("vault//b")],
    "a file at the top": [member("outside")],
    "another folder": [member("outside/a")],
    "the keys": [member("keys/root.key")],
    "the database": [member("control.sqlite")],
    "a symbolic link": [member("vault/a", type=tarfile.SYMTYPE, linkname="/etc/passwd", size=0)],
    "a hard link": [member("vault/a", type=tarfile.LNKTYPE, linkname="clearance.toml", size=0)],
    "a device": [member("vault/a", type=tarfile.CHRTYPE, devmajor=1, devminor=3, size=0)],
    "a pipe": [member("vault/a", type=tarfile.FIFOTYPE, size=0)],
    "a folder": [member("vault/a", type=tarfile.DIRTYPE, size=0)],
    "one name twice": [member("vault/a"), member("vault/a")],
    "a huge size": [member("vault/a", size=1 << 60)],
    "rows that are none": [member("control/0.projects.jsonl", content=b"[1]\n")],
    "rows that cannot be read": [member("control/0.projects.jsonl", content=b"{")],
    "a table that is none": [member("control/0.outside.jsonl", content=b'{"a": 1}')],
    "a column that is none": [member("control/0.projects.jsonl", content=b'{"outside": 1}')],
    "a value of another kind": [member("control/0.projects.jsonl", content=b'{"created_at": 7}')],
    "no table's name": [member("control/projects", content=b"")],
}


def forged(
    lost: Lost, tmp_path: Path, members: list[tuple[tarfile.TarInfo, bytes]], *, raw: bytes | None
) -> Path:
    """A backup as somebody who has the root key could forge it."""
    folder = tmp_path / "forged"
    folder.mkdir()
    with clearance.open(lost.workspace) as here:
        key, wrapped = here.holding.keyring.new_backup_key("forged")
    with (folder / DATA).open("wb") as file:
        stream = SealingStream(ShardWriter(file, shard=ShardId("forged"), key=key))
        if raw is None:
            packed = io.BytesIO()
            with tarfile.open(fileobj=packed, mode="w") as tar:
                for name in FILES:
                    content = (lost.workspace / name).read_bytes()
                    tar.addfile(member(name, content=content)[0], io.BytesIO(content))
                for info, content in members:
                    tar.addfile(info) if info.size > len(content) else tar.addfile(info, io.BytesIO(content))
            raw = packed.getvalue()
        stream.write(raw)
        stream.finish()
    keys = {"version": 1, "backup": "forged", "data_key": base64.b64encode(wrapped).decode(), "keys": []}
    (folder / KEYS).write_text(json.dumps(keys))
    files = {
        name: {"sha256": hashlib.sha256((folder / name).read_bytes()).hexdigest()} for name in (DATA, KEYS)
    }
    (folder / MANIFEST).write_text(json.dumps({"version": 1, "schema": newest_schema(), "files": files}))
    return folder


@pytest.mark.control("C5.2")
@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_archive_writes_nothing(lost: Lost, tmp_path: Path, what: str) -> None:
    """Links, devices, paths that lead out, and rows of no table of ours: refused, and nothing stays."""
    backup = forged(lost, tmp_path, HOSTILE[what], raw=None)
    with pytest.raises(BadInput):
        restore(backup, tmp_path / "to" / "new", Restoring(root_key=lost.root_key))
    assert list((tmp_path / "to").iterdir()) == []
    assert not (tmp_path / "outside").exists()


@pytest.mark.control("C5.2")
@pytest.mark.parametrize("raw", [b"", b"x" * 1000, b"\0" * 10_240, b"\xff" * 2048])
def test_what_is_no_archive_is_said_to_be_none(lost: Lost, tmp_path: Path, raw: bytes) -> None:
    """Sealed by the right key, and still nothing of ours."""
    backup = forged(lost, tmp_path, [], raw=raw)
    with pytest.raises(ClearanceError):
        restore(backup, tmp_path / "new", Restoring(root_key=lost.root_key))
    assert not (tmp_path / "new").exists()


KILLED = """
import os, sys
from pathlib import Path
point, backup, to, trail, root_key = sys.argv[1:]
def heard(what, arguments):
    if what == "os.rename" and str(arguments[1]).endswith(point):
        os._exit(9)
    if what in ("open", "os.mkdir") and str(arguments[0]).endswith(point):
        os._exit(9)
sys.addaudithook(heard)
from clearance.workspace import Restoring, restore
restore(Path(backup), Path(to), Restoring(trail=Path(trail), root_key=Path(root_key)))
"""


@pytest.mark.parametrize("point", ["policy.yaml", ".shard", ".manifest", "log/checkpoint", ".parquet", "new"])
def test_a_restore_that_was_killed_is_done_again(lost: Lost, tmp_path: Path, point: str) -> None:
    """Until it is whole there is no workspace; the same command begins anew."""
    head = lost.workspace.parent / "head"
    known = head.read_bytes()
    try:
        places = (str(lost.backup), str(tmp_path / "new"), str(lost.trail), str(lost.root_key))
        killed = subprocess.run([sys.executable, "-c", KILLED, point, *places], capture_output=True)
        assert killed.returncode == 9, killed.stderr
        assert not (tmp_path / "new").exists()
        assert restored(lost, tmp_path / "new")["lost"] == 2
        assert [path.name for path in tmp_path.iterdir()] == ["new"]
    finally:
        head.write_bytes(known)


@pytest.mark.parametrize("point", ["/new/log/checkpoint", "/new/certificates", "/new/log/.checkpoint.new"])
def test_a_restore_that_was_killed_at_its_end_is_finished_by_the_next_command(
    lost: Lost, tmp_path: Path, point: str
) -> None:
    """The workspace is there, and the loss is not declared, or half: opening it goes on."""
    head = lost.workspace.parent / "head"
    known = head.read_bytes()
    try:
        places = (str(lost.backup), str(tmp_path / "new"), str(lost.trail), str(lost.root_key))
        killed = subprocess.run([sys.executable, "-c", KILLED, point, *places], capture_output=True)
        assert killed.returncode == 9, killed.stderr
        with clearance.open(tmp_path / "new") as here:
            found = here.register.verify()
            last = read_entry(here.holding.stores.log.entry(here.holding.stores.log.size - 1))
        assert (found["problems"], found["ok"], found["erased"]) == ([], True, 3)
        assert (last.kind, last.facts["erased"]) == ("workspace-restored", 1)  # type: ignore[union-attr]
    finally:
        head.write_bytes(known)


def test_backups_appear_whole_and_outside(lost: Lost, tmp_path: Path) -> None:
    """Inside the workspace, beside a running change, or over what is there: refused; nothing half stays."""
    tried = copied(lost.workspace, tmp_path / "workspace")
    with clearance.open(tried.root) as here:
        with pytest.raises(BadInput, match="inside the workspace"):
            here.backups.make(tried.root / "backups")
        with clearance.open(tried.root) as other, other.holding.locked(), pytest.raises(WorkspaceBusy):
            here.backups.make(tmp_path / "b")
        (tried.root / "vault" / "link").symlink_to("/etc/passwd")
        with pytest.raises(BadInput, match="no file"):
            here.backups.make(tmp_path / "b")
        assert list((tmp_path / "b").iterdir()) == []
    with pytest.raises(BadInput, match="not empty"):
        restored(lost, tried.root)


def test_a_passphrase_opens_a_backup(lost: Lost, tmp_path: Path) -> None:
    """The root key file holds a salt only; the passphrase is asked once."""
    tried = copied(lost.workspace, tmp_path / "workspace")
    with clearance.open(tried.root) as here:
        here.keys.rotate_root("passphrase", passphrase=lambda: "correct horse battery")
        made = here.backups.make(tmp_path / "b", with_root_key=True)
    asked: list[str] = []

    def passphrase() -> str:
        asked.append("asked")
        return "correct horse battery"

    done = restore(Path(made["backup"]), tmp_path / "new", Restoring(passphrase=passphrase))
    assert (done["can_sign"], asked) == (True, ["asked"])
    with pytest.raises(IntegrityError, match="root key"):
        restore(Path(made["backup"]), tmp_path / "other", Restoring(passphrase=lambda: "another horse"))


def test_no_command_is_taken_from_a_backup(lost: Lost, tmp_path: Path) -> None:
    """Who forges a backup would otherwise run what they like: the operator states the command."""
    flip = tmp_path / "flip.py"
    flip.write_text("import sys; sys.stdout.buffer.write(bytes(b ^ 255 for b in sys.stdin.buffer.read()))")
    command = json.dumps([sys.executable, str(flip)])
    tried = copied(lost.workspace, tmp_path / "workspace")
    for setting in ("wrap_command", "unwrap_command"):
        tried.configure(f"\n{setting} = []", f"\n{setting} = {command}")
    with clearance.open(tried.root) as here:
        here.keys.rotate_root("command")
        made = here.backups.make(tmp_path / "b", with_root_key=True)
    options = (made["backup"], "new")
    refused = run("restore", *options, cwd=tmp_path)
    assert (refused.returncode, "--unwrap-command" in refused.stderr) == (2, True)
    done = run("restore", *options, "--unwrap-command", f"{sys.executable} {flip}", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
