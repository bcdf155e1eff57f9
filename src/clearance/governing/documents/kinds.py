"""Which function writes which document. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from clearance.governing.documents.ab2013 import ab2013
from clearance.governing.documents.datasheet import datasheet
from clearance.governing.documents.document import Document, DocumentKind
from clearance.governing.documents.eu_summary import eu_summary
from clearance.governing.documents.facts import DatasetFacts
from clearance.governing.documents.provenance import provenance

_WRITERS: Mapping[DocumentKind, Callable[[DatasetFacts], Document]] = MappingProxyType(
    {
        DocumentKind.EU_SUMMARY: eu_summary,
        DocumentKind.DATASHEET: datasheet,
        DocumentKind.PROVENANCE: provenance,
        DocumentKind.AB2013: ab2013,
    }
)


def write_document(kind: DocumentKind, facts: DatasetFacts) -> Document:
    """Write one document about a dataset version."""
    return _WRITERS[kind](facts)
