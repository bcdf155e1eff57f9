"""Make and open a workspace: one organisation's instance, and the Python API."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from clearance.collecting import utc_now
from clearance.configuration import (
    FILE_NAME,
    Configuration,
    KeySettings,
    read_configuration,
    write_configuration,
)
from clearance.database import Database, migrate, open_database
from clearance.errors import BadInput, ClearanceError, ConfigurationError, StorageError
from clearance.governing import PeopleStore
from clearance.policy import default_policy_bytes
from clearance.register import Event, ItemStore, Log
from clearance.vault import KeyRing, RootKind, create_root
from clearance.workspace.actors import acting, first_person, os_user, record_first_person
from clearance.workspace.auditing import Audits
from clearance.workspace.backup import Backups
from clearance.workspace.catalogues import Catalogues
from clearance.workspace.collection import Collector
from clearance.workspace.consents import Consents
from clearance.workspace.copying import Copies
from clearance.workspace.datasets import Datasets
from clearance.workspace.documents import Documents
from clearance.workspace.embedding import Embeddings
from clearance.workspace.erasing import Erasures
from clearance.workspace.examining import Examinations
from clearance.workspace.explaining import Explanations
from clearance.workspace.exporting import Exports
from clearance.workspace.holding import POLICY_FILE, Holding, kept_head, one_of, signer_of
from clearance.workspace.keys import Keys
from clearance.workspace.losses import declare_losses
from clearance.workspace.matching import Matches
from clearance.workspace.origins import Licences, Sources
from clearance.workspace.people import Approvals, People, Reads, Tokens
from clearance.workspace.promises import PolicyInForce, Projects
from clearance.workspace.pruning import Prunes
from clearance.workspace.rechecking import Rechecks
from clearance.workspace.records import Items, Register
from clearance.workspace.registers import Accounts, Networks
from clearance.workspace.retention import Retentions
from clearance.workspace.reviews import Reviews
from clearance.workspace.risk import Risks
from clearance.workspace.root_key import ROOT_KEY, open_root, root_access, settle_rotation
from clearance.workspace.status import Statuses
from clearance.workspace.survey import Surveys
from clearance.workspace.terms import Terms
from clearance.workspace.traffic import TrafficReports
from clearance.workspace.training_reads import TrainingReads
from clearance.workspace.version_facts import VersionFacts


class Workspace:
    """An opened workspace, by the words of the design; what its parts return is what `--json` prints."""

    def __init__(self, holding: Holding) -> None:
        self.root = holding.root
        self.holding = holding
        self.configuration = holding.configuration
        self.people = People(holding)
        self.tokens = Tokens(holding)
        self.approvals = Approvals(holding)
        self.reads = Reads(holding)
        self.policy = PolicyInForce(holding)
        self.projects = Projects(holding)
        self.sources = Sources(holding)
        self.catalogues = Catalogues(holding, self.sources)
        self.licences = Licences(holding)
        self.risks = Risks(holding, projects=self.projects, sources=self.sources, licences=self.licences)
        self.terms = Terms(holding)
        self.accounts = Accounts(holding)
        self.networks = Networks(holding)
        self.items = Items(holding, self.sources, self.licences)
        self.consents = Consents(holding)
        self.reviews = Reviews(holding, self.licences)
        rechecks = Rechecks(holding, self.sources, self.licences)
        self.recheck = rechecks.recheck
        examinations = Examinations(holding)
        self.examine = examinations.examine
        embeddings = Embeddings(holding)
        self.embed = embeddings.embed
        self.match = Matches(holding, embeddings).match
        self.register = Register(holding)
        self.keys = Keys(holding)
        self.backups = Backups(holding)
        self.erasures = Erasures(holding)
        self.retention = Retentions(holding, self.projects, self.licences)
        self.prune = Prunes(holding, self.projects, self.licences)
        self.audits = Audits(holding, self.projects)
        facts = VersionFacts(
            holding,
            projects=self.projects,
            sources=self.sources,
            licences=self.licences,
            risks=self.risks,
        )
        self.documents = Documents(holding, facts)
        self.training = TrainingReads(
            holding, sources=self.sources, licences=self.licences, retention=self.retention
        )
        self.datasets = Datasets(
            holding,
            projects=self.projects,
            sources=self.sources,
            licences=self.licences,
            retention=self.retention,
            rechecks=rechecks,
            examinations=examinations,
            copies=Copies(holding),
            audits=self.audits,
            exports=Exports(
                holding,
                sources=self.sources,
                licences=self.licences,
                retention=self.retention,
                facts=facts,
            ),
        )
        self.status = Statuses(
            holding,
            projects=self.projects,
            licences=self.licences,
            terms=self.terms,
            accounts=self.accounts,
            risks=self.risks,
            retention=self.retention,
        ).status
        self.explain = Explanations(
            holding,
            projects=self.projects,
            sources=self.sources,
            licences=self.licences,
            terms=self.terms,
            items=self.items,
        ).explain
        self.traffic = TrafficReports(holding, self.projects, self.sources).traffic
        self.survey = Surveys(holding, self.projects, self.sources, self.licences).survey
        self.collect = Collector(
            holding, self.projects, self.sources, self.licences, risks=self.risks
        ).collect

    @classmethod
    def create(
        cls,
        root: Path,
        *,
        organisation: str,
        contact: str,
        root_key: str = RootKind.FILE,
        keys: KeySettings | None = None,
        database: str = "",
        passphrase: Callable[[], str] = lambda: "",
    ) -> dict[str, Any]:
        """Make a workspace in a new or empty folder.

        Args:
            root: the folder.
            organisation: who collects.
            contact: the page that every request names.
            root_key: where the root key comes from: file, passphrase, keyring or command.
            keys: the commands that wrap and unwrap it, where it comes from one.
            database: where control data is kept, an SQLAlchemy URL; empty means SQLite inside the workspace.
            passphrase: asked only where the root key is derived from one.

        Raises:
            BadInput: the folder or the database holds something already, or a value cannot be used.
        """
        kind = one_of(RootKind, root_key, what="--root-key")
        try:
            root.mkdir(parents=True, exist_ok=True)
            if any(root.iterdir()):
                raise BadInput(f"{root}: not empty; a workspace is made in a folder of its own")
            write_configuration(
                root / FILE_NAME, organisation=organisation, contact=contact, keys=keys, database=database
            )
            (root / POLICY_FILE).write_bytes(default_policy_bytes())
            for folder in ("keys", "vault", "leaves", "log", "items", "tombstones"):
                (root / folder).mkdir(mode=0o700)
        except OSError as error:
            raise StorageError(f"{root}: {error.strerror or error}") from error
        configuration = read_configuration(root / FILE_NAME)
        try:
            key = create_root(root / ROOT_KEY, kind, root_access(configuration, passphrase))
            with empty_database(root, configuration) as opened:
                keyring = KeyRing(opened, key, clock=utc_now)
                signer = signer_of(keyring, configuration)
                log = Log.create(root / "log", signer, kept_head(root, configuration, signer.verifier))
                now = utc_now()
                log.append([Event(kind="person-added", time=now, facts={}).encode()])
                PeopleStore(opened).add(first_person(os_user(os.getuid()), now=now))
                ItemStore.create(root / "items")
        except ClearanceError:
            # Nothing is kept in it yet: the folder is empty again, for another try.
            _empty(root)
            raise
        vkey = signer.verifier.vkey
        (root / "log" / "vkey").write_text(f"{vkey}\n", encoding="utf-8")
        return {
            "workspace": str(root),
            "organisation": organisation,
            "contact": contact,
            "root_key": kind.value,
            "log_key": vkey,
        }

    @classmethod
    @contextmanager
    def open(
        cls,
        root: Path,
        *,
        passphrase: Callable[[], str] = lambda: "",
        token: str | None = None,
        why: str = "",
    ) -> Iterator[Workspace]:
        """Open a workspace; `passphrase` is asked only where the root key is protected by one.

        Who acts is the owner of the token, or else the operating-system user; `why` is what they say they
        read records for.

        Raises:
            Refused: the token opens nothing, or the user is no person of the workspace.
        """
        configuration = read_configuration(root / FILE_NAME)
        with open_database(database_url(root, configuration)) as database:
            migrate(database)
            actor = acting(database, root, token=token, now=utc_now())
            root_key, opened_from = open_root(root, database, root_access(configuration, passphrase))
            keyring = KeyRing(database, root_key, clock=utc_now)
            holding = Holding(
                root, database=database, keyring=keyring, configuration=configuration, actor=actor, why=why
            )
            settle_rotation(holding, opened_from)
            holding.recover()
            declare_losses(holding)
            record_first_person(holding, now=utc_now())
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


@contextmanager
def empty_database(root: Path, configuration: Configuration) -> Iterator[Database]:
    """Open the control database of a workspace that is being made, and make its tables.

    Raises:
        BadInput: it holds something already, which may be another workspace's.
    """
    with open_database(database_url(root, configuration)) as database:
        if database.has_tables():
            raise BadInput(
                f"control database {database.where}: it holds something already; give an empty one,"
                " --database URL (--database '' for SQLite inside the workspace)"
            )
        migrate(database)
        yield database


def _empty(root: Path) -> None:
    for path in root.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()


def database_url(root: Path, configuration: Configuration) -> str:
    """Return the URL of a workspace's control database."""
    return configuration.database.url or f"sqlite:///{root.resolve() / 'control.sqlite'}"
