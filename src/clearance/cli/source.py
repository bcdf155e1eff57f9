"""`clearance source`: where pictures come from, with the due diligence that was done."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

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
from clearance.errors import BadInput

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
    max_project_share: Annotated[
        float | None, typer.Option(min=0, max=1, help="Share of a project that it may give, if agreed.")
    ] = None,
    max_catalogue_share: Annotated[
        float | None, typer.Option(min=0, max=1, help="Share of its own catalogue that it may give.")
    ] = None,
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
            quotas={
                "max_items": max_items,
                "max_bytes": max_bytes,
                "longest_side_px": longest_side,
                "max_project_share": max_project_share,
                "max_catalogue_share": max_catalogue_share,
            },
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
    if as_json:
        print_json(entry)
        return
    print_facts(f"Source {name}", {key: value for key, value in entry.items() if key != "quota_use"})
    print_table("Quotas", QUOTA_COLUMNS, (quota_row(quota) for quota in entry["quota_use"]))


QUOTA_COLUMNS = ("quota", "of", "at most", "used", "left", "set by")


def quota_row(quota: dict[str, Any]) -> list[object]:
    """Return one quota for a table."""
    return [quota["quota"], quota["detail"], quota["most"], quota["used"], quota["left"], quota["from"]]


@app.command("catalogue")
def catalogue(
    name: Annotated[str, typer.Argument(metavar="NAME")],
    pictures: Annotated[int | None, typer.Option(min=0, help="How many pictures the source has.")] = None,
    how: Annotated[str, typer.Option(help="How that is known: who said it, and where.")] = "",
    from_sitemap: Annotated[
        bool, typer.Option("--from-sitemap", help="Count them in the site's own sitemaps.")
    ] = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """State how many pictures a source has, or count them; without options, show what is stated."""
    if from_sitemap and (pictures is not None or how):
        raise BadInput("--from-sitemap counts: --pictures and --how are for what a person states")
    if how and pictures is None:
        raise BadInput("--how goes with --pictures: how many are there?")
    with opened(workspace) as here:
        if from_sitemap:
            stated = here.catalogues.count(name)
        elif pictures is not None:
            stated = here.catalogues.state(name, pictures=pictures, how=how)
        else:
            stated = here.catalogues.show(name)
    if as_json:
        print_json(stated)
        return
    known = stated["catalogue"]
    say(
        f"source {name}: {known['pictures']} pictures, {known['how']}"
        if known is not None
        else f"source {name}: the size of its catalogue is not known; state it with --pictures and --how"
    )
    for problem in stated.get("problems", ()):
        say(f"not counted: {problem}")


@app.command("confirm-host")
def confirm_host(
    host: Annotated[str, typer.Argument(metavar="HOST", help="example.org, or example.org:8443.")],
    by: Annotated[str, typer.Option(help="The person who looked, and found that the host is to be trusted.")],
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Confirm a host whose certificate names another owner or issuer than before."""
    with opened(workspace) as here:
        confirmed = here.sources.confirm_host(host, by=by)
    if as_json:
        print_json(confirmed)
    else:
        say(f"{confirmed['host']} confirmed by {confirmed['confirmed_by']}: {confirmed['change']}")
