"""Pictures leave the vault for good: alone by sealing their shard anew, whole sources with their keys."""

from pathlib import Path

import pytest
from sqlalchemy import select

from clearance.database import Database
from clearance.errors import IntegrityError, ShardDamaged, StorageError, WrongKey
from clearance.vault import Vault
from clearance.vault.tables import keys, shards
from vaults import OPENED, put, vault_in

pytestmark = pytest.mark.control("C5.1", "C3.4")
BIG = [bytes([n]) * 700_000 for n in range(4)]


def key_ids(database: Database) -> set[str]:
    with database.begin() as connection:
        return {key for (key,) in connection.execute(select(keys.c.id))}


def files(vault: Vault) -> set[str]:
    return {path.name for path in vault.directory.iterdir()}


def test_one_picture_goes_and_the_others_stay_where_they_were(vault: Vault, database: Database) -> None:
    """The shard is sealed anew under another key; its old file and old key are gone."""
    placed = put(vault, "b1", *BIG)
    shard = placed[0][0]
    old = (vault.directory / f"{shard}.shard").read_bytes()
    assert vault.erase(shard, {1}) == 700_000
    assert [vault.read(shard, n) for n in (0, 2, 3)] == [BIG[0], BIG[2], BIG[3]]
    with pytest.raises(IntegrityError, match="picture 1: it was erased"):
        vault.read(shard, 1)
    assert vault.sizes(shard) == (700_000, 0, 700_000, 700_000)
    assert files(vault) == {f"{shard}.1.shard"}
    assert old[200:264] not in (vault.directory / f"{shard}.1.shard").read_bytes()
    assert f"shard:{shard}" not in key_ids(database)
    assert vault.amounts() == {"archive": (3, 2_100_000)}


def test_erasing_again_and_again_ends_with_the_shard_gone(vault: Vault, database: Database) -> None:
    """Doing it twice does nothing; the last picture takes shard, file and key with it."""
    placed = put(vault, "b1", *BIG[:3])
    shard = placed[0][0]
    assert [vault.erase(shard, entries) for entries in ({0}, {0}, {1}, {7, -1}, {0, 1, 2}, {2})] == [
        700_000,
        0,
        700_000,
        0,
        700_000,
        0,
    ]
    assert files(vault) == set()
    assert not {key for key in key_ids(database) if key.startswith("shard:")}
    assert vault.amounts() == {}
    with pytest.raises(IntegrityError, match="knows none"):
        vault.read(shard, 0)


def test_a_source_goes_with_its_keys_in_every_copy(vault: Vault, database: Database, tmp_path: Path) -> None:
    """Copies of shard and shard key open no more; another source, whose name begins alike, stays."""
    placed = put(vault, "b1", b"one", b"two")
    put(vault, "b2", b"three", source="archive.org")
    shard = placed[0][0]
    copy = (vault.directory / f"{shard}.shard").read_bytes()
    with database.begin() as connection:
        rows = [
            dict(row)
            for table in (keys, shards)
            for row in connection.execute(select(table).where(table.c.id.contains(shard))).mappings()
        ]
    assert vault.erase_source("archive") == ("source:archive:",)
    assert vault.erase_source("archive") == ()
    assert vault.amounts() == {"archive.org": (1, 5)}
    (vault.directory / f"{shard}.shard").write_bytes(copy)
    with database.begin() as connection:
        connection.execute(keys.insert().values(**rows[0]))
        connection.execute(shards.insert().values(**rows[1]))
    with pytest.raises(WrongKey, match="destroyed"):
        vault_in(tmp_path, database).read(shard, 0)


def test_after_a_destroyed_key_a_source_gets_a_new_one(vault: Vault, database: Database) -> None:
    """A licence signed later may bring the source back; the old key stays on record as destroyed."""
    for round_ in range(3):
        put(vault, f"b{round_}", b"one")
        vault.erase_source("archive")
    assert {key for key in key_ids(database) if key.startswith("source:")} == {
        "source:archive:",
        "source:archive:#2",
        "source:archive:#3",
    }
    placed = put(vault, "b9", b"again")
    assert vault.read(*placed[0]) == b"again"


def test_leftovers_of_a_crash_are_removed_and_what_is_read_stays(vault: Vault, database: Database) -> None:
    """A replaced file, a half written one and a key without a shard go; current shards do not."""
    placed = put(vault, "b1", *BIG[:2])
    shard = placed[0][0]
    old = (vault.directory / f"{shard}.shard").read_bytes()
    vault.erase(shard, {0})
    (vault.directory / f"{shard}.shard").write_bytes(old)
    (vault.directory / "x.2.shard.partial").write_bytes(b"x")
    with database.begin() as connection:
        row = connection.execute(select(keys).where(keys.c.kind == "shard")).mappings().one()
        connection.execute(keys.insert().values(**{**row, "id": f"shard:{shard}#9"}))
    assert len(vault.leftovers()) == 2
    vault.remove_leftovers()
    assert files(vault) == {f"{shard}.1.shard"}
    assert f"shard:{shard}#9" not in key_ids(database)
    assert vault.read(shard, 1) == BIG[1]


def test_a_crash_while_sealing_anew_is_gone_over(vault: Vault, tmp_path: Path, database: Database) -> None:
    """A half written next generation, and its key, are no hindrance to the next try."""
    placed = put(vault, "b1", *BIG[:2])
    shard = placed[0][0]
    (vault.directory / f"{shard}.1.shard.partial").write_bytes(b"half")
    vault._keyring.new_shard_key(f"{shard}#1", parent=vault._keyring.source_key("archive", ""))
    assert vault.erase(shard, {0}) == 700_000
    while OPENED:
        OPENED.pop().close()
    assert vault_in(tmp_path, database).read(shard, 1) == BIG[1]


def test_a_damaged_shard_is_not_erased_from_blindly(vault: Vault) -> None:
    """What stays could not be sealed anew: the error names the file, and nothing is changed."""
    placed = put(vault, "b1", *BIG)
    shard = placed[0][0]
    path = vault.directory / f"{shard}.shard"
    path.write_bytes(path.read_bytes()[:1000] + b"?" + path.read_bytes()[1001:])
    with pytest.raises(ShardDamaged, match=str(path)):
        vault.erase(shard, {3})
    assert vault.sizes(shard)[3] == 700_000


def test_a_folder_that_cannot_be_written_is_named(vault: Vault) -> None:
    """A full or read-only disk is a clear error."""
    placed = put(vault, "b1", *BIG[:2])
    (vault.directory / f"{placed[0][0]}.1.shard.partial").mkdir()
    with pytest.raises(StorageError, match="vault"):
        vault.erase(placed[0][0], {0})
    assert vault.read(*placed[0]) == BIG[0]
