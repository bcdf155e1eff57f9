"""Seal while collecting goes on: one batch fills while the one before it is sealed in a thread."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import datetime

from clearance.collecting.outcome import Considered
from clearance.collecting.seal import Batch, Stamp, Stores


class Sealer:
    """Fills one batch while the one before it is being sealed in a thread."""

    def __init__(
        self,
        stores: Stores,
        stamp: Stamp,
        *,
        items: int,
        seconds: int,
        clock: Callable[[], datetime],
        note: Callable[[Considered], None],
    ) -> None:
        self._stores = stores
        self._stamp = stamp
        self._items = items
        self._seconds = seconds
        self._clock = clock
        self._note = note
        self._batch: Batch | None = None
        self._since = 0.0
        self._sealing: asyncio.Task[None] | None = None
        self._one = asyncio.Lock()

    async def add(self, considered: Considered) -> None:
        """Take in one outcome; waits where a full batch is still being sealed."""
        async with self._one:
            if self._batch is None:
                self._batch = Batch(
                    self._stores, run=self._stamp.run.id, policy=self._stamp.policy, clock=self._clock
                )
                self._since = time.monotonic()
            self._batch.add(considered, project=self._stamp.project, use=self._stamp.use)
            # Counted in the same breath: whatever is cancelled after this, batch and report agree.
            self._note(considered)
            if len(self._batch) >= self._items:
                await self._begin()

    async def tick(self) -> None:
        """Seal a batch that is old enough."""
        async with self._one:
            if self._batch is not None and time.monotonic() - self._since >= self._seconds:
                await self._begin()

    async def close(self) -> None:
        """Seal what there is and wait for it."""
        async with self._one:
            await self._begin()
            await self._settled()

    async def abandon(self) -> None:
        """Undo what is not sealed; a batch that is being sealed is let finish."""
        if self._sealing is not None:
            await asyncio.wait({self._sealing})
        if self._batch is not None:
            self._batch.abandon()
            self._batch = None

    async def _begin(self) -> None:
        await self._settled()
        if self._batch is not None:
            batch, self._batch = self._batch, None
            self._sealing = asyncio.create_task(asyncio.to_thread(batch.seal))

    async def _settled(self) -> None:
        if self._sealing is not None:
            # Forgotten only once it has ended: who is cancelled here must not start a second one beside it.
            await asyncio.shield(self._sealing)
            self._sealing = None
