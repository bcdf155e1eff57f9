"""The rules that code decides by: their stable ids, controls, and how weak a policy file may make them.

What a rule says in public, its effect and its parameters stand in the policy file (`policy.document`); here
stands only what code relies on. An id is never reused.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from clearance.policy.controls import ControlId


class Stage(StrEnum):
    """Where a rule is applied."""

    PLAN = "plan"
    FETCH = "fetch"
    COLLECT = "collect"
    TRAIN = "train"
    KEEP = "keep"
    """What is kept, how long, who may touch it, and how it goes."""


class Effect(StrEnum):
    """What a rule does when it applies; `LIMIT` and `RECORD` never decide alone."""

    ALLOW = "allow"
    HOLD = "hold"
    DENY = "deny"
    LIMIT = "limit"
    RECORD = "record"


class RuleId(StrEnum):
    """The rules, in the order in which a picture meets them."""

    RISK_SIGNED = "risk-signed"
    TARGET = "target"
    LICENSED_FIRST = "licensed-first"
    ERASED_STAYS = "erased-stays-erased"
    SOURCE_REGISTERED = "source-registered"
    TERMS_REVIEWED = "terms-reviewed"
    TERMS_CHANGED = "terms-changed"
    TERMS_PROHIBIT = "terms-prohibit"
    ACCOUNT_MONITORED = "account-monitored"
    QUOTA = "quota"
    SHARE = "share"
    SURVEY = "survey"
    PACE = "pace"
    NETWORK_ADDRESS = "network-address"
    NETWORK_REGISTERED = "network-registered"
    HOST_CHANGED = "host-changed"
    HOST_UNREACHABLE = "host-unreachable"
    CRAWL_DISALLOWED = "crawl-disallowed"
    ACCESS_REFUSED = "access-refused"
    PAYMENT_REQUIRED = "payment-required"
    REDIRECT_OUTSIDE = "redirect-outside-source"
    FETCH_LIMITS = "fetch-limits"
    FETCH_FAILED = "fetch-failed"
    PICTURE_LIMITS = "picture-limits"
    PICTURE_UNREADABLE = "picture-unreadable"
    CONTENT_MISMATCH = "content-mismatch"
    CONTENT_CHANGED = "content-changed"
    NEAR_IDENTICAL_FLOOD = "near-identical-flood"
    RESERVATION = "reservation"
    RESERVATION_UNREADABLE = "reservation-unreadable"
    RESERVATION_LIFTED = "reservation-lifted"
    OPT_OUT_REGISTERED = "opt-out-registered"
    RECHECK = "recheck"
    BASIS_LICENCE = "basis-licence"
    BASIS_OPEN_LICENCE = "basis-open-licence"
    BASIS_PUBLIC_DOMAIN = "basis-public-domain"
    BASIS_OWN_WORK = "basis-own-work"
    BASIS_TDM_EXCEPTION = "basis-tdm-exception"
    BASIS_MISSING = "basis-missing"
    BASIS_CONTRADICTED = "basis-contradicted"
    LICENCE_UNKNOWN = "licence-unknown"
    LICENCE_NONCOMMERCIAL = "licence-noncommercial"
    LICENCE_NO_DERIVATIVES = "licence-no-derivatives"
    LICENCE_USE = "licence-use"
    LICENCE_TERM = "licence-term"
    EXAMINED = "examined"
    HOLD_RESOLVED = "hold-resolved"
    MATCHING = "matching"
    DUPLICATE = "duplicate"
    PEOPLE_CONSENT = "people-consent"
    PEOPLE_REVIEW = "people-review"
    PROPERTY_CONSENT = "property-consent"
    EDITORIAL_ONLY = "editorial-only"
    TEXT_MARK = "text-mark"
    PERSONAL_DATA = "personal-data"
    METADATA = "metadata"
    BALANCE_AUDIT = "balance-audit"
    RETENTION = "retention"
    NOT_NEEDED = "not-needed"
    ACCESS = "access"
    TWO_PERSONS = "two-persons"


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleFrame:
    """What code relies on in a rule: its controls, stage, and the weakest effect a policy may give it."""

    controls: tuple[ControlId, ...]
    stage: Stage
    floor: Effect


def _frame(stage: Stage, floor: Effect, *controls: str) -> RuleFrame:
    return RuleFrame(controls=tuple(ControlId(control) for control in controls), stage=stage, floor=floor)


FRAMES: dict[RuleId, RuleFrame] = {
    RuleId.RISK_SIGNED: _frame(Stage.PLAN, Effect.DENY, "C3.3"),
    RuleId.TARGET: _frame(Stage.PLAN, Effect.LIMIT, "C3.1"),
    RuleId.LICENSED_FIRST: _frame(Stage.PLAN, Effect.LIMIT, "C4.3"),
    RuleId.ERASED_STAYS: _frame(Stage.PLAN, Effect.DENY, "C3.4", "C5.4"),
    RuleId.SOURCE_REGISTERED: _frame(Stage.PLAN, Effect.DENY, "C1.3"),
    RuleId.TERMS_REVIEWED: _frame(Stage.PLAN, Effect.HOLD, "C1.4"),
    RuleId.TERMS_CHANGED: _frame(Stage.PLAN, Effect.HOLD, "C1.4"),
    RuleId.TERMS_PROHIBIT: _frame(Stage.PLAN, Effect.DENY, "C1.4"),
    RuleId.ACCOUNT_MONITORED: _frame(Stage.PLAN, Effect.HOLD, "C2.2"),
    RuleId.QUOTA: _frame(Stage.PLAN, Effect.DENY, "C3.6"),
    RuleId.SHARE: _frame(Stage.PLAN, Effect.DENY, "C3.6"),
    RuleId.SURVEY: _frame(Stage.PLAN, Effect.LIMIT, "C3.7"),
    RuleId.PACE: _frame(Stage.FETCH, Effect.LIMIT, "C3.7"),
    RuleId.NETWORK_ADDRESS: _frame(Stage.FETCH, Effect.DENY, "C5.2"),
    RuleId.NETWORK_REGISTERED: _frame(Stage.FETCH, Effect.DENY, "C2.3"),
    RuleId.HOST_CHANGED: _frame(Stage.FETCH, Effect.HOLD, "C5.2"),
    RuleId.HOST_UNREACHABLE: _frame(Stage.FETCH, Effect.DENY, "C1.5"),
    RuleId.CRAWL_DISALLOWED: _frame(Stage.FETCH, Effect.DENY, "C1.5"),
    RuleId.ACCESS_REFUSED: _frame(Stage.FETCH, Effect.DENY, "C5.3"),
    RuleId.PAYMENT_REQUIRED: _frame(Stage.FETCH, Effect.DENY, "C5.3"),
    RuleId.REDIRECT_OUTSIDE: _frame(Stage.FETCH, Effect.DENY, "C1.3"),
    RuleId.FETCH_LIMITS: _frame(Stage.FETCH, Effect.LIMIT, "C5.2"),
    RuleId.FETCH_FAILED: _frame(Stage.FETCH, Effect.RECORD, "C2.1"),
    RuleId.PICTURE_LIMITS: _frame(Stage.COLLECT, Effect.LIMIT, "C5.2"),
    RuleId.PICTURE_UNREADABLE: _frame(Stage.COLLECT, Effect.RECORD, "C5.2"),
    RuleId.CONTENT_MISMATCH: _frame(Stage.COLLECT, Effect.HOLD, "C5.2"),
    RuleId.CONTENT_CHANGED: _frame(Stage.COLLECT, Effect.HOLD, "C5.2"),
    RuleId.NEAR_IDENTICAL_FLOOD: _frame(Stage.COLLECT, Effect.HOLD, "C5.2"),
    RuleId.RESERVATION: _frame(Stage.COLLECT, Effect.DENY, "C1.5"),
    RuleId.RESERVATION_UNREADABLE: _frame(Stage.COLLECT, Effect.HOLD, "C1.5"),
    RuleId.RESERVATION_LIFTED: _frame(Stage.COLLECT, Effect.LIMIT, "C1.1", "C1.5"),
    RuleId.OPT_OUT_REGISTERED: _frame(Stage.COLLECT, Effect.DENY, "C1.5"),
    RuleId.RECHECK: _frame(Stage.TRAIN, Effect.LIMIT, "C1.5"),
    RuleId.BASIS_LICENCE: _frame(Stage.COLLECT, Effect.ALLOW, "C1.1", "C4.3"),
    RuleId.BASIS_OPEN_LICENCE: _frame(Stage.COLLECT, Effect.ALLOW, "C1.1"),
    RuleId.BASIS_PUBLIC_DOMAIN: _frame(Stage.COLLECT, Effect.ALLOW, "C1.1"),
    RuleId.BASIS_OWN_WORK: _frame(Stage.COLLECT, Effect.ALLOW, "C1.1"),
    RuleId.BASIS_TDM_EXCEPTION: _frame(Stage.COLLECT, Effect.ALLOW, "C1.1"),
    RuleId.BASIS_MISSING: _frame(Stage.COLLECT, Effect.DENY, "C1.1"),
    RuleId.BASIS_CONTRADICTED: _frame(Stage.COLLECT, Effect.HOLD, "C1.1"),
    RuleId.LICENCE_UNKNOWN: _frame(Stage.COLLECT, Effect.DENY, "C1.1"),
    RuleId.LICENCE_NONCOMMERCIAL: _frame(Stage.COLLECT, Effect.ALLOW, "C1.1"),
    RuleId.LICENCE_NO_DERIVATIVES: _frame(Stage.COLLECT, Effect.ALLOW, "C1.1"),
    RuleId.LICENCE_USE: _frame(Stage.TRAIN, Effect.DENY, "C1.3"),
    RuleId.LICENCE_TERM: _frame(Stage.COLLECT, Effect.DENY, "C1.1", "C3.2"),
    RuleId.EXAMINED: _frame(Stage.TRAIN, Effect.HOLD, "C4.1", "C4.2"),
    RuleId.HOLD_RESOLVED: _frame(Stage.TRAIN, Effect.HOLD, "C1.5", "C5.2"),
    RuleId.MATCHING: _frame(Stage.TRAIN, Effect.LIMIT, "C1.2"),
    RuleId.DUPLICATE: _frame(Stage.TRAIN, Effect.DENY, "C3.1", "C4.2"),
    RuleId.PEOPLE_CONSENT: _frame(Stage.TRAIN, Effect.HOLD, "P2.1", "C4.1"),
    RuleId.PEOPLE_REVIEW: _frame(Stage.TRAIN, Effect.HOLD, "P2.1", "C4.1"),
    RuleId.PROPERTY_CONSENT: _frame(Stage.TRAIN, Effect.HOLD, "P2.1"),
    RuleId.EDITORIAL_ONLY: _frame(Stage.TRAIN, Effect.DENY, "P2.1", "C4.1"),
    RuleId.TEXT_MARK: _frame(Stage.TRAIN, Effect.HOLD, "C1.1"),
    RuleId.PERSONAL_DATA: _frame(Stage.TRAIN, Effect.HOLD, "C4.1"),
    RuleId.METADATA: _frame(Stage.TRAIN, Effect.LIMIT, "C4.1", "C1.1"),
    RuleId.BALANCE_AUDIT: _frame(Stage.TRAIN, Effect.LIMIT, "C4.2", "P4.3"),
    RuleId.RETENTION: _frame(Stage.KEEP, Effect.LIMIT, "C3.2", "C3.4", "C3.5"),
    RuleId.NOT_NEEDED: _frame(Stage.KEEP, Effect.LIMIT, "C3.1", "C3.4"),
    RuleId.ACCESS: _frame(Stage.KEEP, Effect.RECORD, "C5.1"),
    RuleId.TWO_PERSONS: _frame(Stage.KEEP, Effect.LIMIT, "C5.1"),
}
