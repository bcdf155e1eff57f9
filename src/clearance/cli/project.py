"""`clearance project`: the determined purposes that collections belong to."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

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
SubjectOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME[=TARGET[:KEYWORD,...]]",
        help="What is pictured, how many of it are needed, and the words that name it; repeat for several.",
    ),
]
LicensedShareOption = Annotated[
    float | None,
    typer.Option(min=0, max=1, help="The least share of licensed pictures, 0.5 for half; default: policy's."),
]


@app.command("create")
def create(
    name: Annotated[str, typer.Argument(metavar="NAME")],
    purpose: Annotated[str, typer.Option(help="What the pictures are for.")],
    use: Annotated[str, typer.Option(help="generative-training, non-generative-training or analysis.")],
    target: Annotated[int, typer.Option(help="How many pictures the purpose needs.")],
    subject: SubjectOption = None,
    owner: Annotated[str, typer.Option(help="Who answers for the project.")] = "",
    starts: Annotated[datetime | None, typer.Option(formats=_DAY, help="First day.")] = None,
    ends: Annotated[datetime | None, typer.Option(formats=_DAY, help="Last day.")] = None,
    licensed_share: LicensedShareOption = None,
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
            licensed_share=licensed_share,
        )
    print_json(made) if as_json else say(f"project {made['name']} recorded: {made['purpose']}")


@app.command("change")
def change(
    name: Annotated[str, typer.Argument(metavar="NAME")],
    purpose: Annotated[str | None, typer.Option(help="What the pictures are for.")] = None,
    use: Annotated[
        str | None, typer.Option(help="generative-training, non-generative-training or analysis.")
    ] = None,
    target: Annotated[int | None, typer.Option(help="How many pictures the purpose needs.")] = None,
    subject: SubjectOption = None,
    owner: Annotated[str | None, typer.Option(help="Who answers for the project.")] = None,
    starts: Annotated[datetime | None, typer.Option(formats=_DAY, help="First day.")] = None,
    ends: Annotated[datetime | None, typer.Option(formats=_DAY, help="Last day.")] = None,
    licensed_share: LicensedShareOption = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Change what a project promises; what is not named stays, subjects that are named replace all."""
    with opened(workspace) as here:
        changed = here.projects.change(
            name,
            purpose=purpose,
            use=use,
            target=target,
            subjects=tuple(subject) if subject else None,
            owner=owner,
            starts=starts.date() if starts else None,
            ends=ends.date() if ends else None,
            licensed_share=licensed_share,
        )
    print_json(changed) if as_json else say(f"project {changed['name']} changed")


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
    if as_json:
        print_json(entry)
        return
    progress = entry["progress"]
    print_facts(f"Project {name}", {key: value for key, value in entry.items() if key != "progress"})
    print_table(
        f"{progress['kept']} kept, {progress['left']} still needed",
        ("subject", "target", "kept", "still needed"),
        subject_rows(progress),
    )
    say(licensed_line(progress))


def subject_rows(progress: dict[str, Any]) -> list[list[object]]:
    """Return how far each subject is, for a table."""
    return [
        [entry["name"], _or_none(entry["target"]), entry["kept"], _or_none(entry["left"])]
        for entry in progress["subjects"]
    ]


def licensed_line(progress: dict[str, Any]) -> str:
    """Say how many of the kept pictures are licensed, and what share the project promises."""
    licensed = progress["licensed"]
    share = "" if licensed["share"] is None else f", {licensed['share']:.1%} of {progress['kept']}"
    floor = f"; at least {licensed['floor']:.1%} is promised" if licensed["floor"] else ""
    return f"{licensed['kept']} licensed{share}{floor}"


def _or_none(value: int | None) -> object:
    return "" if value is None else value
