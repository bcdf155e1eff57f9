import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from clearance.errors import ConfigurationError, RegisterDamaged, RolledBack, StorageError
from clearance.register import KeptHead, Log, Signer, usual_head

pytestmark = pytest.mark.control("C2.1", "C5.2")
SIGNER = Signer("example.org/log", bytes(range(32)))


@pytest.fixture
def kept(tmp_path: Path) -> KeptHead:
    return KeptHead(tmp_path / "elsewhere" / "heads" / "head", SIGNER.verifier)


@pytest.fixture
def log(tmp_path: Path, kept: KeptHead) -> Log:
    (tmp_path / "log").mkdir()
    made = Log.create(tmp_path / "log", SIGNER, kept)
    made.append([b"one"])
    made.append([b"two", b"three"])
    return made


def copy_of(log: Path, name: str) -> Path:
    return Path(shutil.copytree(log, log.with_name(name)))


def test_every_append_leaves_its_checkpoint_outside(log: Log, kept: KeptHead) -> None:
    """The same note, readable by its owner only."""
    assert kept.path.read_text() == log.checkpoint_text
    assert kept.path.stat().st_mode & 0o777 == 0o600
    assert kept.read() == log.head


def test_a_restored_older_log_is_not_signed_on(log: Log, kept: KeptHead, tmp_path: Path) -> None:
    """It is refused before anything is written; reading and verifying go on."""
    older = copy_of(tmp_path / "log", "older")
    log.append([b"four"])
    restored = Log.open(older, SIGNER, kept)
    files = {path: path.read_bytes() for path in older.rglob("*") if path.is_file()}
    with pytest.raises(RolledBack, match="holds 3 of 4 entries") as caught:
        restored.append([b"another four"])
    assert "--trail" in str(caught.value)
    assert {path: path.read_bytes() for path in older.rglob("*") if path.is_file()} == files
    assert list(restored.entries()) == [b"one", b"two", b"three"]
    assert restored.problems() == []
    assert Log.open(older, SIGNER.verifier).size == 3


def test_two_copies_of_a_log_cannot_both_go_on(log: Log, kept: KeptHead, tmp_path: Path) -> None:
    """Of the same size and with another root: whoever signs second is refused."""
    copied = copy_of(tmp_path / "log", "copy")
    log.append([b"ours"])
    # On a machine that knows of no head.
    Log.open(copied, SIGNER).append([b"theirs"])
    with pytest.raises(RolledBack, match="holds other entries"):
        Log.open(copied, SIGNER, kept).append([b"more"])
    log.append([b"more"])


def test_a_longer_log_that_forked_earlier_is_refused(log: Log, kept: KeptHead, tmp_path: Path) -> None:
    """Being longer is no proof of holding what was signed."""
    fork = copy_of(tmp_path / "log", "fork")
    log.append([b"four"])
    Log.open(fork, SIGNER).append([b"another four", b"five", b"six"])
    with pytest.raises(RolledBack, match="holds other entries"):
        Log.open(fork, SIGNER, kept).append([b"seven"])


def test_where_nothing_was_signed_before_a_head_is_made(log: Log, kept: KeptHead) -> None:
    """A new machine has none: it is accepted, and kept from then on."""
    kept.path.unlink()
    log.append([b"four"])
    assert kept.read() == log.head


def test_a_head_that_is_behind_catches_up(log: Log, kept: KeptHead, tmp_path: Path) -> None:
    """A crash between the two checkpoints, or another machine's appends, leave it behind a log that holds it."""
    note = kept.path.read_text()
    log.append([b"four"])
    log.append([b"five"])
    kept.keep(note)
    again = Log.open(tmp_path / "log", SIGNER, kept)
    again.append([b"six"])
    assert kept.read() == again.head


def torn(path: Path) -> None:
    path.write_text(path.read_text()[:40])


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def of_another_key(path: Path) -> None:
    path.write_text(Signer("example.org/log", bytes(32)).sign("example.org/log\n1\nAAAA\n"))


def no_text(path: Path) -> None:
    path.write_bytes(b"\xff\xfe")


def a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def huge(path: Path) -> None:
    path.write_bytes(b"x" * (1 << 21))


@pytest.mark.parametrize("spoil", [torn, emptied, of_another_key, no_text, a_folder, huge])
def test_a_head_that_cannot_be_read_is_no_leave_to_sign(
    log: Log, kept: KeptHead, tmp_path: Path, spoil: Callable[[Path], None]
) -> None:
    """What was signed before is not known then; the message names the file and what a person must see to."""
    spoil(kept.path)
    with pytest.raises(RolledBack, match="remove that file") as caught:
        log.append([b"four"])
    assert str(kept.path) in str(caught.value)
    assert Log.open(tmp_path / "log", SIGNER, kept).size == 3


def test_where_the_head_cannot_be_kept_nothing_is_signed(log: Log, kept: KeptHead, tmp_path: Path) -> None:
    """A state folder that is a file: the log stays as it was, and the message names the setting."""
    shutil.rmtree(kept.path.parent)
    kept.path.parent.write_text("in the way")
    kept_elsewhere = KeptHead(kept.path, SIGNER.verifier)
    before = log.checkpoint_text
    with pytest.raises((RolledBack, StorageError)):
        Log.open(tmp_path / "log", SIGNER, kept_elsewhere).append([b"four"])
    assert log.checkpoint_text == before


def test_the_usual_place_is_the_users_state_folder(tmp_path: Path) -> None:
    """As the XDG specification has it: a relative path counts for nothing; without a home it must be stated."""
    name = usual_head(SIGNER.verifier, {"XDG_STATE_HOME": "/state"})
    assert (name.parent, len(name.name)) == (Path("/state/clearance/heads"), 64)
    home = usual_head(SIGNER.verifier, {"XDG_STATE_HOME": "relative", "HOME": "/home/x"})
    assert home.parent == Path("/home/x/.local/state/clearance/heads")
    assert usual_head(Signer("example.org/log", bytes(32)).verifier, {"HOME": "/h"}).name != name.name
    for environment in ({}, {"HOME": "x"}):
        with pytest.raises(ConfigurationError, match="register"):
            usual_head(SIGNER.verifier, environment)


def test_a_damaged_log_is_said_to_be_damaged(log: Log, kept: KeptHead, tmp_path: Path) -> None:
    """The checkpoint outside vouches for nothing inside."""
    (tmp_path / "log" / "tile" / "0" / "000.p" / "3").write_bytes(bytes(96))
    with pytest.raises(RegisterDamaged):
        Log.open(tmp_path / "log", SIGNER, kept).append([b"four"])
