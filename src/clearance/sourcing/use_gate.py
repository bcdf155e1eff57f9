"""Whether a kept picture may go out for a use. Pure.

Source: C1.3 (use rights on every licence, checked at each export and display), C3.2.
"""

from __future__ import annotations

from datetime import datetime
from typing import assert_never

from clearance.policy import Decision, Policy, Reason, RuleId
from clearance.sourcing.collect_gate import against_licence
from clearance.sourcing.licences import Grant, Licence
from clearance.sourcing.open_licences import OpenLicence, normalise_licence
from clearance.sourcing.sources import Basis


def may_use(
    *,
    basis: Basis,
    open_licence: str,
    licence: Licence | None,
    grant: Grant,
    now: datetime,
    policy: Policy,
) -> Decision:
    """Decide whether a picture may be used in one way today, by the basis that it was kept on.

    `licence` is the contract, `open_licence` the id of the open licence; each counts for its own basis only.
    """
    match basis:
        case Basis.LICENCE:
            return policy.decide([_by_contract(licence, grant, now, policy)])
        case Basis.OPEN_LICENCE:
            return policy.decide([_by_open_licence(open_licence, grant, policy)])
        case Basis.PUBLIC_DOMAIN:
            return policy.decide([policy.reason(RuleId.BASIS_PUBLIC_DOMAIN)])
        case Basis.OWN_WORK:
            return policy.decide([policy.reason(RuleId.BASIS_OWN_WORK)])
        case Basis.TDM_EXCEPTION:
            # The exception permits reproduction for mining; showing or handing on needs a licence.
            rule = RuleId.BASIS_TDM_EXCEPTION if grant is Grant.TRAIN else RuleId.LICENCE_USE
            return policy.decide([policy.reason(rule, detail=grant.value)])
        case _ as never:
            assert_never(never)


def _by_contract(licence: Licence | None, grant: Grant, now: datetime, policy: Policy) -> Reason:
    if licence is None:
        return policy.reason(RuleId.BASIS_MISSING, detail="the licence is not on record")
    if not licence.is_valid_on(policy.day(now)):
        return policy.reason(RuleId.LICENCE_TERM, detail=f"{licence.id} ended or has not begun")
    if grant not in licence.grants:
        return policy.reason(RuleId.LICENCE_USE, detail=f"{licence.id} does not grant {grant.value}")
    return policy.reason(RuleId.BASIS_LICENCE, detail=licence.id)


def _by_open_licence(stated: str, grant: Grant, policy: Policy) -> Reason:
    licence = normalise_licence(stated)
    # The policy may have become stricter since the picture was kept: it holds for what goes out today.
    against = next(against_licence(licence, policy), None)
    if against is not None or not isinstance(licence, OpenLicence):
        return against or policy.reason(RuleId.LICENCE_UNKNOWN)
    if licence.is_noncommercial and grant is Grant.SELL:
        return policy.reason(RuleId.LICENCE_USE, detail=f"{licence.id} does not grant {grant.value}")
    return policy.reason(RuleId.BASIS_OPEN_LICENCE, detail=licence.id)
