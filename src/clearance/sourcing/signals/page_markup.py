"""A page that is there and could not be read whole: whatever else it says, it is not silence.

Source: C1.5, C5.2.
"""

from __future__ import annotations

from clearance.identifiers import WebUrl
from clearance.sourcing.observed import Page
from clearance.sourcing.signals.signal import Signal
from clearance.sourcing.statements import SILENCE, Reading, Scope, Unreadable

NAME = "page"


def read_page(page: Page, picture: WebUrl) -> Reading:  # noqa: ARG001 - it speaks of every picture
    """Report what of a page was not read."""
    unreadable = tuple(
        Unreadable(signal=NAME, scope=Scope.ASSET, where=found.where, why=found.why, evidence=page.evidence)
        for found in page.malformed
    )
    return Reading(unreadable=unreadable) if unreadable else SILENCE


SIGNAL = Signal(name=NAME, read_page=read_page)
