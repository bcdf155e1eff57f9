"""Render an audit as one HTML page with its charts, without script and without anything from elsewhere. Pure.

Everything in it comes from outside, and is escaped by the template engine; charts escape what they draw.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from clearance.curating.audit.charts import chart_name, charts_of
from clearance.errors import printable
from clearance.pages import render_page


def render_audit(facts: Mapping[str, Any]) -> str:
    """Return the page of an audit's facts, as `clearance audit --json` prints them."""
    # Loaded here: only whoever writes a page needs the template engine.
    from markupsafe import Markup  # noqa: PLC0415

    charts = {name: Markup(chart) for name, chart in charts_of(facts).items()}  # noqa: S704 - drawn here, escaped
    return render_page(
        "clearance.curating.audit",
        "audit.html.jinja",
        {**facts, "charts": charts},
        chart=chart_name,
        shown=shown,
        part=part,
        parts=parts,
        figure=figure,
    )


def shown(untrusted: object) -> str:
    """Write text from outside without what cannot be seen."""
    return printable(str(untrusted), max_chars=300)


def part(share: float | None) -> str:
    """Write a share; a withheld one has none."""
    return "withheld" if share is None else f"{share:.1%}"


def parts(interval: list[float] | None) -> str:
    """Write the interval of a share."""
    return "" if interval is None else f"{interval[0]:.1%} to {interval[1]:.1%}"


def figure(value: float | list[float] | None) -> str:
    """Write a figure or an interval to three digits."""
    if value is None:
        return ""
    if isinstance(value, list):
        return f"{value[0]:.3g} to {value[1]:.3g}"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
