"""`clearance keys`: what opens the workspace, how old it is, and making it anew."""

from __future__ import annotations

from typing import Annotated

import typer

from clearance.cli.session import (
    JsonOption,
    WorkspaceOption,
    new_passphrase,
    opened,
    print_json,
    print_table,
    say,
)
from clearance.errors import BadInput

app = typer.Typer(
    help="Keys: what the workspace is sealed with; never shown, only named.", no_args_is_help=True
)


@app.command("list")
def show_all(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """List the keys with their age; destroyed ones too."""
    with opened(workspace) as here:
        keys = here.keys.list()
    if as_json:
        print_json({"keys": keys})
        return
    print_table(
        "Keys",
        ("key", "kind", "wrapped by", "made", "wraps", ""),
        (
            [
                key["key"],
                key["kind"],
                key["wrapped_by"],
                key["created_at"][:19],
                key["wraps"],
                f"destroyed {key['destroyed_at'][:19]}" if key["destroyed_at"] else "",
            ]
            for key in keys
        ),
    )


@app.command("rotate")
def rotate(
    source: Annotated[
        str, typer.Option(help="Make the keys of this source anew; without it, the root key.")
    ] = "",
    root_key: Annotated[
        str,
        typer.Option(
            metavar="KIND",
            help="Where the new root key comes from: file, passphrase, keyring, command; default: as it is.",
        ),
    ] = "",
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a key anew and wrap again what it wraps; the pictures stay sealed as they are."""
    if source and root_key:
        raise BadInput("--source and --root-key: rotate one, then the other")
    with opened(workspace) as here:
        if source:
            done = here.keys.rotate_source(source)
        else:
            done = here.keys.rotate_root(root_key, passphrase=new_passphrase)
    if as_json:
        print_json(done)
        return
    say(f"made anew: {', '.join(done['rotated'])}")
    if not source:
        say(
            "keep a copy of keys/root.key apart from the workspace and its backups; earlier backups open with"
            " the earlier root key only"
        )
