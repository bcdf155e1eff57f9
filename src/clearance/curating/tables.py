"""Tables of curating: what was exported, and where to."""

from __future__ import annotations

from sqlalchemy import Column, Integer, String, Table, Text

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
)
