"""May this picture train? The gate of a dataset version: facts in, `Decision` out. Pure.

Everything that can have changed since a picture was collected is weighed again, and what only curating knows
is weighed for the first time: copies, people, marks, personal data.

Source: C1.1, C1.3, C1.4, C1.5, C3.1, C3.2, C4.1, C5.4, P2.1.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from clearance.collecting import Verdict
from clearance.curating.examined import Examined
from clearance.curating.reviews import Finding, ReviewVerdict
from clearance.identifiers import ItemId
from clearance.policy import (
    Decision,
    PersonalDataKinds,
    Policy,
    Reason,
    RecheckLimits,
    RuleId,
    TextMarks,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainFacts:
    """What the gate weighs for one picture."""

    verdict: Verdict
    """How it stands in the records."""
    is_replaced: bool
    """Whether a newer record stands in the place of this one."""
    use: Decision
    """What its basis says of training today (`sourcing.may_use`)."""
    source: tuple[Reason, ...]
    """What stands against its source today: terms, accounts (`sourcing.against_source`)."""
    checked_at: datetime
    """When its rights signals were last read."""
    is_overdue: bool
    """Whether a retention clock has run out for it."""
    is_suppressed: bool
    """Whether its address or its bytes were erased on request, in whatever project."""
    content_sha256: str
    """Of the bytes in the vault."""
    examined: Examined | None
    """`None` where nobody looked at it yet."""
    better_copy: ItemId | None
    """The picture of the same cluster that goes in its stead."""
    people: tuple[Reason, ...]
    """What stands against it for the people and the property in it (`people_gate`)."""
    reviewed: Mapping[Finding, ReviewVerdict]
    """What a person last said of each finding that they looked at, in these very bytes (`reviews.standing`).

    That one stands counts whatever a detector found.
    """


def clear_to_train(facts: TrainFacts, policy: Policy, *, now: datetime) -> Decision:
    """Decide whether a picture goes into a dataset version.

    Steps: 1 its basis grants training today; 2 nothing of its source stands against it; 3 a hold was
    released and nobody says that it stands, and no newer record replaces it; 4 its signals were read lately
    enough; 5 nobody asked for its removal, and no clock has run out; 6 it was examined as it is now; 7 no
    better copy goes in its stead; 8 the people and property in it agree; 9 no mark of an agency and no
    personal data is in it, found by a reader or seen by a person, that a person has not cleared.
    """
    return policy.decide([*facts.use.reasons, *_against(facts, policy, now)])


def clear_to_leave(facts: TrainFacts, policy: Policy, *, now: datetime, use: Decision) -> Decision:
    """Decide whether a member of a dataset version may leave for a use today; `use` is what its basis says.

    Steps: those of `clear_to_train`, but for two that were settled when it was frozen, 4 how long ago its
    signals were read, and 7 which copy goes in. What the basis says of this use stands in the place of 1.
    """
    settled = replace(facts, use=use, checked_at=now, better_copy=None)
    return clear_to_train(settled, policy, now=now)


def _against(facts: TrainFacts, policy: Policy, now: datetime) -> Iterator[Reason]:
    # 2
    yield from facts.source
    # 3
    if facts.verdict is not Verdict.KEPT:
        yield policy.reason(RuleId.HOLD_RESOLVED, detail=f"it is {facts.verdict.value}")
    elif facts.reviewed.get(Finding.HOLD) is ReviewVerdict.STANDS:
        yield policy.reason(RuleId.HOLD_RESOLVED, detail="a person found that its hold stands")
    elif facts.is_replaced:
        yield policy.reason(RuleId.HOLD_RESOLVED, detail="a newer record stands in its place")
    # 4
    # In days, as the policy counts them: 0 means today.
    age = policy.day(now) - policy.day(facts.checked_at)
    if age.days > policy.parameters(RecheckLimits).max_age_days:
        yield policy.reason(RuleId.RECHECK, detail=f"last asked about on {facts.checked_at:%Y-%m-%d}")
    # 5
    if facts.is_suppressed:
        yield policy.reason(RuleId.ERASED_STAYS)
    if facts.is_overdue:
        yield policy.reason(RuleId.RETENTION)
    # 6
    if facts.examined is None or facts.examined.content_sha256 != facts.content_sha256:
        not_yet = "`clearance items examine` has not looked at it as it is now"
        yield policy.reason(RuleId.EXAMINED, detail=not_yet)
        return
    if facts.examined.failure:
        yield policy.reason(RuleId.EXAMINED, detail=facts.examined.failure)
        return
    # 7
    if facts.better_copy is not None:
        yield policy.reason(RuleId.DUPLICATE, detail=f"item {facts.better_copy} goes in its stead")
    # 8
    yield from facts.people
    # 9
    yield from _against_text(facts, facts.examined, policy)


def _against_text(facts: TrainFacts, examined: Examined, policy: Policy) -> Iterator[Reason]:
    # 9
    mark, personal = (facts.reviewed.get(each) for each in (Finding.MARK, Finding.PERSONAL_DATA))
    if mark is ReviewVerdict.STANDS:
        yield policy.reason(RuleId.TEXT_MARK, detail="a person saw a foreign mark in it")
    elif mark is None and examined.marks:
        names = sorted({str(found["name"]) for found in examined.marks})
        yield policy.reason(RuleId.TEXT_MARK, detail=", ".join(names)[:200])
    elif mark is None and not examined.is_text_read and policy.parameters(TextMarks).is_reader_required:
        yield policy.reason(RuleId.TEXT_MARK, detail="its text was not read")
    watched = policy.parameters(PersonalDataKinds).kinds
    kinds = sorted({str(found["kind"]) for found in examined.personal_data if found["kind"] in watched})
    if personal is ReviewVerdict.STANDS:
        yield policy.reason(RuleId.PERSONAL_DATA, detail="a person saw personal data in it")
    elif personal is None and kinds:
        yield policy.reason(RuleId.PERSONAL_DATA, detail=", ".join(kinds))
