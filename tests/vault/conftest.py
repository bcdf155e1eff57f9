"""A control database, and an empty vault."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from clearance.database import Database, migrate, open_database
from clearance.vault import Vault
from vaults import OPENED, vault_in


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with open_database(f"sqlite:///{tmp_path}/control.sqlite") as opened:
        migrate(opened)
        yield opened


@pytest.fixture
def vault(tmp_path: Path, database: Database) -> Iterator[Vault]:
    (tmp_path / "vault").mkdir()
    yield vault_in(tmp_path, database)
    while OPENED:
        OPENED.pop().close()
