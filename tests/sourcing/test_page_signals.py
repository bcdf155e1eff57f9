"""What pages say of the pictures they show: robots directives, licences, structured data."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearance.identifiers import WebUrl, parse_url
from clearance.sourcing import Reading, ResponseHead, Use, merge, parse_page, read_page

G, N, M, I, S = Use.GENERATIVE, Use.NON_GENERATIVE, Use.MINING, Use.INFERENCE, Use.SEARCH
CC_BY = "https://creativecommons.org/licenses/by/4.0/"


def url(text: str) -> WebUrl:
    parsed = parse_url(text)
    assert isinstance(parsed, WebUrl)
    return parsed


def read(markup: str, *headers: tuple[str, str], picture: str = "https://cdn.example/a.jpg") -> Reading:
    at = ResponseHead(
        url=url("https://example.org/p/1"), status=200, headers=(("Content-Type", "text/html"), *headers)
    )
    return read_page(parse_page(at, markup.encode()), url(picture))


def denied(reading: Reading, *, is_specified: bool | None = None) -> set[Use]:
    return {
        each.use
        for each in reading.statements
        if each.answer == "denied" and is_specified in (None, each.is_specified)
    }


@pytest.mark.control("C1.5")
@pytest.mark.parametrize(
    ("meta", "uses", "specified"),
    [
        ('name="robots" content="noai"', {G, N, M, I}, {G, N, M, I}),
        ('name="ROBOTS" content="index, NoImageAI"', {G, N, M, I}, {G, N, M, I}),
        ('name="robots" content="noml"', {G, N, M}, {G, N, M}),
        ('name="robots" content="noindex"', {G, N, M, S}, {S}),
        ('name="robots" content="none"', {G, N, M, S}, {S}),
        ('http-equiv="X-Robots-Tag" content="noai"', {G, N, M, I}, {G, N, M, I}),
        ('name="GPTBot" content="noai"', {G, N, M, I}, set()),
        ('name="google-extended" content="noai"', {G, N, M, I}, set()),
        ('name="someone" content="noai, noimageai"', {G, N, M, I}, set()),
        ('name="description" content="Why noai matters"', set(), set()),
        ('name="keywords" content="art, noai movement"', set(), set()),
        ('name="robots" content="index, follow, max-image-preview:none"', set(), set()),
        ('name="robots" content=""', set(), set()),
        ('name="robots" content="all"', set(), set()),
    ],
)
def test_meta_robots_denies_and_never_allows(meta: str, uses: set[Use], specified: set[Use]) -> None:
    """For all crawlers or for one; a text that mentions a directive is none."""
    reading = read(f"<meta {meta}>")
    assert (denied(reading), denied(reading, is_specified=True)) == (uses, specified)
    assert {each.answer for each in reading.statements} <= {"denied"}
    assert {each.signal for each in reading.statements} <= {"meta-robots"}


@pytest.mark.control("C1.5")
@pytest.mark.parametrize(
    ("header", "value", "signal"),
    [
        ("X-Robots-Tag", "noai", "x-robots-tag"),
        ("TDM-Reservation", "1", "tdmrep"),
        ("Content-Usage", "train-ai=n", "aipref"),
    ],
)
def test_the_pages_own_headers_count_too(header: str, value: str, signal: str) -> None:
    """What the page's answer says, it says of the pictures that it shows."""
    assert {each.signal for each in read("<p>", (header, value)).statements} == {signal}


@pytest.mark.control("C1.1")
@pytest.mark.parametrize(
    ("markup", "licences"),
    [
        (f'<a rel="license" href="{CC_BY}">', [CC_BY]),
        (f'<link rel="licence" href="{CC_BY}">', [CC_BY]),
        (
            f'<a rel="license" href="{CC_BY}"><a rel="license" href="/house-rules">',
            [CC_BY, "https://example.org/house-rules"],
        ),
        (f'<a href="{CC_BY}">', []),
        ('<a rel="copyright" href="/c">', []),
    ],
)
def test_a_pages_licence_is_noted_and_none_is_left_out(markup: str, licences: list[str]) -> None:
    """`rel=license` names it; where there are several, the gate sees them all."""
    assert list(read(markup).noted("licence")) == licences


def described(**properties: object) -> str:
    node = {"@type": "ImageObject", "contentUrl": "https://cdn.example/a.jpg", **properties}
    return f'<script type="application/ld+json">{json.dumps(node)}</script>'


@pytest.mark.control("C1.1", "C4.3")
@pytest.mark.parametrize(
    ("markup", "notes"),
    [
        (described(license=CC_BY), {("licence", CC_BY)}),
        (described(license=[CC_BY, "x"]), {("licence", CC_BY), ("licence", "x")}),
        (described(license={"@type": "CreativeWork", "url": CC_BY}), {("licence", CC_BY)}),
        (described(license=7, creditText=None), set()),
        (
            described(acquireLicensePage="https://shop.example/a"),
            {("licence-offer", "https://shop.example/a")},
        ),
        (
            described(
                creator={"name": "Ann"},
                creditText="Ann / Agency",
                copyrightNotice="© Ann",
                copyrightHolder="Ann",
            ),
            {
                ("creator", "Ann"),
                ("credit", "Ann / Agency"),
                ("copyright-notice", "© Ann"),
                ("copyright-owner", "Ann"),
            },
        ),
        (described(license=CC_BY, contentUrl="http://cdn.example/a.jpg"), {("licence", CC_BY)}),
        (described(license=CC_BY, contentUrl="https://cdn.example/b.jpg"), set()),
        (described(license=CC_BY, contentUrl="http://[x"), set()),
        (described(license=CC_BY, **{"@type": ["Thing", "schema:ImageObject"]}), {("licence", CC_BY)}),
        (described(license=CC_BY, **{"@type": "Product"}), set()),
        (
            described(license=CC_BY).replace("{", '{"@graph": [{"a": [{', 1).replace("}<", "}]}]}<"),
            {("licence", CC_BY)},
        ),
        (
            f'<div itemscope itemtype="http://schema.org/ImageObject"><img itemprop="contentUrl" src="https://cdn.example/a.jpg">'
            f'<a itemprop="license" href="{CC_BY}">CC</a></div>',
            {("licence", CC_BY)},
        ),
        (
            f'<div vocab="https://schema.org/" typeof="Photograph"><img property="url" src="https://cdn.example/a.jpg">'
            f'<a property="license" href="{CC_BY}">CC</a></div>',
            {("licence", CC_BY)},
        ),
    ],
)
def test_structured_data_speaks_of_the_picture_that_it_names(
    markup: str, notes: set[tuple[str, str]]
) -> None:
    """JSON-LD, microdata and RDFa; what names another picture says nothing of this one."""
    assert set(read(markup).notes) == notes


@pytest.mark.control("C1.5", "C5.2")
@pytest.mark.parametrize(
    "text",
    ['{"license": ', "[" * 5000 + '"license"', json.dumps([{"license": n} for n in range(5001)])],
)
def test_structured_data_that_speaks_of_licences_and_cannot_be_read_is_not_silence(text: str) -> None:
    """Broken, nested against the reader, or endless."""
    reading = read(f'<script type="application/ld+json">{text}</script>')
    assert [unread.signal for unread in reading.unreadable] == ["schema-org"]
    broken_elsewhere = read('<script type="application/ld+json">{"@type": "ImageObject", </script>')
    assert broken_elsewhere.unreadable == ()


@pytest.mark.control("C1.5", "C5.2")
def test_a_page_that_was_not_read_whole_is_not_silence() -> None:
    """What stands beyond a bound may be a denial."""
    assert [unread.signal for unread in read("<div>" * 3000).unreadable] == ["page"]


PIECES = [
    '<meta name="robots" content="all">',
    '<meta name="description" content="free">',
    "<!-- noai -->",
    '<a rel="license" href="/x">',
    described(license=CC_BY),
    '<script type="application/ld+json">{</script>',
    "<title>",
    "</body>",
]


@pytest.mark.control("C1.5")
@given(st.lists(st.sampled_from(PIECES), max_size=4), st.lists(st.sampled_from(PIECES[:6]), max_size=4))
def test_nothing_else_on_a_page_weakens_a_denial(after: list[str], before: list[str]) -> None:
    """Whatever stands before or after it, a denial denies."""
    markup = "".join([*before, '<meta name="robots" content="noai">', *after])
    assert denied(read(markup)) >= {G, N, M, I}


@pytest.mark.control("C1.5")
@given(st.permutations(PIECES[:6]))
def test_the_order_of_a_page_does_not_matter(pieces: list[str]) -> None:
    """The same pieces in another order say the same."""
    one, other = read("".join(PIECES[:6])), read("".join(pieces))
    assert set(one.statements) == set(other.statements) or {
        (each.signal, each.use, each.answer) for each in one.statements
    } == {(each.signal, each.use, each.answer) for each in other.statements}
    assert set(merge([one]).notes) == set(other.notes)
