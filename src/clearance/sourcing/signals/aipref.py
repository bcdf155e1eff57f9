"""AIPREF: the `Content-Usage` response header.

A dictionary of structured fields; only the tokens `y` and `n` count, an unknown key or another type says
nothing. A field that does not parse at all was meant to say something: it is never silence.

Source: draft-ietf-aipref-attach-05, draft-ietf-aipref-vocab-08; RFC 9651 section 3.2; C1.5.
"""

from __future__ import annotations

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
        return Reading(unreadable=(Unreadable(signal=NAME, scope=Scope.ASSET, where=_WHERE, why=why),))
    statements: list[Statement] = []
    for key, (value, _) in ((key, item) for key, item in parsed.items() if isinstance(item, tuple)):
        said = _ANSWERS.get(str(value)) if isinstance(value, http_sf.Token) else None
        if said is None:
            continue
        uses = _CURRENT.get(key) or (_OLDER.get(key) if said is Answer.DENIED else None)
        if uses:
            statements += stated(uses, said, signal=NAME, scope=Scope.ASSET, where=_WHERE, quote=quote)
    return Reading(statements=tuple(statements)) if statements else SILENCE


_ANSWERS = {"n": Answer.DENIED, "y": Answer.NOT_RESERVED}

SIGNAL = Signal(name=NAME, read_response=read_response)
