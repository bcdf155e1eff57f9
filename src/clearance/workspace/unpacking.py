"""Unpack the archive of a backup: regular files in the folders that we know, and nothing else.

The archive was sealed under a key that the root key wraps, so only who has the root key can have made it; it
is read as if anybody had.

Source: CWE-22 (path traversal), CWE-59 (links); C5.2.
"""

from __future__ import annotations

import json
import os
import tarfile
from collections.abc import Collection, Iterator
from pathlib import Path, PurePosixPath
from typing import IO, Any, cast

from clearance.database import Row
from clearance.errors import BadInput, StorageError, printable
from clearance.vault import OpeningStream

_MAX_ROWS_BYTES = 256 << 20
"""A thousand rows: the largest hold a page or a host file of some hundred kilobytes each."""
_COPIED_AT_ONCE = 1 << 20


class Archive:
    """An opened archive; its members are read once, in their order."""

    def __init__(self, stream: OpeningStream, *, where: str) -> None:
        self._where = where
        self._coming = self._read(stream)
        self._put_back: tuple[tarfile.TarInfo, IO[bytes]] | None = None

    def rows(self, folder: str) -> Iterator[tuple[str, list[Row]]]:
        """Return the rows of the control database, with the table that they belong to.

        Raises:
            BadInput: the archive is none of ours.
        """
        while (member := self._next()) is not None:
            info, content = member
            if not info.name.startswith(f"{folder}/"):
                self._put_back = member
                return
            table = info.name.split(".")[-2] if info.name.count(".") == 2 else ""
            if info.size > _MAX_ROWS_BYTES or not table:
                raise BadInput(f"{self._where}: {printable(info.name)} is no part of a control database")
            try:
                rows = [json.loads(line) for line in content.read().splitlines()]
            except (ValueError, RecursionError, tarfile.TarError) as error:
                raise BadInput(f"{self._where}: {printable(info.name)} cannot be read") from error
            if not all(isinstance(row, dict) for row in rows):
                raise BadInput(f"{self._where}: {printable(info.name)} holds something that is no row")
            yield table, rows

    def unpack(self, into: Path, *, files: Collection[str] = (), folders: Collection[str] = ()) -> None:
        """Write the members that come into a folder; without `folders`, up to the first that stands in one.

        Args:
            into: where to.
            files: the names that may stand at the top.
            folders: the folders that others may stand in.

        Raises:
            BadInput: a member is no plain file of a folder that we know, or there are two of one name.
            StorageError: the disk is full or does not answer.
        """
        while (member := self._next()) is not None:
            info, content = member
            if not folders and "/" in info.name:
                self._put_back = member
                return
            parts = _place(info.name, files=files, folders=folders, where=self._where)
            self._write(info, content, into.joinpath(*parts))

    def _next(self) -> tuple[tarfile.TarInfo, IO[bytes]] | None:
        member, self._put_back = self._put_back, None
        return member if member is not None else next(self._coming, None)

    def _read(self, stream: OpeningStream) -> Iterator[tuple[tarfile.TarInfo, IO[bytes]]]:
        try:
            with tarfile.open(fileobj=cast("Any", stream), mode="r|") as tar:
                for info in tar:
                    is_plain = info.type == tarfile.REGTYPE and not info.issparse()
                    content = tar.extractfile(info) if is_plain else None
                    if content is None:
                        raise BadInput(
                            f"{self._where}: {printable(info.name)} is no plain file; nothing was restored"
                        )
                    yield info, content
        # Tar's headers are read by the library as they come; what is no header shows in many ways.
        except (tarfile.TarError, ValueError, OverflowError, EOFError) as error:
            raise BadInput(f"{self._where}: not an archive of ours: {printable(str(error))}") from error

    def _write(self, info: tarfile.TarInfo, content: IO[bytes], path: Path) -> None:
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
            with os.fdopen(os.open(path, flags, 0o600), "wb") as file:
                while part := content.read(_COPIED_AT_ONCE):
                    file.write(part)
                file.flush()
                os.fsync(file.fileno())
        except FileExistsError as error:
            raise BadInput(f"{self._where}: {printable(info.name)} stands there twice") from error
        except tarfile.TarError as error:
            raise BadInput(f"{self._where}: {printable(info.name)} is cut off") from error
        except OSError as error:
            raise StorageError(f"{printable(str(path))}: {error.strerror or error}") from error


def _place(name: str, *, files: Collection[str], folders: Collection[str], where: str) -> tuple[str, ...]:
    """Return the parts of a member's name that has a place in a workspace.

    Raises:
        BadInput: it has none.
    """
    parts = PurePosixPath(name).parts
    is_known = (len(parts) == 1 and name in files) or (len(parts) > 1 and parts[0] in folders)
    if not is_known or ".." in parts or "/".join(parts) != name or "\0" in name:
        raise BadInput(f"{where}: {printable(name)} has no place in a workspace; nothing was restored")
    return parts
