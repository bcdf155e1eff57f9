"""One sample on its way out, and the writers that put samples into a file."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

import pyarrow as pa
import pyarrow.parquet as pq

from clearance.curating.handing_on.attribution import Attribution
from clearance.identifiers import sha256_of

_ROWS_A_GROUP = 100
"""Viewers read whole row groups: with pictures inside, small ones keep them quick."""
TEXTS = (
    *("item_id", "url", "caption", "source", "basis", "licence", "licence_url", "credit", "attribution"),
    *("content_sha256", "received_sha256", "iscc", "collected_at"),
)
"""The facts of a sample that are text, in the order of the columns."""
NUMBERS = ("width", "height")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One picture on its way out."""

    item_id: str
    jpeg: bytes | None
    """As it is written, its rights metadata in it; nothing where only the facts go out."""
    url: str
    caption: str
    source: str
    basis: str
    licence: str
    licence_url: str
    credit: str
    attribution: str
    """The credit line as the licence asks for it."""
    content_sha256: str
    """Of the bytes in the vault, which the manifest of the version names."""
    received_sha256: str
    """Of the bytes as they came."""
    iscc: str
    """Of the picture as it came."""
    width: int
    height: int
    collected_at: str
    extra: dict[str, str]
    """The further columns of the table that it was collected by."""

    @classmethod
    def of(
        cls,
        record: Mapping[str, Any],
        attribution: Attribution,
        *,
        jpeg: bytes | None,
        withheld_columns: Collection[str],
    ) -> Self:
        """Return a kept picture as it goes out, from its record and whom to name for it; columns of the table
        that it was collected by stay behind where they are withheld (C4.1).
        """
        kept = record["picture"]["kept"]
        return cls(
            item_id=record["item_id"],
            jpeg=jpeg,
            url=record["url"],
            caption=record["row"]["caption"],
            source=record["source"],
            basis=record["basis"],
            licence=record["licence"],
            licence_url=attribution.licence_url,
            credit=attribution.credit,
            attribution=attribution.line,
            content_sha256=kept["sha256"],
            received_sha256=record["sha256"],
            iscc=record["iscc"],
            width=kept["width"],
            height=kept["height"],
            collected_at=record["collected_at"],
            extra={
                name: value
                for name, value in record["row"]["extra"].items()
                if _plain(name) not in withheld_columns
            },
        )

    def facts(self) -> dict[str, Any]:
        """Return everything but the bytes; `sha256` is that of the bytes in this sample."""
        known: dict[str, Any] = {name: getattr(self, name) for name in (*TEXTS, *NUMBERS)}
        if self.jpeg is not None:
            known["sha256"] = sha256_of(self.jpeg)
        return {**known, "extra": self.extra}


def _plain(name: str) -> str:
    """Write the name of a column in lower case, without other signs than letters and digits."""
    return "".join(filter(str.isalnum, name.casefold()))


class Writer(Protocol):
    """What takes samples, one file of them."""

    def __enter__(self) -> Self: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None: ...
    def write(self, sample: Sample) -> None:
        """Add one sample."""


class TarWriter:
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
        """Add a sample: three files of one basename."""
        facts = json.dumps(sample.facts(), ensure_ascii=False, sort_keys=True).encode()
        self._add(f"{sample.item_id}.jpg", sample.jpeg or b"")
        self._add(f"{sample.item_id}.json", facts)
        self._add(f"{sample.item_id}.txt", sample.caption.encode())

    def _add(self, name: str, content: bytes) -> None:
        entry = tarfile.TarInfo(name)
        entry.size = len(content)
        entry.mode = 0o644
        self._tar.addfile(entry, io.BytesIO(content))


class ParquetWriter:
    """One Parquet file; where it holds pictures, `datasets.load_dataset` decodes the column by itself."""

    def __init__(self, path: Path, *, with_pictures: bool) -> None:
        self._with_pictures = with_pictures
        self._schema = _schema(with_pictures=with_pictures)
        self._file = pq.ParquetWriter(path, self._schema, compression="zstd")
        self._rows: list[dict[str, Any]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._flush()
        self._file.close()

    def write(self, sample: Sample) -> None:
        """Add a sample, a row."""
        facts = sample.facts()
        facts["extra"] = json.dumps(sample.extra, ensure_ascii=False, sort_keys=True)
        if self._with_pictures:
            facts["image"] = {"bytes": sample.jpeg, "path": f"{sample.item_id}.jpg"}
        self._rows.append(facts)
        if len(self._rows) >= _ROWS_A_GROUP:
            self._flush()

    def _flush(self) -> None:
        if self._rows:
            self._file.write_table(pa.Table.from_pylist(self._rows, schema=self._schema))
            self._rows = []


def _schema(*, with_pictures: bool) -> pa.Schema:
    texts = (*TEXTS, *(("sha256",) if with_pictures else ()), "extra")
    image = pa.field("image", pa.struct([("bytes", pa.binary()), ("path", pa.string())]))
    text = {"dtype": "string", "_type": "Value"}
    features = {
        **({"image": {"_type": "Image"}} if with_pictures else {}),
        **dict.fromkeys(texts, text),
        **{name: {"dtype": "int32", "_type": "Value"} for name in NUMBERS},
    }
    return pa.schema(
        [
            *([image] if with_pictures else []),
            *(pa.field(name, pa.string()) for name in texts),
            *(pa.field(name, pa.int32()) for name in NUMBERS),
        ],
        metadata={b"huggingface": json.dumps({"info": {"features": features}}).encode()},
    )
