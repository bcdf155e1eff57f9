"""Make and open a workspace: one organisation's instance, and the Python API."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from clearance.collecting import utc_now
from clearance.configuration import FILE_NAME, Configuration, read_configuration, write_configuration
from clearance.database import migrate, open_database
from clearance.errors import BadInput, ConfigurationError, StorageError
from clearance.policy import default_policy_bytes
from clearance.register import ItemStore, Log
from clearance.vault import KeyRing, create_passphrase_root, create_root_key, load_root
from clearance.workspace.collection import Collector
from clearance.workspace.datasets import Datasets
from clearance.workspace.explaining import Explanations
from clearance.workspace.holding import POLICY_FILE, Holding, signer_of
from clearance.workspace.origins import Licences, Sources
from clearance.workspace.promises import PolicyInForce, Projects
from clearance.workspace.rechecking import Rechecks
from clearance.workspace.records import Items, Register
from clearance.workspace.registers import Accounts, Networks
from clearance.workspace.survey import Surveys
from clearance.workspace.terms import Terms

_ROOT_KEY = Path("keys") / "root.key"


class Workspace:
    """An opened workspace, by the words of the design; what its parts return is what `--json` prints."""

    def __init__(self, holding: Holding) -> None:
        self.root = holding.root
        self.holding = holding
        self.configuration = holding.configuration
        self.policy = PolicyInForce(holding)
        self.projects = Projects(holding)
        self.sources = Sources(holding)
        self.licences = Licences(holding)
        self.terms = Terms(holding)
        self.accounts = Accounts(holding)
        self.networks = Networks(holding)
        self.items = Items(holding, self.sources, self.licences)
        self.recheck = Rechecks(holding, self.sources, self.licences).recheck
        self.register = Register(holding, self.items)
        self.datasets = Datasets(holding, self.projects, self.licences)
        self.explain = Explanations(
            holding,
            projects=self.projects,
            sources=self.sources,
            licences=self.licences,
            terms=self.terms,
            items=self.items,
        ).explain
        self.survey = Surveys(holding, self.projects, self.sources, self.licences).survey
        self.collect = Collector(holding, self.projects, self.sources, self.licences).collect

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
            create_root_key(root / _ROOT_KEY)
        else:
            create_passphrase_root(root / _ROOT_KEY, passphrase)
        configuration = read_configuration(root / FILE_NAME)
        with open_database(_database_url(root, configuration)) as database:
            migrate(database)
            keyring = KeyRing(database, load_root(root / _ROOT_KEY, lambda: passphrase or ""), clock=utc_now)
            signer = signer_of(keyring, configuration)
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
            keyring = KeyRing(database, load_root(root / _ROOT_KEY, passphrase), clock=utc_now)
            holding = Holding(root, database=database, keyring=keyring, configuration=configuration)
            holding.recover()
            with contextlib.closing(holding.stores.vault):
                yield cls(holding)


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


def _database_url(root: Path, configuration: Configuration) -> str:
    return configuration.database.url or f"sqlite:///{root.resolve() / 'control.sqlite'}"
