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
            ([answer["question"], _short(answer["answer"])] for answer in section["answers"]),
        )


def _short(answer: Any) -> str:
    """Write an answer for the terminal: a listing by its rows."""
    if not isinstance(answer, list):
        return str(answer)
    return "\n".join(", ".join(map(str, row.values())) if isinstance(row, dict) else row for row in answer)
