"""What a query picture is looked for by: read its bytes, decode, describe. Caged: no file, no network.

A query is bytes of a stranger, and is decoded in the cage only, within the policy's picture limits. It is
looked at more closely than what is stored: a picture may be a small part of it.

Source: docs/match.md; C1.2, C5.2.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import cv2
import numpy as np
import pdqhash
from PIL import Image

from clearance.identifiers import Malformed, Sha256, sha256_of
from clearance.pictures.containers import PictureFormat, read_container
from clearance.pictures.content_ids import reduced_grey
from clearance.pictures.decode import Rgb, decode
from clearance.pictures.features import Grey, cut, grey_of, image_code, inside_border, local_features
from clearance.pictures.inspection import beyond
from clearance.pictures.packed_features import pack_points

ENTRY = "clearance.pictures.query:describe"
QUERY_SIDE = 1024
"""A picture that is a tenth of a composite of this size still has the detail that was stored of it."""
_ENLARGED_SIDE = 640
"""A thumbnail is enlarged to this: stored features are of 512 px, and finer than what a thumbnail shows."""
_MOST_ENLARGED = 2.5
_LOOKED_AT = 12_000
"""Text of a page around a picture has stronger corners than the picture; enough must be left for that."""
_KEPT = 2000


def warm_up() -> None:
    """Load everything before the door is locked: afterwards no file can be opened."""
    picture = Image.fromarray(np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8))
    for form in PictureFormat:
        output = io.BytesIO()
        picture.save(output, form.value)
        describe({"formats": list(PictureFormat), "max_pixels": 1 << 20, "min_side_px": 1}, output.getvalue())


def describe(job: Mapping[str, Any], data: bytes) -> tuple[dict[str, Any], bytes]:
    """Run inside the cage: turn received bytes into what they are looked for by."""
    sha256 = sha256_of(data)
    container = read_container(data)
    if isinstance(container, Malformed):
        return _refused(sha256, container), b""
    limit = beyond(container, job)
    if limit is not None:
        return _refused(sha256, limit), b""
    rgb = decode(data, container, longest_side_px=QUERY_SIDE, max_pixels=job["max_pixels"])
    if isinstance(rgb, Malformed):
        return _refused(sha256, rgb), b""
    answer, payload = described(rgb)
    return {"sha256": sha256, "size": container.shown_size, **answer}, payload


def described(rgb: Rgb) -> tuple[dict[str, Any], bytes]:
    """Describe a decoded picture: the header and payload that `packed_features.read_query` reads."""
    codes, quality = _turned_codes(rgb)
    inner = inside_border(rgb)
    whole = (0, 0, rgb.shape[1], rgb.shape[0])
    trimmed, trimmed_quality = ([], 0) if inner is None else _turned_codes(cut(rgb, inner))
    left, top, right, bottom = inner or whole
    grey = _enlarged(grey_of(rgb, longest_side_px=QUERY_SIDE))
    answer = {
        "codes": codes,
        "quality": quality,
        "trimmed_codes": trimmed,
        "trimmed_quality": trimmed_quality,
        "inner": [
            left / rgb.shape[1],
            top / rgb.shape[0],
            (right - left) / rgb.shape[1],
            (bottom - top) / rgb.shape[0],
        ],
        "iscc": image_code(cut(rgb, (left, top, right, bottom))).hex(),
        "width": int(grey.shape[1]),
        "height": int(grey.shape[0]),
    }
    views = (grey, np.ascontiguousarray(grey[:, ::-1]))
    payload = b"".join(pack_points(*local_features(view, looked_at=_LOOKED_AT, kept=_KEPT)) for view in views)
    return answer, payload


def _turned_codes(rgb: Rgb) -> tuple[list[str], int]:
    """Return PDQ of the eight turns and mirrorings of a picture, and its quality."""
    codes, quality = pdqhash.compute_dihedral(cv2.cvtColor(reduced_grey(rgb), cv2.COLOR_GRAY2RGB))
    return [np.packbits(code.astype(np.uint8)).tobytes().hex() for code in codes], int(quality)


def _enlarged(grey: Grey) -> Grey:
    scale = min(_ENLARGED_SIDE / max(grey.shape), _MOST_ENLARGED)
    if scale <= 1:
        return grey
    size = (round(grey.shape[1] * scale), round(grey.shape[0] * scale))
    return np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_CUBIC), np.uint8)


def _refused(sha256: Sha256, why: Malformed) -> dict[str, Any]:
    return {"sha256": sha256, "refused": True, "why": f"{why.where}: {why.why}"}
