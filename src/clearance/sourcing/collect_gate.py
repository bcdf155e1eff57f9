"""The gate "cleared to collect": facts in, decision out. Pure; the same facts and policy always give the same
decision.

It is asked twice: `may_request` before a picture is asked for, `may_collect` when everything is known.
Unknown is not allowed: without a basis nothing is collected. A denial is honoured whoever wrote it and
however; what was there and could not be read holds the picture until a person has looked; an allowance is
never a licence.

Source: C1.1, C1.3, C1.5, C3.2, C5.3.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import assert_never

from clearance.errors import printable
from clearance.identifiers import WebUrl
from clearance.policy import Decision, LiftedReservations, OpenLicences, Outcome, Policy, Reason, RuleId
from clearance.sourcing.licences import Grant, Licence
from clearance.sourcing.open_licences import OpenLicence, UnknownLicence, normalise_licence
from clearance.sourcing.signals import creative_commons, http_status, schema_org
from clearance.sourcing.sources import Basis, Source
from clearance.sourcing.statements import SILENCE, Answer, Reading, Scope, Statement
from clearance.sourcing.uses import Use


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectFacts:
    """What the gate weighs for one picture."""

    url: WebUrl
    project_use: Use
    source: Source | None
    licences: tuple[Licence, ...]
    """Those that speak of this picture, whether or not they run and grant training."""
    stated_licence: str
    """What the table says of this picture's licence, or empty."""
    host: Reading
    response: Reading
    embedded: Reading
    now: datetime
    page: Reading = SILENCE
    """What the page that shows the picture says, and that page's own host."""
    registry: Reading = SILENCE
    """What the opt-out registries say of the address and, once it is known, of the picture."""

    @property
    def readings(self) -> tuple[Reading, ...]:
        """All that rights holders said, from the host to the picture itself."""
        return (self.host, self.page, self.response, self.embedded)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The basis that was found, or why there is none."""

    reasons: tuple[Reason, ...]
    basis: Basis | None = None
    licence: str = ""
    """Id of the contract or of the open licence."""
    expires: date | None = None


def may_request(facts: CollectFacts, policy: Policy) -> Decision:
    """Decide whether a picture may be asked for.

    Steps: 1 a source is registered; 2 host and page allow the request; 3 no reservation of theirs, and no
    registry, stands against our use; 4 a basis is there, or may still come to light in the picture itself.
    Left to `may_collect`: the picture's own response and bytes.
    """
    # 1
    if facts.source is None:
        return policy.decide([policy.reason(RuleId.SOURCE_REGISTERED, detail=facts.url.host)])
    found = basis_of(facts, policy)
    # 2 and 3
    against = _opted_out(facts, policy)
    for reading in (facts.host, facts.page):
        against += [*_refusals(reading, policy), *_reservations(facts, reading, found, policy)]
    # 4
    if found.basis is None and not _may_come_to_light(facts):
        against += found.reasons
    if against:
        return policy.decide(against)
    return policy.decide(
        found.reasons if found.basis is not None else [policy.reason(_RULES[facts.source.basis])]
    )


def foresee(facts: CollectFacts, policy: Policy) -> Decision:
    """Say what is to be expected before anything is asked for: as `may_request`, and held already where host
    or page state something that cannot be read.
    """
    unread = [*_unread(facts.host, policy), *_unread(facts.page, policy)]
    return policy.decide([*unread, *may_request(facts, policy).reasons])


def may_collect(facts: CollectFacts, policy: Policy) -> Decision:
    """Decide whether a picture may be kept; every fact is known.

    Steps: 1 a source is registered; 2 host, page and response do not refuse; 3 no reservation, and no
    registry, stands against our use; 4 nothing that states rights is left unread; 5 there is a basis; 6 the
    picture does not contradict it.
    """
    # 1
    if facts.source is None:
        return policy.decide([policy.reason(RuleId.SOURCE_REGISTERED, detail=facts.url.host)])
    found = basis_of(facts, policy)
    reasons = _opted_out(facts, policy)
    for reading in facts.readings:
        # 2
        reasons += _refusals(reading, policy)
        # 3
        reasons += _reservations(facts, reading, found, policy)
        # 4
        reasons += _unread(reading, policy)
    # 5
    reasons += found.reasons
    # 6
    reasons += _contradictions(facts, found, policy)
    return policy.decide(reasons)


def basis_of(facts: CollectFacts, policy: Policy) -> Found:
    """Find why the picture may be taken; the answer holds one allowing reason, or those against."""
    if facts.source is None:
        return Found(reasons=(policy.reason(RuleId.BASIS_MISSING),))
    match facts.source.basis:
        case Basis.LICENCE:
            return _licensed(facts, policy)
        case Basis.OPEN_LICENCE:
            return _openly_licensed(facts, facts.source, policy)
        case Basis.PUBLIC_DOMAIN | Basis.OWN_WORK:
            return _as_registered(facts.source, policy)
        case Basis.TDM_EXCEPTION:
            return _excepted(facts, facts.source, policy)
        case _ as never:
            assert_never(never)


_RULES = {
    Basis.LICENCE: RuleId.BASIS_LICENCE,
    Basis.OPEN_LICENCE: RuleId.BASIS_OPEN_LICENCE,
    Basis.PUBLIC_DOMAIN: RuleId.BASIS_PUBLIC_DOMAIN,
    Basis.OWN_WORK: RuleId.BASIS_OWN_WORK,
    Basis.TDM_EXCEPTION: RuleId.BASIS_TDM_EXCEPTION,
}


def _excepted(facts: CollectFacts, source: Source, policy: Policy) -> Found:
    """Rely on the exception where the rights holder says that our use is not reserved; silence is unknown."""
    found = _as_registered(source, policy)
    if found.basis is not None and not any(
        statement.use is facts.project_use and statement.answer is Answer.NOT_RESERVED
        for reading in facts.readings
        for statement in reading.statements
    ):
        return Found(reasons=(policy.reason(RuleId.BASIS_MISSING, detail="no signal leaves our use free"),))
    return found


def _as_registered(source: Source, policy: Policy) -> Found:
    reason = policy.reason(_RULES[source.basis], detail=source.name)
    # The policy may forbid a whole kind of basis; then the reason says no, and there is none.
    return Found(reasons=(reason,), basis=source.basis if reason.outcome is Outcome.ALLOW else None)


def _licensed(facts: CollectFacts, policy: Policy) -> Found:
    """Find a contract that covers the picture, grants training and runs today; the one that runs longest
    counts.
    """
    if not facts.licences:
        return Found(reasons=(policy.reason(RuleId.BASIS_MISSING, detail="no licence covers this picture"),))
    today = policy.day(facts.now)
    running = [licence for licence in facts.licences if licence.is_valid_on(today)]
    if not running:
        terms = ", ".join(f"{each.id} {each.valid_from}..{each.valid_until or ''}" for each in facts.licences)
        return Found(reasons=(policy.reason(RuleId.LICENCE_TERM, detail=terms),))
    granting = [licence for licence in running if Grant.TRAIN in licence.grants]
    if not granting:
        ids = ", ".join(licence.id for licence in running)
        return Found(reasons=(policy.reason(RuleId.LICENCE_USE, detail=f"{ids} does not grant train"),))
    chosen = max(granting, key=lambda licence: (licence.valid_until or date.max, licence.id))
    detail = f"{chosen.id}, {chosen.licensor}, {chosen.reference}"
    said = (*facts.host.statements, *facts.page.statements)
    lifted = sorted({each.signal for each in said if _is_liftable(each, facts, policy)})
    if lifted:
        detail += f"; answers the site's {', '.join(lifted)}"
    reason = policy.reason(RuleId.BASIS_LICENCE, detail=detail)
    if reason.outcome is not Outcome.ALLOW:
        return Found(reasons=(reason,))
    return Found(reasons=(reason,), basis=Basis.LICENCE, licence=chosen.id, expires=chosen.valid_until)


def _openly_licensed(facts: CollectFacts, source: Source, policy: Policy) -> Found:
    """Find the open licence; where several are stated, every one of them must be acceptable."""
    stated = _stated_licences(facts) or ([source.open_licence] if source.open_licence else [])
    if not stated:
        return Found(reasons=(policy.reason(RuleId.BASIS_MISSING, detail="no open licence is stated"),))
    read = [normalise_licence(text) for text in stated]
    against = [reason for licence in read for reason in against_licence(licence, policy)]
    if against:
        return Found(reasons=tuple(against))
    ids = sorted({licence.id for licence in read if isinstance(licence, OpenLicence)})
    reason = policy.reason(RuleId.BASIS_OPEN_LICENCE, detail=", ".join(ids))
    if reason.outcome is not Outcome.ALLOW:
        return Found(reasons=(reason,))
    return Found(reasons=(reason,), basis=Basis.OPEN_LICENCE, licence=ids[0])


def against_licence(licence: OpenLicence | UnknownLicence, policy: Policy) -> Iterator[Reason]:
    """Say what stands against a licence as a basis, under the policy of today."""
    if isinstance(licence, UnknownLicence):
        yield policy.reason(RuleId.LICENCE_UNKNOWN, detail=f"{printable(licence.stated)!r}: {licence.why}")
        return
    elements = (
        (licence.is_noncommercial, RuleId.LICENCE_NONCOMMERCIAL),
        (licence.is_no_derivatives, RuleId.LICENCE_NO_DERIVATIVES),
    )
    restricted = False
    for applies, rule in elements:
        reason = policy.reason(rule, detail=licence.id)
        if applies and reason.outcome is not Outcome.ALLOW:
            restricted = True
            yield reason
    if not restricted and licence.id not in policy.parameters(OpenLicences).accepted:
        yield policy.reason(RuleId.LICENCE_UNKNOWN, detail=f"{licence.id} is not accepted by the policy")


def _stated_licences(facts: CollectFacts) -> list[str]:
    """Collect every licence that the table, the page, the response and the picture itself state."""
    stated = [facts.stated_licence] if facts.stated_licence.strip() else []
    for reading in (facts.page, facts.response, facts.embedded):
        stated += reading.noted(creative_commons.NOTE)
    return stated


def _may_come_to_light(facts: CollectFacts) -> bool:
    """Tell whether the picture itself may still show a basis, so that it is right to look: an open licence,
    or that its use is not reserved.
    """
    match facts.source:
        case Source(basis=Basis.OPEN_LICENCE):
            return not _stated_licences(facts)
        case Source(basis=Basis.TDM_EXCEPTION):
            return True
        case _:
            return False


def _refusals(reading: Reading, policy: Policy) -> list[Reason]:
    """Turn denials of the request itself into reasons."""
    reasons = []
    for statement in reading.statements:
        if statement.use is not Use.FETCH or statement.answer is not Answer.DENIED:
            continue
        if statement.is_temporary:
            rule = RuleId.HOST_UNREACHABLE
        elif statement.signal == http_status.NAME:
            rule = RuleId.PAYMENT_REQUIRED if reading.noted("payment-required") else RuleId.ACCESS_REFUSED
        else:
            rule = RuleId.CRAWL_DISALLOWED
        reasons.append(_reason(rule, statement, policy))
    return reasons


def _unread(reading: Reading, policy: Policy) -> list[Reason]:
    """Turn what is stated and cannot be read into reasons."""
    return [
        policy.reason(
            RuleId.RESERVATION_UNREADABLE,
            signal=unread.signal,
            detail=f"{unread.where}: {printable(unread.why)}",
            evidence=unread.evidence,
        )
        for unread in reading.unreadable
    ]


def _opted_out(facts: CollectFacts, policy: Policy) -> list[Reason]:
    """Turn what registries hold into reasons; no licence answers them, a person may take an entry out."""
    return [
        _reason(RuleId.OPT_OUT_REGISTERED, statement, policy)
        for statement in facts.registry.statements
        if _is_against(statement, facts)
    ]


def _reservations(facts: CollectFacts, reading: Reading, found: Found, policy: Policy) -> list[Reason]:
    """Turn denials of our use into reasons; a site-wide one may be answered by a licence from its rights
    holder.
    """
    return [
        _reason(RuleId.RESERVATION, statement, policy)
        for statement in reading.statements
        if _is_against(statement, facts)
        and not (found.basis is Basis.LICENCE and _is_liftable(statement, facts, policy))
    ]


def _is_against(statement: Statement, facts: CollectFacts) -> bool:
    return statement.use is facts.project_use and statement.answer is Answer.DENIED


def _is_liftable(statement: Statement, facts: CollectFacts, policy: Policy) -> bool:
    """Tell whether a reservation is the site's, of a kind that a licence answers; the picture's never is."""
    return (
        statement.scope is Scope.SITE
        and _is_against(statement, facts)
        and statement.signal in policy.parameters(LiftedReservations).signals
    )


def _contradictions(facts: CollectFacts, found: Found, policy: Policy) -> Iterator[Reason]:
    """Hold a picture whose own words do not fit what its source says of it."""
    if found.basis is not Basis.PUBLIC_DOMAIN:
        return
    for text in _stated_licences(facts):
        licence = normalise_licence(text)
        if not isinstance(licence, OpenLicence) or not licence.is_public_domain:
            detail = f"registered as public domain, states {printable(text)!r}"
            yield policy.reason(RuleId.BASIS_CONTRADICTED, detail=detail)
    for offer in (*facts.page.noted(schema_org.OFFER), *facts.host.noted(schema_org.OFFER)):
        detail = f"registered as public domain, a licence is on offer: {printable(offer)}"
        yield policy.reason(RuleId.BASIS_CONTRADICTED, detail=detail)
    if any(value.strip().lower() == "true" for value in facts.embedded.noted("copyrighted")):
        detail = "registered as public domain, xmpRights:Marked says that copyright is asserted"
        yield policy.reason(RuleId.BASIS_CONTRADICTED, detail=detail)


def _reason(rule: RuleId, statement: Statement, policy: Policy) -> Reason:
    return policy.reason(
        rule,
        signal=statement.signal,
        detail=printable(f"{statement.where}: {statement.quote}" if statement.quote else statement.where),
        evidence=statement.evidence,
    )
