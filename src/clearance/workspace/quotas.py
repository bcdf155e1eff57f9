"""What projects still need and sources may still give: counted in the stores, for runs and for people (C3.1,
C3.6, C4.3).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from clearance.collecting import (
    Amount,
    Needs,
    Quota,
    Verdict,
    overall_quotas,
    project_quota,
)
from clearance.governing import Project
from clearance.keeping import ErasureReason
from clearance.policy import LicensedShare, Policy
from clearance.register import ItemFilter
from clearance.sourcing import Basis, CatalogueStore, Source
from clearance.workspace.holding import Holding

_COUNTED = frozenset(reason.value for reason in ErasureReason if reason.is_for_good)
"""Erasures that make no room at the source."""


class Counts:
    """Counts what was taken, over all runs."""

    def __init__(self, holding: Holding) -> None:
        self._items = holding.stores.items
        self._vault = holding.stores.vault
        self._tombstones = holding.stores.tombstones
        self._catalogues = CatalogueStore(holding.database)

    def taken(self) -> Mapping[str, Amount]:
        """Return what each source has given, for all projects.

        What was pruned, or erased on request, was taken all the same: else one could take, prune and take
        more. What went because its clock had ended makes room again.
        """
        held, gone = self._vault.amounts(), self._tombstones.amounts(_COUNTED)
        amounts = {name: [held.get(name, (0, 0)), gone.get(name, (0, 0))] for name in {*held, *gone}}
        return {
            name: Amount(items=sum(items for items, _ in each), bytes=sum(size for _, size in each))
            for name, each in amounts.items()
        }

    def taken_for(self, project: Project) -> Mapping[str, int]:
        """Return how many pictures each source has given for one project, those held for a person too."""
        return self._items.counts_by("source", ItemFilter(project=project.name, has_bytes=True))

    def quotas(
        self, project: Project, sources: tuple[Source, ...], *, policy: Policy
    ) -> Mapping[str, tuple[Quota, ...]]:
        """Return all quotas of sources, those within a project too, by source."""
        overall = self.overall(sources, policy=policy)
        within = self.within(sources, project, policy=policy)
        return {source.name: (*overall[source.name], *within[source.name]) for source in sources}

    def overall(self, sources: tuple[Source, ...], *, policy: Policy) -> Mapping[str, tuple[Quota, ...]]:
        """Return the quotas of sources that hold over all projects, by source."""
        taken, catalogues = self.taken(), self._catalogues.all()
        return {
            source.name: overall_quotas(
                source,
                policy=policy,
                taken=taken.get(source.name, Amount()),
                catalogue=catalogues.get(source.name),
            )
            for source in sources
        }

    def within(
        self, sources: tuple[Source, ...], project: Project, *, policy: Policy
    ) -> Mapping[str, tuple[Quota, ...]]:
        """Return the quotas of sources that hold within one project, by source."""
        taken = self.taken_for(project)
        return {
            source.name: project_quota(
                source,
                policy=policy,
                project=project.name,
                target=project.target,
                taken=taken.get(source.name, 0),
            )
            for source in sources
        }

    def needs(self, project: Project, *, policy: Policy) -> Needs:
        """Return what a project still needs."""
        by_basis = self._kept("basis", project)
        kept = sum(by_basis.values())
        by_subject = self._kept("subject", project)
        licensed = by_basis.get(Basis.LICENCE, 0)
        return Needs(
            pictures=max(0, project.target - kept),
            subjects={
                subject.name: max(0, subject.target - by_subject.get(subject.name, 0))
                for subject in project.subjects
                if subject.target is not None
            },
            licensed_share=floor_of(project, policy),
            licensed=licensed,
            others=kept - licensed,
        )

    def progress(self, project: Project, *, policy: Policy) -> dict[str, Any]:
        """Return how far a project is, as plain values."""
        needs = self.needs(project, policy=policy)
        by_subject = self._kept("subject", project)
        kept = needs.licensed + needs.others
        # A project is done when it has its pictures, or when each of its subjects has.
        left = min(needs.pictures, sum(needs.subjects.values())) if needs.subjects else needs.pictures
        return {
            "kept": kept,
            "left": left,
            "subjects": [
                {
                    "name": subject.name,
                    "target": subject.target,
                    "kept": by_subject.get(subject.name, 0),
                    "left": needs.subjects.get(subject.name),
                }
                for subject in project.subjects
            ],
            "licensed": {
                "kept": needs.licensed,
                "share": round(needs.licensed / kept, 4) if kept else None,
                "floor": needs.licensed_share,
            },
        }

    def _kept(self, column: str, project: Project) -> Mapping[str, int]:
        return self._items.counts_by(column, ItemFilter(project=project.name, decision=Verdict.KEPT))


def floor_of(project: Project, policy: Policy) -> float:
    """Return the least share of licensed pictures that a project keeps: its own, else the policy's."""
    if project.licensed_share is not None:
        return project.licensed_share
    return policy.parameters(LicensedShare).min_share


def quota_facts(quota: Quota) -> dict[str, Any]:
    """Return a quota as plain values."""
    return {
        "quota": quota.kind.value,
        "most": quota.most,
        "used": quota.used,
        "left": quota.left,
        "from": "source" if quota.is_agreed else "policy",
        "rule": quota.rule.value,
        "detail": quota.detail,
    }
