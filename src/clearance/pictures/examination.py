"""What curating looks for in one kept picture, inside the cage: features to find it by, and faces.

This module is the entry that caged workers import (`cage.Cage`). The picture is one that we encoded, and it
is decoded with no less care: it came from outside once. `reading` does the same and reads text, too.

Source: C4.1, C4.2.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np

from clearance.identifiers import Malformed
from clearance.pictures import faces
from clearance.pictures.containers import read_container
from clearance.pictures.decode import Rgb, decode
from clearance.pictures.features import features_of
from clearance.pictures.packed_features import pack_features


def warm_up() -> None:
    """Load the networks before the door is locked: afterwards no file can be opened."""
    faces.load()
    features_of(np.full((64, 64, 3), 128, dtype=np.uint8))


def examine(job: Mapping[str, Any], data: bytes) -> tuple[dict[str, Any], bytes]:
    """Run inside the cage: turn a picture's bytes into what was found in it, and its packed features.

    `job` bounds the picture: `max_pixels` and `longest_side_px`.
    """
    rgb = decoded(job, data)
    return (failed(rgb), b"") if isinstance(rgb, Malformed) else examined(rgb)


def decoded(job: Mapping[str, Any], data: bytes) -> Rgb | Malformed:
    """Decode a picture within the job's bounds."""
    container = read_container(data)
    if isinstance(container, Malformed):
        return container
    return decode(data, container, longest_side_px=job["longest_side_px"], max_pixels=job["max_pixels"])


def examined(rgb: Rgb) -> tuple[dict[str, Any], bytes]:
    """Look at a decoded picture."""
    answer = {
        "size": [int(rgb.shape[1]), int(rgb.shape[0])],
        "methods": faces.FACE_METHODS,
        "faces": [asdict(face) for face in faces.find_faces(rgb)],
        "is_text_read": False,
        "text": [],
    }
    return answer, pack_features(features_of(rgb))


def failed(why: Malformed) -> dict[str, Any]:
    """Say that a picture could not be looked at."""
    return {"failure": f"{why.where}: {why.why}", "methods": faces.FACE_METHODS}
