"""Open the control database: SQLite inside the workspace, or another one by URL.

SQLite is opened with a write-ahead log, full synchronisation (a commit survives a power cut) and
`secure_delete` (a deleted row's bytes are overwritten).
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from sqlalchemy import Connection, Engine, ExceptionContext, create_engine, event, inspect
from sqlalchemy.exc import DataError, SQLAlchemyError

from clearance.database.schema import metadata
from clearance.errors import BadInput, StorageError

_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "secure_delete=ON",
    "busy_timeout=10000",
)
_DIALECTS = ("sqlite", "postgresql")
_MIGRATION_LOCK = 0x636C6561
"""Any number of ours: PostgreSQL's advisory locks have numbers for names."""
_MIGRATIONS = Path(__file__).parent / "migrations"


class Database:
    """An opened control database; owns its connections, and is a context manager."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._engine.dispose()

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """Give a connection inside one transaction: committed at the end, rolled back on an error.

        Raises:
            StorageError: the database is full, locked, damaged or out of reach.
            BadInput: a value is too large a number, or no text that the database can hold.
        """
        try:
            with self._engine.begin() as connection:
                yield connection
        except DataError as error:
            raise BadInput(f"a value cannot be stored in the control database: {_cause(error)}") from error
        except SQLAlchemyError as error:
            raise StorageError(f"control database {self.where}: {_cause(error)}") from error

    def has_tables(self) -> bool:
        """Tell whether anything is kept there already.

        Raises:
            StorageError: the database does not answer.
        """
        with self.begin() as connection:
            return bool(inspect(connection).get_table_names())

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """Give a connection that sees the database as of one moment; nothing is written.

        Raises:
            StorageError: the database does not answer.
        """
        with self.begin() as connection:
            # Python's driver for SQLite begins a transaction only where something is written.
            connection.exec_driver_sql(
                "BEGIN" if self._is_sqlite else "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"
            )
            yield connection

    def forget_deleted(self) -> None:
        """Make deleted rows leave the files too: SQLite's log is emptied, PostgreSQL's tables written anew.

        SQLite has overwritten the rows themselves (`secure_delete`). PostgreSQL leaves them in the table's
        file until that is written anew; a plain VACUUM only marks their place as free. What it keeps in its
        own log goes as that is recycled.

        Raises:
            StorageError: the database does not answer, or another process reads what is to be forgotten.
        """
        try:
            with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                if self._is_sqlite:
                    busy = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").scalar_one()
                    if busy:
                        raise StorageError(
                            f"control database {self.where}: another process reads it, and what was deleted"
                            " stays in its log meanwhile; run the command again"
                        )
                    return
                there = set(inspect(connection).get_table_names())
                for table in metadata.sorted_tables:
                    if table.name in there:
                        connection.exec_driver_sql(f'VACUUM (FULL) "{table.name}"')
        except SQLAlchemyError as error:
            raise StorageError(f"control database {self.where}: {_cause(error)}") from error

    @property
    def kind(self) -> str:
        """Which database it is: `sqlite` or `postgresql`."""
        return self._engine.dialect.name

    @property
    def _is_sqlite(self) -> bool:
        return self.kind == "sqlite"

    @property
    def where(self) -> str:
        """The database's address, without a password."""
        return self._engine.url.render_as_string(hide_password=True)


def open_database(url: str) -> Database:
    """Open a control database by its SQLAlchemy URL.

    Raises:
        StorageError: the URL names no usable database.
    """
    try:
        engine = create_engine(url)
    except (SQLAlchemyError, ImportError, ValueError) as error:
        raise StorageError(f"control database: {_cause(error)}") from error
    if engine.dialect.name not in _DIALECTS:
        raise StorageError(f"control database: {engine.dialect.name} is none of {', '.join(_DIALECTS)}")
    event.listen(engine, "handle_error", _translate_value_error)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        if engine.url.database and not engine.url.database.startswith((":", "file:")):
            # SQLite gives its log the mode of the file. What hinders us here, connecting will say.
            with contextlib.suppress(OSError):
                Path(engine.url.database).touch(mode=0o600)
    return Database(engine)


def newest_schema() -> str:
    """Return the number of the newest migration: the form of the tables that this version works with."""
    return max(path.name[:4] for path in (_MIGRATIONS / "versions").glob("[0-9]*.py"))


def migrate(database: Database) -> None:
    """Bring a database's tables to the newest form, all or nothing; cheap where they have it already.

    Raises:
        StorageError: a newer Clearance made this database, or it cannot be changed.
    """
    newest = newest_schema()
    with database.begin() as connection:
        if inspect(connection).has_table("alembic_version"):
            current = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
            if current == newest:
                return
        # Loaded here: it takes as long as the rest of the command, and is needed once in a workspace's life.
        from alembic import command  # noqa: PLC0415
        from alembic.config import Config  # noqa: PLC0415
        from alembic.util import CommandError  # noqa: PLC0415

        if connection.dialect.name == "sqlite":
            # Python's driver commits each CREATE TABLE by itself unless a transaction was begun by hand; a
            # process killed between two of them would leave tables that no later migration can make again.
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            # Two processes that open a new database at once: the second waits, and finds the tables made.
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_MIGRATION_LOCK})")
        settings = Config()
        settings.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
        settings.attributes["connection"] = connection
        try:
            command.upgrade(settings, "head")
        except CommandError as error:
            newer = "a newer version of Clearance made it; use that one"
            raise StorageError(f"control database {database.where}: {newer} ({error})") from error


def _prepare_sqlite(connection: Any, _: object) -> None:
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _translate_value_error(context: ExceptionContext) -> BaseException | None:
    error = context.original_exception
    if isinstance(error, (OverflowError, UnicodeEncodeError)):
        return BadInput(f"a value cannot be stored in the control database: {error}")
    return None


def _cause(error: Exception) -> str:
    return str(getattr(error, "orig", None) or error).splitlines()[0]
