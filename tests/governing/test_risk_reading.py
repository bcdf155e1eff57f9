"""Reading what a person wrote into the form, finished or not, and writing the form."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clearance.errors import BadInput
from clearance.governing import (
    MAX_ANALYSIS_BYTES,
    Project,
    ProjectUse,
    SourceOnRecord,
    Subject,
    describe_findings,
    draft_analysis,
    findings_against,
    read_analysis,
)
from clearance.governing.risk import HarmAnalysis, Heard, Likelihood, RiskDecision, RiskLevel, Severity
from workspaces import filled

PROJECT = Project(
    name="birds",
    purpose="a bird classifier",
    use=ProjectUse.ANALYSIS,
    subjects=(),
    target=100,
    owner="",
    starts=None,
    ends=date(2028, 2, 29),
    created_at=datetime(2026, 11, 23, tzinfo=UTC),
)
ARCHIVE = SourceOnRecord(name="archive", basis="public-domain", hosts=("a.example",), open_licence="CC0-1.0")
FORM = draft_analysis(PROJECT, [ARCHIVE], licences=["licence-0001 of Agency for agency: train"])
COMPLETE = filled(FORM)


def findings(text: str) -> str:
    return describe_findings(read_analysis(text.encode(), where="birds.yaml").findings)


def changed(old: str, new: str) -> str:
    assert old in COMPLETE
    return COMPLETE.replace(old, new, 1)


@pytest.mark.control("C3.3")
def test_the_form_states_what_is_recorded_and_is_blank_elsewhere() -> None:
    """Each place that a person must write is found blank, and nothing else stands against the form."""
    read = read_analysis(FORM.encode(), where="birds.yaml")
    assert {finding.what for finding in read.findings} == {"blank"}
    assert len(read.findings) == FORM.count('"?"') - FORM.count('as "?"')
    assert (read.analysis.project.purpose, read.analysis.project.ends) == (
        "a bird classifier",
        date(2028, 2, 29),
    )
    assert [(source.name, source.basis) for source in read.analysis.sources] == [("archive", "public-domain")]
    assert "# On record: licence-0001 of Agency for agency: train" in FORM
    assert "a.example, CC0-1.0" in FORM
    assert findings(FORM).startswith("blank: project.owner, data.1.need, ")
    assert findings_against(read.analysis, PROJECT, {"archive": ARCHIVE}) == ()


@pytest.mark.control("C3.3")
def test_a_complete_analysis_is_read_whole() -> None:
    """Every harm with its words, and the risks that follow; people who were heard are optional."""
    text = changed("heard: []", "heard: [{whom: an officer, said: 'no faces', answer: left out}]")
    read = read_analysis(text.encode(), where="birds.yaml")
    assert read.findings == ()
    first = read.analysis.harms[0]
    assert first == HarmAnalysis(
        harm=first.harm,
        likelihood=Likelihood.POSSIBLE,
        severity=Severity.MODERATE,
        why="written by the test",
        measures=("written by the test",),
        residual_likelihood=Likelihood.UNLIKELY,
        residual_severity=Severity.MINOR,
    )
    assert (first.risk, first.residual_risk) == (RiskLevel.MEDIUM, RiskLevel.LOW)
    assert read.analysis.heard == (Heard(whom="an officer", said="no faces", answer="left out"),)
    assert (read.analysis.decision, read.analysis.conditions) == (RiskDecision.PROCEED, ())


@pytest.mark.control("C3.3")
@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("form: 1", "form: 2", "form: 1 belongs here"),
        ("form: 1", "form: yes", "form: 1 belongs here"),
        ("retention: written by the test", "retention: ''", "blank: retention"),
        ("retention: written by the test", "retention: ' ? '", "blank: retention"),
        ("retention: written by the test", "retention:", "blank: retention"),
        ("retention: written by the test", "", "blank: retention"),
        ("retention: written by the test", "retention: 3", "retention: text belongs here"),
        ("retention: written by the test", "retention: [a]", "retention: text belongs here"),
        (
            "retention: written by the test",
            "retention: 0x" + "f" * 9000,
            "retention: text belongs here; put it in quotes",
        ),
        ("retention: written by the test", 'retention: "a\\x1b[31m"', "retention: holds a character"),
        ("retention: written by the test", 'retention: "a\\u202eb"', "retention: holds a character"),
        ("retention: written by the test", 'retention: "a\\ud800b"', "retention: holds a character"),
        ("retention:", "retension:", "retension: unknown; known here: form, project"),
        ("retention:", "3: x\nretention:", "(int): unknown; known here: form"),
        ("  target: 100", "  target: many", "project.target: a whole number belongs here"),
        ("  target: 100", "  target: yes", "project.target: a whole number belongs here"),
        ("  target: 100", "", "project.target: a whole number belongs here"),
        ("  ends: 2028-02-29", "  ends: someday", "project.ends: a day as 2026-12-31, or null"),
        ("  ends: 2028-02-29", "  ends: 2028-02-29T10:00:00Z", "project.ends: a day as 2026-12-31, or null"),
        ("subjects: []", "subjects: owls", "project.subjects: a list belongs here"),
        ("likelihood: possible", "likelihood: perhaps", "harms.H1.likelihood: 'perhaps' is none of unlikely"),
        ("likelihood: possible", "likelihood: no", "harms.H1.likelihood: text belongs here"),
        ("measures: [written by the test]", "measures: []", "blank: people.measures"),
        ("measures: [written by the test]", "measures: ['?', a]", "blank: people.measures.1"),
        ("measures: [written by the test]", "measures:", "blank: people.measures"),
        ("  H4:", "  H5:", "harms.H5: unknown; known here: H1, H2, H3, H4"),
        ("  - kind: visits", "  - kind: views", "data: visits is missing"),
        ("  - kind: visits", "  - kind: captions", "data: 'captions' stands twice; data: visits is missing"),
        (
            "alternative: licensing",
            "alternative: none",
            "alternatives: licensing comes first (C4.3)",
        ),
        ("heard: []", "heard: [x]", "heard.1: a mapping of whom, said, answer belongs here"),
        ("heard: []", "heard: [{whom: x, said: y}]", "blank: heard.1.answer"),
        ("conditions: []", "conditions: none", "conditions: a list belongs here"),
        ("people:\n", "people: none\nx:\n", "people: a mapping of pictured, who, measures belongs here"),
    ],
)
def test_what_does_not_fit_is_found_with_its_place(old: str, new: str, says: str) -> None:
    """Blank, unknown, doubled or of another kind: the finding says where and what belongs there."""
    assert says in findings(changed(old, new))


@pytest.mark.control("C3.3")
def test_lists_that_may_be_empty_may_be_left_out() -> None:
    """Nobody was heard, and there are no conditions and no subjects: that is an answer."""
    text = changed("heard: []", "heard:").replace("conditions: []", "").replace("subjects: []", "subjects:")
    assert findings(text) == ""


@pytest.mark.control("C3.3", "C4.3")
def test_an_analysis_of_one_alternative_considered_none() -> None:
    """Licensing comes first, and at least one other beside it."""
    start = COMPLETE.index("alternatives:")
    end = COMPLETE.index("harms:")
    without = COMPLETE[:start] + "alternatives: []\n" + COMPLETE[end:]
    assert findings(without) == (
        "alternatives: licensing comes first (C4.3); alternatives: at least one other than licensing"
    )


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "no risk analysis"),
        (b"[1]", "no risk analysis"),
        (b"\xff", "not readable as YAML"),
        (b"a: ?", "line 1, column 4"),
        (b"a: 1\na: 2", "line 2, column 1: key 'a' twice"),
        (b"a: &x 1\nb: *x", "an alias is not allowed"),
        (b"a: !!set {b}", "a tag is not allowed"),
        (b"[" * 100_000, "not readable as YAML"),
        (b"a: 2026-02-30", "not readable as YAML"),
        (b"#" * (MAX_ANALYSIS_BYTES + 1), "larger than"),
    ],
)
def test_what_is_no_analysis_is_refused_whole(content: bytes, says: str) -> None:
    """The message names the file and the place, on one line."""
    with pytest.raises(BadInput, match=says) as refused:
        read_analysis(content, where="birds.yaml")
    assert str(refused.value).startswith("birds.yaml: ")


words = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=60)


@pytest.mark.control("C3.3")
@given(words, words, words)
def test_the_form_holds_whatever_is_on_record(purpose: str, subject: str, licence: str) -> None:
    """No name, purpose or licence breaks out of its place: what was recorded is read again, or found hidden."""
    project = replace(PROJECT, purpose=purpose, subjects=(Subject(name=subject, keywords=()),))
    source = replace(ARCHIVE, open_licence=licence)
    form = draft_analysis(project, [source], licences=[licence])
    read = read_analysis(form.encode(), where="f")
    hidden = [finding for finding in read.findings if finding.what != "blank"]
    assert {finding.place for finding in hidden} <= {"project.purpose", "project.subjects.1"}
    assert all("cannot be seen" in finding.what for finding in hidden)
    if not any(finding.place == "project.purpose" for finding in read.findings):
        assert read.analysis.project.purpose == purpose.strip()
    assert [stated.name for stated in read.analysis.sources] == ["archive"]


@pytest.mark.control("C3.3")
@settings(max_examples=200)
@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.text(max_size=8)
        | st.sampled_from(["?", "H1", "likely"]),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    ["form", "project", "data", "harms", "H1", "people", "heard", "decision", "x"]
                ),
                inner,
                max_size=5,
            )
        ),
        max_leaves=20,
    )
)
def test_whatever_stands_in_the_file_is_read_or_found(content: object) -> None:
    """No YAML makes the reader fail, and nothing but a finished form is without findings."""
    import yaml

    try:
        read = read_analysis(yaml.safe_dump(content, allow_unicode=True).encode(), where="f")
    except BadInput:
        return
    assert read.findings
