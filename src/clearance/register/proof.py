"""Proofs that a record is in the log, which verify offline: one text file, the log's key, nothing else.

The file is a C2SP tlog-proof of the batch's log entry. Its `extra` line carries what leads from the item to
that entry: the entry itself, the record, its nonce, and the path through the batch's tree. Extra data is not
authenticated, so the verifier computes all of it again. The tombstone of an erased item is proven alike, by
the log entry of its erasure.

Source: C2SP tlog-proof (c2sp.org/tlog-proof), RFC 6962 section 2.1.1.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from clearance.errors import RegisterDamaged
from clearance.register.checkpoint import open_checkpoint
from clearance.register.entries import BatchEntry, ErasureEntry, Event, read_entry
from clearance.register.merkle import inclusion_proof, is_included, leaf_hash
from clearance.register.note import Verifier
from clearance.register.record import canonical, commitment

_HEADER = "c2sp.org/tlog-proof@v1"
MAX_PROOF_CHARS = 4 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvenItem:
    """What a proof shows."""

    record: dict[str, Any]
    entry: BatchEntry | ErasureEntry
    log_index: int
    log_size: int


def write_proof(*, extra: bytes, index: int, path: Sequence[bytes], checkpoint: str) -> str:
    """Return a proof in the form of C2SP tlog-proof."""
    lines = [
        _HEADER,
        f"extra {_text(extra)}",
        f"index {index}",
        *(_text(step) for step in path),
        "",
        checkpoint,
    ]
    return "\n".join(lines)


def item_extra(
    *, entry: bytes, record: bytes, nonce: bytes, position: int, commitments: Sequence[bytes]
) -> bytes:
    """Return what leads from one item to its batch's log entry."""
    path = inclusion_proof([leaf_hash(each) for each in commitments], position)
    return canonical(
        {
            "entry": _text(entry),
            "item": {
                "record": _text(record),
                "nonce": nonce.hex(),
                "index": position,
                "path": [_text(step) for step in path],
            },
        }
    )


def check_proof(text: str, verifier: Verifier) -> ProvenItem:
    """Check a proof against a log's key.

    Steps: 1 the checkpoint is signed by the log; 2 the batch entry is in the checkpointed tree; 3 the item's
    commitment is in the batch's tree; 4 the record and nonce give the commitment.

    Raises:
        RegisterDamaged: naming the step that does not hold.
    """
    extra, index, path, note = _parse(text)
    # 1
    checkpoint = open_checkpoint(note, verifier)
    try:
        loaded = json.loads(extra)
        item = loaded["item"]
        entry = _bytes(loaded["entry"])
        record, nonce = _bytes(item["record"]), bytes.fromhex(item["nonce"])
        position, steps = int(item["index"]), [_bytes(step) for step in item["path"]]
    except (ValueError, KeyError, TypeError) as error:
        raise RegisterDamaged("the proof's extra data cannot be read") from error
    # 2
    if not is_included(
        leaf=leaf_hash(entry), index=index, size=checkpoint.size, proof=path, root=checkpoint.root
    ):
        raise RegisterDamaged("the batch entry is not in the log that the checkpoint signs")
    batch = read_entry(entry)
    if isinstance(batch, Event):
        raise RegisterDamaged("the log entry is neither a batch nor an erasure")
    # 3 and 4
    try:
        leaf = leaf_hash(commitment(nonce, record))
        read: dict[str, Any] = json.loads(record)
    except ValueError as error:
        raise RegisterDamaged("the proof's record cannot be read") from error
    if not is_included(leaf=leaf, index=position, size=batch.size, proof=steps, root=batch.root):
        raise RegisterDamaged("the record is not the one that the batch commits to")
    return ProvenItem(record=read, entry=batch, log_index=index, log_size=checkpoint.size)


def _parse(text: str) -> tuple[bytes, int, list[bytes], str]:
    head, divider, note = text.partition("\n\n")
    lines = head.split("\n")
    if len(text) > MAX_PROOF_CHARS or not divider or len(lines) < 3 or lines[0] != _HEADER:
        raise RegisterDamaged("not a tlog-proof")
    if not lines[1].startswith("extra ") or not lines[2].startswith("index "):
        raise RegisterDamaged("the proof lacks its extra or its index line")
    number = lines[2].removeprefix("index ")
    if not number.isascii() or not number.isdigit() or str(int(number[:19])) != number:
        raise RegisterDamaged("the proof's index is no number")
    try:
        return (
            _bytes(lines[1].removeprefix("extra ")),
            int(number),
            [_bytes(line) for line in lines[3:]],
            note,
        )
    except ValueError as error:
        raise RegisterDamaged("the proof is not base64") from error


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")


def _bytes(text: str) -> bytes:
    return base64.b64decode(text, validate=True)
