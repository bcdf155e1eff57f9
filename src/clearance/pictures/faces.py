"""Find faces in a picture with two detectors. Runs inside the cage; both are loaded before its door is
locked.

YuNet looks first, CenterFace is the second opinion; a face counts when either fires. A missed face is worse
than a false alarm, so that boxes are handed on from low scores up, and the policy says which of them counts
for what. Neither detector finds people without a visible face, and both may miss more often where their
training data was thin.

Source: C4.1, P2.1.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from clearance.errors import IntegrityError
from clearance.identifiers import sha256_of
from clearance.pictures.decode import Rgb
from clearance.pictures.face_boxes import Detector, Face

__all__ = ["FACE_METHODS", "Detector", "Face", "find_faces", "load"]

_WEIGHTS = {
    Detector.YUNET: (
        "face_detection_yunet_2023mar.onnx",
        "8f2383e4dd3cfbb4553ea8718107fc0423210dc964f9f4280604804ed2552fa4",
    ),
    Detector.CENTERFACE: (
        "centerface.onnx",
        "09189deaaf8646c5c51a68447e3c744ea1e211798155d4728c20507b9f5aefbc",
    ),
}
LONGEST_SIDE_PX = 640
"""Larger pictures are reduced to this: more finds no more faces, and takes three to five times as long."""
_LEAST = {Detector.YUNET: 0.6, Detector.CENTERFACE: 0.4}
"""Scores below these are noise: a policy may count from here up, and no lower."""
_MAX_BOXES = 1000
"""A detector that fires more often looks at no photograph; the surest stay."""
_OVERLAP = 0.3
_STEP_PX = 32
"""Both networks halve a picture five times."""
_LAYERS = ("537", "538", "539", "540")
"""CenterFace's heat map, sizes, offsets and landmarks: it answers with all or none."""
_CELL_PX = 4

FACE_METHODS = " ".join(f"{detector}/{sha256[:16]}" for detector, (_, sha256) in _WEIGHTS.items())
"""Names and hashes of the models, stored with each examination: others may see other faces."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Networks:
    yunet: Any
    centerface: Any


_loaded = threading.local()
"""One pair of networks a thread: they hold the picture that they work on."""


def load() -> None:
    """Load both networks, and let each look once: what they allocate late, they allocate now.

    Raises:
        IntegrityError: a file of weights is not the one that belongs here.
    """
    if getattr(_loaded, "networks", None) is not None:
        return
    _loaded.networks = _Networks(
        yunet=cv2.FaceDetectorYN.create(
            "onnx",
            _weights(Detector.YUNET),
            np.zeros(0, dtype=np.uint8),
            (_STEP_PX, _STEP_PX),
            _LEAST[Detector.YUNET],
            _OVERLAP,
            _MAX_BOXES,
        ),
        centerface=cv2.dnn.readNetFromONNX(_weights(Detector.CENTERFACE)),
    )
    find_faces(np.full((LONGEST_SIDE_PX, LONGEST_SIDE_PX, 3), 128, dtype=np.uint8))


def find_faces(rgb: Rgb) -> tuple[Face, ...]:
    """Return every box that either detector draws, the surest first; nothing else about a person leaves.

    None is `no_face_detected`, never "no person".
    """
    load()
    height, width = rgb.shape[:2]
    scale = min(1.0, LONGEST_SIDE_PX / max(height, width))
    seen_width, seen_height = max(1, round(width * scale)), max(1, round(height * scale))
    seen: Any = rgb
    if scale < 1:
        seen = cv2.resize(rgb, (seen_width, seen_height), interpolation=cv2.INTER_AREA)
    # To the next multiple of the step, as both networks need it; the margin is black and draws no box.
    margin_right, margin_below = -seen_width % _STEP_PX, -seen_height % _STEP_PX
    seen = cv2.copyMakeBorder(seen, 0, margin_below, 0, margin_right, cv2.BORDER_CONSTANT, value=(0, 0, 0))
    found = {
        Detector.YUNET: _yunet(_loaded.networks.yunet, cv2.cvtColor(seen, cv2.COLOR_RGB2BGR)),
        Detector.CENTERFACE: _centerface(_loaded.networks.centerface, seen),
    }
    boxes = [
        (detector, float(row[4]), _inside(row[:4] / scale, width, height))
        for detector, rows in found.items()
        for row in rows
    ]
    return tuple(
        Face(
            detector=detector,
            x=x,
            y=y,
            width=box_width,
            height=box_height,
            score_permille=min(1000, int(score * 1000)),
        )
        for detector, score, (x, y, box_width, box_height) in sorted(boxes, key=lambda box: -box[1])
        if box_width and box_height
    )


def _yunet(network: Any, bgr: Any) -> NDArray[np.float32]:
    """Return rows of x, y, width, height, score; its landmarks are dropped here."""
    network.setInputSize((bgr.shape[1], bgr.shape[0]))
    rows = network.detect(bgr)[1]
    if rows is None:
        return np.zeros((0, 5), dtype=np.float32)
    return np.asarray(rows[:, [0, 1, 2, 3, 14]], dtype=np.float32)


def _centerface(network: Any, rgb: Any) -> NDArray[np.float32]:
    """Return rows of x, y, width, height, score.

    Each cell of the heat map is 4 x 4 pixels and says how likely a face has its centre there; the other
    layers say how large it is (as a logarithm, in cells) and where in the cell the centre lies.

    Source: Xu et al., "CenterFace: Joint Face Detection and Alignment Using Face as Point" (arXiv
    1911.03599).
    """
    network.setInput(cv2.dnn.blobFromImage(rgb))
    # The landmarks are dropped unread.
    heat, sizes, offsets = (layer[0] for layer in network.forward(_LAYERS)[:3])
    rows, columns = np.nonzero(heat[0] >= _LEAST[Detector.CENTERFACE])
    scores = heat[0, rows, columns]
    height, width = np.exp(sizes[:, rows, columns]) * _CELL_PX
    centre_y = (rows + offsets[0, rows, columns] + 0.5) * _CELL_PX
    centre_x = (columns + offsets[1, rows, columns] + 0.5) * _CELL_PX
    boxes = np.stack([centre_x - width / 2, centre_y - height / 2, width, height], axis=1).astype(np.float32)
    kept = cv2.dnn.NMSBoxes(
        boxes.tolist(), scores.tolist(), _LEAST[Detector.CENTERFACE], _OVERLAP, top_k=_MAX_BOXES
    )
    chosen = np.asarray(kept, dtype=np.intp).reshape(-1)
    return np.column_stack([boxes[chosen], scores[chosen]]).astype(np.float32)


def _inside(box: NDArray[np.float32], width: int, height: int) -> tuple[int, int, int, int]:
    """Round a box to pixels and cut it to the picture."""
    left, top, right, bottom = box[0], box[1], box[0] + box[2], box[1] + box[3]
    x, y = min(width, max(0, round(float(left)))), min(height, max(0, round(float(top))))
    return (
        x,
        y,
        max(0, min(width, round(float(right))) - x),
        max(0, min(height, round(float(bottom))) - y),
    )


def checked_weights(detector: Detector, content: bytes) -> bytes:
    """Return a detector's weights, which are the ones that were measured.

    Raises:
        IntegrityError: they are others.
    """
    name, sha256 = _WEIGHTS[detector]
    if sha256_of(content) != sha256:
        raise IntegrityError(
            f"{name}: not the weights of {detector} that belong here; install Clearance again"
        )
    return content


def _weights(detector: Detector) -> Any:
    content = (files("clearance.pictures") / "weights" / _WEIGHTS[detector][0]).read_bytes()
    return np.frombuffer(checked_weights(detector, content), dtype=np.uint8)
