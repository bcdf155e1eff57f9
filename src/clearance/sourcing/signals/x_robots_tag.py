"""X-Robots-Tag response headers: `noai`, `noimageai`, `noml`, and the `noindex` family.

No standard defines the AI directives; they deny and never allow. A directive for another crawler widens: who
keeps one machine from learning from a picture did not invite the others.

Source: DeviantArt's proposal of November 2022 (`noai`, `noimageai`), Mojeek's (`noml`), Google Search
Central, "Robots meta tag, data-nosnippet, and X-Robots-Tag specifications"; C1.5.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from clearance.errors import printable
from clearance.identifiers import Sha256
from clearance.sourcing.observed import ResponseHead
from clearance.sourcing.signals.signal import Signal
from clearance.sourcing.statements import SILENCE, Answer, Reading, Scope, Statement, stated
from clearance.sourcing.uses import DATA_USES, Use

NAME = "x-robots-tag"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Denial:
    """What a directive denies by its own definition, and what a collector takes it to deny as well."""

    defined: frozenset[Use]
    widened: frozenset[Use] = frozenset()


_AI = _Denial(defined=DATA_USES | {Use.INFERENCE})
# Who does not want to be found does not want to be collected either.
_INDEX = _Denial(defined=frozenset({Use.SEARCH}), widened=DATA_USES)
_DENIALS = {
    "noai": _AI,
    "noimageai": _AI,
    "noml": _Denial(defined=DATA_USES),
    "noindex": _INDEX,
    "noimageindex": _INDEX,
    "none": _INDEX,
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
    return read_directives(values, signal=NAME, where="X-Robots-Tag header")


def read_directives(
    values: Iterable[str],
    *,
    signal: str,
    where: str,
    evidence: tuple[Sha256, ...] = (),
    is_for_everybody: bool = True,
) -> Reading:
    """Read robots directives, wherever they stand."""
    statements: list[Statement] = []
    for directive in (part for value in values for part in _SEPARATORS.split(value)):
        # "botname: noai" scopes what follows, and some write "noindex nofollow": any word may be the denial.
        words = _WORDS.findall(directive.lower())
        if not words or not _WITH_VALUE.isdisjoint(words):
            continue
        is_meant = is_for_everybody and ":" not in directive
        quote = printable(directive.strip(), max_chars=80)
        for denial in (_DENIALS[word] for word in words if word in _DENIALS):
            for uses, is_specified in ((denial.defined, is_meant), (denial.widened, False)):
                statements += stated(
                    uses,
                    Answer.DENIED,
                    signal=signal,
                    scope=Scope.ASSET,
                    where=where,
                    quote=quote,
                    evidence=evidence,
                    is_specified=is_specified,
                )
    return Reading(statements=tuple(dict.fromkeys(statements))) if statements else SILENCE


SIGNAL = Signal(name=NAME, read_response=read_response)
