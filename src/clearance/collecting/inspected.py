"""What comes back out of the cage: a picture's facts as types, and the job that asks for them.

This is the side of the process that has the network; `clearance.pictures.inspection` is the other side, and
the only one with a decoder.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from clearance.identifiers import IsccCode, Malformed, Sha256
from clearance.pictures import NOTHING_DESCRIBED, Described, Manifests, MiningEntry, Xmp, read_described
from clearance.policy import PictureLimits, RuleId
from clearance.sourcing import Embedded

ENTRY = "clearance.pictures.inspection:inspect"
_RULES = {"unreadable": RuleId.PICTURE_UNREADABLE, "limits": RuleId.PICTURE_LIMITS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspected:
    """A picture that decoded: what it is, what it says of its rights, and its reduced form."""

    sha256: Sha256
    """Of the bytes as received."""
    format: str
    width: int
    height: int
    """As shown: EXIF orientation applied, in pixels."""
    orientation: int
    iscc: IsccCode
    iscc_units: tuple[IsccCode, ...]
    """Image-Code, Data-Code and Instance-Code (ISO 24138)."""
    pdq: bytes
    pdq_quality: int
    embedded: Embedded
    content: bytes
    """The reduced picture, JPEG."""
    content_width: int
    content_height: int
    described: Described = NOTHING_DESCRIBED


@dataclass(frozen=True, slots=True, kw_only=True)
class NotAPicture:
    """What did not become a picture: the rule it failed and why; `embedded` is what could still be read."""

    sha256: Sha256
    rule: RuleId
    why: str


def job_of(limits: PictureLimits, *, longest_side_px: int) -> dict[str, Any]:
    """Build the header of a job: the limits that hold for this picture."""
    return {
        "formats": list(limits.formats),
        "max_pixels": limits.max_pixels,
        "min_side_px": limits.min_side_px,
        "longest_side_px": longest_side_px,
        "quality": limits.jpeg_quality,
    }


def read_answer(answer: Mapping[str, Any], content: bytes) -> Inspected | NotAPicture:
    """Turn a cage's answer back into types, in the process that has the network."""
    if "refused" in answer:
        return NotAPicture(sha256=Sha256(answer["sha256"]), rule=_RULES[answer["refused"]], why=answer["why"])
    units = tuple(IsccCode(unit) for unit in answer["iscc_units"])
    return Inspected(
        sha256=Sha256(answer["sha256"]),
        format=answer["format"],
        width=answer["size"][0],
        height=answer["size"][1],
        orientation=answer["orientation"],
        iscc=IsccCode(answer["iscc"]),
        iscc_units=units,
        pdq=bytes.fromhex(answer["pdq"]),
        pdq_quality=answer["pdq_quality"],
        embedded=embedded_of(answer),
        content=content,
        content_width=answer["kept_size"][0],
        content_height=answer["kept_size"][1],
        described=read_described(answer["described"]),
    )


def embedded_of(answer: Mapping[str, Any]) -> Embedded:
    """Rebuild what a picture says of itself from the form that crosses the cage and is kept as evidence."""
    evidence = (Sha256(answer["sha256"]),)
    malformed = [_malformed_in(packet) for packet in answer["xmp"] if "why" in packet]
    if answer["too_many_packets"]:
        malformed.append(Malformed(where="XMP", why="more packets than are read"))
    found = answer["manifests"]
    manifests: Manifests | None = None
    if found is not None and "why" in found:
        malformed.append(_malformed_in(found))
    elif found is not None:
        manifests = Manifests(
            entries=tuple(MiningEntry(**entry) for entry in found["entries"]),
            state=found["state"],
            has_unreadable=found["has_unreadable"],
        )
    return Embedded(
        xmp=tuple(_xmp_in(packet) for packet in answer["xmp"] if "why" not in packet),
        malformed=tuple(malformed),
        manifests=manifests,
        evidence=evidence,
        # Evidence that was kept before these fields were read has none.
        fields=tuple((name, value) for name, value in answer.get("fields", ())),
    )


def _xmp_in(packet: Mapping[str, Any]) -> Xmp:
    return Xmp(properties={(line[0], line[1]): tuple(line[2:]) for line in packet["properties"]})


def _malformed_in(found: Mapping[str, Any]) -> Malformed:
    return Malformed(where=found["where"], why=found["why"])
