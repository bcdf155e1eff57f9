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


def photograph(
    *, seed: int, width: int = 320, height: int = 240, form: str = "JPEG", xmp: bytes = b"", **options: Any
) -> bytes:
    """Encode a made picture; `xmp` goes in as an XMP packet where the format has a place for one."""
    output = io.BytesIO()
    if xmp:
        options["xmp"] = xmp
    Image.fromarray(pixels(seed=seed, width=width, height=height)).save(output, form, **options)
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
