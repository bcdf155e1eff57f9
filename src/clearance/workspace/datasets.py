"""What goes out: kept pictures, decrypted one by one, for a use that their basis grants."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from clearance.collecting import Verdict, utc_now
from clearance.curating import ExportFormat, Sample, write_samples
from clearance.policy import Outcome
from clearance.register import ItemFilter
from clearance.sourcing import Basis, Grant, may_use
from clearance.workspace.holding import Holding, one_of
from clearance.workspace.origins import Licences
from clearance.workspace.plain import sample_of
from clearance.workspace.promises import Projects


class Datasets:
    """Exports of a workspace."""

    def __init__(self, holding: Holding, projects: Projects, licences: Licences) -> None:
        self._holding = holding
        self._projects = projects
        self._licences = licences

    def export(self, directory: Path, *, project: str, form: str, use: str = "train") -> dict[str, Any]:
        """Export a project's kept pictures for a use; what is not granted is withheld and counted."""
        self._projects.get(project)
        grant = one_of(Grant, use, what="--use")
        chosen = one_of(ExportFormat, form, what="--format")
        withheld: dict[str, int] = {}
        files, count = write_samples(self._samples(project, grant, withheld), directory, chosen)
        if count:
            with self._holding.locked():
                self._holding.log_event("dataset-exported", items=count, use=grant.value)
        return {
            "exported": count,
            "withheld": withheld,
            "files": [str(file) for file in files],
            "format": chosen.value,
            "use": grant.value,
        }

    def _samples(self, project: str, grant: Grant, withheld: dict[str, int]) -> Iterator[Sample]:
        """Stream a project's kept pictures out of the vault, each past the use gate first."""
        policy = self._holding.policy
        licences = self._licences.by_id()
        now = utc_now()
        for stored in self._holding.stores.items.records(ItemFilter(project=project, decision=Verdict.KEPT)):
            record = stored.record
            decision = may_use(
                basis=Basis(record["basis"]),
                open_licence=record["licence"],
                licence=licences.get(record["licence"]),
                grant=grant,
                now=now,
                policy=policy,
            )
            if decision.outcome is not Outcome.ALLOW:
                for reason in decision.reasons:
                    withheld[reason.key] = withheld.get(reason.key, 0) + 1
                continue
            yield sample_of(record, self._holding.stores.vault.read(stored.shard, stored.shard_entry))
