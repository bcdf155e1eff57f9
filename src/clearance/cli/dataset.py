"""`clearance dataset`: freeze what is cleared to train, and hand it on as training code reads it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from clearance.cli.progress import steps_shown
from clearance.cli.session import (
    JsonOption,
    WhyOption,
    WorkspaceOption,
    opened,
    print_facts,
    print_json,
    print_table,
    say,
)
from clearance.errors import ExitStatus

app = typer.Typer(
    help="Dataset versions: frozen selections of pictures that are cleared to train.", no_args_is_help=True
)

NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="A dataset: NAME, or NAME@2.")]
ProjectOption = Annotated[str, typer.Option(help="The project whose pictures are weighed.")]
KindOption = Annotated[
    str,
    typer.Option(help="creative, editorial or mixed: which rules hold for the people and things pictured."),
]


@app.command("check")
def check(
    project: ProjectOption,
    kind: KindOption = "creative",
    why: WhyOption = "",
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say which pictures are cleared to train as things stand, and what stands against the others."""
    with opened(workspace, why=why) as here:
        report = here.datasets.check(project=project, kind=kind)
    if as_json:
        print_json(report)
        return
    _print_withheld(report)
    rows = (
        (entry["item"], "; ".join(_reason(reason) for reason in entry["reasons"]), entry["url"])
        for entry in report["withheld_items"]
    )
    if report["withheld_items"]:
        print_table("Withheld pictures", ("item", "why", "url"), rows)
    say(f"{report['items']} of {report['considered']} pictures are cleared to train; nothing was frozen")


@app.command("freeze")
def freeze(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A new dataset's name.")],
    project: ProjectOption,
    kind: KindOption = "creative",
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Freeze what is cleared to train as the first version of a dataset.

    Hosts whose signals were read too long ago are asked again, new pictures are looked at, copies are found;
    then every picture is weighed, the balance of those that pass is audited, and the version goes into the
    log. It never changes, and it can only shrink: `clearance dataset shrink`.
    """
    with opened(workspace) as here, steps_shown() as step:
        report = here.datasets.freeze(name, project=project, kind=kind, step=step)
    if as_json:
        print_json(report)
        return
    _print_withheld(report)
    _say_frozen(report)


@app.command("shrink")
def shrink(name: NameArgument, workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Freeze a new version without what was erased, withdrawn or refused since."""
    with opened(workspace) as here, steps_shown() as step:
        report = here.datasets.shrink(name, step=step)
    if as_json:
        print_json(report)
    elif not report["is_new"]:
        say(f"{report['reference']}: every member may stay; nothing was frozen")
    else:
        _print_withheld(report)
        say(f"{report['dropped']} members left out")
        _say_frozen(report)


@app.command("list")
def show_all(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """List all dataset versions."""
    with opened(workspace) as here:
        versions = here.datasets.list()
    if as_json:
        print_json({"datasets": versions})
        return
    columns = ("reference", "project", "kind", "items", "erased", "frozen_at", "superseded_by")
    rows = ([each[column] or "" for column in columns] for each in versions)
    print_table("Dataset versions", columns, rows)


@app.command("show")
def show(name: NameArgument, workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Show a version: what is in it, what was withheld, its audit, and what became of its members since."""
    with opened(workspace) as here:
        version = here.datasets.show(name)
    if as_json:
        print_json(version)
        return
    shown = {each: value for each, value in version.items() if each not in ("facts", "audit")}
    facts = {each: value for each, value in version["facts"].items() if each not in shown}
    print_facts(f"Dataset {version['reference']}", {**shown, **facts})
    if version["needs_shrinking"]:
        say(
            f"{version['erased']} members were erased since, {version['held_or_replaced']} are held or were"
            f" replaced: `clearance dataset shrink {version['dataset']}`"
        )


@app.command("diff")
def diff(
    one: Annotated[str, typer.Argument(metavar="FROM")],
    other: Annotated[str, typer.Argument(metavar="TO")],
    why: WhyOption = "",
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Compare two versions, member by member."""
    with opened(workspace, why=why) as here:
        compared = here.datasets.diff(one, other)
    if as_json:
        print_json(compared)
        return
    rows = [
        *(("removed", item) for item in compared["removed"]),
        *(("added", item) for item in compared["added"]),
    ]
    if rows:
        print_table(f"From {compared['from']} to {compared['to']}", ("change", "item"), rows)
    erased = ", ".join(f"{count} of {name}" for name, count in compared["erased"].items() if count)
    say(
        f"{compared['kept']} in both, {len(compared['removed'])} removed, {len(compared['added'])} added;"
        f" erased since: {erased or 'none'}"
    )


@app.command("verify")
def verify(
    name: NameArgument,
    pictures: Annotated[
        bool, typer.Option("--pictures/--no-pictures", help="Open every picture in the vault, too.")
    ] = True,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> int:
    """Compute a version again: rows, root in the log, audit, members, bytes."""
    with opened(workspace) as here:
        found = here.datasets.verify(name, pictures=pictures)
    if as_json:
        print_json(found)
    else:
        for problem in found["problems"]:
            say(problem)
        state = "whole" if found["ok"] else "NOT as it was frozen"
        say(
            f"{found['version']}: {state}; {found['items']} items, {found['erased']} erased since,"
            f" {found['pictures_opened']} pictures opened"
        )
    return ExitStatus.DONE if found["ok"] else ExitStatus.REFUSED


@app.command("export")
def export(
    name: NameArgument,
    directory: Annotated[Path, typer.Argument(metavar="OUT", help="A new or empty folder.")],
    form: Annotated[
        str, typer.Option("--format", help="webdataset, parquet, or croissant: the description alone.")
    ] = "webdataset",
    use: Annotated[
        str, typer.Option(help="train, display, distribute or sell: what it is exported for.")
    ] = "train",
    why: WhyOption = "",
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> int:
    """Export a version; what its basis does not grant for this use today stays in the vault."""
    with opened(workspace, why=why) as here:
        report = here.datasets.export(name, directory, form=form, use=use)
    if as_json:
        print_json(report)
    else:
        say(f"{report['exported']} pictures of {report['dataset']} under {directory}")
        for file in report["files"]:
            say(f"written: {file}")
        if report["credits"].get("missing"):
            say(f"{report['credits']['missing']} lack the credit that is due: attribution-missing.txt")
        if report["erased"]:
            say(f"{report['erased']} were erased since it was frozen")
        for reason, count in report["withheld"].items():
            say(f"{count} withheld: {reason}")
    return ExitStatus.REFUSED if report["withheld"] and not report["exported"] else ExitStatus.DONE


def _print_withheld(report: Mapping[str, Any]) -> None:
    if report["withheld"]:
        print_table("Withheld", ("reason", "pictures"), report["withheld"].items())


def _say_frozen(report: Mapping[str, Any]) -> None:
    say(
        f"{report['reference']}: {report['items']} pictures frozen, {report['withheld_pictures']} withheld of"
        f" {report['considered']}; balance: {report['facts']['audit']}; root {report['root'][:16]}, log entry"
        f" {report['log_index']}"
    )


def _reason(reason: Mapping[str, Any]) -> str:
    detail = f" ({reason['detail']})" if reason["detail"] else ""
    return f"{reason['control']} {reason['rule']}{detail}"
