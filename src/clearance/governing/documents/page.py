"""Render a document as one HTML page, without script and without anything from elsewhere. Pure.

What stands in it comes from outside, too, and is escaped by the template engine.
"""

from __future__ import annotations

from clearance.governing.documents.document import NOT_RECORDED, Document
from clearance.pages import render_page


def render_document(document: Document, *, organisation: str, made_on: str, tool: str) -> str:
    """Return the page of a document."""
    return render_page(
        "clearance.governing.documents",
        "document.html.jinja",
        {
            "document": document,
            "organisation": organisation,
            "made_on": made_on,
            "tool": tool,
            "not_recorded": NOT_RECORDED,
        },
    )
