"""Tables of collecting: runs, batches, visits, host files and certificates, re-checks, and policies that
decisions cite.
"""

from __future__ import annotations

from sqlalchemy import JSON, Column, Float, Index, Integer, LargeBinary, String, Table, Text

from clearance.database import UtcDateTime, metadata

runs = Table(
    "runs",
    metadata,
    Column("id", String, primary_key=True),
    Column("project", String, nullable=False),
    Column("table_sha256", String, nullable=False),
    Column("options", JSON, nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("finished_at", UtcDateTime),
)

batches = Table(
    "batches",
    metadata,
    Column("id", String, primary_key=True),
    Column("run", String, nullable=False, index=True),
    Column("state", String, nullable=False),
    Column("log_index", Integer),
    Column("items", Integer, nullable=False),
    Column("policy", String, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)

visits = Table(
    "visits",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("at", UtcDateTime, nullable=False),
    Column("host", String, nullable=False),
    Column("what", String, nullable=False),
    Column("status", Integer, nullable=False),
    Column("bytes", Integer, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("egress", String, nullable=False),
    Column("user_agent", String, nullable=False),
    Column("run", String, nullable=False),
    Column("network", String, nullable=False, server_default=""),
    Index("ix_visits_host_at", "host", "at"),
)

host_files = Table(
    "host_files",
    metadata,
    Column("origin", String, primary_key=True),
    Column("path", String, primary_key=True),
    Column("status", Integer, nullable=False),
    Column("headers", JSON, nullable=False),
    Column("content_sha256", String, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("final_url", Text, nullable=False),
    Column("fetched_at", UtcDateTime, nullable=False),
    Column("failure", Text, nullable=False),
)

host_evidence = Table(
    "host_evidence",
    metadata,
    Column("sha256", String, primary_key=True),
    Column("kind", String, nullable=False),
    Column("place", Text, nullable=False),
    Column("observed_at", UtcDateTime, nullable=False),
    Column("content", LargeBinary, nullable=False),
)

policies = Table(
    "policies",
    metadata,
    Column("hash", String, primary_key=True),
    Column("content", LargeBinary, nullable=False),
    Column("first_used_at", UtcDateTime, nullable=False),
)

rechecks = Table(
    "rechecks",
    metadata,
    Column("item", String, primary_key=True),
    Column("outcome", String, nullable=False),
    Column("checked_at", UtcDateTime, nullable=False),
)

host_certificates = Table(
    "host_certificates",
    metadata,
    Column("host", String, primary_key=True),
    Column("organisation", Text, nullable=False),
    Column("issuer", Text, nullable=False),
    Column("key_sha256", String, nullable=False),
    Column("first_seen_at", UtcDateTime, nullable=False),
    Column("changed_to", JSON),
    Column("changed_at", UtcDateTime),
    Column("confirmed_by", String, nullable=False),
    Column("confirmed_at", UtcDateTime),
)
