"""What every command shares: the two options that all have, the workspace they open, and how they print."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from clearance.errors import printable

if TYPE_CHECKING:
    from clearance.workspace import Workspace

JsonOption = Annotated[
    bool, typer.Option("--json", help="Print one JSON object on standard output, nothing else.")
]
WorkspaceOption = Annotated[
    Path | None,
    typer.Option(
        "--workspace", help="The workspace; default: the nearest clearance.toml upward.", show_default=False
    ),
]
WhyOption = Annotated[
    str,
    typer.Option(
        "--why",
        envvar="CLEARANCE_WHY",
        show_envvar=True,
        help="What the records are read for; it is recorded with the read.",
    ),
]
TOKEN_VARIABLE = "CLEARANCE_TOKEN"  # noqa: S105 - the variable's name, not a secret
PASSPHRASE_VARIABLE = "CLEARANCE_PASSPHRASE"  # noqa: S105 - the variable's name, not a secret
NEW_PASSPHRASE_VARIABLE = "CLEARANCE_NEW_PASSPHRASE"  # noqa: S105 - as above


@contextmanager
def opened(path: Path | None, *, why: str = "") -> Iterator[Workspace]:
    """Open the workspace that a command works on, and close it after.

    Who acts is the operating-system user, or whoever the token in the environment stands for. A variable that
    is set and empty is a token that opens nothing: a secret that is missing must not act as somebody else.
    """
    # Imported here: the stores behind it take a second to load, and `--help` must not wait for them.
    from clearance.workspace import Workspace, find_workspace

    with Workspace.open(
        find_workspace(path), passphrase=passphrase, token=os.environ.get(TOKEN_VARIABLE), why=why
    ) as workspace:
        if workspace.configuration.network.allow_private_addresses:
            networks = ", ".join(workspace.configuration.network.allow_private_addresses)
            Console(stderr=True).print(
                f"[yellow]trying out: private addresses are allowed ({networks})[/yellow]"
            )
        yield workspace


def passphrase() -> str:
    """Return the passphrase of the root key: from the environment, else asked for at the terminal."""
    given = os.environ.get(PASSPHRASE_VARIABLE)
    return given if given is not None else str(typer.prompt("Passphrase", hide_input=True, err=True))


def new_passphrase() -> str:
    """Return the passphrase of a new root key: from the environment, else asked for twice."""
    given = os.environ.get(NEW_PASSPHRASE_VARIABLE)
    if given is not None:
        return given
    return str(typer.prompt("New passphrase", hide_input=True, confirmation_prompt=True, err=True))


def print_json(data: Mapping[str, Any]) -> None:
    """Print one JSON object on standard output."""
    sys.stdout.write(json.dumps(data, ensure_ascii=False, indent=2) + "\n")


def print_table(title: str, columns: Iterable[str], rows: Iterable[Iterable[object]]) -> None:
    """Print a table for people; everything in it is text from outside and is escaped."""
    table = Table(title=title, title_justify="left", header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(Text(printable(str(value), max_chars=500)) for value in row))
    Console().print(table)


def print_facts(title: str, facts: Mapping[str, object]) -> None:
    """Print one thing's facts, a line each."""
    print_table(title, ("", ""), ((name, _readable(value)) for name, value in facts.items()))


def say(message: str) -> None:
    """Print one line for people, on standard error: standard output is for data."""
    Console(stderr=True, highlight=False).print(Text(printable(message, max_chars=2000)), soft_wrap=True)


def _readable(value: object) -> str:
    if isinstance(value, (dict, list, tuple)):
        return json.dumps(value, ensure_ascii=False, default=str)
    return "" if value is None else str(value)
