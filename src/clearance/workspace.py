"""One organisation's instance: opens the stores, hands them to the stages, and is the Python API. Wiring
only.

Every method of `Workspace` that the command line calls returns plain values, which `--json` prints as they
are.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

import uvloop

from clearance.collecting import (
    ENTRY,
    Client,
    ClientLimits,
    Collection,
    Columns,
    Earlier,
    Job,
    Journal,
    Run,
    Stores,
    Tally,
    Verdict,
    make_plan,
    read_evidence,
    read_table,
    recover,
    stored_sha256,
    utc_now,
    validators,
)
from clearance.configuration import FILE_NAME, Configuration, read_configuration, write_configuration
from clearance.curating import ExportFormat, Sample, write_samples
from clearance.database import Database, migrate, open_database
from clearance.errors import (
    BadInput,
    ClearanceError,
    ConfigurationError,
    Refused,
    StorageError,
    WorkspaceBusy,
    printable,
)
from clearance.governing import Project, ProjectStore, ProjectUse
from clearance.identifiers import ItemId, Sha256, sha256_of
from clearance.pictures import Cage, CageLimits
from clearance.policy import (
    FetchLimits,
    Outcome,
    PictureLimits,
    Policy,
    RuleId,
    default_policy_bytes,
    read_policy,
)
from clearance.register import (
    Event,
    ItemFilter,
    ItemStore,
    Leaves,
    Log,
    Signer,
    Verifier,
    check_proof,
    prove_item,
    verify_register,
)
from clearance.sourcing import (
    Basis,
    Grant,
    Licence,
    LicenceIndex,
    LicenceStore,
    Pace,
    Quotas,
    Source,
    SourceIndex,
    SourceStore,
    may_use,
    parse_host_pattern,
    use_of_project,
)
from clearance.vault import (
    KeyRing,
    Vault,
    create_passphrase_root,
    create_root_key,
    load_root,
)

POLICY_FILE = "policy.yaml"
_E = TypeVar("_E", bound=StrEnum)
_MAX_DILIGENCE_BYTES = 20 << 20
"""A contract scan or a screenshot of terms fits; the file is kept in the control database."""


class Workspace:
    """An opened workspace; a context manager. Reading needs no lock, collecting takes the only one."""

    def __init__(
        self, root: Path, *, database: Database, keyring: KeyRing, configuration: Configuration
    ) -> None:
        self.root = root
        self.configuration = configuration
        self.projects = ProjectStore(database)
        self.sources = SourceStore(database)
        self.licences = LicenceStore(database)
        self.items = ItemStore.open(root / "items")
        self._database = database
        self._journal = Journal(database)
        self._vault = Vault(root / "vault", keyring=keyring, database=database, clock=utc_now)
        self._leaves = Leaves(root / "leaves")
        self._log = Log.open(root / "log", _signer(keyring, configuration))

    @classmethod
    def create(
        cls, root: Path, *, organisation: str, contact: str, passphrase: str | None = None
    ) -> dict[str, Any]:
        """Make a workspace in a new or empty folder.

        Raises:
            BadInput: the folder holds something already, or a value cannot be used.
        """
        try:
            root.mkdir(parents=True, exist_ok=True)
            if any(root.iterdir()):
                raise BadInput(f"{root}: not empty; a workspace is made in a folder of its own")
            write_configuration(root / FILE_NAME, organisation=organisation, contact=contact)
            (root / POLICY_FILE).write_bytes(default_policy_bytes())
            for folder in ("keys", "vault", "leaves", "log", "items"):
                (root / folder).mkdir(mode=0o700)
        except OSError as error:
            raise StorageError(f"{root}: {error.strerror or error}") from error
        if passphrase is None:
            create_root_key(root / "keys" / "root.key")
        else:
            create_passphrase_root(root / "keys" / "root.key", passphrase)
        configuration = read_configuration(root / FILE_NAME)
        with open_database(_database_url(root, configuration)) as database:
            migrate(database)
            keyring = KeyRing(
                database, load_root(root / "keys" / "root.key", lambda: passphrase or ""), clock=utc_now
            )
            signer = _signer(keyring, configuration)
            Log.create(root / "log", signer)
            ItemStore.create(root / "items")
        key = signer.verifier.vkey
        (root / "log" / "vkey").write_text(f"{key}\n", encoding="utf-8")
        return {"workspace": str(root), "organisation": organisation, "contact": contact, "log_key": key}

    @classmethod
    @contextmanager
    def open(cls, root: Path, *, passphrase: Callable[[], str] = lambda: "") -> Iterator[Workspace]:
        """Open a workspace; `passphrase` is asked only where the root key is protected by one."""
        configuration = read_configuration(root / FILE_NAME)
        with open_database(_database_url(root, configuration)) as database:
            migrate(database)
            keyring = KeyRing(database, load_root(root / "keys" / "root.key", passphrase), clock=utc_now)
            yield cls(root, database=database, keyring=keyring, configuration=configuration)

    # What we promise

    @property
    def policy(self) -> Policy:
        """The policy in force: the file as it stands now."""
        return read_policy(self._policy_bytes(), where=str(self.root / POLICY_FILE))

    def show_policy(self) -> dict[str, Any]:
        """Return the policy in force, rule by rule."""
        policy = self.policy
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

    def create_project(
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
            use=_one_of(ProjectUse, use, what="--use"),
            subjects=subjects,
            target=target,
            owner=owner,
            starts=starts,
            ends=ends,
            created_at=utc_now(),
        )
        with self._held():
            self.projects.add(project)
            self._log_event("project-created", use=project.use.value)
        return _project(project)

    def list_projects(self) -> list[dict[str, Any]]:
        """Return all projects."""
        return [_project(project) for project in self.projects.list()]

    def show_project(self, name: str) -> dict[str, Any]:
        """Return one project and the counts of its items."""
        project = self.projects.get(name)
        return {**_project(project), "items": self.items.counts_by("decision", ItemFilter(project=name))}

    # Where pictures come from

    def add_source(
        self,
        *,
        name: str,
        hosts: tuple[str, ...],
        basis: str,
        diligence: str,
        owner: str = "",
        evidence: Path | None = None,
        open_licence: str = "",
        quotas: Mapping[str, int | None] | None = None,
        pace: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Register a source with its due diligence (C1.3)."""
        kept = _read_bounded(evidence) if evidence is not None else b""
        source = Source(
            name=name,
            owner=owner,
            hosts=tuple(parse_host_pattern(host) for host in hosts),
            basis=_one_of(Basis, basis, what="--basis"),
            open_licence=open_licence,
            diligence=diligence,
            diligence_sha256=sha256_of(kept) if kept else "",
            quotas=Quotas(**(quotas or {})),
            pace=Pace(**(pace or {})),
        )
        with self._held():
            self.sources.add(source, evidence=kept, now=utc_now())
            self._log_event("source-added", basis=source.basis.value)
        return _source(source)

    def list_sources(self) -> list[dict[str, Any]]:
        """Return all sources."""
        return [_source(source) for source in self.sources.list()]

    def show_source(self, name: str) -> dict[str, Any]:
        """Return one source and the counts of its items."""
        source = self.sources.get(name)
        return {**_source(source), "items": self.items.counts_by("decision", ItemFilter(source=name))}

    def add_licence(
        self,
        *,
        sources: tuple[str, ...],
        licensor: str,
        uses: tuple[str, ...],
        reference: str,
        valid_from: date | None = None,
        valid_until: date | None = None,
        paths: tuple[str, ...] = (),
        conditions: str = "",
    ) -> dict[str, Any]:
        """Record what a licensor grants."""
        for name in sources:
            self.sources.get(name)
        with self._held():
            licence = self.licences.add(
                licensor=licensor,
                sources=sources,
                paths=paths,
                grants=frozenset(_one_of(Grant, use, what="--uses") for use in uses),
                valid_from=valid_from or utc_now().date(),
                valid_until=valid_until,
                conditions=conditions,
                reference=reference,
                now=utc_now(),
            )
            self._log_event("licence-added")
        return _licence(licence)

    def list_licences(self) -> list[dict[str, Any]]:
        """Return all licences."""
        return [_licence(licence) for licence in self.licences.list()]

    def show_licence(self, licence: str) -> dict[str, Any]:
        """Return one licence."""
        return _licence(self.licences.get(licence))

    # The main job

    def collect(
        self,
        table: Path,
        *,
        project: str,
        url_col: str = "url",
        caption_col: str = "",
        licence_col: str = "",
        sha256_col: str = "",
        save_additional_columns: tuple[str, ...] | None = None,
        image_size: int | None = None,
        watch: Callable[[Tally], None] = lambda _: None,
    ) -> dict[str, Any]:
        """Collect the pictures of a table for a project; returns the report.

        Raises:
            BadInput: the table or the project cannot be used; nothing was fetched.
            Refused: the project is not running today, or another process is collecting.
        """
        columns = Columns(
            url=url_col,
            caption=caption_col,
            licence=licence_col,
            sha256=sha256_col,
            save_additional=save_additional_columns,
        )
        purpose = self.projects.get(project)
        if not purpose.is_running_on(utc_now().date()):
            raise Refused(
                f"project {project!r} runs from {purpose.starts} to {purpose.ends}, not today (C3.1)"
            )
        policy = self.policy
        read = read_table(table, columns)
        with self._held():
            stores = self._stores()
            recover(stores)
            if self._journal.keep_policy(self._policy_bytes(), sha256=policy.hash, now=utc_now()):
                self._log_event("policy-published", policy=policy.hash)
            run = self._journal.start_run(
                project=project,
                table=read.sha256,
                options={
                    "columns": [url_col, caption_col, licence_col, sha256_col],
                    "image_size": image_size or 0,
                },
                now=utc_now(),
            )
            sources = SourceIndex(self.sources.list())
            done, earlier = self._known(project, run=run, policy=policy)
            counts = self.items.counts_by("decision", ItemFilter(project=project))
            job = Job(
                table=read,
                plan=make_plan(read, sources=sources, done=done),
                earlier=earlier,
                project=project,
                use=use_of_project(purpose.use.value),
                places=max(0, purpose.target - counts.get(Verdict.KEPT, 0)),
                kept_by_source=self._vault.amounts(),
                run=run,
                agent=self.configuration.crawler.token,
                batch_items=self.configuration.work.batch_items,
                batch_seconds=self.configuration.work.batch_seconds,
                longest_side_px=image_size,
            )
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                return runner.run(
                    self._collect(job, policy=policy, sources=sources, stores=stores, watch=watch)
                )

    async def _collect(
        self,
        job: Job,
        *,
        policy: Policy,
        sources: SourceIndex,
        stores: Stores,
        watch: Callable[[Tally], None],
    ) -> dict[str, Any]:
        started = time.monotonic()
        fetch = policy.parameters(FetchLimits)
        picture = policy.parameters(PictureLimits)
        client = Client(
            user_agent=self.configuration.user_agent,
            allowed=self.configuration.allowed_networks,
            hosts=self.configuration.network.hosts,
            limits=ClientLimits(
                timeout_s=fetch.timeout_s,
                connect_timeout_s=fetch.connect_timeout_s,
                max_connections=self.configuration.network.max_connections,
            ),
        )
        cage = Cage(
            ENTRY,
            CageLimits(memory_bytes=picture.max_memory_bytes, timeout_s=picture.timeout_s),
            workers=self.configuration.work.inspectors or os.cpu_count() or 1,
        )
        async with client, cage:
            collection = Collection(
                job,
                stores=stores,
                client=client,
                cage=cage,
                policy=policy,
                sources=sources,
                licences=LicenceIndex(self.licences.list()),
                clock=utc_now,
            )
            with _stopping(collection.stop):
                interrupted = await collection.run(watch)
        tally = collection.tally
        if not interrupted and not tally.postponed:
            self._journal.finish_run(job.run, now=utc_now())
            self.items.optimise()
        return tally.report(
            seconds=time.monotonic() - started,
            log_size=self._log.size,
            checkpoint=self._log.checkpoint_text,
            interrupted=interrupted,
        )

    def _known(self, project: str, *, run: Run, policy: Policy) -> tuple[frozenset[str], dict[str, Earlier]]:
        """Tell which URLs need no visit, and what is known of those that may be asked for again.

        Kept and held pictures are not asked for again; what this run dealt with before it was interrupted
        neither. What was denied for a reservation under the same policy is asked for conditionally.
        """
        in_run = {batch.id for batch in self._journal.batches(run=run)} if run.is_resumed else set()
        done: set[str] = set()
        earlier: dict[str, Earlier] = {}
        for stored in self.items.records(ItemFilter(project=project)):
            record = stored.record
            if record["decision"] in (Verdict.KEPT, Verdict.HELD) or stored.batch in in_run:
                done.add(record["url"])
                continue
            reserved = all(reason["rule"] == RuleId.RESERVATION for reason in record["reasons"])
            same = record["policy"] == policy.hash and record["decision"] == Verdict.DENIED and reserved
            earlier[record["url"]] = Earlier(
                item=ItemId(record["item_id"]), conditions=validators(record) if same else {}
            )
        return frozenset(done), earlier

    # What was recorded

    def list_items(
        self,
        *,
        project: str = "",
        source: str = "",
        host: str = "",
        basis: str = "",
        decision: str = "",
        reason: str = "",
        include_superseded: bool = False,
        limit: int = 1000,
    ) -> list[dict[str, Any]]:
        """Return items, with the reasons in the words of the policy that decided."""
        chosen = ItemFilter(
            project=project,
            source=source,
            host=host,
            basis=basis,
            decision=_decision(decision),
            reason=reason,
            include_superseded=include_superseded,
        )
        sentences = _Sentences(self._journal)
        return [_item(stored.record, sentences) for stored in self.items.records(chosen, limit=limit)]

    def show_item(self, item: str) -> dict[str, Any]:
        """Return one item's whole record, its evidence, and where it stands in the register."""
        stored = self._item(item)
        shown = _item(stored.record, _Sentences(self._journal))
        return {
            **shown,
            "record": stored.record,
            "evidence": read_evidence(stored.evidence),
            "batch": stored.batch,
            "leaf": stored.position,
        }

    def count_items(
        self, *, by: str = "decision", include_superseded: bool = False, **chosen: str
    ) -> dict[str, Any]:
        """Count items by one of their properties."""
        columns = ("decision", "source", "host", "basis", "project")
        if by not in columns:
            raise BadInput(f"--by {printable(by)!r}: one of {', '.join(columns)}")
        chosen["decision"] = _decision(chosen.get("decision", ""))
        counts = self.items.counts_by(by, ItemFilter(include_superseded=include_superseded, **chosen))
        return {"items": sum(counts.values()), "by": counts}

    # What can be proven

    def verify_register(self, *, pictures: bool = True) -> dict[str, Any]:
        """Compute the register again and, unless left out, open every picture in the vault."""
        found = verify_register(self._log, self._leaves, self.items)
        problems = list(found.problems)
        opened = 0
        if pictures:
            opened, damaged = self._check_pictures()
            problems += damaged
        return {
            "ok": not problems,
            "entries": found.entries,
            "items": found.items,
            "pictures": opened,
            "checkpoint": found.checkpoint,
            "problems": problems,
        }

    def prove_item(self, item: str) -> tuple[str, str]:
        """Return a proof that an item's record is in the log, and the key that it verifies against."""
        stored = self._item(item)
        return prove_item(self._log, self._leaves, stored), self._log.verifier.vkey

    # What goes out

    def export_dataset(
        self, directory: Path, *, project: str, form: str, use: str = "train"
    ) -> dict[str, Any]:
        """Export a project's kept pictures for a use; what its basis does not grant is withheld and counted."""
        self.projects.get(project)
        grant = _one_of(Grant, use, what="--use")
        chosen = _one_of(ExportFormat, form, what="--format")
        withheld: dict[str, int] = {}
        files, count = write_samples(self._samples(project, grant, withheld), directory, chosen)
        if count:
            with self._held():
                self._log_event("dataset-exported", items=count, use=grant.value)
        return {
            "exported": count,
            "withheld": withheld,
            "files": [str(file) for file in files],
            "format": chosen.value,
            "use": grant.value,
        }

    def _samples(self, project: str, grant: Grant, withheld: dict[str, int]) -> Iterator[Sample]:
        """Stream a project's kept pictures out of the vault, each past the use gate first."""
        policy = self.policy
        licences = {licence.id: licence for licence in self.licences.list()}
        now = utc_now()
        for stored in self.items.records(ItemFilter(project=project, decision=Verdict.KEPT)):
            record = stored.record
            decision = may_use(
                basis=Basis(record["basis"]),
                open_licence=record["licence"],
                licence=licences.get(record["licence"]),
                grant=grant,
                now=now,
                policy=policy,
            )
            if decision.outcome is not Outcome.ALLOW:
                for reason in decision.reasons:
                    withheld[reason.key] = withheld.get(reason.key, 0) + 1
                continue
            yield _sample(record, self._vault.read(stored.shard, stored.shard_entry))

    def _check_pictures(self) -> tuple[int, list[str]]:
        """Open every picture that a record says is in the vault and compare it with the record's hash."""
        opened = 0
        problems: list[str] = []
        for stored in self.items.records(ItemFilter(include_superseded=True)):
            if not stored.shard:
                continue
            try:
                content = self._vault.read(stored.shard, stored.shard_entry)
            except ClearanceError as error:
                problems.append(f"item {stored.record['item_id']}: {error}")
                continue
            opened += 1
            if sha256_of(content) != stored_sha256(stored.record):
                problems.append(
                    f"item {stored.record['item_id']}: the vault holds other bytes than were recorded"
                )
        return opened, problems

    def _item(self, item: str) -> Any:
        found = self.items.by_ids([ItemId(item)])
        if not found:
            raise BadInput(f"no item {printable(item)!r}; `clearance items list` shows them")
        return found[0]

    def _stores(self) -> Stores:
        return Stores(
            vault=self._vault, items=self.items, leaves=self._leaves, log=self._log, journal=self._journal
        )

    def _log_event(self, kind: str, **facts: str | int) -> None:
        self._log.append([Event(kind=kind, time=utc_now(), facts=facts).encode()])

    def _policy_bytes(self) -> bytes:
        try:
            return (self.root / POLICY_FILE).read_bytes()
        except OSError as error:
            raise ConfigurationError(f"{self.root / POLICY_FILE}: {error.strerror}") from error

    @contextmanager
    def _held(self) -> Iterator[None]:
        """Hold the workspace for one process that changes it.

        Raises:
            WorkspaceBusy: another process holds it.
        """
        with (self.root / "lock").open("a+b") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise WorkspaceBusy(
                    f"{self.root}: another process is changing this workspace; try again later"
                ) from error
            yield


def find_workspace(given: Path | None) -> Path:
    """Return the workspace to use: the one given, else the nearest `clearance.toml` upward.

    Raises:
        ConfigurationError: there is none.
    """
    if given is not None:
        return given
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / FILE_NAME).is_file():
            return folder
    raise ConfigurationError(f"no {FILE_NAME} in {here} or above; `clearance init` makes a workspace")


def check_policy(file: Path) -> dict[str, Any]:
    """Check a policy file that is not in force."""
    try:
        content = file.read_bytes()
    except OSError as error:
        raise BadInput(f"{file}: {error.strerror}") from error
    policy = read_policy(content, where=str(file))
    return {"ok": True, "rules": len(policy.rules), "version": policy.version, "hash": policy.hash}


def check_proof_file(file: Path, *, key: str) -> dict[str, Any]:
    """Check a proof offline against a log key."""
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{file}: {error}") from error
    proven = check_proof(text, Verifier.parse(key))
    return {"ok": True, "log_index": proven.log_index, "log_size": proven.log_size, "record": proven.record}


@contextmanager
def _stopping(stop: Callable[[], None]) -> Iterator[None]:
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


def _signer(keyring: KeyRing, configuration: Configuration) -> Signer:
    """Return the log's signer; its name is the contact page's host and path, as C2SP asks for a URL without
    scheme.
    """
    contact = configuration.organisation.contact.partition("://")[2].strip("/")
    return Signer(f"{contact}/clearance", keyring.log_seed())


def _database_url(root: Path, configuration: Configuration) -> str:
    return configuration.database.url or f"sqlite:///{root.resolve() / 'control.sqlite'}"


def _one_of(kind: type[_E], value: str, *, what: str) -> _E:
    try:
        return kind(value)
    except ValueError as error:
        known = ", ".join(member.value for member in kind)
        raise BadInput(f"{what} {printable(value)!r}: one of {known}") from error


def _decision(value: str) -> str:
    return _one_of(Verdict, value, what="--decision").value if value else ""


def _read_bounded(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            content = opened.read(_MAX_DILIGENCE_BYTES + 1)
    except OSError as error:
        raise BadInput(f"{file}: {error.strerror}") from error
    if len(content) > _MAX_DILIGENCE_BYTES:
        raise BadInput(f"{file}: larger than {_MAX_DILIGENCE_BYTES} bytes")
    return content


def _project(project: Project) -> dict[str, Any]:
    return {
        "name": project.name,
        "purpose": project.purpose,
        "use": project.use.value,
        "subjects": list(project.subjects),
        "target": project.target,
        "owner": project.owner,
        "starts": project.starts.isoformat() if project.starts else None,
        "ends": project.ends.isoformat() if project.ends else None,
        "created_at": project.created_at.isoformat(),
    }


def _source(source: Source) -> dict[str, Any]:
    return {
        "name": source.name,
        "owner": source.owner,
        "hosts": [pattern.text for pattern in source.hosts],
        "basis": source.basis.value,
        "open_licence": source.open_licence,
        "diligence": source.diligence,
        "diligence_sha256": source.diligence_sha256,
        "quotas": asdict(source.quotas),
        "pace": asdict(source.pace),
    }


def _licence(licence: Licence) -> dict[str, Any]:
    return {
        "id": licence.id,
        "licensor": licence.licensor,
        "sources": list(licence.sources),
        "paths": list(licence.paths),
        "uses": sorted(grant.value for grant in licence.grants),
        "valid_from": licence.valid_from.isoformat(),
        "valid_until": licence.valid_until.isoformat() if licence.valid_until else None,
        "conditions": licence.conditions,
        "reference": licence.reference,
    }


class _Sentences:
    """The public sentences of the policies that decisions cite, each read once."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._known: dict[str, Policy | None] = {}

    def of(self, policy: str, rule: str) -> str:
        if policy not in self._known:
            content = self._journal.policy(Sha256(policy))
            self._known[policy] = read_policy(content) if content is not None else None
        stated = self._known[policy]
        return stated.sentence(RuleId(rule)) if stated is not None else ""


def _item(record: Mapping[str, Any], sentences: _Sentences) -> dict[str, Any]:
    return {
        "id": record["item_id"],
        "url": record["url"],
        "host": record["host"],
        "project": record["project"],
        "source": record["source"],
        "basis": record["basis"],
        "licence": record["licence"],
        "decision": record["decision"],
        "reasons": [
            {
                "control": reason["control"],
                "rule": reason["rule"],
                "signal": reason["signal"],
                "text": sentences.of(record["policy"], reason["rule"]),
                "detail": reason["detail"],
            }
            for reason in record["reasons"]
        ],
        "content_id": record["sha256"] or None,
        "iscc": record["iscc"] or None,
        "caption": record["row"]["caption"],
        "policy": record["policy"],
        "collected_at": record["collected_at"],
    }


def _sample(record: Mapping[str, Any], jpeg: bytes) -> Sample:
    kept = record["picture"]["kept"]
    rights = dict(reversed(record.get("rights", [])))
    credit = rights.get("credit") or rights.get("creator") or rights.get("copyright-notice") or ""
    return Sample(
        item_id=record["item_id"],
        jpeg=jpeg,
        url=record["url"],
        caption=record["row"]["caption"],
        source=record["source"],
        basis=record["basis"],
        licence=record["licence"],
        credit=credit,
        sha256=kept["sha256"],
        content_id=record["iscc"],
        width=kept["width"],
        height=kept["height"],
        extra=dict(record["row"]["extra"]),
    )
