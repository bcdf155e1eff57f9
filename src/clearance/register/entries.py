"""The entries of the log: sealed batches, erasures and governance events, as canonical JSON.

Nothing that names a person or a picture enters the log, neither in clear nor as a hash that could be guessed:
which facts an event may carry stands in one table here.

Source: docs/architecture.md, Stores; EDPB guidelines 02/2025 (personal data stays off a ledger).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from clearance.errors import RegisterDamaged
from clearance.identifiers import BatchId, ErasureId, Sha256
from clearance.register.merkle import HASH_BYTES
from clearance.register.record import canonical

ENTRY_VERSION = 1

EVENT_FACTS: Mapping[str, frozenset[str]] = {
    "project-created": frozenset({"use"}),
    "source-added": frozenset({"basis"}),
    "licence-added": frozenset(),
    "licence-renewed": frozenset(),
    "terms-fetched": frozenset({"state"}),
    "terms-reviewed": frozenset({"verdict"}),
    "account-added": frozenset(),
    "account-checked": frozenset(),
    "network-added": frozenset({"addresses"}),
    "policy-published": frozenset({"policy"}),
    "dataset-exported": frozenset({"items", "use"}),
    "dataset-frozen": frozenset({"dataset_version", "parent", "root", "items", "policy"}),
    "dataset-lost": frozenset({"dataset_version"}),
    "consent-recorded": frozenset({"consent"}),
    "consent-withdrawn": frozenset({"consent"}),
    "consent-erased": frozenset({"consent"}),
    "targets-stated": frozenset(),
    "finding-reviewed": frozenset({"finding", "verdict"}),
    "project-changed": frozenset({"use"}),
    "risk-signed": frozenset({"analysis"}),
    "catalogue-stated": frozenset(),
    "host-confirmed": frozenset(),
    "keys-destroyed": frozenset({"keys"}),
    "keys-rotated": frozenset({"keys"}),
    "person-added": frozenset(),
    "person-changed": frozenset(),
    "token-issued": frozenset({"days"}),
    "token-revoked": frozenset(),
    "approval-given": frozenset({"action"}),
    "workspace-restored": frozenset({"lost", "erased"}),
}
"""What each kind of event may say: counts, words of ours, random ids, the hash of the public policy, and
commitments: hashes over what holds enough chance in it that nobody can guess it.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchEntry:
    """A sealed batch: the root over its items' commitments, and how many were decided how."""

    batch: BatchId
    root: bytes
    size: int
    policy: Sha256
    counts: Mapping[str, int]
    time: datetime

    def encode(self) -> bytes:
        """Return the entry as it stands in the log."""
        return canonical(
            {
                "kind": "batch",
                "version": ENTRY_VERSION,
                "batch": self.batch,
                "root": self.root.hex(),
                "size": self.size,
                "policy": self.policy,
                "counts": dict(self.counts),
                "time": _written(self.time),
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasureEntry:
    """An erasure that was done: the root over its tombstones, and the hash of its certificate (C3.4)."""

    erasure: ErasureId
    root: bytes
    size: int
    reason: str
    certificate: Sha256
    time: datetime

    def encode(self) -> bytes:
        """Return the entry as it stands in the log."""
        return canonical(
            {
                "kind": "erasure",
                "version": ENTRY_VERSION,
                "erasure": self.erasure,
                "root": self.root.hex(),
                "size": self.size,
                "reason": self.reason,
                "certificate": self.certificate,
                "time": _written(self.time),
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that was decided or done about collecting as a whole."""

    kind: str
    time: datetime
    facts: Mapping[str, str | int]

    def encode(self) -> bytes:
        """Return the entry as it stands in the log.

        Raises:
            ValueError: the kind is unknown, or a fact is none that this kind may carry.
        """
        if self.kind not in EVENT_FACTS or not set(self.facts) <= EVENT_FACTS[self.kind]:
            raise ValueError(f"event {self.kind!r} with facts {sorted(self.facts)} may not enter the log")
        return canonical(
            {"kind": self.kind, "version": ENTRY_VERSION, "time": _written(self.time), **dict(self.facts)}
        )


def read_entry(raw: bytes) -> BatchEntry | ErasureEntry | Event:
    """Read an entry of the log.

    Raises:
        RegisterDamaged: it is none that this version writes.
    """
    try:
        entry: dict[str, Any] = json.loads(raw)
        kind = entry.pop("kind")
        if entry.pop("version") != ENTRY_VERSION:
            raise RegisterDamaged("the log holds an entry of a newer version")
        time = datetime.strptime(entry.pop("time"), "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
        match kind:
            case "batch":
                return BatchEntry(
                    batch=BatchId(entry["batch"]),
                    root=_root(entry["root"]),
                    size=int(entry["size"]),
                    policy=Sha256(entry["policy"]),
                    counts=dict(entry["counts"]),
                    time=time,
                )
            case "erasure":
                return ErasureEntry(
                    erasure=ErasureId(entry["erasure"]),
                    root=_root(entry["root"]),
                    size=int(entry["size"]),
                    reason=str(entry["reason"]),
                    certificate=Sha256(entry["certificate"]),
                    time=time,
                )
            case _:
                return Event(kind=kind, time=time, facts=entry)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise RegisterDamaged(f"the log holds an entry that cannot be read: {error}") from error


def _root(text: str) -> bytes:
    root = bytes.fromhex(text)
    if len(root) != HASH_BYTES:
        raise RegisterDamaged("the log holds an entry with a malformed root")
    return root


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
