"""`clearance match`: is this picture in the vault, whole or in part?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from clearance.cli.session import (
    JsonOption,
    WhyOption,
    WorkspaceOption,
    opened,
    print_json,
    print_table,
    say,
)


def match(
    picture: Annotated[
        Path, typer.Argument(metavar="PICTURE", help="A file in any format that is collected.")
    ],
    project: Annotated[str, typer.Option(help="Only this project's items.")] = "",
    why: WhyOption = "",
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Look for a picture among those in the vault: the same, changed, a part of it, or a part of yours."""
    with opened(workspace, why=why) as here:
        answer = here.match(picture, project=project)
    if as_json:
        print_json(answer)
        return
    print_table(
        f"Answer: {answer['answer']}",
        ("item", "verdict", "found by", "how near", "where in the picture", "url"),
        (_row(found) for found in answer["matches"]),
    )
    print_table(
        "Looked for by",
        ("method", "items covered", "of"),
        ([each["method"], each["covered"], each["of"]] for each in answer["methods"]),
    )
    if answer["hint"] is not None:
        say(answer["hint"])


def _row(found: dict[str, Any]) -> list[object]:
    near = f"{found['inliers']} features" if found["distance"] is None else f"{found['distance']} bits"
    region = found["region"]
    size = f"{region['width']:.0%} x {region['height']:.0%}"
    where = f"{size}, {region['x']:.0%} from the left, {region['y']:.0%} from the top"
    return [found["item"], found["verdict"], found["method"], near, where, found["url"]]
