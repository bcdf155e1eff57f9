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
from clearance.keeping.journal import Erasure
from clearance.register import canonical

CERTIFICATE_VERSION = 1
_METHODS = {
    "pictures": "Sealed with AES-256-GCM before their first write. Shards that held other pictures too were"
    " sealed anew under a new key without them and the old key deleted; shards that held nothing else went"
    " with their key.",
    "sources": "The wrapped keys of the named sources were destroyed (cryptographic erase): every copy of"
    " their shards is unreadable.",
    "records": "Records, nonces, fingerprints and evidence were deleted, the files that held them written"
    " anew, and every earlier version of them removed.",
    "control data": "Rows were overwritten (secure_delete) and the write-ahead log was emptied.",
    "copies": "Backups made before this day hold what was erased until they or their keys expire; a restore"
    " erases it again.",
}


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
) -> bytes:
    """Return a certificate as canonical JSON."""
    document: dict[str, Any] = {
        "version": CERTIFICATE_VERSION,
        "kind": "certificate of erasure",
        "erasure": erasure.id,
        "reason": erasure.reason.value,
        "asked_by": erasure.asked_by,
        "begun_at": _written(erasure.begun_at),
        "done_at": _written(done_at),
        "counts": dict(erasure.counts),
        "keys_destroyed": list(keys),
        "methods": _METHODS,
        "checked": {
            "records_found": checked.records_found,
            "pictures_tried": checked.pictures_tried,
            "pictures_opened": checked.pictures_opened,
        },
        "tombstones_root": root.hex(),
        "policy": policy,
    }
    return canonical(document)


def _written(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
