import importlib
import pkgutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Column, String, Table, insert, select, text
from sqlalchemy.exc import StatementError

import clearance
from clearance.database import Database, UtcDateTime, metadata, migrate, open_database
from clearance.errors import BadInput, StorageError

for _module in pkgutil.iter_modules(clearance.__path__, "clearance."):
    if _module.ispkg and importlib.util.find_spec(f"{_module.name}.tables"):
        importlib.import_module(f"{_module.name}.tables")


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with open_database(f"sqlite:///{tmp_path}/control.sqlite") as opened:
        migrate(opened)
        yield opened


def test_the_migrations_make_exactly_the_tables_of_all_packages(database: Database) -> None:
    """Whoever adds a column without a migration is told here."""
    with database.begin() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_migrating_twice_changes_nothing(database: Database) -> None:
    """A workspace of today opens without work."""
    migrate(database)
    with database.begin() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all() == ["0005"]


@pytest.mark.control("C5.1")
def test_deleted_rows_are_overwritten_and_commits_are_on_disk(database: Database) -> None:
    """SQLite is opened so that what is deleted is gone and what is committed stays."""
    with database.begin() as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("secure_delete", "journal_mode", "synchronous", "foreign_keys")
        }
    assert pragmas == {"secure_delete": 1, "journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_times_keep_their_moment_and_naive_ones_are_refused(database: Database) -> None:
    """Whatever zone a time is given in, the same moment comes back in UTC."""
    table = Table("moments", metadata, Column("id", String), Column("at", UtcDateTime))
    try:
        moment = datetime(2026, 11, 23, 1, tzinfo=timezone(timedelta(hours=2)))
        with database.begin() as connection:
            table.create(connection)
            connection.execute(insert(table).values(id="a", at=moment))
            connection.execute(insert(table).values(id="b", at=None))
            rows = connection.execute(select(table.c.at).order_by(table.c.id)).scalars().all()
        assert rows == [datetime(2026, 11, 22, 23, tzinfo=UTC), None]
        with pytest.raises(StorageError) as caught, database.begin() as connection:
            connection.execute(insert(table).values(id="c", at=datetime(2026, 1, 1)))  # noqa: DTZ001 - what is refused
        assert isinstance(caught.value.__cause__, StatementError)
    finally:
        metadata.remove(table)


def test_a_database_that_cannot_be_used_is_a_clear_error(tmp_path: Path) -> None:
    """A wrong URL, a folder that is not there, a file that is no database."""
    with pytest.raises(StorageError, match="control database"):
        open_database("nonsense")
    with open_database(f"sqlite:///{tmp_path}/none/control.sqlite") as opened, pytest.raises(StorageError):
        migrate(opened)
    (tmp_path / "broken.sqlite").write_bytes(b"not a database" * 100)
    with (
        open_database(f"sqlite:///{tmp_path}/broken.sqlite") as opened,
        pytest.raises(StorageError, match="not a database"),
    ):
        migrate(opened)


KILLED_WHILE_MIGRATING = """
import os, sys
from sqlalchemy import Engine, event
from clearance.database import migrate, open_database
made = []
@event.listens_for(Engine, "after_cursor_execute")
def count(connection, cursor, statement, *rest):
    if statement.strip().startswith("CREATE TABLE"):
        made.append(statement)
        if len(made) == int(sys.argv[2]):
            os._exit(9)
migrate(open_database(sys.argv[1]))
"""


@pytest.mark.parametrize("tables", [1, 2, 6, 12])
def test_a_migration_that_was_killed_is_done_again(tmp_path: Path, tables: int) -> None:
    """A process that dies between two tables leaves none, and the next one makes them all."""
    url = f"sqlite:///{tmp_path}/control.sqlite"
    killed = subprocess.run([sys.executable, "-c", KILLED_WHILE_MIGRATING, url, str(tables)], check=False)
    assert killed.returncode == 9
    with open_database(url) as opened:
        migrate(opened)
        with opened.begin() as connection:
            assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_a_database_of_a_newer_version_is_left_alone(database: Database) -> None:
    """The message says what to do; nothing is changed."""
    with database.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StorageError, match="a newer version of Clearance"):
        migrate(database)


@pytest.mark.parametrize("value", [10**30, "\udcff"])
def test_a_value_that_no_column_can_hold_is_bad_input(database: Database, value: object) -> None:
    """A number beyond 64 bits, and text that came from bytes that are no UTF-8."""
    with pytest.raises(BadInput, match="cannot be stored"), database.begin() as connection:
        connection.execute(text("INSERT INTO policies VALUES (:value, x'', '')"), {"value": value})


@pytest.mark.control("C5.1")
def test_the_file_is_for_its_owner_only(database: Database, tmp_path: Path) -> None:
    """No other user of the machine reads the control data, nor what SQLite writes beside it."""
    with database.begin() as connection:
        connection.execute(text("SELECT 1"))
        modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.glob("control.sqlite*")}
    assert modes == {"control.sqlite": 0o600, "control.sqlite-shm": 0o600, "control.sqlite-wal": 0o600}
