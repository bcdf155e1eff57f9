"""What a project wants its pictures to be made of, stated before anybody looks. Pure.

A dimension is a question that each picture answers once (which country, which source, which way up); its
categories are the answers. Nothing here, and nothing in an audit, is inferred about people: they enter by the
number of faces that a detector found and by what model releases declare.

Source: C4.2; ISO/IEC TR 24027 section 6 (representation against a stated target population).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

UNKNOWN = "unknown"
"""The category of pictures of which nothing is stated."""
OTHER = "other"
"""The category of pictures whose value is in none of the stated categories."""
SEVERAL = "several"
"""The category of pictures whose model releases declare more than one value."""
RESERVED = frozenset({UNKNOWN, OTHER, SEVERAL})
MAX_CELL_DIMENSIONS = 3
"""More cross so finely that nearly every cell is empty by chance."""


class Question(StrEnum):
    """What can be asked of every picture."""

    COUNTRY = "country"
    SOURCE = "source"
    HOST = "host"
    LICENCE = "licence"
    BASIS = "basis"
    CREATOR = "creator"
    YEAR = "year"
    ORIENTATION = "orientation"
    RESOLUTION = "resolution"
    PEOPLE = "people"
    KEYWORD = "keyword"
    ATTRIBUTE = "attribute"
    """What model releases declare, by name: `attribute:NAME`."""


ORIENTATIONS = ("landscape", "portrait", "square")
RESOLUTIONS = ("under 256 px", "256 to 511 px", "512 to 1023 px", "1024 to 2047 px", "2048 px and more")
"""By the longest side of the kept picture."""
RESOLUTION_STEPS = (256, 512, 1024, 2048)
PEOPLE = ("no_face_detected", "1", "2", "3 to 5", "6 and more")
"""By faces that a detector found; a picture without one may still show people."""
PEOPLE_STEPS = (1, 2, 3, 6)
FIXED: Mapping[Question, tuple[str, ...]] = {
    Question.ORIENTATION: ORIENTATIONS,
    Question.RESOLUTION: RESOLUTIONS,
    Question.PEOPLE: PEOPLE,
}
"""Categories that are given, and need not be declared."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Dimension:
    """A question, and of declared attributes which."""

    question: Question
    attribute: str = ""

    @property
    def name(self) -> str:
        """The dimension as files and reports write it."""
        return f"{self.question.value}:{self.attribute}" if self.attribute else self.question.value

    @property
    def is_about_people(self) -> bool:
        """Tell whether small cells could let somebody be known."""
        return self.question is Question.ATTRIBUTE


@dataclass(frozen=True, slots=True, kw_only=True)
class Years:
    """Years from the first to the last, both included; an open end has none."""

    first: int | None
    last: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """One answer, and which stated values count as it."""

    name: str
    values: tuple[str, ...]
    """As pictures state them; the name itself where none are given."""
    years: Years | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DimensionTargets:
    """The categories of a dimension, declared beforehand, with the share that each is to have."""

    dimension: Dimension
    categories: tuple[Category, ...]
    shares: tuple[float, ...]
    """One a category, summing up to 1; empty where categories are declared without targets."""


class Quantity(StrEnum):
    """What can be measured of a picture on a scale."""

    LONGEST_SIDE = "longest_side_px"
    ASPECT = "aspect"
    """Width divided by height."""
    YEAR = "year"
    FACES = "faces"


@dataclass(frozen=True, slots=True, kw_only=True)
class QuantityTarget:
    """Where stated parts of the pictures are to lie on a scale."""

    quantity: Quantity
    quantiles: tuple[tuple[float, float], ...]
    """Pairs of a part from 0 to 1 and the value below which it lies, ascending."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Targets:
    """Everything that one project states."""

    dimensions: tuple[DimensionTargets, ...] = ()
    cells: tuple[tuple[Dimension, ...], ...] = ()
    max_shares: Mapping[Dimension, float] = field(default_factory=dict)
    """The most that one source, host, creator or licence may have."""
    quantities: tuple[QuantityTarget, ...] = ()

    def of(self, dimension: Dimension) -> DimensionTargets | None:
        """Return what is stated of a dimension, or nothing."""
        return next((each for each in self.dimensions if each.dimension == dimension), None)


NO_TARGETS = Targets()


def read_dimension(name: str) -> Dimension | None:
    """Read a dimension as files write it; nothing where there is no such."""
    question, _, attribute = name.partition(":")
    try:
        known = Question(question)
    except ValueError:
        return None
    attribute = attribute.strip()
    if (known is Question.ATTRIBUTE) is not bool(attribute):
        return None
    return Dimension(question=known, attribute=attribute)
