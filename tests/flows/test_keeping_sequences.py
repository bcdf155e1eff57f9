"""Whatever is done in whatever order, the register verifies and the counts agree."""

import shutil
import tempfile
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from typing_extensions import override

import clearance
from clearance.collecting import utc_now
from clearance.workspace.restoring import Restoring, restore
from clearance.workspace.retention import Retentions
from pictures_made import photograph
from sites import Site
from workspaces import Tried

PICTURES = 6


class Sequences(RuleBasedStateMachine):
    """Collect, erase, sweep, back up and restore one workspace; `erased` must never come back."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.site = Site()
        self.site.__enter__()
        self.erased: set[str] = set()
        self.backup: Path | None = None
        self.restored = 0

    @initialize()
    def begin(self) -> None:
        """A workspace with a project, a source, and a site with pictures."""
        self.tried = Tried(self.folder / "w0")
        self.tried.project()
        self.tried.source("archive", self.site.host)
        self.urls = [self.site.serve(f"/{n}.jpg", photograph(seed=n)) for n in range(PICTURES)]

    @rule(chosen=st.sets(st.integers(0, PICTURES - 1), min_size=1))
    def collect(self, chosen: set[int]) -> None:
        """Collect some pictures; what was erased for good is left out."""
        self.tried.collect([self.urls[n] for n in sorted(chosen)])

    @rule(number=st.integers(0, PICTURES - 1))
    def erase(self, number: int) -> None:
        """Erase one picture, if it is there."""
        with clearance.open(self.tried.root) as here:
            if here.erasures.preview(url=self.urls[number])["items"]:
                here.erasures.erase(url=self.urls[number], reason="request")
                self.erased.add(self.urls[number])

    @rule(years=st.integers(0, 4))
    def sweep(self, years: int) -> None:
        """Look at the clocks some years on."""
        with clearance.open(self.tried.root) as here:
            later = utc_now() + timedelta(days=365 * years)
            Retentions(here.holding, here.projects, here.licences, clock=lambda: later).sweep()

    @rule()
    def back_up(self) -> None:
        """Make a backup, in place of the one before."""
        if self.backup is not None:
            shutil.rmtree(self.backup.parent)
        with clearance.open(self.tried.root) as here:
            made = here.backups.make(self.folder / f"backup{self.restored}", with_root_key=True)
        self.backup = Path(made["backup"])

    @precondition(lambda self: self.backup is not None)
    @rule()
    def restore(self) -> None:
        """Lose the workspace; restore the backup with the trail as it stood at the end."""
        assert self.backup is not None
        lost = self.tried.root
        self.restored += 1
        root = self.folder / f"w{self.restored}"
        report = restore(self.backup, root, Restoring(trail=lost))
        assert report["can_sign"], report
        self.tried.root = root
        shutil.rmtree(lost)

    @invariant()
    def holds(self) -> None:
        """The register verifies; records, tombstones and pictures add up; nothing erased is there."""
        if not hasattr(self, "tried"):
            return
        verified = self.tried.verified()
        assert verified["problems"] == []
        everything = self.tried.items(include_superseded=True)
        assert verified["items"] == len(everything)
        with clearance.open(self.tried.root) as here:
            assert verified["erased"] == sum(here.retention.status()["erased"].values())
            amounts = here.holding.stores.vault.amounts()
        assert verified["pictures"] == sum(items for items, _ in amounts.values())
        assert self.erased.isdisjoint(item["url"] for item in everything)

    @override
    def teardown(self) -> None:
        """Stop the site and clear the folder."""
        self.site.__exit__()
        shutil.rmtree(self.folder)


TestSequences = pytest.mark.control("C2.1", "C3.2", "C3.4", "C5.4")(Sequences.TestCase)
TestSequences.settings = settings(
    max_examples=6,
    stateful_step_count=8,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
