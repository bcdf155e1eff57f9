"""Every error that Clearance raises on purpose, and the exit status it ends a command with.

A refusal is a result (`policy.Decision`), never an exception; an exception is a failure::

    ClearanceError                 1  a fault of ours, or of the machine
    ├── StorageError               1  the disk is full or does not answer
    ├── BadInput                   2  wrong usage, an unreadable file, an unknown name
    │   ├── ConfigurationError     2  clearance.toml does not hold
    │   └── PolicyError            2  policy.yaml does not hold
    ├── Refused                    3  a rule stands in the way of the whole command
    │   ├── WorkspaceBusy          3  another process holds the workspace
    │   └── RolledBack             3  the log is older than what it signed before
    ├── IntegrityError             3  what is stored is not what was stored
    │   ├── WrongKey               3  the key does not open it
    │   ├── ShardDamaged           3  a vault shard was changed or cut off
    │   └── RegisterDamaged        3  log, leaves or records do not hold together
    └── Interrupted              130  stopped by a signal; the same command goes on

Messages say what, where, and what to do next; they never hold a secret.
"""

from __future__ import annotations

from enum import IntEnum


class ExitStatus(IntEnum):
    """What a command tells the shell."""

    DONE = 0
    FAULT = 1
    USAGE = 2
    REFUSED = 3
    PARTIAL = 4
    INTERRUPTED = 130


class ClearanceError(Exception):
    """The root of every error that Clearance raises on purpose."""

    exit_status: ExitStatus = ExitStatus.FAULT


class StorageError(ClearanceError):
    """The disk is full, read-only or does not answer."""


class BadInput(ClearanceError):
    """What the user gave cannot be used; the message names what and where."""

    exit_status = ExitStatus.USAGE


class ConfigurationError(BadInput):
    """`clearance.toml` is missing, unreadable or says something unknown."""


class PolicyError(BadInput):
    """`policy.yaml` is unreadable, incomplete or weaker than a rule may be."""


class Refused(ClearanceError):
    """A rule stands in the way of the whole command."""

    exit_status = ExitStatus.REFUSED


class WorkspaceBusy(Refused):
    """Another process is changing this workspace."""


class RolledBack(Refused):
    """The log is older than what it signed before: signing on would fork it."""


class IntegrityError(ClearanceError):
    """What is stored is not what was stored."""

    exit_status = ExitStatus.REFUSED


class WrongKey(IntegrityError):
    """The key at hand does not open what it should."""


class ShardDamaged(IntegrityError):
    """A vault shard was changed, cut off or moved."""


class RegisterDamaged(IntegrityError):
    """Log, leaves or records do not hold together."""


class Interrupted(ClearanceError):
    """Stopped by a signal; what was sealed stays, and the same command goes on."""

    exit_status = ExitStatus.INTERRUPTED


def printable(untrusted: str, *, max_chars: int = 200) -> str:
    """Escape and cut text from outside, so that a message cannot be forged with it."""
    cut = untrusted if len(untrusted) <= max_chars else untrusted[: max_chars - 1] + "…"
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in cut)
