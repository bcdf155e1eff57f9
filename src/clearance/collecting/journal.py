"""What collecting writes down in the control database: runs, batches, visits, host files, policies in use.

Visits are written in groups; everything else at once. Nothing here decides anything.
"""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from clearance.collecting.tables import (
    batches,
    host_evidence,
    host_files,
    policies,
    rechecks,
    runs,
    visits,
)
from clearance.database import Database
from clearance.identifiers import BatchId, Host, ItemId, Sha256, sha256_of
from clearance.sourcing import HostFile

_IDS_AT_ONCE = 500
"""SQLite takes a thousand values in one statement at the least."""


class BatchState(StrEnum):
    """A batch is being sealed until the log holds it; what a crash leaves behind is rolled back."""

    SEALING = "sealing"
    SEALED = "sealed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One pass over one table for one project; an interrupted one is gone on with."""

    id: str
    is_resumed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One request to a host, as C2.3 and C3.7 ask; no URL: the host and the kind suffice."""

    at: datetime
    host: Host
    what: str
    status: int
    size: int
    seconds: float
    egress: str
    network: str
    """Name of the registered network that the egress address belongs to, or empty (C2.3)."""
    user_agent: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """A batch as the control database knows it."""

    id: BatchId
    run: str
    state: BatchState
    log_index: int | None


class Journal:
    """The control data of collecting, for one workspace."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def start_run(self, *, project: str, table: Sha256, options: Mapping[str, Any], now: datetime) -> Run:
        """Begin a run, or go on with the one that the same table, project and options left unfinished."""
        with self._database.begin() as connection:
            open_runs = connection.execute(
                select(runs.c.id, runs.c.options).where(
                    runs.c.project == project, runs.c.table_sha256 == table, runs.c.finished_at.is_(None)
                )
            )
            for run in open_runs.mappings():
                if run["options"] == dict(options):
                    return Run(id=run["id"], is_resumed=True)
            run_id = secrets.token_hex(8)
            connection.execute(
                insert(runs).values(
                    id=run_id, project=project, table_sha256=table, options=dict(options), started_at=now
                )
            )
        return Run(id=run_id, is_resumed=False)

    def finish_run(self, run: Run, *, now: datetime) -> None:
        """Note that nothing of a run is left to do."""
        with self._database.begin() as connection:
            connection.execute(update(runs).where(runs.c.id == run.id).values(finished_at=now))

    def begin_batch(self, batch: BatchId, *, run: str, policy: Sha256, now: datetime) -> None:
        """Note that a batch is about to leave traces in the vault, the item store and the log."""
        with self._database.begin() as connection:
            connection.execute(
                insert(batches).values(
                    id=batch,
                    run=run,
                    state=BatchState.SEALING.value,
                    items=0,
                    policy=policy,
                    created_at=now,
                )
            )

    def seal_batch(self, batch: BatchId, *, log_index: int, items: int) -> None:
        """Note that the log holds a batch: from here on it stays."""
        with self._database.begin() as connection:
            connection.execute(
                update(batches)
                .where(batches.c.id == batch)
                .values(state=BatchState.SEALED.value, log_index=log_index, items=items)
            )

    def forget_batch(self, batch: BatchId) -> None:
        """Remove a batch that never reached the log."""
        with self._database.begin() as connection:
            connection.execute(delete(batches).where(batches.c.id == batch))

    def batches(self, *, run: Run | None = None, state: BatchState | None = None) -> tuple[Batch, ...]:
        """Return batches, oldest first."""
        query = select(batches).order_by(batches.c.created_at, batches.c.id)
        if run is not None:
            query = query.where(batches.c.run == run.id)
        if state is not None:
            query = query.where(batches.c.state == state.value)
        with self._database.begin() as connection:
            return tuple(
                Batch(
                    id=BatchId(row["id"]),
                    run=row["run"],
                    state=BatchState(row["state"]),
                    log_index=row["log_index"],
                )
                for row in connection.execute(query).mappings()
            )

    def is_collected(self, batch: BatchId) -> bool:
        """Tell whether a batch came of a run over a table: its records replace no others."""
        query = select(batches.c.id).join(runs, runs.c.id == batches.c.run).where(batches.c.id == batch)
        with self._database.begin() as connection:
            return connection.execute(query).first() is not None

    def note_visits(self, noted: Sequence[Visit], *, run: str) -> None:
        """Write visits into the ledger; `run` is what they were made for: a run's id, or a word such as
        `survey`.
        """
        if not noted:
            return
        with self._database.begin() as connection:
            connection.execute(
                insert(visits),
                [
                    {
                        "at": visit.at,
                        "host": visit.host,
                        "what": visit.what,
                        "status": visit.status,
                        "bytes": visit.size,
                        "seconds": visit.seconds,
                        "egress": visit.egress,
                        "user_agent": visit.user_agent,
                        "network": visit.network,
                        "run": run,
                    }
                    for visit in noted
                ],
            )

    def visits_since(self, host: Host, *, since: datetime) -> tuple[int, int]:
        """Return how many requests and bytes a host has had since a moment, over all runs."""
        query = select(func.count(), func.coalesce(func.sum(visits.c.bytes), 0)).where(
            visits.c.host == host, visits.c.at >= since
        )
        with self._database.begin() as connection:
            count, size = connection.execute(query).one()
        return int(count), int(size)

    def visits_before(self, moment: datetime) -> int:
        """Count visits before a moment."""
        query = select(func.count()).select_from(visits).where(visits.c.at < moment)
        with self._database.begin() as connection:
            return int(connection.execute(query).scalar_one())

    def forget_visits(self, *, before: datetime) -> None:
        """Delete visits before a moment: the ledger has its clock, too."""
        with self._database.begin() as connection:
            connection.execute(delete(visits).where(visits.c.at < before))

    def egress_counts(self) -> list[tuple[str, str, int]]:
        """Count visits by the network and the address that they left from, over all runs (C2.3)."""
        query = (
            select(visits.c.network, visits.c.egress, func.count())
            .where(visits.c.egress != "")
            .group_by(visits.c.network, visits.c.egress)
            .order_by(visits.c.network, visits.c.egress)
        )
        with self._database.begin() as connection:
            return [(network, address, count) for network, address, count in connection.execute(query)]

    def host_file(self, origin: str, path: str) -> HostFile | None:
        """Return the newest copy of a host's file, or nothing."""
        query = select(host_files).where(host_files.c.origin == origin, host_files.c.path == path)
        with self._database.begin() as connection:
            row = connection.execute(query).mappings().first()
        if row is None:
            return None
        return HostFile(
            origin=origin,
            path=path,
            status=row["status"],
            headers=tuple((name, value) for name, value in row["headers"]),
            content=row["content"],
            fetched_at=row["fetched_at"],
            failure=row["failure"],
            sha256=Sha256(row["content_sha256"]),
        )

    def keep_host_files(self, seen: Sequence[tuple[HostFile, str]]) -> None:
        """Keep hosts' files as the newest copies, and their content as evidence for ever; each comes with the
        address that answered.
        """
        if not seen:
            return
        with self._database.begin() as connection:
            for file, final_url in seen:
                _keep_host_file(connection, file, final_url=final_url)

    def evidence(self, sha256: Sha256) -> HostFile | None:
        """Return a host file that a record cites, as it was seen then."""
        query = select(host_evidence.c.content, host_evidence.c.observed_at).where(
            host_evidence.c.sha256 == sha256
        )
        with self._database.begin() as connection:
            row = connection.execute(query).first()
        if row is None:
            return None
        seen: dict[str, Any] = json.loads(row[0])
        return HostFile(
            origin=seen["origin"],
            path=seen["path"],
            status=seen["status"],
            headers=(),
            content=base64.b64decode(seen["content"]),
            fetched_at=row[1],
            failure=seen["failure"],
            sha256=sha256,
        )

    def note_rechecks(self, noted: Mapping[ItemId, str], *, now: datetime) -> None:
        """Note when items were last asked about, and how they stood."""
        items = list(noted)
        with self._database.begin() as connection:
            for start in range(0, len(items), _IDS_AT_ONCE):
                ids = items[start : start + _IDS_AT_ONCE]
                connection.execute(delete(rechecks).where(rechecks.c.item.in_(ids)))
                connection.execute(
                    insert(rechecks),
                    [{"item": item, "outcome": noted[item], "checked_at": now} for item in ids],
                )

    def rechecked(self, *, outcomes: Sequence[str]) -> dict[ItemId, datetime]:
        """Return when items were last asked about with one of these outcomes."""
        query = select(rechecks.c.item, rechecks.c.checked_at).where(rechecks.c.outcome.in_(list(outcomes)))
        with self._database.begin() as connection:
            return {ItemId(item): checked_at for item, checked_at in connection.execute(query)}

    def host_files_of(self, origin: str) -> tuple[HostFile, ...]:
        """Return the newest copies of an origin's files, without asking anybody."""
        query = select(host_files.c.path).where(host_files.c.origin == origin)
        with self._database.begin() as connection:
            paths = [path for (path,) in connection.execute(query)]
        found = (self.host_file(origin, path) for path in paths)
        return tuple(file for file in found if file is not None)

    def keep_policy(self, content: bytes, *, sha256: Sha256, now: datetime) -> bool:
        """Keep the policy that decisions cite; tell whether it is in use for the first time."""
        with self._database.begin() as connection:
            if (
                connection.execute(select(policies.c.hash).where(policies.c.hash == sha256)).first()
                is not None
            ):
                return False
            connection.execute(insert(policies).values(hash=sha256, content=content, first_used_at=now))
        return True

    def changed(self) -> Iterator[str]:
        """Name policies and host files that are not what their hashes say."""
        with self._database.begin() as connection:
            for name, table, key in (
                ("policy", policies, policies.c.hash),
                ("host file", host_evidence, host_evidence.c.sha256),
            ):
                for sha256, content in connection.execute(select(key, table.c.content)):
                    if sha256_of(bytes(content)) != sha256:
                        yield f"{name} {sha256}: its content was changed"

    def policy(self, sha256: Sha256) -> bytes | None:
        """Return the bytes of a policy that decisions cite."""
        with self._database.begin() as connection:
            row = connection.execute(select(policies.c.content).where(policies.c.hash == sha256)).first()
        return None if row is None else bytes(row[0])


def _keep_host_file(connection: Connection, file: HostFile, *, final_url: str) -> None:
    connection.execute(
        delete(host_files).where(host_files.c.origin == file.origin, host_files.c.path == file.path)
    )
    connection.execute(
        insert(host_files).values(
            origin=file.origin,
            path=file.path,
            status=file.status,
            headers=[list(header) for header in file.headers],
            content_sha256=file.sha256,
            content=file.content,
            final_url=final_url,
            fetched_at=file.fetched_at,
            failure=file.failure,
        )
    )
    known = select(host_evidence.c.sha256).where(host_evidence.c.sha256 == file.sha256)
    if connection.execute(known).first() is None:
        connection.execute(
            insert(host_evidence).values(
                sha256=file.sha256,
                kind="host-file",
                place=file.url,
                observed_at=file.fetched_at,
                content=packed_host_file(file.origin, file.path, file.status, file.content, file.failure),
            )
        )


def packed_host_file(origin: str, path: str, status: int, content: bytes, failure: str) -> bytes:
    """Return what was seen at a host in one piece: the evidence whose hash records cite."""
    seen = {
        "origin": origin,
        "path": path,
        "status": status,
        "content": base64.b64encode(content).decode("ascii"),
        "failure": failure,
    }
    return json.dumps(seen, sort_keys=True).encode()
