"""`clearance dataset`: hand kept pictures on, in the forms that training code reads."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from clearance.cli.session import JsonOption, WhyOption, WorkspaceOption, opened, print_json, say
from clearance.errors import ExitStatus

app = typer.Typer(
    help="Datasets: pictures that were kept, for a use that their basis grants.", no_args_is_help=True
)


@app.callback()
def _group() -> None:
    """Keep `export` a command of a group: others will stand beside it."""


@app.command("export")
def export(
    directory: Annotated[Path, typer.Argument(metavar="OUT", help="A new or empty folder.")],
    project: Annotated[str, typer.Option(help="The project whose pictures are exported.")],
    form: Annotated[str, typer.Option("--format", help="webdataset or parquet.")] = "webdataset",
    use: Annotated[
        str, typer.Option(help="train, display, distribute or sell: what it is exported for.")
    ] = "train",
    why: WhyOption = "",
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> int:
    """Export kept pictures; what its basis does not grant for this use stays in the vault."""
    with opened(workspace, why=why) as here:
        report = here.datasets.export(directory, project=project, form=form, use=use)
    if as_json:
        print_json(report)
    else:
        say(f"{report['exported']} pictures in {len(report['files'])} files under {directory}")
        for reason, count in report["withheld"].items():
            say(f"{count} withheld: {reason}")
    return ExitStatus.REFUSED if report["withheld"] and not report["exported"] else ExitStatus.DONE
