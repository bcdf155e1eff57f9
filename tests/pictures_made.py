"""Pictures that tests make: textured like photographs, each seed another picture, any format, any metadata."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from PIL import Image

XMP_HEADER = b"http://ns.adobe.com/xap/1.0/\x00"


def pixels(*, seed: int, width: int = 320, height: int = 240) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """Smooth random colour with some detail: decodes, hashes and compresses as a photograph does."""
    chance = np.random.default_rng(seed)
    coarse = chance.integers(0, 255, (8, 10, 3), dtype=np.uint8)
    smooth = np.asarray(
        Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC), dtype=np.int16
    )
    noisy = smooth + chance.integers(-12, 12, (height, width, 3), dtype=np.int16)
    return noisy.clip(0, 255).astype(np.uint8)


def textured(seed: int, *, width: int = 320, height: int = 240) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """Make a picture with corners all over it, as a photograph of a street has."""
    chance = np.random.default_rng(seed)
    made = Image.fromarray(pixels(seed=seed, width=width, height=height))
    for _ in range(150):
        box = chance.integers(4, 30, 2)
        x, y = (int(chance.integers(0, side)) for side in (width, height))
        tile = Image.new("RGB", (int(box[0]), int(box[1])), tuple(chance.integers(0, 255, 3).tolist()))
        made.paste(tile, (x, y))
    return np.asarray(made, dtype=np.uint8)


def photograph(
    *, seed: int, width: int = 320, height: int = 240, form: str = "JPEG", xmp: bytes = b"", **options: Any
) -> bytes:
    """Encode a made picture; `xmp` goes in as an XMP packet where the format has a place for one."""
    output = io.BytesIO()
    if xmp:
        options["xmp"] = xmp
    Image.fromarray(pixels(seed=seed, width=width, height=height)).save(output, form, **options)
    return output.getvalue()


def real(name: str) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """Return a photograph that scikit-image carries, by its name there."""
    import skimage.data

    carried: Any = getattr(skimage.data, name)
    return np.asarray(carried(), dtype=np.uint8)


def jpeg(pixels: np.ndarray[Any, np.dtype[np.uint8]], **options: Any) -> bytes:
    """Encode pixels as a JPEG of good quality."""
    output = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).convert("RGB").save(output, "JPEG", quality=90, **options)
    return output.getvalue()


def xmp_packet(properties: str) -> bytes:
    """Wrap RDF properties, given as attributes of one rdf:Description, into an XMP packet."""
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description rdf:about="" xmlns:plus="http://ns.useplus.org/ldf/xmp/1.0/" '
        'xmlns:cc="http://creativecommons.org/ns#" xmlns:xmpRights="http://ns.adobe.com/xap/1.0/rights/" '
        f'xmlns:dc="http://purl.org/dc/elements/1.1/" {properties}/></rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
    ).encode()


PROHIBITED = xmp_packet('plus:DataMining="http://ns.useplus.org/ldf/vocab/DMI-PROHIBITED-GENAIMLTRAINING"')
