"""Encode the kept form of a picture."""

from __future__ import annotations

import simplejpeg

from clearance.pictures.decode import Rgb


def encode_jpeg(rgb: Rgb, *, quality: int) -> bytes:
    """Return a baseline JPEG with 4:2:0 chroma, without metadata: what it says of rights is in its record."""
    return bytes(simplejpeg.encode_jpeg(rgb, quality=quality, colorspace="RGB", colorsubsampling="420"))
