import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearance.identifiers import Malformed, WebUrl, parse_url


@pytest.mark.parametrize(
    ("text", "normalised"),
    [
        ("http://Example.ORG", "http://example.org/"),
        ("http://example.org:80/a", "http://example.org/a"),
        ("https://example.org:443/a?b=c#d", "https://example.org/a?b=c"),
        ("https://example.org:8443/a", "https://example.org:8443/a"),
        ("http://example.org/a/./b/../c.jpg", "http://example.org/a/c.jpg"),
        ("http://example.org/a/..", "http://example.org/"),
        ("http://example.org/../../x", "http://example.org/x"),
        ("http://example.org/ü x.jpg?q=ä b", "http://example.org/%C3%BC%20x.jpg?q=%C3%A4%20b"),
        ("http://example.org/%7Ea%2fb", "http://example.org/~a%2Fb"),
        ("http://example.org/./a", "http://example.org/a"),
        ("http://example.org/%2e%2e/%70rivate/a", "http://example.org/private/a"),
        ("http://example.org/a%zz%", "http://example.org/a%zz%"),
        ("http://example.org/.hidden?q=%41%20", "http://example.org/.hidden?q=A%20"),
        ("http://bücher.example/a", "http://xn--bcher-kva.example/a"),
        ("  http://example.org/a  ", "http://example.org/a"),
        ("http://127.0.0.1:8080/a.jpg", "http://127.0.0.1:8080/a.jpg"),
        ("http://[2001:DB8::1]:81/a", "http://[2001:db8::1]:81/a"),
        ("http://example.org./a", "http://example.org/a"),
        ("http://my_host.example.org/a", "http://my_host.example.org/a"),
    ],
)
def test_urls_that_mean_the_same_read_the_same(text: str, normalised: str) -> None:
    """Host in lower case, no default port, no fragment, no dot segments, escapes kept."""
    read = parse_url(text)
    assert isinstance(read, WebUrl)
    assert read.text == normalised


@pytest.mark.control("C5.2")
@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "empty"),
        ("file:///etc/passwd", "scheme"),
        ("ftp://example.org/a", "scheme"),
        ("data:image/png;base64,AAAA", "scheme"),
        ("//example.org/a", "scheme"),
        ("example.org/a", "scheme"),
        ("http://", "missing"),
        ("http:///a", "missing"),
        ("http://user:secret@example.org/", "user information"),
        ("http://example.org@127.0.0.1/", "user information"),
        ("http://2130706433/", "not dotted decimal"),
        ("http://0x7f000001/", "not dotted decimal"),
        ("http://127.1/", "not dotted decimal"),
        ("http://0177.0.0.1/", "not dotted decimal"),
        ("http://example.org:0/", "port 0"),
        ("http://example.org:99999/", "Port"),
        ("http://exa mple.org/", "host name"),
        ("http://example.org\r\nX-Evil: 1/", "control"),
        ("http://example..org/", "host name"),
        ("http://[::1/", "Invalid IPv6"),
        ("http://" + "a" * 300 + ".org/", "host name"),
        ("http://" + ".".join(["a" * 60] * 5) + "/", "host name"),
        ("http://xn--\ud800.org/", "IDNA"),
        ("http://example.org/" + "a" * 9000, "longer"),
    ],
)
def test_what_is_no_plain_web_address_is_refused_with_the_reason(text: str, why: str) -> None:
    """Other schemes, disguised addresses, credentials and control characters never become a request."""
    read = parse_url(text)
    assert isinstance(read, Malformed)
    assert why in read.why


@given(
    st.text(max_size=60) | st.from_regex(r"https?://[a-z0-9.\[\]:@%-]{0,20}(/[!-~]{0,20})?", fullmatch=True)
)
def test_reading_a_url_never_raises_and_is_stable(text: str) -> None:
    """Any text has an answer, and what was normalised once stays as it is."""
    read = parse_url(text)
    if isinstance(read, WebUrl):
        assert parse_url(read.text) == read
        assert not {".", ".."} & set(read.target.partition("?")[0].split("/"))


def test_host_and_origin_name_the_port_where_it_is_not_the_default() -> None:
    """One robots.txt speaks for scheme, host and port."""
    read = parse_url("https://example.org:8443/a")
    assert isinstance(read, WebUrl)
    assert (read.host, read.origin) == ("example.org:8443", "https://example.org:8443")
