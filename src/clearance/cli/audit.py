"""`clearance audit`: what the pictures are made of, against what was stated before."""

from __future__ import annotations

import sys
from collections.abc import Iterator
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
from clearance.errors import BadInput

_SHOWN = 40


def audit(
    project: Annotated[str, typer.Option(help="The project whose kept pictures are audited.")] = "",
    targets: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="What the pictures are to be made of; a project's is kept."),
    ] = None,
    folder: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Audit synthetic pictures in a folder instead.")
    ] = None,
    prompts: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="What each of them was made from: JSON lines or CSV."),
    ] = None,
    against: Annotated[
        str, typer.Option(help="A project or a dataset version (NAME@2) that they are compared with.")
    ] = "",
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="A new folder for the report, its page and charts.")
    ] = None,
    template: Annotated[
        bool, typer.Option("--template", help="Print an example of a file of targets, explained.")
    ] = False,
    why: WhyOption = "",
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Measure balance against stated targets, with intervals: within, outside, or insufficient evidence."""
    if template:
        _print_template(as_json=as_json)
        return
    if (folder is None) is not bool(project):
        raise BadInput("either --project NAME or --folder DIR says what is audited")
    if folder is None and (prompts is not None or against):
        raise BadInput("--prompts and --against go with --folder")
    with opened(workspace, why=why) as here:
        if folder is not None:
            report = here.audits.audit_folder(
                folder, prompts=prompts, against=against, targets=targets, out=out
            )
        else:
            if targets is not None:
                here.audits.state(project, targets)
            report = here.audits.audit(project, out=out)
    if as_json:
        print_json(report)
        return
    _print(report)


def _print_template(*, as_json: bool) -> None:
    from clearance.curating import targets_template

    text = targets_template()
    if as_json:
        print_json({"template": text})
    else:
        sys.stdout.write(text)


def _print(report: dict[str, Any]) -> None:
    print_facts(
        f"Balance of {report['of']}",
        {
            "pictures": report["pictures"],
            "files": report["files_audited"],
            "counted": report["counted"],
            **report["counts"],
            "verdict": report["verdict"],
            "targets": report["targets_stated_at"] or "none stated; clearance audit --template prints a form",
        },
    )
    ordered = sorted(report["findings"], key=lambda each: _ORDER.index(each["verdict"]))
    print_table(
        "Findings",
        ("verdict", "what", "why"),
        ([each["verdict"], each["what"], each["why"]] for each in ordered[:_SHOWN]),
    )
    if len(ordered) > _SHOWN:
        say(f"and {len(ordered) - _SHOWN} more, in the report: --out DIR")
    print_table(
        "Concentration",
        ("of", "how many", "effective", "HHI", "interval", "largest", "its share"),
        (
            [
                each["of"],
                each["categories"],
                f"{each['effective_number']:.1f}",
                f"{each['hhi']['value']:.3f}, {each['level']}",
                _interval(each["hhi"]["interval"]),
                each["largest"],
                f"{each['largest_share']['value']:.1%}",
            ]
            for each in report["concentration"]
        ),
    )
    print_table("Dimensions", ("of", "coverage", "most frequent", "share"), _dimensions(report))
    if report["outputs"]:
        _print_outputs(report["outputs"])
    for name in report["files"]:
        if name.endswith((".html", ".json")):
            say(f"report: {name}")


_ORDER = ("outside", "insufficient evidence", "within")


def _dimensions(report: dict[str, Any]) -> Iterator[list[object]]:
    for each in report["dimensions"]:
        known = [row for row in each["categories"] if row["n"]]
        top = max(known, key=lambda row: int(row["n"]), default=None)
        share = "" if top is None else f"{top['share']:.1%}"
        yield [each["of"], f"{each['coverage']:.1%}", "" if top is None else top["name"], share]


def _print_outputs(outputs: dict[str, Any]) -> None:
    print_table(
        "What came out",
        ("outcome", "files", "share"),
        ([each["outcome"], each["n"], f"{each['share']:.1%}"] for each in outputs["outcomes"]),
    )
    rows = [
        [
            comparison["of"],
            comparison["prompts"],
            each["name"],
            f"{each['outputs']:.1%}",
            "withheld" if each["trained"] is None else f"{each['trained']:.1%}",
            "" if each["amplification"] is None else f"{each['amplification']:+.3f}",
            _interval(each["interval"]),
        ]
        for comparison in outputs["comparisons"]
        for each in comparison["categories"]
    ]
    if rows:
        print_table(
            f"Amplification against {outputs['against']}",
            ("of", "prompts", "category", "outputs", "trained on", "difference", "interval"),
            rows,
        )


def _interval(interval: list[float] | None) -> str:
    return "" if interval is None else f"{interval[0]:.3f} to {interval[1]:.3f}"
