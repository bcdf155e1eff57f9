"""Rows of a Lance dataset that are erased for good: deleted by item, then purged from every file.

Source: C3.4; docs/architecture.md, Stores (DELETE is not erasure).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import lance
import pyarrow as pa

from clearance.errors import StorageError

_ROWS_A_FILE = 1 << 17
"""Erasing one row writes a file anew: at 2 KB a record that is 260 MB at most."""
_INDEX_FROM_ROWS = 50_000
"""Below this a scan is as fast as an index, and every append stays cheaper."""


def erase_rows(uri: str, items: pa.Array | pa.ChunkedArray) -> None:
    """Delete rows by their `item_id`, and purge what is deleted from every file of the dataset.

    Rows are found by joining ids, not by a condition: Lance writes conditions into its history, where the id
    would stand for ever. An id tells nothing, but an address would.

    Raises:
        StorageError: the disk is full or does not answer.
    """
    try:
        if len(items):
            by_id = lance.dataset(uri).merge_insert("item_id").when_matched_delete()
            by_id.execute(pa.table({"item_id": items}))
        purge_rows(uri)
    except (OSError, pa.ArrowException) as error:
        raise StorageError(f"{uri}: {error}") from error


def index_rows(uri: str, columns: Sequence[str]) -> None:
    """Purge a dataset, and index columns once there are enough rows to find something among."""
    purge_rows(uri)
    dataset = lance.dataset(uri)
    if dataset.count_rows() >= _INDEX_FROM_ROWS:
        if dataset.list_indices():
            dataset.optimize.optimize_indices()
        else:
            for column in columns:
                dataset.create_scalar_index(column, "BTREE")
    dataset.cleanup_old_versions(older_than=timedelta(0))


def purge_rows(uri: str) -> None:
    """Write files that hold deleted rows anew without them, and remove every file of the past.

    Small files bound what one deletion writes anew. Nobody else writes here while the workspace is locked, so
    files that no version knows are leftovers.
    """
    lance.dataset(uri).optimize.compact_files(
        target_rows_per_fragment=_ROWS_A_FILE,
        materialize_deletions=True,
        materialize_deletions_threshold=0.0,
    )
    lance.dataset(uri).cleanup_old_versions(older_than=timedelta(0), delete_unverified=True)
