"""What happens to one picture inside the cage: read its signals, decode, name, reduce, encode. No file, no
network.

This module is the entry that caged workers import (`cage.Cage`); the process that has the network only builds
the job and reads the answer. Order matters: signals and content IDs come from the bytes as received, before
anything is decoded (C1.5, C2.1).
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from PIL import Image

from clearance.identifiers import Malformed, Sha256, sha256_of
from clearance.pictures.containers import Container, PictureFormat, read_container
from clearance.pictures.content_ids import content_ids, pdq, reduced_grey
from clearance.pictures.decode import decode
from clearance.pictures.described import Described, describe, record_form, without_private
from clearance.pictures.encode import encode_jpeg
from clearance.pictures.manifest import Manifests, MiningEntry, read_manifests
from clearance.pictures.xmp import Xmp, read_xmp

MAX_PACKETS = 16
"""XMP packets that are read from one file; more is a construction, and counts as unreadable."""


def warm_up() -> None:
    """Load everything before the door is locked: afterwards no file can be opened."""
    picture = Image.fromarray(np.full((64, 64, 3), 128, dtype=np.uint8))
    for form in PictureFormat:
        output = io.BytesIO()
        picture.save(output, form.value)
        job = {
            "formats": list(PictureFormat),
            "max_pixels": 1 << 20,
            "min_side_px": 1,
            "longest_side_px": 32,
            "quality": 90,
        }
        inspect(job, output.getvalue())
    read_manifests(b"", "image/jpeg")
    read_xmp(b"<x/>")


def inspect(job: Mapping[str, Any], data: bytes) -> tuple[dict[str, Any], bytes]:
    """Run inside the cage: turn received bytes into facts and a reduced picture."""
    sha256 = sha256_of(data)
    container = read_container(data)
    if isinstance(container, Malformed):
        return _refused(sha256, "unreadable", container), b""
    limit = beyond(container, job)
    if limit is not None:
        return _refused(sha256, "limits", limit), b""
    # Steps: 1 embedded signals, 2 decode, 3 content IDs and fingerprint, 4 reduce and encode.
    packets = [read_xmp(packet) for packet in container.xmp[:MAX_PACKETS]]
    manifests = read_manifests(data, container.media_type) if container.has_c2pa else None
    rgb = decode(data, container, longest_side_px=job["longest_side_px"], max_pixels=job["max_pixels"])
    if isinstance(rgb, Malformed):
        return _refused(sha256, "unreadable", rgb), b""
    grey = reduced_grey(rgb)
    ids = content_ids(data, grey, sha256=sha256)
    code = pdq(grey)
    answer = {
        "sha256": sha256,
        "format": container.format.value,
        "size": container.shown_size,
        "orientation": container.orientation,
        "iscc": ids.iscc,
        "iscc_units": [ids.iscc_image, ids.iscc_data, ids.iscc_instance],
        "pdq": code.bits.hex(),
        "pdq_quality": code.quality,
        "kept_size": [int(rgb.shape[1]), int(rgb.shape[0])],
        "described": record_form(_described(packets, container, sha256)),
        "xmp": [_xmp_out(packet) for packet in packets],
        "too_many_packets": len(container.xmp) > MAX_PACKETS,
        "fields": [list(field) for field in container.fields],
        "manifests": None if manifests is None else _manifests_out(manifests),
    }
    return answer, encode_jpeg(rgb, quality=job["quality"])


def beyond(container: Container, job: Mapping[str, Any]) -> Malformed | None:
    """Say which of a job's limits a picture is beyond; nothing where it is within all of them."""
    width, height = container.width, container.height
    if container.format.value not in job["formats"]:
        return Malformed(where="format", why=f"{container.format.value} is not taken")
    if width * height > job["max_pixels"]:
        return Malformed(where="size", why=f"{width} x {height} is more than {job['max_pixels']} pixels")
    if min(width, height) < job["min_side_px"]:
        return Malformed(where="size", why=f"{width} x {height}: a side is under {job['min_side_px']} pixels")
    return None


def _refused(sha256: Sha256, kind: str, why: Malformed) -> dict[str, Any]:
    return {"sha256": sha256, "refused": kind, "why": f"{why.where}: {why.why}"}


def _described(packets: list[Xmp | Malformed], container: Container, sha256: Sha256) -> Described:
    read = [packet for packet in packets if isinstance(packet, Xmp)]
    described = describe(read, container.fields, container.details)
    # No copy can carry a manifest on: its hashes are of the file as it came.
    return replace(described, c2pa_sha256=sha256) if container.has_c2pa else described


def _xmp_out(packet: Xmp | Malformed) -> dict[str, Any]:
    if isinstance(packet, Malformed):
        return {"where": packet.where, "why": packet.why}
    kept = without_private(packet)
    return {"properties": [[*name, *values] for name, values in kept.properties.items()]}


def _manifests_out(manifests: Manifests | Malformed) -> dict[str, Any]:
    if isinstance(manifests, Malformed):
        return {"where": manifests.where, "why": manifests.why}
    return {
        "entries": [
            {name: getattr(entry, name) for name in MiningEntry.__dataclass_fields__}
            for entry in manifests.entries
        ],
        "state": manifests.state,
        "has_unreadable": manifests.has_unreadable,
    }
