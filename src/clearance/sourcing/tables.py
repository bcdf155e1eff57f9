"""Tables of sourcing: sources with their due diligence, licences, terms, accounts, networks,
catalogues.
"""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Date, Integer, LargeBinary, String, Table, Text

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

terms_snapshots = Table(
    "terms_snapshots",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("source", String, nullable=False, index=True),
    Column("url", Text, nullable=False),
    Column("state", String, nullable=False),
    Column("text", Text, nullable=False),
    Column("sha256", String, nullable=False),
    Column("fetched_at", UtcDateTime, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
    Column("status", Integer, nullable=False),
    Column("why", Text, nullable=False),
    Column("given_by_hand", Boolean, nullable=False),
    Column("etag", Text, nullable=False),
    Column("last_modified", Text, nullable=False),
)

terms_reviews = Table(
    "terms_reviews",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("source", String, nullable=False, index=True),
    Column("url", Text, nullable=False),
    Column("sha256", String, nullable=False),
    Column("verdict", String, nullable=False),
    Column("reviewer", String, nullable=False),
    Column("note", Text, nullable=False),
    Column("reviewed_at", UtcDateTime, nullable=False),
)

accounts = Table(
    "accounts",
    metadata,
    Column("name", String, primary_key=True),
    Column("source", String, nullable=False, index=True),
    Column("mailbox", String, nullable=False),
    Column("responsible", String, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)

account_checks = Table(
    "account_checks",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("account", String, nullable=False, index=True),
    Column("checked_on", Date, nullable=False),
    Column("checked_by", String, nullable=False),
    Column("recorded_at", UtcDateTime, nullable=False),
)

networks = Table(
    "networks",
    metadata,
    Column("name", String, primary_key=True),
    Column("provider", String, nullable=False),
    Column("addresses", JSON, nullable=False),
    Column("bandwidth", String, nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("valid_until", Date),
    Column("created_at", UtcDateTime, nullable=False),
)

catalogues = Table(
    "catalogues",
    metadata,
    Column("source", String, primary_key=True),
    Column("pictures", Integer, nullable=False),
    Column("how", Text, nullable=False),
    Column("stated_at", UtcDateTime, nullable=False),
)
