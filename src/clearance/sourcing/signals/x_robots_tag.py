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
from clearance.sourcing.statements import SILENCE, Answer, Reading, Scope, Statement, Unreadable, stated
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
    # As people write it who were told of it.
    "no-ai": _Denial(defined=frozenset(), widened=_AI.defined),
    "no-imageai": _Denial(defined=frozenset(), widened=_AI.defined),
    "no-ml": _Denial(defined=frozenset(), widened=DATA_USES),
}
# Directives with a value, which a crawler's name in front of a directive resembles: in
# `max-image-preview:none` nobody says "none".
_WITH_VALUE = frozenset({"max-snippet", "max-image-preview", "max-video-preview", "unavailable_after"})
_MAX_CHARS = 16_384
"""Servers send a few dozen; the rest of a longer list is made to keep its reader busy."""
_SPACED = re.compile(r"\bno[ _](ai|imageai|ml)\b")
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
    text = ",".join(values)
    unreadable: tuple[Unreadable, ...] = ()
    if len(text) > _MAX_CHARS:
        why = f"more than {_MAX_CHARS} characters of directives"
        unreadable = (Unreadable(signal=signal, scope=Scope.ASSET, where=where, why=why, evidence=evidence),)
    statements: list[Statement] = []
    said: set[tuple[str, bool]] = set()
    for directive in _SEPARATORS.split(text[:_MAX_CHARS]):
        # "botname: noai" scopes what follows, and some write "noindex nofollow": any word may be the denial.
        words = _WORDS.findall(_SPACED.sub(r"no-\1", directive.lower()))
        if not _WITH_VALUE.isdisjoint(words):
            # The value may be "none"; where a comma was forgotten, a denial of AI still stands there.
            words = [word for word in words if word in _DENIALS and _DENIALS[word] is not _INDEX]
        is_meant = is_for_everybody and ":" not in directive
        quote = printable(directive.strip(), max_chars=80)
        for word in words:
            denial = _DENIALS.get(word)
            if denial is None or (word, is_meant) in said:
                continue
            said.add((word, is_meant))
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
    if not statements and not unreadable:
        return SILENCE
    return Reading(statements=tuple(dict.fromkeys(statements)), unreadable=unreadable)


SIGNAL = Signal(name=NAME, read_response=read_response)
