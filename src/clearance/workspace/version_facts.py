"""Gather what is on record about one dataset version, for its documents and to describe its exports.

Counts and statements only: nothing here speaks of a single picture, or names anybody pictured.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from importlib.metadata import version as installed_version
from statistics import median_low
from typing import Any

from clearance.collecting import utc_now
from clearance.curating import ConsentKind, Member, Version, attribute, creators_of, pictured_of
from clearance.governing import Permission, Project, subject_facts
from clearance.governing.documents import (
    AuditFacts,
    AuditFinding,
    DatasetFacts,
    DomainShare,
    HarmFacts,
    LicenceShare,
    PeopleFacts,
    ProjectFacts,
    RiskFacts,
    SourceShare,
)
from clearance.parts import in_parts
from clearance.policy import LiftedReservations, MetadataDuty, RecheckLimits, RetentionClocks
from clearance.sourcing import SIGNALS, Basis, Licence, OpenLicence, TermsStore, normalise_licence
from clearance.workspace.holding import Holding
from clearance.workspace.origins import Licences, Sources
from clearance.workspace.promises import Projects
from clearance.workspace.risk import Risks

_AT_ONCE = 1000
_SYNTHETIC = "algorithmicmedia"
"""What all of IPTC's terms for pictures made by an algorithm end with, in whatever case."""


@dataclass(slots=True)
class _Share:
    """What one source or host gave."""

    items: int = 0
    size: int = 0
    moments: list[str] = field(default_factory=list)
    """The first and the last moment of collection, as recorded."""


@dataclass(slots=True)
class _Counted:
    """What is counted while the members are read, once."""

    items: int = 0
    size: int = 0
    captions: int = 0
    named_creators: int = 0
    synthetic: int = 0
    described: int = 0
    examined: int = 0
    with_faces: int = 0
    sides: list[int] = field(default_factory=list)
    sources: dict[tuple[str, str], _Share] = field(default_factory=dict)
    hosts: dict[tuple[str, str], _Share] = field(default_factory=dict)
    """By name and basis, as the sources."""
    licences: Counter[tuple[str, str]] = field(default_factory=Counter)
    credits: Counter[str] = field(default_factory=Counter)
    consents: set[str] = field(default_factory=set)
    checked: list[str] = field(default_factory=list)
    """The first and the last moment at which rights signals were read, as recorded."""


class VersionFacts:
    """Gathers the facts of dataset versions."""

    def __init__(
        self,
        holding: Holding,
        *,
        projects: Projects,
        sources: Sources,
        licences: Licences,
        risks: Risks,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._holding = holding
        self._projects = projects
        self._sources = sources
        self._licences = licences
        self._risks = risks
        self._clock = clock

    def gather(self, version: Version) -> DatasetFacts:
        """Return what is on record about a version; every record of it is read, and none is handed over."""
        self._holding.require(Permission.VIEW, Permission.EXPORT)
        counted = self._count(version)
        project = self._projects.get(version.project)
        policy = self._holding.policy
        parent = self._parent(version)
        organisation = self._holding.configuration.organisation
        sources = self._source_shares(counted)
        return DatasetFacts(
            organisation=organisation.name,
            contact=organisation.contact,
            user_agent=self._holding.configuration.user_agent,
            reference=version.reference,
            id=version.id,
            parent=parent.reference if parent is not None else "",
            parent_frozen_at=parent.frozen_at if parent is not None else None,
            kind=version.kind.value,
            frozen_at=version.frozen_at,
            root=version.root,
            policy=version.policy,
            policy_title=policy.title,
            project=_project(project),
            risk=self._risk(project.name),
            items=version.items,
            present=counted.items,
            size=counted.size,
            captions=counted.captions,
            named_creators=counted.named_creators,
            longest_sides=_sides(counted.sides),
            clusters=version.facts.get("clusters"),
            withheld=dict(version.facts.get("withheld", {})),
            sources=sources,
            licences=self._licence_shares(counted),
            domains=_domains(counted.hosts),
            credits=dict(counted.credits),
            collected_from=min((each.collected_from for each in sources), default=None),
            collected_to=max((each.collected_to for each in sources), default=None),
            people=self._people(counted),
            synthetic=counted.synthetic if counted.described else None,
            audit=_audit(self._holding.versions.audit(version)),
            signals=tuple(signal.name for signal in SIGNALS),
            lifted_signals=policy.parameters(LiftedReservations).signals,
            signals_read_from=_moment(counted.checked[0]) if counted.checked else None,
            signals_read_to=_moment(counted.checked[1]) if counted.checked else None,
            recheck_days=policy.parameters(RecheckLimits).max_age_days,
            keeps_country=policy.parameters(MetadataDuty).keeps_country,
            retention={
                name: int(days)
                for name, days in policy.parameters(RetentionClocks).model_dump().items()
                if name.endswith("_days")
            },
            erasures=self._holding.stores.tombstones.counts(),
            exports=sum(each.version == version.id for each in self._holding.exports.list()),
            made_at=self._clock(),
            tool=f"Clearance {installed_version('clearance')}",
        )

    def _count(self, version: Version) -> _Counted:
        counted = _Counted()
        licences = self._licences.by_id()
        index = self._holding.consents.index()
        organisation = self._holding.configuration.organisation.name
        for few in in_parts(self._holding.versions.members(version), _AT_ONCE):
            ids = [member.item_id for member in few]
            examined = self._holding.examined.of(ids)
            records = {
                stored.record["item_id"]: stored.record for stored in self._holding.stores.items.by_ids(ids)
            }
            for member in few:
                record = records.get(member.item_id)
                _count_member(counted, member, record)
                found = examined.get(member.item_id)
                if found is not None and not found.failure:
                    counted.examined += 1
                    counted.with_faces += found.candidates > 0
                if record is not None:
                    credit = attribute(record, licences.get(member.licence), organisation=organisation)
                    counted.credits[credit.state.value] += 1
                    counted.consents |= {each.consent.id for each in index.covering(pictured_of(record))}
        return counted

    def _parent(self, version: Version) -> Version | None:
        return next((each for each in self._holding.versions.list() if each.id == version.parent), None)

    def _source_shares(self, counted: _Counted) -> tuple[SourceShare, ...]:
        known = {source.name: source for source in self._sources.all()}
        terms = TermsStore(self._holding.database)
        shares = []
        for (name, basis), share in sorted(
            counted.sources.items(), key=lambda each: (-each[1].items, each[0])
        ):
            source = known[name]
            first, last = share.moments
            shares.append(
                SourceShare(
                    name=name,
                    owner=source.owner,
                    basis=basis,
                    hosts=tuple(pattern.text for pattern in source.hosts),
                    diligence=source.diligence,
                    items=share.items,
                    size=share.size,
                    has_reviewed_terms=bool(terms.reviews(name)),
                    collected_from=_moment(first),
                    collected_to=_moment(last),
                )
            )
        return tuple(shares)

    def _licence_shares(self, counted: _Counted) -> tuple[LicenceShare, ...]:
        contracts = self._licences.by_id()
        return tuple(
            _licence_share(basis, licence, items, contracts.get(licence))
            for (basis, licence), items in counted.licences.most_common()
        )

    def _people(self, counted: _Counted) -> PeopleFacts | None:
        if not counted.examined:
            return None
        now = self._clock()
        named = [each for each in self._holding.consents.all() if each.id in counted.consents]
        return PeopleFacts(
            examined=counted.examined,
            with_faces=counted.with_faces,
            model_releases=sum(each.kind is ConsentKind.MODEL for each in named),
            property_releases=sum(each.kind is ConsentKind.PROPERTY for each in named),
            withdrawn=sum(each.is_withdrawn(now) for each in named),
        )

    def _risk(self, project: str) -> RiskFacts | None:
        shown = self._risks.show(project)
        analysis = shown["analysis"]
        if analysis is None:
            return None
        return RiskFacts(
            state=shown["state"],
            signed_at=shown["signed_at"][:10],
            decision=analysis["decision"] or "",
            people=analysis["people"]["pictured"] or "",
            minors=analysis["minors"]["pictured"] or "",
            protections=(*analysis["people"]["measures"], *analysis["minors"]["measures"]),
            harms=tuple(
                HarmFacts(
                    harm=each["harm"],
                    before=each["risk"] or "",
                    measures=tuple(each["measures"]),
                    left=each["residual_risk"] or "",
                )
                for each in analysis["harms"]
            ),
            retention=analysis["retention"],
            needs=tuple((each["kind"], each["need"]) for each in analysis["data"]),
        )


def _count_member(counted: _Counted, member: Member, record: Mapping[str, Any] | None) -> None:
    size = int(record["picture"]["kept"]["bytes"]) if record is not None else 0
    counted.items += 1
    counted.size += size
    counted.captions += bool(member.caption.strip())
    counted.sides.append(max(member.width, member.height))
    for shares, name in ((counted.sources, member.source), (counted.hosts, member.host)):
        share = shares.setdefault((name, member.basis), _Share())
        share.items += 1
        share.size += size
        share.moments = _spanned(share.moments, member.collected_at)
    counted.licences[member.basis, member.licence] += 1
    counted.checked = _spanned(counted.checked, member.checked_at)
    counted.named_creators += record is not None and bool(creators_of(record))
    described = record.get("described") if record is not None else None
    if described is not None:
        counted.described += 1
        counted.synthetic += described.get("digital_source_type", "").lower().endswith(_SYNTHETIC)


def _spanned(moments: list[str], moment: str) -> list[str]:
    """Return the first and the last moment with one more; all are written alike."""
    first, last = moments or (moment, moment)
    return [min(first, moment), max(last, moment)]


def _licence_share(basis: str, licence: str, items: int, contract: Licence | None) -> LicenceShare:
    open_licence = normalise_licence(licence) if basis == Basis.OPEN_LICENCE.value else None
    known = open_licence if isinstance(open_licence, OpenLicence) else None
    return LicenceShare(
        name=(known.id if known is not None else licence) or basis,
        basis=basis,
        url=known.url if known is not None else "",
        licensor=contract.licensor if contract is not None else "",
        uses=tuple(sorted(grant.value for grant in contract.grants)) if contract is not None else (),
        until=contract.valid_until if contract is not None else None,
        items=items,
    )


def _project(project: Project) -> ProjectFacts:
    return ProjectFacts(
        name=project.name,
        purpose=project.purpose,
        use=project.use.value,
        subjects=tuple(str(subject_facts(subject)["name"]) for subject in project.subjects),
        target=project.target,
        starts=project.starts,
        ends=project.ends,
    )


def _sides(sides: list[int]) -> tuple[int, int, int] | None:
    return (min(sides), median_low(sides), max(sides)) if sides else None


def _domains(hosts: Mapping[tuple[str, str], _Share]) -> tuple[DomainShare, ...]:
    return tuple(
        DomainShare(domain=host, basis=basis, items=share.items, size=share.size)
        for (host, basis), share in sorted(hosts.items())
    )


def _moment(recorded: str) -> datetime:
    return datetime.fromisoformat(recorded)


def _audit(attached: Mapping[str, Any]) -> AuditFacts:
    """Read the findings out of an attached audit."""
    return AuditFacts(
        targets_stated=attached["has_targets"],
        findings=tuple(
            AuditFinding(what=each["what"], verdict=each["verdict"], detail=each["why"])
            for each in attached["findings"]
        ),
    )
