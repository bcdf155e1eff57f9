import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from clearance.collecting.plan import make_plan
from clearance.collecting.table import Columns, read_table
from clearance.errors import BadInput
from clearance.sourcing import SourceIndex

COLUMNS = Columns(url="url", caption="text", licence="rights", sha256="hash")
ROWS = [
    {"url": "http://a.example/1.jpg", "text": 'ein Bär, "groß"', "rights": "CC0", "hash": "AB", "n": "1"},
    {"url": "http://a.example/2.jpg", "text": "two\nlines", "rights": "", "hash": "", "n": "2"},
]


def written(folder: Path, kind: str) -> Path:
    path = folder / f"table.{kind}"
    if kind == "parquet":
        pq.write_table(pa.Table.from_pylist([{**row, "n": int(row["n"])} for row in ROWS]), path)
    elif kind == "jsonl":
        path.write_text("\n".join(json.dumps({**row, "n": int(row["n"])}) for row in ROWS) + "\n\n")
    else:
        import csv

        with path.open("w", newline="", encoding="utf-8-sig") as file:
            writer = csv.DictWriter(file, ROWS[0], delimiter="," if kind == "csv" else "\t")
            writer.writeheader()
            writer.writerows(ROWS)
    return path


@pytest.mark.parametrize("kind", ["parquet", "csv", "tsv", "jsonl"])
def test_every_kind_of_table_reads_the_same(tmp_path: Path, kind: str) -> None:
    """Named columns, text as it stands, further columns travelling along as text."""
    table = read_table(written(tmp_path, kind), COLUMNS)
    row = table.row(0)
    assert (len(table), row.number, row.url, row.licence, row.sha256) == (
        2,
        1,
        "http://a.example/1.jpg",
        "CC0",
        "ab",
    )
    assert row.caption == 'ein Bär, "groß"'
    assert table.row(1).caption == "two\nlines"
    assert row.extra == (("n", "1"),)
    assert len(table.sha256) == 64


def test_a_list_of_addresses_is_a_table(tmp_path: Path) -> None:
    """One URL a line, empty lines passed over."""
    path = tmp_path / "urls.txt"
    path.write_text("http://a.example/1.jpg\n\n  http://a.example/2.jpg \n")
    assert [read_table(path, Columns()).row(n).url for n in range(2)] == [
        "http://a.example/1.jpg",
        "http://a.example/2.jpg",
    ]


def test_only_the_columns_asked_for_travel_along(tmp_path: Path) -> None:
    """A choice of further columns leaves the others out."""
    path = written(tmp_path, "parquet")
    assert read_table(path, Columns(save_additional=())).row(0).extra == ()
    assert read_table(path, Columns(save_additional=("n",))).row(0).extra == (("n", "1"),)


def test_nested_values_travel_as_json(tmp_path: Path) -> None:
    """Lists and numbers keep their meaning as text; a missing value is empty."""
    path = tmp_path / "t.parquet"
    pq.write_table(
        pa.table({"url": ["http://a.example/", None], "tags": [["a", "ä"], None], "f": [1.5, None]}), path
    )
    table = read_table(path, Columns())
    assert dict(table.row(0).extra) == {"tags": '["a", "ä"]', "f": "1.5"}
    assert (table.row(1).url, table.row(1).extra) == ("", ())
    lines = tmp_path / "t.jsonl"
    lines.write_text('{"url": "http://a.example/", "x": {"a": 1}}\n{"y": null, "url": "http://b.example/"}\n')
    assert dict(read_table(lines, Columns()).row(0).extra) == {"x": '{"a": 1}'}
    assert read_table(lines, Columns()).row(1).extra == ()


@pytest.mark.parametrize(
    ("name", "content", "columns", "why"),
    [
        ("t.csv", b"", Columns(), "no rows"),
        ("t.csv", b"url\n", Columns(), "no rows"),
        ("t.csv", b"link\nx\n", Columns(), "no column 'url'"),
        ("t.csv", b"url\nx\n", Columns(caption="text"), r"no column 'text' \(--caption-col\)"),
        ("t.csv", b"url\nx\n", Columns(save_additional=("z",)), "--save-additional-columns"),
        ("t.csv", b"url,url\nx,y\n", Columns(), "stands twice"),
        ("t.csv", b"url,b\nx\n", Columns(), "not readable as csv"),
        ("t.csv", b"\xff\xfe\x00", Columns(), "not readable as csv"),
        ("t.parquet", b"PAR1nonsense", Columns(), "not readable as parquet"),
        ("t.jsonl", b'{"url": "x"}\n{broken\n', Columns(), "line 2: not JSON"),
        ("t.jsonl", b"[1]\n", Columns(), "line 1: not a JSON object"),
        ("t.jsonl", b"[" * 100_000, Columns(), "line 1: not JSON"),
        ("t.txt", b"\n\n", Columns(), "no rows"),
        ("t.xlsx", b"x", Columns(), "ends in"),
    ],
)
def test_a_table_that_cannot_be_used_names_file_and_place(
    tmp_path: Path, name: str, content: bytes, columns: Columns, why: str
) -> None:
    """Unreadable, empty, of an unknown kind, or without a column."""
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(BadInput, match=why) as caught:
        read_table(path, columns)
    assert name in str(caught.value)


def test_a_missing_table_is_named(tmp_path: Path) -> None:
    """The message holds the path."""
    with pytest.raises(BadInput, match=r"none\.csv"):
        read_table(tmp_path / "none.csv", Columns())


@pytest.mark.control("C3.1")
def test_a_plan_visits_each_address_once(tmp_path: Path) -> None:
    """Equal addresses in other spellings are one; what is done is left out; what is no address is reported."""
    path = tmp_path / "urls.txt"
    path.write_text(
        "http://a.example/1.jpg\nHTTP://A.example:80/1.jpg\nhttp://a.example/2.jpg\nnonsense\nhttp://b.example/3.jpg\nhttp://b.example/9.jpg\n"
    )
    plan = make_plan(
        read_table(path, Columns()),
        sources=SourceIndex([]),
        done=frozenset({"http://a.example/2.jpg"}),
        is_erased=lambda url: url.endswith("/9.jpg"),
    )
    assert [(host.host, list(host.rows)) for host in plan.hosts] == [("a.example", [0]), ("b.example", [4])]
    assert plan.erased == 1
    assert (plan.duplicates, plan.already, [index for index, _ in plan.unreadable], plan.planned) == (
        1,
        1,
        [3],
        3,
    )
