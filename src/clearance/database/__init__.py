"""Control data: engine, connections and migrations; each package owns its tables."""

from clearance.database.dumping import Row, dump_rows, load_rows
from clearance.database.engine import Database, migrate, newest_schema, open_database
from clearance.database.schema import UtcDateTime, metadata

__all__ = [
    "Database",
    "Row",
    "UtcDateTime",
    "dump_rows",
    "load_rows",
    "metadata",
    "migrate",
    "newest_schema",
    "open_database",
]
