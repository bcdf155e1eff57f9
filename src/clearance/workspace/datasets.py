"""Dataset versions: weighed, audited, frozen, shown, compared, verified, and shrunk by recall.

Source: C1.3, C2.1, C4.2, C5.4.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from clearance.collecting import Verdict, utc_now
from clearance.curating import SetKind, Version
from clearance.errors import BadInput, IntegrityError, Refused
from clearance.governing import Access, Permission, access
from clearance.identifiers import sha256_of
from clearance.policy import AuditConventions, RuleId
from clearance.workspace.auditing import Audits
from clearance.workspace.copying import Copies
from clearance.workspace.examining import Examinations
from clearance.workspace.exporting import Exports
from clearance.workspace.holding import Holding, one_of
from clearance.workspace.origins import Licences, Sources
from clearance.workspace.promises import Projects
from clearance.workspace.rechecking import Rechecks
from clearance.workspace.retention import Retentions
from clearance.workspace.selecting import MAX_LISTED, Selected, Selecting
from clearance.workspace.verifying import unknown_followers, verified

HEAD_VERSION = 1


Step = Callable[[str, int, int], None]
"""What a freeze is doing, how much of it is done, and of how much."""


def _unseen(_what: str, _done: int, _planned: int) -> None:
    """Tell nobody."""


class Datasets:
    """The dataset versions of a workspace."""

    def __init__(
        self,
        holding: Holding,
        *,
        projects: Projects,
        sources: Sources,
        licences: Licences,
        retention: Retentions,
        rechecks: Rechecks,
        examinations: Examinations,
        copies: Copies,
        audits: Audits,
        exports: Exports,
    ) -> None:
        self._holding = holding
        self._projects = projects
        self._sources = sources
        self._licences = licences
        self._retention = retention
        self._rechecks = rechecks
        self._examinations = examinations
        self._copies = copies
        self._audits = audits
        self._exports = exports

    def check(self, *, project: str, kind: str = SetKind.CREATIVE) -> dict[str, Any]:
        """Say which pictures of a project are cleared to train as things stand; nothing is changed."""
        self._holding.require(Permission.FREEZE)
        self._projects.get(project)
        chosen = one_of(SetKind, kind, what="--kind")
        selected = self._selecting().select(project, chosen)
        self._holding.note_read("dataset check", items=selected.considered, project=project)
        return self._report(selected, project=project, kind=chosen)

    def freeze(
        self,
        name: str,
        *,
        project: str,
        kind: str = SetKind.CREATIVE,
        step: Step = _unseen,
    ) -> dict[str, Any]:
        """Freeze the pictures of a project that are cleared to train as the first version of a dataset.

        Steps: 1 hosts whose signals were read too long ago are asked again, where the actor may; 2 pictures
        that nobody looked at are examined; 3 copies are found; 4 the gate weighs every picture; 5 the balance
        of those that pass is audited; 6 the version is written and put into the log.

        Raises:
            BadInput: the name is taken or none, or there is no such project.
            Refused: nothing is cleared, or the policy asks for targets and none are stated.
            WorkspaceBusy: another process is changing the workspace.
        """
        self._holding.require(Permission.FREEZE)
        self._projects.get(project)
        chosen = one_of(SetKind, kind, what="--kind")
        self._holding.versions.check_name(name)
        self._prepare(project, step)
        with self._holding.locked():
            self._holding.publish_policy()
            self._holding.versions.check_name(name)
            selected = self._selecting().select(project, chosen)
            self._holding.note_read("dataset freeze", items=selected.considered, project=project)
            return self._freeze(selected, name=name, project=project, kind=chosen, parent=None)

    def shrink(self, name: str, *, step: Step = _unseen) -> dict[str, Any]:
        """Freeze a new version of a dataset without the members that may not stay: erased since, or no longer
        cleared (C5.4). A version never grows.

        Raises:
            BadInput: there is no such dataset, or it was named with a number that is not its newest version.
            Refused: nothing would be left.
        """
        self._holding.require(Permission.FREEZE)
        parent = self._newest(name)
        self._prepare(parent.project, step)
        with self._holding.locked():
            self._holding.publish_policy()
            parent = self._newest(name)
            if unknown_followers(self._holding, parent):
                raise Refused(
                    f"{parent.reference} was followed by a smaller version that the control database does not"
                    " know (C2.1): after a restore, freeze under a new name"
                )
            members = frozenset(self._holding.versions.manifest(parent).items().to_pylist())
            stays = self._stay(parent, members)
            selected = self._selecting().select(parent.project, parent.kind, only=stays)
            self._holding.note_read("dataset shrink", items=selected.considered, version=parent.reference)
            gone = parent.items - len(selected.items)
            # A member whose record was replaced stays under its new id, and that takes a new version, too.
            if not gone and selected.items == members:
                return {**self._shown(parent), "dropped": 0, "is_new": False}
            frozen = self._freeze(
                selected, name=parent.name, project=parent.project, kind=parent.kind, parent=parent
            )
            return {**frozen, "dropped": gone, "is_new": True}

    def list(self) -> list[dict[str, Any]]:
        """Return all versions, oldest first."""
        self._holding.require(Permission.VIEW)
        versions = self._holding.versions.list()
        return [self._shown(version, among=versions) for version in versions]

    def show(self, reference: str) -> dict[str, Any]:
        """Return a version with its audit and what became of its members since."""
        self._holding.require(Permission.VIEW)
        version = self._holding.versions.get(reference)
        shown, replaced = self._shown(version), self._replaced(version)
        is_newest = shown["superseded_by"] is None
        return {
            **shown,
            "held_or_replaced": replaced,
            "needs_shrinking": is_newest and bool(shown["erased"] or replaced),
            "audit": self._holding.versions.audit(version),
        }

    def diff(self, one: str, other: str) -> dict[str, Any]:
        """Compare two versions member by member; their ids, for the records of them are read elsewhere."""
        self._holding.require(Permission.READ)
        first, second = self._holding.versions.get(one), self._holding.versions.get(other)
        before, after = self._members(first), self._members(second)
        self._holding.note_read("dataset diff", items=len(before) + len(after))
        return {
            "from": first.reference,
            "to": second.reference,
            "added": sorted(after - before),
            "removed": sorted(before - after),
            "kept": len(before & after),
            "erased": {
                version.reference: len(self._holding.versions.manifest(version).erased())
                for version in (first, second)
            },
            "facts": _changed(first.facts, second.facts),
        }

    def verify(self, reference: str, *, pictures: bool = True) -> dict[str, Any]:
        """Compute a version again and, unless left out, open every picture of it in the vault."""
        self._holding.require(Permission.VERIFY)
        version = self._holding.versions.get(reference)
        return verified(self._holding, version, pictures=pictures)

    def export(self, reference: str, directory: Path, *, form: str, use: str = "train") -> dict[str, Any]:
        """Export a version for a use; what may not leave today is withheld and counted."""
        self._holding.require(Permission.EXPORT)
        return self._exports.export(reference, directory, form=form, use=use)

    def _prepare(self, project: str, step: Step) -> None:
        # 1
        if access(self._holding.actor, Permission.COLLECT) is Access.ALLOWED:
            self._rechecks.recheck(
                project=project,
                watch=lambda tally: step("asking hosts again", tally.outcomes.total(), tally.planned),
            )
        # 2
        self._examinations.examine(
            project=project, watch=lambda tally: step("looking at pictures", tally.done, tally.planned)
        )
        # 3
        self._copies.find(watch=lambda done, planned: step("looking for copies", done, planned))

    def _freeze(
        self, selected: Selected, *, name: str, project: str, kind: SetKind, parent: Version | None
    ) -> dict[str, Any]:
        """Do steps 5 and 6; the workspace is locked."""
        report = self._report(selected, project=project, kind=kind)
        if not selected.items:
            if not selected.considered:
                raise Refused(f"nothing of project {project!r} is cleared to train: it has no pictures")
            why = ", ".join(f"{count} {reason}" for reason, count in selected.withheld.most_common())
            raise Refused(
                f"nothing of project {project!r} is cleared to train: {why};"
                f" `clearance dataset check --project {project}` names each"
            )
        # 5
        audit = self._audits.attach(project, pa.array(sorted(selected.items), pa.string()))
        if not audit.has_targets and self._holding.policy.parameters(AuditConventions).is_target_required:
            raise Refused(
                f"project {project!r} has no targets that its balance could be held against (rule"
                f" {RuleId.BALANCE_AUDIT}, C4.2): `clearance audit --project {project} --targets FILE`"
            )
        # 6
        members = self._selecting().members(project, selected)
        facts = {
            name: report[name]
            for name in ("considered", "withheld_pictures", "withheld", "clusters", "by_source", "by_basis")
        }
        head = {
            "version": HEAD_VERSION,
            "name": name,
            "number": parent.number + 1 if parent is not None else 1,
            "parent": parent.id if parent is not None else "",
            "project": project,
            "kind": kind.value,
            "policy": self._holding.policy.hash,
            "audit_sha256": sha256_of(audit.content),
            "facts": {**facts, "audit": audit.verdict, "audit_sha256": sha256_of(audit.content)},
        }
        version = self._holding.versions.freeze(
            members,
            head=head,
            audit=audit.content,
            log=self._holding.stores.log,
            by=self._holding.actor.name,
            now=utc_now(),
        )
        return {**self._shown(version), **report, "log_size": self._holding.stores.log.size}

    def _selecting(self) -> Selecting:
        return Selecting(self._holding, self._sources, self._licences, self._retention, now=utc_now())

    def _report(self, selected: Selected, *, project: str, kind: SetKind) -> dict[str, Any]:
        items = self._holding.stores.items
        chosen = pa.array(sorted(selected.items), pa.string())
        rows = items.rows(["source", "basis"], key="item_id", values=chosen)
        policy = self._holding.policy
        return {
            "project": project,
            "kind": kind.value,
            "considered": selected.considered,
            "items": len(selected.items),
            "withheld_pictures": selected.withheld_pictures,
            "withheld": dict(selected.withheld.most_common()),
            "clusters": len(selected.clusters),
            **{
                f"by_{name}": {
                    entry["values"]: entry["counts"] for entry in rows.column(name).value_counts().to_pylist()
                }
                for name in ("source", "basis")
            },
            "withheld_items": [
                {
                    "item": entry["item"],
                    "url": entry["url"],
                    "outcome": entry["decision"].outcome.value,
                    "reasons": [
                        {
                            "control": reason.control,
                            "rule": reason.rule.value,
                            "text": policy.sentence(reason.rule),
                            "detail": reason.detail,
                        }
                        for reason in entry["decision"].reasons
                    ],
                }
                for entry in selected.listed
            ],
            "withheld_items_left_out": max(0, selected.withheld_pictures - MAX_LISTED),
        }

    def _shown(self, version: Version, *, among: tuple[Version, ...] | None = None) -> dict[str, Any]:
        """Return a version as plain values; `among` are all versions, where they were read already."""
        manifest = self._holding.versions.manifest(version)
        known = self._holding.versions.list() if among is None else among
        newest = max(each.number for each in known if each.name == version.name)
        erased = len(manifest.erased())
        return {
            "dataset": version.name,
            "version": version.number,
            "reference": version.reference,
            "id": version.id,
            "parent": version.parent or None,
            "project": version.project,
            "kind": version.kind.value,
            "items": version.items,
            "erased": erased,
            "superseded_by": f"{version.name}@{newest}" if newest > version.number else None,
            "needs_shrinking": bool(erased) and newest == version.number,
            "frozen_at": version.frozen_at.isoformat(),
            "frozen_by": version.frozen_by,
            "policy": version.policy,
            "root": version.root,
            "log_index": version.log_index,
            "facts": dict(version.facts),
        }

    def _replaced(self, version: Version) -> int:
        """Count the members whose record is held by now, or was replaced by another."""
        members = self._holding.versions.manifest(version).items()
        rows = self._holding.stores.items.rows(["decision", "superseded"], key="item_id", values=members)
        stands = pc.and_(
            pc.equal(rows.column("decision"), Verdict.KEPT.value), pc.invert(rows.column("superseded"))
        )
        return len(members) - int(pc.sum(stands).as_py() or 0)

    def _newest(self, name: str) -> Version:
        version = self._holding.versions.get(name)
        newest = self._holding.versions.get(version.name)
        if newest.id != version.id:
            raise BadInput(f"{version.reference} was followed by {newest.reference}: shrink that one")
        return version

    def _stay(self, parent: Version, members: frozenset[str]) -> frozenset[str]:
        """Return which members may stay, by their ids of today: a record that was replaced by one of the same
        bytes goes on under its new id.
        """
        content = {member.item_id: member for member in self._holding.versions.members(parent)}
        if len(content) != len(members):
            raise IntegrityError(f"{parent.reference}: its manifest does not hold together")
        known = pa.array(sorted({member.url for member in content.values()}), pa.string())
        rows = self._holding.stores.items.rows(
            ["item_id", "url", "project", "sha256", "superseded"], key="url", values=known
        )
        frozen = {(member.url, member.sha256) for member in content.values()}
        return frozenset(
            row["item_id"]
            for row in rows.to_pylist()
            if row["project"] == parent.project
            and not row["superseded"]
            and (row["url"], row["sha256"]) in frozen
        )

    def _members(self, version: Version) -> set[str]:
        return set(self._holding.versions.manifest(version).items().to_pylist())


def _changed(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, list[Any]]:
    names = sorted({*one, *other})
    return {name: [one.get(name), other.get(name)] for name in names if one.get(name) != other.get(name)}
