"""Many pictures' likeness: codes and local features, kept in segments, searched, judged by geometry."""

from clearance.fingerprints.coverage import coverage
from clearance.fingerprints.fingerprint import (
    WHOLE,
    Code,
    Fingerprint,
    Match,
    Method,
    Query,
    Region,
    Strength,
    View,
)
from clearance.fingerprints.likeness import near_pairs
from clearance.fingerprints.own_queries import own_queries, turned_codes
from clearance.fingerprints.searching import NONE_NEARBY, Nearby, has_too_little, nearest, search
from clearance.fingerprints.store import Fingerprints

__all__ = [
    "NONE_NEARBY",
    "WHOLE",
    "Code",
    "Fingerprint",
    "Fingerprints",
    "Match",
    "Method",
    "Nearby",
    "Query",
    "Region",
    "Strength",
    "View",
    "coverage",
    "has_too_little",
    "near_pairs",
    "nearest",
    "own_queries",
    "search",
    "turned_codes",
]
