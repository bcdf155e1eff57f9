"""Read the table of picture URLs: parquet, csv, tsv, jsonl or txt, as img2dataset does, into one Arrow table
of text.

The table comes from outside: every problem names the file and the line, and nothing in it is executed or
typed by guess; all values travel as text.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from clearance.errors import BadInput, printable
from clearance.identifiers import Sha256

MAX_FIELD_CHARS = 32_768
"""Longer captions and extra values are cut: one row must not outweigh the picture."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Which columns hold what, by img2dataset's option names; an empty name means there is none."""

    url: str = "url"
    caption: str = ""
    licence: str = ""
    sha256: str = ""
    page: str = ""
    """Address of the page that shows the picture."""
    subject: str = ""
    """Name of the project's subject that the picture shows."""
    save_additional: tuple[str, ...] | None = None
    """Further columns that travel along; `None` means all of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of the table, as text."""

    number: int
    """Counted from 1, as a person counts the data rows."""
    url: str
    caption: str
    licence: str
    sha256: str
    page: str
    subject: str
    extra: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UrlTable:
    """A table that was read whole; `sha256` is that of the file's bytes."""

    path: Path
    sha256: Sha256
    rows: pa.Table
    columns: Columns

    def __len__(self) -> int:
        return int(self.rows.num_rows)

    def row(self, index: int) -> Row:
        """Return one row; `index` counts from 0."""
        values = {name: self.rows.column(name)[index].as_py() or "" for name in self.rows.column_names}
        named = self.columns
        known = {named.url, named.caption, named.licence, named.sha256, named.page, named.subject}
        return Row(
            number=index + 1,
            url=values[named.url],
            caption=values.get(named.caption, "")[:MAX_FIELD_CHARS],
            licence=values.get(named.licence, "")[:MAX_FIELD_CHARS],
            sha256=values.get(named.sha256, "").strip().lower(),
            page=values.get(named.page, "").strip(),
            subject=values.get(named.subject, "")[:MAX_FIELD_CHARS],
            extra=tuple(
                (name, value[:MAX_FIELD_CHARS])
                for name, value in values.items()
                if name not in known and value
            ),
        )


def read_table(path: Path, columns: Columns) -> UrlTable:
    """Read a table of URLs; the kind is told by the file name's ending.

    Raises:
        BadInput: unreadable, empty, of an unknown kind, or without a column that was named.
    """
    readers: dict[str, Callable[[Path], pa.Table]] = {
        ".parquet": _read_parquet,
        ".csv": lambda file: _read_delimited(file, delimiter=","),
        ".tsv": lambda file: _read_delimited(file, delimiter="\t"),
        ".jsonl": _read_json_lines,
        ".txt": lambda file: _read_lines(file, column=columns.url),
    }
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise BadInput(f"{path}: a table ends in {', '.join(readers)}")
    try:
        with path.open("rb") as file:
            sha256 = Sha256(hashlib.file_digest(file, "sha256").hexdigest())
        read = reader(path)
    except (OSError, pa.ArrowException, UnicodeError) as error:
        raise BadInput(f"{path}: not readable as {path.suffix[1:]}: {printable(str(error))}") from error
    if read.num_rows == 0:
        raise BadInput(f"{path}: the table has no rows")
    return UrlTable(
        path=path, sha256=sha256, rows=_as_text(_chosen(read, columns, path=path)), columns=columns
    )


def _chosen(read: pa.Table, columns: Columns, *, path: Path) -> pa.Table:
    names: Sequence[str] = read.column_names
    if len(set(names)) != len(names):
        raise BadInput(f"{path}: a column name stands twice: {printable(', '.join(names))}")
    asked = [
        (option, name)
        for option, name in (
            ("--url-col", columns.url),
            ("--caption-col", columns.caption),
            ("--licence-col", columns.licence),
            ("--sha256-col", columns.sha256),
            ("--page-col", columns.page),
            ("--subject-col", columns.subject),
            *(("--save-additional-columns", name) for name in columns.save_additional or ()),
        )
        if name
    ]
    for option, name in asked:
        if name not in names:
            there = printable(", ".join(names))
            raise BadInput(f"{path}: no column {printable(name)!r} ({option}); columns: {there}")
    wanted = {name for _, name in asked}
    return read.select([name for name in names if columns.save_additional is None or name in wanted])


def _as_text(table: pa.Table) -> pa.Table:
    """Turn every column into text; what has no text form (lists, structs) is written as JSON."""
    arrays = []
    for column in table.columns:
        try:
            arrays.append(pc.cast(column, pa.string()))
        except (pa.ArrowNotImplementedError, pa.ArrowInvalid):
            values = (None if value is None else _json(value) for value in column.to_pylist())
            arrays.append(pa.chunked_array([pa.array(values, pa.string())]))
    # One chunk a column: a row is read by its index, and a search through chunks would cost more than the
    # row.
    return pa.table(arrays, names=table.column_names).combine_chunks()


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


def _read_parquet(path: Path) -> pa.Table:
    return pq.ParquetFile(path).read()


def _read_delimited(path: Path, *, delimiter: str) -> pa.Table:
    with path.open(encoding="utf-8-sig", newline="") as file:
        header = file.readline()
    if not header.strip():
        raise BadInput(f"{path}: the table has no rows")
    parse = pa_csv.ParseOptions(delimiter=delimiter, newlines_in_values=True)
    names = pa_csv.open_csv(path, parse_options=parse).schema.names
    return pa_csv.read_csv(
        path,
        parse_options=parse,
        convert_options=pa_csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
        ),
    )


def _read_json_lines(path: Path) -> pa.Table:
    columns: dict[str, list[str | None]] = {}
    count = 0
    with path.open(encoding="utf-8-sig") as file:
        for number, line in enumerate(file, start=1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except (ValueError, RecursionError) as error:
                raise BadInput(f"{path}, line {number}: not JSON: {printable(str(error))}") from error
            if not isinstance(row, dict):
                raise BadInput(f"{path}, line {number}: not a JSON object")
            for name, value in row.items():
                column = columns.setdefault(name, [None] * count)
                column.append(value if value is None or isinstance(value, str) else _json(value))
            count += 1
            for column in columns.values():
                if len(column) < count:
                    column.append(None)
    return pa.table({name: pa.array(values, pa.string()) for name, values in columns.items()})


def _read_lines(path: Path, *, column: str) -> pa.Table:
    with path.open(encoding="utf-8-sig") as file:
        urls = [line.strip() for line in file]
    return pa.table({column: pa.array([url for url in urls if url], pa.string())})
