"""Tables of sourcing: sources with their due diligence, and licences."""

from __future__ import annotations

from sqlalchemy import JSON, Column, Date, LargeBinary, String, Table, Text

from clearance.database import UtcDateTime, metadata

sources = Table(
    "sources",
    metadata,
    Column("name", String, primary_key=True),
    Column("owner", String, nullable=False),
    Column("hosts", JSON, nullable=False),
    Column("basis", String, nullable=False),
    Column("open_licence", String, nullable=False),
    Column("diligence", Text, nullable=False),
    Column("diligence_sha256", String, nullable=False),
    Column("diligence_file", LargeBinary),
    Column("quotas", JSON, nullable=False),
    Column("pace", JSON, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)

licences = Table(
    "licences",
    metadata,
    Column("id", String, primary_key=True),
    Column("licensor", String, nullable=False),
    Column("sources", JSON, nullable=False),
    Column("paths", JSON, nullable=False),
    Column("uses", JSON, nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("valid_until", Date),
    Column("conditions", Text, nullable=False),
    Column("reference", String, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)
