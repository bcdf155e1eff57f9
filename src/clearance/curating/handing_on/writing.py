"""Export the pictures of a dataset version for training code: WebDataset tar, Parquet with the Hugging Face
image feature, or the table of facts alone.

Bytes are decrypted on the way out only, one picture at a time, and only where the basis grants the use
(C1.3). The files carry each picture's credit, licence and record id, so that rights travel along.

Source: the WebDataset tar convention (one basename a sample); Hugging Face `datasets` feature metadata in the
Parquet schema.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from clearance.curating.handing_on.writers import ParquetWriter, Sample, TarWriter, Writer
from clearance.errors import BadInput, StorageError
from clearance.identifiers import Sha256

DATA_FOLDER = "data"
"""Where the samples are; what describes them lies above, or readers of a folder would take it for some."""
SAMPLES_A_FILE = 10_000
"""As img2dataset's shards by default."""


class ExportFormat(StrEnum):
    """The forms that stock training code reads."""

    WEBDATASET = "webdataset"
    PARQUET = "parquet"
    CROISSANT = "croissant"
    """The description and the table of facts alone: no picture leaves."""

    @property
    def holds_pictures(self) -> bool:
        """Whether pictures leave the vault."""
        return self is not ExportFormat.CROISSANT

    @property
    def suffix(self) -> str:
        """How the names of its files end."""
        return ".tar" if self is ExportFormat.WEBDATASET else ".parquet"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedFile:
    """One file of an export, as it was written."""

    name: str
    """Within the folder of the export, as `data/00.tar`."""
    path: Path
    samples: int
    size: int
    sha256: Sha256


def check_target(directory: Path, *, what: str = "an export") -> None:
    """Refuse a folder that an export, or what else is named, cannot go into.

    Raises:
        BadInput: it holds something already, or is none.
        StorageError: it cannot be looked into.
    """
    try:
        if directory.exists() and any(directory.iterdir()):
            raise BadInput(f"{directory}: not empty; {what} goes into a folder of its own")
    except NotADirectoryError as error:
        raise BadInput(f"{directory}: not a folder") from error
    except OSError as error:
        raise StorageError(f"{directory}: {error.strerror or error}") from error


def write_samples(
    samples: Iterable[Sample], directory: Path, form: ExportFormat, *, export: str
) -> tuple[ExportedFile, ...]:
    """Write samples into numbered files; returns the files.

    A file appears under its name only when it is whole. Names begin with the id of the export: readers that
    keep what they unpacked by its name would otherwise hand out the pictures of an earlier export.

    Raises:
        StorageError: the folder cannot be written.
    """
    files: list[ExportedFile] = []
    try:
        folder = directory / DATA_FOLDER
        folder.mkdir(parents=True, exist_ok=True)
        for number, part in enumerate(_parts(samples)):
            target = folder / f"{export}-{number:05d}{form.suffix}"
            partial = target.with_name(f"{target.name}.partial")
            count = 0
            try:
                with _writer(partial, form) as writer:
                    for sample in part:
                        writer.write(sample)
                        count += 1
                partial.rename(target)
            finally:
                partial.unlink(missing_ok=True)
            files.append(written(target, directory, samples=count))
    except OSError as error:
        raise StorageError(f"{directory}: {error.strerror or error}") from error
    return tuple(files)


def written(path: Path, directory: Path, *, samples: int) -> ExportedFile:
    """Return a file of an export with its size and hash, as it stands on disk."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return ExportedFile(
        name=path.relative_to(directory).as_posix(),
        path=path,
        samples=samples,
        size=path.stat().st_size,
        sha256=Sha256(digest),
    )


def _parts(samples: Iterable[Sample]) -> Iterator[Iterator[Sample]]:
    """Cut a stream into files without holding a file's worth of pictures."""
    stream = iter(samples)
    for first in stream:

        def part(first: Sample = first) -> Iterator[Sample]:
            yield first
            for _ in range(SAMPLES_A_FILE - 1):
                try:
                    yield next(stream)
                except StopIteration:
                    return

        yield part()


def _writer(path: Path, form: ExportFormat) -> Writer:
    if form is ExportFormat.WEBDATASET:
        return TarWriter(path)
    return ParquetWriter(path, with_pictures=form.holds_pictures)
