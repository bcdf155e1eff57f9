"""`clearance consent`: model releases and property releases, from the form to their withdrawal."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from clearance.cli.session import (
    JsonOption,
    WhyOption,
    WorkspaceOption,
    opened,
    print_facts,
    print_json,
    print_table,
    say,
)

app = typer.Typer(
    help="Model releases and property releases: who agreed to what, for which pictures.",
    no_args_is_help=True,
)
_Consent = Annotated[str, typer.Argument(metavar="CONSENT", help="Id of the record.")]


@app.command("template")
def template(as_json: JsonOption = False) -> None:
    """Print the form of a model release or property release, with a word on every line."""
    from clearance.workspace import consent_template

    form = consent_template()
    if as_json:
        print_json({"form": form})
        return
    sys.stdout.write(form)


@app.command("add")
def add(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The form, filled in.")],
    document: Annotated[
        Path | None,
        typer.Option(
            help="The signed paper: compared with the hash in the form, and not kept.", show_default=False
        ),
    ] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Record a model release or a property release."""
    with opened(workspace) as here:
        added = here.consents.add(file, document=document)
    if as_json:
        print_json(added)
        return
    say(f"{added['id']} recorded: {added['kind']} release of {added['subject']}, {added['state']}")
    if not added["is_document_compared"]:
        say("the document was not compared with its hash: clearance consent check ID --document FILE")
    say(f"{file} holds names: delete it")


@app.command("list")
def show_all(why: WhyOption = "", workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """List records under their pseudonyms."""
    with opened(workspace, why=why) as here:
        listed = here.consents.list()
    if as_json:
        print_json({"consents": listed})
        return
    print_table(
        "Consents",
        ("id", "kind", "subject", "state", "expires", "pictures"),
        (
            [
                each["id"],
                each["kind"],
                each["subject"],
                each["state"],
                each["expires_at"] or "",
                len(each["covers"]),
            ]
            for each in listed
        ),
    )


@app.command("show")
def show(
    consent: _Consent,
    why: WhyOption = "",
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show one record with the names in it; who looked is recorded."""
    with opened(workspace, why=why) as here:
        shown = here.consents.show(consent)
    print_json(shown) if as_json else print_facts(f"Consent {shown['id']}", shown)


@app.command("check")
def check(
    consent: _Consent,
    document: Annotated[Path, typer.Option(help="The signed paper.")],
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Compare a document with the one that a record names."""
    with opened(workspace) as here:
        checked = here.consents.check(consent, document=document)
    if as_json:
        print_json(checked)
        return
    say(f"{document} is the document of {checked['id']}, which is {checked['state']}")


@app.command("withdraw")
def withdraw(
    consent: _Consent,
    channel: Annotated[str, typer.Option(help="How we heard of it.")],
    effect: Annotated[
        str, typer.Option(help="What was answered about what is published or trained already.")
    ],
    at: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M:%SZ"], help="When, in UTC; default: now.", show_default=False
        ),
    ] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Note that a consent was withdrawn: its pictures train nothing more, whatever a reviewer said."""
    with opened(workspace) as here:
        withdrawn = here.consents.withdraw(
            consent, channel=channel, effect=effect, at=at.replace(tzinfo=UTC) if at else None
        )
    _print_gone(withdrawn, "withdrawn", as_json=as_json)


@app.command("erase")
def erase(
    consent: _Consent,
    channel: Annotated[str, typer.Option(help="How the person asked for it.")],
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Erase what a record says of its person, at their request; its pictures stay out."""
    with opened(workspace) as here:
        erased = here.consents.erase(consent, channel=channel)
    _print_gone(erased, "erased", as_json=as_json)


def _print_gone(facts: dict[str, Any], what: str, *, as_json: bool) -> None:
    if as_json:
        print_json(facts)
        return
    say(f"{facts['id']} {what}; its pictures train nothing more")
    for version in facts["versions"]:
        say(f"dataset version {version} was frozen with one of them: clearance dataset shrink")
