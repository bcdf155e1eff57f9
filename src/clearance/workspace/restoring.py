"""Restore a backup into an empty folder, and bring it up to what was decided since.

Source: docs/keys.md; C5.1, C5.4, C2.1.
"""

from __future__ import annotations

import base64
import contextlib
import functools
import itertools
import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from clearance.collecting import utc_now
from clearance.configuration import FILE_NAME, read_configuration, set_database_url
from clearance.database import load_rows, newest_schema
from clearance.errors import BadInput, IntegrityError, RolledBack, StorageError, WrongKey, printable
from clearance.identifiers import KeyId, ShardId
from clearance.keeping import missed_erasures
from clearance.register import Event, read_entry, take_trail
from clearance.vault import (
    ROOT,
    KeyKind,
    KeyRing,
    OpeningStream,
    RootAccess,
    RootKind,
    ShardReader,
    load_root,
    root_kind,
    unwrap_key,
    write_private,
)
from clearance.workspace.actors import acting
from clearance.workspace.backup import (
    BACKUP_VERSION,
    DATA,
    FILES,
    FOLDERS,
    KEYS,
    KEYS_TABLE,
    MANIFEST,
    ROWS,
    file_sha256,
)
from clearance.workspace.consents_again import ConsentsAgain, in_force, withdraw_again
from clearance.workspace.holding import Holding, signer_of
from clearance.workspace.losses import RESTORED, note_restore
from clearance.workspace.opening import Workspace, empty_database
from clearance.workspace.root_key import ROOT_KEY
from clearance.workspace.unpacking import Archive

_MAX_KEYS_BYTES = 1 << 30
"""At 400 bytes a key: two million shards."""
_MAX_MANIFEST_BYTES = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Restoring:
    """What is needed beside the backup itself."""

    trail: Path | None = None
    """A folder with the newest log, leaves and tombstones."""
    root_key: Path | None = None
    """The root key file, where the backup holds none."""
    database: str | None = None
    """Another database than the one that the workspace had; empty means SQLite inside the workspace."""
    unwrap_command: tuple[str, ...] = ()
    """What unwraps the root key, where a command does: never taken from the backup itself."""
    passphrase: Callable[[], str] = lambda: ""


def restore(backup: Path, root: Path, wanted: Restoring) -> dict[str, Any]:
    """Make a workspace of a backup in a new or empty folder; returns what is lost and what was erased again.

    Steps: 1 the backup is whole, and of this version; 2 the root key opens it; 3 files and rows are put into
    a folder beside; 4 the newer trail is taken; 5 consents that were withdrawn or erased since are withdrawn
    and erased again, and so is everything else that was erased, before anybody can see it; 6 the folder gets
    its name; 7 what the log knows and the backup never had is declared lost, and the log is told, unless it
    is older than what it signed before: then the workspace can be read only.

    Raises:
        BadInput: the folder is not empty, or the backup or the trail cannot be used.
        IntegrityError: the backup was changed, or the root key is another one.
        StorageError: the disk is full or does not answer.
    """
    _see_that_it_is_empty(root)
    asked_once = functools.cache(wanted.passphrase)
    # 1
    keys = _checked(backup)
    # 3
    with _beside(root) as folder:
        erased, again = _fill(folder, backup, keys, wanted=wanted, passphrase=asked_once)
        # 6
        try:
            root.parent.mkdir(parents=True, exist_ok=True)
            folder.rename(root)
        except OSError as error:
            raise StorageError(f"{root}: {error.strerror}") from error
    # 7
    lost, why_not = 0, ""
    with Workspace.open(root, passphrase=asked_once) as here:
        log = here.holding.stores.log
        try:
            log.refuse_to_fork()
        except RolledBack as error:
            why_not = str(error)
        last = read_entry(log.entry(log.size - 1)) if log.size else None
        if isinstance(last, Event) and last.kind == RESTORED:
            lost = int(last.facts["lost"])
        unchecked = 0 if wanted.trail else in_force(here.holding)
    return {
        "workspace": str(root),
        "backup": str(backup),
        "trail": str(wanted.trail) if wanted.trail else None,
        "entries": log.size,
        "lost": lost,
        "erased_again": erased,
        "consents_withdrawn_again": again.withdrawn,
        "consents_erased_again": again.erased,
        "consents_unchecked": unchecked,
        "can_sign": not why_not,
        "why_not": why_not,
    }


def _fill(
    folder: Path,
    backup: Path,
    keys: dict[str, Any],
    *,
    wanted: Restoring,
    passphrase: Callable[[], str],
) -> tuple[int, ConsentsAgain]:
    """Do steps 2 to 5 in a folder; returns how many records were erased again, and what came of consents."""
    # 2
    key_file = _place_root_key(folder, keys, given=wanted.root_key)
    access = RootAccess(passphrase=passphrase, unwrap_command=wanted.unwrap_command)
    if root_kind(key_file) is RootKind.COMMAND and not wanted.unwrap_command:
        raise BadInput(
            "a command unwraps the root key: state it, --unwrap-command; none is taken from a backup"
        )
    root_key = load_root(key_file, access)
    name, data_key = _data_key(keys, root_key)
    # 3
    with contextlib.ExitStack() as opened:
        archive = opened.enter_context(_opened(backup / DATA, name=name, key=data_key))
        archive.unpack(folder, files=FILES)
        if wanted.database is not None:
            set_database_url(folder / FILE_NAME, wanted.database)
        configuration = read_configuration(folder / FILE_NAME)
        database = opened.enter_context(empty_database(folder, configuration))
        load_rows(database, itertools.chain(archive.rows(ROWS), [(KEYS_TABLE, keys["keys"])]))
        archive.unpack(folder, folders=FOLDERS)
        for known in FOLDERS[:5]:
            (folder / known).mkdir(mode=0o700, exist_ok=True)
        keyring = KeyRing(database, root_key, clock=utc_now)
        # 4
        if wanted.trail is not None:
            take_trail(wanted.trail, folder, signer_of(keyring, configuration))
        # 5
        actor = acting(database, folder, token=None, now=utc_now())
        holding = Holding(
            folder, database=database, keyring=keyring, configuration=configuration, actor=actor
        )
        with contextlib.closing(holding.stores.vault):
            # Consents first: one whose picture is erased again is remembered as withdrawn.
            again = withdraw_again(holding)
            erased = sum(holding.eraser.repeat(erasure) for erasure in missed_erasures(holding.keeping))
    note_restore(folder, erased=erased)
    return erased, again


def _see_that_it_is_empty(root: Path) -> None:
    try:
        if root.exists() and (not root.is_dir() or any(root.iterdir())):
            raise BadInput(f"{root}: not empty; a backup is restored into a folder of its own")
    except OSError as error:
        raise StorageError(f"{root}: {error.strerror}") from error


def _checked(backup: Path) -> dict[str, Any]:
    """Check a backup's files against its manifest; returns what `keys.json` holds."""
    manifest = _read(backup / MANIFEST, max_bytes=_MAX_MANIFEST_BYTES)
    if manifest.get("version") != BACKUP_VERSION:
        raise BadInput(f"{backup}: a backup of another form; restore it with the version that made it")
    if manifest.get("schema") != newest_schema():
        raise BadInput(
            f"{backup}: made by {printable(str(manifest.get('made_by')))}; restore it with that version, then"
            " open it with this one"
        )
    if not (backup / KEYS).exists():
        raise BadInput(f"{backup / KEYS}: missing; without its keys nothing in this backup can be opened")
    for name in (DATA, KEYS):
        try:
            found = file_sha256(backup / name)
            expected = manifest["files"][name]["sha256"]
        except OSError as error:
            raise BadInput(f"{backup / name}: {error.strerror}") from error
        except (KeyError, TypeError) as error:
            raise BadInput(f"{backup / MANIFEST}: not a backup's manifest") from error
        if found != expected:
            raise IntegrityError(
                f"{backup / name}: not the file that the manifest names; it was changed or cut off; take"
                " another copy"
            )
    return _read(backup / KEYS, max_bytes=_MAX_KEYS_BYTES)


def _read(path: Path, *, max_bytes: int) -> dict[str, Any]:
    try:
        if path.stat().st_size > max_bytes:
            raise BadInput(f"{path}: larger than any that we write")
        read = json.loads(path.read_bytes())
    except OSError as error:
        raise BadInput(f"{path}: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise BadInput(f"{path}: cannot be read") from error
    if not isinstance(read, dict):
        raise BadInput(f"{path}: cannot be read")
    return read


@contextmanager
def _beside(root: Path) -> Iterator[Path]:
    """Give a folder beside the one that is to be made; what is still in it at the end goes."""
    folder = root.absolute().with_name(f".{root.absolute().name}.restoring")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(folder, ignore_errors=True)
        (folder / "keys").mkdir(mode=0o700, parents=True)
        yield folder
    except OSError as error:
        raise StorageError(f"{error.filename or folder}: {error.strerror or error}") from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _place_root_key(folder: Path, keys: dict[str, Any], *, given: Path | None) -> Path:
    path = folder / ROOT_KEY
    if given is not None:
        try:
            content = given.read_bytes()
        except OSError as error:
            raise BadInput(f"{given}: {error.strerror}") from error
    elif isinstance(keys.get("root_key"), str):
        content = keys["root_key"].encode("utf-8", "replace")
    else:
        raise BadInput("the backup holds no root key file; give the copy that you keep elsewhere, --root-key")
    write_private(path, content)
    return path


def _data_key(keys: dict[str, Any], root_key: bytes) -> tuple[str, bytes]:
    try:
        name = str(keys["backup"])
        wrapped = base64.b64decode(keys["data_key"], validate=True)
    except (KeyError, TypeError, ValueError) as error:
        raise BadInput(f"{KEYS}: not the keys of a backup") from error
    rows = keys.get("keys")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise BadInput(f"{KEYS}: not the keys of a backup")
    try:
        return name, unwrap_key(
            root_key, wrapped, key=KeyId(f"backup:{name}"), kind=KeyKind.BACKUP.value, parent=ROOT
        )
    except WrongKey as error:
        raise WrongKey(
            "the root key (or passphrase) is not the one that this backup was made with; where it was rotated"
            " since, give the earlier root key file, --root-key"
        ) from error


@contextmanager
def _opened(path: Path, *, name: str, key: bytes) -> Iterator[Archive]:
    try:
        with path.open("rb") as file:
            reader = ShardReader(file, shard=ShardId(name), key=key, where=str(path))
            yield Archive(OpeningStream(reader), where=str(path))
    except OSError as error:
        raise StorageError(f"{error.filename or path}: {error.strerror or error}") from error
