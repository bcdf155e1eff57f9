"""The encrypted store of picture bytes: keys, sealed shards."""

from clearance.vault.keys import ROOT, KeyFacts, KeyKind, KeyRing, is_root_key
from clearance.vault.roots import (
    RootAccess,
    RootKind,
    create_root,
    load_root,
    remove_root,
    replace_root,
    root_kind,
    sync_folder,
    write_private,
)
from clearance.vault.sealed_stream import OpeningStream, SealingStream
from clearance.vault.sealed_text import open_text, seal_text
from clearance.vault.sealing import ShardReader, ShardWriter
from clearance.vault.store import BatchWriter, Placed, Vault
from clearance.vault.wrapping import unwrap_key, wrap_key

__all__ = [
    "ROOT",
    "BatchWriter",
    "KeyFacts",
    "KeyKind",
    "KeyRing",
    "OpeningStream",
    "Placed",
    "RootAccess",
    "RootKind",
    "SealingStream",
    "ShardReader",
    "ShardWriter",
    "Vault",
    "create_root",
    "is_root_key",
    "load_root",
    "open_text",
    "remove_root",
    "replace_root",
    "root_kind",
    "seal_text",
    "sync_folder",
    "unwrap_key",
    "wrap_key",
    "write_private",
]
