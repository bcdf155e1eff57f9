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
    protect: Annotated[
        bool,
        typer.Option(
            "--passphrase", help="Protect the root key with a passphrase instead of a file of mode 0600."
        ),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Make a workspace: configuration, policy, database, item store, vault, log and root key."""
    from clearance.workspace import Workspace

    made = Workspace.create(
        directory, organisation=organisation, contact=contact, passphrase=passphrase() if protect else None
    )
    if as_json:
        print_json(made)
        return
    say(f"workspace made in {made['workspace']}")
    say(f"log key (give it to whoever verifies): {made['log_key']}")
    say(
        "next: read policy.yaml; then clearance project create, clearance source add, clearance terms fetch,"
        " clearance terms review, clearance survey, clearance collect"
    )
