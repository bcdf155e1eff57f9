"""Read text in a picture. Runs inside the cage, and only where the extra `ocr` is installed; everything is
loaded before the door is locked.

One-sided: what is read was there, what is not read may be there all the same. Every picture is read twice, as
it is and with faint marks brought out; the second pass finds a quarter more of those that people lay over
pictures (docs/metadata.md has the figures).

Source: C1.1, C4.1.
"""

from __future__ import annotations

import math
import threading
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from clearance.errors import ClearanceError
from clearance.pictures.decode import Rgb
from clearance.pictures.text_lines import MAX_LINE_CHARS, TextLine, merged

__all__ = ["AVAILABLE", "TEXT_METHODS", "TextLine", "load", "read_text"]

_DETECTOR, _READER = "PP-OCRv6_det_small.onnx", "PP-OCRv6_rec_small.onnx"
_SHORT_SIDE_PX = 736
"""Smaller pictures are enlarged to this before text is looked for: small print is found only so."""
_LONG_SIDE_PX = 2000
"""None is enlarged beyond this, and larger ones are reduced to it: a picture of 2 x 2000 pixels, enlarged by
its short side, would take all memory there is.
"""
_MAX_PIXELS = 1_500_000
"""Larger ones are reduced to this; the networks take 180 bytes a pixel, and a worker's memory is bounded."""
_LEAST_SIDE_PX = 64
"""Narrower ones are padded to this; the networks halve a picture five times."""
_SIGMA_PX, _GAIN = 12.0, 3.0
"""Of the pass for faint marks: wider than the strokes of a mark, and as strong as leaves noise readable."""


def _methods() -> str:
    try:
        return f"rapidocr/{version('rapidocr')} onnxruntime/{version('onnxruntime')} PP-OCRv6-small"
    except PackageNotFoundError:
        return ""


TEXT_METHODS = _methods()
"""Names and versions of the reader, stored with each examination; empty where none is installed."""
AVAILABLE = bool(TEXT_METHODS)
"""Whether text can be read at all; a picture looked at without it is `not-read`, never without text."""

_loaded = threading.local()
"""One engine a thread: it keeps the state of the picture that it works on."""


def load() -> None:
    """Load the reader where it is installed, and let it read once: what it opens late, it opens now.

    Raises:
        ClearanceError: the package is there, its models are not.
    """
    if not AVAILABLE or getattr(_loaded, "engine", None) is not None:
        return
    # Loaded here: an extra, and heavy.
    import rapidocr  # noqa: PLC0415

    models = Path(rapidocr.__file__).parent / "models"
    for name in (_DETECTOR, _READER):
        if not (models / name).is_file():
            # Asked without a path, it would fetch them from a website.
            raise ClearanceError(f"{models / name}: not there; reinstall the extra `ocr`")
    _loaded.engine = rapidocr.RapidOCR(
        params={
            "Global.use_cls": False,
            "Global.log_level": "critical",
            # Sizes are bounded here, before the engine sees a picture.
            "Global.use_preprocess_img": False,
            "Global.use_vertical_padding": False,
            "Det.model_path": str(models / _DETECTOR),
            "Det.limit_type": "max",
            "Det.limit_side_len": _LONG_SIDE_PX,
            "Rec.model_path": str(models / _READER),
            "EngineConfig.onnxruntime.intra_op_num_threads": 1,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
    )
    sample = np.zeros((240, 480, 3), dtype=np.uint8)
    cv2.putText(sample, "sample", (40, 140), cv2.FONT_HERSHEY_SIMPLEX, 3, (255, 255, 255), 6)
    read_text(sample)


def read_text(rgb: Rgb) -> tuple[TextLine, ...]:
    """Return the lines of text that were found, bounded in number and length.

    Raises:
        ClearanceError: no reader is installed.
    """
    load()
    if not AVAILABLE:
        raise ClearanceError("no reader of text is installed: pip install 'clearance[ocr]'")
    picture, factor = _sized(rgb)
    return merged(line for each in (picture, _faint_marks(picture)) for line in _lines(each, factor))


def _sized(rgb: Rgb) -> tuple[Rgb, float]:
    """Bring a picture to a size at which text is found, within bounds; returns by what it was enlarged."""
    short, long = sorted(rgb.shape[:2])
    factor = min(
        max(1.0, _SHORT_SIDE_PX / short), _LONG_SIDE_PX / long, math.sqrt(_MAX_PIXELS / (short * long))
    )
    height, width = (max(1, round(side * factor)) for side in rgb.shape[:2])
    if factor != 1.0:
        rgb = np.asarray(
            cv2.resize(
                rgb, (width, height), interpolation=cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR
            ),
            dtype=np.uint8,
        )
    below, beside = max(0, _LEAST_SIDE_PX - height), max(0, _LEAST_SIDE_PX - width)
    if below or beside:
        rgb = np.pad(rgb, ((0, below), (0, beside), (0, 0)), mode="edge")
    return rgb, factor


def _faint_marks(rgb: Rgb) -> Rgb:
    """Bring out what was laid over a picture in light colours.

    A light mark raises the darkest of a pixel's three channels most; taking off what changes slowly leaves
    its edges. Equalised contrast and local normalisation find fewer (measured on planted marks).
    """
    darkest = rgb.min(axis=2).astype(np.float32)
    raised: Any = (darkest - cv2.GaussianBlur(darkest, (0, 0), _SIGMA_PX)) * _GAIN + 128.0
    return np.ascontiguousarray(np.repeat(raised.clip(0, 255).astype(np.uint8)[..., None], 3, axis=2))


def _lines(rgb: Rgb, factor: float) -> list[TextLine]:
    found = _loaded.engine(np.ascontiguousarray(rgb[..., ::-1]))
    if found.txts is None:
        return []
    return [
        _line(text, np.asarray(box) / factor, float(score))
        for text, box, score in zip(found.txts, found.boxes, found.scores, strict=True)
    ]


def _line(text: str, box: Any, score: float) -> TextLine:
    left, top = (max(0, int(value)) for value in box.min(axis=0))
    right, bottom = (int(np.ceil(value)) for value in box.max(axis=0))
    return TextLine(
        text=text[:MAX_LINE_CHARS],
        x=left,
        y=top,
        width=max(1, right - left),
        height=max(1, bottom - top),
        score_permille=round(score * 1000),
    )
