"""`clearance backup` and `clearance restore`."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from clearance.cli.session import JsonOption, WorkspaceOption, opened, passphrase, print_json, say
from clearance.errors import BadInput


def backup(
    directory: Annotated[
        Path, typer.Argument(metavar="DIR", help="Where backups are kept; each becomes a folder of its own.")
    ],
    with_root_key: Annotated[
        bool,
        typer.Option(
            "--with-root-key",
            help="Put the root key file into keys.json too; without it, keep a copy of it elsewhere.",
        ),
    ] = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Back up the workspace: data in one sealed file, its keys in a small one, which can be destroyed."""
    with opened(workspace) as here:
        made = here.backups.make(directory, with_root_key=with_root_key)
    if as_json:
        print_json(made)
        return
    size = made["files"]["data.tar.sealed"]["bytes"]
    say(f"{made['backup']}: {size:,} bytes, {made['log_entries']} log entries")
    say(
        "keys.json opens it; destroy that file (and its copies) before the deadline of an erasure that it"
        " misses, and the backup holds nothing any more"
    )
    if not with_root_key:
        say("the root key is not in it: keep a copy of keys/root.key apart from the backup")


def restore(
    source: Annotated[
        Path, typer.Argument(metavar="BACKUP", help="The folder that a backup was written to.")
    ],
    directory: Annotated[
        Path, typer.Argument(metavar="DIR", help="Where the workspace is made; new or empty.")
    ],
    trail: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Newer copies of the folders log, leaves and tombstones."),
    ] = None,
    root_key: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="The copy of keys/root.key, where the backup holds none."),
    ] = None,
    database: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="Another control database, empty; '' means SQLite inside the workspace. Default: as it was.",
        ),
    ] = None,
    unwrap_command: Annotated[
        str, typer.Option(help="Program and arguments that unwrap the root key, where a command does.")
    ] = "",
    as_json: JsonOption = False,
) -> None:
    """Make a workspace of a backup, erase again what was erased since, and say what is lost."""
    from clearance.workspace import Restoring
    from clearance.workspace import restore as restored

    try:
        command = tuple(shlex.split(unwrap_command))
    except ValueError as error:
        raise BadInput(f"--unwrap-command: {error}") from error
    wanted = Restoring(
        trail=trail, root_key=root_key, database=database, unwrap_command=command, passphrase=passphrase
    )
    done = restored(source, directory, wanted)
    if as_json:
        print_json(done)
        return
    say(f"workspace restored in {done['workspace']}: {done['entries']} log entries")
    say(f"erased again: {done['erased_again']} records; lost: {done['lost']} records made after the backup")
    if done["consents_withdrawn_again"] or done["consents_erased_again"]:
        say(
            f"consents withdrawn again: {done['consents_withdrawn_again']}; erased again:"
            f" {done['consents_erased_again']}"
        )
    if done["consents_unchecked"]:
        say(
            f"{done['consents_unchecked']} consents are in force as the backup has them: without --trail"
            " nobody knows who withdrew since; compare them with your letters before anything trains"
        )
    if not done["can_sign"]:
        say(f"it can be read only: {done['why_not']}")
        return
    say(
        "next: clearance register verify; clearance items recheck, for what was refused after the backup is"
        " not known; clearance retention sweep"
    )
