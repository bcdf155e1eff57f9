"""Control data: engine, connections and migrations; each package owns its tables."""

from clearance.database.engine import Database, migrate, open_database
from clearance.database.schema import UtcDateTime, metadata

__all__ = ["Database", "UtcDateTime", "metadata", "migrate", "open_database"]
