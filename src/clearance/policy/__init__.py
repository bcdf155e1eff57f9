"""The words of a decision: rules, `Decision`, `Reason`, `Evidence`, controls as data, and the policy file."""

from clearance.policy.controls import CONTROLS, Control, ControlId, Principle, Process
from clearance.policy.decision import Decision, Evidence, Outcome, Reason, decide
from clearance.policy.document import Policy, Rule, default_policy_bytes, read_past_policy, read_policy
from clearance.policy.parameters import (
    AccountChecks,
    FetchLimits,
    LiftedReservations,
    NetworkDuty,
    OpenLicences,
    PaceLimits,
    Parameters,
    PictureLimits,
    QuotaDefaults,
    RecheckLimits,
    SurveyLimits,
    TermsDuty,
    TermsWatch,
)
from clearance.policy.rules import FRAMES, Effect, RuleFrame, RuleId, Stage

__all__ = [
    "CONTROLS",
    "FRAMES",
    "AccountChecks",
    "Control",
    "ControlId",
    "Decision",
    "Effect",
    "Evidence",
    "FetchLimits",
    "LiftedReservations",
    "NetworkDuty",
    "OpenLicences",
    "Outcome",
    "PaceLimits",
    "Parameters",
    "PictureLimits",
    "Policy",
    "Principle",
    "Process",
    "QuotaDefaults",
    "Reason",
    "RecheckLimits",
    "Rule",
    "RuleFrame",
    "RuleId",
    "Stage",
    "SurveyLimits",
    "TermsDuty",
    "TermsWatch",
    "decide",
    "default_policy_bytes",
    "read_past_policy",
    "read_policy",
]
