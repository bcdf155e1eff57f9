"""Agencies' marks and credit lines in what was read out of a picture."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearance.curating.marks import Mark, MarkKind, find_marks, stands_in
from clearance.pictures import TextLine
from clearance.policy import TextMarks, default_policy_bytes, read_policy

KNOWN = read_policy(default_policy_bytes()).parameters(TextMarks)
CREDIT = ("credit", "credit line")


def line(text: str, *, x: int = 10, y: int = 20) -> TextLine:
    return TextLine(text=text, x=x, y=y, width=100, height=30, score_permille=900)


def found(*texts: str) -> list[tuple[str, str]]:
    marks = find_marks([line(text, y=50 * n) for n, text in enumerate(texts)], KNOWN)
    return [(mark.kind.value, mark.name) for mark in marks]


@pytest.mark.control("C1.1")
@pytest.mark.parametrize(
    ("text", "marks"),
    [
        ("gettyimages", [("agency", "gettyimages")]),
        ("Getty Images®", [("agency", "gettyimages")]),
        ("g e t t y i m a g e s", [("agency", "gettyimages")]),
        ("ettyimages", [("agency", "gettyimages")]),
        ("shuttersteck", [("agency", "shutterstock")]),
        ("adobe stock", [("agency", "adobestock")]),
        ("dreamstime.com", [("agency", "dreamstime")]),
        ("ROGER-VIOLLET", [("agency", "roger-viollet")]),
        ("1stock", [("agency", "istock")]),
        ("iStockphoto", [("agency", "istock")]),
        ("istockistock", [("agency", "istock")]),
        ("alamy stock photo", [("agency", "alamy")]),
        ("l23RF", [("agency", "123rf")]),
        ("imago images", [("agency", "imago")]),
        ("ａｌａｍｙ", [("agency", "alamy")]),
        ("AP Photo/Jane Doe", [("agency", "ap")]),
        ("(AFP via", [("agency", "afp")]),
        ("Jane Doe / dpa", [("agency", "dpa")]),
        ("© 2024 Jane Doe", [CREDIT]),
        ("(c) Jane Doe", [CREDIT]),
        ("@2024 Jane Doe", [CREDIT]),
        ("Photo by Jane", [CREDIT]),
        ("Foto: Jörg Müller", [CREDIT]),
        ("Courtesy of Jane Doe", [CREDIT]),
        ("© REUTERS 2024", [("agency", "reuters"), CREDIT]),
    ],
)
def test_marks_are_found_as_readers_read_them(text: str, marks: list[tuple[str, str]]) -> None:
    """Whatever case, width, spacing and misread letter, at most one in six."""
    assert found(text) == marks


@pytest.mark.control("C1.1")
@pytest.mark.parametrize(
    "text",
    [
        *(
            "stock exchange",
            "calamity",
            "imagoes",
            "Belgard",
            "shutter",
            "a map of pa",
            "ap",
            "dpa",
        ),
        *(
            "Olympic Games 2024",
            "photo",
            "photos and more",
            "magnificent",
            "EPA",
            "reuse",
            "",
            " ",
            "©",
            "20,24 €",
        ),
    ],
)
def test_ordinary_words_are_no_marks(text: str) -> None:
    """Short marks stand in other words by chance: they count alone, and the shortest only beside a credit."""
    assert found(text) == []


@pytest.mark.control("C1.1")
def test_a_mark_that_was_read_as_two_lines_is_found_with_a_box_around_both() -> None:
    """Words side by side, or one below the other, are lines of their own to a reader."""
    lines = [line("getty", x=10, y=20), line("images", x=120, y=24)]
    assert find_marks(lines, KNOWN) == (
        Mark(kind=MarkKind.AGENCY, name="gettyimages", text="getty images", x=10, y=20, width=210, height=34),
    )


@pytest.mark.control("C1.1")
def test_the_list_of_marks_is_the_policys() -> None:
    """An organisation adds the agencies that it knows, and empty names find nothing."""
    own = TextMarks(marks=("Müller Bilder", "----"), short_marks=("MB", "--"), is_reader_required=False)
    lines = [line("MULLER-BILDER"), line("gettyimages", y=90), line("foto mb", y=200)]
    assert [(mark.kind, mark.name) for mark in find_marks(lines, own)] == [
        (MarkKind.AGENCY, "Müller Bilder"),
        (MarkKind.AGENCY, "MB"),
    ]


@pytest.mark.control("C1.1", "C5.2")
def test_marks_of_one_picture_are_bounded() -> None:
    """A picture tiled with a mark is held by twenty of them as well as by a thousand."""
    lines = [line("gettyimages" * 20, y=n) for n in range(40)]
    assert len(find_marks(lines, KNOWN)) == 20


@pytest.mark.control("C1.1", "C5.2")
@given(st.lists(st.text(max_size=250), max_size=8))
def test_reading_any_lines_never_raises(texts: list[str]) -> None:
    """What stands in a picture is hostile text."""
    assert all(len(mark.text) <= 80 for mark in find_marks([line(text) for text in texts], KNOWN))


def distance_within(sought: str, text: str) -> int:
    """The fewest letters to change, leave out or add, so that some part of a text is the word."""
    above = list(range(len(sought) + 1))
    best = above[-1]
    for letter in text:
        row = [0]
        for number, wanted in enumerate(sought, start=1):
            row.append(min(above[number - 1] + (letter != wanted), above[number] + 1, row[number - 1] + 1))
        above = row
        best = min(best, row[-1])
    return best


@pytest.mark.control("C1.1")
@given(st.text("abc", min_size=1, max_size=9), st.text("abcd", max_size=24), st.integers(0, 3))
def test_the_quick_search_agrees_with_the_plain_one(sought: str, text: str, misread: int) -> None:
    """Rows of bits say what a table of distances says."""
    assert stands_in(sought, text, misread=misread) == (distance_within(sought, text) <= misread)
