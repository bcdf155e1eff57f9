"""May we take it? Sources, licences, signals and the collect gate."""

from clearance.sourcing.collect_gate import CollectFacts, Found, basis_of, may_collect, may_request
from clearance.sourcing.licences import Grant, Licence, LicenceIndex, LicenceStore
from clearance.sourcing.observed import Embedded, HostFile, ResponseHead
from clearance.sourcing.open_licences import OpenLicence, UnknownLicence, normalise_licence
from clearance.sourcing.signals.evaluation import (
    SIGNALS,
    HostEvidence,
    evaluate_host,
    read_embedded,
    read_response,
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

__all__ = [
    "SIGNALS",
    "Answer",
    "Basis",
    "CollectFacts",
    "Embedded",
    "Found",
    "Grant",
    "HostEvidence",
    "HostFile",
    "HostPattern",
    "Licence",
    "LicenceIndex",
    "LicenceStore",
    "OpenLicence",
    "Pace",
    "Quotas",
    "Reading",
    "ResponseHead",
    "Scope",
    "Source",
    "SourceIndex",
    "SourceStore",
    "Statement",
    "UnknownLicence",
    "Unreadable",
    "Use",
    "basis_of",
    "evaluate_host",
    "may_collect",
    "may_request",
    "may_use",
    "merge",
    "normalise_licence",
    "parse_host_pattern",
    "read_embedded",
    "read_response",
    "use_of_project",
]
