"""The report of an audit: page, charts, and hostile text in both."""

import json
import re
from html.parser import HTMLParser
from typing import Any

import pytest
from defusedxml import ElementTree
from hypothesis import given
from hypothesis import strategies as st
from typing_extensions import override

from audit_tables import CONVENTIONS, items
from clearance.curating.audit.audit import audit_items
from clearance.curating.audit.charts import Bar, bar_chart, chart_name, charts_of
from clearance.curating.audit.facts import audit_facts, without_words_of_pictures
from clearance.curating.audit.page import figure, render_audit
from clearance.curating.audit.targets import NO_TARGETS, Targets
from clearance.curating.audit.targets_reading import read_targets

HOSTILE = "<script>alert(1)</script>\x1b[31m\u202e"
STATED = read_targets(
    b"form: 1\ndimensions: {country: {DE: 0.5, FR: 0.5}, 'attribute:age group': [young, old], people: [no_face_detected, '1']}\n"
    b"cells: [[country, orientation]]\nmax_share: {creator: 0.5}\n",
    where="t",
)
ROWS = items(
    (60, {"country": "DE", "creator": HOSTILE, "keywords": [HOSTILE], "source": HOSTILE}),
    (60, {"country": "FR", "keywords": ["b"], "people": 0, "attributes": {"age group": "young", HOSTILE: HOSTILE}}),
    (5, {"attributes": {"age group": "old"}}),
)  # fmt: skip


def facts(stated: Targets = STATED) -> dict[str, Any]:
    return {
        **audit_facts(audit_items(ROWS, stated, CONVENTIONS), CONVENTIONS),
        "of": f"project {HOSTILE}",
        "organisation": "Test & Söhne",
        "made_at": "2026-11-23T12:00:00+00:00",
        "targets_sha256": "ab" * 32,
        "targets_stated_by": HOSTILE,
        "targets_stated_at": "2026-11-20T12:00:00+00:00",
        "outputs": {
            "against": HOSTILE,
            "outcomes": [{"outcome": "refused: no file was made", "n": 1, "share": 0.5}],
            "comparisons": [
                {
                    "of": "people",
                    "prompts": "neutral",
                    "n_prompts": 3,
                    "categories": [
                        {"name": HOSTILE, "outputs": 0.5, "trained": None, "amplification": None, "interval": None, "ratio": None}
                    ],
                }
            ],
        },
    }  # fmt: skip


class Page(HTMLParser):
    """Collects the tags of a page, and checks that they close."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(text)

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "rect", "line", "br"):
            self.open.append(tag)

    @override
    def handle_endtag(self, tag: str) -> None:
        if tag in self.open:
            while self.open.pop() != tag:
                pass


@pytest.mark.control("C4.2", "C5.2")
def test_the_page_is_whole_and_holds_nothing_from_elsewhere() -> None:
    """No script, no link, no image, a policy that forbids them; hostile text is escaped and its signs shown."""
    text = render_audit(facts())
    page = Page(text)
    assert page.open == []
    tags = {tag for tag, _ in page.tags}
    assert not tags & {"script", "link", "img", "iframe", "form", "a"}
    assert not [
        name for _, attrs in page.tags for name in attrs if name.startswith("on") or name in ("src", "href")
    ]
    policy = next(attrs["content"] for tag, attrs in page.tags if attrs.get("http-equiv"))
    assert policy == "default-src 'none'; style-src 'unsafe-inline'"
    assert "&lt;script&gt;" in text
    assert not re.search("[\x00-\x09\x0b-\x1f\u202e]", text)
    ids = [attrs["id"] for _, attrs in page.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    labelled = {attrs["aria-labelledby"] for _, attrs in page.tags if "aria-labelledby" in attrs}
    assert labelled == set(ids)


@pytest.mark.control("C4.1", "C4.2")
def test_the_page_says_what_it_does_not_know() -> None:
    """Faces are a detector's, small cells are withheld, empty cells named, lines are conventions."""
    text = render_audit(facts())
    for said in (
        "a picture without one may still show people",
        "Nothing is inferred about people",
        "withheld",
        "declared cells are empty",
        "conventions of other fields",
        "refused: no file was made",
        "Evenness over the declared categories",
    ):
        assert said in text
    unknown = render_audit(
        {**facts(), **audit_facts(audit_items(items((40, {})), STATED, CONVENTIONS), CONVENTIONS)}
    )
    assert unknown.count("0% of the pictures state it; 80% are needed") > 3
    assert "Distance to target: <span" in unknown
    without = render_audit({**facts(NO_TARGETS), "targets_sha256": None, "outputs": None})
    assert "no targets are stated" in without
    assert "against targets" not in without


@pytest.mark.control("C4.2")
def test_every_chart_is_a_picture_that_says_in_words_what_it_shows() -> None:
    """Well-formed, with title and description, alone or inside the page; dimensions of which nothing is known have none."""
    charts = charts_of(facts())
    assert set(charts) >= {"country", "orientation", "people", "source", "creator"}
    assert "year" not in charts
    root = ElementTree.fromstring(charts["country"])
    title, description = root[0], root[1]
    assert (root.get("role"), title.text) == ("img", "Share of pictures by country")
    assert description.text is not None
    assert description.text.startswith("DE: 50.0%, between ")
    assert "target 50.0%" in description.text


def test_a_chart_shows_what_is_withheld_and_how_much_is_left_out() -> None:
    """A withheld share is no bar of nothing; bars beyond the first fifteen are in the table."""
    bars = [Bar(name=f"n{n}", share=None, low=0.0, high=0.0, target=0.1 if n else None) for n in range(20)]
    chart = bar_chart("t", bars)
    assert chart.count(">withheld<") == 15
    assert "5 more are in the table." in chart
    assert "n1: withheld, target 10.0%." in chart
    assert "<rect" not in chart


@given(st.text(), st.floats(0, 1), st.none() | st.floats(0, 1))
def test_whatever_a_category_is_called_its_chart_is_well_formed(
    name: str, share: float, target: float | None
) -> None:
    """And its file name is plain."""
    chart = bar_chart(name, [Bar(name=name, share=share, low=0.0, high=share, target=target)])
    assert ElementTree.fromstring(chart).tag.endswith("svg")
    assert re.fullmatch("[A-Za-z0-9-]*", chart_name(f"attribute:{name}"))


def test_figures_are_written_to_be_read() -> None:
    """Three digits, thousands with commas, intervals as such, nothing as nothing."""
    assert [figure(value) for value in (None, 0.12345, 4567.8, [0.1, 0.25])] == [
        "",
        "0.123",
        "4,568",
        "0.1 to 0.25",
    ]


@pytest.mark.control("C4.2", "C5.4")
def test_what_a_version_carries_has_no_words_of_single_pictures() -> None:
    """Creators, keywords and places in words become numbers; what a target names, and every figure, stays."""
    rows = items(
        (30, {"creator": "Zq Creator", "country": "DE", "keywords": ["zq pictured"]}),
        (30, {"creator": "Named Studio", "country": "Zq village", "keywords": ["zq pictured"]}),
    )
    targets = read_targets(
        b"form: 1\ndimensions:\n  creator: {studio: {share: 0.5, values: [Named Studio]}, x: 0.5}\n",
        where="targets.yaml",
    )
    full = audit_facts(audit_items(rows, targets, CONVENTIONS), CONVENTIONS)
    plain = audit_facts(audit_items(rows, NO_TARGETS, CONVENTIONS), CONVENTIONS)
    assert "zq" in json.dumps(plain).casefold()
    for facts in (full, plain):
        kept = without_words_of_pictures(facts)
        assert "zq" not in json.dumps(kept).casefold()
        assert kept["verdict"] == facts["verdict"]
        assert kept["keywords"]["distinct"] == 1
        assert [each["hhi"] for each in kept["concentration"]] == [
            each["hhi"] for each in facts["concentration"]
        ]
    shown = without_words_of_pictures(plain)["dimensions"]
    named = {each["of"]: [row["name"] for row in each["categories"]] for each in shown}
    assert named["creator"] == ["creator 1", "creator 2"]
    assert named["country"] == ["DE", "country 2"]
    studio = {each["of"]: each for each in without_words_of_pictures(full)["dimensions"]}["creator"]
    assert [row["name"] for row in studio["categories"]] == ["studio", "x"]
