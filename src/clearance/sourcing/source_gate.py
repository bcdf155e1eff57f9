"""May anything be taken from a source today? What stands against it: its terms, and our accounts there. Pure.

Source: C1.4, C2.2; Directive (EU) 2019/790 article 4(3).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import assert_never

from clearance.errors import printable
from clearance.identifiers import Host
from clearance.policy import AccountChecks, Policy, Reason, RuleId, TermsDuty, TermsWatch
from clearance.sourcing.accounts import Account
from clearance.sourcing.sources import Basis, HostPattern, Source, parse_host_pattern
from clearance.sourcing.terms import (
    TermsPage,
    TermsReview,
    TermsSnapshot,
    TermsState,
    TermsVerdict,
    pages_to_read,
)

_MISSED_CHECKS = 3
"""Terms that could not be reached at three checks in a row are no longer known; an outage of a day is one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFacts:
    """What the gate weighs for one source."""

    source: Source
    pages: tuple[TermsPage, ...]
    accounts: tuple[Account, ...]
    now: datetime


def against_source(facts: SourceFacts, policy: Policy) -> tuple[Reason, ...]:
    """Say what stands against a source; nothing where nothing does.

    Steps: 1 no terms prohibit what we do, whatever the basis; 2 unless the policy exempts the source, it has
    terms that were looked for, and every page of them was read by a person as it is now, not too long ago,
    and found to permit; 3 the mailbox of every account there was checked.

    An empty answer is not an allowance: it is no `Decision`, and it joins the reasons of the collect gate,
    which needs an allowing one of its own, the basis.
    """
    return (
        *_prohibitions(facts, policy),
        *_unread_terms(facts, policy),
        *_unread_mailboxes(facts, policy),
    )


def needs_review(source: Source, policy: Policy) -> bool:
    """Tell whether a person must read the source's terms.

    The policy exempts bases that a contract governs, and archives of openly licensed pictures by their hosts:
    every host of the source must lie within a pattern that the policy names.
    """
    duty = policy.parameters(TermsDuty)
    if source.basis.value in duty.exempt_bases:
        return False
    if source.basis is not Basis.OPEN_LICENCE or not source.hosts:
        return True
    listed = [parse_host_pattern(text) for text in duty.open_licence_archives]
    return not all(any(_lies_within(host, pattern) for pattern in listed) for host in source.hosts)


def _prohibitions(facts: SourceFacts, policy: Policy) -> Iterator[Reason]:
    # 1: a prohibition stands until a person has read anew, also where the text has changed or is gone.
    for page in facts.pages:
        if page.review is not None and page.review.verdict is TermsVerdict.PROHIBITS:
            read_on = f"{page.review.reviewed_at:%Y-%m-%d}"
            yield policy.reason(
                RuleId.TERMS_PROHIBIT,
                detail=printable(f"{page.url}, read on {read_on}"),
                evidence=(page.review.sha256,),
            )


def _unread_terms(facts: SourceFacts, policy: Policy) -> Iterator[Reason]:
    # 2
    if not needs_review(facts.source, policy):
        return
    if not facts.pages:
        yield policy.reason(RuleId.TERMS_REVIEWED, detail=f"{facts.source.name}: terms were not looked for")
    for page in pages_to_read(facts.pages):
        against = _against_page(page, facts, policy)
        if against is not None:
            rule, why = against
            yield policy.reason(
                rule,
                detail=printable(f"{page.url}: {why}"),
                evidence=(page.current.sha256,) if page.current is not None else (),
            )


def _against_page(page: TermsPage, facts: SourceFacts, policy: Policy) -> tuple[RuleId, str] | None:
    current, review = page.current, page.review
    if current is None:
        return RuleId.TERMS_REVIEWED, f"never reached, {page.why or 'no answer'}"
    if review is None:
        return RuleId.TERMS_REVIEWED, _unreviewed(current)
    if current.state is TermsState.UNREADABLE:
        return RuleId.TERMS_CHANGED, f"cannot be read, {current.why}"
    if current.sha256 != review.sha256:
        return RuleId.TERMS_CHANGED, f"changed by {current.fetched_at:%Y-%m-%d}"
    if _is_lost(page, current, facts.now, policy):
        return RuleId.TERMS_CHANGED, f"not reached since {current.seen_at:%Y-%m-%d}"
    return _against_review(review, facts.now, policy)


def _unreviewed(current: TermsSnapshot) -> str:
    match current.state:
        case TermsState.FOUND:
            return "nobody has read them yet"
        case TermsState.NONE_FOUND:
            return "none found, and nobody has confirmed it"
        case TermsState.UNREADABLE | TermsState.UNREACHABLE:
            return f"cannot be read, {current.why}"
        case _ as never:
            assert_never(never)


def _is_lost(page: TermsPage, current: TermsSnapshot, now: datetime, policy: Policy) -> bool:
    """Tell whether the page has been out of reach for so long that nobody knows what it says."""
    patience = timedelta(seconds=_MISSED_CHECKS * policy.parameters(TermsWatch).check_interval_s)
    return page.latest.state is TermsState.UNREACHABLE and now - current.seen_at > patience


def _against_review(review: TermsReview, now: datetime, policy: Policy) -> tuple[RuleId, str] | None:
    valid = timedelta(days=policy.parameters(TermsDuty).review_valid_days)
    if now - review.reviewed_at > valid:
        return RuleId.TERMS_REVIEWED, f"last read on {review.reviewed_at:%Y-%m-%d}"
    match review.verdict:
        case TermsVerdict.UNCLEAR:
            return RuleId.TERMS_REVIEWED, "the person who read them found them unclear"
        case TermsVerdict.PERMITS | TermsVerdict.PROHIBITS:
            # Step 1 has spoken of the prohibition.
            return None
        case _ as never:
            assert_never(never)


def _unread_mailboxes(facts: SourceFacts, policy: Policy) -> Iterator[Reason]:
    # 3: no name and no address of a person goes into the reason; the account's own name finds them.
    max_age_days = policy.parameters(AccountChecks).max_check_age_days
    for account in facts.accounts:
        if account.is_overdue(facts.now.date(), max_age_days=max_age_days):
            checked = f"last checked on {account.last_checked}" if account.last_checked else "never checked"
            yield policy.reason(RuleId.ACCOUNT_MONITORED, detail=f"account {account.name}: {checked}")


def _lies_within(host: HostPattern, listed: HostPattern) -> bool:
    """Tell whether every host that a source means is meant by a pattern of the policy."""
    # The star matches as if it were a label: `*.img.example` lies below `*.example`, and no name equals it.
    return listed.matches(Host(host.text))
