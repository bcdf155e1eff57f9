"""`clearance licence`: the grants that licensed sources rest on."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from clearance.cli.session import (
    JsonOption,
    WorkspaceOption,
    opened,
    print_facts,
    print_json,
    print_table,
    say,
)

app = typer.Typer(
    help="Licences: what a licensor grants, for which pictures, how long.", no_args_is_help=True
)
_DAY = ["%Y-%m-%d"]


@app.command("add")
def add(
    source: Annotated[
        list[str], typer.Option(metavar="NAME", help="The source it covers; repeat for several.")
    ],
    licensor: Annotated[str, typer.Option(help="Who grants it.")],
    uses: Annotated[str, typer.Option(help="train, display, distribute, sell; comma between several.")],
    reference: Annotated[str, typer.Option(help="The contract it stands in.")],
    until: Annotated[
        datetime | None, typer.Option(formats=_DAY, help="Last day; none if it has no end.")
    ] = None,
    valid_from: Annotated[
        datetime | None, typer.Option("--from", formats=_DAY, help="First day; default today.")
    ] = None,
    path: Annotated[
        list[str] | None, typer.Option(help="URL paths it covers, * and $ as in robots.txt; default all.")
    ] = None,
    conditions: Annotated[str, typer.Option(help="What it asks in return, such as a credit line.")] = "",
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Record a licence."""
    with opened(workspace) as here:
        made = here.licences.add(
            sources=tuple(source),
            licensor=licensor,
            uses=tuple(use.strip() for use in uses.split(",") if use.strip()),
            reference=reference,
            valid_from=valid_from.date() if valid_from else None,
            valid_until=until.date() if until else None,
            paths=tuple(path or ()),
            conditions=conditions,
        )
    print_json(made) if as_json else say(
        f"{made['id']} recorded: {made['licensor']} grants {', '.join(made['uses'])}"
    )


@app.command("renew")
def renew(
    licence: Annotated[str, typer.Argument(metavar="ID")],
    reference: Annotated[str, typer.Option(help="The contract that renews it.")],
    until: Annotated[
        datetime | None, typer.Option(formats=_DAY, help="New last day; default: no end.")
    ] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Give a licence a later end; its pictures are kept as long."""
    with opened(workspace) as here:
        entry = here.licences.renew(licence, until=until.date() if until else None, reference=reference)
    print_json(entry) if as_json else say(f"{entry['id']} runs until {entry['valid_until'] or 'no end'} now")


@app.command("list")
def show_all(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """List the licences."""
    with opened(workspace) as here:
        licences = here.licences.list()
    if as_json:
        print_json({"licences": licences})
        return
    print_table(
        "Licences",
        ("id", "licensor", "sources", "uses", "until", "reference"),
        (
            [
                entry["id"],
                entry["licensor"],
                ", ".join(entry["sources"]),
                ", ".join(entry["uses"]),
                entry["valid_until"] or "no end",
                entry["reference"],
            ]
            for entry in licences
        ),
    )


@app.command("show")
def show(
    licence: Annotated[str, typer.Argument(metavar="ID")],
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show one licence."""
    with opened(workspace) as here:
        entry = here.licences.show(licence)
    print_json(entry) if as_json else print_facts(f"Licence {licence}", entry)
