"""The files that opt-out registries come in: CSV and JSON, as entries, each with its line.

What an entry says is read elsewhere; here a file is whole or refused, and an entry without form is marked.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from clearance.errors import BadInput, printable
from clearance.sourcing.uses import ALL_USES, TRAINING, Use

_KINDS = ("url", "host", "sha256", "iscc")
_OTHERS = ("uses", "note", "holder")
_LISTS = {"urls": "url", "hosts": "host", "hashes": "sha256", "isccs": "iscc"}
_NAMES: Mapping[str, frozenset[Use]] = {
    **{use.value: frozenset({use}) for use in ALL_USES},
    "all": ALL_USES,
    "training": TRAINING,
}
"""How a list may name uses."""
_TDM_AI = ("all", "train-ai", "train-genai", "ai-use", "search")
_YES_OR_NO = {"true": True, "false": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry: what it means, and which uses it denies."""

    line: int
    """Of the file, or the number of the entry in it; counted from 1."""
    values: tuple[tuple[str, str], ...]
    """`url`, `host`, `sha256` or `iscc`, and the value."""
    uses: frozenset[Use] = ALL_USES
    holder: str = ""
    problem: str = ""
    """Why it cannot be read, or empty."""


def read_entries(content: bytes, *, name: str, form: str, max_entries: int) -> Iterator[Entry]:
    """Read a registry's file.

    Raises:
        BadInput: it is not in the form that it is said to be in, or has too many entries.
    """
    if form == "csv":
        found = _from_csv(content, name)
    elif form == "json":
        found = _from_json(content, name)
    else:
        raise BadInput(f"registry {name}: form {printable(form, max_chars=20)!r}; csv or json")
    try:
        yield from _bounded(found, name, max_entries)
    except UnicodeDecodeError as error:
        raise BadInput(f"registry {name}: not UTF-8: {printable(str(error))}") from error


def _bounded(entries: Iterable[Entry], name: str, max_entries: int) -> Iterator[Entry]:
    for count, entry in enumerate(entries, start=1):
        if count > max_entries:
            raise BadInput(f"registry {name}: more than {max_entries} entries; cut it in several")
        yield entry


def _from_csv(content: bytes, name: str) -> Iterator[Entry]:
    heading = content.partition(b"\n")[0].decode("utf-8", "replace")
    delimiter = max(",;\t", key=heading.count)
    # Line by line: decoded at once, a list of a million addresses would stand in memory four times.
    lines = io.TextIOWrapper(io.BytesIO(content), encoding="utf-8-sig", newline="")
    rows = csv.reader(lines, delimiter=delimiter, strict=True)
    try:
        columns = [column.strip().lower() for column in next(rows, [])]
        unknown = [column for column in columns if column not in (*_KINDS, *_OTHERS)]
        # A misspelt heading would lose a whole column of denials.
        if unknown or not set(columns) & set(_KINDS) or len(set(columns)) != len(columns):
            shown = printable(", ".join(columns), max_chars=120)
            raise BadInput(
                f"registry {name}: line 1: columns {shown!r}; any of {', '.join((*_KINDS, *_OTHERS))}"
            )
        for row in rows:
            if row:
                yield _row(dict(zip(columns, row, strict=False)), rows.line_num, len(row) == len(columns))
    except csv.Error as error:
        raise BadInput(f"registry {name}: line {rows.line_num}: {printable(str(error))}") from error


def _row(cells: Mapping[str, str], line: int, is_whole: bool) -> Entry:  # noqa: FBT001 - private, named at its one call
    problem = "" if is_whole else "not as many cells as columns"
    return _entry(cells, line, problem=problem)


def _entry(cells: Mapping[str, str], line: int, *, problem: str = "") -> Entry:
    values = tuple((kind, cells[kind].strip()) for kind in _KINDS if kind in cells and cells[kind].strip())
    words = cells.get("uses", "").lower().replace(",", " ").replace(";", " ").split()
    unknown = [word for word in words if word not in _NAMES]
    if unknown:
        problem = (
            problem or f"uses: {printable(unknown[0], max_chars=40)!r} is none of {', '.join(sorted(_NAMES))}"
        )
    if not values:
        problem = problem or f"none of {', '.join(_KINDS)}"
    uses = frozenset(use for word in words for use in _NAMES.get(word, ())) if words else ALL_USES
    holder = cells.get("holder", "").strip() or cells.get("note", "").strip()
    return Entry(line=line, values=values, uses=uses, holder=holder, problem=problem)


def _from_json(content: bytes, name: str) -> Iterator[Entry]:
    try:
        found: Any = json.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise
    except (ValueError, RecursionError) as error:
        raise BadInput(f"registry {name}: not JSON: {printable(str(error))}") from error
    if isinstance(found, dict) and not any(kind in found for kind in _KINDS):
        yield from _of_lists(found, name)
        return
    if not isinstance(found, list | dict):
        raise BadInput(f"registry {name}: neither a list nor an object")
    for number, each in enumerate([found] if isinstance(found, dict) else found, start=1):
        entry = _object(each, number)
        if entry is not None:
            yield entry


def _of_lists(found: Mapping[str, Any], name: str) -> Iterator[Entry]:
    # Texts and numbers beside the lists tell of the file: its date, its version.
    unknown = [key for key, value in found.items() if key not in _LISTS and isinstance(value, list | dict)]
    if unknown or not set(found) & set(_LISTS):
        shown = printable(", ".join(map(str, unknown or found)), max_chars=120)
        raise BadInput(f"registry {name}: {shown!r}; lists are called {', '.join(_LISTS)}")
    number = 0
    for key, kind in _LISTS.items():
        values = found.get(key, [])
        if not isinstance(values, list):
            raise BadInput(f"registry {name}: {key} is not a list")
        for value in values:
            number += 1
            problem = "" if isinstance(value, str) and value.strip() else f"{key}: not a text"
            yield Entry(
                line=number, values=((kind, str(value).strip()),) if not problem else (), problem=problem
            )


def _object(found: Any, number: int) -> Entry | None:
    """Read one object; nothing where it denies nothing."""
    if not isinstance(found, dict):
        return Entry(line=number, values=(), problem="not an object")
    cells = {key: value for key in (*_KINDS, *_OTHERS) if (value := found.get(key)) is not None}
    if "uses" in cells and isinstance(cells["uses"], list):
        cells["uses"] = " ".join(map(str, cells["uses"][:20]))
    strange = [key for key, value in cells.items() if not isinstance(value, str)]
    if strange:
        return Entry(line=number, values=(), problem=f"{strange[0]}: not a text")
    entry = _entry(cells, number)
    if not any(key in found for key in _TDM_AI) or entry.problem:
        return entry
    said = {key: _YES_OR_NO.get(str(found[key]).strip().lower()) for key in _TDM_AI if key in found}
    if None in said.values():
        return Entry(line=number, values=(), problem="all, train-ai and the like are true or false")
    uses = _denied_by(said)
    return Entry(line=number, values=entry.values, uses=uses, holder=entry.holder) if uses else None


def _denied_by(said: Mapping[str, bool | None]) -> frozenset[Use]:
    """Return what a TDM-AI declaration denies: a use that it does not name inherits from a wider one."""
    everything = said.get("all")
    training = said.get("train-ai", everything)
    answers = {
        Use.GENERATIVE: said.get("train-genai", training),
        Use.NON_GENERATIVE: training,
        Use.MINING: everything,
        Use.INFERENCE: said.get("ai-use", everything),
        Use.SEARCH: said.get("search", everything),
    }
    return frozenset(use for use, answer in answers.items() if answer is False)
