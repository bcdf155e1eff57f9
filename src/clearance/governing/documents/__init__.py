"""Documents about a dataset version: pure renderers that are handed their facts."""

from clearance.governing.documents.document import (
    NOT_RECORDED,
    Answer,
    Document,
    DocumentKind,
    Listing,
    Section,
    document_facts,
)
from clearance.governing.documents.facts import (
    AuditFacts,
    AuditFinding,
    DatasetFacts,
    DomainShare,
    HarmFacts,
    LicenceShare,
    PeopleFacts,
    ProjectFacts,
    RiskFacts,
    SourceShare,
)
from clearance.governing.documents.kinds import write_document
from clearance.governing.documents.page import render_document
from clearance.governing.documents.provenance import provenance_file, provenance_schema

__all__ = [
    "NOT_RECORDED",
    "Answer",
    "AuditFacts",
    "AuditFinding",
    "DatasetFacts",
    "Document",
    "DocumentKind",
    "DomainShare",
    "HarmFacts",
    "LicenceShare",
    "Listing",
    "PeopleFacts",
    "ProjectFacts",
    "RiskFacts",
    "Section",
    "SourceShare",
    "document_facts",
    "provenance_file",
    "provenance_schema",
    "render_document",
    "write_document",
]
