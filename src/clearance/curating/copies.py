"""Copies: which pictures of the vault are one and the same, and which of them goes into a dataset.

A cluster is named after one of its items. Whatever links two pictures links their clusters: a crop of a copy
is a copy. Clusters are kept and grow; they are taken apart only by erasing items.

Source: C3.1, C4.2.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import assert_never

import pyarrow as pa
from sqlalchemy import delete, func, insert, select

from clearance.curating.tables import copies
from clearance.database import Database
from clearance.identifiers import ItemId
from clearance.parts import in_parts
from clearance.sourcing import Basis

_AT_ONCE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyOf:
    """What decides which copy of a picture is the best one."""

    item: ItemId
    basis: Basis
    pixels: int
    """Of the kept picture."""
    received_pixels: int
    """Of the picture as it was received: the kept ones all have the same bound."""
    collected_at: str


def best_copy(cluster: Sequence[CopyOf]) -> CopyOf:
    """Return the copy that goes into a dataset: by rights, then by quality, then the one that came first.

    Raises:
        ValueError: there is none to choose from.
    """
    return min(
        cluster,
        key=lambda copy: (
            _rights(copy.basis),
            -copy.pixels,
            -copy.received_pixels,
            copy.collected_at,
            copy.item,
        ),
    )


def _rights(basis: Basis) -> int:
    """Return a rank: a contract says most, an exception least (C4.3)."""
    match basis:
        case Basis.LICENCE:
            return 0
        case Basis.OWN_WORK:
            return 1
        case Basis.PUBLIC_DOMAIN:
            return 2
        case Basis.OPEN_LICENCE:
            return 3
        case Basis.TDM_EXCEPTION:
            return 4
        case _ as never:
            assert_never(never)


def joined(links: Iterable[tuple[ItemId, ItemId]], known: Mapping[ItemId, ItemId]) -> dict[ItemId, ItemId]:
    """Return the clusters that change when links are added to those known: each item with its cluster's name.

    The order of links does not matter; the name of a cluster is its lowest item.
    """
    parent: dict[ItemId, ItemId] = {}

    def root(item: ItemId) -> ItemId:
        found = parent.setdefault(item, known.get(item, item))
        while found != item:
            # Halve the way for whoever comes next.
            above = parent.setdefault(found, known.get(found, found))
            parent[item] = above
            item, found = found, above
        return item

    linked: set[ItemId] = set()
    for one, other in links:
        first, second = sorted((root(one), root(other)))
        parent[second] = first
        linked |= {one, other}
    # The name of a cluster may be that of an item that was erased: it is no member.
    touched = {item: root(item) for item in linked}
    # Members that no link names follow their cluster.
    moved = {item: root(cluster) for item, cluster in known.items() if cluster in parent}
    return {item: cluster for item, cluster in {**touched, **moved}.items() if known.get(item) != cluster}


class CopyStore:
    """The clusters of one workspace; an item that has no copies is a cluster of its own."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def clusters(self) -> dict[ItemId, ItemId]:
        """Return every item that has copies, with its cluster."""
        known = self.known()
        sizes = Counter(known.values())
        return {item: cluster for item, cluster in known.items() if sizes[cluster] > 1}

    def looked_at(self) -> frozenset[ItemId]:
        """Return the items whose copies were looked for; one found as a copy need not be among them."""
        query = select(copies.c.item).where(copies.c.is_looked_at)
        with self._database.begin() as connection:
            return frozenset(ItemId(item) for (item,) in connection.execute(query))

    def known(self) -> dict[ItemId, ItemId]:
        """Return every item that was met, with its cluster."""
        with self._database.begin() as connection:
            rows = connection.execute(select(copies.c.item, copies.c.cluster))
            return {ItemId(item): ItemId(cluster) for item, cluster in rows}

    def link(
        self,
        links: Iterable[tuple[ItemId, ItemId]],
        *,
        looked_at: Collection[ItemId],
        known: dict[ItemId, ItemId],
    ) -> None:
        """Put linked items into clusters, and note whose copies were looked for.

        `known` is what `known()` returned, and is kept up to date: whoever links part by part asks once.
        """
        changed = joined(links, known)
        written = {**{item: known.get(item, item) for item in looked_at}, **changed}
        done = frozenset(looked_at)
        with self._database.begin() as connection:
            for part in in_parts(sorted(written), _AT_ONCE):
                query = select(copies.c.item).where(copies.c.item.in_(part), copies.c.is_looked_at)
                before = {ItemId(item) for (item,) in connection.execute(query)}
                connection.execute(delete(copies).where(copies.c.item.in_(part)))
                rows = [
                    {
                        "item": item,
                        "cluster": written[ItemId(item)],
                        "is_looked_at": item in done or item in before,
                    }
                    for item in part
                ]
                connection.execute(insert(copies), rows)
        known.update(written)

    def forget(self, items: pa.Array) -> Mapping[str, int]:
        """Take erased items out of their clusters; a cluster that was named after one keeps its name, which
        tells nothing.
        """
        gone = 0
        with self._database.begin() as connection:
            for part in in_parts(items.to_pylist(), _AT_ONCE):
                of = copies.c.item.in_(part)
                gone += connection.execute(select(func.count()).select_from(copies).where(of)).scalar_one()
                connection.execute(delete(copies).where(of))
        return {"copies": gone}
