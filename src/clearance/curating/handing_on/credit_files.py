"""The files that say who is to be named: a table for programs, and a list for people."""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO

from clearance.curating.handing_on.attribution import (
    ATTRIBUTION_TABLE,
    Attribution,
    csv_header,
    csv_line,
    text_line,
)
from clearance.curating.handing_on.writing import ExportedFile, written
from clearance.errors import StorageError

_LIST = "attribution.txt"
_MISSING = "attribution-missing.txt"


class CreditFiles:
    """Writes a line a picture into the folder of an export; the files appear when they are whole."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._open: dict[str, TextIO] = {}
        self._stack = ExitStack()
        self.counts: Counter[str] = Counter()
        """Pictures by how they stand with their credit."""
        self.files: tuple[ExportedFile, ...] = ()
        """What was written, once it is whole."""

    def __enter__(self) -> Self:
        try:
            self._directory.mkdir(parents=True, exist_ok=True)
            self._writer(ATTRIBUTION_TABLE).write(csv_header())
        except OSError as error:
            raise StorageError(f"{self._directory}: {error.strerror or error}") from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stack.close()
        for name in self._open:
            partial = self._partial(name)
            if error is None:
                partial.rename(self._directory / name)
            else:
                partial.unlink(missing_ok=True)
        if error is None:
            count = self.counts.total()
            self.files = tuple(
                written(self._directory / name, self._directory, samples=count) for name in self._open
            )

    def add(self, attribution: Attribution) -> None:
        """Add one picture; where a credit is due and none is recorded, it is listed apart, too."""
        self._writer(ATTRIBUTION_TABLE).write(csv_line(attribution))
        self._writer(_LIST).write(text_line(attribution))
        if attribution.is_missing:
            self._writer(_MISSING).write(text_line(attribution))
        self.counts[attribution.state.value] += 1

    def _writer(self, name: str) -> TextIO:
        if name not in self._open:
            self._open[name] = self._stack.enter_context(
                self._partial(name).open("w", encoding="utf-8", newline="")
            )
        return self._open[name]

    def _partial(self, name: str) -> Path:
        return self._directory / f"{name}.partial"
