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
    from clearance.collecting import RecheckTally, SurveyProgress, Tally


_Show = Callable[[int, int, str], None]
"""How many of how many are done, and a few words."""


@contextmanager
def shown() -> Iterator[Callable[[Tally], None]]:
    """Show a collection as it goes on."""
    started = time.monotonic()
    with _line("asking the hosts") as show:

        def watch(tally: Tally) -> None:
            rate = tally.considered / max(time.monotonic() - started, 0.001)
            verdicts = ", ".join(
                f"{count} {verdict.value}" for verdict, count in sorted(tally.verdicts.items())
            )
            words = f"{rate:.0f}/s  {verdicts}  {tally.hosts_waiting} hosts waiting"
            show(tally.considered, tally.planned, words)

        yield watch


@contextmanager
def survey_shown() -> Iterator[Callable[[SurveyProgress], None]]:
    """Show a survey as it goes on."""
    with _line("asking the hosts") as show:

        def watch(progress: SurveyProgress) -> None:
            show(progress.asked, progress.hosts, f"hosts asked, {progress.pictures} addresses weighed")

        yield watch


@contextmanager
def recheck_shown() -> Iterator[Callable[[RecheckTally], None]]:
    """Show a re-check as it goes on."""
    with _line("asking again") as show:

        def watch(tally: RecheckTally) -> None:
            words = ", ".join(f"{count} {outcome.value}" for outcome, count in tally.outcomes.items())
            show(tally.outcomes.total(), tally.planned, words)

        yield watch


@contextmanager
def steps_shown() -> Iterator[Callable[[str, int, int], None]]:
    """Show work in several steps as it goes on: what is done, how much of it, of how much."""
    with _line("beginning") as show:
        yield lambda what, done, planned: show(done, planned, what)


@contextmanager
def _line(words: str) -> Iterator[_Show]:
    """Give what draws the live line; without a terminal nothing is shown."""
    if not sys.stderr.isatty():
        yield _nothing
        return
    columns = (
        BarColumn(),
        TextColumn("{task.completed}/{task.total}"),
        TimeElapsedColumn(),
        TextColumn("{task.description}"),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(words, total=None)

        def show(done: int, planned: int, words: str) -> None:
            progress.update(task, total=planned, completed=done, description=words)

        yield show


def _nothing(done: int, planned: int, words: str) -> None:
    """Show nothing."""
