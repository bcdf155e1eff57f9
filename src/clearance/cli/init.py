"""`clearance init`: make a workspace."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from clearance.cli.session import JsonOption, passphrase, print_json, say


def init(
    directory: Annotated[
        Path, typer.Argument(metavar="DIR", help="Where the workspace is made; new or empty.")
    ],
    organisation: Annotated[str, typer.Option(help="The organisation that collects.")],
    contact: Annotated[
        str, typer.Option(metavar="URL", help="The page that the crawler's user agent points to.")
    ],
    protect: Annotated[bool, typer.Option("--passphrase", help="The same as --root-key passphrase.")] = False,
    root_key: Annotated[
        str,
        typer.Option(
            metavar="KIND",
            help="Where the root key comes from: file (mode 0600), passphrase, keyring (the operating"
            " system's), or command (a key management system).",
        ),
    ] = "file",
    database: Annotated[
        str,
        typer.Option(
            metavar="URL",
            help="Where control data is kept: postgresql+psycopg://USER@HOST/NAME, an empty database;"
            " default: SQLite inside the workspace. A password belongs into ~/.pgpass.",
        ),
    ] = "",
    wrap_command: Annotated[
        str,
        typer.Option(help="With --root-key command: program and arguments that wrap the key; not a shell's."),
    ] = "",
    unwrap_command: Annotated[
        str, typer.Option(help="With --root-key command: program and arguments that unwrap it.")
    ] = "",
    as_json: JsonOption = False,
) -> None:
    """Make a workspace: configuration, policy, database, item store, vault, log and root key."""
    from clearance.workspace import Workspace, key_settings

    made = Workspace.create(
        directory,
        organisation=organisation,
        contact=contact,
        root_key="passphrase" if protect else root_key,
        keys=key_settings(wrap_command, unwrap_command),
        database=database,
        passphrase=passphrase,
    )
    if as_json:
        print_json(made)
        return
    say(f"workspace made in {made['workspace']}")
    say(f"log key (give it to whoever verifies): {made['log_key']}")
    say(
        "next: read policy.yaml; then clearance project create, clearance source add, clearance terms fetch,"
        " clearance terms review, clearance survey, clearance risk draft, clearance risk sign,"
        " clearance collect"
    )
