"""Decode a picture, and nothing larger than needed. Runs inside the cage only.

JPEG is decoded at the smallest of the codec's own scales that is large enough, then reduced by area; the
other formats go through Pillow. The result is RGB as people see the picture: turned as Exif says, first
frame, transparency on white.
"""

from __future__ import annotations

import io
import warnings
from typing import Any

import cv2
import numpy as np
import simplejpeg
from numpy.typing import NDArray
from PIL import Image, ImageOps

from clearance.identifiers import Malformed
from clearance.pictures.containers import Container, PictureFormat

Rgb = NDArray[np.uint8]
"""Height x width x 3."""

_CLOSE = 1.5

cv2.setNumThreads(1)  # a worker is one of several; threads of its own would only fight for the cores


def decode(data: bytes, container: Container, *, longest_side_px: int, max_pixels: int) -> Rgb | Malformed:
    """Decode a picture to at most a longest side; smaller ones stay as they are.

    The size in the head is judged before a byte is decoded, so that a bomb costs nothing.
    """
    if container.width * container.height > max_pixels:
        return Malformed(
            where="size", why=f"{container.width} x {container.height} is more than {max_pixels} pixels"
        )
    scale = longest_side_px / max(container.width, container.height)
    width = max(1, round(container.width * scale)) if scale < 1 else container.width
    height = max(1, round(container.height * scale)) if scale < 1 else container.height
    try:
        rgb = _jpeg(data, width, height) if container.format is PictureFormat.JPEG else None
        if rgb is None:
            return _with_pillow(data, container, width, height)
    except Exception as error:  # noqa: BLE001 - a decoder may raise anything on hostile bytes; it is one picture
        return Malformed(where=container.format.value, why=f"{type(error).__name__}: {error}")
    return _turned(_reduced(rgb, width, height), container.orientation)


def _jpeg(data: bytes, width: int, height: int) -> Rgb | None:
    """Decode with the JPEG codec's own scaling; `None` for what it does not read (CMYK, lossless)."""
    if simplejpeg.decode_jpeg_header(data, strict=False)[2] not in ("YCbCr", "Gray", "RGB"):
        return None
    decoded: Rgb = simplejpeg.decode_jpeg(
        data, "RGB", min_width=width, min_height=height, min_factor=1, strict=True
    )
    return decoded


def _reduced(rgb: Rgb, width: int, height: int) -> Rgb:
    if rgb.shape[1] == width and rgb.shape[0] == height:
        return rgb
    # The codec's own scaling leaves little to reduce; there, bilinear looks the same as area and costs a
    # fifth.
    is_close = rgb.shape[1] < _CLOSE * width
    way = cv2.INTER_LINEAR if is_close else cv2.INTER_AREA
    reduced: Any = cv2.resize(rgb, (width, height), interpolation=way)
    return np.asarray(reduced, dtype=np.uint8)


def _turned(rgb: Rgb, orientation: int) -> Rgb:
    """Apply an Exif orientation (Exif 3.0 section 4.6.4.1)."""
    if orientation in (5, 6, 7, 8):
        rgb = rgb.transpose(1, 0, 2)
    if orientation in (2, 3, 6, 7):
        rgb = rgb[:, ::-1]
    if orientation in (3, 4, 7, 8):
        rgb = rgb[::-1]
    return np.ascontiguousarray(rgb)


def _with_pillow(data: bytes, container: Container, width: int, height: int) -> Rgb:
    with warnings.catch_warnings():
        # What Pillow only warns of (odd Exif, truncated metadata) does not change the pixels.
        warnings.simplefilter("ignore")
        with Image.open(io.BytesIO(data), formats=[container.format.value]) as picture:
            if sorted(picture.size) != sorted((container.width, container.height)):
                raise ValueError("the head and the picture disagree about its size")
            picture.draft("RGB", (width, height))
            picture.load()
            turned = ImageOps.exif_transpose(picture)
            rgb = np.asarray(_on_white(turned), dtype=np.uint8)
    if container.orientation >= 5:
        width, height = height, width
    return _reduced(np.ascontiguousarray(rgb), width, height)


def _on_white(picture: Image.Image) -> Image.Image:
    """Return a picture in RGB, transparency on white."""
    if picture.mode.startswith("I") or picture.mode == "F":
        # 16-bit grey: Pillow's own conversion clips instead of scaling.
        values = np.asarray(picture, dtype=np.float64)
        top = 65535.0 if values.max(initial=0) > 255 else 255.0
        picture = Image.fromarray((values.clip(0, top) * (255.0 / top)).astype(np.uint8))
    if picture.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in picture.info:
        shown = picture.convert("RGBA")
        ground = Image.new("RGBA", shown.size, "white")
        return Image.alpha_composite(ground, shown).convert("RGB")
    return picture.convert("RGB")
