"""The trail: log, leaves and tombstones. They hold no personal data, are small, only grow, and are copied
elsewhere all the time, so that a backup that is restored can be told what it missed.

Source: docs/keys.md; C2.1, C3.4.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from clearance.errors import BadInput, RegisterDamaged, StorageError
from clearance.register.entries import BatchEntry, ErasureEntry, read_entry
from clearance.register.leaves import Leaves
from clearance.register.log import Log
from clearance.register.merkle import leaf_hash, root
from clearance.register.note import Signer
from clearance.register.tombstones import Tombstones

_LOG, _LEAVES, _TOMBSTONES = "log", "leaves", "tombstones"
_MAX_TOMBSTONES_BYTES = 4 << 30


def take_trail(trail: Path, workspace: Path, signer: Signer) -> int:
    """Bring the log, leaves and tombstones of a restored workspace to a newer state; returns how many entries
    are new.

    Steps: 1 the newer log recomputes and carries our signature; 2 it goes on where the older one ends; 3
    every batch's leaves and every erasure's tombstones are there and give the root in the log, and only what
    the log names is taken; 4 the newer entries are appended, whose signature comes out the same.

    Raises:
        BadInput: the trail is older than the backup, or another log's.
        RegisterDamaged: it does not hold together; where it was copied this moment, copy it again.
        StorageError: the disk is full or does not answer.
    """
    # 1
    older = Log.open(workspace / _LOG, signer.verifier)
    newer = Log.open(trail / _LOG, signer.verifier)
    problems = newer.problems()
    if problems:
        raise RegisterDamaged(f"{trail}: the trail does not hold together: {problems[0]}")
    # 2
    entries = list(newer.entries())
    if root([leaf_hash(entry) for entry in entries[: older.size]]) != older.head.root:
        raise BadInput(
            f"{trail}: this log of {newer.size} entries does not go on from the backup's of {older.size};"
            " give a newer trail of the same workspace, or none"
        )
    # 3
    for entry in map(read_entry, entries):
        if isinstance(entry, BatchEntry):
            _take_leaves(entry, trail, workspace)
        elif isinstance(entry, ErasureEntry):
            _take_tombstones(entry, trail, workspace)
    # 4
    log = Log.open(workspace / _LOG, signer)
    log.append(entries[older.size :])
    if log.head != newer.head:
        raise RegisterDamaged(f"{trail}: the trail's log came out as another one")
    return newer.size - older.size


def _take_leaves(entry: BatchEntry, trail: Path, workspace: Path) -> None:
    commitments = Leaves(trail / _LEAVES).read(entry.batch)
    if len(commitments) != entry.size or root([leaf_hash(each) for each in commitments]) != entry.root:
        raise RegisterDamaged(f"{trail}: the leaves of batch {entry.batch} do not give the root in the log")
    Leaves(workspace / _LEAVES).write(entry.batch, commitments)


def _take_tombstones(entry: ErasureEntry, trail: Path, workspace: Path) -> None:
    name = f"{entry.erasure}.parquet"
    source, target = trail / _TOMBSTONES / name, workspace / _TOMBSTONES / name
    try:
        if source.stat().st_size > _MAX_TOMBSTONES_BYTES:
            raise RegisterDamaged(f"{source}: too large for tombstones")
        target.parent.mkdir(mode=0o700, exist_ok=True)
        shutil.copyfile(source, target)
    except FileNotFoundError as error:
        raise RegisterDamaged(f"{source}: the tombstones that the log names are missing") from error
    except OSError as error:
        raise StorageError(f"{source}: {error.strerror}") from error
    stones = Tombstones(workspace / _TOMBSTONES)
    if stones.root(entry.erasure) != entry.root or stones.table(entry.erasure).num_rows != entry.size:
        raise RegisterDamaged(
            f"{source}: the tombstones of erasure {entry.erasure} do not give the root in the log"
        )
