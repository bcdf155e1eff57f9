"""The facts of one dataset version that documents are written from: counts and statements on record, no word
about single pictures, and no name of anybody pictured.

The edge gathers them; everything that may be missing is empty or nothing, and the documents say so.

Source: C1.2, C2.1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceShare:
    """What one source gave to the version."""

    name: str
    owner: str
    basis: str
    hosts: tuple[str, ...]
    diligence: str
    items: int
    size: int
    """Bytes of its pictures as they are kept."""
    has_reviewed_terms: bool
    """Whether a person has read its terms of service."""
    collected_from: datetime
    collected_to: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LicenceShare:
    """What is used under one licence, or under one other basis."""

    name: str
    """The open licence's id, the contract's id, or the basis where there is neither."""
    basis: str
    url: str
    licensor: str
    uses: tuple[str, ...]
    until: date | None
    items: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainShare:
    """What one internet domain gave on one basis."""

    domain: str
    basis: str
    items: int
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleFacts:
    """What is known of people in the pictures: detections and consents, counted."""

    examined: int
    """Pictures that detectors looked at."""
    with_faces: int
    """Pictures with at least one face that may be there; in the others none was detected."""
    model_releases: int
    property_releases: int
    withdrawn: int
    """Consents that were withdrawn, of both kinds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFinding:
    """One measure of the balance audit against its target."""

    what: str
    verdict: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFacts:
    """The balance audit that the version carries."""

    targets_stated: bool
    findings: tuple[AuditFinding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HarmFacts:
    """One harm as the risk analysis weighs it."""

    harm: str
    before: str
    measures: tuple[str, ...]
    left: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskFacts:
    """The risk analysis that is signed for the project."""

    state: str
    signed_at: str
    decision: str
    people: str
    minors: str
    protections: tuple[str, ...]
    harms: tuple[HarmFacts, ...]
    retention: str
    needs: tuple[tuple[str, str], ...]
    """Each kind of data, and why it is needed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectFacts:
    """The purpose that the pictures were collected for."""

    name: str
    purpose: str
    use: str
    subjects: tuple[str, ...]
    target: int
    starts: date | None
    ends: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetFacts:
    """Everything on record that a document about one version may say."""

    organisation: str
    contact: str
    user_agent: str
    reference: str
    """As people name it, such as `birds@2`."""
    id: str
    parent: str
    """As people name it; empty for a first version."""
    kind: str
    frozen_at: datetime
    parent_frozen_at: datetime | None
    root: str
    policy: str
    policy_title: str
    project: ProjectFacts
    risk: RiskFacts | None
    items: int
    """When it was frozen."""
    present: int
    """Members that are still there."""
    size: int
    """Bytes of the members that are still there, as they are kept."""
    captions: int
    """Members with a caption."""
    named_creators: int
    """Members whose metadata names a creator."""
    longest_sides: tuple[int, int, int] | None
    """The smallest, the median and the largest longest side, in pixels."""
    clusters: int | None
    """Groups of two or more near copies, of which the version has one picture each; nothing where nobody
    looked for them.
    """
    withheld: Mapping[str, int]
    """What the train gate kept out, by reason."""
    sources: tuple[SourceShare, ...]
    licences: tuple[LicenceShare, ...]
    domains: tuple[DomainShare, ...]
    credits: Mapping[str, int]
    """Pictures by how they stand with the credit that is due."""
    collected_from: datetime | None
    collected_to: datetime | None
    people: PeopleFacts | None
    synthetic: int | None
    """Members whose own metadata states that they are made by an algorithm; nothing where none was asked."""
    audit: AuditFacts | None
    signals: tuple[str, ...]
    """Kinds of machine-readable statements that are read and obeyed."""
    lifted_signals: tuple[str, ...]
    """Those of them that a contract answers where they speak for a whole site; a picture's own never."""
    signals_read_from: datetime | None
    """When the signals of its pictures were last read before it was frozen: the earliest of these times."""
    signals_read_to: datetime | None
    recheck_days: int
    """Signals that were read longer ago are read again before a picture goes into a version."""
    keeps_country: bool
    """Whether the country that a picture states goes along with it."""
    retention: Mapping[str, int]
    erasures: Mapping[str, int]
    """Items of the workspace that were erased, by reason."""
    exports: int
    made_at: datetime
    tool: str
