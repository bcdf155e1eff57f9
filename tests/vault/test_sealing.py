import errno
import io
import secrets

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typing_extensions import override

from clearance.errors import ShardDamaged, StorageError
from clearance.identifiers import ShardId
from clearance.vault import ShardReader, ShardWriter
from clearance.vault.sealing import CHUNK_BYTES

pytestmark = pytest.mark.control("C5.1")
KEY = bytes(range(32))
SHARD = ShardId("b1-0000")
PICTURES = [
    b"small",
    b"",
    secrets.token_bytes(CHUNK_BYTES),
    secrets.token_bytes(3 * CHUNK_BYTES // 2),
    b"last",
]


def sealed(pictures: list[bytes], *, shard: ShardId = SHARD) -> bytes:
    output = io.BytesIO()
    writer = ShardWriter(output, shard=shard, key=KEY)
    assert [writer.add(picture) for picture in pictures] == list(range(len(pictures)))
    writer.finish()
    return output.getvalue()


def opened(content: bytes, *, key: bytes = KEY, shard: ShardId = SHARD) -> list[bytes]:
    reader = ShardReader(io.BytesIO(content), shard=shard, key=key, where="test.shard")
    reader.check()
    return [reader.read(entry) for entry in range(len(reader))]


WHOLE = sealed(PICTURES)
SMALL = sealed([b"one", b"two"])


@settings(max_examples=25)
@given(st.lists(st.binary(max_size=200) | st.integers(0, 3 << 20).map(bytes), max_size=6))
def test_what_is_sealed_opens_as_it_was(pictures: list[bytes]) -> None:
    """Any pictures of any size come back, empty shards too."""
    assert opened(sealed(pictures)) == pictures


def test_nothing_of_a_picture_stands_in_the_file() -> None:
    """Sealed bytes do not show what they hold, and the same picture never looks the same."""
    assert b"small" not in WHOLE
    assert sealed([b"x" * 100]) != sealed([b"x" * 100])


@given(st.integers(0, len(SMALL) - 1), st.integers(1, 255))
def test_any_changed_byte_is_an_error_and_never_garbage(position: int, change: int) -> None:
    """Wherever a byte is changed, opening fails with a clear error."""
    broken = bytearray(SMALL)
    broken[position] ^= change
    with pytest.raises(ShardDamaged, match=r"test\.shard"):
        opened(bytes(broken))


CHUNK = CHUNK_BYTES + 16
HEAD = 76


@pytest.mark.parametrize(
    "length", [0, 1, HEAD - 1, HEAD, HEAD + 1, HEAD + CHUNK, HEAD + CHUNK + 5, len(WHOLE) - 4, len(WHOLE) - 1]
)
def test_a_shard_cut_off_anywhere_is_an_error(length: int) -> None:
    """At and inside every chunk border, in the head and in the tail."""
    with pytest.raises(ShardDamaged):
        opened(WHOLE[:length])


def test_chunks_cannot_be_swapped_dropped_or_doubled() -> None:
    """Each chunk knows its place and the last one that it is the last."""
    first, second = WHOLE[HEAD : HEAD + CHUNK], WHOLE[HEAD + CHUNK : HEAD + 2 * CHUNK]
    rest = WHOLE[HEAD + 2 * CHUNK :]
    for body in (second + first + rest, second + rest, first + first + second + rest, rest):
        with pytest.raises(ShardDamaged):
            opened(WHOLE[:HEAD] + body)


def test_another_key_or_another_shard_opens_nothing() -> None:
    """A shard under another's name or key is refused."""
    with pytest.raises(ShardDamaged, match="changed or cut off"):
        opened(WHOLE, key=bytes(32))
    with pytest.raises(ShardDamaged, match="another shard"):
        opened(WHOLE, shard=ShardId("b1-0001"))
    with pytest.raises(ShardDamaged, match="not a vault shard"):
        opened(b"\x89PNG" + WHOLE)


def test_an_entry_that_is_not_there_is_an_error() -> None:
    """Asking beyond the index names how many there are."""
    reader = ShardReader(io.BytesIO(SMALL), shard=SHARD, key=KEY, where="test.shard")
    with pytest.raises(ShardDamaged, match="holds 2"):
        reader.read(2)


class FailingDisk(io.BytesIO):
    """Bytes on a disk that stops answering."""

    fails = False

    @override
    def read(self, size: int | None = -1, /) -> bytes:
        if self.fails:
            raise OSError(errno.EIO, "Input/output error")
        return super().read(size)


def test_a_disk_that_does_not_answer_is_a_clear_error() -> None:
    """It is told apart from a shard that was changed."""
    disk = FailingDisk(SMALL)
    reader = ShardReader(disk, shard=SHARD, key=KEY, where="test.shard")
    disk.fails = True
    with pytest.raises(StorageError, match=r"test\.shard: Input/output error"):
        reader.read(0)
