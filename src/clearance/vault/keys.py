"""The keys of a workspace: a root key outside the database, and all others wrapped by the one above, inside
it.

Root wraps the key of each source and licence, which wraps the key of each shard. Destroying one wrapped
source key makes everything that came from that source unreadable, in every copy.

Source: NIST SP 800-38D (AES-GCM as key wrap, the key's own name as associated data); NIST SP 800-88
(cryptographic erase); RFC 7914 (scrypt); C5.1.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from sqlalchemy import func, insert, select

from clearance.database import Database
from clearance.errors import BadInput, ConfigurationError, StorageError, WrongKey
from clearance.identifiers import KeyId
from clearance.vault.sealing import KEY_BYTES
from clearance.vault.tables import keys

_NONCE_BYTES = 12
_ROOT = KeyId("root")
_CHECK = KeyId("root-check")
_LOG = KeyId("log")
_SCRYPT = {"n": 1 << 16, "r": 8, "p": 1}
"""64 MiB and about 0.2 s a guess: OWASP's advice for interactive use, doubled."""


class KeyKind(StrEnum):
    """What a wrapped key opens."""

    CHECK = "root-check"
    SOURCE = "source"
    SHARD = "shard"
    LOG = "log"


def create_root_key(path: Path) -> None:
    """Make a random root key in a file that only its owner may read."""
    _write_private(path, json.dumps({"kind": "file", "key": _text(secrets.token_bytes(KEY_BYTES))}))


def create_passphrase_root(path: Path, passphrase: str) -> None:
    """Make a root key that is derived from a passphrase; the file holds the salt only.

    Raises:
        BadInput: the passphrase is shorter than 12 characters.
    """
    if len(passphrase) < 12:
        raise BadInput("the passphrase is shorter than 12 characters")
    _write_private(
        path, json.dumps({"kind": "passphrase", "salt": _text(secrets.token_bytes(16)), **_SCRYPT})
    )


def load_root(path: Path, passphrase: Callable[[], str]) -> bytes:
    """Return the root key, 32 bytes; `passphrase` is called only where one is needed.

    Raises:
        ConfigurationError: the file is missing, unreadable, or may be read by others.
    """
    try:
        mode = path.stat().st_mode & 0o777
        stored: dict[str, Any] = json.loads(path.read_text(encoding="ascii"))
        if mode & 0o077:
            raise ConfigurationError(f"{path}: mode {mode:04o} lets others read the root key; chmod 600 it")
        if stored["kind"] == "file":
            key = base64.b64decode(stored["key"], validate=True)
        else:
            key = Scrypt(
                salt=base64.b64decode(stored["salt"], validate=True),
                length=KEY_BYTES,
                n=int(stored["n"]),
                r=int(stored["r"]),
                p=int(stored["p"]),
            ).derive(passphrase().encode())
    except OSError as error:
        raise ConfigurationError(f"{path}: the root key cannot be read: {error.strerror}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise ConfigurationError(f"{path}: not a root key file") from error
    if len(key) != KEY_BYTES:
        raise ConfigurationError(f"{path}: the root key is not {KEY_BYTES} bytes long")
    return key


class KeyRing:
    """The keys of one workspace, opened by its root key."""

    def __init__(self, database: Database, root: bytes, *, clock: Callable[[], datetime]) -> None:
        """Open the ring, and make its check value where the workspace is new.

        Raises:
            WrongKey: the root key is not this workspace's, or what it would be checked by is gone.
        """
        self._database = database
        self._clock = clock
        self._open: dict[KeyId, bytes] = {_ROOT: root}
        with database.begin() as connection:
            known, checks = connection.execute(
                select(func.count(), func.count().filter(keys.c.id == _CHECK)).select_from(keys)
            ).one()
        if known and not checks:
            # A new check value would let any root key in, and new keys would be wrapped by the wrong one.
            raise WrongKey("the key table lost the value that the root key is checked by; restore a backup")
        self._of(_CHECK, KeyKind.CHECK, parent=_ROOT)

    def source_key(self, source: str, licence: str) -> KeyId:
        """Return the key under which everything from one source and licence is wrapped; made when first asked
        for.
        """
        key = KeyId(f"source:{source}:{licence}")
        self._of(key, KeyKind.SOURCE, parent=_ROOT)
        return key

    def new_shard_key(self, name: str, *, parent: KeyId) -> tuple[KeyId, bytes]:
        """Make the key of one shard, wrapped by its source's key."""
        key = KeyId(f"shard:{name}")
        return key, self._of(key, KeyKind.SHARD, parent=parent)

    def shard_key(self, key: KeyId) -> bytes:
        """Unwrap the key of one shard.

        Raises:
            WrongKey: it, or the source's key above it, was destroyed or does not unwrap.
        """
        with self._database.begin() as connection:
            row = connection.execute(select(keys.c.parent, keys.c.wrapped).where(keys.c.id == key)).first()
            if row is None or row[1] is None:
                raise WrongKey(f"key {key}: there is none, or it was destroyed")
            parent = KeyId(row[0])
            above = connection.execute(
                select(keys.c.parent, keys.c.wrapped).where(keys.c.id == parent)
            ).first()
        if parent not in self._open:
            if above is None or above[1] is None:
                raise WrongKey(f"key {parent}: there is none, or it was destroyed")
            self._open[parent] = self._unwrap(parent, KeyKind.SOURCE, bytes(above[1]), parent=KeyId(above[0]))
        return self._unwrap(key, KeyKind.SHARD, bytes(row[1]), parent=parent)

    def log_seed(self) -> bytes:
        """Return the 32-byte seed of the log's Ed25519 key; made when first asked for."""
        return self._of(_LOG, KeyKind.LOG, parent=_ROOT)

    def _of(self, key: KeyId, kind: KeyKind, *, parent: KeyId) -> bytes:
        if kind is not KeyKind.SHARD and key in self._open:
            return self._open[key]
        with self._database.begin() as connection:
            row = connection.execute(select(keys.c.wrapped).where(keys.c.id == key)).first()
            if row is not None:
                if row[0] is None:
                    raise WrongKey(f"key {key}: it was destroyed")
                plain = self._unwrap(key, kind, bytes(row[0]), parent=parent)
            else:
                plain = secrets.token_bytes(KEY_BYTES)
                connection.execute(
                    insert(keys).values(
                        id=key,
                        kind=kind.value,
                        parent=parent,
                        wrapped=self._wrap(key, kind, plain, parent=parent),
                        created_at=self._clock(),
                    )
                )
        if kind is not KeyKind.SHARD:
            self._open[key] = plain
        return plain

    def _wrap(self, key: KeyId, kind: KeyKind, plain: bytes, *, parent: KeyId) -> bytes:
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + AESGCM(self._open[parent]).encrypt(nonce, plain, _name(key, kind, parent))

    def _unwrap(self, key: KeyId, kind: KeyKind, wrapped: bytes, *, parent: KeyId) -> bytes:
        try:
            return AESGCM(self._open[parent]).decrypt(
                wrapped[:_NONCE_BYTES], wrapped[_NONCE_BYTES:], _name(key, kind, parent)
            )
        except (InvalidTag, ValueError) as error:
            if key == _CHECK:
                raise WrongKey("the root key (or passphrase) is not this workspace's") from error
            raise WrongKey(
                f"key {key}: it does not unwrap; the key above it is another one, or it was changed"
            ) from error


def _name(key: KeyId, kind: KeyKind, parent: KeyId) -> bytes:
    """Bind a wrapped key to its place, so that rows of the table cannot be swapped."""
    return json.dumps([key, kind.value, parent]).encode()


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")


def _write_private(path: Path, text: str) -> None:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(text + "\n")
            file.flush()
            os.fsync(file.fileno())
        sync_folder(path.parent)
    except OSError as error:
        raise StorageError(f"{path}: {error.strerror}") from error


def sync_folder(folder: Path) -> None:
    """Make the names in a folder survive a power cut.

    Raises:
        OSError: the disk does not answer.
    """
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
