"""The main job, wired: a table and a project in, the stores and the stages put together, the report out."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvloop

from clearance.collecting import (
    Collection,
    Columns,
    Earlier,
    HostIdentityStore,
    Job,
    Run,
    Tally,
    Verdict,
    make_plan,
    read_table,
    utc_now,
    validators,
)
from clearance.errors import Refused
from clearance.governing import Permission, Project, SubjectIndex
from clearance.identifiers import ItemId
from clearance.policy import Policy, RuleId
from clearance.register import ItemFilter
from clearance.sourcing import AccountStore, SourceIndex, TermsStore, use_of_project
from clearance.workspace.holding import Holding
from clearance.workspace.origins import Licences, Sources
from clearance.workspace.promises import Projects
from clearance.workspace.quotas import Counts, quota_facts
from clearance.workspace.risk import Risks
from clearance.workspace.visiting import (
    log_terms_changes,
    network_index,
    open_cage,
    open_client,
    opt_out_registries,
)


class Collector:
    """Runs the main job over a workspace."""

    def __init__(
        self,
        holding: Holding,
        projects: Projects,
        sources: Sources,
        licences: Licences,
        *,
        risks: Risks,
    ) -> None:
        self._holding = holding
        self._stores = holding.stores
        self._projects = projects
        self._sources = sources
        self._licences = licences
        self._risks = risks

    def collect(
        self,
        table: Path,
        *,
        project: str,
        url_col: str = "url",
        caption_col: str = "",
        licence_col: str = "",
        sha256_col: str = "",
        page_col: str = "",
        subject_col: str = "",
        save_additional_columns: tuple[str, ...] | None = None,
        image_size: int | None = None,
        watch: Callable[[Tally], None] = lambda _: None,
    ) -> dict[str, Any]:
        """Collect the pictures of a table for a project; returns the report.

        Raises:
            BadInput: the table or the project cannot be used; nothing was fetched.
            Refused: the project is not running today, no risk analysis covers what is to be collected, or
                another process is collecting.
        """
        self._holding.require(Permission.COLLECT)
        columns = Columns(
            url=url_col,
            caption=caption_col,
            licence=licence_col,
            sha256=sha256_col,
            page=page_col,
            subject=subject_col,
            save_additional=save_additional_columns,
        )
        purpose = self._projects.get(project)
        today = self._holding.policy.day(utc_now())
        if not purpose.is_running_on(today):
            span = f"{purpose.starts or 'no first day'} to {purpose.ends or 'no last day'}"
            raise Refused(
                f"project {project!r} runs from {span}, and today is {today} (C3.1); `clearance project"
                f" change {project} --ends DATE` changes that"
            )
        self._risks.require_signed(purpose)
        policy = self._holding.policy
        read = read_table(table, columns)
        with self._holding.locked():
            self._holding.publish_policy()
            run = self._stores.journal.start_run(
                project=project,
                table=read.sha256,
                options={
                    "columns": [
                        *(url_col, caption_col, licence_col, sha256_col, page_col),
                        # Left out where there is none, so that runs of earlier versions are gone on with.
                        *filter(None, [subject_col]),
                    ],
                    "image_size": image_size or 0,
                },
                now=utc_now(),
            )
            sources = self._sources.index()
            done, earlier = self._known(project, run=run, policy=policy)
            counts = Counts(self._holding)
            suppressed = self._holding.keeping.suppression.of(project)
            plan = make_plan(read, sources=sources, done=done, is_erased=suppressed.has_url)
            touched = {each.source.name for each in plan.hosts if each.source is not None}
            self._risks.require_signed(purpose, touched)
            job = Job(
                table=read,
                plan=plan,
                is_erased=suppressed.has_picture,
                earlier=earlier,
                project=project,
                use=use_of_project(purpose.use.value),
                subjects=SubjectIndex(purpose.subjects),
                needs=counts.needs(purpose, policy=policy),
                quotas=counts.quotas(purpose, self._sources.all(), policy=policy),
                run=run,
                agent=self._holding.configuration.crawler.token,
                batch_items=self._holding.configuration.work.batch_items,
                batch_seconds=self._holding.configuration.work.batch_seconds,
                longest_side_px=image_size,
                registries=opt_out_registries(self._holding),
            )
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                report = runner.run(self._collect(job, policy=policy, sources=sources, watch=watch))
            visited = {plan.source.name for plan in job.plan.hosts if plan.source is not None}
            return {**report, **self._promised(purpose, visited, policy=policy)}

    def _promised(self, project: Project, visited: set[str], *, policy: Policy) -> dict[str, Any]:
        """Report how far the project is, and what the sources of the run may still give."""
        counts = Counts(self._holding)
        sources = tuple(source for source in self._sources.all() if source.name in visited)
        quotas = counts.quotas(project, sources, policy=policy)
        return {
            "progress": counts.progress(project, policy=policy),
            "quotas": {name: [quota_facts(quota) for quota in each] for name, each in quotas.items() if each},
        }

    async def _collect(
        self,
        job: Job,
        *,
        policy: Policy,
        sources: SourceIndex,
        watch: Callable[[Tally], None],
    ) -> dict[str, Any]:
        started = time.monotonic()
        networks = network_index(self._holding)
        client = open_client(self._holding, policy=policy, networks=networks)
        cage = open_cage(self._holding, policy=policy, workers=os.cpu_count() or 1)
        async with client, cage:
            collection = Collection(
                job,
                stores=self._stores,
                client=client,
                cage=cage,
                policy=policy,
                sources=sources,
                licences=self._licences.index(),
                networks=networks,
                terms=TermsStore(self._holding.database),
                accounts=AccountStore(self._holding.database),
                identities=HostIdentityStore(self._holding.database),
                clock=utc_now,
            )
            try:
                with stopping(collection.stop):
                    interrupted = await collection.run(watch)
            finally:
                log_terms_changes(self._holding, collection.terms_changes)
        tally = collection.tally
        if not interrupted and not tally.postponed:
            self._stores.journal.finish_run(job.run, now=utc_now())
            self._stores.items.optimise()
        return tally.report(
            seconds=time.monotonic() - started,
            log_size=self._stores.log.size,
            checkpoint=self._stores.log.checkpoint_text,
            interrupted=interrupted,
        )

    def _known(self, project: str, *, run: Run, policy: Policy) -> tuple[frozenset[str], dict[str, Earlier]]:
        """Tell which URLs need no visit, and what is known of those that may be asked for again.

        Kept pictures and those held with their bytes are not asked for again; what this run dealt with before
        it was interrupted neither. What was denied for a reservation under the same policy is asked for
        conditionally; what was held because its source was, as soon as the source is free.
        """
        items = self._stores.items
        in_run = {batch.id for batch in self._stores.journal.batches(run=run)} if run.is_resumed else set()
        done: set[str] = set()
        earlier: dict[str, Earlier] = {}
        done.update(url for url, _ in items.urls(ItemFilter(project=project, decision=Verdict.KEPT)))
        for verdict in (Verdict.HELD, Verdict.DENIED, Verdict.FAILED):
            for stored in items.records(ItemFilter(project=project, decision=verdict)):
                record = stored.record
                if stored.batch in in_run or (verdict is Verdict.HELD and stored.shard):
                    done.add(record["url"])
                    continue
                reserved = all(reason["rule"] == RuleId.RESERVATION for reason in record["reasons"])
                same = record["policy"] == policy.hash and verdict is Verdict.DENIED and reserved
                earlier[record["url"]] = Earlier(
                    item=ItemId(record["item_id"]), conditions=validators(record) if same else {}
                )
        return frozenset(done), earlier


@contextmanager
def stopping(stop: Callable[[], None]) -> Iterator[None]:
    """Turn the first SIGINT or SIGTERM into a clean stop; a second one ends the process as usual."""
    loop = asyncio.get_running_loop()

    def stop_once(number: signal.Signals) -> None:
        loop.remove_signal_handler(number)
        stop()

    numbers = (signal.SIGINT, signal.SIGTERM)
    for number in numbers:
        loop.add_signal_handler(number, stop_once, number)
    try:
        yield
    finally:
        for number in numbers:
            loop.remove_signal_handler(number)
