"""A register with two batches and an event."""

from __future__ import annotations

from pathlib import Path

import pytest

from clearance.register import Event, ItemStore, Leaves, Log, Tombstones
from registers import MOMENT, SIGNER, Register, row, seal


@pytest.fixture
def register(tmp_path: Path) -> Register:
    for folder in ("log", "leaves", "items"):
        (tmp_path / folder).mkdir()
    made = Register(
        log=Log.create(tmp_path / "log", SIGNER),
        leaves=Leaves(tmp_path / "leaves"),
        items=ItemStore.create(tmp_path / "items"),
        tombstones=Tombstones(tmp_path / "tombstones"),
        root=tmp_path,
    )
    made.log.append([Event(kind="licence-added", time=MOMENT, facts={}).encode()])
    seal(made, "b1", [row("b1", n, source="archive") for n in range(5)])
    seal(made, "b2", [row("b2", 0, decision="denied"), row("b2", 1)])
    return made
