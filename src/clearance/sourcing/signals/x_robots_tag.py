"""X-Robots-Tag: `noai`, `noimageai` and `noindex` on the picture's own response.

There is no standard for the AI values; they deny and cannot allow. A value addressed to another crawler is
read as if it were addressed to all: an ambiguous scope widens a denial. `noindex` and its family speak of
search; whoever does not want a picture found does not want it collected either, so they deny training and
mining too, as img2dataset reads them.

Source: Google, "Robots meta tag, data-nosnippet, and X-Robots-Tag specifications"; DeviantArt, November 2022
(noai, noimageai); C1.5.
"""

from __future__ import annotations

import re

from clearance.errors import printable
from clearance.sourcing.observed import ResponseHead
from clearance.sourcing.signals.signal import Signal
from clearance.sourcing.statements import SILENCE, Answer, Reading, Scope, Statement, stated
from clearance.sourcing.uses import DATA_USES, Use

NAME = "x-robots-tag"
_DENIALS = {
    "noai": DATA_USES | {Use.INFERENCE},
    "noimageai": DATA_USES | {Use.INFERENCE},
    "noml": DATA_USES,
    "noindex": DATA_USES | {Use.SEARCH},
    "noimageindex": DATA_USES | {Use.SEARCH},
    "none": DATA_USES | {Use.SEARCH},
}
# Directives with a value, which a crawler's name in front of a directive resembles: in
# `max-image-preview:none` nobody says "none".
_WITH_VALUE = frozenset({"max-snippet", "max-image-preview", "max-video-preview", "unavailable_after"})
_SEPARATORS = re.compile(r"[,;]")
_WORDS = re.compile(r"[a-z0-9_-]+")


def read_response(head: ResponseHead) -> Reading:
    """Read every X-Robots-Tag header of a response."""
    values = head.lower.get("x-robots-tag")
    if values is None:
        return SILENCE
    statements: list[Statement] = []
    for directive in (part for value in values for part in _SEPARATORS.split(value)):
        # "botname: noai" scopes what follows, and some write "noindex nofollow": any word may be the denial.
        words = _WORDS.findall(directive.lower())
        if not words or not _WITH_VALUE.isdisjoint(words):
            continue
        for uses in (_DENIALS[word] for word in words if word in _DENIALS):
            statements += stated(
                uses,
                Answer.DENIED,
                signal=NAME,
                scope=Scope.ASSET,
                where="X-Robots-Tag header",
                quote=printable(directive.strip(), max_chars=80),
            )
    return Reading(statements=tuple(dict.fromkeys(statements))) if statements else SILENCE


SIGNAL = Signal(name=NAME, read_response=read_response)
