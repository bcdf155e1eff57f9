"""The leaves of every batch, 32 bytes an item, kept for ever: records may go, the proofs of the others stay.

Source: RFC 6962 section 2.1; C2.1.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from clearance.errors import RegisterDamaged, StorageError
from clearance.identifiers import BatchId
from clearance.register.merkle import HASH_BYTES, leaf_hash, root


class Leaves:
    """The leaf files of one workspace."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def write(self, batch: BatchId, commitments: Sequence[bytes]) -> bytes:
        """Keep a batch's commitments; returns the root over them.

        Raises:
            StorageError: the disk is full or does not answer.
        """
        path = self._path(batch)
        try:
            with path.open("wb") as file:
                file.write(b"".join(commitments))
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise StorageError(f"{path}: {error.strerror}") from error
        return root([leaf_hash(commitment) for commitment in commitments])

    def read(self, batch: BatchId) -> list[bytes]:
        """Return a batch's commitments.

        Raises:
            RegisterDamaged: they are missing or cut off.
        """
        path = self._path(batch)
        try:
            raw = path.read_bytes()
        except OSError as error:
            raise RegisterDamaged(f"{path}: {error.strerror}") from error
        if len(raw) % HASH_BYTES:
            raise RegisterDamaged(f"{path}: cut off")
        return [raw[n : n + HASH_BYTES] for n in range(0, len(raw), HASH_BYTES)]

    def root(self, batch: BatchId) -> bytes:
        """Return the root over a batch's commitments.

        Raises:
            RegisterDamaged: they are missing or cut off.
        """
        return root([leaf_hash(commitment) for commitment in self.read(batch)])

    def remove(self, batch: BatchId) -> None:
        """Remove the leaves of a batch that never reached the log."""
        self._path(batch).unlink(missing_ok=True)

    def _path(self, batch: BatchId) -> Path:
        return self._directory / f"{batch}.leaves"
