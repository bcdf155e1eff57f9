import shutil
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clearance.errors import RegisterDamaged
from clearance.identifiers import BatchId, Sha256
from clearance.register import BatchEntry, Event, Log, Signer, read_entry
from clearance.register.merkle import is_included, leaf_hash, root

pytestmark = pytest.mark.control("C2.1")
SIGNER = Signer("example.org/log", bytes(range(32)))


@pytest.fixture
def log(tmp_path: Path) -> Log:
    return Log.create(tmp_path, SIGNER)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(0, 300), min_size=1, max_size=6))
def test_however_it_grows_the_root_is_that_of_its_entries(tmp_path: Path, steps: list[int]) -> None:
    """Appending in any portions gives the tree over all entries, and the whole log recomputes."""
    shutil.rmtree(tmp_path / "log", ignore_errors=True)
    (tmp_path / "log").mkdir()
    log = Log.create(tmp_path / "log", SIGNER)
    entries: list[bytes] = []
    for step in steps:
        part = [f"entry {len(entries) + n}".encode() for n in range(step)]
        entries += part
        assert log.append(part).root == root([leaf_hash(entry) for entry in entries])
    again = Log.open(tmp_path / "log", SIGNER.verifier)
    assert list(again.entries()) == entries
    assert again.problems() == []


def test_an_entry_far_back_proves_itself_through_tiles(log: Log) -> None:
    """With more than a full tile, proofs still lead from any entry to the checkpoint."""
    for start in range(0, 70_000, 14_000):
        log.append([b"%d" % n for n in range(start, start + 14_000)])
    for index in (0, 255, 256, 65_535, 65_536, 69_999):
        leaf = leaf_hash(log.entry(index))
        assert is_included(leaf=leaf, index=index, size=70_000, proof=log.prove(index), root=log.head.root)
    assert log.problems() == []


def test_the_files_are_named_as_tlog_tiles_asks(log: Log, tmp_path: Path) -> None:
    """Other people's clients find tiles and bundles by these paths."""
    log.append([b"x"] * 300)
    files = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    assert files == {
        "checkpoint",
        "tile/0/000",
        "tile/0/001.p/44",
        "tile/1/000.p/1",
        "tile/entries/000",
        "tile/entries/001.p/44",
    }


def test_what_a_crash_leaves_before_the_checkpoint_does_not_count(log: Log, tmp_path: Path) -> None:
    """Files of an append whose checkpoint was never written are overwritten by the next one."""
    log.append([b"one"])
    checkpoint = (tmp_path / "checkpoint").read_bytes()
    log.append([b"lost"])
    (tmp_path / "checkpoint").write_bytes(checkpoint)
    again = Log.open(tmp_path, SIGNER)
    assert again.size == 1
    again.append([b"two"])
    assert list(again.entries()) == [b"one", b"two"]
    assert again.problems() == []


def test_a_log_that_does_not_fit_its_checkpoint_signs_nothing(log: Log, tmp_path: Path) -> None:
    """A changed tile at the log's end stops every further signature."""
    log.append([b"one", b"two"])
    tile = tmp_path / "tile" / "0" / "000.p" / "2"
    tile.write_bytes(bytes(64))
    with pytest.raises(RegisterDamaged, match="last tiles"):
        Log.open(tmp_path, SIGNER).append([b"three"])
    assert log.problems() == ["tile 0/0 does not fit the entries"]


@pytest.mark.parametrize(
    ("path", "content", "finding"),
    [
        ("tile/entries/000.p/2", b"\x00\x03oneX\x03two", "cut off"),
        ("tile/entries/000.p/2", b"\x00\x03One\x00\x03two", "root"),
        ("tile/entries/000.p/2", b"\x00", "cut off"),
        ("tile/0/000.p/2", b"short", "cut off"),
        ("tile/0/000.p/2", None, "missing"),
    ],
)
def test_changed_files_are_found(
    log: Log, tmp_path: Path, path: str, content: bytes | None, finding: str
) -> None:
    """Every kind of change to tiles and bundles is named."""
    log.append([b"one", b"two"])
    if content is None:
        (tmp_path / path).unlink()
    else:
        (tmp_path / path).write_bytes(content)
    assert any(finding in problem for problem in log.problems())


def test_a_checkpoint_of_another_key_or_none_is_refused(log: Log, tmp_path: Path) -> None:
    """Only this log's own signature opens it."""
    with pytest.raises(RegisterDamaged, match="not signed"):
        Log.open(tmp_path, Signer("example.org/log", bytes(32)))
    (tmp_path / "checkpoint").unlink()
    with pytest.raises(RegisterDamaged, match="checkpoint"):
        Log.open(tmp_path, SIGNER)


def test_two_writers_cannot_fork_the_log(log: Log, tmp_path: Path) -> None:
    """Who opened the log before another appended must read it again first."""
    other = Log.open(tmp_path, SIGNER)
    other.append([b"theirs"])
    with pytest.raises(RegisterDamaged, match="another process"):
        log.append([b"ours"])
    log.refresh()
    log.append([b"ours"])
    assert list(log.entries()) == [b"theirs", b"ours"]


def test_reading_gives_no_right_to_write(log: Log, tmp_path: Path) -> None:
    """A log opened with a verifier appends nothing; entries too large are refused."""
    with pytest.raises(RegisterDamaged, match="read only"):
        Log.open(tmp_path, SIGNER.verifier).append([b"x"])
    with pytest.raises(ValueError, match="65535"):
        log.append([bytes(65_536)])
    with pytest.raises(IndexError):
        log.entry(0)


def test_entries_read_as_they_were_written(now: datetime) -> None:
    """Batches and events come back whole; what no version wrote is refused."""
    batch = BatchEntry(
        batch=BatchId("b1"),
        root=bytes(32),
        size=3,
        policy=Sha256("0" * 64),
        counts={"kept": 2, "denied": 1},
        time=now,
    )
    event = Event(kind="source-added", time=now, facts={"basis": "licence"})
    assert read_entry(batch.encode()) == batch
    assert read_entry(event.encode()) == event
    for broken in (
        b"",
        b"[]",
        b"{}",
        b'{"kind":"batch","version":2,"time":""}',
        batch.encode().replace(b'"root":"00', b'"root":"'),
    ):
        with pytest.raises(RegisterDamaged):
            read_entry(broken)


@pytest.mark.control("C5.1")
@pytest.mark.parametrize(
    ("kind", "facts"),
    [
        ("gossip", {}),
        ("source-added", {"url": "https://example.org"}),
        ("licence-added", {"licensor": "A. Person"}),
    ],
)
def test_no_name_and_no_address_enters_the_log(kind: str, facts: dict[str, str], now: datetime) -> None:
    """An event carries only what the table lets it carry."""
    with pytest.raises(ValueError, match="may not enter the log"):
        Event(kind=kind, time=now, facts=facts).encode()
