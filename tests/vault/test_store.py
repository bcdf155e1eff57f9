from pathlib import Path

import pytest
from sqlalchemy import delete, select, update

from clearance.database import Database
from clearance.errors import (
    IntegrityError,
    ShardDamaged,
    StorageError,
    WrongKey,
)
from clearance.identifiers import BatchId
from clearance.vault import KeyRing, Vault
from clearance.vault.tables import keys, shards
from vaults import ROOT, clock, put, vault_in

pytestmark = pytest.mark.control("C5.1")
BATCH = BatchId("b1")


def test_pictures_come_back_from_where_they_were_placed(
    vault: Vault, tmp_path: Path, database: Database
) -> None:
    """Also from a vault that was opened anew, through keys unwrapped from the database."""
    places = put(vault, "b1", b"one", b"two")
    again = vault_in(tmp_path, database)
    assert [again.read(*place) for place in places] == [b"one", b"two"]
    assert again.check(places[0][0]) == 2
    assert again.amounts() == {"archive": (2, 6)}
    again.close()


@pytest.mark.control("C3.2")
def test_a_shard_holds_one_source_one_licence_one_month(vault: Vault, database: Database) -> None:
    """What must be destroyed apart lies apart."""
    with vault.open_batch(BATCH) as writer:
        for source, licence, expires in (("a", "", ""), ("b", "", ""), ("a", "l1", "2027-12"), ("a", "", "")):
            writer.add(source=source, licence=licence, expires=expires, content=b"x")
    with database.begin() as connection:
        rows = connection.execute(
            select(shards.c.source, shards.c.licence, shards.c.expires, shards.c.entries)
        )
        assert sorted(tuple(row) for row in rows) == [
            ("a", "", "", 2),
            ("a", "l1", "2027-12", 1),
            ("b", "", "", 1),
        ]


def test_files_and_keys_are_for_their_owner_only(vault: Vault, tmp_path: Path) -> None:
    """No other user of the machine reads a shard."""
    put(vault, "b1", b"one")
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "vault").iterdir()} == {0o600}


def test_another_root_key_opens_nothing(vault: Vault, tmp_path: Path, database: Database) -> None:
    """It is refused at once, before anything is read."""
    put(vault, "b1", b"one")
    with pytest.raises(WrongKey, match="root key"):
        vault_in(tmp_path, database, root=bytes(32))


def test_a_lost_check_value_is_not_made_anew(vault: Vault, tmp_path: Path, database: Database) -> None:
    """Otherwise any root key would be taken for the right one."""
    put(vault, "b1", b"one")
    with database.begin() as connection:
        connection.execute(delete(keys).where(keys.c.id == "root-check"))
    for root in (ROOT, bytes(32)):
        with pytest.raises(WrongKey, match="backup"):
            vault_in(tmp_path, database, root=root)


@pytest.mark.control("C5.4")
def test_a_destroyed_source_key_makes_its_pictures_unreadable(
    vault: Vault, tmp_path: Path, database: Database
) -> None:
    """Without the key above it no shard of that source opens; others do."""
    gone, stays = put(vault, "b1", b"one", source="gone")[0], put(vault, "b2", b"two", source="stays")[0]
    with database.begin() as connection:
        connection.execute(update(keys).where(keys.c.id == "source:gone:").values(wrapped=None))
    again = vault_in(tmp_path, database)
    assert again.read(*stays) == b"two"
    with pytest.raises(WrongKey, match="destroyed"):
        again.read(*gone)
    with pytest.raises(WrongKey, match="destroyed"):
        put(again, "b3", b"three", source="gone")


def test_wrapped_keys_cannot_be_swapped_between_rows(
    vault: Vault, tmp_path: Path, database: Database
) -> None:
    """A wrapped key is bound to its own name."""
    first, second = put(vault, "b1", b"one")[0], put(vault, "b2", b"two")[0]
    with database.begin() as connection:
        wrapped = connection.execute(
            select(keys.c.wrapped).where(keys.c.id == f"shard:{second[0]}")
        ).scalar_one()
        connection.execute(update(keys).where(keys.c.id == f"shard:{first[0]}").values(wrapped=wrapped))
    with pytest.raises(WrongKey, match="does not unwrap"):
        vault_in(tmp_path, database).read(*first)


def test_a_missing_unknown_or_damaged_shard_is_named(
    vault: Vault, tmp_path: Path, database: Database
) -> None:
    """Each with its own clear error."""
    place = put(vault, "b1", b"one")[0]
    path = tmp_path / "vault" / f"{place[0]}.shard"
    path.write_bytes(path.read_bytes()[:-1])
    again = vault_in(tmp_path, database)
    with pytest.raises(ShardDamaged, match=r"b1-0000\.shard"):
        again.read(*place)
    path.unlink()
    with pytest.raises(ShardDamaged, match="No such file"):
        again.read(*place)
    with pytest.raises(IntegrityError, match="knows none"):
        again.read("b7-0000", 0)


def test_an_abandoned_batch_leaves_nothing(vault: Vault, tmp_path: Path, database: Database) -> None:
    """Neither files nor shards nor keys, whether it was finished or not."""

    class Stopped(Exception):
        pass

    with pytest.raises(Stopped), vault.open_batch(BATCH) as writer:
        writer.add(source="a", licence="", expires="", content=b"x")
        raise Stopped
    put(vault, "b2", b"x")
    vault.discard_batch(BatchId("b2"))
    (tmp_path / "vault" / "b3-0000.partial").write_bytes(b"x")
    vault.remove_leftovers()
    assert list((tmp_path / "vault").iterdir()) == []
    with database.begin() as connection:
        assert connection.execute(select(shards)).all() == []
        assert connection.execute(select(keys.c.id).where(keys.c.kind == "shard")).all() == []


def test_a_folder_that_cannot_be_written_is_a_clear_error(vault: Vault, tmp_path: Path) -> None:
    """The message names the folder."""
    (tmp_path / "vault").rmdir()
    with pytest.raises(StorageError, match="vault"):
        put(vault, "b1", b"x")


def test_the_log_seed_stays_the_same(vault: Vault, database: Database) -> None:
    """It is made once, and wrapped like every key."""
    assert KeyRing(database, ROOT, clock=clock).log_seed() == KeyRing(database, ROOT, clock=clock).log_seed()
