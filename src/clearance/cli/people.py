"""`clearance people`: who works in the workspace, their tokens, what takes two of them, and who read what."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from clearance.cli.session import JsonOption, WorkspaceOption, opened, print_json, print_table, say
from clearance.errors import BadInput

app = typer.Typer(
    help="People: who works in this workspace, in which roles, and what they read.", no_args_is_help=True
)
token = typer.Typer(
    help="Tokens: what stands for a person where nobody sits at the terminal.", no_args_is_help=True
)
app.add_typer(token, name="token")
_DAY = ["%Y-%m-%d"]

OsUserOption = Annotated[str | None, typer.Option(help="The operating-system user that acts as this person.")]
UntilOption = Annotated[
    datetime | None, typer.Option(formats=_DAY, help="The last day on which the roles hold.")
]


@app.command("add")
def add(
    name: Annotated[str, typer.Argument(metavar="NAME")],
    role: Annotated[
        list[str],
        typer.Option(
            help="viewer, collector, curator, licence-manager, privacy-officer, publisher, auditor or admin;"
            " repeat for several."
        ),
    ],
    os_user: OsUserOption = None,
    until: UntilOption = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Add a person."""
    with opened(workspace) as here:
        made = here.people.add(name, roles=role, os_user=os_user or "", until=until.date() if until else None)
    print_json(made) if as_json else say(f"{made['name']} works here now: {_roles(made)}")


@app.command("change")
def change(
    name: Annotated[str, typer.Argument(metavar="NAME")],
    give: Annotated[list[str] | None, typer.Option(help="A role to give; repeat for several.")] = None,
    take: Annotated[list[str] | None, typer.Option(help="A role to take away; repeat for several.")] = None,
    os_user: OsUserOption = None,
    until: UntilOption = None,
    without_end: Annotated[bool, typer.Option("--without-end", help="Let the roles hold on.")] = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Change a person's roles, last day or operating-system user."""
    if until is not None and without_end:
        raise BadInput("--until and --without-end: one of them")
    last = until.date() if until is not None else None
    with opened(workspace) as here:
        changed = here.people.change(
            name,
            give=give or (),
            take=take or (),
            os_user=os_user,
            until=last if last is not None or without_end else ...,
        )
    print_json(changed) if as_json else say(f"{changed['name']}: {_roles(changed)}")


@app.command("leave")
def leave(
    name: Annotated[str, typer.Argument(metavar="NAME")],
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Record that a person left; their tokens are worthless from then on."""
    with opened(workspace) as here:
        left = here.people.leave(name)
    print_json(left) if as_json else say(f"{left['name']} has left; nobody acts as them any more")


@app.command("list")
def show_all(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """List the people, and mark who asks."""
    with opened(workspace) as here:
        people = here.people.list()
    if as_json:
        print_json({"people": people})
        return
    print_table(
        "People",
        ("name", "operating-system user", "roles", "until", ""),
        (
            [
                entry["name"],
                entry["os_user"] or "by token only",
                ", ".join(entry["roles"]),
                entry["until"] or "",
                f"left {entry['left_at'][:10]}" if entry["left_at"] else "you" if entry["you"] else "",
            ]
            for entry in people
        ),
    )


@token.command("issue")
def issue(
    label: Annotated[str, typer.Option(help="What the token is for.")],
    scope: Annotated[
        list[str], typer.Option(help="A permission that it carries, such as read; repeat for several.")
    ],
    days: Annotated[
        int | None, typer.Option(min=1, help="For how long; default and most: the policy's.")
    ] = None,
    person: Annotated[
        str, typer.Option(help="Whom it stands for; default: you. An admin may name one without OS user.")
    ] = "",
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Issue a token; it is shown this once."""
    with opened(workspace) as here:
        made = here.tokens.issue(label=label, scopes=scope, days=days, person=person)
    if as_json:
        print_json(made)
        return
    typer.echo(made["token"])
    say(
        f"token {made['id']} of {made['person']}, until {made['expires_at'][:10]}; it is not shown again;"
        " put it into CLEARANCE_TOKEN"
    )


@token.command("list")
def list_tokens(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """List your tokens; an admin or auditor sees those of all."""
    with opened(workspace) as here:
        tokens = here.tokens.list()
    if as_json:
        print_json({"tokens": tokens})
        return
    print_table(
        "Tokens",
        ("id", "person", "for", "scopes", "until", ""),
        (
            [
                entry["id"],
                entry["person"],
                entry["label"],
                ", ".join(entry["scopes"]),
                entry["expires_at"][:10],
                entry["state"],
            ]
            for entry in tokens
        ),
    )


@token.command("revoke")
def revoke(
    token_id: Annotated[str, typer.Argument(metavar="ID")],
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a token worthless, at once."""
    with opened(workspace) as here:
        revoked = here.tokens.revoke(token_id)
    print_json(revoked) if as_json else say(f"token {revoked['id']} of {revoked['person']} is revoked")


@app.command("approve")
def approve(
    request: Annotated[str, typer.Argument(metavar="ID")],
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Agree, as the second person, to what another one asked for."""
    with opened(workspace) as here:
        given = here.approvals.approve(request)
    print_json(given) if as_json else say(
        f"agreed to {given['action']} of {given['asked_by']}: {given['subject']}"
    )


@app.command("approvals")
def approvals(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """List what takes two persons, and what became of it."""
    with opened(workspace) as here:
        asked = here.approvals.list()
    if as_json:
        print_json({"approvals": asked})
        return
    columns = ("id", "state", "action", "subject", "asked_by", "approved_by")
    print_table(
        "What takes two persons", columns, ([entry[column] or "" for column in columns] for entry in asked)
    )


@app.command("reads")
def reads(
    who: Annotated[str, typer.Option(help="Only this person's.")] = "",
    since: Annotated[datetime | None, typer.Option(formats=_DAY, help="From this day on (UTC).")] = None,
    limit: Annotated[int, typer.Option(min=1, help="Reads to list at most, the newest first.")] = 1000,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """List who read which records and pictures, when and why."""
    with opened(workspace) as here:
        found = here.reads.list(who=who, since=since.replace(tzinfo=UTC) if since else None, limit=limit)
    if as_json:
        print_json({"reads": found})
        return
    print_table(
        "Reads",
        ("at", "who", "what", "asked for", "items", "why"),
        (
            [
                entry["at"][:19],
                entry["who"] + (f" (token from {entry['lent_by']})" if entry["lent_by"] else ""),
                entry["what"],
                ", ".join(f"{name} {value}" for name, value in entry["query"].items()),
                entry["items"],
                entry["why"],
            ]
            for entry in found
        ),
    )


def _roles(person: dict[str, Any]) -> str:
    roles = ", ".join(person["roles"]) or "no role"
    return f"{roles}, until {person['until']}" if person["until"] else roles
