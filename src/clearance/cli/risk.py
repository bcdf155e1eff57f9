"""`clearance risk`: the analysis that comes before collecting, and the signature under it."""

from __future__ import annotations

from pathlib import Path
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

app = typer.Typer(
    help="Risk analyses: what collecting needs and may harm, signed before anything is collected.",
    no_args_is_help=True,
)
_ProjectOption = Annotated[str, typer.Option(help="The project that is to be collected for.")]
_FileOption = Annotated[
    Path | None,
    typer.Option(help="The analysis; default: risk/PROJECT.yaml in the workspace.", show_default=False),
]


@app.command("draft")
def draft(
    project: _ProjectOption,
    file: _FileOption = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write the form of an analysis, filled in with what is recorded; a person writes the rest."""
    with opened(workspace) as here:
        made = here.risks.draft(project, file=file)
    if as_json:
        print_json(made)
        return
    say(f"{made['file']} written; {len(made['blank'])} places are blank, marked ?")
    say(f'next: write them, then clearance risk sign --project {project} --by "YOUR NAME"')


@app.command("sign")
def sign(
    project: _ProjectOption,
    by: Annotated[str, typer.Option(metavar="NAME", help="The person who answers for the analysis.")],
    file: _FileOption = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Sign an analysis as it stands in its file; refused while anything in it is blank, unknown or untrue."""
    with opened(workspace) as here:
        signed = here.risks.sign(project, by=by, file=file)
    if as_json:
        print_json(signed)
        return
    say(f"risk analysis of {project} signed by {signed['signed_by']}; it holds until {_day(signed)}")
    _say_uncovered(signed)


@app.command("show")
def show(
    project: _ProjectOption,
    file: Annotated[
        Path | None, typer.Option(help="A draft to show, in place of what is signed.", show_default=False)
    ] = None,
    html: Annotated[
        Path | None, typer.Option(help="Write it as a page to this file.", show_default=False)
    ] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show the analysis in force, who signed it and whether it still holds; or a draft, and what it lacks."""
    with opened(workspace) as here:
        shown = here.risks.show(project, file=file, html=html)
    if as_json:
        print_json(shown)
        return
    _print_standing(shown)
    if shown["analysis"] is not None:
        _print_analysis(shown["analysis"])
    if html is not None:
        say(f"page: {shown['html']}")


def _print_standing(shown: dict[str, Any]) -> None:
    match shown["state"]:
        case "none":
            say(f"none is signed: nothing can be collected for {shown['project']}")
        case "draft":
            say(f"a draft; {len(shown['findings'])} findings stand against signing it")
            if shown["findings"]:
                rows = ([finding["place"], finding["what"]] for finding in shown["findings"])
                print_table("Before it can be signed", ("place", "what"), rows)
        case _:
            names = (
                "state",
                "signed_by",
                "recorded_by",
                "signed_at",
                "valid_until",
                "covers",
                "commitment",
                "in_log",
            )
            print_facts(
                "Risk analysis", {"project": shown["project"], **{each: shown[each] for each in names}}
            )
            for why in shown["why"]:
                say(f"outdated: {why}")
            _say_uncovered(shown)
    if shown.get("next"):
        say(f"next: {shown['next']}")


def _print_analysis(analysis: dict[str, Any]) -> None:
    stated = {name: analysis[name] for name in ("decision", "conditions", "retention")}
    seen = {name: analysis[name]["pictured"] for name in ("people", "minors")}
    print_facts("What it says", {"purpose": analysis["project"]["purpose"], **stated, **seen})
    print_table(
        "Harms",
        ("harm", "before", "measures", "left"),
        (
            [each["harm"], each["risk"] or "?", "; ".join(each["measures"]), each["residual_risk"] or "?"]
            for each in analysis["harms"]
        ),
    )


def _say_uncovered(facts: dict[str, Any]) -> None:
    if facts["not_covered"]:
        say(f"not covered, and not collected from: {', '.join(facts['not_covered'])}")


def _day(signed: dict[str, Any]) -> str:
    return str(signed["valid_until"])[:10]
