"""`clearance erase`: what goes when somebody asks."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from clearance.cli.session import JsonOption, WorkspaceOption, opened, print_json, print_table, say

erasures = typer.Typer(help="Erasures that were done, and their certificates.", no_args_is_help=True)


def erase(
    item: Annotated[list[str] | None, typer.Option(help="Id of an item; repeat for several.")] = None,
    url: Annotated[str, typer.Option(help="Address of a picture.")] = "",
    host: Annotated[str, typer.Option(help="Everything from a host.")] = "",
    source: Annotated[
        str, typer.Option(help="Everything from a source; alone, it destroys the source's keys too.")
    ] = "",
    licence: Annotated[str, typer.Option(help="Everything under a licence.")] = "",
    project: Annotated[str, typer.Option(help="Of a project only; alone, everything of it.")] = "",
    keyword: Annotated[str, typer.Option(help="What has this word in its caption or subject.")] = "",
    reason: Annotated[
        str,
        typer.Option(
            help="request, mistake or not-needed: not collected again, in the last case for its project."
        ),
    ] = "request",
    by: Annotated[str, typer.Option(help="Who asked or decided; default: you.")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do it; without this it is only shown.")] = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Erase pictures and everything that is known of them; shown first, done with --yes."""
    wanted: dict[str, Any] = {
        "items": tuple(item or ()),
        "url": url,
        "host": host,
        "source": source,
        "licence": licence,
        "project": project,
        "keyword": keyword,
    }
    with opened(workspace) as here:
        shown = (
            here.erasures.erase(reason=reason, by=by, **wanted)
            if yes
            else {**here.erasures.preview(**wanted), "erasure": None}
        )
    if as_json:
        print_json(shown)
        return
    for name in ("source", "project", "decision", "host"):
        print_table(f"By {name}", (name, "records"), shown[f"by_{name}"].items())
    _say_others(shown)
    amount = f"{shown['items']} records, {shown['pictures']} pictures"
    if yes:
        say(f"erased: {amount}, {shown['bytes']} bytes; certificate: {shown['certificate']}")
    else:
        say(f"would be erased: {amount}; nothing was changed, --yes does it")
        if shown["destroys_keys"]:
            say(f"the keys of source {source} would be destroyed with it, which takes two persons")


def _say_others(shown: dict[str, Any]) -> None:
    for export in shown["exports"]:
        say(
            f"export {export['directory']} holds {export['items']} of them: make it anew, and tell who has a"
            " copy"
        )
    for other in shown["same_bytes"]:
        say(f"item {other['item_id']} of project {other['project']} has the same bytes: {other['url']}")


@erasures.command("list")
def show_all(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """List the erasures that were done."""
    with opened(workspace) as here:
        known = here.erasures.list()
    if as_json:
        print_json({"erasures": known})
        return
    columns = ("erasure", "reason", "items", "pictures", "bytes", "done_at", "asked_by")
    print_table("Erasures", columns, ([entry[column] for column in columns] for entry in known))


@erasures.command("certificate")
def certificate(
    erasure: Annotated[str, typer.Argument(metavar="ERASURE")],
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print the certificate of an erasure, as JSON; its hash stands in the log."""
    del as_json  # it is JSON in any case
    with opened(workspace) as here:
        print_json(here.erasures.certificate(erasure))
