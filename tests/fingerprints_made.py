"""Fingerprints that tests make: random ones, and those of pictures laid into others."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from clearance.fingerprints import WHOLE, Fingerprint, Query, View
from clearance.fingerprints.fingerprint import Descriptors, Points
from clearance.identifiers import ItemId
from clearance.policy import MatchLimits

LIMITS = MatchLimits(
    match_pdq_bits=31,
    possible_pdq_bits=60,
    min_pdq_quality=50,
    match_inliers=15,
    possible_inliers=10,
    vote_bits=40,
    candidates=50,
)


def flipped(code: bytes, *bits: int) -> bytes:
    """Return a code with some bits turned."""
    return (int.from_bytes(code) ^ sum(1 << bit for bit in bits)).to_bytes(len(code))


def bits_between(one: bytes, other: bytes) -> int:
    """Count the bits in which two codes differ."""
    return (int.from_bytes(one) ^ int.from_bytes(other)).bit_count()


def item(number: int) -> ItemId:
    """Return an id as records have it."""
    return ItemId(f"{number:016x}")


def features(seed: int, count: int = 60) -> tuple[Points, Descriptors]:
    """Return random local features of a picture of 400 x 300 pixels."""
    chance = np.random.default_rng(seed)
    points = np.stack((chance.permutation(400)[:count], chance.permutation(300)[:count]), axis=1)
    return points.astype(np.uint16), chance.integers(0, 256, (count, 32), dtype=np.uint8)


def fingerprint(number: int, **changes: Any) -> Fingerprint:
    """Return the fingerprint of a picture that is like no other."""
    chance = np.random.default_rng(number)
    points, descriptors = features(number)
    values: dict[str, Any] = {
        "item": item(number),
        "pdq": chance.bytes(32),
        "pdq_quality": 100,
        "pdq_trimmed": b"",
        "pdq_trimmed_quality": 0,
        "iscc": chance.bytes(32),
        "width": 400,
        "height": 300,
        "points": points,
        "descriptors": descriptors,
        **changes,
    }
    return Fingerprint(**values)


def query(seed: int = 10_000, **changes: Any) -> Query:
    """Return a query that nothing is like, but for what is changed."""
    chance = np.random.default_rng(seed)
    values: dict[str, Any] = {
        "codes": tuple(chance.bytes(32) for _ in range(8)),
        "quality": 100,
        "trimmed_codes": (),
        "trimmed_quality": 0,
        "inner": WHOLE,
        "iscc": chance.bytes(32),
        "width": 400,
        "height": 300,
        "views": (),
        **changes,
    }
    return Query(**values)


def moved(
    points: Points, descriptors: Descriptors, *, factor: complex, shift: complex, is_mirrored: bool = False
) -> View:
    """Return the view of a query in which a picture lies turned, scaled and shifted."""
    places: NDArray[np.complex128] = factor * (points[:, 0] + 1j * points[:, 1]) + shift
    seen = np.stack((places.real, places.imag), axis=1).round().astype(np.uint16)
    return View(points=seen, descriptors=descriptors, is_mirrored=is_mirrored)
