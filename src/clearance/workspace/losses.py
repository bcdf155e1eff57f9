"""The last step of a restore: what the log knows and the backup never had is declared lost.

A note in the workspace says that this is still to be done, so that a restore that was cut off here is
finished by the next command; in a workspace whose log is older than what it signed before, it waits.

Source: docs/keys.md; C2.1.
"""

from __future__ import annotations

import contextlib
from pathlib import Path

from clearance.collecting import utc_now
from clearance.curating import LOST_EVENT, lost_versions, versions_in
from clearance.errors import RolledBack, StorageError, WorkspaceBusy
from clearance.keeping import lost_stones
from clearance.vault import sync_folder, write_private
from clearance.workspace.holding import Holding

NOTE = ".restored"
RESTORED = "workspace-restored"


def note_restore(root: Path, *, erased: int) -> None:
    """Note that a workspace was restored, and how many records were erased again."""
    write_private(root / NOTE, b"%d\n" % erased)


def declare_losses(holding: Holding) -> None:
    """Declare what is lost, where a restore has left that to do; the workspace is not locked."""
    note = holding.root / NOTE
    if not note.exists():
        return
    with contextlib.suppress(WorkspaceBusy, RolledBack), holding.locked():
        try:
            erased = int(note.read_bytes())
        except (OSError, ValueError) as error:
            raise StorageError(
                f"{note}: cannot be read; it holds how many records were erased again"
            ) from error
        stones = lost_stones(holding.keeping, now=utc_now())
        if stones.num_rows:
            holding.eraser.declare_lost(stones, asked_by=holding.actor.name)
        log = holding.stores.log
        known = {version.id for version in holding.versions.list()}
        for lost in sorted(versions_in(log).keys() - known - lost_versions(log)):
            holding.log_event(LOST_EVENT, dataset_version=lost)
        holding.log_event(RESTORED, lost=stones.num_rows, erased=erased)
        note.unlink()
        sync_folder(holding.root)
