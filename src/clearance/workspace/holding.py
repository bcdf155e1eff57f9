"""What an opened workspace holds: its stores, its policy, its one lock, and its log for events."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TypeVar, assert_never

from clearance.collecting import BatchState, CollectingTraces, Journal, Stores, recover, utc_now
from clearance.configuration import Configuration
from clearance.curating import (
    ConsentStore,
    CopyStore,
    ExaminedStore,
    ExportIndex,
    ReviewStore,
    VersionStore,
)
from clearance.database import Database
from clearance.errors import (
    BadInput,
    ClearanceError,
    ConfigurationError,
    IntegrityError,
    Refused,
    RolledBack,
    StorageError,
    WorkspaceBusy,
    printable,
)
from clearance.fingerprints import Fingerprints
from clearance.governing import MAX_WHY_CHARS, Access, Actor, Permission, Read, ReadStore, access, roles_with
from clearance.identifiers import sha256_of
from clearance.keeping import Eraser, ErasureJournal, Keeping, Suppression
from clearance.policy import AccessDuty, Policy, read_policy
from clearance.register import (
    Event,
    ItemStore,
    KeptHead,
    Leaves,
    Log,
    Signer,
    Tombstones,
    Verifier,
    usual_head,
)
from clearance.vault import KeyRing, Vault

POLICY_FILE = "policy.yaml"
_OWN_FOLDERS = (
    "vault",
    "items",
    "leaves",
    "tombstones",
    "log",
    "keys",
    "exports",
    "fingerprints",
    "datasets",
    "certificates",
    "requests",
    "risk",
    "survey",
)
_E = TypeVar("_E", bound=StrEnum)


class Holding:
    """The stores of one opened workspace; reading needs no lock, changing takes the only one."""

    def __init__(
        self,
        root: Path,
        *,
        database: Database,
        keyring: KeyRing,
        configuration: Configuration,
        actor: Actor,
        why: str = "",
    ) -> None:
        self.root = root
        self.actor = actor
        self.why = why.strip()
        self.configuration = configuration
        self.database = database
        self.keyring = keyring
        self._unfinished: ClearanceError | None = None
        signer = signer_of(keyring, configuration)
        self.stores = Stores(
            vault=Vault(root / "vault", keyring=keyring, database=database, clock=utc_now),
            items=ItemStore.open(root / "items"),
            leaves=Leaves(root / "leaves"),
            tombstones=Tombstones(root / "tombstones"),
            log=Log.open(root / "log", signer, kept_head(root, configuration, signer.verifier)),
            journal=Journal(database),
        )
        self.reads = ReadStore(database)
        self.exports = ExportIndex(root / "exports", database)
        self.fingerprints = Fingerprints(root / "fingerprints")
        self.examined = ExaminedStore(root / "items")
        self.copies = CopyStore(database)
        self.versions = VersionStore(root / "datasets", database)
        self.consents = ConsentStore(database, keyring.consents_key, self.stores.items)
        self.reviews = ReviewStore(database, self.stores.items, self.examined)
        self.keeping = Keeping(
            stores=self.stores,
            database=database,
            journal=ErasureJournal(database),
            suppression=Suppression(database, keyring.suppression_key),
            traces=(
                CollectingTraces(self.stores.items, database),
                self.fingerprints,
                self.examined,
                self.copies,
                self.exports,
                self.versions,
                self.consents,
                self.reviews,
            ),
            certificates=root / "certificates",
        )

    @property
    def eraser(self) -> Eraser:
        """What erases; the workspace must be locked."""
        return Eraser(
            self.keeping, actor=self.actor.name, policy=lambda: sha256_of(self.policy_bytes), clock=utc_now
        )

    @property
    def policy(self) -> Policy:
        """The policy in force: the file as it stands now."""
        return read_policy(self.policy_bytes, where=str(self.root / POLICY_FILE))

    @property
    def policy_bytes(self) -> bytes:
        """The policy file's bytes, whose hash every decision stores."""
        try:
            return (self.root / POLICY_FILE).read_bytes()
        except OSError as error:
            raise ConfigurationError(f"{self.root / POLICY_FILE}: {error.strerror}") from error

    def recover(self) -> None:
        """Finish or undo what a crash left half sealed, and finish what it left half erased, unless another
        process is at work right now; bring the item store of an earlier version to today's form.
        """
        if self.stores.items.lacks_columns():
            with self.locked():
                self.stores.items.add_columns()
        half_sealed = self.stores.journal.batches(state=BatchState.SEALING)
        is_frozen_half = self.versions.is_interrupted()
        if not half_sealed and not is_frozen_half and not self.eraser.is_interrupted():
            return
        with contextlib.suppress(WorkspaceBusy, RolledBack), self.locked():
            try:
                recover(self.stores)
                if is_frozen_half:
                    self.versions.settle(self.stores.log)
                self.eraser.recover()
            except (IntegrityError, StorageError) as error:
                # Reading goes on; whoever wants to change something is told what stands in the way.
                self._unfinished = error

    def is_rolled_back(self) -> bool:
        """Tell whether the log is older than what it signed before: the workspace can be read only."""
        self.stores.log.refresh()
        try:
            self.stores.log.refuse_to_fork()
        except RolledBack:
            return True
        return False

    def require(self, *wanted: Permission) -> None:
        """Go on only where the actor may do what any one of these permissions allows (C5.1).

        Raises:
            Refused: they may not; the message says which roles may.
        """
        match answer := access(self.actor, *wanted):
            case Access.ALLOWED:
                return
            case Access.NOT_SCOPED:
                scopes = " or ".join(permission.value for permission in wanted)
                raise Refused(f"the token is not for this (C5.1): it has no scope {scopes}")
            case Access.NOT_GRANTED:
                roles = " or ".join(role.value for role in roles_with(*wanted))
                raise Refused(
                    f"{printable(self.actor.name)} may not do this (C5.1): it takes the role {roles}; an"
                    " admin gives it: `clearance people change NAME --give ROLE`"
                )
            case _:
                assert_never(answer)

    def note_read(self, what: str, *, items: int, **query: str) -> None:
        """Record a read of records or pictures before they are handed over; it needs no lock (C5.1).

        Raises:
            Refused: no reason is given, and the policy asks for one.
        """
        if not self.why and self.policy.parameters(AccessDuty).is_reason_required:
            raise Refused("who reads says why, by the policy (rule access, C5.1): --why TEXT")
        if len(self.why) > MAX_WHY_CHARS:
            raise BadInput(f"--why: {MAX_WHY_CHARS} characters at most")
        asked = {name: printable(value) for name, value in query.items() if value}
        self.reads.add(
            Read(
                at=utc_now(),
                who=self.actor.name,
                lent_by="" if self.actor.is_in_person else self.actor.lent_by,
                what=what,
                query=asked,
                items=items,
                why=self.why,
            )
        )

    def check_outside(self, directory: Path) -> None:
        """Refuse a folder in which the workspace keeps things of its own.

        Raises:
            BadInput: it is one of them, or lies in one.
        """
        where = directory.resolve()
        for name in _OWN_FOLDERS:
            if where.is_relative_to((self.root / name).resolve()):
                raise BadInput(f"{directory}: the workspace's own folder {name}; take another one")

    def publish_policy(self) -> None:
        """Keep the policy in force, and log that it is used for the first time; the workspace is locked."""
        policy = self.policy
        if self.stores.journal.keep_policy(self.policy_bytes, sha256=policy.hash, now=utc_now()):
            self.log_event("policy-published", policy=policy.hash)

    def log_event(self, kind: str, **facts: str | int) -> None:
        """Put an event into the log; the workspace must be locked."""
        self.stores.log.append([Event(kind=kind, time=utc_now(), facts=facts).encode()])

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the workspace for one process that changes it.

        Raises:
            WorkspaceBusy: another process holds it.
            RolledBack: its log is older than what it signed before; it can be read only.
            IntegrityError: what a crash interrupted cannot be finished; the message says why.
        """
        with (self.root / "lock").open("a+b") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                busy = f"{self.root}: another process is changing this workspace; try again later"
                raise WorkspaceBusy(busy) from error
            # What another process appended since this one opened the log must not be signed over.
            self.stores.log.refresh()
            self.stores.log.refuse_to_fork()
            if self._unfinished is not None:
                raise self._unfinished
            yield


def signer_of(keyring: KeyRing, configuration: Configuration) -> Signer:
    """Return the log's signer, named after the contact page, as C2SP asks for a URL without its scheme."""
    contact = configuration.organisation.contact.partition("://")[2].strip("/")
    return Signer(f"{contact}/clearance", keyring.log_seed())


def kept_head(root: Path, configuration: Configuration, verifier: Verifier) -> KeptHead:
    """Return where the log's newest checkpoint is kept outside the workspace.

    Raises:
        ConfigurationError: the place stated is inside, or none is known.
    """
    stated = configuration.register.head
    if not stated:
        return KeptHead(usual_head(verifier, os.environ), verifier)
    path = Path(stated)
    if not path.is_absolute() or path.resolve().is_relative_to(root.resolve()):
        raise ConfigurationError(
            f"clearance.toml, [register] head: {printable(stated)!r}: state an absolute path outside the"
            " workspace"
        )
    return KeptHead(path, verifier)


def one_of(kind: type[_E], value: str, *, what: str) -> _E:
    """Read a word that a user gave.

    Raises:
        BadInput: it is none of those there are; the message lists them.
    """
    try:
        return kind(value)
    except ValueError as error:
        known = ", ".join(member.value for member in kind)
        raise BadInput(f"{what} {printable(value)!r}: one of {known}") from error
