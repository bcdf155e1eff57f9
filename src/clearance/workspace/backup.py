"""Backups: everything of a workspace in two files, of which the small one opens the large one.

`data.tar.sealed` holds all but keys, sealed under a key of its own; `keys.json` holds that key and the keys
of the workspace, all wrapped by the root key. Destroying the small file makes the large one unreadable,
wherever copies of it lie: so a backup can be made to forget before the deadline of an erasure.

Source: docs/keys.md; NIST SP 800-88 (cryptographic erase); C5.1, C3.4.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import shutil
import tarfile
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any, cast

from clearance.collecting import utc_now
from clearance.configuration import FILE_NAME
from clearance.database import dump_rows, newest_schema
from clearance.errors import BadInput, StorageError, printable
from clearance.governing import Permission
from clearance.identifiers import ShardId
from clearance.vault import SealingStream, ShardWriter, sync_folder, write_private
from clearance.workspace.holding import POLICY_FILE, Holding
from clearance.workspace.root_key import ROOT_KEY

BACKUP_VERSION = 1
DATA, KEYS, MANIFEST = "data.tar.sealed", "keys.json", "manifest.json"
KEYS_TABLE = "keys"
ROWS = "control"
"""The folder of the archive that holds the rows of the control database."""
FILES = (FILE_NAME, POLICY_FILE)
FOLDERS = (
    *("items", "vault", "leaves", "log", "tombstones", "certificates", "exports", "datasets"),
    *("risk", "requests"),
)
_HASHED_AT_ONCE = 1 << 20


class Backups:
    """The backups of a workspace."""

    def __init__(self, holding: Holding) -> None:
        self._holding = holding

    def make(self, directory: Path, *, with_root_key: bool = False) -> dict[str, Any]:
        """Write a backup into a new folder of a directory; it appears when it is whole.

        Args:
            directory: where backups are kept, outside the workspace.
            with_root_key: put the root key file into `keys.json` too; without it, keep a copy elsewhere.

        Raises:
            BadInput: the directory is inside the workspace.
            WorkspaceBusy: another process is changing the workspace.
            StorageError: the disk is full or does not answer.
        """
        self._holding.require(Permission.MANAGE_KEYS)
        if directory.resolve().is_relative_to(self._holding.root.resolve()):
            raise BadInput(f"{directory}: inside the workspace; what befalls that befalls its backup")
        now = utc_now()
        name = now.strftime("%Y%m%dT%H%M%S.%fZ")
        partial, final = directory / f".{name}.partial", directory / name
        try:
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            partial.mkdir(mode=0o700)
            try:
                with self._holding.locked():
                    data_key = self._write_data(partial / DATA, name)
                    self._write_keys(partial / KEYS, name, data_key, with_root_key=with_root_key)
                    manifest = self._manifest(partial, name, made_at=now.isoformat())
                write_private(partial / MANIFEST, (json.dumps(manifest, indent=2) + "\n").encode())
                partial.rename(final)
                sync_folder(directory)
            except BaseException:
                shutil.rmtree(partial, ignore_errors=True)
                raise
        except OSError as error:
            raise StorageError(f"{error.filename or directory}: {error.strerror or error}") from error
        return {"backup": str(final), **manifest, "with_root_key": with_root_key}

    def _write_data(self, path: Path, name: str) -> bytes:
        """Seal everything but keys into a file; returns the wrapped key that opens it."""
        key, wrapped = self._holding.keyring.new_backup_key(name)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            stream = SealingStream(ShardWriter(file, shard=ShardId(name), key=key))
            with tarfile.open(fileobj=cast("Any", stream), mode="w|", format=tarfile.PAX_FORMAT) as tar:
                for found in FILES:
                    _add_file(tar, self._holding.root, found)
                for part, rows in enumerate(dump_rows(self._holding.database, leave_out=(KEYS_TABLE,))):
                    content = b"".join(json.dumps(row).encode() + b"\n" for row in rows[1])
                    _add(tar, f"{ROWS}/{part:08d}.{rows[0]}.jsonl", len(content), io.BytesIO(content))
                for found in self._files():
                    _add_file(tar, self._holding.root, found)
            stream.finish()
            file.flush()
            os.fsync(file.fileno())
        return wrapped

    def _write_keys(self, path: Path, name: str, data_key: bytes, *, with_root_key: bool) -> None:
        rows = [row for _, part in dump_rows(self._holding.database, only=(KEYS_TABLE,)) for row in part]
        keys: dict[str, Any] = {
            "version": BACKUP_VERSION,
            "backup": name,
            "data_key": base64.b64encode(data_key).decode("ascii"),
            "keys": rows,
        }
        if with_root_key:
            keys["root_key"] = (self._holding.root / ROOT_KEY).read_text(encoding="ascii")
        write_private(path, (json.dumps(keys, indent=1) + "\n").encode())

    def _manifest(self, partial: Path, name: str, *, made_at: str) -> dict[str, Any]:
        log = self._holding.stores.log
        return {
            "version": BACKUP_VERSION,
            "name": name,
            "made_at": made_at,
            "made_by": f"clearance {version('clearance')}",
            "schema": newest_schema(),
            "log_key": log.verifier.vkey,
            "log_entries": log.size,
            "files": {
                file: {"sha256": file_sha256(partial / file), "bytes": (partial / file).stat().st_size}
                for file in (DATA, KEYS)
            },
        }

    def _files(self) -> Iterator[str]:
        """Return the files in the workspace's folders, but for what a crash left half written.

        Raises:
            BadInput: something there is no file, and nobody could tell what of it to keep.
        """
        for name in FOLDERS:
            for folder, _, names in os.walk(self._holding.root / name):
                for found in sorted(names):
                    path = Path(folder) / found
                    if found.endswith(".partial") or (found.startswith(".") and found.endswith(".new")):
                        continue
                    if path.is_symlink() or not path.is_file():
                        raise BadInput(f"{printable(str(path))}: no file; it cannot go into a backup")
                    yield path.relative_to(self._holding.root).as_posix()


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file, read in pieces."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while part := file.read(_HASHED_AT_ONCE):
            digest.update(part)
    return digest.hexdigest()


def _add_file(tar: tarfile.TarFile, root: Path, name: str) -> None:
    with (root / name).open("rb") as file:
        _add(tar, name, os.fstat(file.fileno()).st_size, file)


def _add(tar: tarfile.TarFile, name: str, size: int, content: Any) -> None:
    info = tarfile.TarInfo(name)
    info.size = size
    info.mode = 0o600
    tar.addfile(info, content)
