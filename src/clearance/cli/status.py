"""`clearance status`: how a workspace stands, on one page."""

from __future__ import annotations

from clearance.cli.session import JsonOption, WorkspaceOption, opened, print_json, print_table, say


def status(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Show how the workspace stands: what waits for a person, projects, clocks, register."""
    with opened(workspace) as here:
        shown = here.status()
    if as_json:
        print_json(shown)
        return
    columns = ("control", "what", "next")
    if shown["waiting"]:
        print_table("Waiting", columns, ([entry[column] for column in columns] for entry in shown["waiting"]))
    print_table(
        "Projects",
        ("project", "kept", "target", "risk analysis"),
        (
            [entry["name"], entry["items"].get("kept", 0), entry["target"], entry["risk"]]
            for entry in shown["projects"]
        ),
    )
    for title, counts in (("Items", shown["items"]), ("Erased", shown["erased"])):
        if counts:
            print_table(title, ("", "records"), counts.items())
    overdue = shown["retention"]["overdue"]
    say(
        f"{len(shown['waiting'])} things wait; {overdue} past their retention clock;"
        f" {shown['log_entries']} entries in the log"
    )
