import importlib
import pkgutil
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
from clearance.errors import StorageError


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with open_database(f"sqlite:///{tmp_path}/control.sqlite") as opened:
        migrate(opened)
        yield opened


def test_the_migrations_make_exactly_the_tables_of_all_packages(database: Database) -> None:
    """Whoever adds a column without a migration is told here."""
    for module in pkgutil.iter_modules(clearance.__path__, "clearance."):
        if module.ispkg and importlib.util.find_spec(f"{module.name}.tables"):
            importlib.import_module(f"{module.name}.tables")
    with database.begin() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_migrating_twice_changes_nothing(database: Database) -> None:
    """A workspace of today opens without work."""
    migrate(database)
    with database.begin() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all() == ["0001"]


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
