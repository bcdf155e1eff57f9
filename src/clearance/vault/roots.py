"""Where the root key comes from: a file, a passphrase, the keyring of the operating system, or a command that
wraps and unwraps it.

The root key file always stands in the workspace; what it holds depends on the kind: the key itself, the salt
of a passphrase, the name of an entry in the keyring, or the key as a command wrapped it. The command is the
seam to a key management system: it reads the key (or the wrapped key) from standard input and writes the
other to standard output.

The key is in this process's memory while a workspace is open. Python cannot wipe it there; swap and core
dumps are the operating system's to protect.

Source: RFC 7914 (scrypt); NIST SP 800-57 part 1 section 6.2 (protection of keys); C5.1.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
import signal
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, assert_never

from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from clearance.errors import BadInput, ConfigurationError, StorageError, printable
from clearance.vault import os_keyring
from clearance.vault.sealing import KEY_BYTES

_MAX_FILE_BYTES = 256 << 10
_MAX_WRAPPED_BYTES = 64 << 10
"""A key wrapped by any system we know has less than 10 KB."""
_SCRYPT = {"n": 1 << 16, "r": 8, "p": 1}
"""64 MiB and about 0.2 s a guess: OWASP's advice for interactive use, doubled."""
_MAX_SCRYPT_BYTES = 1 << 30
"""A file that asks for more memory than this was not written by us."""
_MIN_PASSPHRASE_CHARS = 12


class RootKind(StrEnum):
    """Where the root key of a workspace comes from."""

    FILE = "file"
    PASSPHRASE = "passphrase"  # noqa: S105 - a kind, not a secret
    KEYRING = "keyring"
    COMMAND = "command"


@dataclass(frozen=True, slots=True, kw_only=True)
class RootAccess:
    """What a root key may need to be opened."""

    passphrase: Callable[[], str] = lambda: ""
    """Asked only where the key is derived from one."""
    wrap_command: tuple[str, ...] = ()
    """Program and arguments; never run by a shell."""
    unwrap_command: tuple[str, ...] = ()
    timeout_s: float = 60


def create_root(path: Path, kind: RootKind, access: RootAccess) -> bytes:
    """Make a root key of a kind, and the file that it is opened by; returns the key, 32 bytes.

    Raises:
        BadInput: the passphrase is too short, or no text that UTF-8 can hold.
        ConfigurationError: the keyring or the command is not to be had, or does not give back what it got.
        StorageError: the file is there already, or the disk does not answer.
    """
    key = secrets.token_bytes(KEY_BYTES)
    stored: dict[str, Any] = {"kind": kind.value}
    match kind:
        case RootKind.FILE:
            stored["key"] = _text(key)
        case RootKind.PASSPHRASE:
            stored.update({"salt": _text(secrets.token_bytes(16)), **_SCRYPT})
            key = _derived(stored, _new_passphrase(access))
        case RootKind.KEYRING:
            stored["entry"] = secrets.token_hex(8)
            os_keyring.put(stored["entry"], _text(key))
        case RootKind.COMMAND:
            wrapped = _run("wrap_command", access.wrap_command, key, timeout_s=access.timeout_s)
            if not 0 < len(wrapped) <= _MAX_WRAPPED_BYTES:
                raise ConfigurationError(
                    f"[keys] wrap_command: it answered {len(wrapped)} bytes; a wrapped key has 1 to"
                    f" {_MAX_WRAPPED_BYTES}"
                )
            if _run("unwrap_command", access.unwrap_command, wrapped, timeout_s=access.timeout_s) != key:
                raise ConfigurationError(
                    "[keys] unwrap_command: it does not give back what wrap_command got; nothing was made"
                )
            stored["wrapped"] = _text(wrapped)
        case _:
            assert_never(kind)
    write_private(path, (json.dumps(stored) + "\n").encode("ascii"))
    return key


def load_root(path: Path, access: RootAccess) -> bytes:
    """Return the root key, 32 bytes.

    Raises:
        ConfigurationError: the file is missing, unreadable or may be read by others, or what it names does
            not answer with a key.
        BadInput: the passphrase is no text that UTF-8 can hold.
    """
    stored = _read(path)
    try:
        kind = RootKind(stored["kind"])
        match kind:
            case RootKind.FILE:
                key = base64.b64decode(stored["key"], validate=True)
            case RootKind.PASSPHRASE:
                key = _derived(stored, access.passphrase())
            case RootKind.KEYRING:
                key = base64.b64decode(os_keyring.get(str(stored["entry"])), validate=True)
            case RootKind.COMMAND:
                wrapped = base64.b64decode(stored["wrapped"], validate=True)
                key = _run("unwrap_command", access.unwrap_command, wrapped, timeout_s=access.timeout_s)
            case _:
                assert_never(kind)
    except (ValueError, KeyError, TypeError) as error:
        raise ConfigurationError(f"{path}: not a root key file") from error
    if len(key) != KEY_BYTES:
        raise ConfigurationError(
            f"{path}: the root key is {len(key)} bytes long, not {KEY_BYTES}; restore the file from your copy"
            + (", or see what [keys] unwrap_command answers" if kind is RootKind.COMMAND else "")
        )
    return key


def root_kind(path: Path) -> RootKind:
    """Return where a root key comes from, without opening it.

    Raises:
        ConfigurationError: the file is missing, unreadable or may be read by others.
    """
    try:
        return RootKind(_read(path)["kind"])
    except (ValueError, KeyError) as error:
        raise ConfigurationError(f"{path}: not a root key file") from error


def remove_root(path: Path) -> None:
    """Remove a root key file, and the entry of the keyring that it names; nothing where there is none.

    Raises:
        StorageError: the disk does not answer.
    """
    try:
        stored = _read(path)
    except ConfigurationError:
        stored = {}
    try:
        path.unlink(missing_ok=True)
        sync_folder(path.parent)
    except OSError as error:
        raise StorageError(f"{path}: {error.strerror}") from error
    if stored.get("kind") == RootKind.KEYRING:
        os_keyring.forget(str(stored.get("entry", "")))


def replace_root(path: Path, new: Path) -> None:
    """Put a new root key file in the place of another, whose entry in the keyring goes, where it had one.

    Raises:
        StorageError: the disk does not answer.
    """
    try:
        old = _read(path)
    except ConfigurationError:
        old = {}
    try:
        new.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        raise StorageError(f"{path}: {error.strerror}") from error
    if old.get("kind") == RootKind.KEYRING:
        os_keyring.forget(str(old.get("entry", "")))


def write_private(path: Path, content: bytes) -> None:
    """Write a new file that only its owner may read, on disk for good.

    Raises:
        StorageError: it is there already, or the disk does not answer.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
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


def _read(path: Path) -> dict[str, Any]:
    try:
        status = path.stat()
        mode = status.st_mode & 0o777
        if mode & 0o077:
            raise ConfigurationError(f"{path}: mode {mode:04o} lets others read the root key; chmod 600 it")
        if status.st_size > _MAX_FILE_BYTES:
            raise ConfigurationError(f"{path}: not a root key file")
        stored = json.loads(path.read_text(encoding="ascii"))
    except OSError as error:
        raise ConfigurationError(f"{path}: the root key cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise ConfigurationError(f"{path}: not a root key file") from error
    if not isinstance(stored, dict):
        raise ConfigurationError(f"{path}: not a root key file")
    return stored


def _new_passphrase(access: RootAccess) -> str:
    passphrase = access.passphrase()
    if len(passphrase) < _MIN_PASSPHRASE_CHARS:
        raise BadInput(f"the passphrase is shorter than {_MIN_PASSPHRASE_CHARS} characters")
    return passphrase


def _derived(stored: dict[str, Any], passphrase: str) -> bytes:
    n, r, p = (int(stored[name]) for name in ("n", "r", "p"))
    if not 0 < 128 * n * r * p <= _MAX_SCRYPT_BYTES or p < 1 or r < 1:
        raise ValueError("not the cost of a scrypt that we made")
    salt = base64.b64decode(stored["salt"], validate=True)
    try:
        secret = passphrase.encode()
    except UnicodeEncodeError as error:
        raise BadInput("the passphrase holds bytes that are no UTF-8") from error
    return Scrypt(salt=salt, length=KEY_BYTES, n=n, r=r, p=p).derive(secret)


def _run(setting: str, command: Sequence[str], given: bytes, *, timeout_s: float) -> bytes:
    """Run a command that wraps or unwraps; in a session of its own, so that all it started ends with it."""
    where = f"[keys] {setting}"
    if not command:
        raise ConfigurationError(f"{where}: empty; state the program and its arguments in clearance.toml")
    try:
        process = subprocess.Popen(  # noqa: S603 - the operator's own command, from the workspace's configuration
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise ConfigurationError(f"{where}: {printable(command[0])} cannot be run: {why}") from error
    try:
        answer, complaint = process.communicate(given, timeout=timeout_s)
    except subprocess.TimeoutExpired as error:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        raise ConfigurationError(f"{where}: no answer within {timeout_s:g} s") from error
    if process.returncode:
        said = printable(complaint.decode("utf-8", "replace").strip()) or "nothing"
        raise ConfigurationError(f"{where}: exit status {process.returncode}; it said: {said}")
    return answer


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")
