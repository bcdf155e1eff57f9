"""What an opened workspace holds: its stores, its policy, its one lock, and its log for events."""

from __future__ import annotations

import contextlib
import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from clearance.collecting import BatchState, Journal, Stores, recover, utc_now
from clearance.configuration import Configuration
from clearance.database import Database
from clearance.errors import BadInput, ConfigurationError, WorkspaceBusy, printable
from clearance.policy import Policy, read_policy
from clearance.register import Event, ItemStore, Leaves, Log, Signer
from clearance.vault import KeyRing, Vault

POLICY_FILE = "policy.yaml"
_E = TypeVar("_E", bound=StrEnum)


class Holding:
    """The stores of one opened workspace; reading needs no lock, changing takes the only one."""

    def __init__(
        self, root: Path, *, database: Database, keyring: KeyRing, configuration: Configuration
    ) -> None:
        self.root = root
        self.configuration = configuration
        self.database = database
        self.stores = Stores(
            vault=Vault(root / "vault", keyring=keyring, database=database, clock=utc_now),
            items=ItemStore.open(root / "items"),
            leaves=Leaves(root / "leaves"),
            log=Log.open(root / "log", signer_of(keyring, configuration)),
            journal=Journal(database),
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
        """Finish or undo what a crash left half sealed, unless another process is sealing right now."""
        if not self.stores.journal.batches(state=BatchState.SEALING):
            return
        with contextlib.suppress(WorkspaceBusy), self.locked():
            recover(self.stores)

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
        """
        with (self.root / "lock").open("a+b") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                busy = f"{self.root}: another process is changing this workspace; try again later"
                raise WorkspaceBusy(busy) from error
            # What another process appended since this one opened the log must not be signed over.
            self.stores.log.refresh()
            yield


def signer_of(keyring: KeyRing, configuration: Configuration) -> Signer:
    """Return the log's signer, named after the contact page, as C2SP asks for a URL without its scheme."""
    contact = configuration.organisation.contact.partition("://")[2].strip("/")
    return Signer(f"{contact}/clearance", keyring.log_seed())


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
