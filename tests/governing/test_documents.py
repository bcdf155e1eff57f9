"""Documents say what is recorded, mark what is not, and never fill a gap."""

import json
import re
from dataclasses import replace
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearance.governing.documents import (
    DatasetFacts,
    Document,
    DocumentKind,
    Listing,
    SourceShare,
    document_facts,
    provenance_file,
    provenance_schema,
    render_document,
    write_document,
)
from dataset_facts import BARE, FULL

HOSTILE = "<script>alert(1)</script>"


def answers(document: Document) -> dict[str, Any]:
    """Return every question with its plain answer."""
    return {
        answer["question"]: answer["answer"]
        for section in document_facts(document)["sections"]
        for answer in section["answers"]
    }


def unrecorded(kind: DocumentKind, facts: DatasetFacts) -> set[str]:
    said = answers(write_document(kind, facts))
    return {question for question, answer in said.items() if answer == "not recorded"}


@pytest.mark.control("C1.2")
def test_the_eu_summary_follows_the_template() -> None:
    """Each of its sections is there, and its answers are the recorded ones."""
    document = write_document(DocumentKind.EU_SUMMARY, FULL)
    assert [section.number for section in document.sections] == [
        *("1.1", "1.2", "1.3", "2.1", "2.2", "2.3", "2.4 to 2.6", "3.1", "3.2 and 3.3"),
    ]
    said = answers(document)
    assert said["Image: size"] == "less than 1 million images (20 pictures)"
    assert said["Latest date of data acquisition or collection"] == "09/2026"
    assert said["Period of data collection"] == "03/2026 to 09/2026"
    assert said["2.2.1 Modalities"] == "image: 9 pictures"
    assert said["Top 10 % of domains by the size of the content taken"] == [
        {"domain": "agency.example", "pictures": "9", "size": "3.0 MB", "share": "75.0%"}
    ]
    assert said["Members that were erased since the version was frozen"] == "1"
    assert said["Versioned model name(s)"] == "not recorded"


@pytest.mark.parametrize(
    ("items", "band"),
    [
        (999_999, "less than 1 million images"),
        (1_000_000, "1 million to 1 billion images"),
        (1_000_000_000, "more than 1 billion images"),
    ],
)
def test_the_size_band_is_the_template_s(items: int, band: str) -> None:
    """A band ends where the next one begins."""
    said = answers(write_document(DocumentKind.EU_SUMMARY, replace(FULL, items=items)))
    assert said["Image: size"] == f"{band} ({items:,} pictures)"


@pytest.mark.control("C1.2")
def test_the_statement_for_california_has_its_twelve_points() -> None:
    """Each point of the law is asked, in its order."""
    said = answers(write_document(DocumentKind.AB2013, FULL))
    points = [int(match[1]) for question in said if (match := re.match(r"(\d+)\.", question))]
    assert sorted(set(points)) == [*range(1, 13)]
    assert points == sorted(points)
    assert said["6. Whether the datasets were purchased or licensed"] == "9 pictures licensed by contract"
    assert said["3. Number of data points"] == "20 pictures"


@pytest.mark.control("C1.2", "C4.2")
def test_the_datasheet_answers_from_audit_and_risk_analysis() -> None:
    """What was measured and what was signed stands in it, in the words of the records."""
    said = answers(write_document(DocumentKind.DATASHEET, FULL))
    found = [{"measure": "country", "verdict": "outside", "detail": "TVD 0.3, at most 0.25"}]
    assert said["Are there errors, noise or redundancies?"] == found
    assert said["Were ethical or impact reviews made?"] == (
        "a risk analysis, signed on 2026-02-01, current: proceed with conditions"
    )
    assert said["How do the pictures stand with credits?"] == [
        {"credit": "given", "pictures": "17"},
        {"credit": "missing", "pictures": "2"},
    ]
    assert said["Who funded its creation?"] == "not recorded"
    editorial = answers(write_document(DocumentKind.DATASHEET, replace(FULL, kind="editorial")))
    assert editorial["What should it not be used for?"][-1] == "anything but editorial use"


@pytest.mark.control("C2.1")
def test_the_provenance_file_holds_to_its_schema() -> None:
    """With everything on record and with nothing, the file is one that others can read."""
    validator = jsonschema.Draft202012Validator(provenance_schema())
    validator.check_schema(provenance_schema())
    for facts in (FULL, BARE, replace(FULL, kind="editorial")):
        assert [error.message for error in validator.iter_errors(provenance_file(facts))] == []
    file = provenance_file(FULL)
    assert file["source"]["issuer"] == [{"name": "Test & Söhne", "address": ["https://example.org/bot"]}]
    assert file["provenance"]["previous-date"] == "2026-10-01"
    assert file["provenance"]["generation-period"] == {"start": "2026-03-05", "end": "2026-09-07"}
    assert file["provenance"]["origin-geography"] == [{"country": "not recorded"}]
    assert file["use"]["copyright"] == ["licensed by contract: 9 pictures", "open licence: 10 pictures"]
    bare = provenance_file(BARE)
    assert bare["provenance"]["generation-method"] == [{"code": "not recorded"}]
    # That no face was found, or nobody looked, is no statement about personal data.
    assert "classification" not in bare["use"]
    assert [each["regulation"]["code"] for each in file["use"]["classification"]] == ["GDPR"]
    broken = {**file, "use": {**file["use"], "licence": ["x"]}}
    assert [error.validator for error in validator.iter_errors(broken)] == ["additionalProperties"]


@pytest.mark.control("C1.2")
@pytest.mark.parametrize("kind", DocumentKind)
def test_what_nobody_recorded_is_marked(kind: DocumentKind) -> None:
    """Fewer facts never give more answers, and the count of gaps is that of the marks."""
    for facts in (FULL, BARE):
        document = write_document(kind, facts)
        assert document.unrecorded == len(
            [
                answer
                for section in document_facts(document)["sections"]
                for answer in section["answers"]
                if answer["answer"] == "not recorded"
            ]
        )
    assert unrecorded(kind, FULL) < unrecorded(kind, BARE)


@pytest.mark.parametrize("kind", DocumentKind)
def test_a_page_is_whole_and_runs_nothing(kind: DocumentKind) -> None:
    """Whatever a source is called, the page has no script of it, and every answer is on it."""
    facts = replace(FULL, sources=(replace(FULL.sources[0], name=HOSTILE, owner="=cmd()"),))
    document = write_document(kind, facts)
    page = render_document(document, organisation=HOSTILE, made_on="2026-11-24", tool="Clearance 1")
    assert HOSTILE not in page
    assert "default-src 'none'" in page
    assert "http-equiv" in page
    assert page.count("<dt>") == sum(len(section.answers) for section in document.sections)
    assert page.count('<p class="missing">not recorded</p>') == document.unrecorded
    assert not re.search(r"\b(?:src|href)=", page)


def test_a_document_without_gaps_has_no_legend() -> None:
    """The line about what is not recorded stands only where something is not."""
    document = write_document(DocumentKind.AB2013, FULL)
    sections = tuple(
        replace(section, answers=tuple(each for each in section.answers if each.is_recorded))
        for section in document.sections
    )
    page = render_document(
        replace(document, sections=sections), organisation="T", made_on="2026-11-24", tool="Clearance 1"
    )
    assert "Nothing stands in for what is missing" not in page


@pytest.mark.control("P2.1", "C4.1")
@pytest.mark.parametrize("kind", DocumentKind)
def test_faces_that_were_not_found_are_not_people_who_are_not_there(kind: DocumentKind) -> None:
    """No document turns a detector's silence into a statement about people."""
    facts = replace(FULL, people=replace(FULL.people, with_faces=0)) if FULL.people else FULL
    text = json.dumps(document_facts(write_document(kind, facts)))
    assert "no person" not in text
    assert "no face was detected" in text or kind is DocumentKind.EU_SUMMARY


@given(
    names=st.lists(st.text(min_size=1, max_size=20), min_size=1, max_size=4, unique=True),
    sizes=st.lists(st.integers(0, 2**53), min_size=4, max_size=4),
    items=st.integers(0, 2**40),
)
def test_no_fact_breaks_a_document(names: list[str], sizes: list[int], items: int) -> None:
    """Any names and any numbers give documents whose listings are whole, and a file that holds."""
    shares = tuple(
        SourceShare(
            name=name, owner=name, basis="public-domain", hosts=(name,), diligence="d", items=n, size=size
        )
        for n, (name, size) in enumerate(zip(names, sizes, strict=False))
    )
    facts = replace(FULL, sources=shares, items=items, size=sum(sizes))
    for kind in DocumentKind:
        document = write_document(kind, facts)
        json.dumps(document_facts(document), ensure_ascii=False)
        for section in document.sections:
            for answer in section.answers:
                if isinstance(answer.value, Listing):
                    assert {len(row) for row in answer.value.rows} <= {len(answer.value.columns)}
    jsonschema.Draft202012Validator(provenance_schema()).validate(provenance_file(facts))
