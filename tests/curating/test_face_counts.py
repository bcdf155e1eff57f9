from dataclasses import asdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearance.curating import count_faces
from clearance.curating.people.face_counts import FaceCounts
from clearance.pictures import Detector, Face
from clearance.policy import PeopleDuty, default_policy_bytes, read_policy

DUTY = read_policy(default_policy_bytes()).parameters(PeopleDuty)
DRAWN = st.builds(
    Face,
    detector=st.sampled_from(Detector),
    x=st.integers(0, 9),
    y=st.integers(0, 9),
    width=st.integers(1, 9),
    height=st.integers(1, 9),
    score_permille=st.integers(0, 1000),
)


def face(detector: Detector, score_permille: int, *, x: int = 0) -> dict[str, object]:
    return asdict(Face(detector=detector, x=x, y=0, width=9, height=9, score_permille=score_permille))


@pytest.mark.control("P2.1", "C4.1")
@pytest.mark.parametrize(
    ("boxes", "candidates", "confident"),
    [
        ([], 0, 0),
        ([face(Detector.YUNET, 599), face(Detector.CENTERFACE, 399, x=50)], 0, 0),
        ([face(Detector.YUNET, 600), face(Detector.CENTERFACE, 400, x=50)], 2, 0),
        ([face(Detector.YUNET, 800), face(Detector.CENTERFACE, 799, x=50)], 2, 1),
        ([face(Detector.YUNET, 900), face(Detector.CENTERFACE, 900)], 1, 1),
    ],
)
def test_faces_are_counted_by_the_policy_in_force(
    boxes: list[dict[str, object]], candidates: int, confident: int
) -> None:
    """From a threshold on, and a face that both detectors see once."""
    assert count_faces(boxes, DUTY) == FaceCounts(candidates=candidates, confident=confident)


@pytest.mark.control("P2.1", "C4.1")
@given(st.lists(DRAWN, max_size=6))
def test_whoever_is_there_with_confidence_may_be_there(faces: list[Face]) -> None:
    """A stricter threshold never finds more."""
    counts = count_faces(map(asdict, faces), DUTY)
    assert counts.confident <= counts.candidates <= len(faces)
