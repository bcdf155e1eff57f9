"""Workspaces for tests: real ones, in a temporary folder, allowed to visit loopback."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import clearance
from clearance.collecting import utc_now
from clearance.sourcing import TermsState, without_text
from clearance.workspace import Workspace
from command_line import run

_WRITTEN = {
    "likelihood": "possible",
    "severity": "moderate",
    "residual_likelihood": "unlikely",
    "residual_severity": "minor",
    "pictured": "none-expected",
    "decision": "proceed",
}
QUICK = {"max_concurrent": 4, "min_delay_s": 0.0, "latency_factor": 0.0}


def filled(form: str) -> str:
    """Fill in the form of a risk analysis with words that hold for any project."""
    written = re.sub(r'(\w+): "\?"', lambda m: f"{m[1]}: {_WRITTEN.get(m[1], 'written by the test')}", form)
    return written.replace('["?"]', "[written by the test]")


def sign_risk(here: Workspace, project: str) -> dict[str, Any]:
    """Sign a risk analysis that covers every source there is."""
    form = here.root / "analysis.yaml"
    here.risks.draft(project, file=form)
    form.write_text(filled(form.read_text()))
    signed = here.risks.sign(project, by="Test Person", file=form)
    form.unlink()
    return signed


def copied(workspace: Path, to: Path) -> Tried:
    """Copy a workspace; the copy keeps its log's newest checkpoint beside itself, or the two would fork."""
    copy = Tried.__new__(Tried)
    copy.root = Path(shutil.copytree(workspace, to))
    settings = copy.root / "clearance.toml"
    head = to.with_name(f"{to.name}.head")
    settings.write_text(re.sub(r"(?m)^head = .*$", f'head = "{head}"', settings.read_text()))
    return copy


class Tried:
    """A workspace that a test tries things on; every call opens it anew, as the command line does."""

    def __init__(self, root: Path, *, database: str = "") -> None:
        self.root = root
        Workspace.create(
            root, organisation="Test & Söhne", contact="https://example.org/bot", database=database
        )
        self.configure("allow_private_addresses = []", 'allow_private_addresses = ["127.0.0.0/8"]')
        # A few small pictures wait for no second process to start; `test_cage` tries several.
        self.configure("inspectors = 0", "inspectors = 1")
        # A reader takes seconds to load; what it does is tried where it matters.
        self.configure("reads_text = true", "reads_text = false")

    def configure(self, old: str, new: str) -> None:
        """Change a line of clearance.toml."""
        path = self.root / "clearance.toml"
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new, 1))

    def policy(self, old: str, new: str) -> None:
        """Change a line of policy.yaml."""
        path = self.root / "policy.yaml"
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new, 1))

    def project(self, **changes: Any) -> None:
        """Record the project that the test collects for."""
        values = {"name": "p", "purpose": "to test", "use": "generative-training", "target": 1000, **changes}
        with clearance.open(self.root) as here:
            here.projects.create(**values)

    def source(
        self, name: str, *hosts: str, basis: str = "public-domain", reviewed: bool = True, **changes: Any
    ) -> None:
        """Register a source that may be visited quickly; unless said otherwise, a person found no terms there."""
        with clearance.open(self.root) as here:
            here.sources.add(
                **{
                    "name": name,
                    "hosts": hosts,
                    "basis": basis,
                    "diligence": "made by the test",
                    "pace": QUICK,
                    **changes,
                }
            )
            if reviewed:
                url = f"http://{hosts[0].lstrip('*.') or 'example.org'}/"
                none = without_text(TermsState.NONE_FOUND, source=name, url=url, at=utc_now(), status=404)
                here.terms.record(name, none)
                here.terms.review(name, "permits", "Test Person")

    def table(self, urls: list[str], name: str = "urls.txt") -> Path:
        """Write a table of URLs."""
        path = self.root / name
        path.write_text("\n".join(urls))
        return path

    def sign(self, project: str = "p") -> dict[str, Any]:
        """Sign a risk analysis for the project as it stands, and for every source there is."""
        with clearance.open(self.root) as here:
            return sign_risk(here, project)

    def collect(self, table: Path | list[str], *, signs: bool = True, **options: Any) -> dict[str, Any]:
        """Collect a table for the project; a risk analysis is signed first where none holds."""
        path = self.table(table) if isinstance(table, list) else table
        with clearance.open(self.root) as here:
            if signs:
                standing = here.risks.show("p")
                if standing["state"] != "current" or standing["not_covered"]:
                    sign_risk(here, "p")
            return here.collect(path, project="p", **options)

    def freeze(self, name: str = "set", **options: Any) -> dict[str, Any]:
        """Freeze what is cleared of the project."""
        with clearance.open(self.root) as here:
            return here.datasets.freeze(name, **{"project": "p", **options})

    def export(self, directory: Path, *, name: str = "set", **options: Any) -> dict[str, Any]:
        """Freeze what is cleared of the project, where that was not done, and export it."""
        with clearance.open(self.root) as here:
            if name not in {each["dataset"] for each in here.datasets.list()}:
                here.datasets.freeze(name, project="p")
            return here.datasets.export(name, directory, **{"form": "webdataset", **options})

    def items(self, **chosen: Any) -> list[dict[str, Any]]:
        """List items."""
        with clearance.open(self.root) as here:
            return here.items.list(**chosen)

    def verified(self) -> dict[str, Any]:
        """Verify the register."""
        with clearance.open(self.root) as here:
            return here.register.verify()

    def run(self, *arguments: str, env: Mapping[str, str] | None = None) -> CompletedProcess[str]:
        """Run the command line in the workspace."""
        return run(*arguments, cwd=self.root, env=env)
