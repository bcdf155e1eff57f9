"""The `clearance` command: puts the groups together and turns errors into exit statuses, in one place."""

from __future__ import annotations

import json
import signal
import sys
from importlib.metadata import version
from typing import Annotated

import typer
from rich.console import Console

from clearance.cli import (
    account,
    audit,
    backup,
    collect,
    consent,
    controls,
    dataset,
    document,
    erase,
    explain,
    init,
    items,
    keys,
    licence,
    match,
    network,
    people,
    policy,
    project,
    register,
    retention,
    risk,
    source,
    status,
    survey,
    terms,
    traffic,
)
from clearance.errors import ClearanceError, ExitStatus, printable

app = typer.Typer(
    name="clearance",
    help="Cleared to collect, cleared to train, cleared to publish: CEPIC's AI guidelines put into practice.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command("init")(init.init)
app.add_typer(project.app, name="project")
app.add_typer(source.app, name="source")
app.add_typer(licence.app, name="licence")
app.add_typer(terms.app, name="terms")
app.add_typer(account.app, name="account")
app.add_typer(network.app, name="network")
app.add_typer(people.app, name="people")
app.add_typer(risk.app, name="risk")
app.command("survey")(survey.survey)
app.command("collect")(collect.collect)
app.add_typer(items.app, name="items")
app.add_typer(consent.app, name="consent")
app.command("erase")(erase.erase)
app.add_typer(erase.erasures, name="erasure")
app.command("status")(status.status)
app.add_typer(retention.app, name="retention")
app.command("explain")(explain.explain)
app.command("traffic")(traffic.traffic)
app.command("audit")(audit.audit)
app.command("match")(match.match)
app.add_typer(dataset.app, name="dataset")
app.command("document")(document.document)
app.add_typer(register.app, name="register")
app.add_typer(keys.app, name="keys")
app.command("backup")(backup.backup)
app.command("restore")(backup.restore)
app.add_typer(policy.app, name="policy")
app.command("controls")(controls.controls)


def _show_version(asked: bool) -> None:  # noqa: FBT001 - the signature that Typer calls
    if asked:
        typer.echo(f"clearance {version('clearance')}")
        raise typer.Exit


@app.callback()
def _root(
    shown: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version and exit."),
    ] = False,
) -> None:
    """Hold the options that stand before a command."""


def main() -> None:
    """Run the command line and exit with the status that docs/collect.md promises."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run one command; every error becomes a message on standard error and an exit status."""
    # A reader that closes its end (`| head`) ends us quietly, as it does every Unix tool.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    try:
        status = app(arguments, prog_name="clearance", standalone_mode=False)
    except ClearanceError as error:
        return _failed(str(error), kind=type(error).__name__, status=error.exit_status, arguments=arguments)
    except typer.Abort:
        return ExitStatus.INTERRUPTED
    except typer.TyperException as error:
        # Wrong usage: an unknown command or option, a missing value. A bare group prints what it has.
        if str(error).startswith("Usage:"):
            sys.stderr.write(f"{error}\n")
            return ExitStatus.USAGE
        message = f"{error}; `clearance --help` and `clearance COMMAND --help` list what there is"
        return _failed(message, kind="Usage", status=ExitStatus.USAGE, arguments=arguments)
    except KeyboardInterrupt:
        return ExitStatus.INTERRUPTED
    return status if isinstance(status, int) else ExitStatus.DONE


def _failed(message: str, *, kind: str, status: ExitStatus, arguments: list[str]) -> int:
    Console(stderr=True, highlight=False).print(
        f"[red]error:[/red] {_plain(message)}" if message else f"[red]{kind}[/red]", soft_wrap=True
    )
    if "--json" in arguments:
        sys.stdout.write(
            json.dumps({"error": {"kind": kind, "message": message, "status": int(status)}}) + "\n"
        )
    return status


def _plain(message: str) -> str:
    return printable(message, max_chars=2000).replace("[", "\\[")
