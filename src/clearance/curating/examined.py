"""What was found in each picture of the vault that was looked at: one row an item, in a Lance dataset beside
the records.

Fingerprints stand elsewhere (`clearance.fingerprints`); here is what gates and audits read: boxes of faces,
text that speaks against use, and what the picture's record says of creator, place, time and keywords, as
columns. All of it can be made again from the vault and the records, and goes with the item.

Source: C4.1, C4.2.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import lance
import pyarrow as pa
import pyarrow.compute as pc

from clearance.errors import RegisterDamaged, StorageError
from clearance.identifiers import ItemId, Sha256
from clearance.register import erase_rows, index_rows

_SCHEMA = pa.schema(
    [
        pa.field("item_id", pa.string()),
        pa.field("content_sha256", pa.string()),
        pa.field("examined_at", pa.timestamp("us", tz="UTC")),
        pa.field("methods", pa.string()),
        pa.field("failure", pa.string()),
        pa.field("faces", pa.string()),
        pa.field("candidates", pa.int32()),
        pa.field("confident", pa.int32()),
        pa.field("is_text_read", pa.bool_()),
        pa.field("marks", pa.string()),
        pa.field("personal_data", pa.string()),
        pa.field("creator", pa.string()),
        pa.field("country", pa.string()),
        pa.field("taken", pa.string()),
        pa.field("keywords", pa.list_(pa.string())),
    ]
)
_IDS_AT_ONCE = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """What was found in one picture."""

    item: ItemId
    content_sha256: Sha256
    """Of the bytes in the vault that were looked at."""
    examined_at: datetime
    methods: str
    """Detectors and readers that looked, with their versions."""
    failure: str = ""
    """Why the picture could not be looked at; empty where it could."""
    faces: tuple[Mapping[str, Any], ...] = ()
    """Boxes with detector and score, in pixels of the kept picture; nothing else about a person."""
    candidates: int = 0
    """Faces that may be there; 0 means `no_face_detected`, never that nobody is in the picture."""
    confident: int = 0
    """Faces that are there with confidence."""
    is_text_read: bool = False
    marks: tuple[Mapping[str, Any], ...] = ()
    """Agency marks and credit lines in the pixels."""
    personal_data: tuple[Mapping[str, Any], ...] = ()
    """Kinds and places of personal data in text and caption, masked."""
    creator: str = ""
    country: str = ""
    """As the picture states it; empty where it does not."""
    taken: str = ""
    """YYYY or YYYY-MM, or empty."""
    keywords: tuple[str, ...] = ()


class ExaminedStore:
    """The examinations of one workspace."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._uri = str(directory / "examined.lance")

    def add(self, examined: Sequence[Examined]) -> None:
        """Keep examinations, in the place of earlier ones of the same items; the workspace is locked.

        Raises:
            StorageError: the disk is full or does not answer; what was looked at anew is looked at once more.
        """
        if not examined:
            return
        new = pa.array([one.item for one in examined], pa.string())
        again = new.filter(pc.is_in(new, value_set=self.items()))
        if len(again):
            self.forget(again)
        try:
            self._directory.mkdir(mode=0o700, exist_ok=True)
            if not self._exists():
                # What a process left that was killed before the first of them was written whole.
                shutil.rmtree(self._uri, ignore_errors=True)
            table = pa.Table.from_pylist([_row(one) for one in examined], schema=_SCHEMA)
            lance.write_dataset(table, self._uri, mode="append" if self._exists() else "create")
        except (OSError, pa.ArrowException) as error:
            raise StorageError(f"{self._uri}: {error}") from error

    def optimise(self) -> None:
        """Join small files, and index once there is enough to find."""
        if self._exists():
            index_rows(self._uri, ["item_id"])

    def items(self) -> pa.Array:
        """Return the ids of all items that were examined."""
        return self.columns(["item_id"]).column("item_id").combine_chunks()

    def whole(self, *, fingerprinted: pa.Array, reading: str, within: str) -> pa.Array:
        """Return the ids of items that need no other look: all that could be found in them was, fingerprints,
        too; or they cannot be decoded within the limits that `within` names. `reading` is the method by which
        their text was to be read; empty where nobody can.
        """
        rows = self.columns(["item_id", "is_text_read", "methods", "failure"])
        has_all = pc.is_in(rows.column("item_id"), value_set=fingerprinted)
        if reading:
            is_read = pc.and_(rows.column("is_text_read"), pc.ends_with(rows.column("methods"), reading))
            has_all = pc.and_(has_all, is_read)
        cannot = pc.not_equal(rows.column("failure"), "")
        is_whole = pc.or_(has_all, pc.and_(cannot, pc.ends_with(rows.column("methods"), within)))
        return rows.filter(is_whole).column("item_id").combine_chunks()

    def columns(self, names: Sequence[str]) -> pa.Table:
        """Return columns of all examinations."""
        if not self._exists():
            return _SCHEMA.empty_table().select(list(names))
        return self._dataset().to_table(columns=list(names))

    def of(self, items: Sequence[ItemId]) -> dict[ItemId, Examined]:
        """Return the examinations of items; those that were not examined are missing."""
        if not self._exists():
            return {}
        return {one.item: one for one in self._read(items)}

    def forget(self, items: pa.Array) -> Mapping[str, int]:
        """Erase the examinations of items (C3.4); returns how many there were."""
        if not self._exists():
            return {"examinations": 0}
        known = pc.sum(pc.is_in(self.items(), value_set=items.cast(pa.string()))).as_py() or 0
        erase_rows(self._uri, items)
        return {"examinations": int(known)}

    def _read(self, items: Sequence[ItemId]) -> Iterator[Examined]:
        for start in range(0, len(items), _IDS_AT_ONCE):
            # Ids are random hexadecimal, made here: nothing from outside is spliced into the condition.
            wanted = ", ".join(f"'{ItemId(item)}'" for item in items[start : start + _IDS_AT_ONCE])
            for row in self._dataset().to_table(filter=f"item_id IN ({wanted})").to_pylist():
                yield _examined(row)

    def _exists(self) -> bool:
        versions = Path(self._uri) / "_versions"
        return versions.is_dir() and any(versions.iterdir())

    def _dataset(self) -> Any:
        try:
            return lance.dataset(self._uri)
        except (OSError, ValueError) as error:
            raise RegisterDamaged(f"{self._uri}: cannot be opened: {error}") from error


def _row(one: Examined) -> dict[str, Any]:
    return {
        "item_id": one.item,
        "content_sha256": one.content_sha256,
        "examined_at": one.examined_at,
        "methods": one.methods,
        "failure": one.failure,
        "faces": _packed(one.faces),
        "candidates": one.candidates,
        "confident": one.confident,
        "is_text_read": one.is_text_read,
        "marks": _packed(one.marks),
        "personal_data": _packed(one.personal_data),
        "creator": one.creator,
        "country": one.country,
        "taken": one.taken,
        "keywords": list(one.keywords),
    }


def _examined(row: dict[str, Any]) -> Examined:
    return Examined(
        item=ItemId(row["item_id"]),
        content_sha256=Sha256(row["content_sha256"]),
        examined_at=row["examined_at"].astimezone(UTC),
        methods=row["methods"],
        failure=row["failure"],
        faces=tuple(json.loads(row["faces"])),
        candidates=row["candidates"],
        confident=row["confident"],
        is_text_read=row["is_text_read"],
        marks=tuple(json.loads(row["marks"])),
        personal_data=tuple(json.loads(row["personal_data"])),
        creator=row["creator"],
        country=row["country"],
        taken=row["taken"],
        keywords=tuple(row["keywords"]),
    )


def _packed(values: Sequence[Mapping[str, Any]]) -> str:
    return json.dumps([dict(value) for value in values], ensure_ascii=True, separators=(",", ":"))
