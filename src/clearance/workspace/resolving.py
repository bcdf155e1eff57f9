"""Holds that a person resolves: a held picture is released, with who said why, or the hold stands.

Source: C1.5, C5.2; docs/datasets.md.
"""

from __future__ import annotations

import secrets
from typing import Any

from clearance.collecting import Batch, Released, Verdict, utc_now
from clearance.errors import BadInput, Refused
from clearance.identifiers import ItemId
from clearance.policy import Outcome
from clearance.register import ItemFilter, StoredItem
from clearance.sourcing import Basis, Grant, may_use
from clearance.workspace.holding import Holding
from clearance.workspace.origins import Licences


def release(
    holding: Holding, licences: Licences, stored: StoredItem, *, by: str, reason: str, note: str
) -> dict[str, Any]:
    """Put a kept record in the place of a held one; the workspace is locked.

    What a rights holder refused no person of ours releases: that takes a re-check that finds no refusal.

    Raises:
        BadInput: the item is not held with its bytes, or a newer record stands for it.
        Refused: somebody refused it, or its basis grants nothing today.
    """
    record = stored.record
    item = ItemId(record["item_id"])
    require_newest(holding, stored)
    if record["decision"] != Verdict.HELD.value or not stored.shard:
        raise BadInput(f"item {item} is {record['decision']}: only a held picture in the vault is released")
    refusals = sorted(each["rule"] for each in record["reasons"] if each["outcome"] == Outcome.DENY.value)
    if refusals:
        raise Refused(
            f"item {item} was refused ({', '.join(refusals)}): `clearance items recheck --quarantined` keeps"
            " it again where the refusal is gone"
        )
    decision = may_use(
        basis=Basis(record["basis"]),
        open_licence=record["licence"],
        licence=licences.by_id().get(record["licence"]),
        grant=Grant.TRAIN,
        now=utc_now(),
        policy=holding.policy,
    )
    if decision.outcome is not Outcome.ALLOW:
        rules = ", ".join(each.rule.value for each in decision.reasons)
        raise Refused(f"item {item}: its basis grants no training today ({rules})")
    batch = Batch(
        holding.stores,
        run=f"release-{secrets.token_hex(6)}",
        policy=holding.policy.hash,
        clock=utc_now,
    )
    try:
        batch.release(Released(item=stored, decision=decision, at=utc_now(), by=by, reason=reason, note=note))
    except BaseException:
        batch.abandon()
        raise
    batch.seal()
    kept = next(iter(_standing(holding, stored)))
    return {"item": kept.record["item_id"], "replaces": item, "decision": kept.record["decision"]}


def require_newest(holding: Holding, stored: StoredItem) -> None:
    """Refuse a record that another one stands for by now: what is said of it would be heard by nobody.

    Raises:
        BadInput: it was replaced; the message names the record that stands.
    """
    item = stored.record["item_id"]
    newest = [each.record["item_id"] for each in _standing(holding, stored)]
    if item not in newest:
        raise BadInput(f"item {item} was replaced by {', '.join(newest) or 'nothing'}; look at that one")


def _standing(holding: Holding, stored: StoredItem) -> list[StoredItem]:
    chosen = ItemFilter(project=stored.record["project"], url=stored.record["url"])
    return list(holding.stores.items.records(chosen))
