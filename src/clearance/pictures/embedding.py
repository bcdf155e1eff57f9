"""An own embedding model, inside the cage: pictures in, vectors of length one out.

The model is a file of the organisation's choice, and no more trusted than a picture: it comes over the wall
as bytes after the door is locked, and what it computes can do nothing but be answered.

Source: docs/match.md, A model of your own; C5.2.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from clearance.identifiers import Malformed, sha256_of
from clearance.pictures.containers import read_container
from clearance.pictures.decode import Rgb, decode

Batch = NDArray[np.float32]
"""1 x channels x height x width, or 1 x height x width x channels."""
Model = Callable[[Batch], NDArray[Any]]

MAX_DIMENSIONS = 4096


class Embedder:
    """What a caged worker answers embedding jobs with; it holds one model at most."""

    def __init__(self, load: Callable[[bytes], Model]) -> None:
        self._load = load
        self._model: Model | None = None
        self._sha256 = ""

    def answer(self, job: Mapping[str, Any], data: bytes) -> tuple[dict[str, Any], bytes]:
        """Run inside the cage: take a model, or turn a picture into a vector.

        A worker that was replaced has no model; it says so, and is given it again.
        """
        if job["do"] == "load":
            try:
                self._model, self._sha256 = self._load(data), sha256_of(data)
            except Exception as error:  # noqa: BLE001 - a library may raise anything on hostile bytes
                return {"failure": f"model: {type(error).__name__}: {error}"}, b""
            return {"loaded": True}, b""
        if self._model is None or self._sha256 != job["model"]:
            return {"needs_model": True}, b""
        return _embedded(self._model, job, data)


def _embedded(model: Model, job: Mapping[str, Any], data: bytes) -> tuple[dict[str, Any], bytes]:
    container = read_container(data)
    if isinstance(container, Malformed):
        return {"failure": f"{container.where}: {container.why}"}, b""
    rgb = decode(data, container, longest_side_px=job["longest_side_px"], max_pixels=job["max_pixels"])
    if isinstance(rgb, Malformed):
        return {"failure": f"{rgb.where}: {rgb.why}"}, b""
    try:
        vector = np.asarray(model(_prepared(rgb, job)), np.float32).reshape(-1)
    except Exception as error:  # noqa: BLE001 - as above
        return {"failure": f"model: {type(error).__name__}: {error}"}, b""
    length = float(np.linalg.norm(vector))
    if not 0 < vector.size <= MAX_DIMENSIONS or not np.isfinite(length) or not length:
        return {"failure": f"model: a vector of {vector.size} numbers and length {length:g}"}, b""
    return {"dimensions": int(vector.size)}, (vector / length).astype("<f4").tobytes()


def _prepared(rgb: Rgb, job: Mapping[str, Any]) -> Batch:
    side = int(job["size"])
    reduced = cv2.resize(rgb, (side, side), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    scaled = (reduced - np.array(job["mean"], np.float32)) / np.array(job["std"], np.float32)
    ordered = scaled.transpose(2, 0, 1) if job["layout"] == "NCHW" else scaled
    return np.ascontiguousarray(ordered[None], np.float32)
