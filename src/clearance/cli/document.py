"""`clearance document`: write what is asked about a dataset, from recorded facts only."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from clearance.cli.session import JsonOption, WorkspaceOption, opened, print_json, print_table, say
from clearance.errors import BadInput


def document(
    kind: Annotated[
        str, typer.Argument(help="eu-summary, datasheet, provenance or ab2013.", show_default=False)
    ] = "",
    dataset: Annotated[
        str, typer.Option(metavar="NAME[@N]", help="The dataset version; without a number the newest.")
    ] = "",
    every: Annotated[bool, typer.Option("--all", help="Write all of them.")] = False,
    out: Annotated[
        Path | None,
        typer.Option(help="A folder to write pages (HTML) and JSON files into.", show_default=False),
    ] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write a document about a dataset version; what nobody recorded is marked as not recorded."""
    if not dataset:
        raise BadInput("--dataset is missing: which version the document is about")
    if every == bool(kind):
        raise BadInput("name one document, or --all: eu-summary, datasheet, provenance, ab2013")
    with opened(workspace) as here:
        made = here.documents.write(dataset, () if every else (kind,), out=out)
    if as_json:
        print_json(made)
        return
    for facts in made["documents"].values():
        if out is None:
            _print_document(facts)
        say(f"{facts['title']}: {facts['unrecorded']} questions that the records do not answer")
    for file in made["files"]:
        say(f"written: {file}")


def _print_document(facts: dict[str, Any]) -> None:
    for section in facts["sections"]:
        print_table(
            f"{section['number']} {section['title']}",
            ("question", "recorded"),
            (
                (answer["question"] if number == 0 else "", line)
                for answer in section["answers"]
                for number, line in enumerate(_lines(answer))
            ),
        )


def _lines(answer: dict[str, Any]) -> list[str]:
    """Write an answer for the terminal: a listing a row a line, a cell with the name of its column."""
    said = answer["answer"]
    told = (
        [_row(each) if isinstance(each, dict) else str(each) for each in said]
        if isinstance(said, list)
        else [said]
    )
    return [*told, f"({answer['note']})"] if "note" in answer else told


def _row(row: dict[str, str]) -> str:
    """Write a row by its first cell; what is empty in it has no name either."""
    (_, first), *others = row.items()
    named = ", ".join(f"{name} {value}" for name, value in others if value)
    return f"{first}: {named}" if named else first
