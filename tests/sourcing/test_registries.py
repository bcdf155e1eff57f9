"""Opt-out registries from files: whole, partly bad, and what they deny."""

import json
from collections.abc import Set
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearance.errors import BadInput
from clearance.identifiers import IsccCode, Sha256, WebUrl, parse_url, sha256_of
from clearance.sourcing.registries import OptOutList, OptOutRegistry, read_registry
from clearance.sourcing.statements import SILENCE, Reading, Scope
from clearance.sourcing.uses import ALL_USES, TRAINING, Use

HASH = sha256_of(b"a picture")
ISCC = IsccCode("ISCC:KACT4EBWK27737D2AYCJRAL5Z36G76RFRMO4554RU26HZ4ORJGIVHDI")
NO_HASH = Sha256("0" * 64)
NO_ISCC = IsccCode("ISCC:AAAAAAAAAA")


def csv(text: str) -> OptOutList:
    return read_registry(text.encode(), name="ours", form="csv")


def from_json(value: Any) -> OptOutList:
    return read_registry(json.dumps(value).encode(), name="ours", form="json")


def of(registry: OptOutRegistry, text: str) -> Reading:
    url = parse_url(text)
    assert isinstance(url, WebUrl)
    return registry.of_url(url)


def uses(reading: Reading) -> Set[Use]:
    assert all(each.answer == "denied" for each in reading.statements)
    return {each.use for each in reading.statements}


@pytest.mark.control("C1.5", "C4.2")
def test_an_address_a_host_and_a_picture_are_found() -> None:
    """However the address is written; host patterns as sources have them; hashes and ISCCs in any case."""
    registry = csv(
        "\ufeffurl,host,sha256,iscc,holder,note\r\n"
        "HTTPS://Example.org:443/a/../b.jpg,,,,Jane,\r\n"
        ",*.artist.example,,,,by letter\r\n"
        ",*.artist.test,,,,by letter\r\n"
        ",exact.example:8080,,,,\r\n"
        "\r\n"
        f",,{HASH.upper()},,,\r\n"
        f",,,{str(ISCC).lower().removeprefix('iscc:')},,\r\n"
    )
    assert len(registry) == 6
    found = of(registry, "https://example.org/b.jpg")
    assert uses(found) == ALL_USES
    first = found.statements[0]
    assert (first.signal, first.scope, first.where) == ("opt-out-registry", Scope.ASSET, "registry ours")
    assert (first.quote, first.evidence) == ("ours, line 2: Jane", (registry.evidence,))
    below = of(registry, "http://www.artist.example:81/x")
    assert {(each.scope, each.quote) for each in below.statements} == {
        (Scope.SITE, "ours, line 3: by letter")
    }
    assert of(registry, "https://artist.example/x") == SILENCE
    assert uses(of(registry, "http://exact.example:8080/")) == ALL_USES
    assert of(registry, "https://exact.example/") == SILENCE
    assert uses(registry.of_content(sha256=HASH, iscc=NO_ISCC)) == ALL_USES
    assert uses(registry.of_content(sha256=NO_HASH, iscc=ISCC)) == ALL_USES
    assert registry.of_content(sha256=NO_HASH, iscc=NO_ISCC) == SILENCE
    assert of(registry, "http://[::1]/") == SILENCE


@pytest.mark.control("C1.5")
def test_a_pattern_without_a_port_means_every_port() -> None:
    """Whoever opts a host out means what it serves, wherever."""
    assert uses(of(csv("host\n*"), "https://a.example:444/")) == ALL_USES
    assert uses(of(csv("host\na.example"), "https://a.example:444/")) == ALL_USES


@pytest.mark.control("C1.5")
def test_named_uses_are_denied_and_two_entries_deny_together() -> None:
    """An entry may name uses; a second for the same thing adds to the first, never takes away."""
    registry = csv(
        "url;uses\nhttps://a.example/;search\nhttps://a.example/;training, mining\nhttps://b.example/;"
    )
    assert uses(of(registry, "https://a.example/")) == {Use.SEARCH, Use.MINING, *TRAINING}
    assert uses(of(registry, "https://b.example/")) == ALL_USES
    whole = csv("url\tuses\nhttps://a.example/\tsearch\nhttps://a.example/\t\nhttps://a.example/\tmining\n")
    assert uses(of(whole, "https://a.example/")) == ALL_USES
    assert from_json([{"url": "https://a.example/", "uses": ["inference"]}]).named_uses


@pytest.mark.control("C1.5")
def test_json_lists_and_objects_are_read_alike() -> None:
    """A list of objects, lists by kind with what tells of the file, or one object."""
    lists = from_json(
        {
            "version": 1,
            "urls": ["https://a.example/x"],
            "hosts": ["b.example"],
            "hashes": [HASH],
            "isccs": [ISCC],
        }
    )
    assert uses(of(lists, "https://a.example/x")) == uses(of(lists, "https://b.example/")) == ALL_USES
    assert uses(lists.of_content(sha256=HASH, iscc=ISCC)) == ALL_USES
    objects = from_json(
        [{"url": "https://a.example/x", "holder": "Jane\n", "since": 2024}, {"host": "b.example"}]
    )
    assert of(objects, "https://a.example/x").statements[0].quote == "ours, line 1: Jane"
    assert uses(of(objects, "https://b.example/")) == ALL_USES
    assert uses(of(from_json({"host": "c.example"}), "https://c.example/")) == ALL_USES


@pytest.mark.control("C1.5")
@pytest.mark.parametrize(
    ("said", "denied"),
    [
        ({"all": False}, ALL_USES),
        ({"all": "false"}, ALL_USES),
        ({"train-ai": "false"}, TRAINING),
        ({"train-genai": False}, {Use.GENERATIVE}),
        ({"train-ai": False, "train-genai": True}, {Use.NON_GENERATIVE}),
        ({"all": False, "search": True}, ALL_USES - {Use.SEARCH}),
        ({"ai-use": False, "all": True}, {Use.INFERENCE}),
    ],
)
def test_a_tdm_ai_declaration_denies_what_it_says_is_false(said: dict[str, Any], denied: Set[Use]) -> None:
    """Texts and booleans mean the same; a use that is not named inherits from a wider one."""
    registry = from_json({"iscc": ISCC, "version": "1.0", "intent": "activate", **said})
    assert uses(registry.of_content(sha256=NO_HASH, iscc=ISCC)) == denied


@pytest.mark.control("C1.5")
@pytest.mark.parametrize(
    ("content", "form", "why"),
    [
        (b"", "csv", "line 1: columns ''"),
        (b"name\nx", "csv", "line 1: columns 'name'"),
        (b"url,shasum\n", "csv", "line 1: columns"),
        (b"url,url\n", "csv", "line 1: columns"),
        (b"url\n", "csv", "no entry in it"),
        (b"url\nnot a url\nhttps://a.example/", "csv", "1 entries cannot be read: line 2: url: scheme"),
        (b"host\nhttp://a.example", "csv", "line 2: host: host pattern"),
        (b"sha256\nabc", "csv", "'abc' is no SHA-256"),
        (b"iscc\nabc", "csv", "'abc' is no ISCC"),
        (b"url,note\n,x", "csv", "line 2: entry: none of url"),
        (b"url,note\nhttps://a.example/", "csv", "not as many cells as columns"),
        (b"url,uses\nhttps://a.example/,fun", "csv", "uses: 'fun' is none of"),
        (b'url\n"https://a.example/"x', "csv", "line 2: "),
        (b"url\nhttps://a.example/\xff", "csv", "not UTF-8"),
        (b"\xff", "json", "not UTF-8"),
        (b"{", "json", "not JSON"),
        (b"[" * 100_000, "json", "not JSON"),
        (b"1", "json", "neither a list nor an object"),
        (b"[]", "json", "no entry in it"),
        (b"{}", "json", "lists are called"),
        (b'{"urls": [], "addresses": ["x"]}', "json", "'addresses'; lists are called"),
        (b'{"urls": 1}', "json", "urls is not a list"),
        (b'{"urls": [1, ""]}', "json", "2 entries cannot be read: line 1: entry: urls: not a text"),
        (b"[1]", "json", "line 1: entry: not an object"),
        (b'[{"url": 1}]', "json", "url: not a text"),
        (b'[{"all": "false"}]', "json", "none of url"),
        (b'[{"iscc": "ISCC:KACT4EBWK27737D2", "all": "maybe"}]', "json", "are true or false"),
        (b'[{"iscc": "ISCC:KACT4EBWK27737D2", "all": true}]', "json", "no entry in it"),
        (b"url\nx", "xml", "form 'xml'; csv or json"),
    ],
)  # fmt: skip
def test_a_registry_that_cannot_be_read_whole_is_refused(content: bytes, form: str, why: str) -> None:
    """Taken for empty, or for shorter than it is, it would permit what nobody permitted."""
    with pytest.raises(BadInput) as refused:
        read_registry(content, name="ours", form=form)
    assert why in str(refused.value)
    assert str(refused.value).startswith("registry ours: ")


@pytest.mark.control("C1.5")
def test_every_bad_line_is_named_within_a_bound() -> None:
    """Twenty by their line, the others by their number."""
    with pytest.raises(BadInput) as refused:
        csv("url\n" + "bad\n" * 50)
    assert "50 entries cannot be read: line 2: " in str(refused.value)
    assert "line 21: " in str(refused.value)
    assert str(refused.value).endswith("; and 30 more")


@pytest.mark.control("C5.2")
def test_more_entries_than_fit_are_refused() -> None:
    """A list that would fill the memory is refused whole."""
    content = b"host\na.example\nb.example\nc.example\n"
    assert len(read_registry(content, name="ours", form="csv", max_entries=3)) == 3
    with pytest.raises(BadInput, match="more than 2 entries"):
        read_registry(content, name="ours", form="csv", max_entries=2)


@pytest.mark.control("C5.2")
@given(st.binary(max_size=120), st.sampled_from(["csv", "json"]))
def test_any_file_is_a_registry_or_refused(content: bytes, form: str) -> None:
    """No bytes raise anything else, and none are taken for a registry that denies nothing."""
    for tried in (content, b"url,host\n" + content, b'{"urls": ["' + content + b'"]}'):
        try:
            registry = read_registry(tried, name="any", form=form)
        except BadInput:
            continue
        assert len(registry) > 0


@pytest.mark.control("C1.5")
@given(st.lists(st.sampled_from(["a.example", "*.a.example", "b.example", "*"]), min_size=1, max_size=4))
def test_an_entry_more_never_permits_more(hosts: list[str]) -> None:
    """What a shorter list denies, a longer one denies too."""
    for url in ("https://a.example/x", "https://w.a.example/x", "https://c.example/"):
        assert uses(of(csv("host\n" + "\n".join(hosts)), url)) <= uses(
            of(csv("host\n" + "\n".join([*hosts, "c.example"])), url)
        )
