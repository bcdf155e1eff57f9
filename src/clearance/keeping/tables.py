"""Tables of keeping: erasures under way and done, and keyed hashes of what is not collected again."""

from __future__ import annotations

from sqlalchemy import JSON, Column, Integer, String, Table

from clearance.database import UtcDateTime, metadata

erasures = Table(
    "erasures",
    metadata,
    Column("id", String, primary_key=True),
    Column("state", String, nullable=False),
    Column("reason", String, nullable=False),
    Column("counts", JSON, nullable=False),
    Column("keys", JSON, nullable=False),
    Column("asked_by", String, nullable=False),
    Column("recorded_by", String, nullable=False),
    Column("begun_at", UtcDateTime, nullable=False),
    Column("done_at", UtcDateTime),
    Column("log_index", Integer),
)

suppressed = Table(
    "suppressed",
    metadata,
    Column("digest", String, primary_key=True),
    Column("project", String, primary_key=True),
    Column("reason", String, nullable=False),
    Column("since", UtcDateTime, nullable=False),
)
