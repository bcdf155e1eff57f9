"""The sealed shard: many pictures in one file, encrypted and authenticated in chunks.

The file is: a header; then chunks of 1 MiB of the pictures' bytes, one after the other; then one last chunk
that holds where each picture lies. Every chunk is sealed with AES-256-GCM in the STREAM construction: the
nonce is a random prefix, the chunk's number, and a flag that marks the last chunk, so that chunks cannot be
swapped, dropped or cut off unnoticed. The header is bound to every chunk as associated data.

Source: Hoang, Reyhanitabar, Rogaway and Vizár, "Online Authenticated-Encryption and its Nonce-Reuse
Misuse-Resistance" (STREAM); NIST SP 800-38D; C5.1.
"""

from __future__ import annotations

import hashlib
import secrets
import struct
from array import array
from dataclasses import dataclass
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from clearance.errors import ShardDamaged, StorageError
from clearance.identifiers import ShardId

KEY_BYTES = 32
CHUNK_BYTES = 1 << 20
_TAG_BYTES = 16
_MAGIC = b"CLVS\x01"
_PREFIX_BYTES = 7
_ID_BYTES = 64
_HEADER = struct.Struct(f">{len(_MAGIC)}s{_PREFIX_BYTES}s{_ID_BYTES}s")
_MAX_INDEX_BYTES = 64 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class _Header:
    shard: ShardId
    prefix: bytes

    def encode(self) -> bytes:
        return _HEADER.pack(_MAGIC, self.prefix, self.shard.encode().ljust(_ID_BYTES, b"\x00"))

    @classmethod
    def decode(cls, raw: bytes, *, where: str) -> _Header:
        if len(raw) < _HEADER.size or not raw.startswith(_MAGIC):
            raise ShardDamaged(f"{where}: not a vault shard, or its head is cut off")
        _, prefix, name = _HEADER.unpack(raw[: _HEADER.size])
        return cls(shard=ShardId(name.rstrip(b"\x00").decode("ascii", "replace")), prefix=prefix)

    def nonce(self, number: int, *, is_last: bool) -> bytes:
        return self.prefix + struct.pack(">IB", number, is_last)


class ShardWriter:
    """Seals pictures into a file as they come; holds at most one chunk in memory."""

    def __init__(self, file: BinaryIO, *, shard: ShardId, key: bytes) -> None:
        self._file = file
        self._aead = AESGCM(key)
        self._header = _Header(shard=shard, prefix=secrets.token_bytes(_PREFIX_BYTES))
        self._bound = hashlib.sha256(self._header.encode()).digest()
        self._chunk = bytearray(CHUNK_BYTES)
        self._filled = 0
        self._chunks = 0
        self._ends = array("Q")
        self.size = 0
        file.write(self._header.encode())

    def __len__(self) -> int:
        return len(self._ends)

    def add(self, content: bytes) -> int:
        """Append one picture; returns its place in the shard, counted from 0."""
        rest = memoryview(content)
        while rest:
            taken = min(CHUNK_BYTES - self._filled, len(rest))
            self._chunk[self._filled : self._filled + taken] = rest[:taken]
            self._filled += taken
            rest = rest[taken:]
            if self._filled == CHUNK_BYTES:
                self._seal(self._chunk, is_last=False)
                self._filled = 0
        self.size += len(content)
        self._ends.append(self.size)
        return len(self._ends) - 1

    def finish(self) -> None:
        """Seal what is pending, and the index as the last chunk."""
        if self._filled:
            self._seal(self._chunk[: self._filled], is_last=False)
            self._filled = 0
        index = struct.pack(">Q", len(self._ends)) + b"".join(struct.pack(">Q", end) for end in self._ends)
        chunk = self._aead.encrypt(self._header.nonce(self._chunks, is_last=True), index, self._bound)
        # The index's length stands last and in clear, so that a reader finds the last chunk; it is no secret,
        # and a wrong one makes the last chunk fail.
        self._file.write(chunk + struct.pack(">I", len(chunk)))

    def _seal(self, plain: bytes | bytearray, *, is_last: bool) -> None:
        self._file.write(
            self._aead.encrypt(self._header.nonce(self._chunks, is_last=is_last), plain, self._bound)
        )
        self._chunks += 1


class ShardReader:
    """Opens the pictures of one sealed file; decrypts only the chunks that a picture lies in."""

    def __init__(self, file: BinaryIO, *, shard: ShardId, key: bytes, where: str) -> None:
        """Open a shard and authenticate its index.

        Raises:
            ShardDamaged: another key, another shard, or a changed or cut off file.
        """
        self._file = file
        self._where = where
        self._aead = AESGCM(key)
        self._header = _Header.decode(file.read(_HEADER.size), where=where)
        if self._header.shard != shard:
            raise ShardDamaged(f"{where}: this is another shard under this name")
        self._bound = hashlib.sha256(self._header.encode()).digest()
        self._cached: tuple[int, bytes] = (-1, b"")
        self._ends = self._read_index()

    def __len__(self) -> int:
        return len(self._ends)

    def read(self, entry: int) -> bytes:
        """Return one picture's bytes.

        Raises:
            ShardDamaged: the chunk it lies in does not authenticate, or there is no such entry.
            StorageError: the disk does not answer.
        """
        if not 0 <= entry < len(self._ends):
            raise ShardDamaged(f"{self._where}: no entry {entry}, the shard holds {len(self._ends)}")
        start, end = (self._ends[entry - 1] if entry else 0), self._ends[entry]
        parts = []
        for number in range(start // CHUNK_BYTES, -(-end // CHUNK_BYTES)):
            chunk = self._chunk(number)
            offset = number * CHUNK_BYTES
            parts.append(chunk[max(0, start - offset) : end - offset])
        content = b"".join(parts)
        if len(content) != end - start:
            raise ShardDamaged(f"{self._where}: entry {entry} is cut off")
        return content

    def check(self) -> None:
        """Authenticate every chunk.

        Raises:
            ShardDamaged: one does not hold.
            StorageError: the disk does not answer.
        """
        for number in range(-(-self._size // CHUNK_BYTES)):
            self._chunk(number)

    def sizes(self) -> tuple[int, ...]:
        """Return how many bytes each picture has, by its place; 0 where it was erased."""
        return tuple(end - start for start, end in zip((0, *self._ends), self._ends, strict=False))

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    @property
    def _size(self) -> int:
        return self._ends[-1] if self._ends else 0

    def _chunk(self, number: int) -> bytes:
        if self._cached[0] == number:
            return self._cached[1]
        length = min(CHUNK_BYTES, self._size - number * CHUNK_BYTES)
        try:
            self._file.seek(_HEADER.size + number * (CHUNK_BYTES + _TAG_BYTES))
            sealed = self._file.read(length + _TAG_BYTES)
        except OSError as error:
            raise StorageError(f"{self._where}: {error.strerror}") from error
        plain = self._open(sealed, number, is_last=False)
        self._cached = (number, plain)
        return plain

    def _read_index(self) -> array[int]:
        size = self._file.seek(0, 2)
        self._file.seek(max(0, size - 4))
        tail = self._file.read(4)
        length = struct.unpack(">I", tail)[0] if len(tail) == 4 else 0
        start = size - 4 - length
        if not _TAG_BYTES + 8 <= length <= _MAX_INDEX_BYTES or start < _HEADER.size:
            raise ShardDamaged(f"{self._where}: its end is cut off or changed")
        self._file.seek(start)
        chunks = -(-(start - _HEADER.size) // (CHUNK_BYTES + _TAG_BYTES))
        index = self._open(self._file.read(length), chunks, is_last=True)
        count = struct.unpack(">Q", index[:8])[0]
        if len(index) != 8 + 8 * count:
            raise ShardDamaged(f"{self._where}: its index does not add up")
        ends = array("Q", struct.unpack(f">{count}Q", index[8:]))
        sealed = start - _HEADER.size - chunks * _TAG_BYTES
        if (ends[-1] if ends else 0) != sealed:
            raise ShardDamaged(f"{self._where}: its index and its length disagree")
        return ends

    def _open(self, sealed: bytes, number: int, *, is_last: bool) -> bytes:
        try:
            return self._aead.decrypt(self._header.nonce(number, is_last=is_last), sealed, self._bound)
        except (InvalidTag, ValueError) as error:
            # Whether the key is another one or a byte was changed cannot be told apart here; the caller has
            # checked the key by unwrapping it.
            raise ShardDamaged(f"{self._where}: chunk {number} was changed or cut off") from error
