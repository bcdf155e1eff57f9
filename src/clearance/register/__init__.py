"""Items and events: canonical records, commitments, the transparency log, proofs."""

from clearance.register.checkpoint import Checkpoint, open_checkpoint
from clearance.register.entries import EVENT_FACTS, BatchEntry, ErasureEntry, Event, read_entry
from clearance.register.head import KeptHead, usual_head
from clearance.register.items import ItemFilter, ItemRow, ItemStore, StoredItem
from clearance.register.lance_rows import erase_rows, index_rows
from clearance.register.leaves import Leaves
from clearance.register.log import Log
from clearance.register.note import Signer, Verifier, open_note
from clearance.register.proof import ProvenItem, check_proof
from clearance.register.record import NONCE_BYTES, canonical, commitment
from clearance.register.tombstones import LOST, Tombstone, Tombstones, tombstone_rows
from clearance.register.trail import take_trail
from clearance.register.verification import Verification, prove_item, prove_tombstone, verify_register

__all__ = [
    "EVENT_FACTS",
    "LOST",
    "NONCE_BYTES",
    "BatchEntry",
    "Checkpoint",
    "ErasureEntry",
    "Event",
    "ItemFilter",
    "ItemRow",
    "ItemStore",
    "KeptHead",
    "Leaves",
    "Log",
    "ProvenItem",
    "Signer",
    "StoredItem",
    "Tombstone",
    "Tombstones",
    "Verification",
    "Verifier",
    "canonical",
    "check_proof",
    "commitment",
    "erase_rows",
    "index_rows",
    "open_checkpoint",
    "open_note",
    "prove_item",
    "prove_tombstone",
    "read_entry",
    "take_trail",
    "tombstone_rows",
    "usual_head",
    "verify_register",
]
