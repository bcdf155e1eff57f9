"""The balance audit of a table of items: what is counted, what is judged, what is withheld."""

import json
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit_tables import CONVENTIONS, item, items
from clearance.curating.audit.audit import audit_items, judged
from clearance.curating.audit.columns import (
    PROMPT,
    ROWS,
    clusters_of,
    column_of,
    keyword_column,
    keywords_of,
    one_a_cluster,
)
from clearance.curating.audit.facts import audit_facts, audit_json
from clearance.curating.audit.targets import NO_TARGETS, Dimension, Question, Targets
from clearance.curating.audit.targets_reading import read_targets
from clearance.errors import BadInput


def targets(text: str) -> Targets:
    return read_targets(f"form: 1\n{text}\n".encode(), where="t")


def facts(rows: pa.Table, text: str = "") -> dict[str, Any]:
    """Audit a table and return what a report says, through the bytes that are kept."""
    stated = targets(text) if text else NO_TARGETS
    told = audit_facts(audit_items(rows, stated, CONVENTIONS), CONVENTIONS)
    return dict(json.loads(audit_json(told)))


def of(told: dict[str, Any], name: str) -> dict[str, Any]:
    """Return one dimension of a report."""
    return next(each for each in told["dimensions"] if each["of"] == name)


def counted(dimension: dict[str, Any]) -> dict[str, Any]:
    return {row["name"]: row["n"] for row in (*dimension["categories"], *dimension["without_target"])}


def verdicts(told: dict[str, Any]) -> dict[str, str]:
    return {each["what"]: each["verdict"] for each in told["findings"]}


@pytest.mark.control("C4.2")
def test_a_planted_imbalance_is_found_and_nothing_else() -> None:
    """Seventy of a hundred where half were aimed at is outside; the dimension that holds is within."""
    rows = items(
        *((35, {"country": "DE", "source": f"s{n}", "width": 300, "height": 400}) for n in range(8)),
        *((35, {"country": "FRA", "source": f"s{n}"}) for n in range(8)),
        *((30, {"country": "KE", "source": f"s{n}", "width": 300, "height": 400}) for n in range(4)),
        *((30, {"country": "KE", "source": f"s{n}"}) for n in range(4)),
    )
    told = facts(
        rows,
        "dimensions:\n"
        "  country: {Europe: {share: 0.5, values: [de, FR]}, Africa: {share: 0.5, values: [KEN]}}\n"
        "  orientation: {landscape: 0.5, portrait: 0.5}",
    )
    assert counted(of(told, "country")) == {"Europe": 560, "Africa": 240}
    assert verdicts(told) == {
        "country: distance to target": "outside",
        "country: Europe": "outside",
        "country: Africa": "outside",
        "orientation: distance to target": "within",
        "orientation: landscape": "within",
        "orientation: portrait": "within",
        "source: concentration": "within",
        "source: largest share": "within",
    }
    assert told["verdict"] == "outside"
    assert of(told, "country")["distance"]["tvd"]["value"] == pytest.approx(0.2)
    assert of(told, "country")["categories"][0]["ratio"] == pytest.approx(1.4)
    assert of(told, "country")["distance"]["p"] < 0.002


@pytest.mark.control("C4.2")
def test_copies_count_once_by_the_file_with_the_most_pixels() -> None:
    """Fifty frames of one moment are one picture; of equal ones the lowest id speaks."""
    same = [item(n, cluster="c", country="DE", width=100 + n, height=100) for n in range(50)]
    equal = [item(100 - n, cluster="d", country=f"C{n}") for n in range(2)]
    alone = [item(200, country="FR")]
    table = pa.Table.from_pylist([*same, *equal, *alone], schema=ROWS)
    kept = one_a_cluster(table, clusters_of(table)).column("item_id").to_pylist()
    assert kept == [f"{49:08x}", f"{99:08x}", f"{200:08x}"]
    told = facts(table)
    assert (told["files_audited"], told["pictures"]) == (53, 3)
    copies = next(each for each in told["concentration"] if each["of"] == "near-duplicate cluster")
    assert (copies["counts"], copies["categories"], copies["known"]) == ("files", 3, 53)
    assert copies["largest_share"]["value"] == pytest.approx(50 / 53, abs=1e-6)
    assert (
        told["counted"] == "Pictures are counted by near-duplicate cluster, not by file: copies count once."
    )


@pytest.mark.control("C4.2")
def test_copies_count_once_only_where_they_were_looked_for() -> None:
    """An audit says how many files were compared, and claims nothing of the others."""
    never = facts(items((5, {"is_compared": False}), (5, {"is_compared": None})))
    assert (never["files_compared"], never["pictures"]) == (0, 10)
    assert never["counted"] == "Copies were not looked for: every file counts as a picture."
    assert never["counted"] in never["method"]["notes"]
    assert "near-duplicate cluster" not in {each["of"] for each in never["concentration"]}
    partly = facts(items((2, {"cluster": "c"}), (6, {"is_compared": False})))
    assert (partly["files_compared"], partly["pictures"]) == (2, 7)
    assert partly["counted"] == (
        "Copies were looked for in 2 of 8 files; those that were found count once, every other file counts as"
        " a picture."
    )
    copies = next(each for each in partly["concentration"] if each["of"] == "near-duplicate cluster")
    assert (copies["known"], copies["coverage"], copies["categories"]) == (2, 0.25, 1)


@pytest.mark.control("C4.2")
def test_unknown_is_counted_and_little_coverage_has_no_verdict() -> None:
    """Where a third of the pictures says nothing, nothing is said about them."""
    rows = items((60, {"country": "DE"}), (40, {"country": ""}))
    told = facts(rows, "dimensions: {country: {DE: 0.5, FR: 0.5}}")
    country = of(told, "country")
    assert (country["known"], country["unknown"], country["coverage"]) == (60, 40, 0.6)
    assert {
        each["what"]: each["why"] for each in told["findings"] if "country" in each["what"]
    } == dict.fromkeys(
        ("country: distance to target", "country: DE", "country: FR"),
        "60% of the pictures state it; 80% are needed",
    )


EVERYTHING = (
    "dimensions:\n"
    "  country: {Europe: {share: 0.5, values: [DE]}, Africa: {share: 0.5, values: [KE]}}\n"
    "  year: {old: {share: 0.5, until: 1999}, new: {share: 0.5, from: 2000}}\n"
    "  keyword: {city: 1, sea: 0}\n"
    "  'attribute:age': {young: 0.5, old: 0.5}\n"
    "cells: [[year, 'attribute:age']]\n"
    "max_share: {creator: 0.1, host: 0.5}\n"
    "quantities: {year: {quantiles: {0.5: 2000, 1: 2020}}, aspect: {quantiles: {0.5: 1.4, 1: 1.5}}}\n"
)
STATED = {
    "country: distance to target",
    "country: Europe",
    "country: Africa",
    "year: distance to target",
    "year: old",
    "year: new",
    "keyword: distance to target",
    "keyword: city",
    "attribute:age: distance to target",
    "attribute:age: young",
    "attribute:age: old",
    "year x attribute:age: old, young",
    "year x attribute:age: old, old",
    "year x attribute:age: new, young",
    "year x attribute:age: new, old",
    "creator: largest share",
    "host: largest share",
    "year: quantiles",
    "aspect: quantiles",
}


@pytest.mark.control("C4.2")
def test_what_is_stated_and_known_of_no_picture_is_not_within() -> None:
    """Half of the targets hold and nothing is known of the rest: the whole is not known, and says of what."""
    rows = items(
        *((40, {"country": "DE" if n % 2 else "KE", "source": f"s{n}", "host": f"h{n}"}) for n in range(20)),
    )
    told = facts(rows, EVERYTHING.replace("{0.5: 1.4, 1: 1.5}", "{0: 1.3, 1: 1.4}"))
    assert told["verdict"] == "insufficient evidence"
    assert set(verdicts(told)) == STATED | {
        "source: concentration",
        "source: largest share",
        "host: concentration",
    }
    known = {name for name, verdict in verdicts(told).items() if verdict == "within"}
    assert {name.partition(":")[0] for name in known} == {"country", "aspect", "source", "host"}
    assert {each["why"] for each in told["findings"] if each["what"] not in known} == {
        "0% of the pictures state it; 80% are needed"
    }
    year = of(told, "year")
    assert (year["distance"], year["verdict"]) == (None, "insufficient evidence")
    assert [(row["target"], row["n"], row["ratio"]) for row in year["categories"]] == [(0.5, 0, None)] * 2
    assert told["crossings"][0]["cells"][0]["target"] == 0.25


@pytest.mark.control("C4.2")
def test_without_targets_sources_are_judged_by_convention_and_the_rest_is_shown() -> None:
    """One source for all is outside; no other dimension has a verdict."""
    told = facts(items((100, {"creator": "A"}), (100, {"creator": "B"})))
    assert told["has_targets"] is False
    assert verdicts(told) == {"source: concentration": "outside", "source: largest share": "outside"}
    by_name = {each["of"]: each for each in told["concentration"]}
    assert by_name["creator"]["effective_number"] == pytest.approx(2)
    assert by_name["creator"]["hhi_judged"] is None
    assert (by_name["creator"]["level"], by_name["source"]["level"]) == ("high", "high")
    nothing = facts(items((5, {"source": ""})))
    assert (nothing["verdict"], nothing["findings"]) == ("insufficient evidence", [])
    assert "source" not in {each["of"] for each in nothing["concentration"]}


def test_a_largest_share_that_was_stated_is_judged() -> None:
    """Of creators, and of sources in place of the policy's."""
    rows = items(
        (300, {"creator": "A", "source": "x"}),
        *((20, {"creator": f"c{n}", "source": f"s{n}"}) for n in range(40)),
    )
    told = facts(rows, "max_share: {creator: 0.1, source: 0.5}")
    assert verdicts(told) == {
        "source: concentration": "within",
        "source: largest share": "within",
        "creator: concentration": "within",
        "creator: largest share": "outside",
    }
    assert of(told, "orientation")["drawn_by"] == "sources"


@pytest.mark.control("C4.2")
def test_categories_without_a_target_are_listed_apart_and_never_divided_by() -> None:
    """A target of nothing, and what is in no category; both count in the distance."""
    rows = items((50, {"country": "DE"}), (30, {"country": "FR"}), (20, {"country": "IT"}))
    told = facts(rows, "dimensions: {country: {DE: 1, FR: 0}}")
    country = of(told, "country")
    assert [(row["name"], row["target"]) for row in country["categories"]] == [("DE", 1)]
    assert [(row["name"], row["n"], row["target"]) for row in country["without_target"]] == [
        ("FR", 30, None),
        ("other", 20, None),
    ]
    assert country["distance"]["tvd"]["value"] == pytest.approx(0.5)


def test_evenness_needs_categories_that_were_declared_beforehand() -> None:
    """Over what merely occurs nothing could be missing."""
    rows = items((50, {"country": "DE"}), (50, {"country": "FR"}))
    assert of(facts(rows), "country")["evenness"] is None
    declared = of(facts(rows, "dimensions: {country: [DE, FR, KE, IN]}"), "country")
    assert declared["evenness"]["value"] == pytest.approx(0.5)
    assert counted(declared) == {"DE": 50, "FR": 50, "KE": 0, "IN": 0}


@pytest.mark.control("C4.2", "C4.1")
def test_small_cells_of_declared_attributes_are_withheld() -> None:
    """Nine people could be known; a single withheld cell would follow from the sum, so another goes with it."""
    rows = items(
        (100, {"attributes": {"age group": "young"}}),
        (40, {"attributes": {"age group": "middle"}}),
        (9, {"attributes": {"age group": "old"}}),
        (
            20,
            {"attributes": [{"name": "age group", "value": "young"}, {"name": "age group", "value": "old"}]},
        ),
        (5, {"attributes": {"other": "x"}}),
    )
    told = facts(
        rows,
        "dimensions: {'attribute:age group': [young, middle, old, none]}\ncells: [['attribute:age group', orientation]]",
    )
    ages = of(told, "attribute:age group")
    assert counted(ages) == {"young": 100, "middle": 40, "old": None, "none": 0, "other": None}
    assert ages["unknown"] == 5
    assert {row["name"] for row in ages["categories"] if row["withheld"]} == {"old", "other"} - {"other"} | (
        {"other"} & {row["name"] for row in ages["categories"]}
    )
    crossing = told["crossings"][0]
    cells = {tuple(cell["categories"]): cell["n"] for cell in crossing["cells"]}
    assert cells["old", "landscape"] is None
    assert cells["middle", "landscape"] is None
    assert cells["young", "landscape"] == 100
    assert ["none", "square"] in crossing["empty"]
    assert of(told, "attribute:other")["categories"][0]["n"] is None


@pytest.mark.control("C4.2")
def test_crossings_show_the_group_that_is_missing() -> None:
    """Each dimension alone is balanced; the crossing has two empty cells, and says so."""
    rows = items((100, {"country": "DE"}), (100, {"country": "KE", "width": 300, "height": 400}))
    told = facts(
        rows,
        "dimensions: {country: {DE: 0.5, KE: 0.5}, orientation: {landscape: 0.5, portrait: 0.5}}\n"
        "cells: [[country, orientation], [country, people]]",
    )
    crossing = told["crossings"][0]
    assert crossing["empty"] == [["DE", "portrait"], ["KE", "landscape"]]
    assert [cell["to_independence"] for cell in crossing["cells"]] == [2, 0, 0, 2]
    assert [cell["verdict"] for cell in crossing["cells"]] == ["outside"] * 4
    assert verdicts(told)["country: distance to target"] == "within"
    assert verdicts(told)["country x orientation: DE, portrait"] == "outside"
    assert told["crossings"][1]["cells"] == []
    assert len(told["crossings"][1]["empty"]) == 10


@pytest.mark.control("C4.2")
def test_a_keyword_that_goes_with_a_source_is_found() -> None:
    """Where one source calls everything by one word; a word that is spread evenly is no finding."""
    rows = items(
        (60, {"source": "a", "keywords": ["Beach", "sky", "sky "]}),
        (60, {"source": "b", "keywords": ["office", "sky"]}),
        (10, {"source": "b", "keywords": ["beach", "sky"]}),
        (30, {"source": "b", "keywords": []}),
        (3, {"source": "c", "keywords": ["rare", ""]}),
    )
    told = facts(rows)["keywords"]
    assert (told["pictures_with_keywords"], told["distinct"]) == (133, 4)
    assert told["frequent"][0] == {"keyword": "sky", "n": 130, "share": round(130 / 133, 6)}
    found = {(each["keyword"], each["with"], each["category"]): each for each in told["associations"]}
    assert found["beach", "source", "a"]["risk_ratio"] > 5
    assert found["beach", "source", "b"]["risk_ratio"] < 0.2
    assert ("sky", "source", "a") not in found
    assert told["found"] == len(found) == len([each for each in told["associations"] if each["q"] <= 0.05])


def test_the_strongest_of_many_keywords_are_listed_and_all_are_counted() -> None:
    """Sixty words and one more go with a source; the fifty strongest are shown, the same ones every time."""
    rows = items(
        *(
            (1, {"source": "a", "keywords": [f"w{k:02}" for k in range(60) if (n + k) % 4]})
            for n in range(40)
        ),
        (40, {"source": "b", "keywords": ["all"]}),
        (5, {"source": "b", "keywords": ["w07"]}),
    )
    told = facts(rows)["keywords"]
    assert (told["tested"], told["found"], len(told["associations"])) == (62, 62, 50)
    # w07 is in five pictures of the other source, too, and is the weakest.
    assert {each["keyword"] for each in told["associations"]} <= {
        "all",
        *(f"w{k:02}" for k in range(60) if k != 7),
    }
    assert told == facts(rows)["keywords"]


def test_keyword_groups_take_the_first_that_fits() -> None:
    """A picture counts once; how many fit several groups is told."""
    rows = items(
        (10, {"keywords": ["street", "field"]}),
        (20, {"keywords": ["FIELD"]}),
        (5, {"keywords": ["sea"]}),
        (2, {}),
    )
    told = facts(
        rows,
        "dimensions: {keyword: {city: {share: 0.5, values: [street]}, land: {share: 0.5, values: [field]}}}",
    )
    keyword = of(told, "keyword")
    assert counted(keyword) == {"city": 10, "land": 20, "other": 5}
    assert (keyword["unknown"], keyword["in_several"]) == (2, 10)


def test_scales_have_quantiles_and_a_distance_where_one_is_stated() -> None:
    """Longest side, aspect, year and faces; a size or a year that is not known is left out."""
    rows = items(
        (50, {"year": 1999, "people": 0}), (50, {"width": 800, "height": 400, "people": 2}), (1, {"width": 0})
    )
    told = facts(
        rows,
        "quantities: {longest_side_px: {quantiles: {0: 400, 1: 400}}, year: {quantiles: {0: 2000, 1: 2000}}}",
    )
    by_name = {each["of"]: each for each in told["quantities"]}
    assert by_name["longest_side_px"]["known"] == 100
    assert by_name["longest_side_px"]["quantiles"]["1"] == 800
    assert by_name["longest_side_px"]["wasserstein_to_target"] == pytest.approx(200)
    assert by_name["year"]["wasserstein_to_target"] == pytest.approx(1)
    assert by_name["faces"]["quantiles"]["0.5"] == 1
    assert by_name["faces"]["misplaced"] is None
    assert by_name["faces"]["verdict"] is None
    none = {
        each["of"]: each
        for each in facts(items((1, {})), "quantities: {faces: {quantiles: {0: 1, 1: 1}}}")["quantities"]
    }
    assert (none["faces"]["known"], none["faces"]["quantiles"], none["faces"]["wasserstein_to_target"]) == (
        0,
        {},
        None,
    )
    assert (none["faces"]["misplaced"], none["faces"]["verdict"]) == (None, "insufficient evidence")


@pytest.mark.control("C4.2")
def test_stated_quantiles_are_judged_by_the_part_that_would_have_to_lie_elsewhere() -> None:
    """Within, outside and not known; what lies on a stated value counts on the side that is nearer."""
    rows = items(
        (500, {"width": 400, "year": 1999, "people": 0}),
        (500, {"width": 800, "year": 2001, "people": None}),
    )
    told = facts(
        rows,
        "quantities:\n"
        "  longest_side_px: {quantiles: {0.1: 400, 0.5: 400, 0.9: 800}}\n"
        "  year: {quantiles: {0.2: 2000, 1: 2010}}\n"
        "  faces: {quantiles: {0: 0, 1: 0}}\n",
    )
    judged_of = {each["of"]: each for each in told["quantities"] if each["verdict"]}
    assert {
        name: (each["misplaced"]["value"], each["verdict"], each["why"]) for name, each in judged_of.items()
    } == {
        "longest_side_px": (0, "within", "at most 0.1"),
        "year": (0.3, "outside", "more than 0.1"),
        "faces": (0, "insufficient evidence", "50% of the pictures state it; 80% are needed"),
    }
    low, high = judged_of["year"]["misplaced"]["interval"]
    assert 0.25 < low < 0.3 < high < 0.35
    assert verdicts(told)["year: quantiles"] == "outside"
    # Whole sources are drawn, and are few: what resembles each other is less evidence.
    by_source = facts(
        items(*((25, {"source": f"s{n}", "year": 1999 if n % 2 else 2001}) for n in range(40))),
        "quantities: {year: {quantiles: {0.5: 2000, 1: 2010}}}",
    )
    assert of(by_source, "year")["drawn_by"] == "sources"
    assert verdicts(by_source)["year: quantiles"] == "insufficient evidence"


@pytest.mark.control("C4.2")
def test_a_source_that_can_be_told_by_its_size_is_a_leak() -> None:
    """A planted dependence is found, and the others stay at nothing."""
    rows = items(
        *((50, {"source": "a", "width": 200, "height": 150, "people": n % 2}) for n in range(2)),
        *((50, {"source": "b", "width": 600, "height": 450, "people": n % 2}) for n in range(2)),
    )
    leaks = {(each["of"], each["by"]): each["cramers_v"] for each in facts(rows)["leakage"]}
    assert leaks == {
        ("source", "resolution"): pytest.approx(1, abs=0.01),
        ("source", "orientation"): 0,
        ("source", "people"): 0,
    }


def test_prompts_are_drawn_whole() -> None:
    """Synthetic pictures of one prompt resemble each other, and are no independent evidence."""
    rows = items(*((10, {"source": "m", "people": n % 2}) for n in range(6)))
    prompts = pa.array([f"p{n}" for n in range(6) for _ in range(10)])
    told = facts(
        rows.append_column(PROMPT, prompts), "dimensions: {people: {no_face_detected: 0.5, '1': 0.5}}"
    )
    people = of(told, "people")
    assert (people["drawn_by"], people["design_effect"]) == ("prompts", pytest.approx(10))
    assert people["verdict"] == "insufficient evidence"


def test_columns_of_years_people_and_many_values() -> None:
    """Years are decades unless ranges are stated; what is outside of them is `other`; long tails are counted."""
    rows = items((2, {"year": 1999}), (1, {"year": 2004, "people": 4}), (1, {"people": 9}))
    assert counted(of(facts(rows), "year")) == {"1990 to 1999": 2, "2000 to 2009": 1}
    assert counted(of(facts(rows), "people")) == {
        "no_face_detected": 0,
        "1": 0,
        "2": 0,
        "3 to 5": 1,
        "6 and more": 1,
    }
    ranges = (
        "dimensions: {year: {old: {share: 0.5, until: 1900}, new: {share: 0.5, from: 2001, until: 2010}}}"
    )
    assert counted(of(facts(rows, ranges), "year")) == {"old": 0, "new": 1, "other": 2}
    many = items(*((2 if n else 3, {"host": f"h{n:03}"}) for n in range(150)))
    host = of(facts(many), "host")
    assert (len(host["categories"]), host["not_listed"], host["categories"][0]["name"]) == (100, 50, "h000")
    square = column_of(items((1, {"width": 400, "height": 396})), Dimension(question=Question.ORIENTATION))
    assert square.names[square.codes[0]] == "square"
    with pytest.raises(KeyError):
        column_of(rows, Dimension(question=Question.KEYWORD))


def test_nothing_to_audit_is_said() -> None:
    """An empty selection is bad input, not a clean result."""
    with pytest.raises(BadInput, match="nothing to audit"):
        audit_items(ROWS.empty_table(), NO_TARGETS, CONVENTIONS)


HOSTILE = st.text(st.characters(codec="utf-8"), max_size=8)
ROW = st.fixed_dictionaries(
    {
        "cluster": st.sampled_from("abcdef"),
        "source": HOSTILE,
        "country": st.sampled_from(["", "DE", "deu", "\x00", "<b>"]),
        "creator": HOSTILE,
        "year": st.none() | st.integers(1, 9999),
        "host": st.sampled_from(["", "h"]),
        "is_compared": st.booleans(),
        "width": st.integers(0, 100),
        "height": st.integers(0, 100),
        "keywords": st.lists(HOSTILE, max_size=3),
        "people": st.none() | st.integers(0, 10),
        "attributes": st.dictionaries(HOSTILE, HOSTILE, max_size=2),
    }
)
TARGETS = targets(
    "dimensions: {country: {DE: 0.5, FR: 0.5}, people: {no_face_detected: 1}, keyword: {x: 1},"
    " year: {old: {share: 1, until: 2000}}, source: [a]}\ncells: [[country, people, orientation]]\n"
    "max_share: {host: 0.5}\nquantities: {year: {quantiles: {0.5: 2000, 1: 9999}}}"
)
AIMED = {
    "country: DE",
    "people: distance to target",
    "keyword: x",
    "year: old",
    "host: largest share",
    "year: quantiles",
}
"""Some of what they state: whatever is known, it has a finding."""
QUICK = CONVENTIONS.model_copy(update={"bootstrap_draws": 50})


@settings(max_examples=40)
@given(st.lists(ROW, min_size=1, max_size=12), st.permutations(range(12)))
def test_whatever_stands_in_the_table_the_order_of_rows_changes_nothing(
    rows: list[dict[str, Any]], order: list[int]
) -> None:
    """The same pictures give the same audit, bit for bit, and the same findings twice."""
    numbered = [item(number, **row) for number, row in enumerate(rows)]
    moved = [numbered[place] for place in order if place < len(numbered)]
    one, other = (
        audit_items(pa.Table.from_pylist(each, schema=ROWS), TARGETS, QUICK) for each in (numbered, moved)
    )
    assert audit_json(audit_facts(one, QUICK)) == audit_json(audit_facts(other, QUICK))
    assert {about for about, _ in judged(one)} >= AIMED
    assert list(judged(one)) == list(judged(other))


@given(st.lists(st.lists(HOSTILE, max_size=4), min_size=1, max_size=6))
def test_keywords_are_counted_once_a_picture(lists: list[list[str]]) -> None:
    """In lower case and without blanks around them, as a plain loop would count them."""
    keywords = keywords_of(items(*((1, {"keywords": each}) for each in lists)))
    pairs = {(n, word.strip().casefold()) for n, each in enumerate(lists) for word in each if word.strip()}
    found = {
        (owner, keywords.names[word])
        for owner, word in zip(keywords.owners.tolist(), keywords.words.tolist(), strict=True)
    }
    assert found == pairs
    stated = TARGETS.of(Dimension(question=Question.KEYWORD))
    assert stated is not None
    assert len(keyword_column(keywords, stated).codes) == len(lists)
