"""What a list of addresses would yield, host by host, before a single picture is asked for.

Pure: what hosts said and how the gate decides go in, counts and advice come out. A picture's own response and
bytes are not known yet; the report says so, and promises nothing.

Source: C1.3, C1.4, C1.5, C3.7, C4.3.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from clearance.identifiers import Host
from clearance.policy import Decision, Outcome, Reason, RuleId
from clearance.sourcing.observed import HostFile
from clearance.sourcing.statements import Reading, Statement, Unreadable
from clearance.sourcing.uses import Use
from clearance.sourcing.verdicts import Standing, verdicts

_T = TypeVar("_T")
_MAX_DIFFERENT = 200
"""Different statements listed of one host; what it says beyond that is counted only."""
_CONTACTS = (
    "licence-offer",
    "licensor-url",
    "licensor-email",
    "licensor",
    "contact",
    "tdm-offer",
    "tdm-policy",
    "web-statement",
    "copyright-owner",
    "creator",
    "credit",
)
"""Notes that name whom to ask, the most useful first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """One thing that a person could do about what stands in the way."""

    rule: RuleId
    pictures: int
    what: str
    whom: tuple[str, ...] = ()
    """Addresses and names from what the host says, as it says them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """How much may be asked for, and how long that takes at a polite pace."""

    pictures: int
    seconds: float
    days: int
    """Days over which the daily budget spreads it."""


@dataclass(slots=True, kw_only=True)
class HostSurvey:
    """One host's part of the report; filled picture by picture."""

    host: Host
    source: str
    basis: str
    files: tuple[HostFile, ...] = ()
    pictures: int = 0
    pages: int = 0
    """Different pages that the table names of its pictures."""
    pages_read: int = 0
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    rules: Counter[str] = field(default_factory=Counter)
    """Pictures by rule and signal, as reports count them."""
    against: Counter[RuleId] = field(default_factory=Counter)
    """Pictures by each rule that stands in their way."""
    reasons: Counter[Reason] = field(default_factory=Counter)
    statements: Counter[Statement] = field(default_factory=Counter)
    unreadable: Counter[Unreadable] = field(default_factory=Counter)
    notes: dict[tuple[str, str], None] = field(default_factory=dict)
    policy: dict[Use, Counter[Standing]] = field(default_factory=dict)
    spec: dict[Use, Counter[Standing]] = field(default_factory=dict)
    by_standard: Counter[tuple[str, Use, Standing]] = field(default_factory=Counter)
    estimate: Estimate = Estimate(pictures=0, seconds=0.0, days=0)

    def add(self, reading: Reading, decision: Decision) -> None:
        """Take in one picture: all that is said of it, and what the gate answers."""
        self.pictures += 1
        self.outcomes[decision.outcome] += 1
        self.rules.update({reason.key for reason in decision.reasons})
        if decision.outcome is not Outcome.ALLOW:
            self.against.update({reason.rule for reason in decision.reasons})
        _count(self.reasons, decision.reasons)
        _count(self.statements, reading.statements)
        _count(self.unreadable, reading.unreadable)
        if len(self.notes) < _MAX_DIFFERENT:
            self.notes.update(dict.fromkeys(reading.notes))
        for verdict in verdicts(reading):
            self.policy.setdefault(verdict.use, Counter())[verdict.policy] += 1
            self.spec.setdefault(verdict.use, Counter())[verdict.spec] += 1
            for standard, standing in verdict.by_standard:
                self.by_standard[standard, verdict.use, standing] += 1

    def settle(self, *, delay_s: float, daily_requests: int) -> None:
        """Estimate time once every picture is counted; a page that is read first costs a request, too."""
        count = self.outcomes[Outcome.ALLOW]
        requests = count + (self.pages if count else 0)
        self.estimate = Estimate(
            pictures=count,
            seconds=round(requests * delay_s, 1),
            days=math.ceil(requests / daily_requests) if requests else 0,
        )

    @property
    def whom(self) -> tuple[str, ...]:
        """Whom to ask, from what the host, its pages and its policies say."""
        return tuple(
            dict.fromkeys(value for name in _CONTACTS for known, value in self.notes if known == name)
        )[:10]

    def advice(self) -> tuple[Advice, ...]:
        """Say what a person could do about each thing that stands in the way, most pictures first."""
        return tuple(
            Advice(
                rule=rule,
                pictures=count,
                what=_WHAT_TO_DO.get(rule, "read the reason").format(host=self.host, source=self.source),
                whom=self.whom if rule in _ASK else (),
            )
            for rule, count in self.against.most_common()
        )


_WHAT_TO_DO: dict[RuleId, str] = {
    RuleId.SOURCE_REGISTERED: "look into it and register it: clearance source add NAME --host {host}"
    " --basis BASIS --diligence TEXT",
    RuleId.TERMS_REVIEWED: "read its terms of service: clearance terms fetch {source}, then clearance terms"
    " review {source}",
    RuleId.TERMS_CHANGED: "its terms of service changed, read them again: clearance terms diff {source}",
    RuleId.TERMS_PROHIBIT: "its terms of service do not permit it: ask for a licence",
    RuleId.ACCOUNT_MONITORED: "read the mailbox of our account there, then clearance account check",
    RuleId.ERASED_STAYS: "it was erased for good: leave it out",
    RuleId.SHARE: "it has given its share; where the size of its catalogue is not known, clearance source"
    " catalogue states it",
    RuleId.QUOTA: "it has given what was agreed: agree on more, or leave it",
    RuleId.HOST_CHANGED: "its certificate names another owner or issuer: look at it, then clearance"
    " source confirm-host {host} --by NAME",
    RuleId.HOST_UNREACHABLE: "it could not say what it allows: try again later",
    RuleId.CRAWL_DISALLOWED: "its robots.txt forbids the request: leave it, or ask the owner for a feed",
    RuleId.ACCESS_REFUSED: "it refuses access: leave it, or ask for a licence",
    RuleId.PAYMENT_REQUIRED: "it names a price: a licence is on offer, a person may ask for it",
    RuleId.RESERVATION: "its rights are reserved: ask for a licence; a source that rests on one has --basis"
    " licence, and clearance licence add records it",
    RuleId.RESERVATION_UNREADABLE: "it states something that cannot be read: look at it",
    RuleId.OPT_OUT_REGISTERED: "an opt-out registry names it: leave it out",
    RuleId.BASIS_MISSING: "no licence is known: record one, or name the open licence in a column",
    RuleId.BASIS_CONTRADICTED: "it says otherwise than its source: look at it",
    RuleId.LICENCE_UNKNOWN: "write the licence as its address or SPDX id, if the policy accepts it",
    RuleId.LICENCE_NONCOMMERCIAL: "it allows no commercial use: ask for a licence",
    RuleId.LICENCE_NO_DERIVATIVES: "it allows no derivatives: ask for a licence",
    RuleId.LICENCE_TERM: "the licence does not run today: renew it",
    RuleId.LICENCE_USE: "the licence does not grant training: extend it",
    RuleId.BASIS_TDM_EXCEPTION: "the policy does not rely on a mining exception: find another basis",
}
_ASK = frozenset(
    {
        RuleId.TERMS_PROHIBIT,
        RuleId.CRAWL_DISALLOWED,
        RuleId.ACCESS_REFUSED,
        RuleId.PAYMENT_REQUIRED,
        RuleId.RESERVATION,
        RuleId.BASIS_MISSING,
        RuleId.LICENCE_NONCOMMERCIAL,
        RuleId.LICENCE_NO_DERIVATIVES,
    }
)
"""Rules that a licence would answer: for these it is said whom to ask."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """The whole report."""

    use: Use
    hosts: tuple[HostSurvey, ...]
    """Those with most to collect first."""
    unreadable_rows: tuple[tuple[int, str], ...]
    """Row numbers and why no address could be read there."""
    duplicates: int

    @property
    def pictures(self) -> int:
        """Addresses that were considered."""
        return sum(each.pictures for each in self.hosts)

    def outcomes(self) -> Counter[Outcome]:
        """Count the gate's answers over all hosts."""
        return sum((each.outcomes for each in self.hosts), start=Counter())

    def rules(self) -> Counter[str]:
        """Count pictures by rule and signal over all hosts."""
        return sum((each.rules for each in self.hosts), start=Counter())


def ordered(hosts: Iterable[HostSurvey]) -> tuple[HostSurvey, ...]:
    """Put those with most to collect first, then those with most pictures."""
    return tuple(sorted(hosts, key=lambda each: (-each.estimate.pictures, -each.pictures, each.host)))


def _count(counter: Counter[_T], found: Sequence[_T]) -> None:
    for each in found:
        if each in counter or len(counter) < _MAX_DIFFERENT:
            counter[each] += 1
