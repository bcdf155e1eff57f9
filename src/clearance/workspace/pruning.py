"""What training does not need: proposed first, then erased, with tombstones (C3.1, C3.4)."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pyarrow as pa

from clearance.collecting import Verdict, utc_now
from clearance.governing import Permission
from clearance.identifiers import ItemId, Sha256
from clearance.keeping import Candidate, ErasureReason, Proposal, choose_items, propose
from clearance.policy import Outcome, Policy, PruneLimits
from clearance.register import ItemFilter, StoredItem
from clearance.sourcing import Basis, Grant, Licence, may_use
from clearance.workspace.erasing import erasure_facts
from clearance.workspace.holding import Holding
from clearance.workspace.origins import Licences
from clearance.workspace.promises import Projects


class Prunes:
    """Finds and erases what a project does not need."""

    def __init__(self, holding: Holding, projects: Projects, licences: Licences) -> None:
        self._holding = holding
        self._projects = projects
        self._licences = licences

    def propose(self, *, project: str) -> dict[str, Any]:
        """Say what a project does not need, and why; nothing is changed."""
        self._holding.require(Permission.CURATE)
        return _shown(self._proposals(project))

    def prune(self, *, project: str, by: str = "") -> dict[str, Any]:
        """Erase what a project does not need; what was proposed is worked out anew, under the lock."""
        self._holding.require(Permission.CURATE)
        with self._holding.locked():
            self._holding.publish_policy()
            proposals = self._proposals(project)
            shown = _shown(proposals)
            if not proposals:
                return {**shown, "erasure": None}
            items = pa.array([proposal.item for proposal in proposals], pa.string())
            erasure = self._holding.eraser.erase(
                choose_items(self._holding.stores.items, items),
                reason=ErasureReason.NOT_NEEDED,
                asked_by=by.strip() or self._holding.actor.name,
                others=dict(shown["by_why"]),
            )
        return {
            **shown,
            "erasure": erasure_facts(erasure, certificates=self._holding.keeping.certificates),
        }

    def _proposals(self, project: str) -> tuple[Proposal, ...]:
        purpose = self._projects.get(project)
        return propose(
            tuple(self._candidates(project)),
            self._holding.policy.parameters(PruneLimits),
            target=purpose.target,
            subject_targets={
                subject.name: subject.target for subject in purpose.subjects if subject.target is not None
            },
        )

    def _candidates(self, project: str) -> Iterator[Candidate]:
        policy, licences = self._holding.policy, self._licences.by_id()
        for verdict in (Verdict.KEPT, Verdict.HELD):
            chosen = ItemFilter(project=project, decision=verdict.value)
            for stored in self._holding.stores.items.records(chosen):
                if stored.shard:
                    yield _candidate(stored, refused=_refused(stored, policy, licences))


def _candidate(stored: StoredItem, *, refused: str) -> Candidate:
    record = stored.record
    picture = record["picture"]
    return Candidate(
        item=ItemId(record["item_id"]),
        subject=record.get("subject", ""),
        sha256=Sha256(record["sha256"]),
        pdq=base64.b64decode(picture["pdq"]),
        pdq_quality=picture["pdq_quality"],
        width=picture["kept"]["width"],
        height=picture["kept"]["height"],
        is_kept=record["decision"] == Verdict.KEPT.value,
        is_licensed=record["basis"] == Basis.LICENCE.value,
        collected_at=datetime.fromisoformat(record["collected_at"]),
        refused=refused,
    )


def _refused(stored: StoredItem, policy: Policy, licences: dict[str, Licence]) -> str:
    """Name the rule that refuses a picture today: by a re-check, or as its basis grants training no more."""
    record = stored.record
    if record["decision"] == Verdict.HELD.value:
        denying = [reason["rule"] for reason in record["reasons"] if reason["outcome"] == Outcome.DENY.value]
        return str(denying[0]) if denying else ""
    decision = may_use(
        basis=Basis(record["basis"]),
        open_licence=record["licence"],
        licence=licences.get(record["licence"]),
        grant=Grant.TRAIN,
        now=utc_now(),
        policy=policy,
    )
    return "" if decision.outcome is Outcome.ALLOW else decision.reasons[0].rule.value


def _shown(proposals: tuple[Proposal, ...]) -> dict[str, Any]:
    return {
        "items": len(proposals),
        "by_why": dict(Counter(proposal.why.value for proposal in proposals)),
        "proposals": [
            {
                "item": proposal.item,
                "why": proposal.why.value,
                "detail": proposal.detail,
                "stays": proposal.stays,
            }
            for proposal in proposals
        ],
    }
