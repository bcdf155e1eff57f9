"""RSL documents wherever they may stand, in their deny, allow, absent, conditional and malformed forms."""

from collections.abc import Sequence, Set
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearance.identifiers import Malformed, WebUrl, parse_url, sha256_of
from clearance.pictures.xmp import Xmp, read_xmp
from clearance.sourcing.observed import (
    Embedded,
    HostFile,
    HostFiles,
    Page,
    PageLink,
    PageScript,
    ResponseHead,
)
from clearance.sourcing.signals.rsl.document import MAX_SCOPES, read_rsl
from clearance.sourcing.signals.rsl.reading import (
    MEDIA_TYPE,
    host_leads,
    page_leads,
    parse,
    read_embedded,
    read_page,
    read_response,
    response_leads,
)
from clearance.sourcing.statements import SILENCE, Answer, Reading
from clearance.sourcing.uses import ALL_USES, DATA_USES, TRAINING, Use
from clearance.sourcing.verdicts import Standing, verdicts

ORIGIN = "https://example.org"
G, N, M, I, S = Use.GENERATIVE, Use.NON_GENERATIVE, Use.MINING, Use.INFERENCE, Use.SEARCH
AI = DATA_USES | {I}
NAMESPACE = "https://rslstandard.org/rsl"
NO_TRAINING = '<prohibits type="usage">ai-train</prohibits>'


def url(text: str) -> WebUrl:
    parsed = parse_url(text)
    assert isinstance(parsed, WebUrl)
    return parsed


def file(at: str, content: bytes | str = b"", *, status: int = 200) -> HostFile:
    parsed = url(at)
    raw = content.encode() if isinstance(content, str) else content
    return HostFile(
        origin=parsed.origin,
        path=parsed.target,
        status=status,
        headers=(),
        content=raw,
        fetched_at=datetime(2026, 11, 23, tzinfo=UTC),
        failure="timeout" if status == 0 else "",
        sha256=sha256_of(raw),
    )


def rsl(*contents: str, namespace: str = NAMESPACE) -> str:
    return f'<rsl xmlns="{namespace}">{"".join(contents)}</rsl>'


def content(inner: str, *, at: str = "/", more: str = "") -> str:
    return f'<content url="{at}"{more}><license>{inner}</license></content>'


def host(document: str | bytes, target: str = "/a.jpg", robots: str = "License: /license.xml") -> Reading:
    files = [file(f"{ORIGIN}/robots.txt", robots), file(f"{ORIGIN}/license.xml", document)]
    return parse(HostFiles.of(ORIGIN, files), "ClearanceBot").read(target)


def head(*links: str, documents: Sequence[HostFile] = (), at: str = f"{ORIGIN}/a.jpg") -> ResponseHead:
    return ResponseHead(
        url=url(at),
        status=200,
        headers=tuple(("Link", link) for link in links),
        documents={each.url: each for each in documents},
    )


def page(
    *, links: Sequence[str] = (), scripts: Sequence[str] = (), documents: Sequence[HostFile] = ()
) -> Page:
    return Page(
        head=head(documents=documents, at=f"{ORIGIN}/gallery/1"),
        metas=(),
        links=tuple(PageLink(href=href, rel=("license",), type=MEDIA_TYPE, text="") for href in links),
        scripts=tuple(PageScript(type=f"{MEDIA_TYPE}; charset=utf-8", text=text) for text in scripts),
        objects=(),
        malformed=(),
        evidence=(sha256_of(b"page"),),
    )


def embedded(*xml: str) -> Embedded:
    packets = []
    for inner in xml:
        rdf = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
        packet = read_xmp(
            f'<rdf:RDF xmlns:rdf="{rdf}" xmlns:rsl="{NAMESPACE}"><rdf:Description>{inner}'
            "</rdf:Description></rdf:RDF>".encode()
        )
        assert isinstance(packet, Xmp)
        packets.append(packet)
    return Embedded(xmp=tuple(packets), malformed=(), manifests=None, evidence=(sha256_of(b"picture"),))


def no(reading: Reading) -> Set[Use]:
    return {each.use for each in reading.statements if each.answer is Answer.DENIED}


def by_letter(reading: Reading) -> Set[Use]:
    return {each.use for each in reading.statements if each.answer is Answer.DENIED and each.is_specified}


def yes(reading: Reading) -> Set[Use]:
    return {each.use for each in reading.statements if each.answer is Answer.NOT_RESERVED}


@pytest.mark.control("C1.5")
@pytest.mark.parametrize(
    ("terms", "denied", "letter", "allowed", "unclear"),
    [
        (NO_TRAINING, TRAINING, TRAINING, set(), 0),
        ('<prohibits type="usage">ai-all</prohibits>', AI, AI, set(), 0),
        ('<prohibits type="usage">all</prohibits>', ALL_USES, ALL_USES, set(), 0),
        ('<prohibits type="usage">ai-input ai-index</prohibits>', {I, S}, {I, S}, set(), 0),
        ('<prohibits type="usage">ai-train,search</prohibits>', {G, N, S}, set(), set(), 0),
        ('<prohibits type="usage">AI-Train</prohibits>', TRAINING, set(), set(), 0),
        ("<prohibits>ai-train</prohibits>", TRAINING, set(), set(), 0),
        ('<prohibits type="ai-train"/>', TRAINING, set(), set(), 0),
        ('<prohibits type="usage">train-ai</prohibits>', TRAINING, set(), set(), 0),
        ('<prohibits type="usage">tdm</prohibits>', DATA_USES, set(), set(), 0),
        ('<prohibits type="usage">ai-train nonsense</prohibits>', TRAINING, TRAINING, set(), 1),
        ('<prohibits type="usage">x:other</prohibits>', set(), set(), set(), 0),
        ('<prohibits type="user">commercial</prohibits>', set(), set(), set(), 1),
        ('<prohibits type="geo">DE</prohibits>', set(), set(), set(), 1),
        ('<permits type="usage">all</permits>', set(), set(), ALL_USES, 0),
        ('<permits type="usage">ai-train search</permits>', {M, I}, {M, I}, {G, N, S}, 0),
        ('<permits type="usage">search</permits>', {G, N, M, I}, {G, N, M, I}, {S}, 0),
        ('<permits type="usage">ai-train,search</permits>', {M, I}, {M, I}, set(), 0),
        ('<permits type="usage">train-ai</permits>', {M, I, S}, {M, I, S}, set(), 0),
        ('<permits type="usage">nonsense</permits>', ALL_USES, ALL_USES, set(), 0),
        ('<permits type="usage">all</permits><prohibits type="usage">ai-train</prohibits>', TRAINING, TRAINING, {M, I, S}, 0),
        ('<permits type="usage">all</permits><permits type="user">education</permits>', set(), set(), set(), 0),
        ('<permits type="usage">all</permits><permits type="geo">EU</permits>', set(), set(), set(), 0),
        ('<permits type="usage">all</permits><prohibits type="user">commercial</prohibits>', set(), set(), set(), 1),
        ('<permits type="usage">all</permits><payment type="free"/>', set(), set(), ALL_USES, 0),
        ('<permits type="usage">all</permits><payment/>', set(), set(), ALL_USES, 0),
        ('<permits type="usage">all</permits><payment type="attribution"><standard>https://creativecommons.org/licenses/by/4.0/</standard></payment>', set(), set(), ALL_USES, 0),
        ('<permits type="usage">all</permits><payment type="free"><amount currency="EUR">0.00</amount></payment>', set(), set(), ALL_USES, 0),
        ("", set(), set(), set(), 0),
    ],
)  # fmt: skip
def test_terms_are_read_by_their_words(
    terms: str, denied: Set[Use], letter: Set[Use], allowed: Set[Use], unclear: int
) -> None:
    """Prohibitions beat permissions; what a list leaves out is not permitted; other words only deny."""
    reading = host(rsl(content(terms)))
    assert (no(reading), by_letter(reading), yes(reading)) == (denied, letter, allowed)
    assert len(reading.unreadable) == unclear


@pytest.mark.control("C1.4", "C1.5")
@pytest.mark.parametrize(
    ("payment", "more", "asked"),
    [
        ('<payment type="subscription"/>', "", "subscription"),
        ('<payment type="Crawl"><amount currency="USD">0.01</amount></payment>', "", "Crawl; 0.01 USD"),
        ("<payment><custom>https://example.org/ask</custom></payment>", "", "https://example.org/ask"),
        ("<payment><standard>https://rsl.example/l</standard></payment>", "", "https://rsl.example/l"),
        (
            '<payment><accepts type="application/x402+json"/></payment>',
            "",
            "payment by application/x402+json",
        ),
        ("<payment><accepts/></payment>", "", "payment by unnamed"),
        ('<payment type="barter"/>', "", "barter"),
        ("", ' server="https://api.example"', "a licence from https://api.example"),
        ('<reporting type="audit" profile="https://r.example"/>', "", "reports (https://r.example)"),
        ("<reporting/>", "", "reports (reporting)"),
    ],
)
def test_a_permission_on_conditions_denies_and_says_what_is_asked(
    payment: str, more: str, asked: str
) -> None:
    """A person is told whom to ask; until the conditions are met there is no permission."""
    reading = host(rsl(content(f'<permits type="usage">all</permits>{payment}', more=more)))
    assert (by_letter(reading), yes(reading)) == (set(ALL_USES), set())
    assert reading.noted("licence-offer") == (asked,)
    assert {each.quote for each in reading.statements} == {f"offered for: {asked}"}


@pytest.mark.control("C1.5")
def test_another_licence_for_nothing_answers_a_price_by_the_letter_only() -> None:
    """Of several licences the free one may be taken; the policy obeys the one that asks for payment."""
    paid = '<license><permits type="usage">ai-train</permits><payment type="training"/></license>'
    free = '<license><permits type="usage">ai-train</permits></license>'
    reading = host(rsl(f'<content url="/">{paid}{free}</content>'))
    verdict = next(each for each in verdicts(reading) if each.use is G)
    assert (verdict.spec, verdict.policy) == (Standing.NOT_RESERVED, Standing.DENIED)
    everything = host(rsl(content('<payment type="purchase"/>')))
    assert by_letter(everything) == ALL_USES


@pytest.mark.control("C1.4")
def test_whom_to_ask_is_noted() -> None:
    """Owner, terms, contact and conditions stand beside what is said of uses."""
    document = rsl(
        '<content url="/" encrypted="true"><license><permits type="user">education</permits>'
        '<legal type="contact">mailto:ask@example.org</legal><legal type="warranty">ownership</legal>'
        '<payment type="attribution"/></license><copyright contactUrl="https://example.org/c">Example</copyright>'
        "<terms>https://example.org/terms</terms></content>"
    )
    assert dict(host(document).notes) == {
        "licence-offer": "attribution",
        "licence-condition": "only user: education",
        "licence-contact": "mailto:ask@example.org",
        "copyright-owner": "Example https://example.org/c",
        "licence-terms": "https://example.org/terms",
        "encrypted": "the licensed copy is encrypted",
    }


@pytest.mark.control("C1.5")
@pytest.mark.parametrize(
    ("at", "target", "is_covered"),
    [
        ("/", "/a.jpg", True),
        ("/images/", "/images/a.jpg", True),
        ("/images/", "/a.jpg", False),
        ("/*.jpg$", "/x/a.jpg", True),
        ("/*.jpg$", "/x/a.jpg?b", False),
        ("/a.jpg$", "/a.jpg", True),
        ("/a.jpg$", "/a.jpg2", False),
        ("images/*", "/images/a.jpg", True),
        ("https://example.org/images/", "/images/a.jpg", True),
        ("http://example.org/", "/a.jpg", True),
        ("https://other.example/", "/a.jpg", False),
        ("/b%c3%bccher/", "/b%C3%BCcher/a.jpg", True),
        ("", "/a.jpg", True),
        ("https://[bad", "/a.jpg", True),
        ("ftp://example.org/", "/a.jpg", True),
    ],
)
def test_scopes_cover_addresses_as_robots_txt_patterns_do(at: str, target: str, is_covered: bool) -> None:
    """Relative to the site that names the document; a scope that cannot be read prohibits everywhere."""
    reading = host(rsl(content(NO_TRAINING, at=at)), target)
    assert no(reading) == (TRAINING if is_covered else set())
    is_plain = at.startswith(("/", "i", "h")) and "[" not in at
    assert by_letter(reading) == (TRAINING if is_covered and is_plain else set())


@pytest.mark.control("C1.5")
def test_a_scope_that_means_no_place_permits_nothing() -> None:
    """An empty address in a document of robots.txt, and one that cannot be read, only deny."""
    for at in ("", "https://[bad"):
        assert yes(host(rsl(content('<permits type="usage">all</permits>', at=at)))) == set()


@pytest.mark.control("C1.5")
def test_a_narrower_scope_cannot_take_a_prohibition_back() -> None:
    """Prohibitions of every scope that covers count; a list is answered by a narrower list, by the letter."""
    wide = content('<prohibits type="usage">ai-train</prohibits>')
    narrow = content('<permits type="usage">ai-train</permits>', at="/open/")
    reading = host(rsl(narrow, wide), "/open/a.jpg")
    assert (by_letter(reading) >= TRAINING, yes(reading)) == (True, set())
    listed = content('<permits type="usage">search</permits>')
    verdict = verdicts(host(rsl(listed, narrow), "/open/a.jpg"))[0]
    assert (verdict.use, verdict.spec, verdict.policy) == (G, Standing.NOT_RESERVED, Standing.DENIED)
    same = host(rsl(content('<permits type="usage">all</permits>'), content(NO_TRAINING)), "/a.jpg")
    assert (no(same), yes(same)) == (TRAINING, ALL_USES - TRAINING)


@pytest.mark.control("C1.5")
@pytest.mark.parametrize(
    ("document", "denied"),
    [
        ("not xml", set()),
        ("<rsl", set()),
        ("", set()),
        (b"\xff\xfe\x00", set()),
        ('<!DOCTYPE rsl [<!ENTITY a "b">]><rsl/>', set()),
        ("<other/>", set()),
        ("<rsl/>", set()),
        (rsl(), set()),
        (rsl('<content url="/"/>'), set()),
        (rsl("<content><license/></content>"), set()),
        (rsl(content("<permit>search</permit>" + NO_TRAINING)), TRAINING),
        (rsl(content(NO_TRAINING), namespace="https://rslstandard.org/rsl/2.0"), TRAINING),
        (rsl(content(NO_TRAINING)).replace(f' xmlns="{NAMESPACE}"', ""), TRAINING),
        (rsl(f'<content url="/">{NO_TRAINING}</content>'), TRAINING),
        (rsl(f'<content url="/">{NO_TRAINING}<license/></content>'), TRAINING),
        (rsl(NO_TRAINING), TRAINING),
        (rsl("<terms>x</terms>", content(NO_TRAINING)), TRAINING),
        (rsl(content(f'<prohibits type="usage">ai-train{" x:a" * 200}</prohibits>')), TRAINING),
        (rsl(content(NO_TRAINING * 11)), TRAINING),
        (rsl(f'<content url="/"><license>{NO_TRAINING}</license>{"<license/>" * 60}</content>'), TRAINING),
        (b"<rsl>" + b" " * (1 << 20) + b"</rsl>", set()),
    ],
)
def test_a_document_that_does_not_hold_is_not_silence(document: str | bytes, denied: Set[Use]) -> None:
    """It permits nothing, a person must look, and what it prohibits is obeyed, without the letter's force."""
    reading = host(document)
    assert len(reading.unreadable) >= 1
    assert (no(reading), by_letter(reading), yes(reading)) == (denied, set(), set())


@pytest.mark.control("C1.5")
def test_foreign_elements_are_ignored_and_prefixed_ones_read() -> None:
    """Extensions say nothing; the prefix of the namespace is anybody's choice."""
    document = (
        f'<r:rsl xmlns:r="{NAMESPACE}" xmlns:x="urn:x"><x:a><r:content/></x:a><r:content r:url="/"><r:license>'
        '<r:prohibits type="usage">ai-train<x:b>all</x:b> search</r:prohibits></r:license></r:content></r:rsl>'
    )
    reading = host(document)
    assert (by_letter(reading), reading.unreadable) == ({G, N, S}, ())


@pytest.mark.control("C1.5")
def test_documents_that_robots_txt_names_are_asked_for() -> None:
    """Absolute or not, each once, five at most; a line without an address is told of."""
    lines = [
        "License: /a.xml",
        "license: https://rsl.example/b.xml",
        "License: /a.xml",
        "License:",
        "License: http://[x",
    ]
    files = HostFiles.of(ORIGIN, [file(f"{ORIGIN}/robots.txt", "\n".join(lines))])
    assert host_leads(files) == (f"{ORIGIN}/a.xml", "https://rsl.example/b.xml")
    many = "\n".join(f"License: /{n}.xml" for n in range(100))
    named = HostFiles.of(ORIGIN, [file(f"{ORIGIN}/robots.txt", many)])
    assert len(host_leads(named)) == 5
    assert 5 < len(parse(named, "x").read("/").unreadable) < 20
    reading = parse(files, "x").read("/a.jpg")
    assert sorted(each.why for each in reading.unreadable) == [
        "a License line with no address that can be read",
        "named, and not asked for",
        "named, and not asked for",
    ]
    assert parse(HostFiles.of(ORIGIN, []), "x").read("/") == SILENCE
    assert host_leads(HostFiles.of("", [])) == ()
    assert parse(HostFiles.of("x", [file(f"{ORIGIN}/robots.txt", "License: /a")]), "x").read("/") == SILENCE
    rules = parse(HostFiles.of(ORIGIN, [file(f"{ORIGIN}/robots.txt", "Allow: /")]), "x")
    assert (rules.read("/"), rules.crawl_delay_s) == (SILENCE, None)


@pytest.mark.control("C1.5")
@pytest.mark.parametrize(
    ("status", "body", "why"),
    [
        (404, "", "named, and not there: HTTP 404"),
        (204, "", "named, and not there: HTTP 204"),
        (200, "<!doctype html>", "named, and not there: a page in its place"),
    ],
)
def test_a_named_document_that_is_not_there_is_not_silence(status: int, body: str, why: str) -> None:
    """Terms are stated, and nobody here has read them."""
    files = [
        file(f"{ORIGIN}/robots.txt", "License: https://rsl.example/b.xml"),
        file("https://rsl.example/b.xml", body, status=status),
    ]
    reading = parse(HostFiles.of(ORIGIN, files), "x").read("/")
    assert [each.why for each in reading.unreadable] == [why]


@pytest.mark.control("C1.5")
def test_a_named_document_that_cannot_be_asked_for_denies_for_now() -> None:
    """An outage loses no reservation."""
    for status in (0, 503):
        files = [file(f"{ORIGIN}/robots.txt", "License: /b.xml"), file(f"{ORIGIN}/b.xml", status=status)]
        statements = parse(HostFiles.of(ORIGIN, files), "x").read("/").statements
        assert [(each.use, each.is_temporary) for each in statements] == [(Use.FETCH, True)]


@pytest.mark.control("C1.5")
@pytest.mark.parametrize(
    ("link", "leads", "denied", "unreadable"),
    [
        (f'</l.xml>; rel="license"; type="{MEDIA_TYPE}"', 1, TRAINING, 0),
        (f"<https://example.org/l.xml>;type={MEDIA_TYPE};rel=license", 1, TRAINING, 0),
        (f'</x>; rel=next, </l.xml>; REL="copyright License"; type="{MEDIA_TYPE};q=1"', 1, TRAINING, 0),
        (f'</other.xml>; rel="license"; type="{MEDIA_TYPE}"', 1, set(), 1),
        (f'<http://[x>; rel="license"; type="{MEDIA_TYPE}"', 0, set(), 1),
        (f"type={MEDIA_TYPE}", 0, set(), 1),
        ('<https://creativecommons.org/licenses/by/4.0/>; rel="license"', 0, set(), 0),
        ("</x>; rel=preload", 0, set(), 0),
    ],
)
def test_link_headers_lead_to_documents(link: str, leads: int, denied: Set[Use], unreadable: int) -> None:
    """Only a licence of RSL's media type is meant; one that cannot be read is not silence."""
    document = file(f"{ORIGIN}/l.xml", rsl(content(NO_TRAINING, at="")))
    response = head(link, documents=[document])
    assert len(response_leads(response)) == leads
    reading = read_response(response)
    assert (by_letter(reading), len(reading.unreadable)) == (denied, unreadable)
    assert read_response(head()) == SILENCE


@pytest.mark.control("C1.5")
def test_pages_lead_to_documents_and_hold_them() -> None:
    """An empty address means what the page shows; an address of the page denies, and permits no picture."""
    picture = url("https://cdn.example/a.jpg")
    linked = page(
        links=["/l.xml", "http://[x"], documents=[file(f"{ORIGIN}/l.xml", rsl(content(NO_TRAINING, at="")))]
    )
    assert page_leads(linked) == (f"{ORIGIN}/l.xml",)
    reading = read_page(linked, picture)
    assert (by_letter(reading), len(reading.unreadable)) == (TRAINING, 1)
    of_page = page(scripts=[rsl(content(NO_TRAINING, at="/gallery/"))])
    assert by_letter(read_page(of_page, picture)) == TRAINING
    permits = '<permits type="usage">all</permits>'
    assert yes(read_page(page(scripts=[rsl(content(permits, at="/gallery/"))]), picture)) == set()
    assert yes(read_page(page(scripts=[rsl(content(permits, at=picture.text))]), picture)) == ALL_USES
    assert yes(read_page(page(scripts=[rsl(content(permits, at=""))]), picture)) == ALL_USES
    assert len(read_page(page(scripts=["{}"]), picture).unreadable) == 1
    assert read_page(page(), picture) == SILENCE


@pytest.mark.control("C1.5")
@pytest.mark.parametrize(
    ("xml", "denied", "letter", "unreadable"),
    [
        ('<rsl:rsl><rsl:content url="https://example.org/a.jpg"><rsl:license><rsl:prohibits type="usage">ai-train</rsl:prohibits></rsl:license></rsl:content></rsl:rsl>', TRAINING, TRAINING, 0),
        ("<rsl:prohibits>ai-all</rsl:prohibits>", AI, AI, 0),
        ("<rsl:permits>search</rsl:permits>", AI, AI, 0),
        ("<rsl:permits>all</rsl:permits>", set(), set(), 0),
        ("<rsl:permits>all commercial DE</rsl:permits>", set(), set(), 0),
        ("<rsl:permits>all</rsl:permits><rsl:prohibits>commercial</rsl:prohibits>", set(), set(), 1),
        ('<rsl:permits>all</rsl:permits><rsl:payment type="crawl"/>', ALL_USES, ALL_USES, 0),
        ('<rsl:permits>all</rsl:permits><rsl:payment type="free"/>', set(), set(), 0),
        ('<rsl:content server="https://s.example"/><rsl:copyright>Example</rsl:copyright>', ALL_USES, ALL_USES, 0),
        ("<rsl:custom>https://example.org/ask</rsl:custom>", ALL_USES, ALL_USES, 0),
        ("<rsl:license>https://example.org/l.xml</rsl:license>", set(), set(), 1),
        ("<rsl:license>mine</rsl:license>", set(), set(), 1),
        ("<rsl:other>x</rsl:other>", set(), set(), 1),
        (f"<rsl:prohibits>ai-train</rsl:prohibits>{'<rsl:x>y</rsl:x>' * 300}", TRAINING, TRAINING, 1),
        ("", set(), set(), 0),
    ],
)  # fmt: skip
def test_rsl_in_a_picture_denies_and_permits_nothing(
    xml: str, denied: Set[Use], letter: Set[Use], unreadable: int
) -> None:
    """The reader of XMP is flat: which permission belongs to which licence cannot be told."""
    reading = read_embedded(embedded(xml))
    assert (no(reading), by_letter(reading), yes(reading)) == (denied, letter, set())
    assert len(reading.unreadable) == unreadable


@pytest.mark.control("C5.2")
def test_thousands_of_scopes_are_read_and_those_beyond_the_bounds_widen() -> None:
    """Wildcards beyond a hundred prohibit everywhere; scopes beyond ten thousand are told of."""
    wild = host(rsl(*(content(NO_TRAINING, at=f"/{n}*x") for n in range(200))), "/nothing")
    assert (no(wild), by_letter(wild)) == (TRAINING, set())
    permits = '<permits type="usage">all</permits>'
    assert yes(host(rsl(*(content(permits, at=f"/{n}*x") for n in range(200))), "/nothing")) == set()
    for at in ("/" + "a" * 3000, "/" + "a" * 3000 + "$", "/*" + "a" * 3000, "/*" + "a*" * 60):
        assert yes(host(rsl(content(permits, at=at)), "/" + "a" * 3001)) == set()
    twice = host(rsl(content(permits, at="/*.jpg"), content(NO_TRAINING, at="/*.jpg")))
    assert (no(twice), yes(twice)) == (TRAINING, ALL_USES - TRAINING)
    scope = '<content url="/s"><license/></content>'
    many = read_rsl(rsl(scope * (MAX_SCOPES + 1)).encode())
    assert not isinstance(many, Malformed)
    assert (len(many.contents), len(many.problems)) == (MAX_SCOPES, 1)


@pytest.mark.control("C5.2")
def test_many_kinds_of_paths_are_remembered_within_a_bound() -> None:
    """A host whose every path has terms of its own does not fill the memory, and stays right."""
    document = rsl(*(content(NO_TRAINING, at=f"/{n}/") for n in range(600)))
    files = [file(f"{ORIGIN}/robots.txt", "License: /l.xml"), file(f"{ORIGIN}/l.xml", document)]
    rules = parse(HostFiles.of(ORIGIN, files), "x")
    for _ in range(2):
        assert all(no(rules.read(f"/{n}/a.jpg")) == TRAINING for n in range(600))
    assert rules.read("/599/b.jpg") == rules.read("/599/c.jpg")
    assert rules.read("/x") == SILENCE


@pytest.mark.control("C5.2")
def test_deep_nesting_and_entities_are_refused_at_once() -> None:
    """A tree of a hundred thousand levels, and an entity that doubles, end in an answer."""
    assert not isinstance(read_rsl(b"<rsl>" + b"<a>" * 100_000 + b"</a>" * 100_000 + b"</rsl>"), Malformed)
    bomb = b'<!DOCTYPE a [<!ENTITY b "cc"><!ENTITY d "&b;&b;">]><rsl>&d;</rsl>'
    assert isinstance(read_rsl(bomb), Malformed)


@pytest.mark.control("C5.2")
@given(st.binary(max_size=200), st.text(max_size=60), st.text(max_size=20))
def test_reading_anything_never_raises(raw: bytes, text: str, target: str) -> None:
    """As a document, a header, a line of robots.txt, a page's script."""
    host(raw, f"/{target}")
    host(raw, robots=f"License: {text}")
    read_response(head(text, f'<{text}>; rel=license; type="{MEDIA_TYPE}"'))
    read_page(page(links=[text], scripts=[text]), url(f"{ORIGIN}/a.jpg"))
    host(rsl(content(NO_TRAINING, at="/").replace('"/"', f'"{text}"')), f"/{target}")


TERMS = st.lists(
    st.tuples(
        st.sampled_from(["permits", "prohibits"]),
        st.sampled_from(["usage", "user", "geo", "x", ""]),
        st.lists(
            st.sampled_from(["all", "ai-all", "ai-train", "search", "tdm", "x:y", "zz", "DE"]), max_size=3
        ),
    ).map(lambda drawn: f'<{drawn[0]} type="{drawn[1]}">{" ".join(drawn[2])}</{drawn[0]}>')
    | st.sampled_from(
        ['<payment type="crawl"/>', '<payment type="free"/>', "<odd/>", '<x:y xmlns:x="urn:x"/>']
    ),
    max_size=4,
).map("".join)
SCOPES = st.lists(
    st.tuples(
        TERMS, st.sampled_from(["/", "", "/a", "/*.jpg", "/a.jpg$", "/b", "https://other.example/"])
    ).map(lambda drawn: content(drawn[0], at=drawn[1])),
    max_size=4,
)


@pytest.mark.control("C1.5")
@given(SCOPES, SCOPES, st.sampled_from(["ai-train", "ai-all", "all", "train-ai"]))
def test_a_prohibition_more_never_permits_more(before: list[str], after: list[str], word: str) -> None:
    """Whatever stands around it in the document: training is denied, and no use becomes permitted."""
    without = host(rsl(*before, *after))
    prohibition = content(f'<prohibits type="usage">{word}</prohibits>')
    with_it = host(rsl(*before, prohibition, *after))
    assert no(with_it) >= TRAINING
    for earlier, later in zip(verdicts(without), verdicts(with_it), strict=True):
        assert later.policy is not Standing.NOT_RESERVED or earlier.policy is Standing.NOT_RESERVED
        assert earlier.policy is not Standing.DENIED or later.policy is Standing.DENIED
