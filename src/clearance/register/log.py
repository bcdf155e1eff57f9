"""The log: an append-only list of entries as static files, with a signed checkpoint.

Any web server can serve the folder, and any C2SP client can read it. The checkpoint is written last and
replaced atomically: until then nothing that was written counts, and the next append writes it again.

Source: C2SP tlog-tiles (c2sp.org/tlog-tiles), tlog-checkpoint.
"""

from __future__ import annotations

import os
import shutil
import struct
from collections.abc import Iterator, Sequence
from pathlib import Path

from clearance.errors import RegisterDamaged, RolledBack, StorageError
from clearance.register.checkpoint import Checkpoint, open_checkpoint
from clearance.register.head import KeptHead
from clearance.register.merkle import EMPTY_ROOT, HASH_BYTES, inclusion_proof, leaf_hash, node_hash, root
from clearance.register.note import Signer, Verifier

MAX_ENTRY_BYTES = 65_535
_WIDTH = 256
_HEIGHT = 8


class Log:
    """A log in a folder; one process appends, any number read."""

    def __init__(
        self, directory: Path, *, signer: Signer | None, verifier: Verifier, kept: KeptHead | None = None
    ) -> None:
        self._directory = directory
        self._signer = signer
        self._kept = kept
        self.verifier = verifier
        self._head = open_checkpoint(self.checkpoint_text, verifier)

    @classmethod
    def create(cls, directory: Path, signer: Signer, kept: KeptHead | None = None) -> Log:
        """Make an empty log in an existing folder."""
        empty = Checkpoint(origin=signer.verifier.name, size=0, root=EMPTY_ROOT)
        _write(directory / "checkpoint", empty.sign(signer).encode())
        return cls.open(directory, signer, kept)

    @classmethod
    def open(cls, directory: Path, key: Signer | Verifier, kept: KeptHead | None = None) -> Log:
        """Open a log, to append with a signer, to read with a verifier; `kept` is where its newest checkpoint
        is kept a second time.

        Raises:
            RegisterDamaged: the checkpoint is missing, malformed or not signed by this key.
        """
        if isinstance(key, Signer):
            return cls(directory, signer=key, verifier=key.verifier, kept=kept)
        return cls(directory, signer=None, verifier=key)

    @property
    def size(self) -> int:
        """How many entries the log has."""
        return self._head.size

    @property
    def head(self) -> Checkpoint:
        """The checkpoint as it was last read or written."""
        return self._head

    @property
    def checkpoint_text(self) -> str:
        """The signed checkpoint as it stands on disk."""
        try:
            return (self._directory / "checkpoint").read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise RegisterDamaged(f"{self._directory / 'checkpoint'}: {error}") from error

    def refresh(self) -> None:
        """Read the checkpoint again: another process may have appended."""
        self._head = open_checkpoint(self.checkpoint_text, self.verifier)

    def refuse_to_fork(self) -> None:
        """See that this log holds everything that it ever signed, as far as this machine knows.

        Raises:
            RolledBack: it is older, another one, or what was signed before cannot be read.
        """
        known = self._kept.read() if self._kept else None
        if known is None or known == self._head:
            return
        # A crash between the two checkpoints, or another machine's appends, leave the one outside behind.
        if known.size < self.size and root(self.leaves()[: known.size]) == known.root:
            return
        what = (
            f"holds {self.size} of {known.size} entries that were signed before"
            if known.size > self.size
            else "holds other entries than were signed before"
        )
        raise RolledBack(
            f"{self._directory}: this log {what}: a restored older state. It is not signed on, for that"
            " would fork it; reading goes on. Restore with the newer log, leaves and tombstones:"
            " `clearance restore BACKUP DIR --trail FOLDER`"
        )

    def append(self, entries: Sequence[bytes]) -> Checkpoint:
        """Append entries; returns the new checkpoint once everything is on disk.

        Raises:
            RegisterDamaged: the files at the log's end do not fit its checkpoint; nothing is signed.
            RolledBack: the log is older than what it signed before; nothing is signed.
            StorageError: the disk is full or does not answer.
        """
        if self._signer is None:
            raise RegisterDamaged("this log was opened to be read only")
        if any(len(entry) > MAX_ENTRY_BYTES for entry in entries):
            raise ValueError(f"a log entry has at most {MAX_ENTRY_BYTES} bytes")
        current = open_checkpoint(self.checkpoint_text, self.verifier)
        if current != self._head:
            raise RegisterDamaged("another process appended to the log in between")
        self.refuse_to_fork()
        if self._kept:
            self._kept.prepare()
        size = self._head.size
        edge = [self._edge(level, size) for level in range(_levels(size + len(entries)))]
        if size and self._root_of(edge, size) != self._head.root:
            raise RegisterDamaged("the log's last tiles do not give its checkpoint's root")
        bundle = self._bundle(size)
        try:
            self._write_entries(size, bundle, entries)
            new_root = self._write_tiles(size, edge, [leaf_hash(entry) for entry in entries])
            head = Checkpoint(origin=self.verifier.name, size=size + len(entries), root=new_root)
            note = head.sign(self._signer)
            _write(self._directory / "checkpoint", note.encode())
            self._drop_partials(size)
        except OSError as error:
            raise StorageError(f"{self._directory}: {error.strerror}") from error
        self._head = head
        if self._kept:
            self._kept.keep(note)
        return head

    def entry(self, index: int) -> bytes:
        """Return one entry.

        Raises:
            RegisterDamaged: its bundle is missing or malformed.
        """
        if not 0 <= index < self.size:
            raise IndexError(f"entry {index} of {self.size}")
        return self._entries(index // _WIDTH)[index % _WIDTH]

    def entries(self) -> Iterator[bytes]:
        """Return all entries, oldest first."""
        for number in range(-(-self.size // _WIDTH)):
            yield from self._entries(number)

    def leaves(self) -> list[bytes]:
        """Return the leaf hashes of all entries, computed from the entries themselves."""
        return [leaf_hash(entry) for entry in self.entries()]

    def prove(self, index: int) -> tuple[bytes, ...]:
        """Return the inclusion proof of one entry under the current checkpoint."""
        return inclusion_proof(
            [leaf for number in range(-(-self.size // _WIDTH)) for leaf in self._tile(number)], index
        )

    def problems(self) -> list[str]:
        """Compute the log again from its entries and say what does not hold."""
        found: list[str] = []
        try:
            leaves = self.leaves()
        except RegisterDamaged as error:
            return [str(error)]
        if root(leaves) != self._head.root:
            found.append(f"the root over the log's {len(leaves)} entries is not the checkpoint's")
        level = leaves
        for height in range(_levels(self.size)):
            for number in range(-(-len(level) // _WIDTH)):
                expected = level[number * _WIDTH : (number + 1) * _WIDTH]
                try:
                    if self._hashes(height, number, len(expected)) != expected:
                        found.append(f"tile {height}/{number} does not fit the entries")
                except RegisterDamaged as error:
                    found.append(str(error))
            level = [root(level[n : n + _WIDTH]) for n in range(0, len(level) - _WIDTH + 1, _WIDTH)]
        return found

    def _write_entries(self, size: int, bundle: list[bytes], entries: Sequence[bytes]) -> None:
        number = size // _WIDTH
        waiting = [*bundle, *entries]
        for start in range(0, len(waiting), _WIDTH):
            part = waiting[start : start + _WIDTH]
            content = b"".join(struct.pack(">H", len(entry)) + entry for entry in part)
            _write(self._path("entries", number + start // _WIDTH, len(part)), content)

    def _write_tiles(self, size: int, edge: list[list[bytes]], hashes: list[bytes]) -> bytes:
        """Write the tiles that new leaves change, level by level; returns the root of the grown tree."""
        for level, known in enumerate(edge):
            number = (size >> (_HEIGHT * level)) // _WIDTH
            row = [*known, *hashes]
            hashes = []
            for start in range(0, len(row), _WIDTH):
                part = row[start : start + _WIDTH]
                _write(self._path(str(level), number + start // _WIDTH, len(part)), b"".join(part))
                if len(part) == _WIDTH:
                    hashes.append(root(part))
            edge[level] = row[len(row) - len(row) % _WIDTH :]
        return _root_of_edge(edge)

    def _drop_partials(self, size: int) -> None:
        """Remove the partial tiles that a full one has replaced, as the specification lets us."""
        for level in ("entries", *(str(level) for level in range(_levels(self.size)))):
            number = (size >> (_HEIGHT * (0 if level == "entries" else int(level)))) // _WIDTH
            full = self._path(level, number, _WIDTH)
            if full.exists():
                shutil.rmtree(full.with_name(f"{full.name}.p"), ignore_errors=True)

    def _root_of(self, edge: list[list[bytes]], size: int) -> bytes:
        return _root_of_edge(edge[: _levels(size)])

    def _edge(self, level: int, size: int) -> list[bytes]:
        """Return the hashes of a level's last, partial tile."""
        width = (size >> (_HEIGHT * level)) % _WIDTH
        return self._hashes(level, (size >> (_HEIGHT * level)) // _WIDTH, width) if width else []

    def _bundle(self, size: int) -> list[bytes]:
        return self._entries(size // _WIDTH)[: size % _WIDTH] if size % _WIDTH else []

    def _tile(self, number: int) -> list[bytes]:
        return self._hashes(0, number, min(_WIDTH, self.size - number * _WIDTH))

    def _hashes(self, level: int, number: int, width: int) -> list[bytes]:
        raw = self._read(str(level), number, width)
        if len(raw) < width * HASH_BYTES:
            raise RegisterDamaged(f"tile {level}/{number} is cut off")
        return [raw[n * HASH_BYTES : (n + 1) * HASH_BYTES] for n in range(width)]

    def _entries(self, number: int) -> list[bytes]:
        width = min(_WIDTH, self.size - number * _WIDTH)
        raw = self._read("entries", number, width)
        entries: list[bytes] = []
        position = 0
        while position < len(raw) and len(entries) < width:
            if position + 2 > len(raw):
                break
            length = struct.unpack_from(">H", raw, position)[0]
            entries.append(raw[position + 2 : position + 2 + length])
            position += 2 + length
        if len(entries) != width or position > len(raw):
            raise RegisterDamaged(f"entry bundle {number} is cut off")
        return entries

    def _read(self, level: str, number: int, width: int) -> bytes:
        """Read a tile: the partial one of this width, else the full one that has replaced it."""
        path = self._path(level, number, width)
        try:
            return path.read_bytes()
        except FileNotFoundError:
            pass
        except OSError as error:
            raise RegisterDamaged(f"{path}: {error.strerror}") from error
        try:
            return self._path(level, number, _WIDTH).read_bytes()
        except OSError as error:
            raise RegisterDamaged(f"{path}: missing") from error

    def _path(self, level: str, number: int, width: int) -> Path:
        """Name a tile's file: groups of three digits, all but the last with an x before them."""
        digits = f"{number:03d}"
        digits = digits.zfill(-(-len(digits) // 3) * 3)
        groups = [digits[n : n + 3] for n in range(0, len(digits), 3)]
        path = (
            self._directory / "tile" / level / "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])
        )
        return path if width == _WIDTH else path.with_name(f"{path.name}.p") / str(width)


def _levels(size: int) -> int:
    """Return how many tile levels a tree of this size has."""
    return max(1, -(-max(size, 1).bit_length() // _HEIGHT))


def _root_of_edge(edge: list[list[bytes]]) -> bytes:
    """Return a tree's root from the partial tiles at its right edge, lowest level first."""
    above: bytes | None = None
    for row in edge:
        if not row:
            continue
        # What a level's partial tile holds stands right of everything that the levels above hold, and is
        # joined first; its own hashes are joined as RFC 6962 does, the largest power of two on the left.
        for node in reversed(_peaks(row)):
            above = node if above is None else node_hash(node, above)
    return above if above is not None else EMPTY_ROOT


def _peaks(row: list[bytes]) -> list[bytes]:
    """Return the roots of the perfect subtrees that a row of hashes falls into, from left to right."""
    peaks: list[bytes] = []
    start = 0
    while start < len(row):
        width = 1 << ((len(row) - start).bit_length() - 1)
        peaks.append(root(row[start : start + width]))
        start += width
    return peaks


def _write(path: Path, content: bytes) -> None:
    """Write a file so that after a power cut it is there whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.new")
    with partial.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
