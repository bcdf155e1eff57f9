"""Where a detector saw a face, and how many faces that makes. Pure.

A box and a score is all that is known of a face here: no landmarks, no crop, no vector, nothing that could
tell one person from another, or what somebody is like.

Source: GDPR article 4(14) and recital 51 (what makes a photograph biometric data); EU AI Act article 5(1)(e)
and (g); C4.1.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

SAME_FACE_PERMILLE = 300
"""Two boxes that share this much of their union are one face: the detectors draw theirs a little differently,
and faces side by side in a crowd share less.
"""


class Detector(StrEnum):
    """Who saw it."""

    YUNET = "yunet"
    CENTERFACE = "centerface"


@dataclass(frozen=True, slots=True, kw_only=True)
class Face:
    """One box of one detector, in pixels of the picture that it was given."""

    detector: Detector
    x: int
    y: int
    width: int
    height: int
    score_permille: int


def faces_seen(faces: Iterable[Face], *, yunet_permille: int, centerface_permille: int) -> int:
    """Count faces that a detector is at least so sure of; what both see is one face.

    None is `no_face_detected`, never "no person": people from behind, masked, cropped or small are not found.
    """
    least = {Detector.YUNET: yunet_permille, Detector.CENTERFACE: centerface_permille}
    sure = [face for face in faces if face.score_permille >= least[face.detector]]
    counted: list[Face] = []
    # The surest first: a weak box beside it is the same face, never the other way round.
    for face in sorted(sure, key=lambda face: -face.score_permille):
        if not any(is_same(face, other) for other in counted):
            counted.append(face)
    return len(counted)


def is_same(one: Face, other: Face) -> bool:
    """Tell whether two boxes are taken for one face."""
    width = min(one.x + one.width, other.x + other.width) - max(one.x, other.x)
    height = min(one.y + one.height, other.y + other.height) - max(one.y, other.y)
    if width <= 0 or height <= 0:
        return False
    shared = width * height
    union = one.width * one.height + other.width * other.height - shared
    return shared * 1000 >= union * SAME_FACE_PERMILLE
