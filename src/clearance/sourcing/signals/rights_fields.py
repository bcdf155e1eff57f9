"""IPTC and PLUS rights fields in XMP: who made it, who owns it, whom to ask. They allow and deny nothing by
themselves.

Source: IPTC Photo Metadata Standard 2025.1; PLUS LDF 1.2.1; XMP Specification part 1 section 8.7 (xmpRights).
"""

from __future__ import annotations

from clearance.sourcing.observed import Embedded
from clearance.sourcing.signals.signal import Signal
from clearance.sourcing.statements import SILENCE, Reading

NAME = "rights-fields"
_RIGHTS = "http://ns.adobe.com/xap/1.0/rights/"
_DC = "http://purl.org/dc/elements/1.1/"
_PHOTOSHOP = "http://ns.adobe.com/photoshop/1.0/"
_PLUS = "http://ns.useplus.org/ldf/xmp/1.0/"
_MAX_CHARS = 500
_MAX_VALUES = 20
"""Of one field; a picture with more creators than this is made to fill the register."""

FIELDS: tuple[tuple[str, str, str], ...] = (
    ("creator", _DC, "creator"),
    ("copyright-notice", _DC, "rights"),
    ("credit", _PHOTOSHOP, "Credit"),
    ("copyrighted", _RIGHTS, "Marked"),
    ("web-statement", _RIGHTS, "WebStatement"),
    ("usage-terms", _RIGHTS, "UsageTerms"),
    ("copyright-owner", _PLUS, "CopyrightOwnerName"),
    ("licensor", _PLUS, "LicensorName"),
    ("licensor-url", _PLUS, "LicensorURL"),
    ("licensor-email", _PLUS, "LicensorEmail"),
    ("other-constraints", _PLUS, "OtherConstraints"),
    ("model-release-status", _PLUS, "ModelReleaseStatus"),
    ("property-release-status", _PLUS, "PropertyReleaseStatus"),
)
"""Our name, and the XMP property; fields of structures (`Licensor`, `CopyrightOwner`) are found under their
own names.
"""


def read_embedded(embedded: Embedded) -> Reading:
    """Note what the rights fields say."""
    notes = tuple(
        (name, value[:_MAX_CHARS])
        for name, namespace, field in FIELDS
        for value in tuple(dict.fromkeys(embedded.values(namespace, field)))[:_MAX_VALUES]
    )
    return Reading(notes=notes) if notes else SILENCE


SIGNAL = Signal(name=NAME, read_embedded=read_embedded)
