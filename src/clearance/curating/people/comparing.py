"""What a person may settle who compares model releases or property releases with a picture. Pure.

Source: P2.1.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from clearance.curating.people.consents import (
    Consent,
    ConsentKind,
    ConsentUse,
    CoveredBy,
    Pictured,
    Validity,
    is_valid,
)
from clearance.curating.people.declared import Declared
from clearance.curating.people.plus_vocabulary import MinorAge, ModelReleaseStatus, PropertyReleaseStatus
from clearance.curating.reviews import Finding, Review, ReviewReason
from clearance.errors import BadInput
from clearance.policy import Policy, RetentionClocks

_STATES_A_LIMIT = frozenset({ModelReleaseStatus.LIMITED, PropertyReleaseStatus.LIMITED})


def in_policy_zone(now: datetime, policy: Policy) -> datetime:
    """Return a moment where the policy says that days end."""
    return now.astimezone(ZoneInfo(policy.parameters(RetentionClocks).time_zone))


def minors_among(covered_by: Iterable[CoveredBy]) -> frozenset[str]:
    """Return the pseudonyms of those whom a model release of theirs declares to be minors."""
    return frozenset(line.consent.subject for line in covered_by if line.consent.age.is_minor)


def may_settle_date(consent: Consent, covered_by: Iterable[CoveredBy], declared: Declared) -> bool:
    """Tell whether a person's word may stand for a capture date that is not known well enough.

    Never for a minor, nor for whoever is beside one: their model releases are valid beyond doubt.
    """
    if consent.kind is ConsentKind.PROPERTY:
        return True
    return not declared.has_minor and consent.subject not in minors_among(covered_by)


def require_effect(
    review: Review, pictured: Pictured, declared: Declared, covered_by: Sequence[CoveredBy], policy: Policy
) -> None:
    """Refuse a review of records (`RECORD_CHECKS`) that could lift nothing.

    Raises:
        BadInput: no record that may be valid covers the picture, or none of them has what was looked at.
    """
    kind = ConsentKind.MODEL if review.finding is Finding.PEOPLE else ConsentKind.PROPERTY
    at = in_policy_zone(review.at, policy)
    holding: dict[str, Consent] = {}
    undated: list[Consent] = []
    for line in (each for each in covered_by if each.consent.kind is kind):
        answer = is_valid(
            line.consent, pictured, person=line.person, use=ConsentUse.AI_TRAINING, at=at
        ).validity
        if answer is not Validity.INVALID:
            holding[line.consent.id] = line.consent
        if answer is Validity.UNKNOWN:
            undated.append(line.consent)
    said = f"--reason {review.reason.value}:"
    if not holding:
        raise BadInput(f"{said} no {kind.value} release that is in force for training covers this picture")
    if review.reason is ReviewReason.EXCLUSIONS_READ:
        if not _has_limits(kind, declared, holding.values()):
            raise BadInput(f"{said} no {kind.value} release of this picture leaves anything out")
        return
    if any(may_settle_date(each, covered_by, declared) for each in undated):
        return
    if kind is ConsentKind.MODEL and _has_doubts(declared, holding.values()):
        return
    if undated:
        raise BadInput(f"{said} where a minor is pictured, no review settles when the picture was taken")
    named = ", ".join(sorted(holding))
    raise BadInput(f"{said} nothing about the {kind.value} releases of this picture waits for it ({named})")


def _has_limits(kind: ConsentKind, declared: Declared, consents: Iterable[Consent]) -> bool:
    status = declared.model_status if kind is ConsentKind.MODEL else declared.property_status
    return status in _STATES_A_LIMIT or any(each.exclusions for each in consents)


def _has_doubts(declared: Declared, consents: Iterable[Consent]) -> bool:
    """Tell whether the picture and its model releases leave an age open, or say two things."""
    ages = (declared.youngest, *(each.age for each in consents))
    return MinorAge.UNKNOWN in ages or declared.model_status is ModelReleaseStatus.NOT_APPLICABLE
