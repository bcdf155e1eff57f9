"""Which pictures of the vault are copies of each other, found as `match` finds them (C3.1, C4.2)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from clearance.fingerprints import Strength, own_queries, search
from clearance.governing import Permission
from clearance.identifiers import ItemId
from clearance.policy import MatchLimits
from clearance.workspace.holding import Holding

_KEPT_AT_ONCE = 1000


class Copies:
    """The copies of a workspace."""

    def __init__(self, holding: Holding) -> None:
        self._holding = holding

    def find(self, *, watch: Callable[[int, int], None] = lambda _done, _planned: None) -> dict[str, Any]:
        """Look for copies of every picture that was examined and not looked for yet, among all of them.

        Raises:
            WorkspaceBusy: another process is changing the workspace.
        """
        self._holding.require(Permission.CURATE)
        limits = self._holding.policy.parameters(MatchLimits)
        fingerprints, copies = self._holding.fingerprints, self._holding.copies
        with self._holding.locked():
            examined = frozenset(map(ItemId, fingerprints.examined_items().to_pylist()))
            new = examined - copies.looked_at()
            known = copies.known() if new else {}
            links: list[tuple[ItemId, ItemId]] = []
            looked_at: list[ItemId] = []
            for done, (item, query) in enumerate(own_queries(fingerprints, new), start=1):
                found = search(fingerprints, query, limits)
                links += [(item, each.item) for each in found if each.strength is Strength.MATCH]
                looked_at.append(item)
                watch(done, len(new))
                if len(looked_at) >= _KEPT_AT_ONCE:
                    copies.link(links, looked_at=looked_at, known=known)
                    links, looked_at = [], []
            copies.link(links, looked_at=looked_at, known=known)
            clusters = copies.clusters()
        return {"looked_at": len(new), "copies": len(clusters), "clusters": len(set(clusters.values()))}
