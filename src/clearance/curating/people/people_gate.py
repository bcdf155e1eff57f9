"""What stands against a picture for the people and the property in it. Pure.

Detectors contradict and never confirm: no face found is no statement that nobody is there, and whoever
declares people is believed. A missed face is worse than a false alarm, so that doubt holds a picture.

Source: P2.1, C4.1; GDPR articles 6 to 8; PLUS and IPTC vocabularies.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from zoneinfo import ZoneInfo

from clearance.curating.people.consents import (
    Answer,
    ConsentKind,
    ConsentUse,
    CoveredBy,
    Pictured,
    Validity,
    is_valid,
    withdrawn_among,
)
from clearance.curating.people.declared import Declared, sensitive_in
from clearance.curating.people.plus_vocabulary import MinorAge, ModelReleaseStatus, PropertyReleaseStatus
from clearance.curating.reviews import Finding, Review, ReviewReason, ReviewVerdict, standing
from clearance.policy import PeopleDuty, Policy, Reason, RetentionClocks, RuleId

_NEEDS_PROPERTY_RELEASE = frozenset(
    {PropertyReleaseStatus.NONE, PropertyReleaseStatus.LIMITED, PropertyReleaseStatus.UNLIMITED}
)
"""Whoever speaks of a property release says that there is property to release; only "not applicable" does
not.
"""


class SetKind(StrEnum):
    """What a dataset is for."""

    CREATIVE = "creative"
    EDITORIAL = "editorial"
    MIXED = "mixed"
    """Both: everybody pictured is covered as in a creative set, and what is editorial is licensed as in an
    editorial one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleFacts:
    """What the gate weighs for one picture."""

    pictured: Pictured
    picture_sha256: str
    """Of the bytes in the vault: what a reviewer looked at."""
    candidates: int
    """Faces that may be there, by the thresholds of the policy."""
    confident: int
    declared: Declared
    covered_by: tuple[CoveredBy, ...]
    """Model releases and property releases that speak of it, valid or not."""
    reviews: tuple[Review, ...]
    kind: SetKind
    trains_by_licence: bool
    """Whether its basis is a licence, or our own work, that grants training by name."""
    use: ConsentUse = ConsentUse.AI_TRAINING


def against_people(facts: PeopleFacts, policy: Policy, *, now: datetime) -> tuple[Reason, ...]:
    """Say what stands against a picture for whom and what it shows; nothing where nothing does.

    Steps: 1 an editorial picture stays out of a creative set, and trains nothing unless a licence grants just
    that; 2 nobody who is in it has withdrawn; 3 where a minor is in it, by the picture or by a model release,
    the releases are in force and valid for this use beyond doubt, with a guardian's signature, whatever kind
    of set it is for, and the context is not sensitive; 4 outside an editorial set, everybody in it is covered
    by a model release that is valid for this use; 5 where something is in doubt, or two things are said, a
    person looks; 6 the property that it speaks of is released. A reviewer's word lifts 4 to 6, for the very
    bytes that they looked at, and never 1 to 3.

    An empty answer is not an allowance: it joins the reasons of the train gate, which needs one of its own.
    """
    weighed = _Weighed(facts, policy, now)
    reasons = [*_editorial(facts, policy), *_withdrawn(weighed), *_minors(weighed)]
    if facts.kind is not SetKind.EDITORIAL:
        reasons += [*_uncovered(weighed), *_doubts(weighed)]
    return (*reasons, *_property(weighed))


class _Weighed:
    """The facts, with what several steps need of them."""

    def __init__(self, facts: PeopleFacts, policy: Policy, now: datetime) -> None:
        self.facts = facts
        self.policy = policy
        # Days end where the policy says that they do.
        self.at = now.astimezone(ZoneInfo(policy.parameters(RetentionClocks).time_zone))
        self._reviews = standing(facts.reviews, picture=facts.picture_sha256)
        self.models = [line for line in facts.covered_by if line.consent.kind is ConsentKind.MODEL]
        self.properties = [line for line in facts.covered_by if line.consent.kind is ConsentKind.PROPERTY]

    @cached_property
    def answers(self) -> list[tuple[CoveredBy, Answer]]:
        """Every model release that covers the picture, with whether it is valid."""
        return [(line, self.answer(line)) for line in self.models]

    def answer(self, line: CoveredBy) -> Answer:
        """Weigh one record."""
        return is_valid(line.consent, self.facts.pictured, person=line.person, use=self.facts.use, at=self.at)

    def covered(self, *validities: Validity) -> int:
        """Count the people for whom a record of such validity was found: nobody is two of them."""
        lines = [line for line, answer in self.answers if answer.validity in validities]
        return min(len({line.person for line in lines}), len({line.consent.subject for line in lines}))

    @property
    def required(self) -> int:
        """How many people must be covered."""
        seen = 1 if self.says(Finding.PEOPLE, ReviewVerdict.STANDS) else 0
        return max(self.facts.confident, self.facts.declared.persons, seen)

    def says(self, finding: Finding, verdict: ReviewVerdict) -> bool:
        """Tell whether a reviewer's last word on a finding in these bytes is this one."""
        review = self._reviews.get(finding)
        return review is not None and review.verdict is verdict

    def is_lifted(self, finding: Finding) -> bool:
        """Tell whether a reviewer found that there is nothing to release."""
        return self.says(finding, ReviewVerdict.CLEAR) and not self.are_exclusions_read(finding)

    def are_exclusions_read(self, finding: Finding) -> bool:
        """Tell whether a reviewer read what the records leave out."""
        review = self._reviews.get(finding)
        return review is not None and review.reason is ReviewReason.EXCLUSIONS_READ


def _editorial(facts: PeopleFacts, policy: Policy) -> Iterator[Reason]:
    # 1
    where = ", ".join(facts.declared.editorial)
    if facts.declared.editorial and facts.kind is SetKind.CREATIVE:
        yield policy.reason(RuleId.EDITORIAL_ONLY, detail=f"editorial, says {where}")
        return
    is_editorial = facts.kind is SetKind.EDITORIAL or bool(facts.declared.editorial)
    if is_editorial and facts.use is ConsentUse.AI_TRAINING and not facts.trains_by_licence:
        yield policy.reason(RuleId.EDITORIAL_ONLY, detail="no licence grants training with it")


def _withdrawn(weighed: _Weighed) -> Iterator[Reason]:
    # 2: also where somebody else's release would cover the picture, and where a reviewer saw nobody.
    for lines, rule in (
        (weighed.models, RuleId.PEOPLE_CONSENT),
        (weighed.properties, RuleId.PROPERTY_CONSENT),
    ):
        for consent in withdrawn_among(lines, at=weighed.at):
            yield weighed.policy.reason(rule, detail=f"{consent} was withdrawn")


def _minors(weighed: _Weighed) -> Iterator[Reason]:
    # 3
    declared, policy = weighed.facts.declared, weighed.policy
    minors = {line.consent.subject for line in weighed.models if line.consent.age.is_minor}
    if not minors and not declared.has_minor:
        return
    # A picture that shows a minor does not say who of the people in it that is: all their releases must hold.
    everybody = {line.consent.subject for line in weighed.models}
    for subject in sorted(everybody if declared.has_minor else minors):
        against = _against_release_of(subject, weighed, is_minor=subject in minors)
        if against:
            yield policy.reason(RuleId.PEOPLE_CONSENT, detail="; ".join(against))
    if not minors:
        yield policy.reason(
            RuleId.PEOPLE_CONSENT,
            detail="it says that it shows a minor, and no guardian's signature covers it",
        )
    sensitive = sensitive_in(declared.words, policy.parameters(PeopleDuty).sensitive_words)
    if sensitive:
        yield policy.reason(
            RuleId.PEOPLE_CONSENT, detail=f"a minor in a sensitive context: {', '.join(sensitive)}"
        )


def _against_release_of(subject: str, weighed: _Weighed, *, is_minor: bool) -> tuple[str, ...]:
    """Say why no model release of somebody holds beyond doubt; nothing where one does.

    It takes a guardian's signature where one of theirs declares a minor, or does not say how old they are.
    """
    against: list[str] = []
    for line, answer in weighed.answers:
        if line.consent.subject != subject:
            continue
        needs_guardian = is_minor or line.consent.age is MinorAge.UNKNOWN
        if needs_guardian and not line.consent.has_guardian(weighed.at):
            against.append(f"no guardian signed {line.consent.id}")
        elif answer.validity is not Validity.VALID:
            against.append(f"{line.consent.id}: {', '.join(answer.why)}")
        else:
            return ()
    return tuple(dict.fromkeys(against))


def _uncovered(weighed: _Weighed) -> Iterator[Reason]:
    # 4
    if weighed.is_lifted(Finding.PEOPLE):
        return
    facts, policy, required = weighed.facts, weighed.policy, weighed.required
    valid = weighed.covered(Validity.VALID)
    if valid < required:
        count = f"{valid} of {required} people are covered by a valid model release"
        why = "; ".join([count, *_why_not(weighed)])
        is_open = weighed.covered(Validity.VALID, Validity.UNKNOWN) >= required
        yield policy.reason(RuleId.PEOPLE_REVIEW if is_open else RuleId.PEOPLE_CONSENT, detail=why)
    elif valid < facts.candidates:
        yield policy.reason(
            RuleId.PEOPLE_REVIEW,
            detail=f"{facts.candidates} faces may be in it, {valid} people are covered by a model release",
        )
    if facts.declared.model_status is ModelReleaseStatus.LIMITED and not weighed.are_exclusions_read(
        Finding.PEOPLE
    ):
        yield policy.reason(
            RuleId.PEOPLE_CONSENT,
            detail="its release is limited (MR-LMR), and nobody read what it leaves out",
        )


def _why_not(weighed: _Weighed) -> Iterator[str]:
    for line, answer in weighed.answers:
        if answer.validity is not Validity.VALID:
            yield f"{line.consent.id}: {', '.join(answer.why)}"


def _doubts(weighed: _Weighed) -> Iterator[Reason]:
    # 5
    if weighed.is_lifted(Finding.PEOPLE):
        return
    facts, policy = weighed.facts, weighed.policy
    declared = facts.declared
    for word in declared.unread:
        yield policy.reason(RuleId.PEOPLE_REVIEW, detail=f"what it says of releases cannot be read: {word}")
    is_somebody = weighed.required > 0 or facts.candidates > 0
    if is_somebody and declared.model_status is ModelReleaseStatus.NOT_APPLICABLE:
        yield policy.reason(
            RuleId.PEOPLE_REVIEW,
            detail="it says that no model release is needed (MR-NAP), and shows somebody",
        )
    valid = [line.consent for line, answer in weighed.answers if answer.validity is Validity.VALID]
    if is_somebody and (
        declared.youngest is MinorAge.UNKNOWN or any(each.age is MinorAge.UNKNOWN for each in valid)
    ):
        yield policy.reason(RuleId.PEOPLE_REVIEW, detail="the age of somebody in it is unknown (AG-UNK)")
    if any(each.exclusions for each in valid) and not weighed.are_exclusions_read(Finding.PEOPLE):
        yield policy.reason(RuleId.PEOPLE_REVIEW, detail="nobody read what its releases leave out")


def _property(weighed: _Weighed) -> Iterator[Reason]:
    # 6
    facts, policy = weighed.facts, weighed.policy
    status = facts.declared.property_status
    is_named = status in _NEEDS_PROPERTY_RELEASE or facts.declared.has_property_release_id
    is_needed = is_named or weighed.says(Finding.PROPERTY, ReviewVerdict.STANDS)
    if not is_needed or weighed.is_lifted(Finding.PROPERTY):
        return
    valid = [line.consent for line in weighed.properties if weighed.answer(line).validity is Validity.VALID]
    if not valid:
        yield policy.reason(
            RuleId.PROPERTY_CONSENT,
            detail="it shows property that needs a release, and no valid one is recorded",
        )
        return
    is_limited = status is PropertyReleaseStatus.LIMITED or all(each.exclusions for each in valid)
    if is_limited and not weighed.are_exclusions_read(Finding.PROPERTY):
        yield policy.reason(
            RuleId.PROPERTY_CONSENT,
            detail="its property release is limited, and nobody read what it leaves out",
        )
