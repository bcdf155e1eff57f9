"""Fingerprints are added to segments, searched where they lie, and gone for good when they are removed."""

import itertools
import json
import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from numpy.typing import NDArray

from clearance.errors import IntegrityError
from clearance.fingerprints import Code, Fingerprint, Fingerprints, Strength, nearest, search
from clearance.fingerprints.hamming import within
from clearance.fingerprints.layers import LOCAL
from clearance.fingerprints.segment import open_segment, write_segment
from clearance.identifiers import ItemId
from fingerprints_made import LIMITS, fingerprint, flipped, item, query


def ids(array: pa.Array) -> list[str]:
    return sorted(array.to_pylist())


def marks(each: Fingerprint) -> list[bytes]:
    return [each.item.encode(), each.pdq, each.iscc, each.descriptors[0].tobytes()]


def held(directory: Path, wanted: Iterable[bytes]) -> list[bytes]:
    """Return which of some bytes a file of the folder has."""
    files = [path.read_bytes() for path in directory.iterdir()]
    return [mark for mark in wanted if any(mark in file for file in files)]


def found(store: Fingerprints, code: bytes) -> list[str]:
    return [match.item for match in search(store, query(codes=(code,) * 8), LIMITS)]


@pytest.mark.control("C1.2")
def test_what_is_added_is_found_and_added_once(tmp_path: Path) -> None:
    """Codes first, local features later; a second time changes nothing; small segments are joined."""
    store = Fingerprints(tmp_path / "fingerprints")
    assert (ids(store.items()), found(store, bytes(32))) == ([], [])
    some = [fingerprint(number) for number in range(5)]
    codes = [Code(item=each.item, pdq=each.pdq, pdq_quality=100) for each in some[:3]]
    assert (store.add_codes(codes), store.add_codes(codes)) == (3, 0)
    store.add(some)
    store.add(some[::-1])
    assert ids(store.items()) == ids(store.examined_items()) == [each.item for each in some]
    assert [found(store, each.pdq) for each in some] == [[each.item] for each in some]
    for number in range(5, 9):
        store.add([fingerprint(number)])
    assert [len(arrays["ids"]) for arrays, _ in store.segments(LOCAL)] == [5, 4]
    assert len(list((tmp_path / "fingerprints").iterdir())) == 5


@pytest.mark.control("C1.2")
def test_a_segment_that_is_full_is_left_alone(tmp_path: Path) -> None:
    """New rows go into new segments: what is old is not written again."""
    store = Fingerprints(tmp_path)
    none = {"points": np.zeros((0, 2), np.uint16), "descriptors": np.zeros((0, 32), np.uint8)}
    full = LOCAL.max_items
    like = fingerprint(0, **none)
    store.add([replace(like, item=item(number)) for number in range(full + 10)])
    before = {path.name: path.stat().st_ino for path in tmp_path.glob("local-*")}
    store.add([replace(like, item=item(full + 10 + number)) for number in range(20)])
    after = {path.name: path.stat().st_ino for path in tmp_path.glob("local-*")}
    assert [len(arrays["ids"]) for arrays, _ in store.segments(LOCAL)] == [full, 30]
    assert len(before.items() & after.items()) == 1


@pytest.mark.control("C3.4", "C5.4")
def test_what_is_removed_is_in_no_file_any_more(tmp_path: Path) -> None:
    """The others stay, whole; removing what is not there removes nothing."""
    store = Fingerprints(tmp_path)
    some = [fingerprint(number) for number in range(6)]
    store.add(some)
    gone = some[1:3]
    assert len(held(tmp_path, marks(gone[0]))) == 4
    assert store.forget(pa.array([each.item for each in gone] + ["ffff"])) == {"fingerprints": 2}
    assert [held(tmp_path, marks(each)) for each in gone] == [[], []]
    assert [found(store, each.pdq) for each in gone] == [[], []]
    for each in (some[0], *some[3:]):
        assert held(tmp_path, marks(each)) == marks(each)
        assert found(store, each.pdq) == [each.item]
    assert store.forget(pa.array([gone[0].item])) == {"fingerprints": 0}
    store.forget(pa.array([each.item for each in some]))
    assert [path.name for path in tmp_path.iterdir()] == ["segments.json"]


@pytest.mark.control("C3.4")
def test_a_tombstone_hides_at_once_and_is_settled_later(tmp_path: Path) -> None:
    """A crash after the tombstone leaves a fingerprint that no search finds and no addition brings back."""
    store = Fingerprints(tmp_path)
    one, other = fingerprint(1), fingerprint(2)
    store.add([one, other])
    listed = json.loads((tmp_path / "segments.json").read_text())
    (tmp_path / "segments.json").write_text(json.dumps({**listed, "removed": [one.item]}))
    assert found(store, one.pdq) == []
    assert (ids(store.items()), ids(store.examined_items())) == ([other.item], [other.item])
    store.settle()
    assert held(tmp_path, marks(one)) == []
    assert found(store, other.pdq) == [other.item]


def forget_killed(store: Fingerprints, items: pa.Array, *, after: int) -> int:
    """Remove items in a process that ends at once when so many things were made to last; returns its status."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    lasting, lasts = itertools.count(), os.fsync

    def last(fd: Any) -> None:
        if next(lasting) >= after:
            os._exit(9)
        lasts(fd)

    os.fsync = last
    store.forget(items)
    os._exit(0)


# The child does nothing with it.
@pytest.mark.filterwarnings("ignore:lance is not fork-safe:UserWarning")
@pytest.mark.control("C3.4", "C5.4")
def test_a_removal_that_is_killed_anywhere_leaves_no_half(tmp_path: Path) -> None:
    """Killed at each point where something is made to last, the removal ends when it is asked for again; before,
    the fingerprint is there whole or hidden whole.
    """
    one, other = fingerprint(1), fingerprint(2)
    statuses = []
    for steps in range(12):
        directory = tmp_path / str(steps)
        store = Fingerprints(directory)
        store.add([one, other])
        statuses.append(forget_killed(store, pa.array([one.item]), after=steps))
        after = found(store, one.pdq), ids(store.items()), ids(store.examined_items())
        assert after in (
            ([one.item], [one.item, other.item], [one.item, other.item]),
            ([], [other.item], [other.item]),
        )
        store.forget(pa.array([one.item]))
        assert held(directory, marks(one)) == []
        assert found(store, other.pdq) == [other.item]
        if statuses[-1] == 0:
            break
    assert statuses[-1] == 0
    assert set(statuses[:-1]) == {9}
    assert len(statuses) > 4


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    """Derived files can be made again; the message says so instead of answering with less."""
    store = Fingerprints(tmp_path)
    store.add([fingerprint(1)])
    (segment,) = tmp_path.glob("local-*")
    whole = segment.read_bytes()
    for content in (whole[:-9], b"something else", whole[:12] + b"{}{}" + whole[16:]):
        segment.write_bytes(content)
        with pytest.raises(IntegrityError, match="items examine"):
            list(store.segments(LOCAL))
    segment.unlink()
    with pytest.raises(IntegrityError, match="missing"):
        list(store.segments(LOCAL))
    (tmp_path / "segments.json").write_text("[]")
    with pytest.raises(IntegrityError, match="cannot be read"):
        list(store.segments(LOCAL))


def test_arrays_come_back_as_they_were(tmp_path: Path) -> None:
    """Empty ones, too, and in every kind that is used."""
    arrays = {
        "ids": np.array([b"a", b"bc"], dtype=np.bytes_),
        "none": np.zeros((0, 32), np.uint8),
        "wide": np.arange(10, dtype=np.uint32).reshape(2, 5),
    }
    write_segment(tmp_path / "one.seg", arrays)
    read = open_segment(tmp_path / "one.seg")
    assert {name: (array.dtype, array.tolist()) for name, array in read.items()} == {
        name: (array.dtype, array.tolist()) for name, array in arrays.items()
    }


@pytest.mark.control("C1.2")
def test_a_code_is_found_up_to_the_stated_distance(tmp_path: Path) -> None:
    """Turned, inverted and trimmed forms count; a code of low quality is never compared."""
    store = Fingerprints(tmp_path)
    one = fingerprint(1, pdq_trimmed=bytes(range(32)), pdq_trimmed_quality=90)
    flat = fingerprint(2, pdq_quality=49)
    store.add([one, flat])

    def strengths(**changes: Any) -> list[tuple[str, Strength, int | None]]:
        return [(m.item, m.strength, m.pdq_bits) for m in search(store, query(**changes), LIMITS)]

    others = query().codes[1:]
    near, far = flipped(one.pdq, *range(31)), flipped(one.pdq, *range(60))
    inverted = flipped(one.pdq, *range(256))
    assert strengths(codes=(near, *others)) == [(one.item, Strength.MATCH, 31)]
    assert strengths(codes=(*others, far)) == [(one.item, Strength.POSSIBLE, 60)]
    assert strengths(codes=(*others, flipped(one.pdq, *range(61)))) == []
    assert strengths(codes=(*others, inverted)) == [(one.item, Strength.MATCH, 0)]
    assert strengths(trimmed_codes=(one.pdq_trimmed,) * 8, trimmed_quality=50) == [
        (one.item, Strength.MATCH, 0)
    ]
    assert strengths(codes=(near, *others), quality=49) == []
    assert strengths(codes=(flat.pdq, *others)) == []
    assert [m.iscc_bits for m in search(store, query(iscc=one.iscc), LIMITS)] == [0]


@pytest.mark.control("C1.2", "C3.4")
def test_vectors_are_of_one_model_and_go_with_the_item(tmp_path: Path) -> None:
    """Vectors of the model before go when the next one is used; the nearest come first; what is removed goes."""
    store = Fingerprints(tmp_path)
    one, other = np.array([1, 0], np.float32), np.array([0.6, 0.8], np.float32)
    store.add_vectors("a" * 64, {item(1): one, item(2): other})
    store.add_vectors("a" * 64, {item(1): other})

    def near(model: str, vector: NDArray[np.float32], most: int = 9) -> dict[ItemId, float]:
        found = nearest(store, vector, model=model, threshold=None, most=most)
        return {each: round(cosine, 4) for each, cosine in found.cosines.items()}

    assert near("a" * 64, one) == {item(1): 1.0, item(2): 0.6}
    assert near("a" * 64, one, most=1) == {item(1): 1.0}
    assert near("b" * 64, one) == near("a" * 64, np.ones(3, np.float32)) == {}
    assert store.forget(pa.array([item(1)])) == {"fingerprints": 1}
    assert near("a" * 64, one) == {item(2): 0.6}
    store.add_vectors("b" * 64, {item(2): one})
    assert near("a" * 64, one) == {}
    assert ids(store.items_with_vectors("b" * 64)) == [item(2)]
    assert len(list(tmp_path.glob("vectors-*"))) == 1


def test_codes_of_another_length_are_refused(tmp_path: Path) -> None:
    """A code that is cut off would be found near anything, or nothing."""
    with pytest.raises(ValueError, match="32 bytes"):
        Fingerprints(tmp_path).add_codes([Code(item=item(1), pdq=b"short", pdq_quality=100)])
    with pytest.raises(ValueError, match="rows of 32 bytes"):
        within(np.zeros((1, 8), np.uint8), np.zeros((1, 32), np.uint8), max_bits=1)
