"""What we promise: projects, and later risk analysis, people and training, the life of a policy."""

from clearance.governing.access import (
    GRANTS,
    Access,
    Actor,
    Permission,
    Role,
    access,
    granted_by,
    roles_with,
    with_implied,
)
from clearance.governing.approvals import AGREES, Approval, ApprovalState, ApprovalStore, SharedAction
from clearance.governing.people import PeopleStore, Person, checked_person_name
from clearance.governing.projects import Project, ProjectStore, ProjectUse, checked_name
from clearance.governing.reads import MAX_WHY_CHARS, Read, ReadStore
from clearance.governing.risk import RiskAnalysis
from clearance.governing.risk_draft import draft_analysis
from clearance.governing.risk_page import render_risk
from clearance.governing.risk_reading import MAX_ANALYSIS_BYTES, Finding, describe_findings, read_analysis
from clearance.governing.risk_standing import (
    SignedAnalysis,
    SourceOnRecord,
    against_collection,
    covers_of,
    findings_against,
)
from clearance.governing.risk_store import RiskStore
from clearance.governing.subjects import Subject, SubjectIndex, parse_subject, subject_facts
from clearance.governing.tokens import Token, TokenStore, parse_token

__all__ = [
    "AGREES",
    "GRANTS",
    "MAX_ANALYSIS_BYTES",
    "MAX_WHY_CHARS",
    "Access",
    "Actor",
    "Approval",
    "ApprovalState",
    "ApprovalStore",
    "Finding",
    "PeopleStore",
    "Permission",
    "Person",
    "Project",
    "ProjectStore",
    "ProjectUse",
    "Read",
    "ReadStore",
    "RiskAnalysis",
    "RiskStore",
    "Role",
    "SharedAction",
    "SignedAnalysis",
    "SourceOnRecord",
    "Subject",
    "SubjectIndex",
    "Token",
    "TokenStore",
    "access",
    "against_collection",
    "checked_name",
    "checked_person_name",
    "covers_of",
    "describe_findings",
    "draft_analysis",
    "findings_against",
    "granted_by",
    "parse_subject",
    "parse_token",
    "read_analysis",
    "render_risk",
    "roles_with",
    "subject_facts",
    "with_implied",
]
