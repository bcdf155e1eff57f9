"""Look for a query in the fingerprints of a workspace: codes exactly, then local features of the candidates.

Steps: 1 PDQ codes of the query, turned, mirrored, inverted and without its border, against every stored code;
2 the ISCC Image-Code, and what an own model proposes; 3 votes of local features; 4 geometry, for all that 1
to 3 propose.

Codes are searched by range, never for a number of nearest ones: several copies of one picture would hide the
rest. Every match is returned: the ground of a composite may be an item as well.

Source: docs/decisions/0014-fingerprints-are-searched-exactly.md; C1.2, C4.1.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clearance.fingerprints.fingerprint import CODE_BYTES, WHOLE, Found, Laid, Match, Query, Region, View
from clearance.fingerprints.geometry import Stored, laid_onto
from clearance.fingerprints.hamming import Codes, within
from clearance.fingerprints.layers import CODES, LOCAL, index_of, vectors_of
from clearance.fingerprints.segment import Arrays
from clearance.fingerprints.store import Fingerprints
from clearance.fingerprints.verdicts import matches
from clearance.fingerprints.voting import alike, score
from clearance.identifiers import ItemId
from clearance.policy import MatchLimits

_LEAST_VOTES = 3.0
"""Fewer are chance: of the pictures that were found, the one with the fewest had four."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Nearby:
    """The items whose vectors are nearest to the query's, by an own model."""

    cosines: Mapping[ItemId, float]
    threshold: float | None
    """From here on it proposes; `None` where it was not calibrated: its items are candidates and no more."""


NONE_NEARBY = Nearby(cosines={}, threshold=None)


def nearest(
    fingerprints: Fingerprints, vector: NDArray[np.float32], *, model: str, threshold: float | None, most: int
) -> Nearby:
    """Return the items whose vectors are nearest to one of the same model, every one of them compared."""
    cosines: dict[ItemId, float] = {}
    for arrays, mask in fingerprints.segments(vectors_of(model)):
        if arrays["vectors"].shape[1] == len(vector):
            near = np.where(mask, arrays["vectors"] @ vector, -2.0)
            for row in np.argsort(-near, kind="stable")[:most].tolist():
                if mask[row]:
                    cosines[_item(arrays, row)] = float(near[row])
    best = sorted(cosines.items(), key=lambda pair: (-pair[1], pair[0]))[:most]
    return Nearby(cosines=dict(best), threshold=threshold)


def search(
    fingerprints: Fingerprints, query: Query, limits: MatchLimits, *, near: Nearby = NONE_NEARBY
) -> tuple[Match, ...]:
    """Return every item that matches a query, or may; the surest first.

    Args:
        fingerprints: where it is looked for.
        query: what is looked for.
        limits: the policy's.
        near: what an own model proposes.
    """
    local = tuple(fingerprints.segments(LOCAL))
    found: dict[ItemId, Found] = {}
    # 1
    for item, bits, region in _near_codes(fingerprints, local, query, limits):
        known = found.get(item, Found(item=item))
        if known.pdq_bits is None or bits < known.pdq_bits:
            found[item] = replace(known, pdq_bits=bits, pdq_region=region)
    # 2
    for item, bits in _near_iscc(local, query, limits):
        known = found.get(item, Found(item=item))
        found[item] = replace(known, iscc_bits=bits)
    for item, cosine in near.cosines.items():
        is_proposed = near.threshold is not None and cosine >= near.threshold
        known = found.get(item, Found(item=item))
        found[item] = replace(known, embedding=cosine, is_proposed=is_proposed)
    # 3
    segments = tuple(arrays for arrays, _ in local)
    proposed = _proposed(segments, tuple(mask for _, mask in local), query, limits)
    # 4
    rows = _rows_of(segments, found)
    rows.update({item: place for item, (place, _) in proposed.items()})
    for item, (segment, row) in rows.items():
        views = proposed[item][1] if item in proposed else query.views
        laid = _laid(_stored(segments[segment], row), views, query)
        if laid is not None:
            found[item] = replace(found.get(item, Found(item=item)), laid=laid)
    return matches(found.values(), limits)


def has_too_little(query: Query, limits: MatchLimits) -> bool:
    """Tell whether a picture has too little in it to be found by codes or by local features."""
    points = max((len(view.points) for view in query.views), default=0)
    return (
        max(query.quality, query.trimmed_quality) < limits.min_pdq_quality
        and points < limits.possible_inliers
    )


def _asked_codes(query: Query, limits: MatchLimits) -> Iterator[tuple[bytes, Region]]:
    """Return the PDQ codes that are looked for, and what part of the query each is of."""
    whole = query.codes if query.quality >= limits.min_pdq_quality else ()
    trimmed = query.trimmed_codes if query.trimmed_quality >= limits.min_pdq_quality else ()
    for codes, region in ((whole, WHOLE), (trimmed, query.inner)):
        for code in codes:
            yield code, region
            # Colours inverted turn every bit.
            yield bytes(value ^ 0xFF for value in code), region


def _near_codes(
    fingerprints: Fingerprints,
    local: tuple[tuple[Arrays, NDArray[np.bool_]], ...],
    query: Query,
    limits: MatchLimits,
) -> Iterator[tuple[ItemId, int, Region]]:
    """Return items whose PDQ code is near one of the query's, with the bits between them."""
    asked = list(_asked_codes(query, limits))
    if not asked:
        return
    rows = _as_rows([code for code, _ in asked])
    stored = [
        *((arrays, mask, "pdq", "quality") for arrays, mask in fingerprints.segments(CODES)),
        *((arrays, mask, "pdq_trimmed", "trimmed_quality") for arrays, mask in local),
    ]
    for arrays, mask, codes, quality in stored:
        usable = mask & (arrays[quality] >= limits.min_pdq_quality)
        for index, row, bits in _usable(rows, arrays[codes], usable, max_bits=limits.possible_pdq_bits):
            yield _item(arrays, row), bits, asked[index][1]


def _near_iscc(
    local: Iterable[tuple[Arrays, NDArray[np.bool_]]], query: Query, limits: MatchLimits
) -> Iterator[tuple[ItemId, int]]:
    # The code knows no quality of its own; a picture that is too flat for the one is so for the other.
    if max(query.quality, query.trimmed_quality) < limits.min_pdq_quality:
        return
    rows = _as_rows([query.iscc])
    for arrays, mask in local:
        best = np.maximum(arrays["quality"], arrays["trimmed_quality"])
        usable = mask & (best >= limits.min_pdq_quality)
        for _, row, bits in _usable(rows, arrays["iscc"], usable, max_bits=limits.possible_pdq_bits):
            yield _item(arrays, row), bits


def _usable(
    asked: Codes, stored: Codes, usable: NDArray[np.bool_], *, max_bits: int
) -> Iterator[tuple[int, int, int]]:
    for index, row, bits in zip(
        *(column.tolist() for column in within(asked, stored, max_bits=max_bits)), strict=True
    ):
        if usable[row]:
            yield index, row, bits


def _proposed(
    segments: tuple[Arrays, ...], masks: tuple[NDArray[np.bool_], ...], query: Query, limits: MatchLimits
) -> dict[ItemId, tuple[tuple[int, int], tuple[View, ...]]]:
    """Return the items that most local features vote for: where they are, and in which views of the query."""
    starts = np.cumsum([0, *(len(arrays["ids"]) for arrays in segments)])
    proposed: dict[ItemId, tuple[tuple[int, int], tuple[View, ...]]] = {}
    counts = np.concatenate([np.zeros(0, np.bool_), *masks])
    scores = [_votes(segments, starts, view, limits) * counts for view in query.views]
    best = np.max(scores, axis=0) if scores else np.zeros(0)
    for place in np.argsort(-best, kind="stable")[: limits.candidates].tolist():
        if best[place] < _LEAST_VOTES:
            break
        segment = int(np.searchsorted(starts, place, "right")) - 1
        row = place - int(starts[segment])
        views = tuple(view for view, votes in zip(query.views, scores, strict=True) if votes[place] > 0)
        proposed[_item(segments[segment], row)] = (segment, row), views
    return proposed


def _votes(
    segments: tuple[Arrays, ...], starts: NDArray[np.int64], view: View, limits: MatchLimits
) -> NDArray[np.float64]:
    voters, voted = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for arrays, start in zip(segments, starts, strict=False):
        query, descriptor = alike(
            view.descriptors, arrays["descriptors"], index_of(arrays), max_bits=limits.vote_bits
        )
        ends = np.cumsum(arrays["counts"], dtype=np.int64)
        voters.append(query)
        voted.append(np.searchsorted(ends, descriptor, "right") + start)
    return score(np.concatenate(voters), np.concatenate(voted), items=int(starts[-1]))


def _rows_of(segments: tuple[Arrays, ...], items: Mapping[ItemId, Found]) -> dict[ItemId, tuple[int, int]]:
    """Return where the local features of items are, of those that have any."""
    wanted = np.array([item.encode("ascii") for item in items], dtype=np.bytes_)
    places: dict[ItemId, tuple[int, int]] = {}
    for segment, arrays in enumerate(segments):
        for row in np.flatnonzero(np.isin(arrays["ids"], wanted)).tolist():
            places[_item(arrays, row)] = segment, row
    return places


def _stored(arrays: Arrays, row: int) -> Stored:
    end = int(arrays["counts"][: row + 1].sum(dtype=np.int64))
    start = end - int(arrays["counts"][row])
    width, height = arrays["sizes"][row].tolist()
    return Stored(
        width=width,
        height=height,
        points=arrays["points"][start:end],
        descriptors=arrays["descriptors"][start:end],
    )


def _laid(stored: Stored, views: Iterable[View], query: Query) -> Laid | None:
    found = (laid_onto(stored, view, width=query.width, height=query.height) for view in views)
    return max((laid for laid in found if laid is not None), key=lambda laid: laid.inliers, default=None)


def _as_rows(codes: list[bytes]) -> Codes:
    return np.frombuffer(b"".join(codes), np.uint8).reshape(len(codes), CODE_BYTES)


def _item(arrays: Arrays, row: int) -> ItemId:
    name: Any = arrays["ids"][row]
    return ItemId(bytes(name).decode("ascii"))
