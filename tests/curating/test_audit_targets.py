"""Targets as a project states them: what is read, and what is refused with its place."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearance.curating.audit.targets import (
    NO_TARGETS,
    Category,
    Dimension,
    DimensionTargets,
    Quantity,
    QuantityTarget,
    Question,
    Targets,
    Years,
    read_dimension,
)
from clearance.curating.audit.targets_reading import MAX_TARGETS_BYTES, read_targets, targets_template
from clearance.errors import BadInput


def read(text: str) -> Targets:
    return read_targets(text.encode(), where="t.yaml")


@pytest.mark.control("C4.2")
def test_every_part_of_the_form_is_read() -> None:
    """Long and short forms, years, crossings, limits and scales; shares that were rounded become a whole."""
    stated = read(
        "form: 1\n"
        "dimensions:\n"
        '  country: {North: {share: 0.33, values: ["NO", SE]}, South: {share: 0.67, values: [IT]}}\n'
        "  year: {old: {share: 0.5, until: 1999}, new: {share: 0.5, from: 2000}}\n"
        "  orientation: {landscape: 1, square: 0}\n"
        "  attribute:age group: [young, old]\n"
        "cells: [[country, people]]\n"
        "max_share: {creator: 0.05}\n"
        "quantities: {aspect: {quantiles: {1: 2, 0.0: 1}}}\n"
    )
    country = Dimension(question=Question.COUNTRY)
    assert stated == Targets(
        dimensions=(
            DimensionTargets(
                dimension=country,
                categories=(
                    Category(name="North", values=("NO", "SE")),
                    Category(name="South", values=("IT",)),
                ),
                shares=(0.33, 0.67),
            ),
            DimensionTargets(
                dimension=Dimension(question=Question.YEAR),
                categories=(
                    Category(name="old", values=("old",), years=Years(first=None, last=1999)),
                    Category(name="new", values=("new",), years=Years(first=2000, last=None)),
                ),
                shares=(0.5, 0.5),
            ),
            DimensionTargets(
                dimension=Dimension(question=Question.ORIENTATION),
                categories=(
                    Category(name="landscape", values=("landscape",)),
                    Category(name="square", values=("square",)),
                ),
                shares=(1.0, 0.0),
            ),
            DimensionTargets(
                dimension=Dimension(question=Question.ATTRIBUTE, attribute="age group"),
                categories=(
                    Category(name="young", values=("young",)),
                    Category(name="old", values=("old",)),
                ),
                shares=(),
            ),
        ),
        cells=((country, Dimension(question=Question.PEOPLE)),),
        max_shares={Dimension(question=Question.CREATOR): 0.05},
        quantities=(QuantityTarget(quantity=Quantity.ASPECT, quantiles=((0.0, 1.0), (1.0, 2.0))),),
    )
    assert stated.of(country) == stated.dimensions[0]
    assert stated.of(Dimension(question=Question.HOST)) is None
    assert read("form: 1") == NO_TARGETS
    thirds = read("form: 1\ndimensions: {source: {a: 0.33, b: 0.33, c: 0.34}}\n").dimensions[0].shares
    assert sum(thirds) == pytest.approx(1)


def test_the_example_is_read_as_it_is_printed() -> None:
    """Whoever starts from the example starts from something that holds."""
    stated = read(targets_template())
    assert [each.dimension.name for each in stated.dimensions] == [
        "country",
        "year",
        "orientation",
        "people",
        "keyword",
        "attribute:age group",
    ]


@pytest.mark.control("C4.2")
@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("dimensions: {source: {a: 0.5, b: 0.6}}", "dimensions.source: targets that do not sum up: the shares make 1.1, not 1"),
        ("dimensions: {source: {a: 0, b: 0}}", "targets that do not sum up: the shares make 0, not 1"),
        ("dimensions: {source: {a: 0.5, b: {}}}", "dimensions.source: no share for b; state one for each category or for none"),
        ("dimensions: {mood: [a]}", "dimensions.mood: no dimension; known are country, source,"),
        ("dimensions: {attribute: [a]}", "dimensions.attribute: no dimension"),
        ("dimensions: {country: {DE: 1, unknown: 0}}", "dimensions.country.unknown: this name is taken"),
        ("dimensions: {orientation: {round: 1}}", "dimensions.orientation.round: the categories are given: landscape, portrait, square"),
        ("dimensions: {country: {a: {share: 1, values: [DE]}, b: {share: 0, values: [de]}}}", "dimensions.country.b: de is in a already"),
        ("dimensions: {country: {a: {share: 1, from: 1}}}", "dimensions.country.a: from and until are for years"),
        ("dimensions: {year: [a]}", "dimensions.year.a: years are stated with from, until or both"),
        ("dimensions: {year: {a: {from: 2, until: 1}}}", "dimensions.year.a: until 1 lies before from 2"),
        ("dimensions: {year: {a: {until: 5}, b: {from: 5}}}", "dimensions.year.b: its years overlap those of a"),
        ("cells: [[country]]", "cells.1: two or three different dimensions are crossed"),
        ("cells: [[orientation, people, nothing]]", "cells.1: nothing has no declared categories"),
        ("cells: [[orientation, country]]", "cells.1: country has no declared categories"),
        (f"dimensions: {{source: [{', '.join(f's{n}' for n in range(300))}]}}\ncells: [[source, people]]", "cells.1: 1500 cells are more than 1000"),
        ("max_share: {year: 0.5}", "max_share.year: one of source, host, creator, licence"),
        ("max_share: {mood: 0.5}", "max_share.mood: one of source"),
        ("quantities: {beauty: {quantiles: {0.1: 1, 0.9: 2}}}", "quantities.beauty: one of longest_side_px, aspect, year, faces"),
        ("quantities: {aspect: {quantiles: {0.1: 2, 0.9: 1}}}", "quantities.aspect: a larger part cannot lie below a smaller value"),
        ("dimensions: {country: {a: {share: 1, values: [NO]}}}", 'dimensions.country.a.values.0: Input should be a valid string (put it in quotes: "NO")'),
        ("dimensions: {country: {a: {share: .nan}}}", "dimensions.country.a.share: Input should be a finite number"),
        ("dimensions: [country]", "dimensions: Input should be a valid dictionary"),
        ("dimensions: {country: 3}", "dimensions.country: Input should be a valid dictionary"),
        ('dimensions: {country: {"a\\e[31m": 1}}', "String should match pattern"),
        ("more: 1", "more: Extra inputs are not permitted"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused_with_its_place(text: str, says: str) -> None:
    """The message names the place and what belongs there; nothing of it reaches a terminal unescaped."""
    with pytest.raises(BadInput) as refused:
        read(f"form: 1\n{text}\n")
    assert says in str(refused.value)
    assert str(refused.value).startswith("t.yaml: ")
    assert "\x1b" not in str(refused.value)


def test_all_problems_are_told_at_once() -> None:
    """A person mends a file once, and no file makes a message without end."""
    with pytest.raises(BadInput, match="sum up.*no dimension.*sum up"):
        read("form: 1\ndimensions: {source: {a: 0.5}, x: [a], host: {b: 0.4}}\n")
    # What has the wrong form hides nothing: shares, limits and scales beside it are judged, too.
    for hidden in (
        "max_share: {creator: 5}",
        "quantities: {faces: {quantiles: {2: 1}}}",
        "cells: 3",
        "more: 1",
    ):
        with pytest.raises(BadInput) as refused:
            read(f"form: 1\ndimensions: {{source: {{a: 0.5}}, host: {{b: 1.5}}}}\n{hidden}\n")
        place = hidden.partition(":")[0]
        for said in (
            f"; {place}",
            "dimensions.host.b.share: ",
            "dimensions.source: targets that do not sum up",
        ):
            assert said in f"; {str(refused.value).removeprefix('t.yaml: ')}"
    with pytest.raises(
        BadInput, match=r"country: Input .*; dimensions\.source: targets that do not sum up[^;]*$"
    ):
        read("form: 1\ndimensions: {source: {a: 0.5}, country: 3}\ncells: [[source, country]]\n")
    with pytest.raises(BadInput, match="cells.1: country has no declared categories"):
        read("form: 1\ncells: [[orientation, country]]\nmax_share: {1: 0.5, source: .inf}\n")
    many = ", ".join(f"x{n}: [a]" for n in range(80))
    with pytest.raises(BadInput, match="and 30 more$"):
        read(f"form: 1\ndimensions: {{{many}}}\n")
    for text in ("[]", "", "form: 2"):
        with pytest.raises(BadInput):
            read(text)
    with pytest.raises(BadInput, match="larger than"):
        read_targets(b" " * (MAX_TARGETS_BYTES + 1), where="t.yaml")


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: f"form: 1\n{text}".encode()))
def test_whatever_stands_in_the_file_it_is_read_or_refused(content: bytes) -> None:
    """No file makes the reader fail."""
    with contextlib.suppress(BadInput):
        read_targets(content, where="t.yaml")


@given(st.sampled_from(Question), st.text(max_size=5))
def test_a_dimension_is_read_as_it_is_written(question: Question, attribute: str) -> None:
    """An attribute has a name, and nothing else has one."""
    name = f"{question.value}:{attribute}" if attribute else question.value
    dimension = read_dimension(name)
    if (question is Question.ATTRIBUTE) is bool(attribute.strip()):
        assert dimension == Dimension(question=question, attribute=attribute.strip())
    elif question is Question.ATTRIBUTE or attribute.strip():
        assert dimension is None
