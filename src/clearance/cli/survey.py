"""`clearance survey`: what a table would yield, before a single picture is fetched."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from clearance.cli.progress import survey_shown
from clearance.cli.session import JsonOption, WorkspaceOption, opened, print_json, print_table, say
from clearance.errors import ExitStatus


def survey(
    table: Annotated[Path, typer.Argument(metavar="TABLE", help="parquet, csv, tsv, jsonl or txt.")],
    project: Annotated[str, typer.Option(help="The project whose use is meant.")] = "",
    use: Annotated[
        str, typer.Option(help="The use that is meant where no project is named, as a project states it.")
    ] = "generative-training",
    url_col: Annotated[str, typer.Option(help="Column of the picture's URL.")] = "url",
    licence_col: Annotated[
        str, typer.Option("--licence-col", "--license-col", help="Column of the licence.")
    ] = "",
    page_col: Annotated[
        str, typer.Option(help="Column of the page that shows the picture; a sample of them is read.")
    ] = "",
    output: Annotated[
        Path | None, typer.Option(help="Folder for the report; default: surveys/ in the workspace.")
    ] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> int:
    """Ask a table's hosts what they allow, fetch no picture, and write what it would yield and why."""
    with opened(workspace) as here, survey_shown() as watch:
        report = here.survey(
            table,
            project=project,
            use=use,
            url_col=url_col,
            licence_col=licence_col,
            page_col=page_col,
            output=output,
            watch=watch,
        )
    status = ExitStatus.DONE if report["pictures"] else ExitStatus.PARTIAL
    if as_json:
        print_json(report)
        return status
    print_table(
        "Why",
        ("rule", "addresses", "what it says"),
        (
            [key, count, report["sentences"][key.partition(":")[0]]]
            for key, count in report["by_reason"].items()
        ),
    )
    print_table("Hosts", ("host", "may", "wait", "not", "time", "what to do first"), _hosts(report))
    counts = report["outcomes"]
    say(
        f"{report['pictures']} addresses on {report['hosts']} hosts: {counts.get('allow', 0)} may be asked"
        f" for, {counts.get('hold', 0)} wait for a person, {counts.get('deny', 0)} are left alone"
    )
    say(f"report: {report['files']['html']}")
    return status


_SHOWN = 20


def _hosts(report: dict[str, Any]) -> list[list[object]]:
    rows: list[list[object]] = [
        [
            host["host"],
            host["outcomes"].get("allow", 0),
            host["outcomes"].get("hold", 0),
            host["outcomes"].get("deny", 0),
            f"{host['estimate']['seconds']:.0f} s" if host["estimate"]["pictures"] else "",
            host["advice"][0]["what"] if host["advice"] else "",
        ]
        for host in report["by_host"][:_SHOWN]
    ]
    if len(report["by_host"]) > _SHOWN:
        rows.append([f"and {len(report['by_host']) - _SHOWN} more, in the report", "", "", "", "", ""])
    return rows
