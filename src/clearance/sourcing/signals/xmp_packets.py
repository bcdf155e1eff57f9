"""XMP that is there and cannot be read: whatever it says, it is not silence.

Source: C1.5.
"""

from __future__ import annotations

from clearance.errors import printable
from clearance.sourcing.observed import Embedded
from clearance.sourcing.signals.signal import Signal
from clearance.sourcing.statements import SILENCE, Reading, Scope, Unreadable

NAME = "xmp"


def read_embedded(embedded: Embedded) -> Reading:
    """Report every packet that could not be read."""
    unreadable = tuple(
        Unreadable(
            signal=NAME,
            scope=Scope.ASSET,
            where=found.where,
            why=printable(found.why, max_chars=120),
            evidence=embedded.evidence,
        )
        for found in embedded.malformed
        # Manifests have their own signal; whatever else comes back unread is reported here, never dropped.
        if found.where != "C2PA"
    )
    return Reading(unreadable=unreadable) if unreadable else SILENCE


SIGNAL = Signal(name=NAME, read_embedded=read_embedded)
