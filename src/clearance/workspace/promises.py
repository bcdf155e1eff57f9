"""What we promise: the policy in force, and projects."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from clearance.collecting import utc_now
from clearance.errors import BadInput
from clearance.governing import Permission, Project, ProjectStore, ProjectUse, parse_subject
from clearance.policy import read_policy
from clearance.register import ItemFilter
from clearance.workspace.holding import Holding, one_of
from clearance.workspace.plain import project_facts
from clearance.workspace.quotas import Counts


class PolicyInForce:
    """The policy of a workspace."""

    def __init__(self, holding: Holding) -> None:
        self._holding = holding

    def show(self) -> dict[str, Any]:
        """Return the policy in force, rule by rule."""
        self._holding.require(Permission.VERIFY)
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
        licensed_share: float | None = None,
    ) -> dict[str, Any]:
        """Record a project; a subject is `NAME`, `NAME=TARGET` or `NAME=TARGET:keyword,keyword`."""
        self._holding.require(Permission.PLAN)
        project = Project(
            name=name,
            purpose=purpose,
            use=one_of(ProjectUse, use, what="--use"),
            subjects=tuple(parse_subject(subject) for subject in subjects),
            target=target,
            owner=owner,
            starts=starts,
            ends=ends,
            created_at=utc_now(),
            licensed_share=licensed_share,
        )
        with self._holding.locked():
            self._store.add(project)
            self._holding.log_event("project-created", use=project.use.value)
        return project_facts(project)

    def change(
        self,
        name: str,
        *,
        purpose: str | None = None,
        use: str | None = None,
        target: int | None = None,
        subjects: tuple[str, ...] | None = None,
        owner: str | None = None,
        starts: date | None = None,
        ends: date | None = None,
        licensed_share: float | None = None,
    ) -> dict[str, Any]:
        """Change what a project promises; what is not given stays, and subjects that are given replace all.

        Raises:
            BadInput: there is no such project, nothing is given, or a value cannot be used.
        """
        self._holding.require(Permission.PLAN)
        given: dict[str, Any] = {
            "purpose": purpose,
            "use": None if use is None else one_of(ProjectUse, use, what="--use"),
            "target": target,
            "subjects": None if subjects is None else tuple(parse_subject(each) for each in subjects),
            "owner": owner,
            "starts": starts,
            "ends": ends,
            "licensed_share": licensed_share,
        }
        changes = {field: value for field, value in given.items() if value is not None}
        if not changes:
            raise BadInput("nothing to change: name what is different now, such as --target 500")
        with self._holding.locked():
            project = replace(self._store.get(name), **changes)
            self._store.change(project)
            self._holding.log_event("project-changed", use=project.use.value)
        return project_facts(project)

    def list(self) -> list[dict[str, Any]]:
        """Return all projects."""
        self._holding.require(Permission.VIEW)
        return [project_facts(project) for project in self._store.list()]

    def get(self, name: str) -> Project:
        """Return one project.

        Raises:
            BadInput: there is none of that name.
        """
        self._holding.require(Permission.VIEW)
        return self._store.get(name)

    def ends(self) -> dict[str, date | None]:
        """Return the last day of each project, or nothing where its end is open."""
        self._holding.require(Permission.VIEW)
        return {project.name: project.ends for project in self._store.list()}

    def show(self, name: str) -> dict[str, Any]:
        """Return one project, how far it is, and the counts of its items."""
        self._holding.require(Permission.VIEW)
        project = self._store.get(name)
        return {
            **project_facts(project),
            "progress": Counts(self._holding).progress(project, policy=self._holding.policy),
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
