"""AIPREF: the `Content-Usage` response header.

A dictionary of structured fields; only the tokens `y` and `n` count, an unknown key says nothing. To the
specification a known key with another type says nothing either, and of two equal keys the last counts; a
collector takes every `n` that can be read, and what was meant to say something is never silence.

Source: draft-ietf-aipref-attach-05, draft-ietf-aipref-vocab-08; RFC 9651 section 3.2; C1.5.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import http_sf

from clearance.errors import printable
from clearance.sourcing.observed import ResponseHead
from clearance.sourcing.signals.signal import Signal
from clearance.sourcing.statements import SILENCE, Answer, Reading, Scope, Statement, Unreadable, stated
from clearance.sourcing.uses import DATA_USES, TRAINING, Use

NAME = "aipref"
_WHERE = "Content-Usage header"

# The current vocabulary knows `train-ai` (models that generate content) and `search`. A denial in the words
# of an earlier draft, or of a neighbouring standard, is still a denial; in those words nothing is allowed.
_CURRENT: Mapping[str, frozenset[Use]] = {"train-ai": TRAINING, "search": frozenset({Use.SEARCH})}
_OLDER: Mapping[str, frozenset[Use]] = {
    "all": DATA_USES | {Use.INFERENCE, Use.SEARCH},
    "bots": DATA_USES | {Use.INFERENCE, Use.SEARCH},
    "tdm": DATA_USES,
    "ai": DATA_USES | {Use.INFERENCE},
    "ai-train": TRAINING,
    "train-genai": frozenset({Use.GENERATIVE}),
    "genai": frozenset({Use.GENERATIVE}),
    "ai-use": frozenset({Use.INFERENCE}),
    "ai-input": frozenset({Use.INFERENCE}),
}
_DENIABLE = {**_OLDER, **_CURRENT}
_NO = re.compile(r"(?:^|[,\s])([A-Za-z][A-Za-z0-9_-]{0,63})\s*=\s*n(?=[\s,;]|$)")


def read_response(head: ResponseHead) -> Reading:
    """Read the Content-Usage headers of a response as one field."""
    values = head.lower.get("content-usage")
    if values is None:
        return SILENCE
    field = ", ".join(values)
    quote = printable(field, max_chars=120)
    try:
        parsed: Any = http_sf.parse(field.encode("utf-8", "replace"), tltype="dictionary")
    except Exception as error:  # noqa: BLE001 - whatever the parser stumbles over, the field was there
        why = f"not a structured dictionary ({type(error).__name__}): {quote}"
        return Reading(statements=_denials(field, quote), unreadable=(_unread(why),))
    statements = list(_denials(field, quote))
    unreadable = []
    for key, item in parsed.items():
        value = item[0] if isinstance(item, tuple) else None
        said = str(value) if isinstance(value, http_sf.Token) else ""
        if said == "y" and key in _CURRENT:
            statements += _stated(_CURRENT[key], Answer.NOT_RESERVED, quote)
        elif said not in ("y", "n") and key in _DENIABLE:
            unreadable.append(_unread(f"{key} is neither y nor n: {quote}"))
    return Reading(statements=tuple(statements), unreadable=tuple(unreadable))


def _denials(field: str, quote: str) -> tuple[Statement, ...]:
    """Find every `key=n`, also where the field around it is broken or says `y` later."""
    found = (_DENIABLE.get(match[1].lower()) for match in _NO.finditer(field))
    each = (statement for uses in found if uses for statement in _stated(uses, Answer.DENIED, quote))
    return tuple(dict.fromkeys(each))


def _stated(uses: frozenset[Use], said: Answer, quote: str) -> tuple[Statement, ...]:
    return stated(uses, said, signal=NAME, scope=Scope.ASSET, where=_WHERE, quote=quote)


def _unread(why: str) -> Unreadable:
    return Unreadable(signal=NAME, scope=Scope.ASSET, where=_WHERE, why=why)


SIGNAL = Signal(name=NAME, read_response=read_response)
