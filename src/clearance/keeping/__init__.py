"""Is it still ours to keep? Retention clocks, erasure with its certificates, what training does not need."""

from clearance.keeping.choosing import Selection, address_of, choose, choose_items, no_items
from clearance.keeping.erasing import Eraser, Keeping
from clearance.keeping.journal import Erasure, ErasureJournal, ErasureReason, ErasureState
from clearance.keeping.pruning import Candidate, NotNeeded, Proposal, propose
from clearance.keeping.restored import NOT_KNOWN, lost_stones, missed_erasures
from clearance.keeping.retention import Ends, Folders, Retention
from clearance.keeping.suppression import Suppressed, Suppression

__all__ = [
    "NOT_KNOWN",
    "Candidate",
    "Ends",
    "Eraser",
    "Erasure",
    "ErasureJournal",
    "ErasureReason",
    "ErasureState",
    "Folders",
    "Keeping",
    "NotNeeded",
    "Proposal",
    "Retention",
    "Selection",
    "Suppressed",
    "Suppression",
    "address_of",
    "choose",
    "choose_items",
    "lost_stones",
    "missed_erasures",
    "no_items",
    "propose",
]
