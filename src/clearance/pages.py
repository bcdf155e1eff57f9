"""The pages that reports are written as: one HTML file, without script and without anything from elsewhere.

Everything in a page comes from outside, and is escaped by the template engine.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import resources
from typing import Any


def render_page(
    package: str, template: str, facts: Mapping[str, Any], **filters: Callable[..., object]
) -> str:
    """Return a page: a package's template, filled in with facts.

    Args:
        package: the package that holds the template.
        template: its file name.
        facts: what the template names; a name that is missing is an error, never a gap.
        filters: what the template writes values with, beside `number`.
    """
    # Loaded here: only whoever writes a page needs the template engine.
    from jinja2 import Environment, StrictUndefined  # noqa: PLC0415

    text = resources.files(package).joinpath(template).read_text(encoding="utf-8")
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters.update({"number": "{:,}".format, **filters})
    return environment.from_string(text).render(facts)
