"""Tables of curating: consents, reviews, copies, targets, dataset versions, and what was exported."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Date, Integer, LargeBinary, String, Table, Text

from clearance.database import UtcDateTime, metadata

exports = Table(
    "exports",
    metadata,
    Column("id", String, primary_key=True),
    Column("project", String, nullable=False),
    Column("directory", Text, nullable=False),
    Column("form", String, nullable=False),
    Column("use", String, nullable=False),
    Column("items", Integer, nullable=False),
    Column("erased", Integer, nullable=False, server_default="0"),
    Column("made_at", UtcDateTime, nullable=False),
    Column("version", String, nullable=False, server_default="", index=True),
)

dataset_versions = Table(
    "dataset_versions",
    metadata,
    Column("id", String, primary_key=True),
    Column("name", String, nullable=False, index=True),
    Column("number", Integer, nullable=False),
    Column("parent", String, nullable=False),
    Column("project", String, nullable=False),
    Column("state", String, nullable=False),
    Column("facts", JSON, nullable=False),
    Column("root", String, nullable=False),
    Column("log_index", Integer),
    Column("frozen_by", String, nullable=False),
    Column("frozen_at", UtcDateTime, nullable=False),
)

copies = Table(
    "copies",
    metadata,
    Column("item", String, primary_key=True),
    Column("cluster", String, nullable=False, index=True),
    Column("is_looked_at", Boolean, nullable=False),
)

reviews = Table(
    "reviews",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("item", String, nullable=False),
    Column("finding", String, nullable=False),
    Column("verdict", String, nullable=False),
    Column("reason", String, nullable=False),
    Column("note", Text, nullable=False),
    Column("picture_sha256", String, nullable=False, index=True),
    Column("subject_sha256", String, nullable=False),
    Column("reviewed_by", String, nullable=False),
    Column("reviewed_at", UtcDateTime, nullable=False),
)

consents = Table(
    "consents",
    metadata,
    Column("id", String, primary_key=True),
    Column("kind", String, nullable=False),
    Column("subject", String, nullable=False, index=True),
    Column("document_sha256", String, nullable=False, index=True),
    Column("content", JSON, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("shoot_from", Date),
    Column("shoot_to", Date),
    Column("signed_at", Date),
    Column("expires_at", Date),
    Column("withdrawn_at", UtcDateTime),
    Column("withdrawal", JSON),
    Column("recorded_by", String, nullable=False),
    Column("recorded_at", UtcDateTime, nullable=False),
)

consent_covers = Table(
    "consent_covers",
    metadata,
    Column("consent", String, primary_key=True),
    Column("kind", String, primary_key=True),
    Column("covered", String, primary_key=True, index=True),
    Column("person", Integer, primary_key=True),
)

audit_targets = Table(
    "audit_targets",
    metadata,
    Column("project", String, primary_key=True),
    Column("content", LargeBinary, nullable=False),
    Column("sha256", String, nullable=False),
    Column("stated_by", String, nullable=False),
    Column("stated_at", UtcDateTime, nullable=False),
)
