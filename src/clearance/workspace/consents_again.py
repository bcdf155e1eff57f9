"""What a restored backup missed of consents: who withdrew since, and who had their record erased.

The log names records by their random ids; which they are is in the backup.

Source: docs/keys.md; P2.1, C5.4; GDPR articles 7(3), 17.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from clearance.collecting import utc_now
from clearance.curating import ConsentState, Withdrawal
from clearance.register import Event, read_entry
from clearance.workspace.holding import Holding

WITHDRAWN, ERASED = "consent-withdrawn", "consent-erased"
_CHANNEL = "the log: the workspace was restored from a backup that was made before"
_EFFECT = "not known: what was answered was noted after the backup"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentsAgain:
    """How many records the log knew more of than the backup."""

    withdrawn: int
    erased: int


def withdraw_again(holding: Holding) -> ConsentsAgain:
    """Withdraw and erase what the log says was withdrawn and erased, and the database does not know of.

    Records that went whole with their pictures, or that the backup never had, are left out.
    """
    withdrawn, erased = _said(holding, WITHDRAWN), _said(holding, ERASED)
    known = {consent.id: consent for consent in holding.consents.all()}
    to_erase = {id_: at for id_, at in erased.items() if id_ in known and not known[id_].is_erased}
    to_withdraw = {
        id_: at
        for id_, at in withdrawn.items()
        if id_ in known and known[id_].withdrawal is None and id_ not in to_erase
    }
    for consent, at in to_withdraw.items():
        holding.consents.withdraw(consent, Withdrawal(at=at, channel=_CHANNEL, effect=_EFFECT))
    for consent, at in to_erase.items():
        holding.consents.erase(consent, Withdrawal(at=at, channel=_CHANNEL, effect=_EFFECT))
    if to_erase:
        holding.database.forget_deleted()
    return ConsentsAgain(withdrawn=len(to_withdraw), erased=len(to_erase))


def in_force(holding: Holding) -> int:
    """Count the records that are in force, as far as the database knows."""
    now = utc_now()
    return sum(consent.state(now) is ConsentState.IN_FORCE for consent in holding.consents.all())


def _said(holding: Holding, kind: str) -> dict[str, datetime]:
    """Return when the log first said so of each record."""
    said: dict[str, datetime] = {}
    for raw in holding.stores.log.entries():
        entry = read_entry(raw)
        if isinstance(entry, Event) and entry.kind == kind and "consent" in entry.facts:
            said.setdefault(str(entry.facts["consent"]), entry.time)
    return said
