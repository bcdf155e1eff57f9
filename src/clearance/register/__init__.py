"""Items and events: canonical records, commitments, the transparency log, proofs."""

from clearance.register.checkpoint import Checkpoint, open_checkpoint
from clearance.register.entries import EVENT_FACTS, BatchEntry, Event, read_entry
from clearance.register.items import ItemFilter, ItemRow, ItemStore, StoredItem
from clearance.register.leaves import Leaves
from clearance.register.log import Log
from clearance.register.note import Signer, Verifier, open_note
from clearance.register.proof import ProvenItem, check_proof
from clearance.register.record import NONCE_BYTES, canonical, commitment
from clearance.register.verification import Verification, prove_item, verify_register

__all__ = [
    "EVENT_FACTS",
    "NONCE_BYTES",
    "BatchEntry",
    "Checkpoint",
    "Event",
    "ItemFilter",
    "ItemRow",
    "ItemStore",
    "Leaves",
    "Log",
    "ProvenItem",
    "Signer",
    "StoredItem",
    "Verification",
    "Verifier",
    "canonical",
    "check_proof",
    "commitment",
    "open_checkpoint",
    "open_note",
    "prove_item",
    "read_entry",
    "verify_register",
]
