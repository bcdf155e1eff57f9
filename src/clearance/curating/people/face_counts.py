"""How many faces count, by the policy in force, among the boxes that detectors drew. Pure.

Boxes are kept with their scores, counts are made when they are needed: a stricter policy holds for pictures
that were examined before it.

Source: P2.1, C4.1.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from clearance.pictures import Detector, Face, faces_seen
from clearance.policy import PeopleDuty


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceCounts:
    """Faces in one picture; 0 is `no_face_detected`, never that nobody is there."""

    candidates: int
    """That may be there."""
    confident: int
    """That are there with confidence."""


def count_faces(boxes: Iterable[Mapping[str, Any]], duty: PeopleDuty) -> FaceCounts:
    """Count faces by the thresholds of the policy; `boxes` are as an examination keeps them."""
    faces = [Face(**{**box, "detector": Detector(box["detector"])}) for box in boxes]
    sure = _permille(duty.confident)
    return FaceCounts(
        candidates=faces_seen(
            faces,
            yunet_permille=_permille(duty.candidate_yunet),
            centerface_permille=_permille(duty.candidate_centerface),
        ),
        confident=faces_seen(faces, yunet_permille=sure, centerface_permille=sure),
    )


def _permille(share: float) -> int:
    return round(share * 1000)
