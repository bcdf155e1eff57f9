"""`clearance collect`: the main job."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from clearance.cli.progress import shown
from clearance.cli.project import licensed_line, subject_rows
from clearance.cli.session import JsonOption, WorkspaceOption, opened, print_json, print_table
from clearance.cli.source import QUOTA_COLUMNS, quota_row
from clearance.errors import ExitStatus

_MOSTLY = 0.5
"""From this share of failures on, the summary is red: such a run must not look like a success."""


def collect(
    table: Annotated[Path, typer.Argument(metavar="TABLE", help="parquet, csv, tsv, jsonl or txt.")],
    project: Annotated[str, typer.Option(help="The project that the pictures are for.")],
    url_col: Annotated[str, typer.Option(help="Column of the picture's URL.")] = "url",
    caption_col: Annotated[str, typer.Option(help="Column of the caption.")] = "",
    licence_col: Annotated[
        str, typer.Option("--licence-col", "--license-col", help="Column of the licence.")
    ] = "",
    sha256_col: Annotated[str, typer.Option(help="Column of the SHA-256 that the bytes must have.")] = "",
    page_col: Annotated[
        str, typer.Option(help="Column of the page that shows the picture; it is read for signals too.")
    ] = "",
    subject_col: Annotated[
        str,
        typer.Option(help="Column of the project's subject; without it, captions are searched for keywords."),
    ] = "",
    save_additional_columns: Annotated[
        str | None, typer.Option(help="Further columns that travel along, comma between; default all.")
    ] = None,
    image_size: Annotated[
        int | None,
        typer.Option(min=16, help="Longest side to keep, in pixels; never more than the policy's."),
    ] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> int:
    """Collect the pictures of a table: ask the hosts, fetch politely, gate, record, encrypt."""
    extra = (
        None if save_additional_columns is None else tuple(filter(None, save_additional_columns.split(",")))
    )
    with opened(workspace) as here, shown() as watch:
        report = here.collect(
            table,
            project=project,
            url_col=url_col,
            caption_col=caption_col,
            licence_col=licence_col,
            sha256_col=sha256_col,
            page_col=page_col,
            subject_col=subject_col,
            save_additional_columns=extra,
            image_size=image_size,
            watch=watch,
        )
    if as_json:
        print_json(report)
    _summarise(report, table=not as_json)
    return _status(report)


def _status(report: dict[str, Any]) -> int:
    if report["interrupted"]:
        return ExitStatus.INTERRUPTED
    return ExitStatus.PARTIAL if report["failed"] else ExitStatus.DONE


def _summarise(report: dict[str, Any], *, table: bool) -> None:
    console = Console(stderr=True, highlight=False)
    done = sum(report[verdict] for verdict in ("kept", "held", "denied", "failed"))
    if table:
        _tables(report)
    line = (
        f"{report['kept']} kept, {report['held']} held, {report['denied']} denied, {report['failed']} failed"
        f" of {report['planned']} planned, in {report['seconds']:.1f} s"
    )
    style = "red" if done and report["failed"] / done >= _MOSTLY else "green" if report["kept"] else "yellow"
    console.print(line, style=style)
    if table:
        console.print(licensed_line(report["progress"]))
    for each in _left(report):
        console.print(each)
    for host, why in report["hosts_left"].items():
        console.print(f"{host} is left for a later run: {why}", style="yellow")
    if report["interrupted"]:
        console.print("interrupted; the same command goes on where it stopped", style="yellow")


def _tables(report: dict[str, Any]) -> None:
    verdicts = ("kept", "held", "denied", "failed")
    print_table(
        "By source",
        ("source", *verdicts),
        (
            [name or "(not registered)", *(counts.get(v, 0) for v in verdicts)]
            for name, counts in report["by_source"].items()
        ),
    )
    print_table("By reason", ("reason", "pictures"), report["by_reason"].items())
    print_table("Requests", ("host", "requests"), report["requests_by_host"].items())
    if report["progress"]["subjects"]:
        columns = ("subject", "target", "kept", "still needed")
        print_table("Subjects", columns, subject_rows(report["progress"]))
    quotas = [[name, *quota_row(quota)] for name, each in report["quotas"].items() for quota in each]
    if quotas:
        print_table("Quotas", ("source", *QUOTA_COLUMNS), quotas)


def _left(report: dict[str, Any]) -> list[str]:
    """Say which rows were not asked for, and why."""
    words = {
        "over_target": "not needed: the project, or their subject, has enough (C3.1)",
        "no_subject": "picture none of the project's subjects (C3.1)",
        "left_for_licensed_share": "left, so that enough of the pictures are licensed (C4.3)",
    }
    return [f"{report[key]} rows {text}" for key, text in words.items() if report[key]]
