"""Every signal in its deny, allow, absent and malformed forms."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearance.identifiers import Malformed, WebUrl, parse_url, sha256_of
from clearance.pictures import Manifests, MiningEntry, Xmp
from clearance.sourcing import (
    SIGNALS,
    Embedded,
    HostFile,
    HostFiles,
    Reading,
    ResponseHead,
    Use,
    evaluate_host,
    read_embedded,
    read_response,
)
from clearance.sourcing.signals.patterns import PathPattern

AGENT = "ClearanceBot"
NOW = datetime(2026, 11, 23, tzinfo=UTC)
PLUS = "http://ns.useplus.org/ldf/xmp/1.0/"
CC = "http://creativecommons.org/ns#"
RIGHTS = "http://ns.adobe.com/xap/1.0/rights/"
G, N, M, I, S = Use.GENERATIVE, Use.NON_GENERATIVE, Use.MINING, Use.INFERENCE, Use.SEARCH
ALL = {G, N, M, I, S}


def url(text: str = "https://example.org/a.jpg") -> WebUrl:
    parsed = parse_url(text)
    assert isinstance(parsed, WebUrl)
    return parsed


def host_file(path: str, content: bytes = b"", *, status: int = 200, failure: str = "") -> HostFile:
    return HostFile(
        origin="https://example.org",
        path=path,
        status=status,
        headers=(),
        content=content,
        fetched_at=NOW,
        failure=failure,
        sha256=sha256_of(content),
    )


def head(*headers: tuple[str, str], status: int = 200) -> ResponseHead:
    return ResponseHead(url=url(), status=status, headers=headers)


def embedded(
    *pairs: tuple[str, str, str], malformed: tuple[Malformed, ...] = (), manifests: Manifests | None = None
) -> Embedded:
    properties: dict[tuple[str, str], tuple[str, ...]] = {}
    for namespace, name, value in pairs:
        properties[namespace, name] = (*properties.get((namespace, name), ()), value)
    packets = (Xmp(properties=properties),) if pairs else ()
    return Embedded(xmp=packets, malformed=malformed, manifests=manifests, evidence=(sha256_of(b""),))


def said(reading: Reading, answer: str) -> set[Use]:
    return {statement.use for statement in reading.statements if statement.answer == answer}


def denied(reading: Reading) -> set[Use]:
    return said(reading, "denied")


def allowed(reading: Reading) -> set[Use]:
    return said(reading, "not-reserved")


def host_reading(*files: HostFile, target: str = "/a.jpg") -> Reading:
    return evaluate_host(HostFiles.of("https://example.org", files), agent=AGENT).read(target)


def robots(content: bytes, target: str = "/a.jpg", **file: object) -> Reading:
    return host_reading(host_file("/robots.txt", content, **file), target=target)  # type: ignore[arg-type] # its fields


def tdmrep(content: object, target: str = "/a.jpg", **file: object) -> Reading:
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    path = "/.well-known/tdmrep.json"
    return host_reading(host_file(path, raw, **file), target=target)  # type: ignore[arg-type] # its fields


def test_the_registry_names_each_signal_once() -> None:
    """A name is how reasons and reports call a signal."""
    names = [signal.name for signal in SIGNALS]
    assert len(names) == len(set(names))
    assert all(
        signal.parse_host or signal.read_response or signal.read_page or signal.read_embedded
        for signal in SIGNALS
    )


@pytest.mark.control("C1.5", "C5.3")
@pytest.mark.parametrize(
    ("text", "target", "is_denied"),
    [
        ("User-agent: *\nDisallow: /", "/a.jpg", True),
        ("User-agent: *\nDisallow: /b", "/a.jpg", False),
        ("User-agent: ClearanceBot\nDisallow: /", "/a.jpg", True),
        ("User-agent: clearancebot\nDisallow: /a", "/a.jpg", True),
        ("User-agent: OtherBot\nDisallow: /", "/a.jpg", False),
        ("User-agent: ClearanceBot\nAllow: /\n\nUser-agent: *\nDisallow: /", "/a.jpg", False),
        ("User-agent: *\nDisallow: /a\nAllow: /a.jpg", "/a.jpg", False),
        ("User-agent: *\nDisallow: /*.jpg$", "/x/a.jpg", True),
        ("User-agent: *\nDisallow: /*.jpg$", "/x/a.jpg?b", False),
        ("User-agent: *\nDisalow: /", "/a.jpg", True),
        ("\ufeffUser-agent: *\nDisallow: /", "/a.jpg", True),
        ("User-agent: *\rDisallow: /", "/a.jpg", True),
        ("User-agent: * foo\nDisallow: /", "/a.jpg", True),
        ("User-agent: *\nUnknown: x\nUser-agent: ClearanceBot\nDisallow: /", "/a.jpg", True),
        ("User-agent: *\nDisallow:", "/a.jpg", False),
        ("", "/a.jpg", False),
        ("\x00\x01\x02 nonsense", "/a.jpg", False),
        ("<!doctype html><html>User-agent: *\nDisallow: /</html>", "/a.jpg", False),
    ],
)
def test_robots_txt_denies_where_either_engine_does(text: str, target: str, is_denied: bool) -> None:
    """Also in the forms on which the two engines disagree; a page in its place is no policy."""
    assert denied(robots(text.encode(), target)) == ({Use.FETCH} if is_denied else set())


@pytest.mark.control("C1.5")
@pytest.mark.parametrize(
    ("status", "is_temporary"),
    [
        (0, True),
        (202, True),
        (206, True),
        (304, True),
        (429, True),
        (500, True),
        (503, True),
        (204, None),
        (401, None),
        (403, None),
        (404, None),
    ],
)
def test_a_robots_txt_that_cannot_be_read_denies_for_now_and_a_missing_one_is_silent(
    status: int, is_temporary: bool | None
) -> None:
    """RFC 9309: unreachable is full disallow, 4xx is no statement; a challenge or a part is no file."""
    statements = robots(b"", status=status, failure="timeout" if status == 0 else "").statements
    assert [statement.is_temporary for statement in statements] == ([] if is_temporary is None else [True])


@pytest.mark.control("C3.7")
def test_crawl_delay_is_read() -> None:
    """The longest of all rules counts; without one there is none."""
    files = [host_file("/robots.txt", b"User-agent: *\nCrawl-delay: 7")]
    assert evaluate_host(HostFiles.of("https://example.org", files), agent=AGENT).crawl_delay_s == 7.0
    assert evaluate_host(HostFiles.of("https://example.org", []), agent=AGENT).crawl_delay_s is None


@pytest.mark.control("C1.5", "C5.2")
@given(st.binary(max_size=400), st.text(max_size=40))
def test_reading_any_robots_txt_never_raises(content: bytes, target: str) -> None:
    """Bytes from outside are a statement, silence or unreadable."""
    robots(content, "/" + target.replace("\x00", ""))


@pytest.mark.control("C1.5")
def test_a_megabyte_of_rules_is_read_up_to_its_bound() -> None:
    """What stands after the bound is not read; nothing hangs."""
    content = b"User-agent: *\n" + b"Disallow: /x\n" * 200_000
    assert denied(robots(content, "/x")) == {Use.FETCH}


@pytest.mark.control("C1.5")
@pytest.mark.parametrize(
    ("rules", "target", "expected"),
    [
        ([{"location": "/", "tdm-reservation": 1}], "/a.jpg", "denied"),
        ([{"location": "/", "tdm-reservation": 0}], "/a.jpg", "not-reserved"),
        ([{"location": "/b", "tdm-reservation": 1}], "/a.jpg", ""),
        (
            [{"location": "/a*", "tdm-reservation": 0}, {"location": "/", "tdm-reservation": 1}],
            "/a.jpg",
            "not-reserved",
        ),
        (
            [{"location": "/", "tdm-reservation": 1}, {"location": "/a.jpg", "tdm-reservation": 0}],
            "/a.jpg",
            "denied",
        ),
        ([{"location": "*.jpg$", "tdm-reservation": "1"}], "/a.jpg", "denied"),
        ([{"location": "a.jpg", "tdm-reservation": True}], "/a.jpg", "denied"),
        ({"location": "/", "tdm-reservation": 1}, "/a.jpg", "denied"),
        ([{"location": "/"}], "/a.jpg", ""),
        ([], "/a.jpg", ""),
    ],
)
def test_tdmrep_takes_the_first_rule_that_matches(rules: object, target: str, expected: str) -> None:
    """First, not longest; 1 reserves every use, 0 does not, no value says nothing."""
    reading = tdmrep(rules, target)
    assert {statement.answer for statement in reading.statements} == ({expected} if expected else set())
    assert {statement.use for statement in reading.statements} == (ALL if expected else set())


@pytest.mark.control("C1.5")
@pytest.mark.parametrize(
    "content",
    [
        b"not json",
        b"[1]",
        b'{"a": 1}',
        b"[" * 100_000,
        b'[{"location": 1}]',
        b'"text"',
        b"\xff\xfe",
        b'[{"location": "/", "tdm-reservation": 2}]',
        b'[{"location": "/", "tdm-reservation": 1, "tdm-reservation": 0}]',
        json.dumps([{"location": "/", "tdm-reservation": 1}] * 10_001).encode(),
    ],
)
def test_a_tdmrep_file_that_cannot_be_read_is_not_silence(content: bytes) -> None:
    """It was put there to say something: a person must look."""
    assert [unread.signal for unread in tdmrep(content).unreadable] == ["tdmrep"]


@pytest.mark.control("C1.5")
@pytest.mark.parametrize(
    ("rules", "answers"),
    [
        ([{"location": "/", "tdm-reservation": 1}, 1], {"denied"}),
        ([{"tdm-reservation": 0}, {"location": "/a", "tdm-reservation": 1}], {"denied"}),
        ([{"location": "/", "tdm-reservation": [0]}, {"location": "/", "tdm-reservation": 1}], {"denied"}),
        ([{"location": "/", "tdm-reservation": 1}] * 10_001, {"denied"}),
        ([{"location": "/" + "*a" * 60, "tdm-reservation": 0}], set()),
        ([1] * 50, set()),
    ],
)
def test_a_broken_rule_hides_no_reservation_beside_it(rules: object, answers: set[str]) -> None:
    """What can be read of a broken file counts, and that it is broken is told."""
    reading = tdmrep(rules, "/aa")
    assert {statement.answer for statement in reading.statements} == answers
    assert 1 <= len(reading.unreadable) <= 10


@pytest.mark.control("C1.5")
def test_a_reservation_by_a_pattern_too_complex_to_match_whole_is_widened() -> None:
    """An allowance by such a pattern is not believed, a denial is."""
    assert tdmrep([{"location": "/" + "*a" * 60 + "$", "tdm-reservation": 1}], "/" + "a" * 90).statements


@pytest.mark.control("C1.5")
def test_a_rule_without_a_value_does_not_hide_the_next() -> None:
    """A rule that says nothing is no answer: the next one that matches is."""
    reading = tdmrep([{"location": "/"}, {"location": "/", "tdm-reservation": 1}])
    assert (denied(reading), reading.unreadable) == (ALL, ())


@pytest.mark.control("C5.2")
def test_a_value_nested_to_the_parsers_limit_is_unreadable() -> None:
    """No depth makes the reader raise, wherever the parser's own limit lies."""
    for depth in range(900, 1010, 5):
        content = b'[{"location": "/", "tdm-reservation": ' + b"[" * depth + b"]" * depth + b"}]"
        assert len(tdmrep(content).unreadable) == 1


@pytest.mark.control("C1.5")
def test_a_tdmrep_file_that_is_missing_is_silent_and_an_outage_denies_for_now() -> None:
    """404 and a page in its place: no protocol; 5xx and no answer: leave the host alone for now."""
    assert tdmrep(b"", status=404) == Reading()
    assert tdmrep(b"<!DOCTYPE html>") == Reading()
    for status in (0, 503):
        assert [(s.use, s.is_temporary) for s in tdmrep(b"", status=status).statements] == [(Use.FETCH, True)]


@pytest.mark.control("C1.5")
@pytest.mark.parametrize(
    ("values", "answers", "unreadable"),
    [
        (["1"], {"denied"}, 0),
        ([" 0 "], {"not-reserved"}, 0),
        (["0", "1"], {"denied"}, 0),
        (["2"], set(), 1),
        (["0", "x"], set(), 1),
        (["1", "x"], {"denied"}, 0),
        ([""], set(), 1),
    ],
)
def test_tdmrep_headers_and_xmp_are_read_the_strictest_way(
    values: list[str], answers: set[str], unreadable: int
) -> None:
    """Of several values the one that reserves counts; nonsense is not silence."""
    for reading in (
        read_response(head(*(("TDM-Reservation", value) for value in values))),
        read_embedded(
            embedded(*(("http://www.w3.org/ns/tdmrep/", "reservation", value) for value in values))
        ),
    ):
        assert {statement.answer for statement in reading.statements} == answers
        assert len(reading.unreadable) == unreadable


@pytest.mark.control("C1.5")
@pytest.mark.parametrize(
    ("values", "uses"),
    [
        (["noai"], {G, N, M, I}),
        (["NoImageAI"], {G, N, M, I}),
        (["noml"], {G, N, M}),
        (["noindex"], {G, N, M, S}),
        (["none"], {G, N, M, S}),
        (["noimageindex"], {G, N, M, S}),
        (["nofollow", "noarchive, noai"], {G, N, M, I}),
        (["otherbot: noai"], {G, N, M, I}),
        (["googlebot: nofollow, noimageai"], {G, N, M, I}),
        (["all"], set()),
        (["unavailable_after: 25 Jun 2030 15:00:00 PST"], set()),
        (["noaid"], set()),
        (["noindex nofollow"], {G, N, M, S}),
        (["nofollow; NoAI"], {G, N, M, I}),
        (['"noai"'], {G, N, M, I}),
        (["max-image-preview:none"], set()),
        (["max-image-preview:none, noml"], {G, N, M}),
        ([""], set()),
    ],
)
def test_x_robots_tag_denies_and_never_allows(values: list[str], uses: set[Use]) -> None:
    """In any case, repeated, in lists, and addressed to another crawler."""
    reading = read_response(head(*(("X-Robots-Tag", value) for value in values)))
    assert denied(reading) == uses
    assert allowed(reading) == set()


@pytest.mark.control("C1.5")
@pytest.mark.parametrize(
    ("field", "no", "yes", "unreadable"),
    [
        ("train-ai=n", {G, N}, set(), 0),
        ("train-ai=y", set(), {G, N}, 0),
        ("train-ai=n, search=y", {G, N}, {S}, 0),
        ("train-ai=y, train-ai=n", {G, N}, set(), 0),
        ("train-ai;a=b=n", set(), set(), 1),
        ("train-ai=n, train-ai=y", {G, N}, {G, N}, 0),
        ("train-ai", set(), set(), 1),
        ('search="n"', set(), set(), 1),
        ("train-ai=1", set(), set(), 1),
        ("train-ai=(n)", set(), set(), 1),
        ("train-ai=Y", set(), set(), 1),
        ("something=n", set(), set(), 0),
        ("train-genai=n", {G}, set(), 0),
        ("all=n", ALL, set(), 0),
        ("tdm=n", {G, N, M}, set(), 0),
        ("ai-train=y", set(), set(), 0),
        ("Train-AI=n", {G, N}, set(), 1),
        ("train-ai=n,,", {G, N}, set(), 1),
        ("=x, search=y, tdm=n;a", {G, N, M}, set(), 1),
        ("=n", set(), set(), 1),
        ("", set(), set(), 0),
    ],
)
def test_content_usage_is_read_as_a_structured_field(
    field: str, no: set[Use], yes: set[Use], unreadable: int
) -> None:
    """Tokens y and n count; older words deny only; what is broken is not silence, and a denial in it denies."""
    reading = read_response(head(("Content-Usage", field)))
    assert (denied(reading), allowed(reading), len(reading.unreadable)) == (no, yes, unreadable)


@pytest.mark.control("C1.5", "C5.2")
@given(st.text(max_size=80))
def test_reading_any_header_never_raises(value: str) -> None:
    """Header values are hostile; each is a statement, silence or unreadable."""
    read_response(
        head(
            *(
                (name, value)
                for name in ("Content-Usage", "X-Robots-Tag", "TDM-Reservation", "Link", "Crawler-Price")
            )
        )
    )


@pytest.mark.control("C1.5")
def test_structured_fields_agree_with_the_published_cases(vectors: Path) -> None:
    """Where the working group's cases say that a dictionary must fail, ours is unreadable; where it parses, it is not."""
    cases = json.loads((vectors / "structured-fields" / "dictionary.json").read_text())
    for case in cases:
        if case.get("can_fail"):
            continue
        reading = read_response(head(*(("Content-Usage", raw) for raw in case["raw"])))
        assert bool(reading.unreadable) == bool(case.get("must_fail")), case["name"]


@pytest.mark.control("C5.3")
@pytest.mark.parametrize(
    ("status", "is_denied", "notes"),
    [
        (401, True, 0),
        (402, True, 1),
        (403, True, 0),
        (451, True, 0),
        (404, False, 0),
        (200, False, 0),
        (429, False, 0),
    ],
)
def test_refusals_by_status_are_answers(status: int, is_denied: bool, notes: int) -> None:
    """A price on request is noted as a lead, and nothing is paid."""
    reading = read_response(head(("crawler-price", "USD 0.01"), status=status))
    assert denied(reading) == ({Use.FETCH} if is_denied else set())
    assert len(reading.notes) == notes


@pytest.mark.control("C1.5")
@pytest.mark.parametrize(
    ("value", "no", "yes", "unreadable"),
    [
        ("http://ns.useplus.org/ldf/vocab/DMI-PROHIBITED", ALL, set(), 0),
        ("http://ns.useplus.org/ldf/vocab/DMI-PROHIBITED-AIMLTRAINING", {G, N}, set(), 0),
        ("http://ns.useplus.org/ldf/vocab/DMI-PROHIBITED-GENAIMLTRAINING", {G}, set(), 0),
        ("http://ns.useplus.org/ldf/vocab/DMI-PROHIBITED-EXCEPTSEARCHENGINEINDEXING", {G, N, M, I}, set(), 0),
        ("http://ns.useplus.org/ldf/vocab/DMI-PROHIBITED-SEECONSTRAINT", ALL, set(), 0),
        ("http://ns.useplus.org/ldf/vocab/DMI-PROHIBITED-SEEEMBEDDEDRIGHTSEXPR", ALL, set(), 0),
        ("http://ns.useplus.org/ldf/vocab/DMI-PROHIBITED-SEELINKEDRIGHTSEXPR", ALL, set(), 0),
        ("http://ns.useplus.org/ldf/vocab/DMI-ALLOWED", set(), ALL, 0),
        ("http://ns.useplus.org/ldf/vocab/DMI-UNSPECIFIED", set(), set(), 0),
        ("https://ns.useplus.org/LDF/vocab/dmi-prohibited-genaimltraining", {G}, set(), 0),
        ("DMI-PROHIBITED", ALL, set(), 0),
        ("Allowed", set(), set(), 0),
        ("Unspecified - no prohibition defined", set(), set(), 0),
        ("http://ns.useplus.org/ldf/vocab/DMI-ALLOWED-noaitraining", {G, N}, set(), 0),
        ("http://ns.useplus.org/ldf/vocab/DMI-ALLOWED-nogenaitraining", {G}, set(), 0),
        ("Prohibited for AI/ML training", ALL, set(), 0),
        ("http://ns.useplus.org/ldf/vocab/DMI-PROHIBITED-LATERTERM", ALL, set(), 0),
        ("http://ns.useplus.org/ldf/vocab/DMI-SOMETHING", set(), set(), 1),
        ("", set(), set(), 1),
    ],
)
def test_all_values_of_plus_data_mining_are_read(
    value: str, no: set[Use], yes: set[Use], unreadable: int
) -> None:
    """The nine terms, earlier drafts, plain labels, other spellings; an unknown term is not silence."""
    reading = read_embedded(embedded((PLUS, "DataMining", value)))
    assert (denied(reading), allowed(reading), len(reading.unreadable)) == (no, yes, unreadable)


def mining(
    *entries: tuple[str, str], state: str = "Trusted", place: str = "active", odd: bool = False
) -> Reading:
    made = tuple(
        MiningEntry(label="cawg.training-mining", key=key, use=use, constraint="", place=place)
        for key, use in entries
    )
    return read_embedded(embedded(manifests=Manifests(entries=made, state=state, has_unreadable=odd)))


@pytest.mark.control("C1.5")
def test_a_denial_in_a_manifest_counts_whoever_signed_it() -> None:
    """Broken signatures and ingredients included; constrained and unknown keys deny."""
    assert denied(mining(("cawg.ai_generative_training", "notAllowed"), state="Invalid")) == {G}
    assert denied(mining(("c2pa.ai_training", "notallowed"), place="ingredient")) == {N}
    assert denied(mining(("cawg.data_mining", "constrained"))) == {M}
    assert denied(mining(("cawg.ai_inference", "notAllowed"))) == {I}
    assert denied(mining(("example.custom", "notAllowed"))) == ALL


@pytest.mark.control("C1.5")
def test_an_allowance_in_a_manifest_counts_only_when_it_is_perfect() -> None:
    """From the active manifest, by a trusted signer, for a known use."""
    assert allowed(mining(("cawg.ai_training", "allowed"))) == {N}
    assert mining(("cawg.ai_training", "allowed"), state="Valid") == Reading()
    assert mining(("cawg.ai_training", "allowed"), place="ingredient") == Reading()
    assert mining(("example.custom", "allowed")) == Reading()


@pytest.mark.control("C1.5")
def test_what_cannot_be_read_in_a_picture_is_not_silence() -> None:
    """Odd assertions, broken manifests, broken XMP: each is reported."""
    assert len(mining(("cawg.ai_training", "perhaps")).unreadable) == 1
    assert len(mining(odd=True).unreadable) == 1
    broken = (Malformed(where="C2PA", why="no"), Malformed(where="XMP", why="no"))
    assert {u.signal for u in read_embedded(embedded(malformed=broken)).unreadable} == {
        "c2pa-training-mining",
        "xmp",
    }
    assert read_embedded(embedded()) == Reading()
    assert read_embedded(embedded((CC, "other", "x"))) == Reading()


@pytest.mark.control("C1.1")
def test_open_licences_are_noted_wherever_they_stand() -> None:
    """In XMP as licence or web statement, and in Link headers; RSL's own links are none."""
    by = "https://creativecommons.org/licenses/by/4.0/"
    assert read_embedded(embedded((CC, "license", by))).noted("licence") == (by,)
    assert read_embedded(embedded((RIGHTS, "WebStatement", by))).noted("licence") == (by,)
    odd = "http://creativecommons.org/licenses/odd/4.0/"
    assert read_embedded(embedded((RIGHTS, "WebStatement", odd))).noted("licence") == (odd,)
    assert (
        read_embedded(embedded((RIGHTS, "WebStatement", "https://example.org/terms"))).noted("licence") == ()
    )
    links = [
        (f'<{by}>; rel="license"', (by,)),
        (f"<{by}>; rel=license", (by,)),
        (f'</x>; rel="next", <{by}>; title="t"; rel="license nofollow"', (by,)),
        (f'<{by}>; rel="next"', ()),
        ('</rsl.xml>; rel="license"; type="application/rsl+xml"', ()),
        (f"<{by}>", ()),
        ("nonsense", ()),
    ]
    for value, expected in links:
        assert read_response(head(("Link", value))).noted("licence") == expected, value


@pytest.mark.control("C1.1")
def test_rights_fields_are_noted_by_name() -> None:
    """Who made it, who owns it, whom to ask."""
    reading = read_embedded(
        embedded(
            ("http://purl.org/dc/elements/1.1/", "creator", "A. Person"),
            (PLUS, "LicensorURL", "https://example.org/buy"),
            (RIGHTS, "Marked", "True"),
        )
    )
    assert dict(reading.notes) == {
        "creator": "A. Person",
        "licensor-url": "https://example.org/buy",
        "copyrighted": "True",
    }


@pytest.mark.parametrize(
    ("pattern", "target", "is_match"),
    [
        ("/", "/a", True),
        ("/a", "/b", False),
        ("/a$", "/a", True),
        ("/a$", "/ab", False),
        ("/*/b", "/a/b/c", True),
        ("/*.jpg$", "/a.jpg", True),
        ("/*.jpg$", "/a.jpg.png", False),
        ("/a*b*c", "/a1b2c3", True),
        ("/a*b*c", "/a1c2b3", False),
        ("*", "/anything", True),
        ("", "/anything", True),
        ("/a**b", "/axxb", True),
        ("/ä(", "/ä(x", True),
        ("/bücher/*.jpg$", "/b%C3%BCcher/a.jpg", True),
        ("/b%c3%bccher/", "/b%C3%BCcher/a.jpg", True),
        ("/%7Eann/", "/~ann/a.jpg", True),
        ("/a%2Fb", "/a/b", False),
        ("/\ud800", "/x", False),
        ("/*$", "/a", True),
        ("/*a$", "/baca", True),
    ],
)
def test_path_patterns_match_as_robots_txt_does(pattern: str, target: str, is_match: bool) -> None:
    """Wildcards anywhere, an anchor at the end, everything else literal."""
    assert PathPattern(pattern).matches(target) is is_match


@pytest.mark.control("C5.2")
@given(st.text("ab*$/", max_size=30), st.text("ab/", max_size=60))
def test_matching_agrees_with_a_plain_search(pattern: str, target: str) -> None:
    """The compiled pattern answers as a slow and obvious matcher does."""

    def slow(parts: list[str], rest: str, anchored: bool) -> bool:
        if len(parts) == 1:
            return rest == parts[0] if anchored else rest.startswith(parts[0])
        if not rest.startswith(parts[0]):
            return False
        rest = rest[len(parts[0]) :]
        return any(slow(parts[1:], rest[n:], anchored) for n in range(len(rest) + 1))

    anchored = pattern.endswith("$")
    import re

    parts = re.sub(r"\*+", "*", pattern.removesuffix("$") if anchored else pattern).split("*")
    assert PathPattern(pattern).matches(target) is slow(parts, target, anchored)


@pytest.mark.control("C5.2")
def test_a_pattern_made_against_the_matcher_is_cut_and_matches_more() -> None:
    """Hundreds of wildcards or kilobytes of pattern are answered at once, on the safe side."""
    assert PathPattern("/" + "*a" * 500 + "$").matches("/" + "a" * 5000)
    assert PathPattern("/a" * 5000).matches("/a" * 2000) is True
    assert not PathPattern("/" + "*ab" * 40 + "$").matches("/" + "a" * 20_000)
    assert not PathPattern("/a" * 5000).is_whole
    assert not PathPattern("*a" * 51).is_whole
    assert PathPattern("/a*b$").is_whole


RESPONSE_DENIALS = [
    ("X-Robots-Tag", "noai"),
    ("TDM-Reservation", "1"),
    ("Content-Usage", "train-ai=n"),
]


@pytest.mark.control("C1.5")
@given(
    st.sampled_from(RESPONSE_DENIALS),
    st.lists(
        st.tuples(
            st.sampled_from([name for name, _ in RESPONSE_DENIALS]),
            st.sampled_from(["", "0", "all", "train-ai=y", "=", '"', "x y", ",,", "train-ai=n"])
            | st.text(max_size=20),
        ),
        max_size=3,
    ),
    st.integers(0, 3),
)
def test_no_other_header_weakens_a_denial(
    denial: tuple[str, str], others: list[tuple[str, str]], place: int
) -> None:
    """Before or after it, broken or sound: once a header denies training, training is denied."""
    assert G in denied(read_response(head(*others[:place], denial, *others[place:])))


@pytest.mark.control("C1.5", "C5.2")
@given(st.lists(st.text(max_size=60), max_size=4), st.lists(st.text(max_size=20), max_size=2))
def test_no_other_value_in_a_picture_weakens_a_denial(values: list[str], wheres: list[str]) -> None:
    """Any text in any property that is read: nothing raises, and the denial beside it stands."""
    pairs = [
        (namespace, name, value)
        for value in values
        for namespace, name in (
            (PLUS, "DataMining"),
            (CC, "license"),
            (RIGHTS, "WebStatement"),
            ("http://www.w3.org/ns/tdmrep/", "reservation"),
        )
    ]
    broken = tuple(Malformed(where=where, why=where) for where in wheres)
    reading = read_embedded(embedded(*pairs, (PLUS, "DataMining", "DMI-PROHIBITED"), malformed=broken))
    assert denied(reading) == ALL
    assert {"xmp"} <= {unread.signal for unread in reading.unreadable} or not [
        w for w in wheres if w != "C2PA"
    ]


@pytest.mark.control("C5.2")
@given(
    st.binary(max_size=200)
    | st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["location", "tdm-reservation", "x"]), inner, max_size=3)
        ),
        max_leaves=12,
    )
)
def test_reading_any_tdmrep_file_never_raises(content: object) -> None:
    """Any bytes and any JSON are statements, silence or unreadable."""
    reading = tdmrep(content)
    assert all(statement.scope == "site" for statement in reading.statements)


@pytest.mark.control("C2.1", "C5.2")
def test_a_picture_with_thousands_of_creators_does_not_fill_the_register() -> None:
    """Twenty values of a field are noted, each cut."""
    creators = [("http://purl.org/dc/elements/1.1/", "creator", f"{n}" * 1000) for n in range(100)]
    notes = read_embedded(embedded(*creators)).noted("creator")
    assert (len(notes), max(map(len, notes))) == (20, 500)
