"""The root key file of a workspace: made, opened, and put in another's place.

The root key stands outside the database, what it wraps inside it; the two cannot change in one step. So
the new root key is written beside the old one first, then everything is wrapped again in one transaction,
which is the commit point, then the new one takes the old one's place. Cut off anywhere, the next opening
finds which of the two fits.

Source: C5.1.
"""

from __future__ import annotations

import contextlib
import shlex
from collections.abc import Callable
from pathlib import Path

from clearance.configuration import Configuration, KeySettings
from clearance.database import Database
from clearance.errors import BadInput, ConfigurationError, Refused
from clearance.register import Event, read_entry
from clearance.vault import RootAccess, is_root_key, load_root, remove_root, replace_root
from clearance.workspace.holding import Holding

ROOT_KEY = Path("keys") / "root.key"
NEXT_ROOT_KEY = Path("keys") / "root.key.next"
ROTATED = "keys-rotated"


def key_settings(wrap_command: str, unwrap_command: str) -> KeySettings:
    """Read the commands that wrap and unwrap the root key, written as one would for a shell; none is run.

    Raises:
        BadInput: a quotation mark is not closed.
    """
    try:
        return KeySettings(
            wrap_command=tuple(shlex.split(wrap_command)), unwrap_command=tuple(shlex.split(unwrap_command))
        )
    except ValueError as error:
        raise BadInput(f"--wrap-command, --unwrap-command: {error}") from error


def root_access(configuration: Configuration, passphrase: Callable[[], str]) -> RootAccess:
    """Return what this workspace's root key may need to be opened."""
    return RootAccess(
        passphrase=passphrase,
        wrap_command=configuration.keys.wrap_command,
        unwrap_command=configuration.keys.unwrap_command,
        timeout_s=configuration.keys.command_timeout_s,
    )


def open_root(root: Path, database: Database, access: RootAccess) -> tuple[bytes, Path]:
    """Return the root key and the file that it was opened from.

    Where a rotation is under way, or was cut off, there are two files, and the database tells which one fits.

    Raises:
        ConfigurationError: the root key cannot be had.
    """
    usual, following = root / ROOT_KEY, root / NEXT_ROOT_KEY
    if following.exists():
        for path in (usual, following):
            with contextlib.suppress(ConfigurationError):
                key = load_root(path, access)
                if is_root_key(database, key):
                    return key, path
    return load_root(usual, access), usual


def settle_rotation(holding: Holding, opened_from: Path) -> None:
    """Bring a rotation of the root key that was cut off to its end, or undo it; the workspace is not locked.

    Nothing is done while another process is at work: it may be rotating.
    """
    usual, following = holding.root / ROOT_KEY, holding.root / NEXT_ROOT_KEY
    if not following.exists():
        return
    with contextlib.suppress(Refused), holding.locked():
        if opened_from == usual:
            remove_root(following)
            return
        log = holding.stores.log
        last = read_entry(log.entry(log.size - 1)) if log.size else None
        if not isinstance(last, Event) or last.kind != ROTATED:
            holding.log_event(ROTATED, keys=1)
        replace_root(usual, following)
