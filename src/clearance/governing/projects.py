"""Projects: one determined purpose each, to which every collection belongs (C3.1)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import RowMapping, insert, select, update

from clearance.database import Database
from clearance.errors import BadInput, printable
from clearance.governing.subjects import MAX_TARGET, Subject, checked_subjects, subject_facts, subject_from
from clearance.governing.tables import projects

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class ProjectUse(StrEnum):
    """What a project does with the pictures it collects."""

    GENERATIVE_TRAINING = "generative-training"
    NON_GENERATIVE_TRAINING = "non-generative-training"
    ANALYSIS = "analysis"


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """One determined purpose: what for, of what, how many, when, and who answers for it."""

    name: str
    purpose: str
    use: ProjectUse
    subjects: tuple[Subject, ...]
    target: int
    owner: str
    starts: date | None
    ends: date | None
    created_at: datetime
    licensed_share: float | None = None
    """The least share of licensed pictures (C4.3); nothing where the policy's holds."""

    def is_running_on(self, day: date) -> bool:
        """Tell whether a day lies within the project's dates; an open end is open."""
        return (self.starts is None or self.starts <= day) and (self.ends is None or day <= self.ends)


def checked_name(name: str, *, what: str) -> str:
    """Return a name that is safe as a file name and in a URL, or refuse it."""
    if not _NAME.fullmatch(name):
        raise BadInput(
            f"{what} name {printable(name)!r}: letters, digits, '.', '_' and '-' only, 64 characters at most"
        )
    return name


class ProjectStore:
    """The projects of one workspace."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, project: Project) -> None:
        """Record a new project.

        Raises:
            BadInput: the name is taken or unusable, the purpose is empty, or the dates run backwards.
        """
        _check(project)
        if project.name in {known.name for known in self.list()}:
            raise BadInput(f"project {project.name!r} exists already")
        with self._database.begin() as connection:
            connection.execute(
                insert(projects).values(
                    name=project.name, created_at=project.created_at, **_changeable(project)
                )
            )

    def change(self, project: Project) -> None:
        """Put other promises in the place of those that a project of this name made.

        Raises:
            BadInput: there is no such project, or a value cannot be used.
        """
        self.get(project.name)
        _check(project)
        with self._database.begin() as connection:
            connection.execute(
                update(projects).where(projects.c.name == project.name).values(**_changeable(project))
            )

    def list(self) -> tuple[Project, ...]:
        """Return all projects, oldest first."""
        with self._database.begin() as connection:
            rows = connection.execute(
                select(projects).order_by(projects.c.created_at, projects.c.name)
            ).mappings()
            return tuple(_project(row) for row in rows)

    def get(self, name: str) -> Project:
        """Return one project.

        Raises:
            BadInput: there is none of that name; the message lists those there are.
        """
        known = {project.name: project for project in self.list()}
        if name not in known:
            names = ", ".join(known) or "none yet; `clearance project create` makes one"
            raise BadInput(f"no project {printable(name)!r}; projects: {names}")
        return known[name]


def _check(project: Project) -> None:
    checked_name(project.name, what="project")
    if not project.purpose.strip():
        raise BadInput("--purpose is empty: a project states what it is for")
    if not 1 <= project.target <= MAX_TARGET:
        raise BadInput(f"--target {project.target}: from 1 to {MAX_TARGET} pictures")
    if project.starts and project.ends and project.ends < project.starts:
        raise BadInput(f"the project ends on {project.ends}, before it starts on {project.starts}")
    if project.licensed_share is not None and not 0 <= project.licensed_share <= 1:
        raise BadInput(f"--licensed-share {project.licensed_share}: from 0 to 1, as 0.5 for half")
    checked_subjects(project.subjects)


def _changeable(project: Project) -> dict[str, Any]:
    return {
        "purpose": project.purpose,
        "use": project.use.value,
        "subjects": [subject_facts(subject) for subject in project.subjects],
        "target": project.target,
        "owner": project.owner,
        "starts": project.starts,
        "ends": project.ends,
        "licensed_share": project.licensed_share,
    }


def _project(row: RowMapping) -> Project:
    return Project(
        name=row["name"],
        purpose=row["purpose"],
        use=ProjectUse(row["use"]),
        subjects=tuple(subject_from(stored) for stored in row["subjects"]),
        target=row["target"],
        owner=row["owner"],
        starts=row["starts"],
        ends=row["ends"],
        created_at=row["created_at"],
        licensed_share=row["licensed_share"],
    )
