"""The encrypted store of picture bytes: keys, sealed shards."""

from clearance.vault.keys import KeyRing, create_passphrase_root, create_root_key, load_root
from clearance.vault.sealing import ShardReader, ShardWriter
from clearance.vault.store import BatchWriter, Placed, Vault

__all__ = [
    "BatchWriter",
    "KeyRing",
    "Placed",
    "ShardReader",
    "ShardWriter",
    "Vault",
    "create_passphrase_root",
    "create_root_key",
    "load_root",
]
