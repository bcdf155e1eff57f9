"""The survey, wired: a table in, what its hosts would yield out, as plain values and as a page for people."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import uvloop

from clearance.collecting import (
    Columns,
    SurveyJob,
    Surveyor,
    SurveyProgress,
    cancelled,
    make_plan,
    read_table,
    utc_now,
)
from clearance.errors import BadInput, Interrupted, StorageError
from clearance.governing import Permission
from clearance.policy import Policy, SurveyLimits
from clearance.sourcing import HostSurvey, SourceIndex, Survey, Use, render_survey, use_of_project
from clearance.workspace.collection import stopping
from clearance.workspace.holding import Holding, one_of
from clearance.workspace.origins import Licences, Sources
from clearance.workspace.promises import Projects
from clearance.workspace.visiting import opt_out_registries, visiting

_TICK_S = 0.25
_USES = {"analysis": Use.MINING.value}
"""What a project calls a use, where signals have another word for it."""
_MAX_LISTED = 50
"""Statements listed of one host; all are counted."""


class Surveys:
    """Surveys of a workspace."""

    def __init__(self, holding: Holding, projects: Projects, sources: Sources, licences: Licences) -> None:
        self._holding = holding
        self._projects = projects
        self._sources = sources
        self._licences = licences

    def survey(
        self,
        table: Path,
        *,
        project: str = "",
        use: str = Use.GENERATIVE.value,
        url_col: str = "url",
        licence_col: str = "",
        page_col: str = "",
        output: Path | None = None,
        watch: Callable[[SurveyProgress], None] = lambda _: None,
    ) -> dict[str, Any]:
        """Ask a table's hosts what they allow, fetch no picture, and write the report.

        Raises:
            BadInput: the table, the project or the use cannot be used; nobody was asked.
            Interrupted: stopped by a signal; what hosts said is remembered, and asked for again after a day.
        """
        self._holding.require(Permission.COLLECT)
        chosen = (
            use_of_project(self._projects.get(project).use.value)
            if project
            else one_of(Use, _USES.get(use, use), what="--use")
        )
        if chosen is Use.FETCH:
            raise BadInput("--use fetch: a request is not a use")
        columns = Columns(url=url_col, licence=licence_col, page=page_col, save_additional=())
        read = read_table(table, columns)
        policy = self._holding.policy
        index = self._sources.index()
        job = SurveyJob(
            table=read,
            plan=make_plan(read, sources=index, done=frozenset(), is_erased=lambda _: False),
            use=chosen,
            licences=self._licences.index(),
            registries=opt_out_registries(self._holding),
        )
        started = utc_now()
        folder = _made(output or self._folder(started))
        with self._holding.locked(), asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            survey = runner.run(self._run(job, policy=policy, index=index, watch=watch))
        facts = {
            "table": str(table),
            "table_sha256": read.sha256,
            "project": project or None,
            "organisation": self._holding.configuration.organisation.name,
            "surveyed_at": started.isoformat(),
            "policy": policy.hash,
            "pages_per_host": policy.parameters(SurveyLimits).pages_per_host,
            **survey_facts(survey, policy),
        }
        return {**facts, "files": _write(facts, folder)}

    async def _run(
        self, job: SurveyJob, *, policy: Policy, index: SourceIndex, watch: Callable[[SurveyProgress], None]
    ) -> Survey:
        async with visiting(self._holding, policy=policy, sources=index, run="survey") as to:
            surveyor = Surveyor(job, hosts=to.hosts, standing=to.standing, policy=policy, clock=utc_now)
            work = asyncio.create_task(surveyor.run())
            with stopping(lambda: _stop(work)):
                try:
                    while not work.done():
                        await asyncio.wait({work}, timeout=_TICK_S)
                        watch(surveyor.progress)
                    return await work
                except asyncio.CancelledError as error:
                    raise Interrupted(
                        "the survey was stopped; what hosts said so far is remembered"
                    ) from error
                finally:
                    await cancelled(work)

    def _folder(self, started: datetime) -> Path:
        return self._holding.root / "surveys" / f"{started:%Y-%m-%dT%H%M%S}"


def _stop(work: asyncio.Task[Survey]) -> None:
    work.cancel()


def survey_facts(survey: Survey, policy: Policy) -> dict[str, Any]:
    """Return a survey as plain values."""
    outcomes = survey.outcomes()
    return {
        "use": survey.use.value,
        "pictures": survey.pictures,
        "hosts": len(survey.hosts),
        "outcomes": {outcome.value: count for outcome, count in outcomes.items()},
        "by_reason": dict(survey.rules().most_common()),
        "duplicates": survey.duplicates,
        "unreadable_rows": [
            {"row": number, "why": why} for number, why in survey.unreadable_rows[:_MAX_LISTED]
        ],
        "unreadable_rows_count": len(survey.unreadable_rows),
        "sentences": {rule.value: policy.sentence(rule) for rule in policy.rules},
        "by_host": [_host_facts(host, policy) for host in survey.hosts],
    }


def _host_facts(host: HostSurvey, policy: Policy) -> dict[str, Any]:
    return {
        "host": host.host,
        "source": host.source or None,
        "basis": host.basis or None,
        "pictures": host.pictures,
        "pages": host.pages,
        "pages_read": host.pages_read,
        "outcomes": {outcome.value: count for outcome, count in host.outcomes.items()},
        "estimate": {
            "pictures": host.estimate.pictures,
            "seconds": host.estimate.seconds,
            "days": host.estimate.days,
        },
        "files": [
            {
                "url": file.url,
                "status": file.status,
                "bytes": len(file.content),
                "sha256": file.sha256,
                "fetched_at": file.fetched_at.isoformat(),
                "failure": file.failure,
            }
            for file in host.files
        ],
        "verdicts": {
            use.value: {
                "policy": {standing.value: count for standing, count in host.policy[use].items()},
                "spec": {standing.value: count for standing, count in host.spec[use].items()},
            }
            for use in host.policy
        },
        "by_standard": [
            {"signal": signal, "use": use.value, "spec": standing.value, "pictures": count}
            for (signal, use, standing), count in host.by_standard.most_common()
        ],
        "statements": [
            {
                "signal": each.signal,
                "use": each.use.value,
                "answer": each.answer.value,
                "scope": each.scope.value,
                "where": each.where,
                "quote": each.quote,
                "evidence": list(each.evidence),
                "is_specified": each.is_specified,
                "is_temporary": each.is_temporary,
                "pictures": count,
            }
            for each, count in host.statements.most_common(_MAX_LISTED)
        ],
        "unreadable": [
            {
                "signal": each.signal,
                "where": each.where,
                "why": each.why,
                "evidence": list(each.evidence),
                "pictures": count,
            }
            for each, count in host.unreadable.most_common(_MAX_LISTED)
        ],
        "reasons": [
            {
                "control": reason.control,
                "rule": reason.rule.value,
                "outcome": reason.outcome.value,
                "signal": reason.signal,
                "text": policy.sentence(reason.rule),
                "detail": reason.detail,
                "evidence": list(reason.evidence),
                "pictures": count,
            }
            for reason, count in host.reasons.most_common(_MAX_LISTED)
        ],
        "notes": [[name, value] for name, value in host.notes][:_MAX_LISTED],
        "whom": list(host.whom),
        "advice": [
            {
                "rule": each.rule.value,
                "pictures": each.pictures,
                "what": each.what,
                "whom": list(each.whom),
            }
            for each in host.advice()
        ],
    }


def _made(folder: Path) -> Path:
    """Make the report's folder before anybody is asked."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInput(f"--output {folder}: {error.strerror}") from error
    return folder


def _write(facts: Mapping[str, Any], folder: Path) -> dict[str, str]:
    """Write the report as JSON and as a page."""
    written = {"json": folder / "survey.json", "html": folder / "survey.html"}
    try:
        written["json"].write_text(json.dumps(facts, ensure_ascii=False, indent=1), encoding="utf-8")
        written["html"].write_text(render_survey(facts), encoding="utf-8")
    except OSError as error:
        raise StorageError(f"{folder}: {error.strerror}") from error
    return {form: str(path) for form, path in written.items()}
