"""Erasures: what goes when somebody asks, shown first, then done, with a certificate."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from clearance.errors import BadInput, printable
from clearance.governing import Permission, SharedAction
from clearance.identifiers import ItemId
from clearance.keeping import Erasure, ErasureReason, Selection, address_of, choose
from clearance.register import ItemStore
from clearance.workspace.holding import Holding, one_of
from clearance.workspace.people import Approvals

_OTHERS = 100
"""Other items with the same bytes that are named; whoever has more takes them by host or source."""


class Erasures:
    """The erasures of a workspace."""

    def __init__(self, holding: Holding) -> None:
        self._holding = holding

    def preview(self, **wanted: Any) -> dict[str, Any]:
        """Return what an erasure would take; nothing is changed.

        Raises:
            BadInput: nothing is stated, or something that is not there.
        """
        self._holding.require(Permission.ERASE)
        selection = _selection(**wanted)
        shown = self._shown(choose(self._holding.stores.items, selection))
        return {**shown, "destroys_keys": selection.is_whole_source}

    def erase(self, *, reason: str, by: str = "", **wanted: Any) -> dict[str, Any]:
        """Erase what is meant: bytes, records, fingerprints and traces; returns what went.

        Raises:
            BadInput: nothing is stated, something that is not there, or nothing is meant by it.
            Refused: a whole source is meant, and no second person has agreed (C5.1).
        """
        self._holding.require(Permission.ERASE)
        why = one_of(ErasureReason, reason, what="--reason")
        if not why.is_given_by_hand:
            known = ", ".join(each.value for each in ErasureReason if each.is_given_by_hand)
            raise BadInput(f"--reason {reason!r}: only a sweep gives it; by hand: {known}")
        asked_by = by.strip() or self._holding.actor.name
        selection = _selection(**wanted)
        with self._holding.locked():
            self._holding.publish_policy()
            chosen = choose(self._holding.stores.items, selection)
            if not chosen.num_rows:
                raise BadInput(f"nothing is meant by this: {self._why_nothing(selection)}")
            sources = (selection.source,) if selection.is_whole_source else ()
            # A refusal of the erasure itself comes before anybody else is asked.
            if sources and not self._holding.eraser.blocked(chosen):
                what = f"everything from source {selection.source}, and its keys; reason {why.value}"
                Approvals(self._holding).needed(SharedAction.DESTROY_KEYS, what)
            preview = self._shown(chosen)
            done = self._holding.eraser.erase(chosen, reason=why, asked_by=asked_by, sources=sources)
            if sources:
                self._holding.log_event("keys-destroyed", keys=len(sources))
        return {**preview, **erasure_facts(done, certificates=self._holding.keeping.certificates)}

    def _why_nothing(self, selection: Selection) -> str:
        suppressed = self._holding.keeping.suppression.of(selection.project)
        if selection.url and suppressed.has_url(address_of(selection.url)):
            return "this address was erased before, and is not collected again"
        return "no record has all of these properties"

    def list(self) -> list[dict[str, Any]]:
        """Return all erasures, oldest first."""
        self._holding.require(Permission.VIEW)
        keeping = self._holding.keeping
        return [
            erasure_facts(erasure, certificates=keeping.certificates) for erasure in keeping.journal.list()
        ]

    def certificate(self, erasure: str) -> dict[str, Any]:
        """Return the certificate of an erasure.

        Raises:
            BadInput: there is none of that id.
        """
        self._holding.require(Permission.VIEW)
        if erasure not in {known.id for known in self._holding.keeping.journal.list()}:
            raise BadInput(f"no erasure {printable(erasure)!r}; `clearance erasure list` shows them")
        path = _certificate(self._holding.keeping.certificates, erasure)
        try:
            certificate: dict[str, Any] = json.loads(path.read_bytes())
        except (OSError, ValueError) as error:
            # A restored workspace may know of erasures that were made after its backup.
            raise BadInput(
                f"{path}: the certificate cannot be read; if a backup was restored, look for it in the newer"
                " workspace's folder `certificates`; its hash stands in the log"
            ) from error
        return certificate

    def _shown(self, chosen: pa.Table) -> dict[str, Any]:
        by = {
            f"by_{name}": {
                entry["values"]: entry["counts"] for entry in pc.value_counts(chosen.column(name)).to_pylist()
            }
            for name in ("source", "project", "decision", "host")
        }
        exports = self._holding.exports
        held = exports.holding(chosen.column("item_id").combine_chunks())
        places = {export.id: export.directory for export in exports.list()}
        return {
            "items": chosen.num_rows,
            "pictures": _pictures(chosen),
            **by,
            "exports": [
                {"id": export, "directory": places[export], "items": count} for export, count in held.items()
            ],
            "same_bytes": _same_bytes(self._holding.stores.items, chosen),
        }


def _same_bytes(items: ItemStore, chosen: pa.Table) -> list[dict[str, str]]:
    """Return other items with the bytes of one that is chosen: whoever asks may mean them too."""
    hashes = pc.unique(chosen.column("sha256"))
    hashes = hashes.filter(pc.not_equal(hashes, ""))
    columns = ["item_id", "url", "project", "decision"]
    rows = items.rows([*columns, "superseded"], key="sha256", values=hashes)
    current = rows.filter(pc.invert(rows.column("superseded")))
    others = pc.invert(pc.is_in(current.column("item_id"), value_set=pc.unique(chosen.column("item_id"))))
    found: list[dict[str, str]] = current.select(columns).filter(others).slice(0, _OTHERS).to_pylist()
    return found


def erasure_facts(erasure: Erasure, *, certificates: Path) -> dict[str, Any]:
    """Return an erasure as plain values."""
    return {
        "erasure": erasure.id,
        "state": erasure.state.value,
        "reason": erasure.reason.value,
        "asked_by": erasure.asked_by,
        "recorded_by": erasure.recorded_by,
        "begun_at": erasure.begun_at.isoformat(),
        "done_at": erasure.done_at.isoformat() if erasure.done_at else None,
        "items": erasure.counts["items"],
        "pictures": erasure.counts["pictures"],
        "bytes": erasure.counts["bytes"],
        "log_index": erasure.log_index,
        "certificate": str(_certificate(certificates, erasure.id)),
    }


def _certificate(certificates: Path, erasure: str) -> Path:
    return certificates / f"{erasure}.json"


def _selection(
    *,
    items: tuple[str, ...] = (),
    url: str = "",
    host: str = "",
    source: str = "",
    licence: str = "",
    project: str = "",
    keyword: str = "",
) -> Selection:
    return Selection(
        items=tuple(ItemId(item) for item in items),
        url=url,
        host=host.strip().lower(),
        source=source,
        licence=licence,
        project=project,
        keyword=keyword.strip(),
    )


def _pictures(chosen: pa.Table) -> int:
    """Count the pictures in the vault that records speak of; several records may speak of one."""
    held = chosen.filter(pc.not_equal(chosen.column("shard"), ""))
    return int(held.group_by(["shard", "shard_entry"]).aggregate([]).num_rows)
