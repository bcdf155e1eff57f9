"""Tables of the vault: wrapped keys, and the shards that they open."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, String, Table

from clearance.database import UtcDateTime, metadata

keys = Table(
    "keys",
    metadata,
    Column("id", String, primary_key=True),
    Column("kind", String, nullable=False),
    Column("parent", String, nullable=False),
    Column("wrapped", LargeBinary),
    Column("created_at", UtcDateTime, nullable=False),
    Column("destroyed_at", UtcDateTime),
)

shards = Table(
    "shards",
    metadata,
    Column("id", String, primary_key=True),
    Column("batch", String, nullable=False, index=True),
    Column("source", String, nullable=False, index=True),
    Column("licence", String, nullable=False),
    Column("expires", String, nullable=False),
    Column("key", String, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("entries", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("generation", Integer, nullable=False, server_default="0"),
)
