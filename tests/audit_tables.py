"""Tables of items for audits: every column has a default, so that a test states only what it is about."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from clearance.curating.audit.columns import ROWS
from clearance.policy import AuditConventions, default_policy_bytes, read_policy

CONVENTIONS = read_policy(default_policy_bytes()).parameters(AuditConventions)
PLAIN: dict[str, Any] = {
    "source": "archive",
    "host": "a.example",
    "licence": "CC0-1.0",
    "basis": "open-licence",
    "creator": "",
    "country": "",
    "year": None,
    "width": 400,
    "height": 300,
    "keywords": [],
    "people": None,
    "attributes": [],
    "is_compared": True,
}


def item(number: int, **stated: Any) -> dict[str, Any]:
    """Return one row; attributes are written as a mapping."""
    name = f"{number:08x}"
    row = {"item_id": name, "cluster": name, **PLAIN, **stated}
    if isinstance(row["attributes"], dict):
        row["attributes"] = [{"name": key, "value": value} for key, value in row["attributes"].items()]
    return row


def items(*groups: tuple[int, dict[str, Any]]) -> pa.Table:
    """Return a table: so many rows of each group."""
    rows = [stated for count, stated in groups for _ in range(count)]
    return pa.Table.from_pylist([item(number, **stated) for number, stated in enumerate(rows)], schema=ROWS)
