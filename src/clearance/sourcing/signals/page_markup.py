"""A page that is there and could not be read whole: whatever else it says, it is not silence.

Source: C1.5, C5.2.
"""

from __future__ import annotations

import re
from urllib.parse import urljoin

from clearance.errors import printable
from clearance.identifiers import WebUrl
from clearance.sourcing.observed import Page
from clearance.sourcing.signals.signal import Signal
from clearance.sourcing.statements import SILENCE, Reading, Scope, Unreadable

NAME = "page"
_TARGET = re.compile(r"[;,\s]\s*url\s*=\s*[\"']?([^\"']*)", re.IGNORECASE)


def read_page(page: Page, picture: WebUrl) -> Reading:  # noqa: ARG001 - it speaks of every picture
    """Report what of a page was not read, and where it only leads on to another."""
    unread = [(found.where, found.why) for found in page.malformed]
    unread += [
        ("meta refresh", f"leads on: {printable(content, max_chars=100)}")
        for name, content in page.metas
        if name == "refresh" and _leads_on(content, page.head.url.text)
    ]
    unreadable = tuple(
        Unreadable(signal=NAME, scope=Scope.ASSET, where=where, why=why, evidence=page.evidence)
        for where, why in unread
    )
    return Reading(unreadable=unreadable) if unreadable else SILENCE


def _leads_on(content: str, own: str) -> bool:
    """Tell whether a page sends its readers to another address, whose signals nobody has read."""
    target = _TARGET.search(content)
    if target is None:
        return False
    try:
        return bool(urljoin(own, target[1].strip()) != own)
    except ValueError:
        return True


SIGNAL = Signal(name=NAME, read_page=read_page)
