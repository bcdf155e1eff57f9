"""`clearance traffic`: what we asked of one site, for its owner."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from clearance.cli.session import (
    JsonOption,
    WorkspaceOption,
    opened,
    print_facts,
    print_json,
    print_table,
    say,
)

_DAY = ["%Y-%m-%d"]


def traffic(
    host: Annotated[str, typer.Argument(metavar="HOST", help="example.org, with :port if it has one.")],
    since: Annotated[datetime | None, typer.Option(formats=_DAY, help="First day, in UTC.")] = None,
    until: Annotated[datetime | None, typer.Option(formats=_DAY, help="Last day, in UTC.")] = None,
    html: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write a page that its owner can be sent.")
    ] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Report our visits to one site against their budgets: how many, when, from where, and what for."""
    with opened(workspace) as here:
        report = here.traffic(
            host, since=since.date() if since else None, until=until.date() if until else None, html=html
        )
    if as_json:
        print_json(report)
        return
    _print(report)
    if html is not None:
        say(f"page: {html}")


def _print(report: dict[str, Any]) -> None:
    limits = report["limits"]
    print_facts(
        f"Our traffic against {report['host']}",
        {
            "requests": report["requests"],
            "bytes": report["bytes"],
            "first visit": report["first_visit"],
            "last visit": report["last_visit"],
            "busiest hour": _peak(report["busiest_hour"]),
            "busiest minute": _peak(report["busiest_minute"]),
            "requests in an active hour": report["requests_per_active_hour"],
            "mean answering time, seconds": report["mean_answer_s"],
            "answers": report["statuses"],
            "user agents": report["user_agents"],
            "left from": report["ways_out"],
            "limits in force": limits,
            "contact": report["contact"],
        },
    )
    print_table(
        f"By day, of {limits['daily_requests']} requests and {limits['daily_bytes']} bytes",
        ("day, UTC", "requests", "bytes"),
        ([day["day"], day["requests"], day["bytes"]] for day in report["by_day"]),
    )
    print_table(
        "Asked for",
        ("what", "requests", "bytes"),
        ([each["what"], each["requests"], each["bytes"]] for each in report["asked_for"]),
    )
    print_table(
        "What for",
        ("purpose", "runs", "requests", "bytes"),
        (
            [each["purpose"], each["runs"] or "", each["requests"], each["bytes"]]
            for each in report["purposes"]
        ),
    )


def _peak(peak: dict[str, Any] | None) -> str:
    return "" if peak is None else f"{peak['requests']} requests at {peak['at']}"
