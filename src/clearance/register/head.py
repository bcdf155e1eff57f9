"""The log's newest checkpoint, kept a second time outside the workspace.

An append-only log that is put back to an earlier state and signed on is forked: two histories carry the
same signature. Nothing inside the workspace can tell, because all of it went back together. So the checkpoint
is kept elsewhere too, and a log that is older than what it signed before is not signed on.

Source: C2SP tlog-checkpoint; RFC 9162 section 11.3 (misbehaving logs); C2.1.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path

from clearance.errors import ClearanceError, ConfigurationError, RolledBack, StorageError
from clearance.register.checkpoint import Checkpoint, open_checkpoint
from clearance.register.note import Verifier

_MAX_BYTES = 1 << 20


class KeptHead:
    """A log's newest checkpoint in a file outside the workspace."""

    def __init__(self, path: Path, verifier: Verifier) -> None:
        self.path = path
        self._verifier = verifier

    def read(self) -> Checkpoint | None:
        """Return the newest checkpoint that was signed on this machine, or nothing where none was.

        Raises:
            RolledBack: the file is there and cannot be read: what was signed before is not known.
        """
        try:
            if self.path.stat().st_size > _MAX_BYTES:
                raise RolledBack(self._advice("is no checkpoint"))
            return open_checkpoint(self.path.read_text(encoding="utf-8"), self._verifier)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise RolledBack(self._advice(f"cannot be read: {error.strerror}")) from error
        except (ClearanceError, UnicodeDecodeError) as error:
            if isinstance(error, RolledBack):
                raise
            raise RolledBack(self._advice(f"cannot be read: {error}")) from error

    def prepare(self) -> None:
        """See that the head can be kept, before anything is signed.

        Raises:
            StorageError: its folder cannot be made or written to.
        """
        folder = self.path.parent
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise StorageError(f"{folder}: {error.strerror}; [register] head names another place") from error
        if not os.access(folder, os.W_OK):
            raise StorageError(f"{folder}: cannot be written to; [register] head names another place")

    def keep(self, note: str) -> None:
        """Keep a signed checkpoint, whole or not at all.

        Raises:
            StorageError: the disk is full or does not answer.
        """
        partial = self.path.with_name(f".{self.path.name}.new")
        try:
            with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                file.write(note.encode())
                file.flush()
                os.fsync(file.fileno())
            partial.replace(self.path)
        except OSError as error:
            raise StorageError(f"{self.path}: {error.strerror}") from error

    def _advice(self, what: str) -> str:
        return (
            f"the checkpoint kept outside the workspace {what} ({self.path}); nothing is signed while it is"
            " unknown what was signed before. See that this is the newest state of the workspace, then remove"
            " that file; reading goes on"
        )


def usual_head(verifier: Verifier, environment: Mapping[str, str]) -> Path:
    """Return where a log's head is kept unless another place is stated: in the user's state folder.

    Raises:
        ConfigurationError: the user has no home.

    Source: XDG Base Directory Specification.
    """
    state = environment.get("XDG_STATE_HOME", "")
    if not Path(state).is_absolute():
        # The specification: relative paths are to be ignored.
        home = environment.get("HOME", "")
        if not Path(home).is_absolute():
            raise ConfigurationError(
                "neither XDG_STATE_HOME nor HOME is set: state in clearance.toml, [register] head, where the"
                " log's checkpoint is kept outside the workspace"
            )
        state = str(Path(home) / ".local" / "state")
    return Path(state) / "clearance" / "heads" / hashlib.sha256(verifier.vkey.encode()).hexdigest()
