"""Render what we asked of one host as a page that its owner can be sent: no other host, no address of a
picture. Pure.

Everything in it comes from outside, and is escaped by the template engine.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from clearance.pages import render_page


def render_traffic(facts: Mapping[str, Any]) -> str:
    """Return the page of a host's traffic, from the facts that `clearance traffic --json` prints."""
    return render_page(
        "clearance.collecting", "traffic.html.jinja", facts, size=readable_size, moment=readable_moment
    )


def readable_moment(moment: str) -> str:
    """Write a time in UTC, as `--json` has it, to the minute."""
    return f"{moment[:16].replace('T', ' ')} UTC"


def readable_size(size: int) -> str:
    """Write a number of bytes as people read it."""
    if size < 1000:
        return f"{size} bytes"
    value = float(size)
    for unit in ("kB", "MB", "GB"):
        value /= 1000
        if value < 999.5:
            return f"{value:.3g} {unit}"
    return f"{value / 1000:,.1f} TB"
