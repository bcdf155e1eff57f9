import asyncio
from importlib import resources
from typing import Any

import cv2
import numpy as np
import pytest
import sklearn.datasets
from hypothesis import given
from hypothesis import strategies as st

from clearance.errors import IntegrityError
from clearance.pictures import Answer, Cage, CageLimits
from clearance.pictures.face_boxes import Detector, Face, faces_seen, is_same
from clearance.pictures.faces import FACE_METHODS, checked_weights, find_faces
from pictures_made import photograph, real

Rgb = np.ndarray[Any, np.dtype[np.uint8]]


def counted(rgb: Rgb, *, yunet: int = 600, centerface: int = 400) -> int:
    """Find faces, and count them as the default policy counts candidates."""
    found = find_faces(np.ascontiguousarray(rgb))
    return faces_seen(found, yunet_permille=yunet, centerface_permille=centerface)


def smaller(rgb: Rgb, scale: float) -> Rgb:
    return np.asarray(cv2.resize(rgb, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def stack(grey: Rgb) -> Rgb:
    return np.stack([grey] * 3, axis=2)


@pytest.fixture(scope="module")
def portrait() -> Rgb:
    """A portrait: one face, 90 pixels wide, with a helmet beside it."""
    return real("astronaut")


@pytest.mark.control("C4.1", "P2.1")
def test_both_detectors_draw_one_face_where_it_is(portrait: Rgb) -> None:
    """A box and a score each, in pixels of the picture; the two are one face."""
    found = find_faces(portrait)
    assert {face.detector for face in found} == {Detector.YUNET, Detector.CENTERFACE}
    for face in found:
        assert (170 < face.x < 190, 50 < face.y < 70, 80 < face.width < 100) == (True, True, True)
        assert face.score_permille > 900
    assert faces_seen(found, yunet_permille=800, centerface_permille=800) == 1


@pytest.mark.control("C4.1")
def test_nothing_else_about_a_person_leaves(portrait: Rgb) -> None:
    """No landmarks, no crop, no vector: a box is six numbers and a name of ours."""
    assert set(Face.__dataclass_fields__) == {"detector", "x", "y", "width", "height", "score_permille"}
    assert FACE_METHODS == "yunet/8f2383e4dd3cfbb4 centerface/09189deaaf8646c5"


@pytest.mark.control("C4.1")
@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda a: a[:300, 222:420], id="half a face"),
        pytest.param(lambda a: a[40:115, 150:300], id="eyes only"),
        pytest.param(lambda a: smaller(a, 25 / 90), id="25 pixels wide"),
        pytest.param(lambda a: a[::-1], id="upside down"),
        pytest.param(np.rot90, id="on its side"),
        pytest.param(lambda a: (a * 0.15).astype(np.uint8), id="nearly dark"),
        pytest.param(lambda a: cv2.stylization(a, sigma_s=60, sigma_r=0.45), id="painted"),
        pytest.param(
            lambda a: np.concatenate([a, np.zeros((512, 2000, 3), np.uint8)], axis=1), id="far left"
        ),
    ],
)
def test_a_face_that_is_hard_to_see_is_a_candidate(portrait: Rgb, change: Any) -> None:
    """What one detector misses the other finds; a missed face is worse than a false alarm."""
    assert counted(np.asarray(change(portrait), dtype=np.uint8)) >= 1


@pytest.mark.control("C4.1")
@pytest.mark.parametrize(
    ("picture", "faces"),
    [
        pytest.param(lambda: stack(real("camera")), 1, id="a man in profile behind a camera, grey"),
        pytest.param(lambda: real("chelsea"), 0, id="a cat"),
        pytest.param(lambda: real("coffee"), 0, id="a cup"),
        pytest.param(lambda: real("rocket"), 0, id="a rocket"),
        pytest.param(lambda: sklearn.datasets.load_sample_image("china.jpg"), 0, id="a temple"),
        pytest.param(lambda: sklearn.datasets.load_sample_image("flower.jpg"), 0, id="a flower"),
        pytest.param(lambda: np.zeros((1, 1, 3), np.uint8), 0, id="one pixel"),
        pytest.param(lambda: np.full((2, 4000, 3), 255, np.uint8), 0, id="a line"),
    ],
)
def test_what_is_found_in_pictures_that_packages_carry(picture: Any, faces: int) -> None:
    """Animals, things and buildings are no candidates; that says nothing of who else may be there."""
    assert counted(picture()) == faces


@pytest.mark.control("C4.1")
def test_two_people_side_by_side_are_two_faces(portrait: Rgb) -> None:
    """Boxes of two detectors are joined, boxes of two people are not."""
    assert counted(np.concatenate([portrait, portrait[:, ::-1]], axis=1), yunet=800, centerface=800) == 2


@pytest.mark.control("C4.1", "C5.2")
def test_both_networks_run_behind_the_locked_door(portrait: Rgb) -> None:
    """The caged entry finds the same faces, without a file to open or a thread to start."""
    limits = CageLimits(memory_bytes=1 << 31, timeout_s=60)
    content = cv2.imencode(".jpg", portrait[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, 95])[1].tobytes()
    job = {"max_pixels": 1 << 24, "longest_side_px": 512}

    async def ask() -> list[Any]:
        async with Cage("clearance.pictures.examination:examine", limits, workers=1) as cage:
            return [await cage.run(job, each) for each in (content, photograph(seed=1))]

    shown, empty = asyncio.run(ask())
    assert isinstance(shown, Answer)
    assert isinstance(empty, Answer)
    faces = [Face(**{**face, "detector": Detector(face["detector"])}) for face in shown.header["faces"]]
    assert faces_seen(faces, yunet_permille=800, centerface_permille=800) == 1
    assert FACE_METHODS in shown.header["methods"]
    assert empty.header["faces"] == []


@pytest.mark.control("C5.2")
def test_other_weights_are_refused() -> None:
    """The files are the ones that were measured, by their hashes, or nothing is looked at."""
    for detector, name in (
        (Detector.YUNET, "face_detection_yunet_2023mar.onnx"),
        (Detector.CENTERFACE, "centerface.onnx"),
    ):
        content = (resources.files("clearance.pictures") / "weights" / name).read_bytes()
        assert checked_weights(detector, content) == content
        with pytest.raises(IntegrityError, match=f"{name}: not the weights of {detector}"):
            checked_weights(detector, content + b"\x00")


boxes = st.builds(
    Face,
    detector=st.sampled_from(Detector),
    x=st.integers(0, 600),
    y=st.integers(0, 600),
    width=st.integers(1, 600),
    height=st.integers(1, 600),
    score_permille=st.integers(0, 1000),
)


@pytest.mark.control("C4.1")
@given(st.lists(boxes, max_size=8), st.integers(0, 1000), st.integers(0, 1000))
def test_a_lower_threshold_never_sees_fewer_faces(found: list[Face], low: int, high: int) -> None:
    """Whatever the boxes are: there is a face where one detector is sure of one, and more doubt adds more."""
    low, high = sorted((low, high))
    lenient = faces_seen(found, yunet_permille=low, centerface_permille=low)
    strict = faces_seen(found, yunet_permille=high, centerface_permille=high)
    assert strict <= lenient <= len(found)
    assert (strict > 0) == any(face.score_permille >= high for face in found)
    for face in found:
        assert is_same(face, face)
