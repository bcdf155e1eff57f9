"""Whoever is to be named is named as the licence asks, and nobody is made up."""

import csv
import io
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearance.curating import CreditState, attribute, creators_of, credit_of
from clearance.curating.handing_on.attribution import COLUMNS, csv_header, csv_line, text_line
from clearance.sourcing import Grant, Licence

CONTRACT = Licence(
    id="licence-0001",
    licensor="Agency Ltd",
    sources=("agency",),
    paths=(),
    grants=frozenset({Grant.TRAIN}),
    valid_from=date(2026, 1, 1),
    valid_until=None,
    conditions="credit: photographer / Agency",
    reference="C-1",
)


def record(**changes: Any) -> dict[str, Any]:
    """A kept picture's record, as far as whom to name depends on it."""
    return {
        "item_id": "00ff",
        "url": "https://a.example/1.jpg",
        "basis": "open-licence",
        "licence": "CC-BY-4.0",
        "row": {"caption": "An owl"},
        "rights": [["creator", "Ada"], ["creator", "Ben"], ["credit", "Ada/Archive"]],
        "described": {"headline": "Night hunter"},
        "picture": {"width": 4000, "height": 3000, "kept": {"width": 1024, "height": 768}},
        **changes,
    }


def line(**changes: Any) -> str:
    contract = CONTRACT if changes.get("basis") == "licence" else None
    return attribute(record(**changes), contract, organisation="Test & Söhne").line


@pytest.mark.control("C1.3")
def test_each_basis_has_its_credit_line() -> None:
    """Title, creator, source, licence and changes stand in it, as far as they are known."""
    start = "“Night hunter” by Ada/Archive, https://a.example/1.jpg. "
    end = " Changes: resized and re-encoded as JPEG."
    assert line() == f"{start}CC-BY-4.0, https://creativecommons.org/licenses/by/4.0/.{end}"
    assert line(basis="licence", licence="licence-0001") == (
        f"{start}Licensed by Agency Ltd (licence-0001).{end}"
    )
    assert line(basis="public-domain", licence="") == f"{start}Public domain.{end}"
    assert line(basis="public-domain", licence="PDM-1.0") == f"{start}Public domain (PDM-1.0).{end}"
    assert line(basis="own-work", licence="") == f"{start}Own work of Test & Söhne.{end}"
    assert line(basis="tdm-exception", licence="") == (
        f"{start}No licence: taken for text and data mining, all rights stay with their holders.{end}"
    )
    assert line(licence="a licence of our own") == f"{start}Licence a licence of our own.{end}"
    lost = attribute(record(basis="licence", licence="licence-9"), None, organisation="T")
    assert lost.line == f"{start}Licensed by contract licence-9.{end}"


@pytest.mark.control("C1.3")
def test_a_credit_that_is_due_and_not_recorded_is_missing() -> None:
    """It is counted as missing where the licence asks for one, and is never made up."""
    unnamed = attribute(record(rights=[]), None, organisation="T")
    assert (unnamed.state, unnamed.is_missing, unnamed.creator) == (CreditState.MISSING, True, "")
    assert "creator not recorded" in unnamed.line
    assert attribute(record(), None, organisation="T").state is CreditState.GIVEN
    contract = attribute(
        record(rights=[], basis="licence", licence="licence-0001"), CONTRACT, organisation="T"
    )
    assert (contract.state, contract.licensor) == (CreditState.MISSING, "Agency Ltd")
    for basis in ("public-domain", "own-work", "tdm-exception"):
        for rights in ([], [["creator", "Ada"]]):
            courtesy = attribute(record(basis=basis, licence="", rights=rights), None, organisation="T")
            assert courtesy.state is CreditState.NOT_ASKED
    assert attribute(record(licence="CC0-1.0", rights=[]), None, organisation="T").state is (
        CreditState.NOT_ASKED
    )


def test_who_is_named_comes_from_the_picture() -> None:
    """A credit line stands alone; creators are named where there is none, the notice where there is neither."""
    assert credit_of(record()) == "Ada/Archive"
    assert creators_of(record()) == "Ada, Ben"
    assert credit_of(record(rights=[["creator", "Ada"], ["creator", "Ben"]])) == "Ada, Ben"
    assert credit_of(record(rights=[["copyright-notice", "(c) Ada"], ["credit", " "]])) == "(c) Ada"
    # IIM cuts a credit at 32 bytes: what the picture's XMP says is the whole of it, and stands once.
    stated = {"credit_line": "Ada Example / The Old Archive of Owls", "creators": ["Ada Example"]}
    cut = record(described=stated, rights=[["credit", "Ada Example / The Old Archive of"]])
    assert (credit_of(cut), creators_of(cut)) == (stated["credit_line"], "Ada Example")
    assert credit_of({}) == creators_of({}) == ""


@pytest.mark.control("C1.3")
def test_the_copyright_notice_stands_where_it_is_stated() -> None:
    """It follows the address, once, and is a column of its own."""
    rights = [["creator", "Ada"], ["copyright-notice", "© 2019 Ada"]]
    said = attribute(record(rights=rights), None, organisation="T")
    assert said.line.startswith(
        "“Night hunter” by Ada, https://a.example/1.jpg. © 2019 Ada. CC-BY-4.0, https://"
    )
    assert said.copyright_notice == "© 2019 Ada"
    described = {"copyright_notice": "© Ada. All rights reserved."}
    both = attribute(record(described=described, rights=rights), None, organisation="T")
    assert ". © Ada. All rights reserved. CC-BY-4.0" in both.line
    alone = attribute(record(rights=rights[1:]), None, organisation="T")
    assert alone.line.count("© 2019 Ada") == 1
    assert "©" not in line()


@pytest.mark.control("C1.3")
def test_a_caption_is_no_title() -> None:
    """The words of the table stand in a column of their own, and nobody's picture is called by them."""
    said = attribute(record(described={}), None, organisation="T")
    assert (said.title, said.caption) == ("", "An owl")
    assert said.line.startswith("Picture by Ada/Archive, ")
    row = dict(zip(COLUMNS, next(csv.reader(io.StringIO(csv_line(said)))), strict=True))
    assert (row["title"], row["caption"], row["creator"], row["credit"]) == (
        *("", "An owl"),
        *("Ada, Ben", "Ada/Archive"),
    )


def test_changes_are_those_that_were_made() -> None:
    """A picture that was small enough was encoded anew, and not resized."""
    same = {"width": 640, "height": 480, "kept": {"width": 480, "height": 640}}
    assert line(picture=same).endswith("Changes: re-encoded as JPEG.")
    assert line(described={"headline": " "}).startswith("Picture by Ada")


@pytest.mark.control("C5.2")
@pytest.mark.parametrize("start", ["=", "+", "-", "@", " =", "\t="])
def test_no_cell_is_a_formula(start: str) -> None:
    """A caption that a spreadsheet would compute comes out as text."""
    evil = f"{start}HYPERLINK('x')"
    row = next(
        csv.reader(
            io.StringIO(
                csv_line(attribute(record(row={"caption": evil}), None, organisation="T")),
            )
        )
    )
    assert row[COLUMNS.index("caption")].startswith("'")
    assert not any(cell.lstrip().startswith(("=", "+", "-", "@")) for cell in row)


@given(
    caption=st.text(max_size=200),
    creator=st.text(max_size=200),
    licence=st.text(max_size=60),
    basis=st.sampled_from(["open-licence", "public-domain", "own-work", "tdm-exception", "licence"]),
)
def test_whatever_is_stated_stays_in_its_line(caption: str, creator: str, licence: str, basis: str) -> None:
    """Every picture is one line of text and one row of the table, whoever wrote its metadata."""
    said = attribute(
        record(row={"caption": caption}, rights=[["creator", creator]], licence=licence, basis=basis),
        None,
        organisation="T",
    )
    table = [*csv.reader(io.StringIO(csv_header() + csv_line(said), newline=""))]
    assert [len(row) for row in table] == [len(COLUMNS)] * 2
    assert len(csv_line(said).splitlines()) == 1
    assert len(text_line(said).splitlines()) == 1
    assert text_line(said)[:-1].isprintable()
