"""The index of exports: which items went into which export, so that a recall finds every copy that left.

Source: C5.4, C1.3.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from sqlalchemy import insert, select, update

from clearance.curating.tables import exports
from clearance.database import Database
from clearance.errors import RegisterDamaged, StorageError


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """One export as it was made."""

    id: str
    project: str
    version: str
    """Id of the dataset version; empty where it was made before there were versions."""
    directory: str
    form: str
    use: str
    items: int
    """Pictures that it held when it was made."""
    erased: int
    """How many of them were erased since: the export is to be made anew."""
    made_at: datetime


class ExportIndex:
    """The exports of one workspace: facts in the database, item ids in a file each."""

    def __init__(self, directory: Path, database: Database) -> None:
        self._directory = directory
        self._database = database

    def add(
        self,
        items: Sequence[str],
        *,
        project: str,
        version: str,
        directory: Path,
        form: str,
        use: str,
        now: datetime,
    ) -> str:
        """Note an export and what it holds; returns its id."""
        export = secrets.token_hex(8)
        self._write(export, pa.array(sorted(items), pa.string()))
        with self._database.begin() as connection:
            connection.execute(
                insert(exports).values(
                    id=export,
                    project=project,
                    version=version,
                    directory=str(directory),
                    form=form,
                    use=use,
                    items=len(items),
                    made_at=now,
                )
            )
        return export

    def list(self) -> tuple[Export, ...]:
        """Return all exports, oldest first."""
        with self._database.begin() as connection:
            rows = connection.execute(select(exports).order_by(exports.c.made_at, exports.c.id)).mappings()
            return tuple(Export(**row) for row in rows)

    def holding(self, items: pa.Array) -> dict[str, int]:
        """Return which exports hold items, and how many of them."""
        found = {}
        for export in self.list():
            count = pc.sum(pc.is_in(self._items(export.id), value_set=items)).as_py()
            if count:
                found[export.id] = int(count)
        return found

    def forget(self, items: pa.Array) -> Mapping[str, int]:
        """Take items out of the index; returns how many exports held some."""
        held = self.holding(items)
        for export in held:
            known = self._items(export)
            stays = known.filter(pc.invert(pc.is_in(known, value_set=items)))
            # The count first, as what it comes to: cut off here, the next try counts the same.
            with self._database.begin() as connection:
                connection.execute(
                    update(exports)
                    .where(exports.c.id == export)
                    .values(erased=exports.c["items"] - len(stays))
                )
            self._write(export, stays)
        return {"exports": len(held)}

    def _items(self, export: str) -> pa.Array:
        path = self._path(export)
        try:
            return pq.read_table(path).column("item_id").combine_chunks()
        except FileNotFoundError:
            return pa.array([], pa.string())
        except (OSError, pa.ArrowException) as error:
            raise RegisterDamaged(f"{path}: the index of an export cannot be read") from error

    def _write(self, export: str, items: pa.Array) -> None:
        path = self._path(export)
        partial = path.with_name(f".{path.name}.new")
        try:
            self._directory.mkdir(mode=0o700, exist_ok=True)
            pq.write_table(pa.table({"item_id": items}), partial)
            partial.replace(path)
        except OSError as error:
            raise StorageError(f"{path}: {error.strerror or error}") from error

    def _path(self, export: str) -> Path:
        return self._directory / f"{export}.parquet"
