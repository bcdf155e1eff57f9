"""HTTP status: a site that refuses, or asks for payment, has answered.

Source: RFC 9110 section 15.5 (401, 402, 403), RFC 7725 (451); C5.3.
"""

from __future__ import annotations

from clearance.errors import printable
from clearance.sourcing.observed import ResponseHead
from clearance.sourcing.signals.signal import Signal
from clearance.sourcing.statements import SILENCE, Answer, Reading, Scope, Statement
from clearance.sourcing.uses import Use

NAME = "http-status"
PAYMENT = 402
_REFUSALS = frozenset({401, PAYMENT, 403, 451})


def read_response(head: ResponseHead) -> Reading:
    """Read a refusal; a price that comes with it is noted as a lead to a licence."""
    if head.status not in _REFUSALS:
        return SILENCE
    price = head.lower.get("crawler-price", ())
    notes = [("payment-required", printable(price[0], max_chars=80) if price else "402")]
    return Reading(
        statements=(
            Statement(
                signal=NAME,
                use=Use.FETCH,
                answer=Answer.DENIED,
                scope=Scope.ASSET,
                where="response",
                quote=f"HTTP {head.status}",
            ),
        ),
        notes=tuple(notes) if head.status == PAYMENT else (),
    )


SIGNAL = Signal(name=NAME, read_response=read_response)
