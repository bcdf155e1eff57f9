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
    LicenceShare,
    Listing,
    document_facts,
    provenance_file,
    provenance_schema,
    render_document,
    write_document,
)
from dataset_facts import BARE, FULL

ONLY_LICENSED, ONLY_OPEN = (
    replace(
        FULL,
        sources=tuple(each for each in FULL.sources if each.basis == basis),
        licences=tuple(each for each in FULL.licences if each.basis == basis),
        domains=tuple(each for each in FULL.domains if each.basis == basis),
    )
    for basis in ("licence", "open-licence")
)
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
    assert said["2.2.1 Modalities"] == "image: 9 pictures"
    assert said["Members that were erased since the version was frozen"] == "1"
    assert said["Versioned model name(s)"] == "not recorded"


@pytest.mark.control("C1.2", "C1.3")
def test_what_is_licensed_is_not_told_as_crawled() -> None:
    """Section 2.3 has what was taken from public places alone; a set without any has no crawler in it."""
    said = answers(write_document(DocumentKind.EU_SUMMARY, FULL))
    assert said["Modalities covered"] == "image: 10 pictures"
    assert said["Period of data collection"] == "05/2026 to 09/2026"
    assert [each["source"] for each in said["Types of content and of online sources"]] == ["archive"]
    assert said["Top 10 % of domains by the size of the content taken"] == [
        {"domain": "archive.example", "pictures": "10", "size": "1.0 MB", "share": "100.0%"}
    ]
    both = (*FULL.domains, replace(FULL.domains[0], basis="public-domain", items=1, size=2_000_000))
    (largest,) = answers(write_document(DocumentKind.EU_SUMMARY, replace(FULL, domains=both)))[
        "Top 10 % of domains by the size of the content taken"
    ]
    assert (largest["domain"], largest["pictures"], largest["share"]) == ("agency.example", "1", "66.7%")
    document = write_document(DocumentKind.EU_SUMMARY, ONLY_LICENSED)
    crawled = document.sections[5]
    assert [answer.value for answer in crawled.answers] == ["no", *["none"] * 7]
    assert crawled.answers[0].note.startswith("All of it is licensed by contract")
    # Of a version that lost every member nothing says how it was collected.
    nothing_left = write_document(DocumentKind.EU_SUMMARY, BARE).sections[5]
    assert not any(answer.is_recorded for answer in nothing_left.answers)


@pytest.mark.control("C1.4", "C1.5")
def test_measures_are_told_by_what_is_recorded() -> None:
    """Reviews of terms are counted, and a licence answers reservations only where licensed pictures are in it."""

    def measures(facts: DatasetFacts) -> list[str]:
        said = answers(write_document(DocumentKind.EU_SUMMARY, facts))
        return list(said["Measures: how a reservation is weighed"])

    full = measures(FULL)
    assert len(full) == 4
    assert full[1].startswith("For the 9 pictures licensed by contract, the licence may answer")
    assert "(tdmrep; rule reservation-lifted)" in full[1]
    assert full[2].startswith("Signals that were read more than 30 days ago are read again")
    assert full[2].endswith("had last been read between 2026-10-30 and 2026-11-20.")
    assert full[3] == (
        "Terms of service were reviewed by a person for 1 of 2 sources; of the others a contract covers 1."
    )
    assert measures(ONLY_LICENSED)[-1] == (
        "Terms of service were reviewed by a person for 0 of 1 sources; of the others a contract covers 1."
    )
    assert not any("reservation-lifted" in line for line in measures(ONLY_OPEN))
    assert measures(ONLY_OPEN)[-1] == "Terms of service were reviewed by a person for 1 of 1 sources."
    assert not any("reservation-lifted" in line for line in measures(replace(FULL, lifted_signals=())))
    once = measures(replace(FULL, signals_read_to=FULL.signals_read_from, recheck_days=1))
    assert once[2].startswith("Signals that were read more than 1 day ago")
    assert once[2].endswith("had last been read on 2026-10-30.")
    assert len(measures(BARE)) == 1


@pytest.mark.control("C1.2", "C1.3")
def test_california_hears_of_licences_and_of_names() -> None:
    """Point 6 follows the bases, public licences among them; point 7 counts creators and captions."""
    six, seven = (
        "6. Whether the datasets were purchased or licensed",
        "7. Whether there is personal information (section 1798.140(v))",
    )
    said = answers(write_document(DocumentKind.AB2013, FULL))
    assert said[six] == [
        "10 pictures under open licences: CC-BY-4.0",
        "9 pictures licensed by contract: licence-0001 with Agency Ltd; what was paid is not recorded",
    ]
    assert said[seven][:2] == [
        "11 pictures with a named creator in their metadata",
        "12 pictures with a caption, which may be about people",
    ]
    unseen = answers(write_document(DocumentKind.AB2013, replace(FULL, people=None)))
    assert len(unseen[seven]) == 2
    shares = tuple(
        LicenceShare(name=basis, basis=basis, url="", licensor="", uses=(), until=None, items=1)
        for basis in ("public-domain", "own-work", "tdm-exception")
    )
    others = answers(write_document(DocumentKind.AB2013, replace(ONLY_OPEN, licences=shares)))[six]
    assert others == [
        "not purchased",
        "1 picture in the public domain, as their sources state: no licence, no purchase",
        "1 picture of own work: no licence, no purchase",
        "1 picture under the text-and-data-mining exception: no licence, no purchase",
    ]
    assert answers(write_document(DocumentKind.AB2013, ONLY_OPEN))[six][0] == "not purchased"


@pytest.mark.control("C1.2")
def test_nothing_is_no_gap() -> None:
    """That there is no earlier version, no erasure and no copy is recorded, and said so."""
    first = replace(FULL, parent="", parent_frozen_at=None, present=FULL.items, erasures={}, exports=0)
    summary = answers(write_document(DocumentKind.EU_SUMMARY, first))
    assert summary["Links to previous versions of the summary"] == "none: the first version"
    assert summary["Members that were erased since the version was frozen"] == "nothing"
    page = answers(write_document(DocumentKind.PROVENANCE, first))
    assert page["Source metadata for dataset"] == "none: the first version"
    assert page["Date of previously issued version"] == "none: the first version"
    sheet = answers(write_document(DocumentKind.DATASHEET, first))
    assert sheet["Is there an erratum?"] == "nothing"
    assert sheet["What was erased in this workspace, by reason?"] == "nothing"
    assert sheet["Has it been used already?"] == "it was not exported"
    question = "Are relationships between instances explicit?"
    assert answers(write_document(DocumentKind.DATASHEET, FULL))[question] == (
        "Near copies: 2 groups of two or more pictures; one picture of each is in the version."
    )
    for clusters, told in (
        (1, "Near copies: 1 group of two or more pictures; one picture of each is in the version."),
        (0, "Near copies were looked for, and none were found with these methods."),
        (None, "not recorded"),
    ):
        said = answers(write_document(DocumentKind.DATASHEET, replace(FULL, clusters=clusters)))
        assert said[question] == told
    once = answers(write_document(DocumentKind.DATASHEET, replace(FULL, exports=1)))
    assert once["Has it been used already?"] == "exported once"


@pytest.mark.control("C4.1")
def test_the_country_is_told_where_it_stays() -> None:
    """Place is said to be taken out as far as it is; a policy that keeps no country takes all of it."""
    for kind in (DocumentKind.DATASHEET, DocumentKind.PROVENANCE, DocumentKind.AB2013):
        kept, taken = (
            json.dumps(document_facts(write_document(kind, replace(FULL, keeps_country=keeps))))
            for keeps in (True, False)
        )
        assert "place more exactly than the country, device" in kept
        assert "place, device" in taken


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
        replace(
            FULL.sources[0], name=name, owner=name, basis="public-domain", hosts=(name,), items=n, size=size
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
