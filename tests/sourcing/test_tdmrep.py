"""TDMRep beyond its rules: places that answer each other, words that are meant, and the policies it leads to."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearance.identifiers import WebUrl, parse_url, sha256_of
from clearance.pictures import Xmp
from clearance.sourcing.observed import Embedded, HostFile, HostFiles, Page, ResponseHead
from clearance.sourcing.signals.tdmrep import (
    PATH,
    XMP_NAMESPACE,
    host_leads,
    page_leads,
    parse,
    read_embedded,
    read_page,
    read_response,
    response_leads,
)
from clearance.sourcing.statements import SILENCE, Answer, Reading, merge
from clearance.sourcing.uses import ALL_USES
from clearance.sourcing.verdicts import Standing, verdicts

ORIGIN = "https://example.org"
OFFER = {"@type": "Offer", "assigner": {"vcard:fn": "Jane Doe"}, "permission": [{"action": "tdm:mine"}]}


def url(text: str = f"{ORIGIN}/a.jpg") -> WebUrl:
    parsed = parse_url(text)
    assert isinstance(parsed, WebUrl)
    return parsed


def file(path: str, content: object, *, status: int = 200, media_type: str = "application/json") -> HostFile:
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    return HostFile(
        origin=ORIGIN,
        path=path,
        status=status,
        headers=(("Content-Type", media_type),),
        content=raw,
        fetched_at=datetime(2026, 11, 23, tzinfo=UTC),
        failure="",
        sha256=sha256_of(raw),
    )


def host(rules: object, *documents: HostFile) -> Reading:
    return parse(HostFiles.of(ORIGIN, [file(PATH, rules), *documents]), "x").read("/a.jpg")


def head(*headers: tuple[str, str], documents: Sequence[HostFile] = ()) -> ResponseHead:
    by_url = {each.url: each for each in documents}
    return ResponseHead(url=url(), status=200, headers=headers, documents=by_url)


def page(*metas: tuple[str, str], documents: Sequence[HostFile] = ()) -> Page:
    return Page(
        head=head(documents=documents),
        metas=metas,
        links=(),
        scripts=(),
        objects=(),
        malformed=(),
        evidence=(sha256_of(b"page"),),
    )


def embedded(**values: str) -> Embedded:
    packet = Xmp(properties={(XMP_NAMESPACE, name): (value,) for name, value in values.items()})
    return Embedded(xmp=(packet,), malformed=(), manifests=None, evidence=())


@pytest.mark.control("C1.5")
@pytest.mark.parametrize(
    ("value", "answer", "is_specified"),
    [
        (1, Answer.DENIED, True),
        ("1", Answer.DENIED, True),
        (0, Answer.NOT_RESERVED, True),
        ("0", Answer.NOT_RESERVED, True),
        (True, Answer.DENIED, False),
        ("TRUE ", Answer.DENIED, False),
        (1.0, Answer.DENIED, False),
        ("yes", Answer.DENIED, False),
        (False, None, None),
        ("false", None, None),
        (0.0, None, None),
        (" 0", None, None),
        ("no", None, None),
    ],
)
def test_only_one_and_nought_are_the_protocols_words(
    value: object, answer: Answer | None, is_specified: bool | None
) -> None:
    """What means a reservation is obeyed without the letter's force; an allowance must be written right."""
    reading = host([{"location": "/", "tdm-reservation": value}])
    assert {(each.answer, each.is_specified) for each in reading.statements} == (
        set() if answer is None else {(answer, is_specified)}
    )
    assert len(reading.unreadable) == (1 if answer is None else 0)


@pytest.mark.control("C1.5")
def test_a_nearer_place_answers_a_wider_one_by_the_letter_and_any_denial_is_obeyed() -> None:
    """File, header, page, picture: the nearest that speaks decides the spec verdict, in every combination."""
    for reserved in range(16):
        values = ["1" if reserved >> place & 1 else "0" for place in range(4)]
        places = [
            host([{"location": "/", "tdm-reservation": values[0]}]),
            read_response(head(("tdm-reservation", values[1]))),
            read_page(page(("tdm-reservation", values[2])), url()),
            read_embedded(embedded(reservation=values[3])),
        ]
        for count in range(1, 5):
            verdict = verdicts(merge(places[:count]))[0]
            by_letter = Standing.DENIED if values[count - 1] == "1" else Standing.NOT_RESERVED
            obeyed = Standing.DENIED if "1" in values[:count] else Standing.NOT_RESERVED
            assert (verdict.spec, verdict.policy) == (by_letter, obeyed)


@pytest.mark.control("C1.5")
def test_meta_elements_of_a_page_are_read() -> None:
    """Of several the one that reserves counts; others say nothing; nonsense is not silence."""
    several = page(("tdm-reservation", "0"), ("tdm-reservation", " 1 "), ("description", "x"))
    reading = read_page(several, url())
    assert {(each.use, each.answer) for each in reading.statements} == {
        (use, Answer.DENIED) for use in ALL_USES
    }
    assert {(each.where, each.evidence) for each in reading.statements} == {
        ("meta tdm-reservation", (sha256_of(b"page"),))
    }
    assert len(read_page(page(("tdm-reservation", "x")), url()).unreadable) == 1
    assert read_page(page(), url()) == Reading()


@pytest.mark.control("C1.4")
def test_a_policy_is_noted_wherever_it_is_named_and_told_where_it_was_asked_for() -> None:
    """A person is told on what terms mining is offered; nothing of it grants anything."""
    offer = file("/policy.json", OFFER)
    told = "Mining is offered; nothing is asked for in return by Jane Doe."
    notes = (("tdm-policy", f"{ORIGIN}/policy.json"), ("tdm-offer", told))
    rule = {"location": "/", "tdm-reservation": 1, "tdm-policy": "policy.json"}
    assert host([rule], offer).notes == notes
    assert {each.answer for each in host([rule], offer).statements} == {Answer.DENIED}
    named = ("tdm-policy", "/policy.json")
    assert read_response(head(named, documents=[offer])).notes == notes
    assert read_page(page(named, documents=[offer]), url()).notes == notes
    assert host([rule]).notes == notes[:1]
    assert host([rule], file("/policy.json", b"", status=404)).notes == notes[:1]
    broken = host([rule], file("/policy.json", b"{"))
    assert broken.notes[1][1].startswith("The policy cannot be read")
    people = host([rule], file("/policy.json", b"<!doctype html>", media_type="application/json"))
    assert people.notes[1] == ("tdm-offer", "The policy is a page for people: read it, and ask there.")
    assert read_embedded(embedded(policy=f"{ORIGIN}/p")).notes == (("tdm-policy", f"{ORIGIN}/p"),)
    assert read_embedded(embedded(other="x")) == SILENCE


@pytest.mark.control("C1.5")
def test_policies_are_asked_for_within_a_bound() -> None:
    """Each once, five at most, those of rules that reserve; what is no address leads nowhere."""
    rules = [{"location": "/", "tdm-reservation": 1, "tdm-policy": f"/p{n}"} for n in range(20)]
    free = {"location": "/", "tdm-reservation": 0, "tdm-policy": "/free"}
    strange = [
        1,
        {"tdm-policy": 1},
        {"tdm-policy": " "},
        {"tdm-policy": "http://[x"},
        {"tdm-policy": "ftp://x"},
    ]
    files = HostFiles.of(ORIGIN, [file(PATH, [free, *strange, rules[0], *rules])])
    assert host_leads(files) == tuple(f"{ORIGIN}/p{n}" for n in range(5))
    assert host_leads(HostFiles.of(ORIGIN, [])) == ()
    assert host_leads(HostFiles.of(ORIGIN, [file(PATH, b"{")])) == ()
    assert (
        response_leads(head(("TDM-Policy", "/p")))
        == page_leads(page(("tdm-policy", "/p")))
        == (f"{ORIGIN}/p",)
    )
    assert response_leads(head()) == ()


@pytest.mark.control("C1.5", "C5.2")
@given(
    st.lists(st.sampled_from(["0", "1", "true", "x", ""]) | st.text(max_size=10), max_size=4),
    st.text(max_size=30),
)
def test_a_reservation_more_never_permits_more(values: list[str], policy: str) -> None:
    """In a page's elements and a response's headers, whatever stands beside it."""
    metas = [("tdm-reservation", value) for value in values]
    for reading in (
        read_page(page(*metas, ("tdm-reservation", "1"), ("tdm-policy", policy)), url()),
        read_response(head(*metas, ("tdm-reservation", "1"), ("tdm-policy", policy))),
    ):
        assert {each.use for each in reading.statements if each.answer is Answer.DENIED} == ALL_USES
    page_leads(page(("tdm-policy", policy)))


@pytest.mark.control("C1.5")
def test_a_rule_that_misses_the_standard_by_a_letter_is_not_silence() -> None:
    """The site's own address before a path is taken off; another's, or a name nearly right, is for a person."""
    own = host([{"location": f"{ORIGIN}/a.jpg", "tdm-reservation": 1}])
    assert {each.answer for each in own.statements} == {"denied"}
    for rule in (
        {"location": "https://other.example/*", "tdm-reservation": 1},
        {"location": "/", "tdm_reservation": 1},
        {"location": "/", "tdmReservation": 1},
    ):
        reading = host([rule])
        assert (len(reading.statements), len(reading.unreadable)) == (0, 1), rule
