"""May we take it? Sources, licences, signals and the collect gate."""

from clearance.sourcing.collect_gate import CollectFacts, Found, basis_of, may_collect, may_request
from clearance.sourcing.licences import Grant, Licence, LicenceIndex, LicenceStore
from clearance.sourcing.observed import Embedded, HostFile, HostFiles, Page, ResponseHead
from clearance.sourcing.open_licences import OpenLicence, UnknownLicence, normalise_licence
from clearance.sourcing.signals.evaluation import (
    HOST_FILES,
    SIGNALS,
    HostEvidence,
    evaluate_host,
    host_leads,
    page_leads,
    read_embedded,
    read_page,
    read_response,
    response_leads,
)
from clearance.sourcing.sources import (
    Basis,
    HostPattern,
    Pace,
    Quotas,
    Source,
    SourceIndex,
    SourceStore,
    parse_host_pattern,
)
from clearance.sourcing.statements import Answer, Reading, Scope, Statement, Unreadable, merge
from clearance.sourcing.use_gate import may_use
from clearance.sourcing.uses import Use, use_of_project
from clearance.sourcing.verdicts import Standing, UseVerdict, verdicts

__all__ = [
    "HOST_FILES",
    "SIGNALS",
    "Answer",
    "Basis",
    "CollectFacts",
    "Embedded",
    "Found",
    "Grant",
    "HostEvidence",
    "HostFile",
    "HostFiles",
    "HostPattern",
    "Licence",
    "LicenceIndex",
    "LicenceStore",
    "OpenLicence",
    "Pace",
    "Page",
    "Quotas",
    "Reading",
    "ResponseHead",
    "Scope",
    "Source",
    "SourceIndex",
    "SourceStore",
    "Standing",
    "Statement",
    "UnknownLicence",
    "Unreadable",
    "Use",
    "UseVerdict",
    "basis_of",
    "evaluate_host",
    "host_leads",
    "may_collect",
    "may_request",
    "may_use",
    "merge",
    "normalise_licence",
    "page_leads",
    "parse_host_pattern",
    "read_embedded",
    "read_page",
    "read_response",
    "response_leads",
    "use_of_project",
    "verdicts",
]
