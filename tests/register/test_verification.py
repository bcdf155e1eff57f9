import base64
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import lance
import pytest

from clearance.errors import RegisterDamaged
from clearance.identifiers import BatchId, ItemId, sha256_of
from clearance.register import (
    ItemFilter,
    Signer,
    canonical,
    check_proof,
    prove_item,
)
from registers import SIGNER, Register, row, seal

pytestmark = pytest.mark.control("C2.1")


def test_an_untouched_register_holds(register: Register) -> None:
    """Log, leaves and records recompute, and are counted."""
    found = register.verified()
    assert (found.ok, found.entries, found.items, found.problems) == (True, 3, 7, ())


def changed_record(register: Register) -> None:
    dataset = lance.dataset(str(register.root / "items" / "items.lance"))
    other = canonical({"item_id": "b1-1", "url": "https://elsewhere.example/", "decision": "kept"})
    dataset.update({"record": f"X'{other.hex()}'"}, where="item_id = 'b1-1'")


def changed_column(register: Register) -> None:
    lance.dataset(str(register.root / "items" / "items.lance")).update(
        {"source": "'other'"}, where="item_id = 'b1-1'"
    )


def flipped_decision(register: Register) -> None:
    lance.dataset(str(register.root / "items" / "items.lance")).update(
        {"decision": "'kept'"}, where="item_id = 'b2-0'"
    )


def removed_row(register: Register) -> None:
    lance.dataset(str(register.root / "items" / "items.lance")).delete("item_id = 'b1-1'")


def added_row(register: Register) -> None:
    register.items.append([row("b9", 0)])


def changed_leaves(register: Register) -> None:
    (register.root / "leaves" / "b1.leaves").write_bytes(bytes(160))


def cut_leaves(register: Register) -> None:
    (register.root / "leaves" / "b1.leaves").write_bytes(bytes(33))


def lost_leaves(register: Register) -> None:
    (register.root / "leaves" / "b1.leaves").unlink()


def doubled_row(register: Register) -> None:
    register.items.append([row("b1", 2)])


def stray_row(register: Register) -> None:
    register.items.append([row("b1", 99)])


@pytest.mark.parametrize(
    ("tamper", "finding"),
    [
        (changed_record, "item b1-1: its record is not the one that the log commits to"),
        (changed_column, "item b1-1: its columns source differ from the record"),
        (flipped_decision, "b2: its records are not decided as the log counts them"),
        (removed_row, "b1: of 5 records 1 are missing and 0 stand twice"),
        (added_row, "b9: 1 records that the log does not know"),
        (changed_leaves, "b1: its leaves do not give the root in the log"),
        (cut_leaves, "cut off"),
        (lost_leaves, "No such file"),
        (doubled_row, "b1: of 5 records 0 are missing and 1 stand twice"),
        (stray_row, "it has no leaf"),
    ],
)
def test_every_kind_of_tampering_is_named(
    register: Register, tamper: Callable[[Register], None], finding: str
) -> None:
    """Whoever changes a record, a column, a leaf or a row is found out."""
    tamper(register)
    assert finding in register.problems()


def test_a_changed_log_entry_is_found_before_anything_else(register: Register) -> None:
    """A log that does not recompute is not believed about batches either."""
    bundle = register.root / "log" / "tile" / "entries" / "000.p" / "3"
    bundle.write_bytes(bundle.read_bytes().replace(b'"size":5', b'"size":6'))
    assert "root over the log" in register.problems()


def test_a_proof_verifies_with_the_logs_key_alone(register: Register) -> None:
    """Record, nonce and paths in one text lead to the signed checkpoint."""
    item = register.items.by_ids([ItemId("b1-3")])[0]
    proof = prove_item(register.log, register.leaves, item)
    proven = check_proof(proof, SIGNER.verifier)
    assert (proven.record, proven.log_index, proven.log_size) == (item.record, 1, 3)
    assert proof.startswith("c2sp.org/tlog-proof@v1\nextra ")


def edited(proof: str, **changes: Any) -> str:
    lines = proof.split("\n")
    extra = json.loads(base64.b64decode(lines[1].removeprefix("extra ")))
    for name, value in changes.items():
        (extra["item"] if name in extra["item"] else extra)[name] = value
    lines[1] = "extra " + base64.b64encode(canonical(extra)).decode()
    return "\n".join(lines)


def test_no_part_of_a_proof_can_be_changed(register: Register) -> None:
    """Another record, nonce, place, entry, path or checkpoint is refused, and so is what is no proof."""
    item = register.items.by_ids([ItemId("b1-3")])[0]
    proof = prove_item(register.log, register.leaves, item)
    forged = base64.b64encode(canonical({**item.record, "decision": "denied"})).decode()
    event = base64.b64encode(register.log.entry(0)).decode()
    lines = proof.split("\n")
    for broken in (
        edited(proof, record=forged),
        edited(proof, record=base64.b64encode(b"{").decode()),
        edited(proof, nonce="00" * 16),
        edited(proof, nonce="zz"),
        edited(proof, nonce="00"),
        edited(proof, index=2),
        edited(proof, path=[]),
        edited(proof, entry=event),
        proof.replace("index 1", "index 2"),
        proof.replace("index 1", "index 01"),
        proof.replace("index 1", "index x"),
        "\n".join([lines[0], lines[1], *lines[3:]]),
        proof.replace(lines[3], "!!!"),
        proof.replace(lines[3], base64.b64encode(bytes(32)).decode()),
        proof[: proof.index("\u2014")],
        proof.replace("\n3\n", "\n4\n"),
        "extra x",
        "",
    ):
        with pytest.raises(RegisterDamaged):
            check_proof(broken, SIGNER.verifier)
    with pytest.raises(RegisterDamaged):
        check_proof(proof, Signer("example.org/log", bytes(32)).verifier)


def test_an_event_proves_no_item(register: Register) -> None:
    """A proof of another entry in the same log is no proof of a batch."""
    from clearance.register.proof import item_extra, write_proof

    extra = item_extra(
        entry=register.log.entry(0), record=b"{}", nonce=bytes(16), position=0, commitments=[bytes(32)]
    )
    text = write_proof(
        extra=extra, index=0, path=register.log.prove(0), checkpoint=register.log.checkpoint_text
    )
    with pytest.raises(RegisterDamaged, match="neither a batch nor an erasure"):
        check_proof(text, SIGNER.verifier)


def test_an_item_whose_batch_is_not_logged_cannot_be_proven(register: Register) -> None:
    """There is nothing to prove it with."""
    item = register.items.by_ids([ItemId("b1-3")])[0]
    with pytest.raises(RegisterDamaged, match="not in the log"):
        prove_item(register.log, register.leaves, replace(item, batch=BatchId("b9")))


def test_filters_find_what_they_name_and_quote_what_they_are_given(register: Register) -> None:
    """Quotes in a value are data; a reason is found by its rule, with and without its signal."""
    store = register.items
    assert store.counts_by("decision", ItemFilter()) == {"kept": 6, "denied": 1}
    assert store.counts_by("decision", ItemFilter(source="archive")) == {"kept": 5}
    assert store.counts_by("decision", ItemFilter(reason="reservation")) == {"kept": 6, "denied": 1}
    assert store.counts_by("decision", ItemFilter(reason="reservation:tdmrep", decision="denied")) == {
        "denied": 1
    }
    assert store.counts_by("decision", ItemFilter(source="x' OR '1'='1")) == {}
    assert store.counts_by("decision", ItemFilter(reason="x') OR true --")) == {}
    assert [item.record["item_id"] for item in store.records(ItemFilter(batch="b2"))] == ["b2-0", "b2-1"]


def test_superseded_records_step_back_but_stay(register: Register) -> None:
    """What a newer record replaces is left out unless asked for, and the register still holds."""
    seal(register, "b3", [row("b3", 0, replaces="b1-0"), row("b3", 1, replaces="b1-1")])
    assert "item b1-0: a later record replaces it, and it is not marked" in register.problems()
    register.items.mark_superseded([ItemId("b1-0"), ItemId("b1-1")])
    assert register.items.counts_by("decision", ItemFilter(batch="b1")) == {"kept": 3}
    assert register.items.counts_by("decision", ItemFilter(batch="b1", include_superseded=True)) == {
        "kept": 5
    }
    register.items.optimise()
    assert register.problems() == ""
    register.items.mark_superseded([ItemId("b1-2")])
    assert "item b1-2: it is marked as replaced, and no record replaces it" in register.problems()


@pytest.mark.parametrize(
    ("change", "finding"),
    [
        ({"evidence": "X'00'"}, "its evidence is not what its record was decided on"),
        ({"collected_at": "timestamp '2090-01-01 00:00:00'"}, "its time is not the record's"),
        ({"shard": "''"}, "its place in the vault is missing, or it has one and no picture"),
    ],
)
def test_what_stands_beside_a_record_is_compared_with_it(
    register: Register, change: dict[str, str], finding: str
) -> None:
    """Evidence, time and place are not in the leaf, and still cannot be changed unnoticed."""
    whole = {"evidence_sha256": sha256_of(b""), "collected_at": "2026-11-23T12:00:00.000000Z", "picture": {}}
    seal(register, "b3", [replace(row("b3", 0, **whole), shard="s", shard_entry=0)])
    assert register.problems() == ""
    lance.dataset(str(register.root / "items" / "items.lance")).update(change, where="item_id = 'b3-0'")
    assert finding in register.problems()
