"""`clearance project`: the determined purposes that collections belong to."""

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

app = typer.Typer(help="Projects: one determined purpose each.", no_args_is_help=True)
_DAY = ["%Y-%m-%d"]


@app.command("create")
def create(
    name: Annotated[str, typer.Argument(metavar="NAME")],
    purpose: Annotated[str, typer.Option(help="What the pictures are for.")],
    use: Annotated[str, typer.Option(help="generative-training, non-generative-training or analysis.")],
    target: Annotated[int, typer.Option(help="How many pictures the purpose needs.")],
    subject: Annotated[list[str] | None, typer.Option(help="What is pictured; repeat for several.")] = None,
    owner: Annotated[str, typer.Option(help="Who answers for the project.")] = "",
    starts: Annotated[datetime | None, typer.Option(formats=_DAY, help="First day.")] = None,
    ends: Annotated[datetime | None, typer.Option(formats=_DAY, help="Last day.")] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Record a project."""
    with opened(workspace) as here:
        made = here.projects.create(
            name=name,
            purpose=purpose,
            use=use,
            target=target,
            subjects=tuple(subject or ()),
            owner=owner,
            starts=starts.date() if starts else None,
            ends=ends.date() if ends else None,
        )
    print_json(made) if as_json else say(f"project {made['name']} recorded: {made['purpose']}")


@app.command("list")
def show_all(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """List the projects."""
    with opened(workspace) as here:
        projects = here.projects.list()
    if as_json:
        print_json({"projects": projects})
        return
    columns = ("name", "use", "target", "purpose")
    print_table("Projects", columns, ([entry[column] for column in columns] for entry in projects))


@app.command("show")
def show(
    name: Annotated[str, typer.Argument(metavar="NAME")],
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show one project, and how far its collection is."""
    with opened(workspace) as here:
        entry = here.projects.show(name)
    print_json(entry) if as_json else print_facts(f"Project {name}", entry)
