"""Tables of governing: projects and their risk analyses, people with their tokens, approvals and reads."""

from __future__ import annotations

from sqlalchemy import JSON, Column, Date, Float, Integer, LargeBinary, String, Table, Text

from clearance.database import UtcDateTime, metadata

projects = Table(
    "projects",
    metadata,
    Column("name", String, primary_key=True),
    Column("purpose", Text, nullable=False),
    Column("use", String, nullable=False),
    Column("subjects", JSON, nullable=False),
    Column("target", Integer, nullable=False),
    Column("owner", String, nullable=False),
    Column("starts", Date),
    Column("ends", Date),
    Column("created_at", UtcDateTime, nullable=False),
    Column("licensed_share", Float),
)

risk_analyses = Table(
    "risk_analyses",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("project", String, nullable=False, index=True),
    Column("content", LargeBinary, nullable=False),
    Column("nonce", LargeBinary, nullable=False),
    Column("covers", JSON, nullable=False),
    Column("signed_by", String, nullable=False),
    Column("recorded_by", String, nullable=False),
    Column("signed_at", UtcDateTime, nullable=False),
)

people = Table(
    "people",
    metadata,
    Column("name", String, primary_key=True),
    Column("os_user", String, nullable=False),
    Column("roles", JSON, nullable=False),
    Column("until", Date),
    Column("created_at", UtcDateTime, nullable=False),
    Column("left_at", UtcDateTime),
)

tokens = Table(
    "tokens",
    metadata,
    Column("id", String, primary_key=True),
    Column("person", String, nullable=False, index=True),
    Column("label", String, nullable=False),
    Column("secret_sha256", String, nullable=False, unique=True),
    Column("scopes", JSON, nullable=False),
    Column("issued_by", String, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("revoked_at", UtcDateTime),
)

approvals = Table(
    "approvals",
    metadata,
    Column("id", String, primary_key=True),
    Column("action", String, nullable=False),
    Column("subject", Text, nullable=False),
    Column("asked_by", String, nullable=False),
    Column("asked_at", UtcDateTime, nullable=False),
    Column("approved_by", String),
    Column("approved_at", UtcDateTime),
    Column("used_at", UtcDateTime),
)

reads = Table(
    "reads",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("at", UtcDateTime, nullable=False, index=True),
    Column("who", String, nullable=False),
    Column("lent_by", String, nullable=False),
    Column("what", String, nullable=False),
    Column("query", JSON, nullable=False),
    Column("items", Integer, nullable=False),
    Column("why", Text, nullable=False),
)
