"""`clearance items`: the records of what was taken and refused."""

from __future__ import annotations

from typing import Annotated

import typer

from clearance.cli.progress import recheck_shown, steps_shown
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
from clearance.errors import ExitStatus

app = typer.Typer(help="Items: one record for every picture that was taken or refused.", no_args_is_help=True)

ProjectFilter = Annotated[str, typer.Option(help="Only this project's.")]
SubjectFilter = Annotated[str, typer.Option(help="Only of this subject of the project.")]
SourceFilter = Annotated[str, typer.Option(help="Only from this source.")]
HostFilter = Annotated[str, typer.Option(help="Only from this host, with its port if it has one.")]
BasisFilter = Annotated[str, typer.Option(help="Only on this basis.")]
DecisionFilter = Annotated[str, typer.Option(help="kept, held, denied or failed.")]
ReasonFilter = Annotated[
    str, typer.Option(help="Only for this rule, such as reservation or reservation:tdmrep.")
]
AllFilter = Annotated[bool, typer.Option("--all", help="Earlier records of the same picture too.")]


@app.command("list")
def show_all(
    project: ProjectFilter = "",
    subject: SubjectFilter = "",
    source: SourceFilter = "",
    host: HostFilter = "",
    basis: BasisFilter = "",
    decision: DecisionFilter = "",
    reason: ReasonFilter = "",
    limit: Annotated[int, typer.Option(min=1, help="Items to list at most.")] = 1000,
    everything: AllFilter = False,
    why: WhyOption = "",
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """List items."""
    with opened(workspace, why=why) as here:
        items = here.items.list(
            project=project,
            subject=subject,
            source=source,
            host=host,
            basis=basis,
            decision=decision,
            reason=reason,
            include_superseded=everything,
            limit=limit,
        )
    if as_json:
        print_json({"items": items})
        return
    print_table(
        "Items",
        ("id", "decision", "why", "url"),
        (
            [
                item["id"],
                item["decision"],
                "; ".join(f"{r['control']} {r['text']}" for r in item["reasons"]),
                item["url"],
            ]
            for item in items
        ),
    )


@app.command("show")
def show(
    item: Annotated[str, typer.Argument(metavar="ITEM")],
    why: WhyOption = "",
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show one item's whole record, with the evidence that its decision stood on."""
    with opened(workspace, why=why) as here:
        record = here.items.show(item)
    print_json(record) if as_json else print_facts(f"Item {item}", record)


@app.command("count")
def count(
    by: Annotated[str, typer.Option(help="decision, source, host, basis, project or subject.")] = "decision",
    project: ProjectFilter = "",
    subject: SubjectFilter = "",
    source: SourceFilter = "",
    host: HostFilter = "",
    basis: BasisFilter = "",
    decision: DecisionFilter = "",
    reason: ReasonFilter = "",
    everything: AllFilter = False,
    why: WhyOption = "",
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Count items."""
    with opened(workspace, why=why) as here:
        counted = here.items.count(
            by=by,
            project=project,
            subject=subject,
            source=source,
            host=host,
            basis=basis,
            decision=decision,
            reason=reason,
            include_superseded=everything,
        )
    if as_json:
        print_json(counted)
        return
    print_table(f"{counted['items']} items", (by, "items"), counted["by"].items())


@app.command("prune")
def prune(
    project: Annotated[str, typer.Option(help="The project whose needs are judged.")],
    by: Annotated[str, typer.Option(help="Who decides it; default: you.")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do it; without this it is only proposed.")] = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Propose what training does not need: copies, what fails a gate today, too small, over target."""
    with opened(workspace) as here:
        shown = here.prune.prune(project=project, by=by) if yes else here.prune.propose(project=project)
    if as_json:
        print_json(shown)
        return
    columns = ("item", "why", "detail", "stays")
    rows = ([entry[column] for column in columns] for entry in shown["proposals"])
    print_table("Not needed", columns, rows)
    if yes:
        say(f"{shown['items']} pictures erased; tombstones name where they came from")
    else:
        say(f"{shown['items']} pictures are not needed; nothing was changed, --yes erases them")


@app.command("examine")
def examine(
    project: ProjectFilter = "",
    limit: Annotated[int | None, typer.Option(min=1, help="Pictures to look at at most.")] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> int:
    """Look at each picture of the vault once: fingerprints, faces, text; `dataset freeze` does it, too."""
    with opened(workspace) as here, steps_shown() as step:
        report = here.examine(
            project=project,
            limit=limit,
            watch=lambda tally: step("looking at pictures", tally.done, tally.planned),
        )
    if as_json:
        print_json(report)
    else:
        say(
            f"{report['examined']} looked at, {report['failed']} of them could not be; a face was found in"
            f" {report['with_faces']}, a mark in {report['with_marks']}, personal data in"
            f" {report['with_personal_data']}; text: {report['text']}; {report['left']} left"
        )
    return ExitStatus.PARTIAL if report["failed"] else ExitStatus.DONE


@app.command("embed")
def embed(
    limit: Annotated[int | None, typer.Option(min=1, help="Pictures to look at at most.")] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> int:
    """Have the model of your own (clearance.toml, [embedding]) look at each picture of the vault once."""
    with opened(workspace) as here, steps_shown() as step:
        report = here.embed(
            limit=limit, watch=lambda done, planned: step("looking at pictures", done, planned)
        )
    if as_json:
        print_json(report)
    else:
        say(f"{report['embedded']} looked at, {report['failed']} could not be; {report['left']} left")
    return ExitStatus.PARTIAL if report["failed"] else ExitStatus.DONE


@app.command("recheck")
def recheck(
    project: ProjectFilter = "",
    source: SourceFilter = "",
    host: HostFilter = "",
    older_than: Annotated[
        int | None,
        typer.Option(
            min=0,
            max=36_500,
            metavar="DAYS",
            help="Only what was last asked about longer ago; default: the policy's, 0 in quarantine.",
        ),
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Items to ask about at most.")] = None,
    quarantined: Annotated[
        bool,
        typer.Option(
            "--quarantined", help="Those in quarantine instead: kept again where nobody refuses any more."
        ),
    ] = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> int:
    """Ask hosts again about kept pictures, and put what is refused now into quarantine."""
    from clearance.collecting import Verdict

    with opened(workspace) as here, recheck_shown() as watch:
        report = here.recheck(
            project=project,
            source=source,
            host=host,
            older_than_days=older_than,
            limit=limit,
            of=Verdict.HELD if quarantined else Verdict.KEPT,
            watch=watch,
        )
    if as_json:
        print_json(report)
    else:
        print_table("Why", ("reason", "pictures"), report["by_reason"].items())
        outcomes = ("allowed", "quarantined", "gone", "unreachable", "postponed")
        counts = ", ".join(f"{report[outcome]} {outcome}" for outcome in outcomes)
        say(f"{report['checked']} asked about: {counts}; {report['not_due']} not due, {report['left']} left")
    return ExitStatus.INTERRUPTED if report["interrupted"] else ExitStatus.DONE


@app.command("review")
def review(
    item: Annotated[str, typer.Argument(metavar="ITEM")],
    finding: Annotated[str, typer.Option(help="hold, people, property, mark or personal-data.")],
    verdict: Annotated[str, typer.Option(help="clear or stands.")],
    reason: Annotated[str, typer.Option(metavar="CODE", help="Why, in one word; docs/pictured.md has them.")],
    note: Annotated[str, typer.Option(metavar="TEXT", help="What was seen.")],
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say of what was found in a picture, or of its hold, whether it stands against it; you answer for it."""
    with opened(workspace) as here:
        said = here.reviews.review(item, finding=finding, verdict=verdict, reason=reason, note=note)
    if as_json:
        print_json(said)
        return
    say(f"item {item}: {said['finding']} {said['verdict']} ({said['reason']}), by {said['by']}")
