"""`clearance account`: the accounts that we hold at sites, each with a mailbox that a person reads."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from clearance.cli.session import JsonOption, WorkspaceOption, opened, print_json, print_table, say

app = typer.Typer(
    help="Accounts: those we hold at sites for collecting, with a mailbox that a person reads.",
    no_args_is_help=True,
)
_DAY = ["%Y-%m-%d"]


@app.command("add")
def add(
    name: Annotated[str, typer.Argument(metavar="NAME")],
    source: Annotated[str, typer.Option(help="The source that the account is at.")],
    mailbox: Annotated[str, typer.Option(help="The e-mail address that the site writes to.")],
    responsible: Annotated[str, typer.Option(help="The person who reads it.")],
    checked: Annotated[
        datetime | None, typer.Option(formats=_DAY, help="The day on which the mailbox was last read.")
    ] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Register an account."""
    with opened(workspace) as here:
        made = here.accounts.add(
            name=name,
            source=source,
            mailbox=mailbox,
            responsible=responsible,
            last_checked=checked.date() if checked else None,
        )
    print_json(made) if as_json else say(
        f"account {made['name']} at {made['source']} registered; {made['responsible']} reads its mailbox"
    )


@app.command("check")
def check(
    name: Annotated[str, typer.Argument(metavar="NAME")],
    by: Annotated[str, typer.Option(metavar="PERSON", help="Who has read the mailbox.")],
    on: Annotated[datetime | None, typer.Option(formats=_DAY, help="The day; default today.")] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Record that a person has read an account's mailbox."""
    with opened(workspace) as here:
        made = here.accounts.check(name, by=by, on=on.date() if on else None)
    print_json(made) if as_json else say(
        f"account {made['name']} checked on {made['last_checked']} by {made['checked_by']}"
    )


@app.command("list")
def show_all(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """List the accounts, with those whose mailbox went unread for too long."""
    with opened(workspace) as here:
        accounts = here.accounts.list()
    if as_json:
        print_json({"accounts": accounts})
        return
    print_table(
        "Accounts",
        ("name", "source", "mailbox", "responsible", "last checked", ""),
        (
            [
                entry["name"],
                entry["source"],
                entry["mailbox"],
                entry["responsible"],
                entry["last_checked"] or "never",
                "overdue: nothing is collected from its source" if entry["overdue"] else "",
            ]
            for entry in accounts
        ),
    )
