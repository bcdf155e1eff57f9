"""The control database on a real PostgreSQL server: what holds on SQLite holds there."""

import importlib
import json
import pkgutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import insert, select, text

import clearance
from clearance.database import Database, dump_rows, load_rows, metadata, migrate, open_database
from clearance.errors import BadInput, StorageError
from clearance.vault import KeyRing
from clearance.workspace import Restoring, restore
from pictures_made import photograph
from postgres import Server, running
from sites import Site
from workspaces import Tried

for _module in pkgutil.iter_modules(clearance.__path__, "clearance."):
    if _module.ispkg and importlib.util.find_spec(f"{_module.name}.tables"):
        importlib.import_module(f"{_module.name}.tables")

pytestmark = pytest.mark.control("C5.1", "C2.1")
MOMENT = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with running() as started:
        yield started


@pytest.fixture
def url(server: Server) -> str:
    return server.database()


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    with open_database(url) as opened:
        migrate(opened)
        yield opened


def test_the_migrations_make_exactly_the_tables_of_all_packages(database: Database) -> None:
    """On this engine, too, and a second time they change nothing."""
    migrate(database)
    with database.begin() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


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


@pytest.mark.parametrize("tables", [1, 12])
def test_a_migration_that_was_killed_is_done_again(url: str, tables: int) -> None:
    """A process that dies between two tables leaves none, and the next one makes them all."""
    killed = subprocess.run([sys.executable, "-c", KILLED_WHILE_MIGRATING, url, str(tables)], check=False)
    assert killed.returncode == 9
    with open_database(url) as opened:
        migrate(opened)
        with opened.begin() as connection:
            assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_two_processes_may_open_a_new_database_at_once(url: str) -> None:
    """One makes the tables, the others wait and find them."""

    def opened(_: int) -> str:
        with open_database(url) as database:
            migrate(database)
            with database.begin() as connection:
                return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one())

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(opened, range(4))) == ["0005"] * 4


@pytest.mark.parametrize("value", ["nul \0 in it", "lone \udcff", 10**30])
def test_a_value_that_no_column_can_hold_is_bad_input(database: Database, value: object) -> None:
    """As on SQLite: a number beyond 64 bits, text that came from bytes that are no UTF-8; and NUL, which this
    engine cannot hold in text.
    """
    shards = metadata.tables["shards"]
    row = {"batch": "b", "source": "s", "licence": "", "expires": "", "key": "k", "entries": 1}
    row |= {"created_at": MOMENT, "id": "i", "bytes": 1}
    column = "bytes" if isinstance(value, int) else "source"
    with pytest.raises(BadInput, match="cannot be stored"), database.begin() as connection:
        connection.execute(insert(shards).values({**row, column: value}))
    with database.begin() as connection:
        assert connection.execute(select(shards)).all() == []


def test_a_server_that_is_not_there_is_a_clear_error() -> None:
    """The message names the place and no password."""
    with (
        open_database("postgresql+psycopg://me:secret@127.0.0.1:1/none") as opened,
        pytest.raises(StorageError, match=r"127\.0\.0\.1") as caught,
    ):
        migrate(opened)
    assert "secret" not in str(caught.value)


def test_times_come_back_in_utc_whatever_the_server_thinks(database: Database) -> None:
    """The engine answers in the session's zone."""
    keyring = KeyRing(database, bytes(32), clock=lambda: MOMENT)
    keyring.log_seed()
    assert {key.created_at for key in keyring.list()} == {MOMENT}
    assert {key.created_at.utcoffset() for key in keyring.list()} == {UTC.utcoffset(None)}


@pytest.mark.control("C3.4", "C5.4")
def test_deleted_rows_leave_the_tables_files(server: Server, database: Database) -> None:
    """After a DELETE the bytes are still in the files; after `forget_deleted` they are in no table."""
    marker = "erase-me-" + "x" * 40
    policies = metadata.tables["policies"]
    with database.begin() as connection:
        rows = [
            {"hash": f"{marker}-{n}", "content": marker.encode(), "first_used_at": MOMENT} for n in range(20)
        ]
        connection.execute(insert(policies), rows)
    with database.begin() as connection:
        connection.execute(policies.delete())

    def found() -> list[Path]:
        with database.begin() as connection:
            connection.execute(text("SELECT 1"))
        _checkpoint(database)
        return [
            path
            for path in (server.folder / "base").rglob("*")
            if path.is_file() and marker.encode() in path.read_bytes()
        ]

    assert found()
    database.forget_deleted()
    assert found() == []


def _checkpoint(database: Database) -> None:
    with database.begin() as connection:
        connection.execute(text("COMMIT"))
        connection.execute(text("CHECKPOINT"))


def test_rows_move_from_one_engine_to_the_other_and_back(database: Database, tmp_path: Path) -> None:
    """Numbers, times, bytes, JSON and what is not stated come back as they were, and counters go on."""
    analyses, hosts = metadata.tables["risk_analyses"], metadata.tables["host_certificates"]
    analysis = {
        "project": "ü",
        "content": b"\x00\xff",
        "nonce": b"n",
        "covers": {"a": [1, None]},
        "signed_by": "S",
        "recorded_by": "R",
        "signed_at": MOMENT,
    }
    host = {
        "host": "h",
        "organisation": "",
        "issuer": "",
        "key_sha256": "",
        "first_seen_at": MOMENT,
        "confirmed_by": "",
    }
    with open_database(f"sqlite:///{tmp_path}/one.sqlite") as sqlite:
        migrate(sqlite)
        with sqlite.begin() as connection:
            connection.execute(insert(analyses), [analysis] * 3)
            connection.execute(insert(hosts), [host])
        KeyRing(sqlite, bytes(32), clock=lambda: MOMENT).log_seed()
        first = list(dump_rows(sqlite))
        load_rows(database, json.loads(json.dumps(first)))
    assert list(dump_rows(database)) == first
    with database.begin() as connection:
        connection.execute(insert(analyses).values(analysis))
        assert connection.execute(select(analyses.c.id).order_by(analyses.c.id)).scalars().all() == [
            1,
            2,
            3,
            4,
        ]
        assert connection.execute(select(hosts.c.host).where(hosts.c.changed_to.is_(None))).all() == [("h",)]


@pytest.mark.control("C3.4", "C5.4")
def test_a_whole_life_on_postgresql(url: str, server: Server, tmp_path: Path, site: Site) -> None:
    """Collect, re-check, erase, rotate, back up, restore into another database: the register holds throughout."""
    tried = Tried(tmp_path / "workspace", database=url)
    tried.project()
    tried.source("archive", site.host)
    urls = [site.serve(f"/{n}.jpg", photograph(seed=n)) for n in range(4)]
    assert tried.collect(urls)["kept"] == 4
    assert not (tried.root / "control.sqlite").exists()
    site.serve("/1.jpg", photograph(seed=1), headers={"X-Robots-Tag": "noai"})
    with clearance.open(tried.root) as here:
        assert here.recheck(older_than_days=0)["quarantined"] == 1
        here.erasures.erase(reason="request", by="Somebody", url=urls[0])
        here.keys.rotate_root()
        here.keys.rotate_source("archive")
        made = here.backups.make(tmp_path / "backups", with_root_key=True)
    assert tried.verified()["ok"]
    assert tried.run("items", "list", "--json").returncode == 0
    with pytest.raises(BadInput, match="--database"):
        restore(Path(made["backup"]), tmp_path / "new", Restoring())
    for name, place in (("new", server.database()), ("embedded", "")):
        done = restore(Path(made["backup"]), tmp_path / name, Restoring(database=place, trail=tried.root))
        assert (done["lost"], done["erased_again"], done["can_sign"]) == (0, 0, name == "new")
        with clearance.open(tmp_path / name) as here:
            found = here.register.verify()
        assert (found["ok"], found["pictures"], found["erased"]) == (True, 4, 1)
        assert (tmp_path / name / "control.sqlite").exists() == (name == "embedded")
