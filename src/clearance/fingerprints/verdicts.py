"""Which of the items that were found are the picture that was asked about, and which a person must look at.
Pure.

Source: docs/decisions/0014-fingerprints-are-searched-exactly.md; C1.2.
"""

from __future__ import annotations

from collections.abc import Iterable

from clearance.fingerprints.fingerprint import WHOLE, Found, Match, Method, Region, Strength
from clearance.policy import MatchLimits


def matches(found: Iterable[Found], limits: MatchLimits) -> tuple[Match, ...]:
    """Return every match and every possible one, the surest first."""
    judged = (match_of(each, limits) for each in found)
    return tuple(sorted((match for match in judged if match is not None), key=_order))


def match_of(found: Found, limits: MatchLimits) -> Match | None:
    """Judge one item by what was measured.

    Steps: 1 a PDQ code that is near enough; 2 local features that lie as in the item; 3 what is possible by
    either; 4 what the ISCC or an own model proposes, which never decides.
    """
    inliers = 0 if found.laid is None else found.laid.inliers
    place = WHOLE if found.laid is None else found.laid.region
    # 1
    if found.pdq_bits is not None and found.pdq_bits <= limits.match_pdq_bits:
        return _match(found, Strength.MATCH, Method.PDQ, found.pdq_region)
    # 2
    if inliers >= limits.match_inliers:
        return _match(found, Strength.MATCH, Method.LOCAL, place)
    # 3
    if inliers >= limits.possible_inliers:
        return _match(found, Strength.POSSIBLE, Method.LOCAL, place)
    if found.pdq_bits is not None and found.pdq_bits <= limits.possible_pdq_bits:
        return _match(found, Strength.POSSIBLE, Method.PDQ, found.pdq_region)
    # 4
    if found.iscc_bits is not None and found.iscc_bits <= limits.possible_pdq_bits:
        return _match(found, Strength.POSSIBLE, Method.ISCC, found.pdq_region)
    if found.is_proposed:
        return _match(found, Strength.POSSIBLE, Method.EMBEDDING, WHOLE)
    return None


def _match(found: Found, strength: Strength, method: Method, region: Region) -> Match:
    return Match(
        item=found.item,
        strength=strength,
        method=method,
        pdq_bits=found.pdq_bits,
        iscc_bits=found.iscc_bits,
        inliers=None if found.laid is None else found.laid.inliers,
        embedding=found.embedding,
        region=region,
    )


def _order(match: Match) -> tuple[bool, int, int, str]:
    farthest = 256
    bits = farthest if match.pdq_bits is None else match.pdq_bits
    return match.strength is not Strength.MATCH, bits, -(match.inliers or 0), match.item
