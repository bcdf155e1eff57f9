"""Read the list of prompts that synthetic pictures were made from: JSON lines or CSV. Pure.

Source: C4.2.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePosixPath
from typing import Any

from clearance.errors import BadInput, printable

MAX_PROMPTS_BYTES = 64 << 20
"""A million prompts of a line each."""
_MAX_TEXT_CHARS = 20_000
_MAX_PROBLEMS = 20
_ATTRIBUTE = "attribute:"
_COLUMNS = ("file", "prompt", "seed", "model", "kind", "attributes")


class PromptKind(StrEnum):
    """Whether a prompt leaves open who is shown, or names it; the two are never counted together."""

    NEUTRAL = "neutral"
    NAMING = "names-attribute"
    UNSAID = "unsaid"


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompted:
    """One picture that was asked for, made or not."""

    file: str
    """Relative to the folder, with slashes."""
    prompt: str
    seed: str
    model: str
    kind: PromptKind
    attributes: tuple[tuple[str, str], ...]
    """As the list declares them, of the prompt or by whoever looked: nothing is inferred from the picture."""


def read_prompts(content: bytes, *, where: str) -> tuple[Prompted, ...]:
    """Read a list of prompts; a name that ends in `.csv` is CSV, everything else JSON lines.

    Raises:
        BadInput: something in it cannot be used; the message says what and where.
    """
    if len(content) > MAX_PROMPTS_BYTES:
        raise BadInput(f"{where}: larger than {MAX_PROMPTS_BYTES} bytes")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput(f"{where}: no UTF-8: {error.reason} at byte {error.start}") from error
    rows = _csv(text) if where.lower().endswith(".csv") else _lines(text)
    found: dict[str, Prompted] = {}
    problems: list[str] = []
    for place, row in rows:
        read = row if isinstance(row, str) else _prompted(row)
        if isinstance(read, str):
            problems.append(f"{place}: {read}")
        elif read.file in found:
            problems.append(f"{place}: {printable(read.file)} is listed already")
        else:
            found[read.file] = read
        if len(problems) >= _MAX_PROBLEMS:
            break
    if problems:
        raise BadInput(f"{where}: {'; '.join(problems)}")
    if not found:
        raise BadInput(f"{where}: no prompts")
    return tuple(found.values())


def _lines(text: str) -> Iterator[tuple[str, Mapping[str, Any] | str]]:
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            row = None
        yield f"line {number}", row if isinstance(row, dict) else "no JSON object"


def _csv(text: str) -> Iterator[tuple[str, Mapping[str, Any] | str]]:
    reader = csv.DictReader(io.StringIO(text, newline=""))
    try:
        for row in reader:
            plain = {name: value for name, value in row.items() if isinstance(name, str)}
            attributes = {
                name.removeprefix(_ATTRIBUTE): value
                for name, value in plain.items()
                if name.startswith(_ATTRIBUTE) and value
            }
            kept = {name: value or "" for name, value in plain.items() if not name.startswith(_ATTRIBUTE)}
            yield (
                f"line {reader.line_num}",
                "more fields than columns" if None in row else {**kept, "attributes": attributes},
            )
    except csv.Error as error:
        yield f"line {reader.line_num + 1}", printable(str(error))


def _prompted(row: Mapping[str, Any]) -> Prompted | str:
    """Read one entry, or say what is wrong with it."""
    for name in row:
        if name not in _COLUMNS:
            return f"{printable(name)}: unknown; known are {', '.join(_COLUMNS)}"
    file, prompt = row.get("file"), row.get("prompt")
    if not isinstance(file, str) or not _is_inside(file):
        return "file: a path inside the folder belongs here"
    if not isinstance(prompt, str) or not prompt.strip() or len(prompt) > _MAX_TEXT_CHARS:
        return f"prompt: text of 1 to {_MAX_TEXT_CHARS} characters belongs here"
    kind = row.get("kind") or PromptKind.UNSAID.value
    if kind not in set(PromptKind):
        return f"kind: {PromptKind.NEUTRAL} or {PromptKind.NAMING}"
    attributes = row.get("attributes") or {}
    if not isinstance(attributes, dict) or not all(isinstance(value, str) for value in attributes.values()):
        return "attributes: names and values as text belong here"
    return Prompted(
        file=file,
        prompt=prompt.strip(),
        seed=str(row.get("seed") or ""),
        model=str(row.get("model") or ""),
        kind=PromptKind(kind),
        attributes=tuple(sorted(attributes.items())),
    )


def _is_inside(file: str) -> bool:
    path = PurePosixPath(file)
    return bool(file.strip("./")) and not path.is_absolute() and ".." not in path.parts and "\0" not in file
