"""`clearance source`: where pictures come from, with the due diligence that was done."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from clearance.cli.session import (
    JsonOption,
    WorkspaceOption,
    opened,
    print_facts,
    print_json,
    print_table,
    say,
)

app = typer.Typer(help="Sources: where pictures come from, and why we may take them.", no_args_is_help=True)


@app.command("add")
def add(
    name: Annotated[str, typer.Argument(metavar="NAME")],
    host: Annotated[
        list[str],
        typer.Option(
            metavar="PATTERN", help="example.org, *.example.org, *, with :port; repeat for several."
        ),
    ],
    basis: Annotated[
        str, typer.Option(help="licence, open-licence, public-domain, own-work or tdm-exception.")
    ],
    diligence: Annotated[
        str, typer.Option(help="How the source lawfully holds the pictures, and who looked into it.")
    ],
    owner: Annotated[str, typer.Option(help="Who runs the source.")] = "",
    evidence: Annotated[Path | None, typer.Option(help="A file that shows the due diligence.")] = None,
    open_licence: Annotated[
        str, typer.Option(help="The open licence that all of the source's pictures carry.")
    ] = "",
    max_items: Annotated[int | None, typer.Option(min=1, help="Pictures to take at most.")] = None,
    max_bytes: Annotated[int | None, typer.Option(min=1, help="Bytes to keep at most.")] = None,
    longest_side: Annotated[int | None, typer.Option(min=16, help="Longest side to keep, in pixels.")] = None,
    max_concurrent: Annotated[int | None, typer.Option(min=1, help="Requests at once, if agreed.")] = None,
    min_delay: Annotated[
        float | None, typer.Option(min=0, help="Seconds between requests, if agreed.")
    ] = None,
    latency_factor: Annotated[
        float | None, typer.Option(min=0, help="Wait this many times the answering time, if agreed.")
    ] = None,
    daily_requests: Annotated[int | None, typer.Option(min=1, help="Requests a day, if agreed.")] = None,
    daily_bytes: Annotated[int | None, typer.Option(min=1, help="Bytes a day, if agreed.")] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Register a source."""
    with opened(workspace) as here:
        made = here.sources.add(
            name=name,
            hosts=tuple(host),
            basis=basis,
            diligence=diligence,
            owner=owner,
            evidence=evidence,
            open_licence=open_licence,
            quotas={"max_items": max_items, "max_bytes": max_bytes, "longest_side_px": longest_side},
            pace={
                "max_concurrent": max_concurrent,
                "min_delay_s": min_delay,
                "latency_factor": latency_factor,
                "daily_requests": daily_requests,
                "daily_bytes": daily_bytes,
            },
        )
    print_json(made) if as_json else say(f"source {made['name']} registered, basis {made['basis']}")


@app.command("list")
def show_all(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """List the sources."""
    with opened(workspace) as here:
        sources = here.sources.list()
    if as_json:
        print_json({"sources": sources})
        return
    print_table(
        "Sources",
        ("name", "hosts", "basis", "due diligence"),
        ([entry["name"], ", ".join(entry["hosts"]), entry["basis"], entry["diligence"]] for entry in sources),
    )


@app.command("show")
def show(
    name: Annotated[str, typer.Argument(metavar="NAME")],
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show one source."""
    with opened(workspace) as here:
        entry = here.sources.show(name)
    print_json(entry) if as_json else print_facts(f"Source {name}", entry)
