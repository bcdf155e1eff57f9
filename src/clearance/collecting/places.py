"""How many pictures may still be kept: places that are taken before a picture is fetched and given back if it
is not kept.

Taking the place first keeps the promise exactly: nothing is fetched that could not be kept (C3.1, C3.6).
"""

from __future__ import annotations

import asyncio


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
