"""One long stream sealed under one key: what a backup is written into, and read back from.

It is a sealed shard whose pictures are the stream's blocks, in their order.

Source: vault/sealing.py; C5.1.
"""

from __future__ import annotations

from clearance.vault.sealing import CHUNK_BYTES, ShardReader, ShardWriter


class SealingStream:
    """Takes a stream as it comes; the caller finishes the writer below."""

    def __init__(self, writer: ShardWriter) -> None:
        self._writer = writer
        self._waiting = bytearray()

    def write(self, content: bytes) -> int:
        """Seal what comes, a block at a time."""
        self._waiting += content
        while len(self._waiting) >= CHUNK_BYTES:
            self._writer.add(bytes(self._waiting[:CHUNK_BYTES]))
            del self._waiting[:CHUNK_BYTES]
        return len(content)

    def finish(self) -> None:
        """Seal the rest, and the end."""
        if self._waiting:
            self._writer.add(bytes(self._waiting))
            self._waiting.clear()
        self._writer.finish()


class OpeningStream:
    """Gives a sealed stream back, from its beginning to its end."""

    def __init__(self, reader: ShardReader) -> None:
        self._reader = reader
        self._block = 0
        self._rest = memoryview(b"")

    def read(self, size: int) -> bytes:
        """Return up to `size` bytes; none at the end.

        Raises:
            ShardDamaged: what was sealed was changed or cut off.
            StorageError: the disk does not answer.
        """
        parts: list[bytes] = []
        while size and (self._rest or self._block < len(self._reader)):
            if not self._rest:
                self._rest = memoryview(self._reader.read(self._block))
                self._block += 1
            parts.append(bytes(self._rest[:size]))
            self._rest = self._rest[size:]
            size -= len(parts[-1])
        return b"".join(parts)
