"""`clearance terms`: what sites' terms of service say, and what a person found in them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from clearance.cli.session import (
    JsonOption,
    WorkspaceOption,
    opened,
    print_facts,
    print_json,
    print_table,
    say,
)
from clearance.errors import BadInput, printable

app = typer.Typer(
    help="Terms: a site's terms of service, kept, read by a person, and watched for change.",
    no_args_is_help=True,
)
_COLUMNS = ("source", "page", "state", "verdict", "what stands against it")


@app.command("fetch")
def fetch(
    source: Annotated[str, typer.Argument(metavar="SOURCE")],
    url: Annotated[str, typer.Option(help="The terms page, where it is known.")] = "",
    file: Annotated[
        Path | None, typer.Option(help="A page that a person saved by hand, as behind a login; with --url.")
    ] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Look for a source's terms, or take them from a file, and keep the text with its hash and time."""
    if file is not None and not url:
        raise BadInput("--file goes with --url: the address that the page was saved from")
    with opened(workspace) as here:
        standing = (
            here.terms.fetch(source, url=url)
            if file is None
            else here.terms.record_file(source, file, url=url)
        )
    print_json(standing) if as_json else print_table("Terms", _COLUMNS, _rows(standing))


@app.command("review")
def review(
    source: Annotated[str, typer.Argument(metavar="SOURCE")],
    verdict: Annotated[
        str, typer.Option(help="permits, prohibits or unclear: what the terms say of collecting.")
    ],
    by: Annotated[str, typer.Option(metavar="NAME", help="The person who read them.")],
    note: Annotated[str, typer.Option(help="Why, and which passage says so.")] = "",
    url: Annotated[str, typer.Option(help="The page that was read, where the source has several.")] = "",
    sha256: Annotated[
        str, typer.Option(help="Hash of the text that was read; another that came since is refused.")
    ] = "",
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Record what a person found in a source's terms as they stand now."""
    with opened(workspace) as here:
        made = here.terms.review(source, verdict, by, note, url, sha256)
    print_json(made) if as_json else say(f"{made['url']}: {made['verdict']}, read by {made['reviewer']}")


@app.command("list")
def show_all(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """List where every source's terms stand, and what stands against collecting from it."""
    with opened(workspace) as here:
        listed = here.terms.list()
    if as_json:
        print_json({"terms": listed})
        return
    print_table("Terms", _COLUMNS, (row for standing in listed for row in _rows(standing)))


@app.command("show")
def show(
    source: Annotated[str, typer.Argument(metavar="SOURCE")],
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show a source's terms, the passages marked that speak of scraping, mining, AI or automated access."""
    with opened(workspace) as here:
        shown = here.terms.show(source)
    if as_json:
        print_json(shown)
        return
    print_table("Terms", _COLUMNS, _rows(shown))
    for page in shown["pages"]:
        facts = {name: page[name] for name in ("url", "state", "sha256", "fetched_at", "seen_at", "why")}
        print_facts("Page", {**facts, "passages": len(page["passages"])})
        Console(highlight=False).print(_marked(page), soft_wrap=True)
    say("a mark only says where to read first; the verdict is a person's:")
    for page in shown["pages"]:
        where = f"--url {page['url']} --sha256 {page['sha256']}"
        say(f"clearance terms review {source} --verdict VERDICT --by NAME {where}")


@app.command("diff")
def diff(
    source: Annotated[str, typer.Argument(metavar="SOURCE")],
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what changed since a source's terms were reviewed, or last seen otherwise."""
    with opened(workspace) as here:
        found = here.terms.diff(source)
    if as_json:
        print_json(found)
        return
    for page in found["pages"]:
        sys.stdout.writelines(f"{printable(line, max_chars=2000)}\n" for line in page["diff"].splitlines())
    if not found["pages"]:
        say(f"nothing to compare: no two texts are known; clearance terms fetch {source} looks")
    elif not any(page["diff"] for page in found["pages"]):
        say("nothing has changed")


def _rows(standing: dict[str, Any]) -> list[list[str]]:
    """Return a row a page, with what stands against the source on the first."""
    reasons = "; ".join(
        f"{reason['control']} {reason['outcome']}: {reason['detail']}" for reason in standing["reasons"]
    )
    against = reasons or ("nothing" if standing["needs_review"] else "nothing; no review is needed")
    pages = [
        [page["url"], page["state"], page["review"]["verdict"] if page["review"] else "not reviewed"]
        for page in standing["pages"]
    ] or [["", "not looked for", ""]]
    return [
        [standing["source"] if n == 0 else "", *page, against if n == 0 else ""]
        for n, page in enumerate(pages)
    ]


def _marked(page: dict[str, Any]) -> Text:
    """Return the text with each passage between marks that a plain terminal shows too."""
    topics: dict[tuple[int, int], list[str]] = {}
    for passage in page["passages"]:
        topics.setdefault((passage["start"], passage["end"]), []).append(passage["topic"])
    marked = Text()
    at = 0
    for (start, end), names in topics.items():
        marked.append(_lines(page["text"][at:start]))
        marked.append(f"[{', '.join(names)}] ", style="bold yellow")
        marked.append(_lines(page["text"][start:end]), style="yellow")
        at = end
    marked.append(_lines(page["text"][at:]))
    return marked


def _lines(text: str) -> str:
    return "\n".join(printable(line, max_chars=len(line) + 1) for line in text.split("\n"))
