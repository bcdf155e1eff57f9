"""What an audit comes to, as types; figures of which too little could be shown are withheld, not rounded.

Source: C4.2.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from clearance.curating.audit.intervals import Estimate, Interval
from clearance.curating.audit.targets import Dimension, Quantity
from clearance.curating.audit.verdicts import AuditVerdict, Judged


class DrawnBy(StrEnum):
    """What is drawn again, whole, to learn how sure a figure is."""

    SOURCE = "sources"
    CLUSTER = "pictures"
    PROMPT = "prompts"


class Level(StrEnum):
    """Where a figure lies between its two lines; a label, not a verdict."""

    LOW = "low"
    MODERATE = "moderate"
    HIGH = "high"


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """How many pictures, and their share; nothing where the cell is too small to be shown."""

    n: int
    share: float
    interval: Interval


@dataclass(frozen=True, slots=True, kw_only=True)
class Aim:
    """What a category is compared with, and how it compares; the ratio is withheld with the count."""

    share: float
    ratio: float | None
    log2_ratio: float | None
    """Nothing where the category is empty, too: its logarithm is not finite."""
    judged: Judged


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryAudit:
    """One category of one dimension."""

    name: str
    counted: Counted | None
    """Nothing where the cell is too small to be shown."""
    aim: Aim | None
    """Nothing where no share is stated, or a share of nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Distance:
    """How far a dimension is from its target."""

    tvd: Estimate
    tvd_by_chance: float
    """What a selection of this size shows on the average if it is drawn from the target itself."""
    jsd: Estimate
    g: float
    p: float
    level: Level


@dataclass(frozen=True, slots=True, kw_only=True)
class DimensionAudit:
    """One dimension."""

    dimension: Dimension
    known: int
    unknown: int
    coverage: float
    has_target: bool
    categories: tuple[CategoryAudit, ...]
    """Declared ones in their order, else the most frequent."""
    not_listed: int
    """Further categories that occur."""
    without_target: tuple[CategoryAudit, ...]
    """Categories whose target is nothing, and what is in no category: never divided by."""
    in_several: int
    distance: Distance | None
    """Nothing where no shares are stated, or no picture states a value."""
    judged: Judged | None
    """Of the distance; nothing where no shares are stated."""
    evenness: Estimate | None
    """Normalised entropy over the declared categories, where no target is stated."""
    design_effect: float | None
    """Nothing where pictures are drawn alone, or nothing was drawn."""
    drawn_by: DrawnBy


@dataclass(frozen=True, slots=True, kw_only=True)
class Concentration:
    """How much of the pictures comes from how few."""

    of: str
    counts: str
    """What is counted: pictures (near-duplicate clusters), or files."""
    known: int
    coverage: float
    categories: int
    hhi: Estimate
    effective: float
    effective_shannon: float
    largest: str
    largest_share: Estimate
    top_5_share: float
    gini: float
    level: Level
    judged_hhi: Judged | None
    """Nothing where the figure is only shown."""
    max_share: float | None
    """The most that one may have; nothing where none is stated."""
    judged_share: Judged | None


@dataclass(frozen=True, slots=True, kw_only=True)
class QuantityAudit:
    """One scale."""

    quantity: Quantity
    known: int
    coverage: float
    quantiles: tuple[tuple[float, float], ...]
    wasserstein: float | None
    """The mean distance to where the values are to lie; nothing where no target is stated."""
    misplaced: Estimate | None
    """The part of the pictures that would have to lie elsewhere; nothing where the mean distance is."""
    judged: Judged | None
    """Of that part; nothing where no target is stated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmeasured:
    """A largest share that was stated, of what no picture states."""

    of: str
    judged: Judged


@dataclass(frozen=True, slots=True, kw_only=True)
class KeywordCount:
    """A keyword and its pictures."""

    keyword: str
    n: int
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Association:
    """A keyword that is more or less frequent in one slice than elsewhere."""

    keyword: str
    dimension: Dimension
    category: str
    n: int
    lift: float
    pmi: float
    """Base 2."""
    risk_ratio: float
    interval: Interval
    q: float
    """The p-value, corrected for all that were tested (Benjamini and Hochberg)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeywordAudit:
    """The keywords."""

    with_keywords: int
    coverage: float
    distinct: int
    frequent: tuple[KeywordCount, ...]
    tested: int
    associations: tuple[Association, ...]
    """The strongest; `found` counts all."""
    found: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CellAudit:
    """One cell of a crossing."""

    categories: tuple[str, ...]
    counted: Counted | None
    to_independence: float | None
    """Its share over the product of its categories' shares; nothing where that is nothing, or withheld."""
    aim: Aim | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossingAudit:
    """A crossing of dimensions."""

    dimensions: tuple[Dimension, ...]
    known: int
    """Pictures that are in a declared category of each."""
    coverage: float
    cells: tuple[CellAudit, ...]
    empty: tuple[tuple[str, ...], ...]
    """Declared cells without a picture: a group that is missing is not a group that is fine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leakage:
    """How far one thing about a picture tells another that should not depend on it."""

    of: Dimension
    by: Dimension
    n: int
    cramers_v: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """The whole audit of one selection."""

    files: int
    files_compared: int
    """Those whose copies were looked for; each of the others counts as a picture."""
    pictures: int
    """Near-duplicate clusters: what is counted everywhere else."""
    has_targets: bool
    dimensions: tuple[DimensionAudit, ...]
    concentrations: tuple[Concentration, ...]
    unmeasured: tuple[Unmeasured, ...]
    quantities: tuple[QuantityAudit, ...]
    keywords: KeywordAudit
    crossings: tuple[CrossingAudit, ...]
    leakages: tuple[Leakage, ...]
    verdict: AuditVerdict
    confidence: float
    draws: int
