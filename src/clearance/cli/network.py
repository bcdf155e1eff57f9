"""`clearance network`: whose addresses we visit from."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from clearance.cli.session import JsonOption, WorkspaceOption, opened, print_json, print_table, say

app = typer.Typer(
    help="Networks: the provider, addresses and bandwidth that we visit sites with.", no_args_is_help=True
)
_DAY = ["%Y-%m-%d"]


@app.command("add")
def add(
    name: Annotated[str, typer.Argument(metavar="NAME")],
    provider: Annotated[str, typer.Option(help="Who sells the line.")],
    address: Annotated[
        list[str],
        typer.Option(metavar="CIDR", help="An address or block that was bought; repeat for several."),
    ],
    bandwidth: Annotated[str, typer.Option(help="Such as 1 Gbit/s; a bare number is in Mbit/s.")],
    valid_from: Annotated[
        datetime | None, typer.Option("--from", formats=_DAY, help="First day; default today.")
    ] = None,
    until: Annotated[
        datetime | None, typer.Option(formats=_DAY, help="Last day; none if it has no end.")
    ] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Register a network."""
    with opened(workspace) as here:
        made = here.networks.add(
            name=name,
            provider=provider,
            addresses=tuple(address),
            bandwidth=bandwidth,
            valid_from=valid_from.date() if valid_from else None,
            valid_until=until.date() if until else None,
        )
    print_json(made) if as_json else say(
        f"network {made['name']} registered: {made['provider']}, {', '.join(made['addresses'])}"
    )


@app.command("list")
def show_all(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """List the networks, with the addresses that visits left from."""
    with opened(workspace) as here:
        networks, unregistered = here.networks.list(), here.networks.unregistered()
    if as_json:
        print_json({"networks": networks, "unregistered": unregistered})
        return
    print_table(
        "Networks",
        ("name", "provider", "addresses bought", "bandwidth", "from", "until", "addresses used"),
        (
            [
                entry["name"],
                entry["provider"],
                ", ".join(entry["addresses"]),
                entry["bandwidth"],
                entry["valid_from"],
                entry["valid_until"] or "no end",
                _counted(entry["used"]),
            ]
            for entry in networks
        ),
    )
    if unregistered:
        say(f"visits from addresses that nobody registered: {_counted(unregistered)}")


def _counted(used: dict[str, int]) -> str:
    return ", ".join(f"{address} ({count})" for address, count in used.items())
