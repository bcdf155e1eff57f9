from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from clearance.database import Database, migrate, open_database
from clearance.errors import WrongKey
from clearance.identifiers import BatchId, KeyId
from clearance.vault import ROOT, KeyKind, KeyRing, Vault, is_root_key, unwrap_key, wrap_key
from clearance.vault.tables import keys

pytestmark = pytest.mark.control("C5.1")
OLD, NEW = bytes(range(32)), bytes(range(1, 33))
START = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with open_database(f"sqlite:///{tmp_path}/control.sqlite") as opened:
        migrate(opened)
        yield opened


@pytest.fixture
def vault(tmp_path: Path, database: Database) -> Iterator[Callable[[KeyRing], Vault]]:
    """Opens the one vault of the test with a key ring."""
    (tmp_path / "vault").mkdir()
    opened: list[Vault] = []

    def opening(keyring: KeyRing) -> Vault:
        opened.append(Vault(tmp_path / "vault", keyring=keyring, database=database, clock=lambda: START))
        return opened[-1]

    yield opening
    for each in opened:
        each.close()


def ring(database: Database, root: bytes = OLD, *, at: datetime = START) -> KeyRing:
    return KeyRing(database, root, clock=lambda: at)


def put(vault: Vault, batch: str, *, source: str = "archive", licence: str = "") -> tuple[str, int]:
    with vault.open_batch(BatchId(batch)) as writer:
        placed = writer.add(source=source, licence=licence, expires="", content=batch.encode())
    return placed.shard, placed.entry


def wrapped(database: Database) -> dict[str, bytes]:
    with database.begin() as connection:
        return {id_: bytes(raw) for id_, raw in connection.execute(select(keys.c.id, keys.c.wrapped))}


def test_a_new_root_key_opens_everything_and_the_old_one_nothing(
    database: Database, vault: Callable[[KeyRing], Vault]
) -> None:
    """Pictures, the log's seed and the suppression key stay what they were."""
    keyring = ring(database)
    places = {batch: put(vault(keyring), batch, source=batch) for batch in ("b1", "b2")}
    seed, suppression = keyring.log_seed(), keyring.suppression_key()
    before = wrapped(database)
    assert keyring.rotate_root(NEW) == ("log", "root-check", "source:b1:", "source:b2:", "suppression")
    after = wrapped(database)
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {name for name in before if not name.startswith("shard:")}
    for opened in (keyring, ring(database, NEW)):
        assert (opened.log_seed(), opened.suppression_key()) == (seed, suppression)
        assert {batch: vault(opened).read(*place) for batch, place in places.items()} == {
            "b1": b"b1",
            "b2": b"b2",
        }
    assert (is_root_key(database, NEW), is_root_key(database, OLD)) == (True, False)
    with pytest.raises(WrongKey, match="not this workspace's"):
        ring(database, OLD)


def test_a_source_gets_new_keys_and_its_pictures_still_open(
    database: Database, vault: Callable[[KeyRing], Vault]
) -> None:
    """For all its licences; other sources are not touched; what was wrapped before opens nothing any more."""
    keyring = ring(database)
    mine = [put(vault(keyring), "b1"), put(vault(keyring), "b2", licence="l")]
    other = put(vault(keyring), "b3", source="archives")
    before = wrapped(database)
    rotated = ring(database, at=START + timedelta(days=1)).rotate_source("archive")
    assert rotated == ("source:archive:", "source:archive:l")
    after = wrapped(database)
    assert {name for name in before if before[name] != after[name]} == {
        "source:archive:",
        "source:archive:l",
        "shard:b1-0000",
        "shard:b2-0000",
    }
    for opened in (keyring, ring(database)):
        assert [vault(opened).read(*place) for place in (*mine, other)] == [b"b1", b"b2", b"b3"]
    new_source = unwrap_key(
        OLD, after["source:archive:"], key=KeyId("source:archive:"), kind="source", parent=ROOT
    )
    with pytest.raises(WrongKey):
        unwrap_key(
            new_source,
            before["shard:b1-0000"],
            key=KeyId("shard:b1-0000"),
            kind="shard",
            parent=KeyId("source:archive:"),
        )
    assert ring(database).rotate_source("nobody") == ()


def test_what_may_be_told_of_keys(database: Database, vault: Callable[[KeyRing], Vault]) -> None:
    """Names, kinds, ages, what was destroyed; a rotation makes a key young again."""
    keyring = ring(database)
    put(vault(keyring), "b1")
    put(vault(keyring), "b2")
    put(vault(keyring), "b3", source="gone")
    keyring.destroy_source_keys("gone")
    later = START + timedelta(days=30)
    ring(database, at=later).rotate_source("archive")
    told = {key.id: (key.kind, key.created_at, key.destroyed_at, key.wraps) for key in keyring.list()}
    assert told == {
        "root-check": (KeyKind.CHECK, START, None, 0),
        "source:archive:": (KeyKind.SOURCE, later, None, 2),
        "source:gone:": (KeyKind.SOURCE, START, START, 1),
    }


def test_nothing_is_wrapped_by_a_key_that_was_rotated_meanwhile(
    database: Database, vault: Callable[[KeyRing], Vault]
) -> None:
    """A process that opened the workspace before a rotation makes no key that nobody could unwrap."""
    early = ring(database)
    put(vault(early), "b1")
    ring(database).rotate_source("archive")
    place = put(vault(early), "b2")
    assert vault(ring(database)).read(*place) == b"b2"
    ring(database).rotate_root(NEW)
    for late in (lambda: early.source_key("new", ""), early.suppression_key, lambda: put(vault(early), "b3")):
        with pytest.raises(WrongKey):
            late()
    assert set(wrapped(database)) == {"root-check", "source:archive:", "shard:b1-0000", "shard:b2-0000"}


def test_nothing_is_wrapped_by_a_key_that_was_destroyed_meanwhile(
    database: Database, vault: Callable[[KeyRing], Vault]
) -> None:
    """What another process destroyed gets no new shard, and opens none from memory."""
    early = ring(database)
    place = put(vault(early), "b1")
    ring(database).destroy_source_keys("archive")
    with pytest.raises(WrongKey, match="destroyed"):
        vault(early).read(*place)
    with pytest.raises(WrongKey, match="destroyed"):
        early.new_shard_key("b9", parent=KeyId("source:archive:"))


def test_a_wrapped_key_opens_in_its_own_place_only(database: Database) -> None:
    """Rows of the table cannot be swapped, and a changed byte is found."""
    keyring = ring(database)
    keyring.log_seed()
    keyring.suppression_key()
    swapped = wrapped(database)["suppression"]
    with database.begin() as connection:
        connection.execute(update(keys).where(keys.c.id == "log").values(wrapped=swapped))
    with pytest.raises(WrongKey, match="key log"):
        ring(database).log_seed()
    with pytest.raises(WrongKey, match="key log"):
        ring(database).rotate_root(NEW)
    assert is_root_key(database, OLD)


def test_a_key_of_a_backup_is_wrapped_by_the_root_key(database: Database) -> None:
    """It stands in no table; the root key of that day opens it, under the backup's own name."""
    plain, sealed = ring(database).new_backup_key("20261123")
    named = {"key": KeyId("backup:20261123"), "kind": "backup", "parent": ROOT}
    assert unwrap_key(OLD, sealed, **named) == plain  # type: ignore[arg-type]
    assert set(wrapped(database)) == {"root-check"}
    with pytest.raises(WrongKey):
        unwrap_key(OLD, sealed, **{**named, "key": KeyId("backup:20261124")})  # type: ignore[arg-type]
    with pytest.raises(WrongKey):
        unwrap_key(NEW, wrap_key(OLD, plain, **named), **named)  # type: ignore[arg-type]
