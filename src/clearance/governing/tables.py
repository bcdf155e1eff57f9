"""Tables of governing: projects."""

from __future__ import annotations

from sqlalchemy import JSON, Column, Date, Integer, String, Table, Text

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
)
