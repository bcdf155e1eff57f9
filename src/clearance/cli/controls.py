"""`clearance controls`: the guidelines as numbered controls, and the rules that enforce each."""

from __future__ import annotations

from clearance.cli.session import JsonOption, print_json, print_table
from clearance.policy import CONTROLS, FRAMES


def controls(as_json: JsonOption = False) -> None:
    """List the controls of the guidelines, with the rules that enforce each so far."""
    listed = [
        {
            "id": control.id,
            "process": control.process.value,
            "principle": control.principle.value,
            "title": control.title,
            "rules": [rule.value for rule, frame in FRAMES.items() if control.id in frame.controls],
        }
        for control in CONTROLS
    ]
    if as_json:
        print_json({"controls": listed})
        return
    columns = ("id", "principle", "title")
    print_table(
        "Controls",
        (*columns, "rules"),
        ([*(entry[column] for column in columns), ", ".join(entry["rules"])] for entry in listed),
    )
