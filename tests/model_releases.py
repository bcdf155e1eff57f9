"""Model releases that tests record, and what a workspace says of pictures and consents."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import yaml

import clearance
from clearance.identifiers import sha256_of
from clearance.register import Event, read_entry
from workspaces import Tried

DOCUMENT = b"%PDF-1.7 signed"
NAME, ATTRIBUTE = "Q7-Marker-Name", "q7-marker-attribute"


def form(root: Path, **changes: Any) -> Path:
    """Write the form of a model release."""
    file = root / "release.yaml"
    values: dict[str, Any] = {
        "form": 1,
        "kind": "model",
        "document": {"sha256": sha256_of(DOCUMENT), "reference": f"safe of {NAME}", "form": "Own form"},
        "subject": {"name": NAME, "age": "AG-A25"},
        "shoot": {"from": date(2026, 5, 1), "to": date(2026, 5, 1), "place": NAME},
        "signed": {"at": date(2026, 5, 1), "method": "wet"},
        "grants": {"uses": ["ai_training"], "territory": "worldwide"},
        "legal_basis": "consent",
        "attributes": {
            "is_consented": True,
            "consented_at": date(2026, 5, 1),
            "values": {"monk-scale": ATTRIBUTE},
        },
        **changes,
    }
    file.write_text(yaml.safe_dump(values))
    return file


def added(tried: Tried, *items: str, **changes: Any) -> dict[str, Any]:
    with clearance.open(tried.root) as here:
        return here.consents.add(
            form(tried.root, covers=[{"item": item, "person": 1} for item in items], **changes)
        )


def files_with(root: Path, *marks: str) -> list[str]:
    """Name the files of a workspace that hold one of the words."""
    return sorted(
        str(path.relative_to(root))
        for path in root.rglob("*")
        if path.is_file() and any(mark.encode() in path.read_bytes() for mark in marks)
    )


def events(tried: Tried, prefix: str) -> list[tuple[str, dict[str, Any]]]:
    with clearance.open(tried.root) as here:
        entries = [read_entry(raw) for raw in here.holding.stores.log.entries()]
    return [
        (entry.kind, dict(entry.facts))
        for entry in entries
        if isinstance(entry, Event) and entry.kind.startswith(prefix)
    ]


def withheld(tried: Tried, *, kind: str = "creative") -> dict[str, list[tuple[str, str]]]:
    """Say what stands against each picture of the project: rule and outcome, by the end of its address."""
    with clearance.open(tried.root) as here:
        listed = here.datasets.check(project="p", kind=kind)["withheld_items"]
    return {
        each["url"].rpartition("/")[2]: [(reason["rule"], each["outcome"]) for reason in each["reasons"]]
        for each in listed
    }
