"""`clearance explain`: everything that led to a decision, in words."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from clearance.cli.session import JsonOption, WhyOption, WorkspaceOption, opened, print_json, print_table
from clearance.errors import printable

_TONES = {"kept": "green", "allow": "green", "held": "yellow", "hold": "yellow"}


def explain(
    subject: Annotated[str, typer.Argument(metavar="URL_OR_ITEM", help="An address, or an item's id.")],
    project: Annotated[str, typer.Option(help="Only this project's record; whose use is meant.")] = "",
    why: WhyOption = "",
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Explain a decision: every fact, signal, verdict, rule and control, with the evidence."""
    with opened(workspace, why=why) as here:
        account = here.explain(subject, project=project)
    print_json(account) if as_json else _tell(account)


def _tell(account: dict[str, Any]) -> None:
    console = Console(highlight=False)
    subject = account["subject"]
    _say(console, subject["url"], "bold")
    decided = f"{account['decision']}" + (f", on {account['decided_at']}" if account["decided_at"] else "")
    _say(console, decided, _TONES.get(account["decision"].rpartition(" ")[2], "red"))
    for reason in account["reasons"]:
        _say(console, f"  {reason['control']} {reason['title']}")
        signal = f":{reason['signal']}" if reason["signal"] else ""
        _say(console, f"    rule {reason['rule']}{signal} ({reason['outcome']}): {reason['text']}")
        if reason["detail"]:
            _say(console, f"    found: {reason['detail']}")
    print_table("Facts", ("", ""), account["facts"])
    if account["signals"] or account["unreadable"]:
        print_table(
            "Signals",
            ("from", "signal", "use", "says", "where, in which words", "evidence"),
            _signals(account),
        )
    else:
        nothing = "No signal was found, with the methods listed in the reference."
        _say(console, nothing if account["asked"] else "Nobody was asked, so nothing is known of any signal.")
    if account["verdicts"]:
        print_table(
            "Two verdicts for every use",
            ("use", "by the letter", "by our policy", "each standard"),
            (
                [
                    verdict["use"],
                    verdict["spec"],
                    verdict["policy"] + (" for now" if verdict["for_now"] else ""),
                    ", ".join(f"{name}: {standing}" for name, standing in verdict["by_standard"].items()),
                ]
                for verdict in account["verdicts"]
            ),
        )
    if account["standing"]:
        print_table("What stands against the source today", ("control", "rule", "found"), _standing(account))
    if account["notes"]:
        print_table("Stated beside that", ("from", "what", "value"), account["notes"])
    print_table(
        "Files that the host was asked for",
        ("file", "answer", "asked", "SHA-256 of the evidence"),
        (
            [file["url"], file["failure"] or f"HTTP {file['status']}", file["asked_at"], file["sha256"]]
            for file in account["asked"]
        ),
    )
    policy = account["policy"]
    _say(console, f"Policy {policy['version']}, {policy['hash']}")
    if account["replay"] is not None:
        same = "the same" if account["replay"]["same"] else f"another: {account['replay']['reasons']}"
        _say(console, f"Decided again from the evidence: {same}")


def _signals(account: dict[str, Any]) -> list[list[str]]:
    """Return a row for each statement, with all the uses that it speaks of."""
    uses: dict[tuple[str, ...], list[str]] = {}
    for each in account["signals"]:
        says = each["answer"] + (" for now" if each["is_temporary"] else "")
        row = (
            each["place"],
            each["signal"],
            says + ("" if each["is_specified"] else " (not by the letter)"),
            f"{each['where']}: {each['quote']}" if each["quote"] else each["where"],
            " ".join(sha256[:16] for sha256 in each["evidence"]),
        )
        uses.setdefault(row, []).append(each["use"])
    said = [[place, signal, ", ".join(uses[row]), *rest] for row in uses for place, signal, *rest in [row]]
    unread = [
        [each["place"], each["signal"], "any", "cannot be read", f"{each['where']}: {each['why']}", ""]
        for each in account["unreadable"]
    ]
    return [*said, *unread]


def _standing(account: dict[str, Any]) -> list[list[str]]:
    return [
        [each["control"], f"{each['rule']} ({each['outcome']}): {each['text']}", each["detail"]]
        for each in account["standing"]
    ]


def _say(console: Console, text: str, style: str = "") -> None:
    console.print(Text(printable(text, max_chars=2000), style=style), soft_wrap=True)
