"""Dataset versions: frozen selections of items that are cleared to train.

A version never changes; it can only shrink, by a new version that names its parent. The entry in the log is
the commit point: a version that a crash left before it is taken back, one after it is finished.

Source: C1.3, C2.1, C4.2, C5.4.
"""

from __future__ import annotations

import json
import re
import secrets
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import RowMapping, delete, insert, select, update

from clearance.curating.manifest import Manifest, Member, sync
from clearance.curating.people.people_gate import SetKind
from clearance.curating.tables import dataset_versions
from clearance.database import Database
from clearance.errors import BadInput, RegisterDamaged, StorageError, printable
from clearance.identifiers import Sha256, VersionId
from clearance.register import Event, Log, read_entry

FROZEN_EVENT = "dataset-frozen"
LOST_EVENT = "dataset-lost"
"""A restore did not bring a version back that the log has."""
_AUDIT = "audit.json"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_REFERENCE = re.compile(r"(?P<name>[^@]+)(?:@(?P<number>[1-9][0-9]{0,8}))?")


class VersionState(StrEnum):
    """A version that was begun is always frozen or taken back."""

    FREEZING = "freezing"
    FROZEN = "frozen"


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One dataset version as it was frozen."""

    id: VersionId
    name: str
    number: int
    parent: str
    """Id of the version that it is a part of; empty for the first one."""
    project: str
    state: VersionState
    facts: Mapping[str, Any]
    """Kind, counts of members and of what was withheld, policy, audit; no word about single pictures."""
    root: str
    """Over head and members, hexadecimal; as the log has it."""
    log_index: int | None
    frozen_by: str
    frozen_at: datetime

    @property
    def reference(self) -> str:
        """How people name it: `NAME@2`."""
        return f"{self.name}@{self.number}"

    @property
    def items(self) -> int:
        """How many members it had when it was frozen."""
        return int(self.facts["items"])

    @property
    def policy(self) -> Sha256:
        """The policy that it was cleared under."""
        return Sha256(self.facts["policy"])

    @property
    def kind(self) -> SetKind:
        """What it is for."""
        return SetKind(self.facts["kind"])


class VersionStore:
    """The dataset versions of one workspace: facts in the database, members in a folder each."""

    def __init__(self, directory: Path, database: Database) -> None:
        self._directory = directory
        self._database = database

    def list(self) -> tuple[Version, ...]:
        """Return all versions, oldest first."""
        return self._rows(VersionState.FROZEN)

    def get(self, reference: str) -> Version:
        """Return a version by `NAME@NUMBER`, or the newest one of `NAME`.

        Raises:
            BadInput: there is none.
        """
        match = _REFERENCE.fullmatch(reference)
        named = [each for each in self.list() if match is not None and each.name == match["name"]]
        if match is not None and match["number"]:
            named = [each for each in named if each.number == int(match["number"])]
        if not named:
            known = "`clearance dataset list` shows them"
            raise BadInput(f"no dataset version {printable(reference)!r}; {known}")
        return max(named, key=lambda each: each.number)

    def manifest(self, version: Version) -> Manifest:
        """Return the files of a version."""
        return Manifest(self._directory / version.id)

    def members(self, version: Version) -> Iterator[Member]:
        """Return the members that are still there, in their order."""
        return self.manifest(version).members()

    def audit(self, version: Version) -> dict[str, Any]:
        """Return the audit that a version carries.

        Raises:
            RegisterDamaged: it is missing or cannot be read.
        """
        path = self._directory / version.id / _AUDIT
        try:
            return dict(json.loads(path.read_bytes()))
        except (OSError, ValueError) as error:
            raise RegisterDamaged(f"{path}: the audit of {version.reference} cannot be read") from error

    def audit_bytes(self, version: Version) -> bytes:
        """Return the audit as it was attached; its hash stands in the version's head."""
        try:
            return (self._directory / version.id / _AUDIT).read_bytes()
        except OSError as error:
            raise RegisterDamaged(f"{version.reference}: its audit is missing") from error

    def freeze(
        self,
        members: Iterable[Member],
        *,
        head: Mapping[str, Any],
        audit: bytes,
        log: Log,
        by: str,
        now: datetime,
    ) -> Version:
        """Freeze a version; `head` names it and holds its facts. The workspace is locked.

        Steps: 1 its files; 2 the note that it is being frozen; 3 the log, the commit point; 4 the note that
        it is frozen.

        Raises:
            StorageError: the disk is full or does not answer; nothing was frozen.
        """
        version = VersionId(secrets.token_hex(8))
        folder = self._directory / version
        try:
            # 1
            root, count = Manifest(folder).write({**head, "frozen_by": by}, members)
            self._keep_audit(folder, audit)
            # 2
            begun = Version(
                id=version,
                name=head["name"],
                number=head["number"],
                parent=head["parent"],
                project=head["project"],
                state=VersionState.FREEZING,
                facts={**head["facts"], "items": count, "kind": head["kind"], "policy": head["policy"]},
                root=root.hex(),
                log_index=None,
                frozen_by=by,
                frozen_at=now,
            )
            self._insert(begun)
            # 3
            facts: dict[str, str | int] = {
                "dataset_version": version,
                "parent": begun.parent,
                "root": begun.root,
                "items": count,
                "policy": begun.policy,
            }
            log.append([Event(kind=FROZEN_EVENT, time=now, facts=facts).encode()])
        except BaseException:
            self.settle(log)
            raise
        # 4
        self._frozen(version, log_index=log.size - 1)
        return self._one(version)

    def is_interrupted(self) -> bool:
        """Tell whether a crash left a version half frozen."""
        # Asked at every opening: ids and states alone, and once.
        query = select(dataset_versions.c.id, dataset_versions.c.state)
        with self._database.begin() as connection:
            states = {VersionId(version): state for version, state in connection.execute(query)}
        return VersionState.FREEZING.value in states.values() or bool(self._folders() - states.keys())

    def settle(self, log: Log) -> None:
        """Finish or take back what a crash left half frozen; the workspace is locked."""
        logged = versions_in(log)
        for half in self._rows(VersionState.FREEZING):
            if half.id in logged:
                self._frozen(half.id, log_index=logged[half.id][0])
            else:
                with self._database.begin() as connection:
                    connection.execute(delete(dataset_versions).where(dataset_versions.c.id == half.id))
        # The members of a version that the log has are kept, whatever became of its row.
        for leftover in self._folders() - {each.id for each in self.list()} - logged.keys():
            shutil.rmtree(self._directory / leftover, ignore_errors=True)

    def holding(self, items: pa.Array) -> dict[VersionId, int]:
        """Return which versions hold items, and how many of them."""
        found = {}
        for version in self.list():
            present = self.manifest(version).items()
            count = pc.sum(pc.is_in(present, value_set=items.cast(pa.string()))).as_py()
            if count:
                found[version.id] = int(count)
        return found

    def forget(self, items: pa.Array) -> Mapping[str, int]:
        """Take erased items out of every manifest; returns how many versions held some."""
        held = self.holding(items)
        for version in self.list():
            if version.id in held:
                self.manifest(version).forget(items)
        return {"dataset_versions": len(held)}

    def check_name(self, name: str) -> None:
        """Refuse a name that a new dataset cannot have.

        Raises:
            BadInput: it has other signs than letters, digits, `.`, `-` and `_`, or it is taken.
        """
        if not _NAME.fullmatch(name):
            raise BadInput(
                f"dataset name {printable(name)!r}: 1 to 64 letters, digits, dots, dashes or underscores, the"
                " first a letter or digit"
            )
        if any(each.name == name for each in self.list()):
            raise BadInput(
                f"dataset {name!r} exists, and a version never grows: `clearance dataset shrink {name}` takes"
                " out what may not stay; a larger selection takes a new name"
            )

    def _keep_audit(self, folder: Path, audit: bytes) -> None:
        path = folder / _AUDIT
        try:
            path.write_bytes(audit)
            for each in (path, folder, self._directory):
                # The log commits to it next: after a power cut it must be there, too.
                sync(each)
        except OSError as error:
            raise StorageError(f"{folder}: {error.strerror}") from error

    def _folders(self) -> set[VersionId]:
        if not self._directory.is_dir():
            return set()
        return {VersionId(path.name) for path in self._directory.iterdir() if path.is_dir()}

    def _insert(self, version: Version) -> None:
        with self._database.begin() as connection:
            connection.execute(
                insert(dataset_versions).values(
                    id=version.id,
                    name=version.name,
                    number=version.number,
                    parent=version.parent,
                    project=version.project,
                    state=version.state.value,
                    facts=dict(version.facts),
                    root=version.root,
                    frozen_by=version.frozen_by,
                    frozen_at=version.frozen_at,
                )
            )

    def _frozen(self, version: VersionId, *, log_index: int) -> None:
        with self._database.begin() as connection:
            connection.execute(
                update(dataset_versions)
                .where(dataset_versions.c.id == version)
                .values(state=VersionState.FROZEN.value, log_index=log_index)
            )

    def _one(self, version: VersionId) -> Version:
        return next(each for each in self.list() if each.id == version)

    def _rows(self, state: VersionState) -> tuple[Version, ...]:
        query = (
            select(dataset_versions)
            .where(dataset_versions.c.state == state.value)
            .order_by(dataset_versions.c.frozen_at, dataset_versions.c.id)
        )
        with self._database.begin() as connection:
            return tuple(_version(row) for row in connection.execute(query).mappings())


def versions_in(log: Log) -> dict[VersionId, tuple[int, Event]]:
    """Return every version that was frozen, with its entry in the log and the place of that.

    Raises:
        RegisterDamaged: the log cannot be read.
    """
    return {
        VersionId(str(event.facts.get("dataset_version"))): (index, event)
        for index, event in _events(log, FROZEN_EVENT)
    }


def lost_versions(log: Log) -> frozenset[VersionId]:
    """Return the versions that a restore did not bring back, as the log has them.

    Raises:
        RegisterDamaged: the log cannot be read.
    """
    return frozenset(
        VersionId(str(event.facts.get("dataset_version"))) for _, event in _events(log, LOST_EVENT)
    )


def _events(log: Log, kind: str) -> Iterator[tuple[int, Event]]:
    for index, raw in enumerate(log.entries()):
        entry = read_entry(raw)
        if isinstance(entry, Event) and entry.kind == kind:
            yield index, entry


def _version(row: RowMapping) -> Version:
    return Version(
        id=VersionId(row["id"]),
        name=row["name"],
        number=row["number"],
        parent=row["parent"],
        project=row["project"],
        state=VersionState(row["state"]),
        facts=row["facts"],
        root=row["root"],
        log_index=row["log_index"],
        frozen_by=row["frozen_by"],
        frozen_at=row["frozen_at"],
    )
