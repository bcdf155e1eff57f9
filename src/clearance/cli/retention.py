"""`clearance retention`: how long things are kept, and the sweep that ends what is past its clock."""

from __future__ import annotations

import typer

from clearance.cli.session import JsonOption, WorkspaceOption, opened, print_json, print_table, say
from clearance.errors import ExitStatus

app = typer.Typer(
    help="Retention: nothing is kept longer than its purpose and its licence last.", no_args_is_help=True
)


@app.command("status")
def status(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Show what is past its clock, and what will be within 30 days."""
    with opened(workspace) as here:
        shown = here.retention.status()
    if as_json:
        print_json(shown)
        return
    for title, counts in (
        ("Past their clock", shown["overdue_by_reason"]),
        ("Due within 30 days", shown["due_within_30_days"]),
        ("Erased so far", shown["erased"]),
    ):
        if counts:
            print_table(title, ("why", "count"), counts.items())
    print_table("Clocks", ("", ""), shown["clocks"].items())
    say(f"{shown['overdue']} overdue; {shown['running']} records whose clocks run on")


@app.command("sweep")
def sweep(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> int:
    """Erase what is past its clock; made to be run by cron, each night."""
    with opened(workspace) as here:
        swept = here.retention.sweep()
    if as_json:
        print_json(swept)
        return ExitStatus.PARTIAL if swept["blocked"] else ExitStatus.DONE
    columns = ("reason", "items", "pictures", "bytes", "certificate")
    if swept["erasures"]:
        print_table("Swept", columns, ([entry[column] for column in columns] for entry in swept["erasures"]))
    others = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in swept["others"].items())
    say(f"{swept['erased']} records erased; beside them {others}")
    for why in swept["blocked"].values():
        say(f"not swept: {why}; other pictures lie in it, too: restore the file from a backup")
    return ExitStatus.PARTIAL if swept["blocked"] else ExitStatus.DONE
