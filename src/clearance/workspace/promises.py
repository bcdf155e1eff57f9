"""What we promise: the policy in force, and projects."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from clearance.collecting import utc_now
from clearance.errors import BadInput
from clearance.governing import Project, ProjectStore, ProjectUse
from clearance.policy import read_policy
from clearance.register import ItemFilter
from clearance.workspace.holding import Holding, one_of
from clearance.workspace.plain import project_facts


class PolicyInForce:
    """The policy of a workspace."""

    def __init__(self, holding: Holding) -> None:
        self._holding = holding

    def show(self) -> dict[str, Any]:
        """Return the policy in force, rule by rule."""
        policy = self._holding.policy
        return {
            "title": policy.title,
            "version": policy.version,
            "owner": policy.owner,
            "effective_from": policy.effective_from.isoformat(),
            "review_due": policy.review_due.isoformat(),
            "hash": policy.hash,
            "rules": [
                {
                    "id": rule.id.value,
                    "sentence": rule.sentence,
                    "stage": rule.stage.value,
                    "effect": rule.effect.value,
                    "controls": list(rule.controls),
                    "parameters": rule.parameters.model_dump(mode="json") if rule.parameters else {},
                }
                for rule in policy.rules.values()
            ],
        }


class Projects:
    """The projects of a workspace."""

    def __init__(self, holding: Holding) -> None:
        self._holding = holding
        self._store = ProjectStore(holding.database)

    def create(
        self,
        *,
        name: str,
        purpose: str,
        use: str,
        target: int,
        subjects: tuple[str, ...] = (),
        owner: str = "",
        starts: date | None = None,
        ends: date | None = None,
    ) -> dict[str, Any]:
        """Record a project."""
        project = Project(
            name=name,
            purpose=purpose,
            use=one_of(ProjectUse, use, what="--use"),
            subjects=subjects,
            target=target,
            owner=owner,
            starts=starts,
            ends=ends,
            created_at=utc_now(),
        )
        with self._holding.locked():
            self._store.add(project)
            self._holding.log_event("project-created", use=project.use.value)
        return project_facts(project)

    def list(self) -> list[dict[str, Any]]:
        """Return all projects."""
        return [project_facts(project) for project in self._store.list()]

    def get(self, name: str) -> Project:
        """Return one project.

        Raises:
            BadInput: there is none of that name.
        """
        return self._store.get(name)

    def show(self, name: str) -> dict[str, Any]:
        """Return one project and the counts of its items."""
        project = self._store.get(name)
        return {
            **project_facts(project),
            "items": self._holding.stores.items.counts_by("decision", ItemFilter(project=name)),
        }


def check_policy(file: Path) -> dict[str, Any]:
    """Check a policy file that is not in force."""
    try:
        content = file.read_bytes()
    except OSError as error:
        raise BadInput(f"{file}: {error.strerror}") from error
    policy = read_policy(content, where=str(file))
    return {"ok": True, "rules": len(policy.rules), "version": policy.version, "hash": policy.hash}
