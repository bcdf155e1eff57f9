"""Render what we asked of one host as a page that its owner can be sent: no other host, no address of a
picture. Pure.

Everything in it comes from outside, and is escaped by the template engine.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import resources
from typing import Any


def render_traffic(facts: Mapping[str, Any]) -> str:
    """Return the page of a host's traffic, from the facts that `clearance traffic --json` prints."""
    # Loaded here: only whoever writes a report needs the template engine.
    from jinja2 import Environment, StrictUndefined  # noqa: PLC0415

    template = (
        resources.files("clearance.collecting").joinpath("traffic.html.jinja").read_text(encoding="utf-8")
    )
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["number"] = "{:,}".format
    environment.filters["size"] = readable_size
    environment.filters["moment"] = readable_moment
    return environment.from_string(template).render(facts)


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
