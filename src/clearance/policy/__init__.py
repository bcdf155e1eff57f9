"""The words of a decision: rules, `Decision`, `Reason`, `Evidence`, controls as data, and the policy file."""

from clearance.policy.controls import CONTROLS, Control, ControlId, Principle, Process
from clearance.policy.decision import Decision, Evidence, Outcome, Reason, decide
from clearance.policy.document import Policy, Rule, default_policy_bytes, read_policy
from clearance.policy.parameters import (
    FetchLimits,
    LiftedReservations,
    OpenLicences,
    PaceLimits,
    Parameters,
    PictureLimits,
    QuotaDefaults,
)
from clearance.policy.rules import FRAMES, Effect, RuleFrame, RuleId, Stage

__all__ = [
    "CONTROLS",
    "FRAMES",
    "Control",
    "ControlId",
    "Decision",
    "Effect",
    "Evidence",
    "FetchLimits",
    "LiftedReservations",
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
    "Rule",
    "RuleFrame",
    "RuleId",
    "Stage",
    "decide",
    "default_policy_bytes",
    "read_policy",
]
