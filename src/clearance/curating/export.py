"""Export kept pictures for training code: WebDataset tar, or Parquet with the Hugging Face image feature.

Bytes are decrypted on the way out only, one picture at a time, and only where the basis grants the use
(C1.3). The files carry each picture's credit, licence and record id, so that rights travel along.

Source: the WebDataset tar convention (one basename a sample); Hugging Face `datasets` feature metadata in the
Parquet schema.
"""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

import pyarrow as pa
import pyarrow.parquet as pq

from clearance.errors import BadInput, StorageError

SAMPLES_A_FILE = 10_000
"""As img2dataset's shards by default."""
_ROWS_A_GROUP = 100
"""Viewers read whole row groups: with pictures inside, small ones keep them quick."""


class ExportFormat(StrEnum):
    """The forms that stock training code reads."""

    WEBDATASET = "webdataset"
    PARQUET = "parquet"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One picture on its way out."""

    item_id: str
    jpeg: bytes
    url: str
    caption: str
    source: str
    basis: str
    licence: str
    credit: str
    sha256: str
    """Of the bytes in this sample."""
    content_id: str
    """ISCC of the picture as received."""
    width: int
    height: int
    extra: dict[str, str]

    def facts(self) -> dict[str, Any]:
        """Return everything but the bytes."""
        return {
            "item_id": self.item_id,
            "url": self.url,
            "caption": self.caption,
            "source": self.source,
            "basis": self.basis,
            "licence": self.licence,
            "credit": self.credit,
            "sha256": self.sha256,
            "iscc": self.content_id,
            "width": self.width,
            "height": self.height,
            "extra": self.extra,
        }


class _Writer(Protocol):
    def __enter__(self) -> Self: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None: ...
    def write(self, sample: Sample) -> None: ...


def check_target(directory: Path) -> None:
    """Refuse a folder that an export cannot go into.

    Raises:
        BadInput: it holds something already, or is none.
        StorageError: it cannot be looked into.
    """
    try:
        if directory.exists() and any(directory.iterdir()):
            raise BadInput(f"{directory}: not empty; an export goes into a folder of its own")
    except NotADirectoryError as error:
        raise BadInput(f"{directory}: not a folder") from error
    except OSError as error:
        raise StorageError(f"{directory}: {error.strerror or error}") from error


def write_samples(
    samples: Iterable[Sample], directory: Path, form: ExportFormat
) -> tuple[tuple[Path, ...], int]:
    """Write samples into numbered files; returns the files and how many samples they hold.

    A file appears under its name only when it is whole.

    Raises:
        BadInput: the folder holds something already.
        StorageError: it cannot be written.
    """
    files: list[Path] = []
    count = 0
    check_target(directory)
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for number, part in enumerate(_parts(samples)):
            target = directory / f"{number:05d}.{'tar' if form is ExportFormat.WEBDATASET else 'parquet'}"
            partial = target.with_name(f"{target.name}.partial")
            try:
                with _writer(partial, form) as writer:
                    for sample in part:
                        writer.write(sample)
                        count += 1
                partial.rename(target)
            finally:
                partial.unlink(missing_ok=True)
            files.append(target)
    except OSError as error:
        raise StorageError(f"{directory}: {error.strerror or error}") from error
    return tuple(files), count


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


def _writer(path: Path, form: ExportFormat) -> _Writer:
    return _TarWriter(path) if form is ExportFormat.WEBDATASET else _ParquetWriter(path)


class _TarWriter:
    """One WebDataset shard: for each sample its picture, its caption, and its facts as JSON."""

    def __init__(self, path: Path) -> None:
        self._tar = tarfile.open(path, "w", format=tarfile.USTAR_FORMAT)  # noqa: SIM115 - closed in __exit__

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._tar.close()

    def write(self, sample: Sample) -> None:
        facts = json.dumps(sample.facts(), ensure_ascii=False, sort_keys=True).encode()
        self._add(f"{sample.item_id}.jpg", sample.jpeg)
        self._add(f"{sample.item_id}.json", facts)
        self._add(f"{sample.item_id}.txt", sample.caption.encode())

    def _add(self, name: str, content: bytes) -> None:
        entry = tarfile.TarInfo(name)
        entry.size = len(content)
        entry.mode = 0o644
        self._tar.addfile(entry, io.BytesIO(content))


_FACTS = ("item_id", "url", "caption", "source", "basis", "licence", "credit", "sha256", "iscc")
_SCHEMA = pa.schema(
    [
        pa.field("image", pa.struct([("bytes", pa.binary()), ("path", pa.string())])),
        *(pa.field(name, pa.string()) for name in _FACTS),
        pa.field("width", pa.int32()),
        pa.field("height", pa.int32()),
        pa.field("extra", pa.string()),
    ],
    metadata={
        b"huggingface": json.dumps(
            {
                "info": {
                    "features": {
                        "image": {"_type": "Image"},
                        **{name: {"dtype": "string", "_type": "Value"} for name in _FACTS},
                        "width": {"dtype": "int32", "_type": "Value"},
                        "height": {"dtype": "int32", "_type": "Value"},
                        "extra": {"dtype": "string", "_type": "Value"},
                    }
                }
            }
        ).encode()
    },
)


class _ParquetWriter:
    """One Parquet file whose `image` column `datasets.load_dataset` decodes by itself."""

    def __init__(self, path: Path) -> None:
        self._file = pq.ParquetWriter(path, _SCHEMA, compression="zstd")
        self._rows: list[dict[str, Any]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._flush()
        self._file.close()

    def write(self, sample: Sample) -> None:
        facts = sample.facts()
        facts["extra"] = json.dumps(sample.extra, ensure_ascii=False, sort_keys=True)
        self._rows.append({"image": {"bytes": sample.jpeg, "path": f"{sample.item_id}.jpg"}, **facts})
        if len(self._rows) >= _ROWS_A_GROUP:
            self._flush()

    def _flush(self) -> None:
        if self._rows:
            self._file.write_table(pa.Table.from_pylist(self._rows, schema=_SCHEMA))
            self._rows = []
