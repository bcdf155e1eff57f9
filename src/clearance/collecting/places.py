"""How many pictures may still be kept: places that are taken before a picture is fetched and given back if it
is not kept.

Taking the place first keeps the promise exactly: nothing is fetched that could not be kept (C3.1, C3.6).
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from clearance.collecting.outcome import Considered
from clearance.policy import QuotaDefaults
from clearance.sourcing import Source


class Places:
    """A number of places, shared by the tasks of one event loop; `None` means without limit."""

    def __init__(self, free: int | None) -> None:
        self._free = free
        self._taken = 0
        self._changed = asyncio.Condition()

    async def take(self) -> bool:
        """Take a place; wait while all are taken but not all are filled; `False` once all are filled."""
        if self._free is None:
            return True
        async with self._changed:
            await self._changed.wait_for(lambda: not self._free or self._taken < self._free)
            if not self._free:
                return False
            self._taken += 1
            return True

    async def settle(self, *, filled: bool) -> None:
        """End what `take` began: the place is filled for good, or free again."""
        if self._free is None:
            return
        async with self._changed:
            self._taken -= 1
            if filled:
                self._free -= 1
            self._changed.notify_all()


class SourceQuotas:
    """What each source may still give, over all runs (C3.6)."""

    def __init__(self, defaults: QuotaDefaults, given: Mapping[str, tuple[int, int]]) -> None:
        self._defaults = defaults
        self._given = given
        self._items: dict[str, Places] = {}
        self._bytes: dict[str, int] = {}

    async def take(self, source: Source) -> bool:
        """Take a place at a source, or learn that it has none left."""
        items, size = self._given.get(source.name, (0, 0))
        if source.name not in self._items:
            most = source.quotas.max_items or self._defaults.max_items
            self._items[source.name] = Places(max(0, most - items) if most else None)
            self._bytes[source.name] = size
        most_bytes = source.quotas.max_bytes or self._defaults.max_bytes
        if most_bytes and self._bytes[source.name] >= most_bytes:
            return False
        return await self._items[source.name].take()

    async def settle(self, source: Source, considered: Considered | None) -> None:
        """End what `take` began."""
        filled = considered is not None and considered.inspected is not None
        if filled and considered is not None and considered.inspected is not None:
            self._bytes[source.name] += len(considered.inspected.content)
        await self._items[source.name].settle(filled=filled)
