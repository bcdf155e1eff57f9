"""Clearance: a picture is cleared to collect, cleared to train, cleared to publish.

What was cleared can be recalled. `clearance.open(workspace)` is the Python API; the command line prints its
results.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clearance.workspace import Workspace

__all__ = ["open"]


def open(
    workspace: str | Path, *, token: str | None = None, why: str = ""
) -> AbstractContextManager[Workspace]:
    """Open a workspace as the operating-system user, or as the owner of a token; use it as a context manager.

    `why` is the reason that is recorded with every read of records or pictures.
    """
    # Loaded here, so that naming the package costs nothing.
    from clearance.workspace import Workspace as _Workspace  # noqa: PLC0415

    return _Workspace.open(Path(workspace), token=token, why=why)
