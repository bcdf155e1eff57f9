"""Reading pages: rights, text and links, whatever the bytes are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearance.identifiers import WebUrl, parse_url
from clearance.sourcing import Page, PageLink, PageObject, PageScript, ResponseHead, parse_page, read_text
from clearance.sourcing.markup import MAX_PAGE_BYTES

RSL_LINK = '<link rel="License" type="application/rsl+xml" href="/l.xml">'


def head(content_type: str = "text/html", url: str = "https://example.org/p/1") -> ResponseHead:
    parsed = parse_url(url)
    assert isinstance(parsed, WebUrl)
    headers = (("Content-Type", content_type),) if content_type else ()
    return ResponseHead(url=parsed, status=200, headers=headers)


def page(markup: str | bytes, content_type: str = "text/html") -> Page:
    return parse_page(head(content_type), markup if isinstance(markup, bytes) else markup.encode())


@pytest.mark.control("C1.5")
def test_what_speaks_of_rights_is_found_wherever_it_stands() -> None:
    """Meta elements, licence links, data scripts, microdata and RDFa come out as they are, addresses absolute."""
    found = page(
        f"""<!doctype html><html><head><meta name="Robots" content="noai"><meta http-equiv="X-Robots-Tag" content="noml">
        <meta property="og:x" content="1"><meta name="empty"><meta content="nameless">{RSL_LINK}
        <link rel="stylesheet" href="a.css"><script>var x = 1;</script>
        <script type="application/ld+json; charset=utf-8">{{"@type": "ImageObject"}}</script>
        <script type="application/ld+json">{{"@type": "Product"}}</script>
        <script type="application/rsl+xml"><rsl/></script></head>
        <body><a rel="nofollow license" href="../by/4.0/">CC <b>BY</b></a>
        <div itemscope itemtype="https://schema.org/ImageObject"><img itemprop="contentUrl" src="/a.jpg">
        <span itemprop="creditText"> Ann  Lee </span><meta itemprop="license" content="CC0"><i itemprop="size">9</i></div>
        <p typeof="schema:Photograph"><a property="schema:license" href="/l">l</a></p>
        <b itemprop="license">nobody's</b></body></html>"""
    )
    assert found.metas == (
        ("robots", "noai"),
        ("x-robots-tag", "noml"),
        ("og:x", "1"),
    )
    assert found.links == (
        PageLink(href="https://example.org/l.xml", rel=("license",), type="application/rsl+xml", text=""),
        PageLink(href="https://example.org/by/4.0/", rel=("nofollow", "license"), type="", text="CC BY"),
    )
    assert found.scripts == (
        PageScript(type="application/ld+json", text='{"@type": "ImageObject"}'),
        PageScript(type="application/rsl+xml", text="<rsl/>"),
    )
    assert found.objects == (
        PageObject(
            type="ImageObject",
            properties=(
                ("contentUrl", "https://example.org/a.jpg"),
                ("creditText", "Ann Lee"),
                ("license", "CC0"),
            ),
        ),
        PageObject(type="Photograph", properties=(("license", "https://example.org/l"),)),
    )
    assert found.malformed == ()


def test_long_words_under_names_that_say_nothing_of_rights_are_left_out() -> None:
    """They would only fill the evidence; a short one may be a directive, whatever its name."""
    long = "x" * 201
    found = page(f"<meta name=a content={long}><meta name=b content=y><meta name=gptbot content={long}>")
    assert found.metas == (("b", "y"), ("gptbot", long))


def test_the_base_of_a_page_moves_its_links() -> None:
    """`base` counts as browsers read it; a broken one is none."""
    assert (
        page(f"<base href='https://cdn.example/x/'>{RSL_LINK}").links[0].href == "https://cdn.example/l.xml"
    )
    assert page(f"<base href='http://[broken'>{RSL_LINK}").links[0].href == "https://example.org/l.xml"
    assert page("<a rel=license href='http://[broken'>x</a>").links[0].href == ""


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        ("<meta name=robots content='nöai'>".encode(), "text/html; charset=utf-8"),
        (b"\xef\xbb\xbf" + "<meta name=robots content='nöai'>".encode(), "text/html"),
        ("\ufeff<meta name=robots content='nöai'>".encode("utf-16-le"), "text/html"),
        ("\ufeff<meta name=robots content='nöai'>".encode("utf-16-be"), "text/html"),
        ("<meta name=robots content='nöai'>".encode("latin-1"), "text/html; charset=iso-8859-1"),
        ("<meta charset=latin1><meta name=robots content='nöai'>".encode("latin-1"), "text/html"),
        ("<meta name=robots content='nöai'>".encode("cp1252"), "text/html"),
        ("<meta name=robots content='nöai'>".encode(), "text/html; charset=nonsense"),
        ("<meta name=robots content='nöai'>".encode(), "text/html; charset=base64"),
        ("<meta name=robots content='nöai'>".encode(), ""),
    ],
)
def test_a_page_is_decoded_as_browsers_decode_it(content: bytes, content_type: str) -> None:
    """Byte order mark, header, meta element, UTF-8, Windows-1252; an unknown name is no name."""
    assert page(content, content_type).metas[-1] == ("robots", "nöai")


@pytest.mark.control("C1.5", "C5.2")
@pytest.mark.parametrize(
    ("markup", "why"),
    [
        ("<div>" * 3000 + "<meta name=robots content=noai>", "nested deeper than 2000"),
        ("<p><b><i>" * 90_000, "more than 200000 elements"),
        ("<meta name=a content=b>" * 501, "more than 500 meta elements"),
        (RSL_LINK * 101, "more than 100 licence links"),
        ("<script type='application/ld+json'>license</script>" * 51, "more than 50 data scripts"),
        ("<p itemscope itemtype=x>" * 501, "more than 500 described things"),
        (
            "<script type='application/ld+json'>license" + " " * (256 << 10) + "</script>",
            "a data script of more than 262144 characters",
        ),
        (" " * (MAX_PAGE_BYTES + 1), f"larger than {MAX_PAGE_BYTES} bytes"),
    ],
)
def test_what_is_beyond_a_bound_is_told(markup: str, why: str) -> None:
    """Nothing is dropped in silence: the page says that it was not read whole."""
    assert why in [found.why for found in page(markup).malformed]


@pytest.mark.parametrize("content", [b"", b"\x00\x00", b"\xff\xd8\xff\xe0 no page", b"<!---->"])
def test_no_page_is_an_empty_page(content: bytes) -> None:
    """Nothing, null characters, a picture or a comment alone speak of nothing."""
    found = page(content, "")
    assert (found.metas, found.links, found.scripts, found.objects, found.malformed) == ((), (), (), (), ())
    assert read_text(head(), b"").text == ""


@pytest.mark.control("C1.4")
def test_the_text_is_what_a_person_sees() -> None:
    """Scripts, styles and the head are not seen; blocks stand on lines of their own."""
    seen = read_text(
        head(),
        b"""<html lang="DE-at"><head><title> AGB </title><style>p {}</style></head><body><h1>Terms</h1><p>One
        <b>and</b> two.<p>Three<br>four<script>five()</script> six<noscript>seven</noscript>
        <ul><li><a href="/x" rel="Terms-Of-Service">x</a> y</ul><input TYPE="Password"></body>""",
    )
    assert (seen.title, seen.language, seen.asks_for_login) == (" AGB ", "de-at", True)
    assert seen.text == "Terms\nOne and two.\nThree\nfour six\nx y"
    assert seen.links == (
        PageLink(href="https://example.org/x", rel=("terms-of-service",), type="", text="x"),
    )


def test_plain_text_stays_as_it_is() -> None:
    """A terms page may be a text file."""
    seen = read_text(head("text/plain"), "No scraping.\nÄ < B".encode())
    assert (seen.text, seen.links, seen.asks_for_login) == ("No scraping.\nÄ < B", (), False)


@pytest.mark.control("C5.2")
@given(
    st.binary(max_size=400)
    | st.text(alphabet="<>/=\"' abmetlinkscriptdiv!-[]&;#x0\x00", max_size=400).map(str.encode)
)
def test_no_bytes_make_the_reader_raise(content: bytes) -> None:
    """Whatever comes, there is a page and a text."""
    assert isinstance(page(content), Page)
    read_text(head(), content)


def test_plain_text_that_begins_like_markup_is_text() -> None:
    """What the header calls plain text is none."""
    assert read_text(head("text/plain"), b"<no scraping>").text == "<no scraping>"


def test_a_link_with_an_endless_text_is_cut() -> None:
    """No footer says so much."""
    markup = f"<a href=/x>{'y' * 5000}<b>z</b></a>".encode()
    assert [link.text for link in read_text(head(), markup).links] == ["y" * 200]
