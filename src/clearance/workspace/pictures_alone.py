"""Open the pictures of a workspace and nothing else, for a process that reads places it was handed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from clearance.collecting import Journal, utc_now
from clearance.configuration import FILE_NAME, read_configuration
from clearance.database import open_database
from clearance.errors import Refused
from clearance.governing import Access, Permission, access
from clearance.register import Log
from clearance.vault import KeyRing, Vault
from clearance.workspace.actors import acting
from clearance.workspace.holding import signer_of
from clearance.workspace.log_watch import LogWatch
from clearance.workspace.opening import database_url
from clearance.workspace.root_key import open_root, root_access
from clearance.workspace.training_reads import OpenedVersion, PictureReader, picture_reader


@contextmanager
def open_pictures(
    root: Path, opened: OpenedVersion, *, token: str | None, passphrase: Callable[[], str]
) -> Iterator[PictureReader]:
    """Open the vault of a workspace for whoever may export from it, to read a version that was weighed.

    Raises:
        Refused: who acts may not export.
    """
    configuration = read_configuration(root / FILE_NAME)
    with open_database(database_url(root, configuration)) as database:
        actor = acting(database, root, token=token, now=utc_now())
        if access(actor, Permission.EXPORT) is not Access.ALLOWED:
            raise Refused(f"{actor.name} may not read pictures for training (C5.1)")
        root_key, _ = open_root(root, database, root_access(configuration, passphrase))
        keyring = KeyRing(database, root_key, clock=utc_now)

        def vault() -> Vault:
            return Vault(root / "vault", keyring=keyring, database=database, clock=utc_now)

        log = Log.open(root / "log", signer_of(keyring, configuration).verifier)
        watch = LogWatch(log, Journal(database), version=opened.id, size=opened.log_size)
        with picture_reader(root / "tombstones", vault, watch) as reader:
            yield reader
