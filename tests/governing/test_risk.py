"""What a risk analysis is: harms, levels, and what follows from them; whether one holds for a collection."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearance.governing import (
    Project,
    ProjectUse,
    SignedAnalysis,
    SourceOnRecord,
    against_collection,
    covers_of,
    describe_findings,
    draft_analysis,
    findings_against,
    parse_subject,
    read_analysis,
)
from clearance.governing.risk import (
    DATA_KINDS,
    HARMS,
    MATRIX,
    DataKind,
    Harm,
    Likelihood,
    Presence,
    RiskAnalysis,
    RiskLevel,
    Severity,
    risk_of,
)
from clearance.policy import RiskDuty, RuleId, default_policy_bytes, read_policy
from workspaces import filled

POLICY = read_policy(default_policy_bytes())
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
PROJECT = Project(
    name="birds",
    purpose="a bird classifier",
    use=ProjectUse.ANALYSIS,
    subjects=(parse_subject("owls=20:owl"), parse_subject("larks=30")),
    target=100,
    owner="A. Person",
    starts=date(2026, 1, 1),
    ends=None,
    created_at=NOW,
)
ARCHIVE = SourceOnRecord(
    name="archive", basis="public-domain", hosts=("a.example", "*.b.example"), open_licence=""
)
AGENCY = SourceOnRecord(name="agency", basis="licence", hosts=("agency.example",), open_licence="")
SOURCES = {source.name: source for source in (ARCHIVE, AGENCY)}
FORM = draft_analysis(PROJECT, SOURCES.values(), licences=())
COVERS_BOTH = filled(FORM)


def analysis(*changes: tuple[str, str]) -> RiskAnalysis:
    """Read a complete analysis with some of its text changed."""
    text = COVERS_BOTH
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    read = read_analysis(text.encode(), where="birds.yaml")
    assert read.findings == ()
    return read.analysis


def against(*changes: tuple[str, str]) -> str:
    return describe_findings(findings_against(analysis(*changes), PROJECT, SOURCES))


def signed(**changes: Any) -> SignedAnalysis:
    made = SignedAnalysis(
        project="birds",
        content=b"",
        nonce=b"",
        covers=covers_of(analysis(), PROJECT, SOURCES),
        signed_by="A. Person",
        recorded_by="a",
        signed_at=NOW,
        is_logged=True,
    )
    return replace(made, **changes)


@pytest.mark.control("C3.3")
def test_every_harm_and_every_kind_of_data_has_its_words() -> None:
    """An analysis cannot leave one out because nobody wrote down what it is."""
    assert set(HARMS) == set(Harm)
    assert set(DATA_KINDS) == set(DataKind)
    assert [harm.value for harm in Harm] == ["H1", "H2", "H3", "H4"]


@pytest.mark.control("C3.3")
def test_a_risk_grows_with_its_likelihood_and_its_severity() -> None:
    """The table has every cell, runs from low to very high, and never falls along a row or a column."""
    ranks = [*RiskLevel]
    table = [[ranks.index(MATRIX[row][column]) for column in Severity] for row in Likelihood]
    assert all(row == sorted(row) for row in table)
    assert all([*column] == sorted(column) for column in zip(*table, strict=True))
    assert (table[0][0], table[-1][-1]) == (0, len(ranks) - 1)
    assert risk_of(Likelihood.LIKELY, Severity.CRITICAL) is RiskLevel.VERY_HIGH
    assert risk_of(None, Severity.CRITICAL) is None
    assert risk_of(Likelihood.LIKELY, None) is None


@pytest.mark.control("C3.3")
def test_a_complete_analysis_that_agrees_with_the_record_may_be_signed() -> None:
    """Nothing stands against it; it covers the purpose, the use and the sources as they are."""
    assert findings_against(analysis(), PROJECT, SOURCES) == ()
    covers = covers_of(analysis(), PROJECT, SOURCES)
    assert (covers.purpose, covers.use) == ("a bird classifier", "analysis")
    assert covers.sources == {"archive": ARCHIVE.digest, "agency": AGENCY.digest}


@pytest.mark.control("C3.3")
@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('name: "birds"', "name: cats", "project.name: on record is 'birds'"),
        (
            '"a bird classifier"',
            "a cat classifier",
            "project.purpose: on record is 'a bird classifier'",
        ),
        ("use: analysis", "use: generative-training", "project.use: on record is 'analysis'"),
        ('["owls", "larks"]', "[owls]", "project.subjects: on record is larks, owls"),
        ('["owls", "larks"]', "[]", "project.subjects: on record is larks, owls"),
        ("target: 100", "target: 1000", "project.target: on record is '100'"),
        ('owner: "A. Person"', "owner: B. Person", "project.owner: on record is 'A. Person'"),
        ("starts: 2026-01-01", "starts: null", "project.starts: on record is '2026-01-01'"),
        ("ends: null", "ends: 2027-01-01", "project.ends: on record is nothing"),
        ('name: "agency"', 'name: "ag\\u00e9ncy"', "sources.2.name: no source 'agéncy'"),
        ("basis: licence", "basis: own-work", "sources.2.basis: on record is 'licence'"),
        (
            "residual_likelihood: unlikely",
            "residual_likelihood: almost-certain",
            "harms.H1.residual_likelihood: measures make it no likelier than it was",
        ),
        (
            "residual_severity: minor",
            "residual_severity: serious",
            "harms.H1.residual_severity: measures make it no worse than it was",
        ),
        (
            "decision: proceed",
            "decision: stop",
            "decision: stop: nothing is collected, and nothing is signed",
        ),
        (
            "conditions: []",
            "conditions: [a person looks]",
            "decision: conditions are stated: proceed-with-conditions",
        ),
        (
            "decision: proceed",
            "decision: proceed-with-conditions",
            "conditions: at least one: the decision is proceed-with-conditions",
        ),
    ],
)
def test_what_contradicts_the_record_or_itself_is_found(old: str, new: str, says: str) -> None:
    """One finding, with its place, and what is on record."""
    assert against((old, new)) == says


@pytest.mark.control("C3.3")
def test_minors_are_people() -> None:
    """Who expects no people cannot expect minors."""
    found = analysis()
    minors = replace(found.minors, pictured=Presence.POSSIBLE)
    (finding,) = findings_against(replace(found, minors=minors), PROJECT, SOURCES)
    assert (finding.place, "minors are people" in finding.what) == ("minors.pictured", True)
    people = replace(found.people, pictured=minors.pictured)
    assert findings_against(replace(found, minors=minors, people=people), PROJECT, SOURCES) == ()


@pytest.mark.control("C3.3")
def test_a_risk_that_stays_very_high_needs_conditions() -> None:
    """With measures still at the top of the table, proceeding alone is refused; with conditions it is not."""
    worst = (
        ("likelihood: possible", "likelihood: almost-certain"),
        ("severity: moderate", "severity: critical"),
        ("residual_likelihood: unlikely", "residual_likelihood: likely"),
        ("residual_severity: minor", "residual_severity: critical"),
    )
    assert against(*worst) == "decision: H1 stays very-high: proceed-with-conditions, or stop"
    conditions = (
        ("decision: proceed", "decision: proceed-with-conditions"),
        ("conditions: []", "conditions: [a second person looks at each picture]"),
    )
    assert against(*worst, *conditions) == ""


@pytest.mark.control("C3.3")
def test_where_nobody_is_recorded_as_owner_the_analysis_names_one() -> None:
    """The purpose is compared by its words, not by its spaces; a blank is no contradiction."""
    nobody = replace(PROJECT, owner=" ", purpose="a bird\n  classifier ")
    assert findings_against(analysis(), nobody, SOURCES) == ()
    blank = read_analysis(b"form: 1", where="f").analysis
    places = {finding.place for finding in findings_against(blank, PROJECT, SOURCES)}
    assert places == {"project.subjects", "project.starts"}


def said(found: SignedAnalysis | None, project: Project = PROJECT, **changes: Any) -> list[str]:
    facts = {"sources": [ARCHIVE], "now": NOW, "policy": POLICY, **changes}
    reasons = against_collection(found, project=project, **facts)
    assert {(reason.rule, reason.control) for reason in reasons} <= {(RuleId.RISK_SIGNED, "C3.3")}
    assert all(reason.outcome == "deny" for reason in reasons)
    return [reason.detail for reason in reasons]


@pytest.mark.control("C3.3")
def test_nothing_is_collected_without_a_signed_analysis() -> None:
    """None at all is no permission; one that covers what is there stands in nobody's way."""
    assert said(None) == ["no risk analysis is signed"]
    assert said(None, sources=[]) == ["no risk analysis is signed"]
    assert said(signed()) == []
    assert said(signed(is_logged=False)) == ["the log does not hold it: it is not what was signed"]


@pytest.mark.control("C3.3", "C3.1")
def test_a_changed_purpose_use_or_source_asks_for_a_new_signature() -> None:
    """Each change is named, all of them at once; other sources than those to be collected do not matter."""
    assert said(
        signed(), replace(PROJECT, purpose="a cat classifier", use=ProjectUse.GENERATIVE_TRAINING)
    ) == [
        "the purpose was changed since it was signed",
        "it was signed for analysis, and the project is for generative-training now",
    ]
    for change in ({"basis": "licence"}, {"hosts": ("a.example",)}, {"open_licence": "CC0-1.0"}):
        changed = replace(ARCHIVE, **change)
        assert said(signed(), sources=[AGENCY, changed]) == [
            "the basis, hosts or open licence of source archive changed since it was signed"
        ]
    assert said(signed(), sources=[replace(ARCHIVE, hosts=("*.b.example", "a.example"))]) == []
    assert said(signed(), sources=[replace(ARCHIVE, name="other")]) == ["source other is not covered"]


@pytest.mark.control("C3.3", "C3.1")
def test_a_project_that_grew_asks_for_a_new_signature() -> None:
    """More pictures, another subject or a later end were not weighed; fewer, or an earlier end, were."""
    until = replace(PROJECT, ends=date(2027, 1, 1))
    narrow = signed(covers=replace(signed().covers, ends=date(2027, 1, 1)))
    owls, larks = PROJECT.subjects
    assert said(signed(), replace(PROJECT, target=101)) == ["it was signed for 100 pictures, not for 101"]
    assert said(signed(), replace(PROJECT, subjects=(owls, larks, parse_subject("people=5")))) == [
        "subject people is new since it was signed"
    ]
    for raised in (parse_subject("owls=21:owl"), parse_subject("owls")):
        assert said(signed(), replace(PROJECT, subjects=(raised, larks))) == [
            "subject owls has a higher target since it was signed"
        ]
    unbounded = signed(covers=replace(signed().covers, subjects={"owls": None, "larks": 30}))
    assert said(unbounded, replace(PROJECT, subjects=(parse_subject("owls=9000"), larks))) == []
    for later in (None, date(2027, 1, 2)):
        assert said(narrow, replace(PROJECT, ends=later)) == [
            "it was signed until 2027-01-01, and the project ends later now"
        ]
    assert said(narrow, until) == []
    assert said(signed(), replace(until, target=50, subjects=(owls,))) == []


@pytest.mark.control("C3.3")
def test_a_signature_holds_for_the_days_of_the_policy() -> None:
    """To the last second of them, across a leap day too; one of a day to come was never made."""
    days = timedelta(days=POLICY.parameters(RiskDuty).valid_days)
    leap = datetime(2028, 2, 29, tzinfo=UTC)
    assert said(signed(signed_at=leap), now=leap + days) == []
    assert said(signed(signed_at=leap), now=leap + days + timedelta(seconds=1)) == [
        "it was signed on 2028-02-29, more than 365 days ago"
    ]
    assert said(signed(signed_at=NOW + timedelta(hours=23))) == []
    assert said(signed(signed_at=NOW + timedelta(hours=25))) == ["it is dated 2026-11-24, a day to come"]


@pytest.mark.control("C3.3")
@given(
    st.sets(st.sampled_from(["archive", "agency", "other"])),
    st.sets(st.sampled_from(["archive", "agency", "other"])),
)
def test_more_sources_never_make_it_milder(some: set[str], more: set[str]) -> None:
    """Whatever stands against some sources stands against them and others."""

    def on_record(names: set[str]) -> list[SourceOnRecord]:
        return [SOURCES.get(name, replace(ARCHIVE, name=name)) for name in sorted(names)]

    assert set(said(signed(), sources=on_record(some))) <= set(said(signed(), sources=on_record(some | more)))
