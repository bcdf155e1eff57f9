"""A risk analysis: what collecting for a project needs, what harm it may do, and what is done about it. Pure.

Likelihood and severity are each stated in four words; the risk follows from them by one table, before the
measures and after them.

Source: C3.3; the form follows article 35(7) of Regulation (EU) 2016/679.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType


class Harm(StrEnum):
    """The harms that every analysis weighs, by the ids of the guidelines."""

    FAKE_NEWS = "H1"
    INFRINGEMENT = "H2"
    BIAS = "H3"
    UNFAIR_EDGE = "H4"


HARMS: Mapping[Harm, str] = MappingProxyType(
    {
        Harm.FAKE_NEWS: "fake news",
        Harm.INFRINGEMENT: (
            "infringement of third-party rights: copyright and authors' rights, neighbouring rights,"
            " trademark, patent, privacy and biometric rights, personality and image rights"
        ),
        Harm.BIAS: "bias and lack of diversity",
        Harm.UNFAIR_EDGE: "an unfair edge for irresponsible companies",
    }
)


class Likelihood(StrEnum):
    """How likely a harm is, least first."""

    UNLIKELY = "unlikely"
    POSSIBLE = "possible"
    LIKELY = "likely"
    ALMOST_CERTAIN = "almost-certain"


class Severity(StrEnum):
    """How much a harm would hurt those whom it meets, least first."""

    MINOR = "minor"
    MODERATE = "moderate"
    SERIOUS = "serious"
    CRITICAL = "critical"


class RiskLevel(StrEnum):
    """What likelihood and severity make together, least first."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    VERY_HIGH = "very-high"


_L, _M, _H, _V = RiskLevel
MATRIX: Mapping[Likelihood, Mapping[Severity, RiskLevel]] = MappingProxyType(
    {
        likelihood: MappingProxyType(dict(zip(Severity, levels, strict=True)))
        for likelihood, levels in {
            Likelihood.UNLIKELY: (_L, _L, _M, _H),
            Likelihood.POSSIBLE: (_L, _M, _H, _H),
            Likelihood.LIKELY: (_M, _M, _H, _V),
            Likelihood.ALMOST_CERTAIN: (_M, _H, _V, _V),
        }.items()
    }
)
"""The risk of each likelihood and severity: the one table, printed with every analysis."""


class Presence(StrEnum):
    """Whether people, or minors, are to be seen in what is collected."""

    NONE_EXPECTED = "none-expected"
    POSSIBLE = "possible"
    EXPECTED = "expected"


class DataKind(StrEnum):
    """The kinds of data that collecting keeps; an analysis says why each is needed."""

    PICTURES = "pictures"
    CAPTIONS = "captions"
    ADDRESSES = "addresses"
    RIGHTS_METADATA = "rights-metadata"
    CONTENT_IDS = "content-ids"
    VISITS = "visits"


DATA_KINDS: Mapping[DataKind, str] = MappingProxyType(
    {
        DataKind.PICTURES: "the pictures themselves, reduced to the longest side that the policy allows",
        DataKind.CAPTIONS: "captions, and the further columns of the table",
        DataKind.ADDRESSES: "the address of each picture and of the page that shows it",
        DataKind.RIGHTS_METADATA: "what a picture says of its rights: creator, credit, contact, licence",
        DataKind.CONTENT_IDS: "hashes and codes that recognise a picture: SHA-256, ISCC, PDQ",
        DataKind.VISITS: "every request to a host, and what it answered, as evidence",
    }
)
LICENSING = "licensing"
"""The alternative that every analysis considers first (C4.3)."""


class RiskDecision(StrEnum):
    """What the analysis comes to."""

    PROCEED = "proceed"
    PROCEED_WITH_CONDITIONS = "proceed-with-conditions"
    STOP = "stop"


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """Why one kind of data is needed."""

    kind: str
    need: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceNeed:
    """A source that the analysis covers, the basis it was weighed on, and why the source is needed."""

    name: str
    basis: str
    need: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleAnalysis:
    """Who may be pictured, or which minors, and what protects them."""

    pictured: Presence | None
    """Nothing where it was not filled in yet."""
    who: str
    measures: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Alternative:
    """Another way to the purpose, and why it was taken, in part or not at all."""

    name: str
    considered: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HarmAnalysis:
    """One harm: how likely and severe before the measures, and after them; nothing where not filled in."""

    harm: Harm
    likelihood: Likelihood | None
    severity: Severity | None
    why: str
    measures: tuple[str, ...]
    residual_likelihood: Likelihood | None
    residual_severity: Severity | None

    @property
    def risk(self) -> RiskLevel | None:
        """The risk if nothing were done; unknown while a word is missing."""
        return risk_of(self.likelihood, self.severity)

    @property
    def residual_risk(self) -> RiskLevel | None:
        """The risk that is left; unknown while a word is missing."""
        return risk_of(self.residual_likelihood, self.residual_severity)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """Somebody who was asked, what they said, and what was made of it."""

    whom: str
    said: str
    answer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedProject:
    """The project as the analysis states it; it is compared with the record when it is signed."""

    name: str
    purpose: str
    use: str
    subjects: tuple[str, ...]
    target: int | None
    owner: str
    starts: date | None
    ends: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskAnalysis:
    """What a person wrote, finished or not: text that is not there yet is empty."""

    project: StatedProject
    data: tuple[Need, ...]
    sources: tuple[SourceNeed, ...]
    people: PeopleAnalysis
    minors: PeopleAnalysis
    alternatives: tuple[Alternative, ...]
    harms: tuple[HarmAnalysis, ...]
    """All of `Harm`, in its order."""
    retention: str
    heard: tuple[Heard, ...]
    decision: RiskDecision | None
    conditions: tuple[str, ...]


def risk_of(likelihood: Likelihood | None, severity: Severity | None) -> RiskLevel | None:
    """Look the risk up in the table; what is unknown has none."""
    if likelihood is None or severity is None:
        return None
    return MATRIX[likelihood][severity]
