"""Checkpoints: what a log's tree is at one size, signed.

Source: C2SP tlog-checkpoint (c2sp.org/tlog-checkpoint).
"""

from __future__ import annotations

import base64
from dataclasses import dataclass

from clearance.errors import RegisterDamaged
from clearance.register.merkle import HASH_BYTES
from clearance.register.note import Signer, Verifier, open_note


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """The head of a log: whose it is, how many entries it has, and their root."""

    origin: str
    size: int
    root: bytes

    def sign(self, signer: Signer) -> str:
        """Return the signed note of this checkpoint."""
        return signer.sign(f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n")


def open_checkpoint(note: str, verifier: Verifier) -> Checkpoint:
    """Read a checkpoint and check its signature; extension lines are passed over.

    Raises:
        RegisterDamaged: it is malformed, another log's, or not signed by this key.
    """
    lines = open_note(note, verifier).split("\n")
    if len(lines) < 4 or not lines[1].isascii() or not lines[1].isdigit() or str(int(lines[1])) != lines[1]:
        raise RegisterDamaged("the checkpoint's text is malformed")
    try:
        root = base64.b64decode(lines[2], validate=True)
    except ValueError as error:
        raise RegisterDamaged("the checkpoint's root is not base64") from error
    if len(root) != HASH_BYTES:
        raise RegisterDamaged("the checkpoint's root is not a SHA-256")
    if lines[0] != verifier.name:
        raise RegisterDamaged(f"the checkpoint is of another log than {verifier.name}")
    return Checkpoint(origin=lines[0], size=int(lines[1]), root=root)
