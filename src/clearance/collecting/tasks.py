"""Run coroutines side by side and end them cleanly."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from typing import Any, TypeVar

_T = TypeVar("_T")


async def side_by_side(work: Iterable[Coroutine[Any, Any, None]]) -> None:
    """Run coroutines side by side; the first failure ends them all and is raised as it is."""
    tasks = [asyncio.create_task(each) for each in work]
    try:
        for task in asyncio.as_completed(tasks):
            await task
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def once(
    known: dict[str, asyncio.Task[_T]], key: str, ask: Callable[[], Coroutine[Any, Any, _T]]
) -> _T:
    """Ask once, whoever waits for the answer; one waiter that is cancelled does not end it for the others."""
    if key not in known:
        known[key] = asyncio.create_task(ask())
    return await asyncio.shield(known[key])


async def cancelled(task: asyncio.Task[Any]) -> None:
    """Cancel a task and wait until it has ended."""
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
