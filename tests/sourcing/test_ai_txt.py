"""ai.txt of all three kinds, and of none."""

from collections.abc import Set
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearance.identifiers import sha256_of
from clearance.sourcing.observed import HostFile, HostFiles
from clearance.sourcing.signals.ai_txt.reading import PLACES, SIGNAL, parse
from clearance.sourcing.statements import SILENCE, Answer, Reading
from clearance.sourcing.uses import DATA_USES, TRAINING, Use

ORIGIN = "https://example.org"
GENERATED = b"""# Spawning AI
# Prevent datasets from using the following file types

User-Agent: *
Disallow: *.jpg
Disallow: .png
Disallow: tiff
Allow: *.webp
/
Disallow: images/
"""
DRAFT = b"""# ai.txt
Spec-Version: 1.0
Site-Name: Example
Contact: ai@example.org
%s
"""


def file(content: bytes, *, path: str = "/ai.txt", status: int = 200) -> HostFile:
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


def read(*files: HostFile | bytes, target: str = "/x/a.jpg") -> Reading:
    found = [each if isinstance(each, HostFile) else file(each) for each in files]
    return parse(HostFiles.of(ORIGIN, found), "ClearanceBot").read(target)


def denied(reading: Reading, *, by_letter: bool = False) -> Set[Use]:
    return {
        each.use
        for each in reading.statements
        if each.answer is Answer.DENIED and (each.is_specified or not by_letter)
    }


def allowed(reading: Reading) -> Set[Use]:
    return {each.use for each in reading.statements if each.answer is Answer.NOT_RESERVED}


@pytest.mark.control("C1.5")
@pytest.mark.parametrize(
    ("target", "is_denied", "by_letter"),
    [
        ("/x/a.jpg", True, True),
        ("/x/A.JPG", True, True),
        ("/x/a.jpg?size=2", True, True),
        ("/x/a.png", True, False),
        ("/x/a.tiff", True, False),
        ("/images/a.gif", True, False),
        ("/x/a.webp", True, False),
        ("/x/a.gif", True, False),
    ],
)
def test_a_generated_file_is_read_with_its_stray_lines(target: str, is_denied: bool, by_letter: bool) -> None:
    """Patterns without a slash and a lone `/` are what its writer meant; the letter is kept apart."""
    content = GENERATED.replace(b"Allow: *.webp\n/\n", b"/\nAllow: *.webp\n")
    reading = read(content, target=target)
    assert bool(denied(reading)) is is_denied
    assert denied(reading, by_letter=True) == (DATA_USES if by_letter else set())


@pytest.mark.control("C1.5")
@pytest.mark.parametrize(
    ("rules", "no", "by_letter", "yes"),
    [
        (b"User-Agent: *\nDisallow: /", DATA_USES, True, False),
        (b"User-Agent: *\nDisallow: *", DATA_USES, True, False),
        (b"User-Agent: *\nAllow: /", set(), False, True),
        (b"User-Agent: *\nAllow: *.jpg", set(), False, True),
        (b"User-Agent: *\nAllow: *.jpg\nDisallow: /", DATA_USES, False, True),
        (b"User-Agent: *\nAllow: /\nDisallow: *.jpg", DATA_USES, True, False),
        (b"User-Agent: *\nAllow: /x\nDisallow: /x", DATA_USES, False, True),
        (b"User-Agent: *\nAllow: jpg", set(), False, False),
        (b"User-Agent: *\nAllow = /", set(), False, False),
        (b"User-Agent: *\nAllow: /" + b"*a" * 60, set(), False, False),
        (b"User-Agent: *\nAllow: /\n/", set(), False, True),
        (b"User-Agent: *\nDisallow:\n/", DATA_USES, False, False),
        (b"User-Agent: *\nDisallow:", set(), False, False),
        (b"User-Agent: *\nDisalow: /", DATA_USES, False, False),
        (b"User-Agent: *\nDisallow /", DATA_USES, False, False),
        (b"User-Agent: GPTBot\nDisallow: /", DATA_USES, False, False),
        (b"User-Agent: GPTBot\nAllow: /", set(), False, False),
        (b"User-Agent: GPTBot\nUser-Agent: *\nDisallow: /", DATA_USES, True, False),
        (b"User-Agent: clearancebot\nAllow: /\nUser-Agent: *\nDisallow: /", DATA_USES, False, True),
        (b"User-Agent: ClearanceBot\nDisallow: /\nUser-Agent: *\nAllow: /", DATA_USES, True, False),
        (b"Disallow: /", DATA_USES, False, False),
        (b"Allow: /", set(), False, False),
        (b"User-Agent: *", set(), False, False),
    ],
)
def test_the_longest_pattern_decides_by_the_letter_and_every_denial_is_obeyed(
    rules: bytes, no: Set[Use], by_letter: bool, yes: bool
) -> None:
    """An allowance counts for everyone or us, in the standard's form; a denial however it is put."""
    reading = read(rules)
    assert (denied(reading), bool(denied(reading, by_letter=True))) == (no, by_letter)
    assert allowed(reading) == (DATA_USES if yes else set())
    assert reading.unreadable == ()


@pytest.mark.control("C1.5")
@pytest.mark.parametrize(
    ("fields", "no", "by_letter", "yes", "unreadable"),
    [
        (b"Training: deny", DATA_USES, DATA_USES, set(), 0),
        (b"Training: allow", set(), set(), TRAINING, 0),
        (b"- Training: deny", DATA_USES, set(), set(), 0),
        (b"Training: Denied", DATA_USES, set(), set(), 0),
        (b"Training: Allow", set(), set(), set(), 0),
        (b"Training: allow\nTraining: deny", DATA_USES, DATA_USES, TRAINING, 0),
        (b"Training: allow\nTraining-Fee: https://example.org/fee", set(), set(), set(), 0),
        (b"Training: allow\nAttribution: required", set(), set(), set(), 0),
        (b"Training: allow\nAttribution: none", set(), set(), TRAINING, 0),
        (b"Training: perhaps", set(), set(), set(), 1),
        (b"", DATA_USES, DATA_USES, set(), 0),
        (
            b"Training: allow\nScraping: deny",
            DATA_USES | {Use.INFERENCE},
            DATA_USES | {Use.INFERENCE},
            TRAINING,
            0,
        ),
        (b"Training: allow\nIndexing: deny", {Use.SEARCH}, {Use.SEARCH}, TRAINING, 0),
        (b"Training: allow\nCaching: deny", DATA_USES, set(), TRAINING, 0),
        (b"Training: conditional", DATA_USES, DATA_USES, set(), 0),
        (b"Training: conditional\nTraining-Allow: /x/*", DATA_USES, set(), set(), 0),
        (b"Training: conditional\nTraining-Allow: /y/*", DATA_USES, DATA_USES, set(), 0),
        (
            b"Training: conditional\nTraining-Allow: /x/*\nTraining-Deny: /x/a*",
            DATA_USES,
            DATA_USES,
            set(),
            0,
        ),
        (b"Training: allow\nTraining-Deny: /x/*", DATA_USES, set(), TRAINING, 0),
        (b"Training: allow\nTraining-Deny: /y/*\nTraining-Deny:", set(), set(), TRAINING, 0),
        (b"Training: allow\n\nAgent: GPTBot\n  Training: deny", DATA_USES, set(), TRAINING, 0),
        (b"Training: deny\nAgent: ClaudeBot\nTraining: allow", DATA_USES, DATA_USES, set(), 0),
        (b"Training: deny\nAgent: ClearanceBot\n  Training: allow", DATA_USES, set(), TRAINING, 0),
        (b"Agent: *\n  Rate-Limit: 1/day\n\n  Training: deny", DATA_USES, DATA_USES, set(), 0),
        (b"Agent: GPTBot\n  Scraping: allow\n\nTraining: deny", DATA_USES, DATA_USES, set(), 0),
        (b"Agent: GPTBot\n  Training: allow", DATA_USES, DATA_USES, set(), 0),
        (b"Training: allow\n" * 101, set(), set(), TRAINING, 1),
        (b"Training: allow\n" + b"Training-Deny: /y\n" * 1001, set(), set(), TRAINING, 1),
    ],
)
def test_fields_of_the_draft_are_read_with_their_conditions(
    fields: bytes, no: Set[Use], by_letter: Set[Use], yes: Set[Use], unreadable: int
) -> None:
    """Deny is the draft's default; what is permitted on conditions is denied until somebody has met them."""
    reading = read(DRAFT % fields)
    assert (denied(reading), denied(reading, by_letter=True)) == (no, by_letter)
    assert (allowed(reading), len(reading.unreadable)) == (yes, unreadable)
    assert ("contact", "ai@example.org") in reading.notes


@pytest.mark.control("C1.5")
@pytest.mark.parametrize(
    ("content", "note"),
    [
        (b"# Example shop\n\n> We sell tea.\n", "/ai.txt: Markdown, which states no rights"),
        (b"---\nname: Example\n---\n", "/ai.txt: Markdown, which states no rights"),
        (b"Hello machines.", "/ai.txt: of an unknown kind"),
        (b'{"name": "Example"}', "/ai.txt: of an unknown kind"),
    ],
)
def test_a_file_of_another_kind_is_silent_and_noted(content: bytes, note: str) -> None:
    """The name is overloaded: Markdown for assistants says nothing of rights."""
    assert read(content) == Reading(notes=(("ai.txt", note),))


@pytest.mark.control("C1.5")
@pytest.mark.parametrize(
    "content",
    [
        b"Please do not train models on our pictures.",
        b"# Policy\n\nText and data mining is prohibited.",
        b"\nAll TDM rights are reserved.",
        b'{"training": "deny"}',
        b"No scraping without our consent",
    ],
)
def test_prose_that_seems_to_refuse_is_for_a_person_to_read(content: bytes) -> None:
    """It was put there to say something, in a form that no machine was told of."""
    assert len(read(content).unreadable) == 1


@pytest.mark.control("C1.5")
def test_both_places_are_read_and_an_absent_file_is_silent() -> None:
    """404 and a page in its place are silence, an outage denies for now, and either place may deny."""
    assert SIGNAL.host_files == (("/ai.txt",), ("/.well-known/ai.txt",))
    assert read() == SILENCE
    assert read(file(b"", status=404)) == SILENCE
    assert read(b"<html>Training: deny</html>") == SILENCE
    assert read(b" \n\n") == SILENCE
    waiting = read(file(b"", status=500)).statements
    assert [(each.use, each.is_temporary) for each in waiting] == [(Use.FETCH, True)]
    both = read(b"User-Agent: *\nAllow: /", file(DRAFT % b"Training: deny", path=PLACES[1]))
    assert denied(both, by_letter=True) == DATA_USES
    mixed = read(b"User-Agent: *\nAllow: /\n\nTraining: deny")
    assert denied(mixed, by_letter=True) == DATA_USES
    rules = parse(HostFiles.of(ORIGIN, [file(b"Disallow: /\nTraining: deny")]), "x")
    assert rules.crawl_delay_s is None


@pytest.mark.control("C5.2")
def test_a_file_made_to_be_long_is_read_up_to_its_bounds_and_told_of() -> None:
    """More rules, lines or bytes than an honest file has: what was read counts, and a person looks."""
    many = read(b"User-Agent: *\n" + b"Disallow: *.jpg\n" * 5000)
    assert (denied(many), len(many.unreadable)) == (DATA_USES, 1)
    long = read(b"Training: deny\n" + b"x" * (1 << 20))
    assert (denied(long), len(long.unreadable)) == (DATA_USES, 1)
    assert len(read(b"\n" * 30_000 + b"x").unreadable) == 1


LINES = st.sampled_from(
    [
        b"User-Agent: *", b"User-Agent: ClearanceBot", b"User-Agent: GPTBot", b"Allow: /", b"Allow: *.jpg",
        b"Disallow:", b"/", b"", b"Training: allow", b"Agent: *", b"  Training: allow", b"Agent: ClearanceBot",
        b"Spec-Version: 1.0", b"# note", b"Scraping: allow", b"Training-Allow: /",
    ]
) | st.binary(max_size=20).map(lambda raw: raw.replace(b"<", b""))  # fmt: skip
DENIALS = st.sampled_from([b"Disallow: /", b"Disallow: *.jpg", b"Training: deny", b"Scraping: deny"])


@pytest.mark.control("C1.5", "C5.2")
@given(st.lists(LINES, max_size=8), DENIALS, st.integers(0, 8))
def test_no_line_around_it_weakens_a_denial(lines: list[bytes], denial: bytes, place: int) -> None:
    """Any lines are read without an error; one that denies is obeyed wherever it stands."""
    read(b"\n".join(lines))
    content = b"#\n" + b"\n".join([*lines[:place], denial, *lines[place:]])
    assert denied(read(content)) >= DATA_USES


@pytest.mark.control("C5.2")
@given(st.binary(max_size=300), st.text(max_size=30))
def test_reading_any_ai_txt_never_raises(content: bytes, target: str) -> None:
    """Bytes from outside are a statement, silence, a note or unreadable."""
    read(content, target=f"/{target}")
