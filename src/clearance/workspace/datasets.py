"""What goes out: kept pictures, decrypted one by one, for a use that their basis grants."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from clearance.collecting import Verdict, utc_now
from clearance.curating import ExportFormat, Sample, check_target, write_samples
from clearance.governing import Permission, SharedAction
from clearance.identifiers import sha256_of
from clearance.policy import Outcome, RuleId, TwoPersons
from clearance.register import ItemFilter, StoredItem
from clearance.sourcing import Basis, Grant, may_use
from clearance.workspace.holding import Holding, one_of
from clearance.workspace.origins import Licences
from clearance.workspace.people import Approvals
from clearance.workspace.plain import sample_of
from clearance.workspace.promises import Projects
from clearance.workspace.retention import Retentions


class Datasets:
    """Exports of a workspace."""

    def __init__(
        self, holding: Holding, projects: Projects, licences: Licences, retention: Retentions
    ) -> None:
        self._holding = holding
        self._projects = projects
        self._licences = licences
        self._retention = retention

    def export(self, directory: Path, *, project: str, form: str, use: str = "train") -> dict[str, Any]:
        """Export a project's kept pictures for a use; what is not granted is withheld and counted.

        Raises:
            BadInput: a value cannot be used, or the folder holds something.
            Refused: so many pictures take two persons, and nobody else has agreed so far (C5.1); or another
                process is changing the workspace.
        """
        self._holding.require(Permission.EXPORT)
        self._projects.get(project)
        grant = one_of(Grant, use, what="--use")
        chosen = one_of(ExportFormat, form, what="--format")
        check_target(directory)
        self._holding.check_outside(directory)
        withheld: dict[str, int] = {}
        cleared = self._cleared(project, grant, withheld)
        where = directory.resolve()
        self._check_bulk(cleared, f"{project!r} as {chosen.value} for {grant.value} into {where}")
        self._holding.note_read(
            "dataset export", items=len(cleared), project=project, use=grant.value, format=chosen.value
        )
        # Nothing may be erased, nor its licence change, while it is on its way out. The index is told first:
        # an export that breaks off leaves copies, too.
        with self._holding.locked():
            self._holding.publish_policy()
            if cleared:
                self._holding.exports.add(
                    sorted(cleared),
                    project=project,
                    directory=where,
                    form=chosen.value,
                    use=grant.value,
                    now=utc_now(),
                )
                self._holding.log_event("dataset-exported", items=len(cleared), use=grant.value)
            files, count = write_samples(self._samples(project, cleared), directory, chosen)
        return {
            "exported": count,
            "withheld": withheld,
            "files": [str(file) for file in files],
            "format": chosen.value,
            "use": grant.value,
        }

    def _cleared(self, project: str, grant: Grant, withheld: dict[str, int]) -> frozenset[str]:
        """Return the ids of kept pictures that pass the use gate; `withheld` counts the others."""
        policy = self._holding.policy
        licences = self._licences.by_id()
        now = utc_now()
        cleared: set[str] = set()
        overdue = self._retention.overdue()
        for stored in self._kept(project):
            record = stored.record
            decision = may_use(
                basis=Basis(record["basis"]),
                open_licence=record["licence"],
                licence=licences.get(record["licence"]),
                grant=grant,
                now=now,
                policy=policy,
            )
            if record["item_id"] in overdue:
                # What should be gone leaves no more, also before it is swept (C3.2).
                withheld[RuleId.RETENTION.value] = withheld.get(RuleId.RETENTION.value, 0) + 1
                continue
            if decision.outcome is Outcome.ALLOW:
                cleared.add(record["item_id"])
                continue
            for reason in decision.reasons:
                withheld[reason.key] = withheld.get(reason.key, 0) + 1
        return frozenset(cleared)

    def _check_bulk(self, cleared: frozenset[str], what: str) -> None:
        """Ask for a second person where many pictures would leave; they agree to these and no others."""
        if len(cleared) <= self._holding.policy.parameters(TwoPersons).bulk_export_items:
            return
        selection = sha256_of("\n".join(sorted(cleared)).encode())
        subject = f"{len(cleared)} pictures of project {what}, selection {selection}"
        Approvals(self._holding).needed(SharedAction.BULK_EXPORT, subject)

    def _samples(self, project: str, cleared: frozenset[str]) -> Iterator[Sample]:
        """Stream pictures out of the vault."""
        vault = self._holding.stores.vault
        for stored in self._kept(project):
            if stored.record["item_id"] in cleared:
                yield sample_of(stored.record, vault.read(stored.shard, stored.shard_entry))

    def _kept(self, project: str) -> Iterator[StoredItem]:
        return self._holding.stores.items.records(ItemFilter(project=project, decision=Verdict.KEPT))
