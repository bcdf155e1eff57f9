"""Whether a risk analysis may be signed, and whether the signed one covers what is to be collected. Pure.

Source: C3.3.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from clearance.errors import printable
from clearance.governing.projects import Project
from clearance.governing.risk import Likelihood, Presence, RiskAnalysis, RiskDecision, RiskLevel, Severity
from clearance.governing.risk_reading import Finding
from clearance.identifiers import Sha256, sha256_of
from clearance.policy import Policy, Reason, RiskDuty, RuleId

_AHEAD = timedelta(days=1)
"""A clock may be wrong by hours; a signature of a later day was never made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceOnRecord:
    """What is registered of a source, as far as a risk depends on it."""

    name: str
    basis: str
    hosts: tuple[str, ...]
    open_licence: str

    @property
    def digest(self) -> Sha256:
        """What changes as soon as its basis, its hosts or its open licence do."""
        return sha256_of(json.dumps([self.basis, sorted(self.hosts), self.open_licence]).encode())


@dataclass(frozen=True, slots=True, kw_only=True)
class Covers:
    """What a signature covers: the project as it was, and the digest of each source."""

    purpose: str
    use: str
    target: int
    subjects: Mapping[str, int | None]
    """Targets by the names of subjects."""
    ends: date | None
    sources: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedAnalysis:
    """A signed analysis: the bytes of the file as they were signed, and the nonce of its commitment."""

    project: str
    content: bytes
    nonce: bytes
    covers: Covers
    signed_by: str
    recorded_by: str
    """The person of the workspace who put the name there."""
    signed_at: datetime
    is_logged: bool = False
    """Whether the log holds the commitment to these very bytes."""


def covers_of(analysis: RiskAnalysis, project: Project, sources: Mapping[str, SourceOnRecord]) -> Covers:
    """Return what a signature under an analysis covers: the record as it stands, and the sources it names."""
    return Covers(
        purpose=project.purpose,
        use=project.use.value,
        target=project.target,
        subjects={subject.name: subject.target for subject in project.subjects},
        ends=project.ends,
        sources={source.name: sources[source.name].digest for source in analysis.sources},
    )


def findings_against(
    analysis: RiskAnalysis, project: Project, sources: Mapping[str, SourceOnRecord]
) -> tuple[Finding, ...]:
    """Say what stands against signing what an analysis says; blanks were found when it was read.

    Steps: 1 it speaks of the project as it is recorded; 2 of sources that are registered, on their basis;
    3 it does not contradict itself; 4 it decides to proceed, and a risk that stays very high has conditions.
    """
    return (
        *_against_project(analysis, project),
        *_against_sources(analysis, sources),
        *_against_itself(analysis),
        *_against_decision(analysis),
    )


def against_collection(
    signed: SignedAnalysis | None,
    *,
    project: Project,
    sources: Iterable[SourceOnRecord],
    now: datetime,
    policy: Policy,
) -> tuple[Reason, ...]:
    """Say what stands against collecting from some sources for a project; nothing where nothing does.

    Steps: 1 an analysis is signed, and is what the log says was signed; 2 for the purpose and the use as they
    are, for no more pictures, no other subjects and no longer; 3 it covers each of the sources as it is; 4 it
    is not too old.

    An empty answer is not an allowance: each picture still needs its own.
    """
    if signed is None:
        return (policy.reason(RuleId.RISK_SIGNED, detail="no risk analysis is signed"),)
    said = (
        *(() if signed.is_logged else ("the log does not hold it: it is not what was signed",)),
        *_against_purpose(signed, project),
        *_against_covers(signed, sources),
        *_against_age(signed, now, policy),
    )
    return tuple(policy.reason(RuleId.RISK_SIGNED, detail=detail) for detail in said)


def _against_project(analysis: RiskAnalysis, project: Project) -> Iterator[Finding]:
    # 1: where nobody is recorded as owner, the analysis names who answers.
    stated = analysis.project
    for name, is_stated, recorded in (
        ("name", stated.name, project.name),
        ("purpose", _spaced(stated.purpose), _spaced(project.purpose)),
        ("use", stated.use, project.use.value),
        ("subjects", set(stated.subjects), {subject.name for subject in project.subjects}),
        ("target", stated.target, project.target),
        ("owner", stated.owner, project.owner.strip() or stated.owner),
        ("starts", stated.starts, project.starts),
        ("ends", stated.ends, project.ends),
    ):
        # What is blank was found so already.
        if is_stated != recorded and (is_stated not in ("", None) or name in ("starts", "ends")):
            yield Finding(place=f"project.{name}", what=f"on record is {_shown(recorded)}")


def _against_sources(analysis: RiskAnalysis, sources: Mapping[str, SourceOnRecord]) -> Iterator[Finding]:
    # 2
    for number, stated in enumerate(analysis.sources, 1):
        known = sources.get(stated.name)
        if stated.name and known is None:
            yield Finding(place=f"sources.{number}.name", what=f"no source {printable(stated.name)!r}")
        if known is not None and stated.basis and stated.basis != known.basis:
            yield Finding(place=f"sources.{number}.basis", what=f"on record is {known.basis!r}")


def _against_itself(analysis: RiskAnalysis) -> Iterator[Finding]:
    # 3
    if analysis.people.pictured is Presence.NONE_EXPECTED and analysis.minors.pictured in (
        Presence.POSSIBLE,
        Presence.EXPECTED,
    ):
        yield Finding(place="minors.pictured", what="minors are people, and people.pictured is none-expected")
    for harm in analysis.harms:
        place = f"harms.{harm.harm}"
        if _is_above(Likelihood, harm.residual_likelihood, harm.likelihood):
            yield Finding(
                place=f"{place}.residual_likelihood", what="measures make it no likelier than it was"
            )
        if _is_above(Severity, harm.residual_severity, harm.severity):
            yield Finding(place=f"{place}.residual_severity", what="measures make it no worse than it was")


def _against_decision(analysis: RiskAnalysis) -> Iterator[Finding]:
    # 4
    worst = [harm.harm for harm in analysis.harms if harm.residual_risk is RiskLevel.VERY_HIGH]
    match analysis.decision:
        case RiskDecision.STOP:
            yield Finding(place="decision", what="stop: nothing is collected, and nothing is signed")
        case RiskDecision.PROCEED if worst:
            yield Finding(
                place="decision",
                what=f"{', '.join(worst)} stays very-high: proceed-with-conditions, or stop",
            )
        case RiskDecision.PROCEED if analysis.conditions:
            yield Finding(place="decision", what="conditions are stated: proceed-with-conditions")
        case RiskDecision.PROCEED_WITH_CONDITIONS if not analysis.conditions:
            yield Finding(place="conditions", what="at least one: the decision is proceed-with-conditions")
        case _:
            pass


def _against_purpose(signed: SignedAnalysis, project: Project) -> Iterator[str]:
    # 2
    if signed.covers.purpose != project.purpose:
        yield "the purpose was changed since it was signed"
    if signed.covers.use != project.use.value:
        yield f"it was signed for {signed.covers.use}, and the project is for {project.use.value} now"
    if project.target > signed.covers.target:
        yield f"it was signed for {signed.covers.target} pictures, not for {project.target}"
    for subject in project.subjects:
        covered = signed.covers.subjects.get(subject.name, 0)
        if subject.name not in signed.covers.subjects:
            yield f"subject {printable(subject.name)} is new since it was signed"
        elif covered is not None and (subject.target is None or subject.target > covered):
            yield f"subject {printable(subject.name)} has a higher target since it was signed"
    if (project.ends or date.max) > (signed.covers.ends or date.max):
        yield f"it was signed until {signed.covers.ends}, and the project ends later now"


def _against_covers(signed: SignedAnalysis, sources: Iterable[SourceOnRecord]) -> Iterator[str]:
    # 3
    for source in sources:
        covered = signed.covers.sources.get(source.name)
        if covered is None:
            yield f"source {source.name} is not covered"
        elif covered != source.digest:
            yield f"the basis, hosts or open licence of source {source.name} changed since it was signed"


def _against_age(signed: SignedAnalysis, now: datetime, policy: Policy) -> Iterator[str]:
    # 4
    days = policy.parameters(RiskDuty).valid_days
    if now - signed.signed_at > timedelta(days=days):
        yield f"it was signed on {signed.signed_at:%Y-%m-%d}, more than {days} days ago"
    if signed.signed_at - now > _AHEAD:
        yield f"it is dated {signed.signed_at:%Y-%m-%d}, a day to come"


def _is_above(
    order: type[Likelihood] | type[Severity],
    after: Likelihood | Severity | None,
    before: Likelihood | Severity | None,
) -> bool:
    ranks = [*order]
    return after is not None and before is not None and ranks.index(after) > ranks.index(before)


def _spaced(text: str) -> str:
    return " ".join(text.split())


def _shown(value: object) -> str:
    if isinstance(value, set):
        return printable(", ".join(sorted(value)) or "none")
    return "nothing" if value is None else repr(printable(str(value)))
