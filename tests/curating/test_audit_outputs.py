"""Synthetic pictures: the list of prompts, and what came out against what was trained on."""

import contextlib
import json
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit_tables import CONVENTIONS, items
from clearance.curating.audit.columns import PROMPT
from clearance.curating.audit.facts import comparison_facts
from clearance.curating.audit.outputs import KIND, Outcome, compare_outputs, count_outcomes
from clearance.curating.audit.prompts import (
    MAX_PROMPTS_BYTES,
    Prompted,
    PromptKind,
    read_prompts,
)
from clearance.curating.audit.targets import NO_TARGETS, Dimension, Question
from clearance.curating.audit.targets_reading import read_targets
from clearance.errors import BadInput


def outputs(*groups: tuple[int, str, str, dict[str, Any]]) -> pa.Table:
    """Return outputs: so many of a prompt, its kind, and what the pictures state."""
    rows = items(*((count, stated) for count, _, _, stated in groups))
    prompts = pa.array([prompt for count, prompt, _, _ in groups for _ in range(count)])
    kinds = pa.array([kind for count, _, kind, _ in groups for _ in range(count)])
    return rows.append_column(PROMPT, prompts).append_column(KIND, kinds)


@pytest.mark.control("P4.3")
def test_both_forms_of_the_list_say_the_same() -> None:
    """JSON lines and CSV, with seed, model, kind and attributes."""
    lines = b'\xef\xbb\xbf{"file": "a/1.png", "prompt": " a nurse ", "seed": 7, "model": "m", "kind": "neutral", "attributes": {"age": "old"}}\n\n{"file": "2.png", "prompt": "b"}\n'
    table = b"file,prompt,seed,model,kind,attribute:age\na/1.png,a nurse,7,m,neutral,old\n2.png,b,,,,\n"
    expected = (
        Prompted(file="a/1.png", prompt="a nurse", seed="7", model="m", kind=PromptKind.NEUTRAL, attributes=(("age", "old"),)),
        Prompted(file="2.png", prompt="b", seed="", model="", kind=PromptKind.UNSAID, attributes=()),
    )  # fmt: skip
    assert read_prompts(lines, where="p.jsonl") == read_prompts(table, where="p.CSV") == expected


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("p.jsonl", b"", "p.jsonl: no prompts"),
        ("p.jsonl", b"\xff", "no UTF-8"),
        ("p.jsonl", b"x", "line 1: no JSON object"),
        ("p.jsonl", b"[1]", "line 1: no JSON object"),
        ("p.jsonl", b'{"file": "../a.png", "prompt": "x"}', "line 1: file: a path inside the folder"),
        ("p.jsonl", b'{"file": "/a.png", "prompt": "x"}', "line 1: file: a path inside the folder"),
        ("p.jsonl", b'{"file": "a\\u0000.png", "prompt": "x"}', "line 1: file: a path inside the folder"),
        ("p.jsonl", b'{"file": "a.png", "prompt": " "}', "line 1: prompt: text of 1 to"),
        ("p.jsonl", b'{"file": "a.png", "prompt": "x", "kind": "odd"}', "line 1: kind: neutral or names-attribute"),
        ("p.jsonl", b'{"file": "a.png", "prompt": "x", "attributes": {"a": 1}}', "line 1: attributes: names and values"),
        ("p.jsonl", b'{"file": "a.png", "prompt": "x", "attributes": [1]}', "line 1: attributes: names and values"),
        ("p.jsonl", b'{"file": "a.png", "prompt": "x", "mood\\u001b": 1}', "line 1: mood\\x1b: unknown"),
        ("p.jsonl", b'{"file": "a.png", "prompt": "x"}\n{"file": "a.png", "prompt": "y"}', "line 2: a.png is listed already"),
        ("p.csv", b"file,prompt\na.png,x,more\n", "line 2: more fields than columns"),
        ("p.csv", b"file\na.png\n", "line 2: prompt: text of 1 to"),
        ("p.csv", b"file,prompt\na.png," + b"x" * 200_000 + b"\n", "line 2: field larger than field limit"),
        ("p.jsonl", b" " * (MAX_PROMPTS_BYTES + 1), "larger than"),
    ],
)  # fmt: skip
def test_a_list_that_cannot_be_used_is_refused_with_its_line(name: str, content: bytes, says: str) -> None:
    """What and where, escaped."""
    with pytest.raises(BadInput) as refused:
        read_prompts(content, where=name)
    assert says in str(refused.value)
    assert "\x1b" not in str(refused.value)


def test_problems_are_told_together_but_not_without_end() -> None:
    """Twenty are enough to see what is wrong."""
    with pytest.raises(BadInput) as refused:
        read_prompts(b"x\n" * 500, where="p.jsonl")
    assert str(refused.value).count("no JSON object") == 20


@given(st.binary(max_size=100) | st.recursive(st.none() | st.text(max_size=3), lambda inner: st.dictionaries(st.sampled_from(["file", "prompt", "attributes", "x"]), inner)).map(lambda row: json.dumps(row).encode()), st.sampled_from(["a.csv", "a.jsonl"]))  # fmt: skip
def test_whatever_stands_in_a_list_it_is_read_or_refused(content: bytes, name: str) -> None:
    """No list makes the reader fail."""
    with contextlib.suppress(BadInput):
        read_prompts(content, where=name)


@pytest.mark.control("P4.3")
def test_what_was_trained_rarely_and_comes_out_often_is_amplified() -> None:
    """A fifth of the pictures shows one face, all outputs do: four fifths more, five times as often."""
    trained = items((80, {"people": 0}), (20, {"people": 1}))
    made = outputs(*((5, f"p{n}", "unsaid", {"people": 1}) for n in range(8)))
    people = next(
        each
        for each in compare_outputs(made, trained, NO_TARGETS, CONVENTIONS)
        if each.dimension.name == "people"
    )
    assert (people.prompts, people.n_prompts) == ("all", 8)
    by_name = {each.name: each for each in people.categories}
    assert set(by_name) == {"no_face_detected", "1"}
    one = by_name["1"]
    assert (one.outputs, one.trained) == (1, 0.2)
    assert one.amplification == pytest.approx(0.8)
    assert one.ratio == pytest.approx(5)
    assert one.interval is not None
    assert one.interval.low == pytest.approx(0.8)
    assert by_name["no_face_detected"].amplification == pytest.approx(-0.8)
    told = comparison_facts(people)
    assert (told["of"], told["prompts"], told["n_prompts"]) == ("people", "all", 8)
    assert told["categories"][1]["ratio"] == 5


@pytest.mark.control("P4.3")
def test_neutral_prompts_are_counted_apart_from_those_that_name_an_attribute() -> None:
    """A prompt that asks for somebody old says nothing about what comes out when nobody asks."""
    trained = items(
        (30, {"attributes": {"age": "young"}}),
        (30, {"attributes": {"age": "old"}}),
        (4, {"attributes": {"age": "child"}}),
    )
    made = outputs(
        (10, "a nurse", "neutral", {"attributes": {"age": "young"}}),
        (10, "an old nurse", "names-attribute", {"attributes": {"age": "old"}}),
        (10, "a baker", "unsaid", {"attributes": {"age": "old"}}),
    )
    found = {
        (each.prompts, each.dimension.name): {row.name: row for row in each.categories}
        for each in compare_outputs(made, trained, NO_TARGETS, CONVENTIONS)
    }
    neutral, naming = found["neutral", "attribute:age"], found["names-attribute", "attribute:age"]
    assert neutral["young"].outputs == naming["old"].outputs == 1
    assert {prompts for prompts, _ in found} == {"neutral", "names-attribute"}
    # Four children could be known; another cell goes with them, and the outputs stay: they show nobody.
    assert (neutral["child"].trained, neutral["child"].amplification, neutral["child"].outputs) == (
        None,
        None,
        0,
    )


def test_what_only_one_side_states_is_not_compared() -> None:
    """Unknown is no share; stated categories are used where there are some; nothing gives nothing."""
    made = outputs((10, "a", "unsaid", {"people": None}))
    names = {
        each.dimension.name
        for each in compare_outputs(made, items((10, {"people": 1})), NO_TARGETS, CONVENTIONS)
    }
    assert names == {"orientation", "resolution"}
    stated = read_targets(b"form: 1\ndimensions: {people: {no_face_detected: 1}}", where="t")
    made = outputs((10, "a", "unsaid", {"people": 2}))
    compared = compare_outputs(made, items((10, {"people": 0})), stated, CONVENTIONS)
    people = next(each for each in compared if each.dimension == Dimension(question=Question.PEOPLE))
    assert [each.name for each in people.categories] == ["no_face_detected", "other"]
    assert people.categories[1].ratio is None
    assert compare_outputs(made, items(), NO_TARGETS, CONVENTIONS) == ()


@pytest.mark.control("P4.3")
def test_refusals_are_an_outcome() -> None:
    """What never came is counted, in the order of the words."""
    assert count_outcomes([Outcome.REFUSED, Outcome.NO_FACE, Outcome.REFUSED]) == {
        Outcome.NO_FACE: 1,
        Outcome.REFUSED: 2,
    }
