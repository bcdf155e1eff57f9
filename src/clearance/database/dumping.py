"""The rows of a control database in a form that any other one can take: for backups, and to move from SQLite
to PostgreSQL.

A row is a JSON object; bytes stand in base64, times in ISO 8601, and what is NULL is left out.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    Connection,
    Date,
    Integer,
    LargeBinary,
    Table,
    func,
    insert,
    select,
    text,
)

from clearance.database.engine import Database
from clearance.database.schema import UtcDateTime, metadata
from clearance.errors import BadInput, printable

_ROWS_AT_ONCE = 1000

Row = dict[str, Any]


def dump_rows(
    database: Database, *, only: Collection[str] = (), leave_out: Collection[str] = ()
) -> Iterator[tuple[str, list[Row]]]:
    """Return all rows as of one moment, a table after the other, in parts; the database stays open meanwhile.

    Args:
        database: what to dump.
        only: the tables to dump; none stated means all.
        leave_out: tables that are not dumped.

    Raises:
        StorageError: the database does not answer.
    """
    with database.snapshot() as connection:
        for table in metadata.sorted_tables:
            if table.name in leave_out or (only and table.name not in only):
                continue
            found = connection.execution_options(yield_per=_ROWS_AT_ONCE).execute(select(table)).mappings()
            for part in found.partitions(_ROWS_AT_ONCE):
                rows = [
                    {
                        column.name: _written(row[column.name])
                        for column in table.columns
                        if row[column.name] is not None
                    }
                    for row in part
                ]
                yield table.name, rows


def load_rows(database: Database, parts: Iterable[tuple[str, Sequence[Row]]]) -> None:
    """Put rows into a database that has none, all or nothing.

    Raises:
        BadInput: a row is none that this version knows.
        StorageError: the database does not take them.
    """
    with database.begin() as connection:
        for name, rows in parts:
            known = metadata.tables.get(name)
            if known is None:
                raise BadInput(f"a table {printable(name)!r} is unknown to this version")
            _insert(connection, known, rows)
        if connection.dialect.name == "postgresql":
            _count_on(connection)


def _insert(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    # What is NULL is left out of a row, so that NULL and JSON's null stay two things; rows of one shape go
    # together.
    shapes: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        read = {name: _read(table, name, value) for name, value in row.items()}
        shapes.setdefault(tuple(sorted(read)), []).append(read)
    for same in shapes.values():
        connection.execute(insert(table), same)


def _written(value: Any) -> Any:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    return value.isoformat() if isinstance(value, (datetime, date)) else value


def _read(table: Table, name: str, value: Any) -> Any:
    column = table.columns.get(name)
    if column is None:
        raise BadInput(f"table {table.name}: a column {printable(name)!r} is unknown to this version")
    try:
        return _of_type(column, value)
    except (ValueError, TypeError, binascii.Error) as error:
        raise BadInput(f"table {table.name}, column {name}: the value is none of its kind") from error


def _of_type(column: Column[Any], value: Any) -> Any:
    match column.type:
        case JSON():
            return value
        case LargeBinary():
            return base64.b64decode(value, validate=True)
        case UtcDateTime():
            return datetime.fromisoformat(value)
        case Date():
            return date.fromisoformat(value)
        case _ if isinstance(value, (str, int, float, bool)):
            return value
        case _:
            raise TypeError(type(value).__name__)


def _count_on(connection: Connection) -> None:
    """Let PostgreSQL's counters go on after the highest number that was put in by hand."""
    for table in metadata.sorted_tables:
        column = table.autoincrement_column
        if column is None or not isinstance(column.type, Integer):
            continue
        sequence = connection.execute(
            text("SELECT pg_get_serial_sequence(:name, :column)"), {"name": table.name, "column": column.name}
        ).scalar()
        highest = connection.execute(select(func.max(column))).scalar()
        if sequence is not None and highest is not None:
            connection.execute(
                text("SELECT setval(CAST(:sequence AS regclass), :highest)"),
                {"sequence": sequence, "highest": highest},
            )
