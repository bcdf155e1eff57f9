"""What stands against a picture for the people and the property in it. Pure.

Detectors contradict and never confirm: no face found is no statement that nobody is there, and whoever
declares people is believed. A missed face is worse than a false alarm, so that doubt holds a picture.

Source: P2.1, C4.1; GDPR articles 6 to 8; PLUS and IPTC vocabularies.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property

from clearance.curating.people.comparing import in_policy_zone, may_settle_date, minors_among
from clearance.curating.people.consents import (
    Answer,
    Consent,
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
from clearance.curating.reviews import (
    Finding,
    Review,
    ReviewReason,
    ReviewVerdict,
    record_checks,
    standing,
)
from clearance.policy import PeopleDuty, Policy, Reason, RuleId

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
    """What is declared editorial is licensed, and needs no model release; all else is weighed as creative."""
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
    the model releases are in force and valid for this use beyond doubt, with a guardian's signature, whatever
    kind of set it is for, and the context is not sensitive; 4 but for what is declared editorial, in an
    editorial set, everybody in it is covered by a model release that is valid for this use; 5 where something
    is in doubt, or two things are said, a person looks; 6 a valid property release covers the property that
    it speaks of. A reviewer's word lifts 4 to 6, for the very bytes that they looked at, and never 1 to 3.
    What they said of records speaks only of those that had been recorded by then.

    An empty answer is not an allowance: it joins the reasons of the train gate, which needs one of its own.
    """
    weighed = _Weighed(facts, policy, now)
    reasons = [*_editorial(facts, policy), *_withdrawn(weighed), *_minors(weighed)]
    if not (facts.kind is SetKind.EDITORIAL and facts.declared.editorial):
        reasons += [*_uncovered(weighed), *_doubts(weighed)]
    return (*reasons, *_property(weighed))


class _Weighed:
    """The facts, with what several steps need of them."""

    def __init__(self, facts: PeopleFacts, policy: Policy, now: datetime) -> None:
        self.facts = facts
        self.policy = policy
        self.at = in_policy_zone(now, policy)
        self._reviews = standing(facts.reviews, picture=facts.picture_sha256)
        self._checks = {
            finding: record_checks(facts.reviews, finding=finding, picture=facts.picture_sha256)
            for finding in (Finding.PEOPLE, Finding.PROPERTY)
        }
        self.models = [line for line in facts.covered_by if line.consent.kind is ConsentKind.MODEL]
        self.properties = [line for line in facts.covered_by if line.consent.kind is ConsentKind.PROPERTY]

    @cached_property
    def answers(self) -> list[tuple[CoveredBy, Answer]]:
        """Every model release that covers the picture, with whether it is valid."""
        return [(line, self.answer(line)) for line in self.models]

    def answer(self, line: CoveredBy) -> Answer:
        """Weigh one record; what only its date leaves open, a person who compared it may settle."""
        facts, consent = self.facts, line.consent
        answer = is_valid(consent, facts.pictured, person=line.person, use=facts.use, at=self.at)
        finding = Finding.PEOPLE if consent.kind is ConsentKind.MODEL else Finding.PROPERTY
        if (
            answer.validity is Validity.UNKNOWN
            and may_settle_date(consent, facts.covered_by, facts.declared)
            and self.are_checked(finding, ReviewReason.RELEASE_CHECKED, [consent])
        ):
            return Answer(validity=Validity.VALID)
        return answer

    @cached_property
    def valid_models(self) -> list[Consent]:
        """The model releases that are valid for it."""
        return [line.consent for line, answer in self.answers if answer.validity is Validity.VALID]

    def covered(self, *validities: Validity) -> int:
        """Count the people for whom a record of such validity was found: nobody is two of them."""
        lines = [line for line, answer in self.answers if answer.validity in validities]
        return min(len({line.person for line in lines}), len({line.consent.subject for line in lines}))

    @property
    def required(self) -> int:
        """How many people must be covered."""
        return max(self.facts.confident, self.facts.declared.persons, int(self.is_seen(Finding.PEOPLE)))

    def says(self, finding: Finding, verdict: ReviewVerdict) -> bool:
        """Tell whether a reviewer's last word on a finding in these bytes is this one."""
        review = self._reviews.get(finding)
        return review is not None and review.verdict is verdict

    def is_seen(self, finding: Finding) -> bool:
        """Tell whether a reviewer saw somebody, or property: whoever compares records with it did."""
        return self.says(finding, ReviewVerdict.STANDS) or bool(self._checks[finding])

    def is_lifted(self, finding: Finding) -> bool:
        """Tell whether a reviewer found that there is nothing that a record must cover."""
        return self.says(finding, ReviewVerdict.CLEAR) and not self._checks[finding]

    def are_checked(self, finding: Finding, reason: ReviewReason, consents: Iterable[Consent]) -> bool:
        """Tell whether a reviewer checked records in one way; none that was recorded later was among them."""
        review = self._checks[finding].get(reason)
        return review is not None and all(each.recorded_at <= review.at for each in consents)


def _editorial(facts: PeopleFacts, policy: Policy) -> Iterator[Reason]:
    # 1
    where = ", ".join(facts.declared.editorial)
    if facts.declared.editorial and facts.kind is SetKind.CREATIVE:
        yield policy.reason(RuleId.EDITORIAL_ONLY, detail=f"editorial, says {where}")
        return
    is_trained_with = facts.use is ConsentUse.AI_TRAINING
    if facts.declared.editorial and is_trained_with and not facts.trains_by_licence:
        yield policy.reason(RuleId.EDITORIAL_ONLY, detail="no licence grants training with it")


def _withdrawn(weighed: _Weighed) -> Iterator[Reason]:
    # 2: also where somebody else's model release would cover the picture, and where a reviewer saw nobody.
    for lines, rule in (
        (weighed.models, RuleId.PEOPLE_CONSENT),
        (weighed.properties, RuleId.PROPERTY_CONSENT),
    ):
        for consent in withdrawn_among(lines, at=weighed.at):
            yield weighed.policy.reason(rule, detail=f"{consent} was withdrawn")


def _minors(weighed: _Weighed) -> Iterator[Reason]:
    # 3
    declared, policy = weighed.facts.declared, weighed.policy
    minors = minors_among(weighed.models)
    if not minors and not declared.has_minor:
        return
    # A picture that shows a minor does not say who of the people in it that is: everybody's must hold.
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
        why = "; ".join([count, *_why_not(weighed.answers)])
        is_open = weighed.covered(Validity.VALID, Validity.UNKNOWN) >= required
        yield policy.reason(RuleId.PEOPLE_REVIEW if is_open else RuleId.PEOPLE_CONSENT, detail=why)
    elif valid < facts.candidates:
        yield policy.reason(
            RuleId.PEOPLE_REVIEW,
            detail=f"{facts.candidates} faces may be in it, {valid} people are covered by a model release",
        )
    if facts.declared.model_status is ModelReleaseStatus.LIMITED and not weighed.are_checked(
        Finding.PEOPLE, ReviewReason.EXCLUSIONS_READ, weighed.valid_models
    ):
        yield policy.reason(
            RuleId.PEOPLE_CONSENT,
            detail="its model release is limited (MR-LMR), and nobody read what it leaves out",
        )


def _why_not(answers: Iterable[tuple[CoveredBy, Answer]]) -> Iterator[str]:
    for line, answer in answers:
        if answer.validity is not Validity.VALID:
            yield f"{line.consent.id}: {', '.join(answer.why)}"


def _doubts(weighed: _Weighed) -> Iterator[Reason]:
    # 5
    if weighed.is_lifted(Finding.PEOPLE):
        return
    facts, policy = weighed.facts, weighed.policy
    declared = facts.declared
    for word in declared.unread:
        yield policy.reason(
            RuleId.PEOPLE_REVIEW, detail=f"what it says of people and property cannot be read: {word}"
        )
    valid = weighed.valid_models
    is_checked = bool(valid) and weighed.are_checked(Finding.PEOPLE, ReviewReason.RELEASE_CHECKED, valid)
    is_open = (weighed.required > 0 or facts.candidates > 0) and not is_checked
    if is_open and declared.model_status is ModelReleaseStatus.NOT_APPLICABLE:
        yield policy.reason(
            RuleId.PEOPLE_REVIEW,
            detail="it says that no model release is needed (MR-NAP), and shows somebody",
        )
    if is_open and MinorAge.UNKNOWN in (declared.youngest, *(each.age for each in valid)):
        yield policy.reason(RuleId.PEOPLE_REVIEW, detail="the age of somebody in it is unknown (AG-UNK)")
    limited = [each for each in valid if each.exclusions]
    if limited and not weighed.are_checked(Finding.PEOPLE, ReviewReason.EXCLUSIONS_READ, limited):
        yield policy.reason(RuleId.PEOPLE_REVIEW, detail="nobody read what its model releases leave out")


def _property(weighed: _Weighed) -> Iterator[Reason]:
    # 6
    facts, policy = weighed.facts, weighed.policy
    status = facts.declared.property_status
    is_named = status in _NEEDS_PROPERTY_RELEASE or facts.declared.has_property_release_id
    is_needed = is_named or weighed.is_seen(Finding.PROPERTY)
    if not is_needed or weighed.is_lifted(Finding.PROPERTY):
        return
    answers = [(line, weighed.answer(line)) for line in weighed.properties]
    valid = [line.consent for line, answer in answers if answer.validity is Validity.VALID]
    if not valid:
        said = "it shows property, and no valid property release covers it"
        yield policy.reason(RuleId.PROPERTY_CONSENT, detail="; ".join([said, *_why_not(answers)]))
        return
    is_limited = status is PropertyReleaseStatus.LIMITED or all(each.exclusions for each in valid)
    if is_limited and not any(
        weighed.are_checked(Finding.PROPERTY, ReviewReason.EXCLUSIONS_READ, [each]) for each in valid
    ):
        yield policy.reason(
            RuleId.PROPERTY_CONSENT,
            detail="its property release is limited, and nobody read what it leaves out",
        )
