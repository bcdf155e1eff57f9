"""XMP that is there and cannot be read, or not to its end: whatever it says, it is not silence.

Source: C1.5.
"""

from __future__ import annotations

from clearance.errors import printable
from clearance.pictures import CUT
from clearance.sourcing.observed import Embedded
from clearance.sourcing.signals.signal import Signal
from clearance.sourcing.statements import SILENCE, Reading, Scope, Unreadable

NAME = "xmp"
_MAX_TOLD = 20


def read_embedded(embedded: Embedded) -> Reading:
    """Report every packet, and every value, that could not be read."""
    # Manifests have their own signal; whatever else comes back unread is reported here, never dropped.
    unread = [(found.where, found.why) for found in embedded.malformed if found.where != "C2PA"]
    unread += [(f"XMP {name}", "a value too long to read") for name in dict.fromkeys(embedded.values(*CUT))]
    if not unread:
        return SILENCE
    return Reading(
        unreadable=tuple(
            Unreadable(
                signal=NAME,
                scope=Scope.ASSET,
                where=printable(where, max_chars=80),
                why=printable(why, max_chars=120),
                evidence=embedded.evidence,
            )
            for where, why in unread[:_MAX_TOLD]
        )
    )


SIGNAL = Signal(name=NAME, read_embedded=read_embedded)
