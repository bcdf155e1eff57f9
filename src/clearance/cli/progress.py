"""The live line that long work shows on standard error, where a person looks at it."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

if TYPE_CHECKING:
    from clearance.collecting import Tally


@contextmanager
def shown() -> Iterator[Callable[[Tally], None]]:
    """Show a tally as it changes; without a terminal nothing is shown."""
    if not sys.stderr.isatty():
        yield _nothing
        return
    columns = (
        BarColumn(),
        TextColumn("{task.completed}/{task.total}"),
        TimeElapsedColumn(),
        TextColumn("{task.description}"),
    )
    started = time.monotonic()
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("asking the hosts", total=None)

        def watch(tally: Tally) -> None:
            rate = tally.considered / max(time.monotonic() - started, 0.001)
            verdicts = ", ".join(
                f"{count} {verdict.value}" for verdict, count in sorted(tally.verdicts.items())
            )
            progress.update(
                task,
                total=tally.planned,
                completed=tally.considered,
                description=f"{rate:.0f}/s  {verdicts}  {tally.hosts_waiting} hosts waiting",
            )

        yield watch


def _nothing(tally: Tally) -> None:
    """Show nothing."""
