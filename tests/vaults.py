"""Vaults for tests: real shards and keys in a temporary folder."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from clearance.database import Database
from clearance.identifiers import BatchId
from clearance.vault import KeyRing, Vault

ROOT = bytes(range(32))
OPENED: list[Vault] = []
"""Closed when the test has ended."""


def clock() -> datetime:
    """One fixed moment."""
    return datetime(2026, 11, 23, 12, tzinfo=UTC)


def vault_in(folder: Path, database: Database, *, root: bytes = ROOT) -> Vault:
    """Open the vault of a folder."""
    keyring = KeyRing(database, root, clock=clock)
    OPENED.append(Vault(folder / "vault", keyring=keyring, database=database, clock=clock))
    return OPENED[-1]


def put(vault: Vault, batch: str, *contents: bytes, source: str = "archive") -> list[tuple[str, int]]:
    """Seal pictures; returns their shards and places."""
    with vault.open_batch(BatchId(batch)) as writer:
        placed = [writer.add(source=source, licence="", expires="", content=content) for content in contents]
    return [(each.shard, each.entry) for each in placed]
