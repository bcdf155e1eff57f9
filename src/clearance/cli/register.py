"""`clearance register`: the tamper-evident record, its verification, and proofs that others can check."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from clearance.cli.session import JsonOption, WhyOption, WorkspaceOption, opened, print_facts, print_json, say
from clearance.errors import BadInput, ExitStatus

app = typer.Typer(
    help="Register: what was recorded, and the proof that it was not changed.", no_args_is_help=True
)


@app.command("verify")
def verify(
    without_pictures: Annotated[
        bool,
        typer.Option("--without-pictures", help="Leave the vault's bytes out: log, leaves and records only."),
    ] = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> int:
    """Compute the whole register again and say what does not hold."""
    with opened(workspace) as here:
        found = here.register.verify(pictures=not without_pictures)
    if as_json:
        print_json(found)
    else:
        print_facts("Register", {name: value for name, value in found.items() if name != "problems"})
        for problem in found["problems"]:
            say(f"does not hold: {problem}")
    return ExitStatus.DONE if found["ok"] else ExitStatus.REFUSED


@app.command("prove")
def prove(
    item: Annotated[str, typer.Argument(metavar="ITEM")],
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Default: ITEM.tlog-proof.")] = None,
    why: WhyOption = "",
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write a proof that an item's record is in the log; it verifies without this workspace."""
    target = output or Path(f"{item}.tlog-proof")
    with opened(workspace, why=why) as here:
        text, key = here.register.prove(item)
    try:
        target.write_text(text, encoding="utf-8")
    except OSError as error:
        raise BadInput(f"{target}: {error.strerror}") from error
    facts = {"proof": str(target), "item": item, "log_key": key}
    print_json(facts) if as_json else say(f"{target} written; it verifies against the log key {key}")


@app.command("check")
def check(
    proof: Annotated[Path, typer.Argument(metavar="PROOF", help="A .tlog-proof file.")],
    key: Annotated[str, typer.Option(help="The log's key (a C2SP vkey), from whoever runs the log.")],
    as_json: JsonOption = False,
) -> None:
    """Check a proof offline: no workspace is needed."""
    from clearance.workspace import check_proof_file

    proven = check_proof_file(proof, key=key)
    print_json(proven) if as_json else print_facts("The proof holds", proven)
