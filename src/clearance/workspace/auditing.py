"""Balance audits, wired: of a project, of a dataset version to be, of synthetic pictures (C4.2, P4.3)."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import uvloop

from clearance.collecting import ENTRY, Verdict, job_of, utc_now
from clearance.curating import (
    MAX_PROMPTS_BYTES,
    MAX_TARGETS_BYTES,
    NO_TARGETS,
    OUTPUT_EXAMINATION,
    Attributes,
    Cages,
    Output,
    Prompted,
    StatedTargets,
    Targets,
    TargetStore,
    audit_facts,
    audit_items,
    audit_json,
    audit_rows,
    charts_of,
    check_target,
    compare_outputs,
    comparison_facts,
    count_outcomes,
    files_of,
    look_at,
    outcome_facts,
    output_rows,
    pictured_of,
    read_prompts,
    read_targets,
    render_audit,
    without_words_of_pictures,
)
from clearance.errors import BadInput, StorageError, printable
from clearance.governing import Permission
from clearance.policy import AuditConventions, FetchLimits, PeopleDuty, PictureLimits
from clearance.register import ItemFilter
from clearance.workspace.holding import Holding
from clearance.workspace.promises import Projects
from clearance.workspace.visiting import open_cage

_EVENT = "targets-stated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attached:
    """The audit that a dataset version carries."""

    content: bytes
    verdict: str
    has_targets: bool


class Audits:
    """The balance audits of a workspace."""

    def __init__(
        self, holding: Holding, projects: Projects, *, clock: Callable[[], datetime] = utc_now
    ) -> None:
        self._holding = holding
        self._projects = projects
        self._clock = clock
        self._targets = TargetStore(holding.database)

    def state(self, project: str, file: Path) -> dict[str, Any]:
        """Keep what a project wants its pictures to be made of; a statement replaces the one before.

        Raises:
            BadInput: the file cannot be read, or what it says cannot be meant; the message says all of it.
        """
        self._holding.require(Permission.PLAN, Permission.CURATE)
        self._projects.get(project)
        content = _content(file, max_bytes=MAX_TARGETS_BYTES)
        read_targets(content, where=str(file))
        with self._holding.locked():
            self._holding.publish_policy()
            # The log first: targets that were stated when the result was known would prove nothing.
            self._holding.log_event(_EVENT)
            stated = self._targets.state(project, content, by=self._holding.actor.name, at=self._clock())
        return _stated_facts(stated)

    def audit(self, project: str, *, out: Path | None = None) -> dict[str, Any]:
        """Audit what is kept for a project, against the targets that it stated.

        Args:
            project: whose pictures.
            out: a new folder for the report, its page and its charts.

        Raises:
            BadInput: there is no such project, nothing is kept for it, or the folder holds something.
        """
        self._holding.require(Permission.READ, Permission.CURATE)
        self._projects.get(project)
        self._check(out)
        rows = self._rows(project)
        self._holding.note_read("audit", items=len(rows), project=project)
        facts = self._facts(rows, of=f"project {project}", stated=self._targets.of(project))
        return _written(facts, out)

    def audit_folder(
        self,
        folder: Path,
        *,
        prompts: Path | None = None,
        against: str = "",
        targets: Path | None = None,
        out: Path | None = None,
    ) -> dict[str, Any]:
        """Audit a folder of synthetic pictures, and hold them against what was trained on.

        Args:
            folder: the pictures.
            prompts: the list of what each was made from; without it each picture is its own prompt.
            against: a project or a dataset version (`NAME@2`) to compare with.
            targets: what the outputs are to be made of; without it, what the project states.
            out: a new folder for the report, its page and its charts.

        Raises:
            BadInput: the folder holds no picture, or a file or a name cannot be used.
        """
        self._holding.require(Permission.READ, Permission.CURATE)
        self._check(out)
        asked = files_of(folder) if prompts is None else _prompts(prompts)
        trained, stated = self._trained(against)
        chosen = self._chosen_targets(targets, stated)
        found = self._look(folder, asked)
        rows = output_rows(found)
        if not len(rows):
            raise BadInput(f"{folder}: nothing to audit: none of the files can be read as a picture")
        conventions = self._conventions()
        compared = compare_outputs(rows, trained, chosen, conventions) if trained is not None else ()
        facts = {
            **self._report(rows, chosen, of=f"folder {folder.name}"),
            **_targets_facts(stated if targets is None else None),
            "outputs": {
                "against": against or None,
                "outcomes": list(outcome_facts(count_outcomes([each.outcome for each in found]))),
                "comparisons": [comparison_facts(each) for each in compared],
            },
        }
        return _written(facts, out)

    def attach(self, project: str, items: pa.Array) -> Attached:
        """Audit the items that a dataset version is to hold; whoever freezes it notes the read.

        Raises:
            BadInput: there are none.
        """
        self._holding.require(Permission.FREEZE, Permission.CURATE)
        rows = self._rows(project, only=items)
        facts = without_words_of_pictures(
            self._facts(rows, of=f"project {project}", stated=self._targets.of(project))
        )
        return Attached(content=audit_json(facts), verdict=facts["verdict"], has_targets=facts["has_targets"])

    def _facts(self, rows: pa.Table, *, of: str, stated: StatedTargets | None) -> dict[str, Any]:
        return {
            **self._report(rows, _read(stated), of=of),
            **_targets_facts(stated),
            "outputs": None,
        }

    def _report(self, rows: pa.Table, targets: Targets, *, of: str) -> dict[str, Any]:
        conventions = self._conventions()
        return {
            "of": of,
            "organisation": self._holding.configuration.organisation.name,
            "made_at": self._clock().isoformat(timespec="seconds"),
            **audit_facts(audit_items(rows, targets, conventions), conventions),
        }

    def _conventions(self) -> AuditConventions:
        return self._holding.policy.parameters(AuditConventions)

    def _rows(self, project: str, *, only: pa.Array | None = None) -> pa.Table:
        chosen = ItemFilter(
            project=project, has_bytes=True, decision="" if only is not None else Verdict.KEPT
        )
        return audit_rows(
            self._holding.stores.items,
            chosen,
            examined=self._holding.examined,
            clusters=self._holding.copies.clusters(),
            compared=self._holding.copies.looked_at(),
            attributes=self._declared(chosen),
            only=only,
        )

    def _declared(self, chosen: ItemFilter) -> Attributes:
        """Return what model releases declare; records are read whole only where there are some."""
        if not self._holding.consents.all():
            return {}
        pictured = (pictured_of(stored.record) for stored in self._holding.stores.items.records(chosen))
        return self._holding.consents.declared_attributes(pictured, at=self._clock())

    def _trained(self, against: str) -> tuple[pa.Table | None, StatedTargets | None]:
        """Return the pictures to compare with, and the targets of their project."""
        if not against:
            return None, None
        if "@" in against:
            version = self._holding.versions.get(against)
            project, only = version.project, self._holding.versions.manifest(version).items()
        else:
            project, only = self._projects.get(against).name, None
        rows = self._rows(project, only=only)
        self._holding.note_read("audit", items=len(rows), project=project)
        return rows, self._targets.of(project)

    def _chosen_targets(self, file: Path | None, stated: StatedTargets | None) -> Targets:
        if file is None:
            return _read(stated)
        return read_targets(_content(file, max_bytes=MAX_TARGETS_BYTES), where=str(file))

    def _look(self, folder: Path, asked: tuple[Prompted, ...]) -> tuple[Output, ...]:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(self._looked(folder, asked))

    async def _looked(self, folder: Path, asked: tuple[Prompted, ...]) -> tuple[Output, ...]:
        policy = self._holding.policy
        limits = policy.parameters(PictureLimits)
        workers = max(1, (os.cpu_count() or 1) // 2)
        inspecting = open_cage(self._holding, policy=policy, workers=workers, entry=ENTRY)
        examining = open_cage(self._holding, policy=policy, workers=workers, entry=OUTPUT_EXAMINATION)
        async with inspecting, examining:
            cages = Cages(
                inspecting=inspecting,
                examining=examining,
                inspection=job_of(limits, longest_side_px=limits.longest_side_px),
                examination={"max_pixels": limits.max_pixels, "longest_side_px": limits.longest_side_px},
                faces=policy.parameters(PeopleDuty),
                max_bytes=policy.parameters(FetchLimits).max_picture_bytes,
            )
            return await look_at(folder, asked, cages)

    def _check(self, out: Path | None) -> None:
        if out is not None:
            check_target(out, what="a report")
            self._holding.check_outside(out)


def _read(stated: StatedTargets | None) -> Targets:
    if stated is None:
        return NO_TARGETS
    return read_targets(stated.content, where=f"the targets of project {stated.project}")


def _prompts(file: Path) -> tuple[Prompted, ...]:
    return read_prompts(_content(file, max_bytes=MAX_PROMPTS_BYTES), where=str(file))


def _content(file: Path, *, max_bytes: int) -> bytes:
    try:
        with file.open("rb") as opened:
            return opened.read(max_bytes + 1)
    except OSError as error:
        raise BadInput(f"{printable(str(file))}: {error.strerror}") from error


def _stated_facts(stated: StatedTargets) -> dict[str, Any]:
    return {"project": stated.project, **_targets_facts(stated)}


def _targets_facts(stated: StatedTargets | None) -> dict[str, Any]:
    return {
        "targets_sha256": stated.sha256 if stated is not None else None,
        "targets_stated_by": stated.stated_by if stated is not None else None,
        "targets_stated_at": stated.stated_at.isoformat() if stated is not None else None,
    }


def _written(facts: Mapping[str, Any], out: Path | None) -> dict[str, Any]:
    """Write the report, its page and its charts where a folder is named, and say where they are."""
    if out is None:
        return {**facts, "files": []}
    contents = {
        "audit.json": audit_json(facts),
        "audit.html": render_audit(facts).encode("utf-8", "replace"),
        **{f"{name}.svg": chart.encode("utf-8", "replace") for name, chart in charts_of(facts).items()},
    }
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name, content in contents.items():
            (out / name).write_bytes(content)
    except OSError as error:
        raise StorageError(f"{out}: {error.strerror or error}") from error
    return {**facts, "files": [str(out / name) for name in contents]}
