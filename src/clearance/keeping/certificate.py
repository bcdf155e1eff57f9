"""The certificate of an erasure: what went, from where, how, and how that was checked. Pure.

It names sources, projects and keys, never a picture, an address or a person pictured; its hash stands in the
log.

Source: C3.4; NIST SP 800-88 (certificate of sanitisation); GDPR article 5(2).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from clearance.identifiers import KeyId, Sha256
from clearance.keeping.journal import Erasure, ErasureReason
from clearance.register import canonical

CERTIFICATE_VERSION = 1
_PICTURES = (
    "Sealed with AES-256-GCM before their first write. Shards that held other pictures too were sealed anew"
    " under a new key without them and the old key deleted; shards that held nothing else went with theirs."
)
_KEYS = (
    "The wrapped keys named here were destroyed (cryptographic erase): no copy of their shards opens, but by"
    " a copy of the key table that is older than this day."
)
_RECORDS = (
    "Records, nonces, fingerprints and evidence were deleted, the files that held them written anew, and"
    " every earlier version of them removed."
)
_CONTROL_DATA = {
    "sqlite": "Rows were overwritten (secure_delete) and the write-ahead log was emptied.",
    "postgresql": "Tables were written anew (VACUUM FULL); the server's own log keeps deleted rows until it"
    " is recycled.",
}
_COPIES = (
    "Backups made before this day hold what was erased until they or their keys expire; a restore with the"
    " newest trail erases it again. Exports, and proofs that were handed out, are outside the workspace."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What was tried after the erasure, and what was found."""

    records_found: int
    pictures_tried: int
    pictures_opened: int


def certificate_of(
    erasure: Erasure,
    *,
    root: bytes,
    checked: Checked,
    keys: Sequence[KeyId],
    policy: Sha256,
    done_at: datetime,
    database: str,
) -> bytes:
    """Return a certificate as canonical JSON; `database` is the kind of control database.

    It states the methods that were used, and no others; what was lost was not erased.
    """
    is_lost = erasure.reason is ErasureReason.LOST
    document: dict[str, Any] = {
        "version": CERTIFICATE_VERSION,
        "kind": "declaration of loss" if is_lost else "certificate of erasure",
        "erasure": erasure.id,
        "reason": erasure.reason.value,
        "asked_by": erasure.asked_by,
        "recorded_by": erasure.recorded_by,
        "begun_at": _written(erasure.begun_at),
        "done_at": _written(done_at),
        "counts": dict(erasure.counts),
        "keys_destroyed": list(keys),
        "methods": {} if is_lost else _methods(erasure, keys, database=database),
        "checked": {
            "records_found": checked.records_found,
            "pictures_tried": checked.pictures_tried,
            "pictures_opened": checked.pictures_opened,
        },
        "tombstones_root": root.hex(),
        "policy": policy,
    }
    return canonical(document)


def _methods(erasure: Erasure, keys: Sequence[KeyId], *, database: str) -> dict[str, str]:
    methods = {"control data": _CONTROL_DATA[database]}
    if erasure.counts["items"]:
        methods |= {"records": _RECORDS, "copies": _COPIES}
    if erasure.counts["pictures"]:
        methods["pictures"] = _PICTURES
    if keys:
        methods["keys"] = _KEYS
    return methods


def _written(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
