"""`clearance policy`: what is promised in public and enforced by the gates."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from clearance.cli.session import JsonOption, WorkspaceOption, opened, print_json, print_table, say

app = typer.Typer(help="The policy file: the public rules, and what the gates enforce.", no_args_is_help=True)


@app.command("show")
def show(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Show the policy in force."""
    with opened(workspace) as here:
        policy = here.policy.show()
    if as_json:
        print_json(policy)
        return
    title = f"{policy['title']} {policy['version']} (SHA-256 {policy['hash'][:16]}…)"
    print_table(
        title,
        ("rule", "controls", "effect", "what it says"),
        (
            [rule["id"], ", ".join(rule["controls"]), rule["effect"], rule["sentence"]]
            for rule in policy["rules"]
        ),
    )


@app.command("check")
def check(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A policy file that is not in force yet.")],
    as_json: JsonOption = False,
) -> None:
    """Check a policy file without putting it in force."""
    from clearance.workspace import check_policy

    found = check_policy(file)
    print_json(found) if as_json else say(f"{file} holds: {found['rules']} rules, SHA-256 {found['hash']}")
