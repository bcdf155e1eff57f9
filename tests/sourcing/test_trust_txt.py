"""trust.txt in its deny, allow, absent and malformed forms."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearance.identifiers import sha256_of
from clearance.sourcing.observed import HostFile, HostFiles
from clearance.sourcing.signals.trust_txt import PLACES, SIGNAL, parse
from clearance.sourcing.statements import SILENCE, Reading
from clearance.sourcing.uses import TRAINING, Use

ORIGIN = "https://example.org"


def file(content: bytes, *, path: str = "/trust.txt", status: int = 200) -> HostFile:
    return HostFile(
        origin=ORIGIN,
        path=path,
        status=status,
        headers=(),
        content=content,
        fetched_at=datetime(2026, 11, 23, tzinfo=UTC),
        failure="",
        sha256=sha256_of(content),
    )


def read(*files: HostFile) -> Reading:
    return parse(HostFiles.of(ORIGIN, files), "ClearanceBot").read("/a.jpg")


def answers(reading: Reading) -> set[tuple[Use, str, bool]]:
    return {(each.use, each.answer.value, each.is_specified) for each in reading.statements}


def training(answer: str, *, is_specified: bool = True) -> set[tuple[Use, str, bool]]:
    return {(use, answer, is_specified) for use in TRAINING}


@pytest.mark.control("C1.5")
@pytest.mark.parametrize(
    ("content", "expected", "unreadable"),
    [
        (b"datatrainingallowed=no", training("denied"), 0),
        (b"datatrainingallowed=yes", training("not-reserved"), 0),
        (b"\xef\xbb\xbf# ours\r\nDataTrainingAllowed = no # please\r\n", training("denied"), 0),
        (b"belongto=https://a.example\rdatatrainingallowed=no\r", training("denied"), 0),
        ("datatrainingallowed=no".encode("utf-16"), training("denied"), 0),
        (b"datatrainingallowed=NO", training("denied", is_specified=False), 0),
        (b"datatrainingallowed=false", training("denied", is_specified=False), 0),
        (b"datatrainingallowed: no", training("denied", is_specified=False), 0),
        (b"datatrainingallowed=yes\ndatatrainingallowed=no", training("denied"), 0),
        (b"datatrainingallowed=yes\ndatatrainingallowed=maybe", training("not-reserved"), 1),
        (b"datatrainingallowed=Yes", set(), 1),
        (b"datatrainingallowed: yes", set(), 1),
        (b"datatrainingallowed=", set(), 1),
        (b"datatrainingallowed no", set(), 1),
        (b"# datatrainingallowed=no", set(), 0),
        (b"member=https://a.example", set(), 0),
        (b"\xff\x00 not text", set(), 0),
        (b"", set(), 0),
        (b"<!doctype html>datatrainingallowed=no", set(), 0),
        (b"datatrainingallowed=perhaps\n" * 50, set(), 1),
        (b"datatrainingallowed=no\n" + b"#" * (1 << 20), training("denied"), 1),
        (b"datatrainingallowed=yes\n" + b"\n" * 20_000, training("not-reserved"), 1),
    ],
)
def test_no_denies_training_and_only_a_plain_yes_allows_it(
    content: bytes, expected: set[tuple[Use, str, bool]], unreadable: int
) -> None:
    """A denial is understood however it is written; a value that is neither is not silence."""
    reading = read(file(content))
    assert (answers(reading), len(reading.unreadable)) == (expected, unreadable)


@pytest.mark.control("C1.5")
def test_the_second_place_is_read_where_the_first_has_none() -> None:
    """Both are asked for as places of one file; an outage of the first denies for now."""
    assert SIGNAL.host_files == (("/trust.txt", "/.well-known/trust.txt"),)
    second = file(b"datatrainingallowed=no", path=PLACES[1])
    assert answers(read(file(b"", status=404), second)) == training("denied")
    assert answers(read(second)) == training("denied")
    assert read(file(b"contact=x"), second).statements == ()
    waiting = read(file(b"", status=503), second).statements
    assert [(each.use, each.is_temporary) for each in waiting] == [(Use.FETCH, True)]
    assert read() == SILENCE
    assert parse(HostFiles.of(ORIGIN, []), "x").crawl_delay_s is None


@pytest.mark.control("C1.4")
def test_whom_to_ask_is_noted_within_a_bound() -> None:
    """Contacts and associations, each once, none empty, twenty at most."""
    reading = read(
        file(
            b"contact=https://a.example/ask\nbelongto=https://b.example\nbelongto=\ncontact=https://a.example/ask"
        )
    )
    assert reading.notes == (("contact", "https://a.example/ask"), ("belongto", "https://b.example"))
    many = b"\n".join(b"belongto=https://%d.example/%s" % (n, b"x" * 1000) for n in range(100))
    notes = read(file(many)).notes
    assert (len(notes), max(len(value) for _, value in notes)) == (20, 300)


@pytest.mark.control("C1.5", "C5.2")
@given(st.binary(max_size=300), st.binary(max_size=60))
def test_nothing_around_it_weakens_a_denial(before: bytes, after: bytes) -> None:
    """Any bytes are read without an error, and a denial on a line of its own stays one."""
    read(file(before))
    if b"<" not in before and not before.startswith((b"\xff\xfe", b"\xfe\xff")):
        reading = read(file(before + b"\ndatatrainingallowed=no\n" + after))
        assert {each.use for each in reading.statements if each.answer == "denied"} == TRAINING
