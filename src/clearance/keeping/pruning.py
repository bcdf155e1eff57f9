"""What training does not need: copies, pictures that fail a gate today, too small ones, and what is over the
target.

Pure: candidates in, proposals out; each names why, and a copy names the picture that stays.

Source: C3.1, C3.4.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from clearance.fingerprints import near_pairs
from clearance.identifiers import ItemId, Sha256
from clearance.policy import PruneLimits


class NotNeeded(StrEnum):
    """Why a picture is not needed."""

    REFUSED = "fails a gate today"
    TOO_SMALL = "too small"
    DUPLICATE = "duplicate"
    OVER_TARGET = "over target"


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One picture of a project with what its need is judged by."""

    item: ItemId
    subject: str
    sha256: Sha256
    pdq: bytes
    pdq_quality: int
    width: int
    height: int
    is_kept: bool
    """A picture that waits for a person fills no place, and is no copy that stays."""
    is_licensed: bool
    collected_at: datetime
    refused: str
    """Which rule refuses it today, or empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """One picture that may go."""

    item: ItemId
    why: NotNeeded
    detail: str
    stays: ItemId | None = None
    """The copy that stays."""


def propose(
    candidates: Sequence[Candidate],
    limits: PruneLimits,
    *,
    target: int,
    subject_targets: Mapping[str, int],
) -> tuple[Proposal, ...]:
    """Say what a project does not need, each picture for the first reason that holds.

    Steps: 1 what a gate refuses today; 2 what is too small; 3 copies, of which the licensed, then the larger,
    then the earlier stays; 4 what is over a subject's target, then over the project's, in the same order.
    """
    found: dict[ItemId, Proposal] = {}
    ordered = sorted((each for each in candidates), key=_preference)
    for candidate in ordered:
        # 1
        if candidate.refused:
            found[candidate.item] = Proposal(
                item=candidate.item, why=NotNeeded.REFUSED, detail=candidate.refused
            )
        # 2
        elif min(candidate.width, candidate.height) < limits.min_side_px:
            size = f"{candidate.width} x {candidate.height} pixels"
            found[candidate.item] = Proposal(item=candidate.item, why=NotNeeded.TOO_SMALL, detail=size)
    rest = [each for each in ordered if each.is_kept and each.item not in found]
    # 3
    found.update({proposal.item: proposal for proposal in _copies(rest, limits)})
    rest = [each for each in rest if each.item not in found]
    # 4
    found.update({proposal.item: proposal for proposal in _over(rest, target, subject_targets)})
    return tuple(found.values())


def _preference(candidate: Candidate) -> tuple[bool, int, datetime, ItemId]:
    """Order pictures by what stays first: licensed (C4.3), larger, earlier."""
    pixels = candidate.width * candidate.height
    return not candidate.is_licensed, -pixels, candidate.collected_at, candidate.item


def _copies(ordered: Sequence[Candidate], limits: PruneLimits) -> Iterator[Proposal]:
    """Return the pictures that are copies of one that comes before them and stays."""
    # Equal codes are one: a flood of a single picture is not compared with itself.
    clear = {each.pdq for each in ordered if each.pdq_quality >= limits.min_duplicate_quality}
    codes = sorted(clear)
    near: dict[bytes, set[bytes]] = {}
    for one, other in near_pairs(codes, max_bits=limits.duplicate_distance_bits):
        near.setdefault(codes[one], set()).add(codes[other])
        near.setdefault(codes[other], set()).add(codes[one])
    by_hash: dict[Sha256, ItemId] = {}
    by_code: dict[bytes, ItemId] = {}
    for candidate in ordered:
        is_clear = candidate.pdq_quality >= limits.min_duplicate_quality
        alike = [candidate.pdq, *sorted(near.get(candidate.pdq, ()))] if is_clear else []
        like = next((by_code[code] for code in alike if code in by_code), None)
        copy_of = by_hash.get(candidate.sha256, like)
        if copy_of is None:
            by_hash[candidate.sha256] = candidate.item
            if is_clear:
                by_code[candidate.pdq] = candidate.item
            continue
        how = "the same bytes" if candidate.sha256 in by_hash else "a near-identical picture"
        yield Proposal(item=candidate.item, why=NotNeeded.DUPLICATE, detail=how, stays=copy_of)


def _over(
    ordered: Sequence[Candidate], target: int, subject_targets: Mapping[str, int]
) -> Iterator[Proposal]:
    filled: Counter[str] = Counter()
    count = 0
    for candidate in ordered:
        most = subject_targets.get(candidate.subject)
        if most is not None and filled[candidate.subject] >= most:
            detail = f"subject {candidate.subject} needs {most}"
        elif count >= target:
            detail = f"the project needs {target}"
        else:
            filled[candidate.subject] += 1
            count += 1
            continue
        yield Proposal(item=candidate.item, why=NotNeeded.OVER_TARGET, detail=detail)
