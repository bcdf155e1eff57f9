"""What is stored of a picture so that it can be found again, what it is looked for by, and what is found."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from clearance.identifiers import ItemId

CODE_BYTES = 32

Points = NDArray[np.uint16]
"""n x 2: x and y in pixels of the picture that they were read from."""
Descriptors = NDArray[np.uint8]
"""n x 32: ORB, 256 bits a point."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """The PDQ code of an item whose local features nobody has read yet."""

    item: ItemId
    pdq: bytes
    pdq_quality: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fingerprint:
    """All that one item is found by."""

    item: ItemId
    pdq: bytes
    pdq_quality: int
    pdq_trimmed: bytes
    """Of the picture without its uniform border; empty where it has none."""
    pdq_trimmed_quality: int
    iscc: bytes
    """256 bits of the ISCC Image-Code."""
    width: int
    height: int
    """Of the picture that the points were read from."""
    points: Points
    descriptors: Descriptors


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """Where in the query an item was found, in shares of its width and height."""

    x: float
    y: float
    width: float
    height: float


WHOLE = Region(x=0.0, y=0.0, width=1.0, height=1.0)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class View:
    """The local features of a query, as it is or mirrored."""

    points: Points
    descriptors: Descriptors
    is_mirrored: bool


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Query:
    """What a picture is looked for by."""

    codes: tuple[bytes, ...]
    """PDQ of its eight turns and mirrorings."""
    quality: int
    trimmed_codes: tuple[bytes, ...]
    """The same without its uniform border; none where it has none."""
    trimmed_quality: int
    inner: Region
    """The picture inside its border."""
    iscc: bytes
    width: int
    height: int
    """Of the picture that the points were read from."""
    views: tuple[View, ...]


class Method(StrEnum):
    """How an item was found."""

    BYTES = "sha256"
    """The file itself, byte for byte."""
    PDQ = "pdq"
    ISCC = "iscc"
    LOCAL = "local-features"
    EMBEDDING = "embedding"


class Strength(StrEnum):
    """How surely an item is the picture that was asked about."""

    MATCH = "match"
    POSSIBLE = "possible"
    """A person is shown the two."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Laid:
    """Local features of an item that one turn, scale and shift lays onto those of the query."""

    inliers: int
    """At places of their own."""
    region: Region


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What was measured between the query and one item; a method that did not speak is `None`."""

    item: ItemId
    pdq_bits: int | None = None
    pdq_region: Region = WHOLE
    iscc_bits: int | None = None
    laid: Laid | None = None
    embedding: float | None = None
    """Cosine of an own model's two vectors."""
    is_proposed: bool = False
    """By an own model that was calibrated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """One item with the verdict on it, and the method that the verdict stands on."""

    item: ItemId
    strength: Strength
    method: Method
    pdq_bits: int | None
    iscc_bits: int | None
    inliers: int | None
    embedding: float | None
    region: Region
