"""Render a survey as one HTML page, without script and without anything from elsewhere. Pure.

Everything in it comes from outside, and is escaped by the template engine.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from clearance.pages import render_page

_DETAILED = 500
"""Hosts that are shown with everything; a page of thousands would not open."""


def render_survey(facts: Mapping[str, Any]) -> str:
    """Return the page of a survey's facts, as `clearance survey --json` prints them."""
    return render_page(
        "clearance.sourcing", "survey.html.jinja", {**facts, "detailed": _DETAILED}, duration=duration
    )


def duration(seconds: float) -> str:
    """Write a time as people say it."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    if seconds < 172_800:
        return f"{seconds / 3600:.1f} h"
    return f"{seconds / 86_400:.1f} days"
