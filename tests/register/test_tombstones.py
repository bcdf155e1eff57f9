"""Tombstones take the place of erased records: committed in the log, proven like an item, and never quietly added."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from clearance.errors import RegisterDamaged
from clearance.identifiers import BatchId, ErasureId, ItemId, Sha256
from clearance.register import (
    LOST,
    ErasureEntry,
    Tombstone,
    check_proof,
    prove_tombstone,
    read_entry,
    tombstone_rows,
)
from registers import MOMENT, SIGNER, Register, row, seal

pytestmark = pytest.mark.control("C3.4", "C2.1")
ONE = ErasureId("e1")


def stone(item: str, **changes: Any) -> Tombstone:
    batch, _, position = item.partition("-")
    stated: dict[str, Any] = {
        "item": ItemId(item),
        "batch": BatchId(batch),
        "position": int(position),
        "source": "archive",
        "project": "p",
        "decision": "kept",
        "size": 7,
        "reason": "request",
        "erased_at": MOMENT,
    }
    return Tombstone(**{**stated, **changes})


def bury(register: Register, *stones: Tombstone, erasure: ErasureId = ONE, logged: bool = True) -> None:
    register.tombstones.write(erasure, tombstone_rows(stones))
    root = register.tombstones.root(erasure)
    register.items.erase(pa.array([each.item for each in stones], pa.string()))
    if logged:
        entry = ErasureEntry(
            erasure=erasure,
            root=root,
            size=len(stones),
            reason="request",
            certificate=Sha256("0" * 64),
            time=MOMENT,
        )
        register.log.append([entry.encode()])


def test_erased_records_leave_the_register_whole(register: Register) -> None:
    """Their leaves stay, their tombstones account for them, and the other records still prove."""
    bury(register, stone("b1-1"), stone("b2-0", decision="denied", size=0))
    found = register.verified()
    assert (found.problems, found.items, found.erased) == ((), 5, 2)


def test_a_tombstone_is_proven_by_the_logs_key_alone(register: Register) -> None:
    """Whoever asks about an erased item gets a proof that it was erased, when and from which source."""
    bury(register, stone("b1-1"), stone("b1-3"))
    proof = prove_tombstone(register.log, register.tombstones, ItemId("b1-3"))
    assert proof is not None
    proven = check_proof(proof, SIGNER.verifier)
    assert proven.record == {
        "version": 1,
        "kind": "tombstone",
        "erasure": "e1",
        "item_id": "b1-3",
        "batch": "b1",
        "position": 3,
        "source": "archive",
        "project": "p",
        "decision": "kept",
        "bytes": 7,
        "reason": "request",
        "erased_at": "2026-11-23T12:00:00.000000Z",
    }
    assert prove_tombstone(register.log, register.tombstones, ItemId("b1-2")) is None
    with pytest.raises(RegisterDamaged):
        check_proof(proof.replace("index 3", "index 2"), SIGNER.verifier)


def test_a_tombstone_that_nobody_logged_hides_nothing(register: Register) -> None:
    """Deleting a record and putting a tombstone in its place is found out."""
    bury(register, stone("b1-1"), logged=False)
    assert "erasure e1: tombstones that the log does not know" in register.problems()
    with pytest.raises(RegisterDamaged, match="erasure e1: not in the log"):
        prove_tombstone(register.log, register.tombstones, ItemId("b1-1"))


def changed(register: Register) -> None:
    path = register.root / "tombstones" / "e1.parquet"
    table = pq.read_table(path)
    other = table.set_column(table.schema.get_field_index("source"), "source", pa.array(["other"]))
    pq.write_table(other, path)


def shortened(register: Register) -> None:
    path = register.root / "tombstones" / "e1.parquet"
    pq.write_table(pq.read_table(path).slice(0, 0), path)


def removed(register: Register) -> None:
    (register.root / "tombstones" / "e1.parquet").unlink()


def cut(register: Register) -> None:
    path = register.root / "tombstones" / "e1.parquet"
    path.write_bytes(path.read_bytes()[:100])


def without_its_nonce(register: Register) -> None:
    path = register.root / "tombstones" / "e1.parquet"
    pq.write_table(pq.read_table(path).replace_schema_metadata({}), path)


def brought_back(register: Register) -> None:
    register.items.append([row("b1", 1, source="archive")])


def of_no_batch(register: Register) -> None:
    bury(register, stone("b9-0"), erasure=ErasureId("e2"))


@pytest.mark.parametrize(
    ("tamper", "finding"),
    [
        (changed, "erasure e1: its tombstones do not give the root in the log"),
        (shortened, "erasure e1: its tombstones do not give the root in the log"),
        (removed, "b1: of 5 records 1 are missing"),
        (cut, "the tombstones cannot be read"),
        (without_its_nonce, "the tombstones cannot be read"),
        (brought_back, "b1: of 5 records 0 are missing and 1 stand twice"),
        (of_no_batch, "batch b9: tombstones of a batch that the log does not know"),
    ],
)
def test_every_kind_of_tampering_with_tombstones_is_named(
    register: Register, tamper: object, finding: str
) -> None:
    """Whoever changes, removes or adds one is found out, and so is a record that came back."""
    bury(register, stone("b1-1"))
    assert callable(tamper)
    tamper(register)
    assert finding in register.problems()


def test_what_a_restore_lost_is_accounted_for_without_its_decision(register: Register) -> None:
    """Nobody knows how lost records were decided; their leaves are accounted for all the same."""
    seal(register, "b3", [row("b3", 0), row("b3", 1, decision="held")])
    register.items.erase(pa.array(["b3-0", "b3-1"]))
    bury(register, *(replace(stone(f"b3-{n}", decision=LOST, size=0), item=ItemId("")) for n in range(2)))
    assert register.problems() == ""


def test_what_was_taken_and_erased_is_counted_by_source(register: Register) -> None:
    """A quota counts what a source gave, also after it was erased; a record without bytes gave nothing."""
    bury(register, stone("b1-1"), stone("b1-2", size=3), stone("b2-0", decision="denied", size=0))
    bury(register, stone("b2-1", source="other", size=5, reason="mistake"), erasure=ErasureId("e2"))
    assert register.tombstones.amounts(["request", "mistake"]) == {"archive": (2, 10), "other": (1, 5)}
    assert register.tombstones.amounts(["request"]) == {"archive": (2, 10)}
    assert register.tombstones.counts() == {"request": 3, "mistake": 1}


def test_tombstones_are_found_by_their_items(register: Register) -> None:
    """Each comes with its erasure and its place there, its time in UTC."""
    bury(register, stone("b1-1", erased_at=MOMENT + timedelta(hours=1)), stone("b1-2"))
    found = register.tombstones.find([ItemId("b1-1"), ItemId("b1-4")])
    assert found == {ItemId("b1-1"): (ONE, 0, stone("b1-1", erased_at=MOMENT + timedelta(hours=1)))}
    assert found[ItemId("b1-1")][2].erased_at == datetime(2026, 11, 23, 13, tzinfo=UTC)


def test_an_erasure_entry_comes_back_as_it_was_written() -> None:
    """The log's entry holds no name and no hash that could be guessed."""
    entry = ErasureEntry(
        erasure=ONE, root=bytes(32), size=2, reason="request", certificate=Sha256("a" * 64), time=MOMENT
    )
    assert read_entry(entry.encode()) == entry
    with pytest.raises(RegisterDamaged, match="malformed root"):
        read_entry(entry.encode().replace(b"00" * 32, b"00"))


def test_unwritable_tombstones_are_a_clear_error(register: Register, tmp_path: Path) -> None:
    """A file where the folder should be is named."""
    from clearance.errors import StorageError
    from clearance.register import Tombstones

    (tmp_path / "file").write_text("x")
    with pytest.raises(StorageError, match="file"):
        Tombstones(tmp_path / "file").write(ONE, tombstone_rows([stone("b1-1")]))


def test_removing_tombstones_of_an_erasure_that_never_began(register: Register) -> None:
    """A crash before the erasure was noted leaves a file; it goes, and nothing is missed."""
    register.tombstones.write(ONE, tombstone_rows([stone("b1-1")]))
    register.tombstones.remove(ONE)
    register.tombstones.remove(ONE)
    assert register.tombstones.erasures() == []
    assert register.problems() == ""
