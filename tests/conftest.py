"""Fixtures that every test may ask for: real servers, real workspaces, real keys; only time and chance are
handed in.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import settings

import command_line
from sites import Site
from workspaces import Tried

settings.register_profile("clearance", deadline=None, max_examples=100)
settings.load_profile("clearance")

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True, scope="session")
def _state_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test, nor a process that it starts, writes into the home of whoever runs the tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        yield


@pytest.fixture(autouse=True, scope="session")
def _commands() -> Iterator[None]:
    """What commands are forked from ends with the tests."""
    yield
    command_line.end()


@pytest.fixture
def now() -> datetime:
    """One fixed moment."""
    return NOW


@pytest.fixture
def site() -> Iterator[Site]:
    """A web site on loopback that a test fills with answers."""
    with Site() as running:
        yield running


@pytest.fixture
def photograph() -> bytes:
    """A JPEG that no rights holder said anything about."""
    from pictures_made import photograph as made

    return made(seed=1)


@pytest.fixture
def vectors() -> Path:
    """The folder of other people's test cases, where the machine has it."""
    import os

    folder = os.environ.get("CLEARANCE_VECTORS")
    if not folder:
        pytest.skip("CLEARANCE_VECTORS names no folder of public test vectors")
    return Path(folder)


@pytest.fixture
def tried(tmp_path: Path) -> Tried:
    """A workspace with a project, ready to collect from loopback."""
    made = Tried(tmp_path / "workspace")
    made.project()
    return made
