"""YAML without what hides from its reader what a machine makes of it."""

import contextlib
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearance.errors import BadInput
from clearance.policy import read_strict_yaml


def test_plain_values_are_read() -> None:
    """Text, numbers, dates, lists and mappings; an anchor that nothing refers to does no harm."""
    content = b"a: &x text\nb: [1, 2.5, yes, null, 2028-02-29]\n? c\n: {d: e}\n"
    assert read_strict_yaml(content, where="f", max_bytes=1000) == {
        "a": "text",
        "b": [1, 2.5, True, None, date(2028, 2, 29)],
        "c": {"d": "e"},
    }
    assert read_strict_yaml(b"", where="f", max_bytes=0) is None


@pytest.mark.control("C5.2")
@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"x" * 1001, "f: larger than 1000 bytes"),
        (b"\xff", "f: not readable as YAML: 'utf-8'"),
        (b"a: \x00", "f: not readable as YAML: unacceptable character"),
        (b"a: &x 1\nb: *x", "line 2, column 4: an alias is not allowed"),
        (b"a: 1\nb:\n  c: 1\n  c: 2", "line 4, column 3: key 'c' twice"),
        (b"1: a\n1.0: b", "line 2, column 1: key 1.0 twice"),
        (b"? [a]\n: 1", "line 1, column 3: a key is one value"),
        (b"{<<: {a: 1}, a: 2}", "line 1, column 2: could not determine a constructor"),
        (b"a: !!python/object:os.system x", "line 1, column 4: a tag is not allowed"),
        (b"!!set {a, b}", "line 1, column 1: a tag is not allowed"),
        (b"!!bool maybe: 1", "line 1, column 1: a tag is not allowed"),
        (b"a: 2026-02-30", "day is out of range"),
        (b"a: 0b_", "invalid literal"),
        (b"[" * 1000, "f: not readable as YAML"),
        (b"a: ?", "line 1, column 4: mapping keys are not allowed here"),
        (b"--- 1\n--- 2", "line 2, column 1"),
    ],
)
def test_what_a_reader_could_misread_is_refused_with_its_place(content: bytes, says: str) -> None:
    """One line, with file, line and column where YAML knows them."""
    with pytest.raises(BadInput) as refused:
        read_strict_yaml(content, where="f", max_bytes=1000)
    assert says in str(refused.value)
    assert str(refused.value).isprintable()


@given(st.binary(max_size=60) | st.text("a1:?-[]{}&*!<>|#'\" \n", max_size=40).map(str.encode))
def test_reading_never_fails_otherwise(content: bytes) -> None:
    """Any bytes are values, or refused."""
    with contextlib.suppress(BadInput):
        read_strict_yaml(content, where="f", max_bytes=1000)
