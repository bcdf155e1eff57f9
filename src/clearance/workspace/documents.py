"""Documents about a dataset version, written from recorded facts only (C1.2)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from clearance.errors import BadInput, IntegrityError, StorageError
from clearance.governing import Permission
from clearance.governing.documents import (
    DatasetFacts,
    DocumentKind,
    document_facts,
    provenance_file,
    provenance_schema,
    render_document,
    write_document,
)
from clearance.workspace.holding import Holding, one_of
from clearance.workspace.verifying import verified
from clearance.workspace.version_facts import VersionFacts

_PROVENANCE = "provenance-file.json"
_SCHEMA = "provenance-file.schema.json"


class Documents:
    """Writes the documents of a workspace's dataset versions."""

    def __init__(self, holding: Holding, facts: VersionFacts) -> None:
        self._holding = holding
        self._facts = facts

    def write(self, reference: str, kinds: tuple[str, ...], *, out: Path | None = None) -> dict[str, Any]:
        """Write documents about a version; with a folder, as pages and JSON files in it.

        Args:
            reference: the version, `NAME@2`, or the newest one of `NAME`.
            kinds: which documents; none means all.
            out: where to write them; nothing that is there is written over.

        Raises:
            BadInput: there is no such version or kind, or a file is there already.
            IntegrityError: the version is not what was frozen: nothing is said about it.
        """
        self._holding.require(Permission.VIEW)
        version = self._holding.versions.get(reference)
        chosen = tuple(one_of(DocumentKind, kind, what="document") for kind in kinds) or tuple(DocumentKind)
        found = verified(self._holding, version, pictures=False)
        if not found["ok"]:
            shown = "; ".join(found["problems"][:3])
            raise IntegrityError(f"{version.reference} is not what was frozen: {shown}")
        facts = self._facts.gather(version)
        written = {kind: write_document(kind, facts) for kind in chosen}
        files: list[str] = []
        if out is not None:
            self._holding.check_outside(out)
            contents: dict[str, str] = {}
            for kind, document in written.items():
                contents[f"{kind}.html"] = render_document(
                    document,
                    organisation=facts.organisation,
                    made_on=facts.made_at.strftime("%Y-%m-%d"),
                    tool=facts.tool,
                )
                contents[f"{kind}.json"] = _json({**_stated(facts), **document_facts(document)})
            if DocumentKind.PROVENANCE in written:
                contents[_PROVENANCE] = _json(provenance_file(facts))
                contents[_SCHEMA] = _json(provenance_schema())
            files = _write(out, contents)
        return {
            **_stated(facts),
            "documents": {kind.value: document_facts(document) for kind, document in written.items()},
            "files": files,
        }


def _stated(facts: DatasetFacts) -> dict[str, Any]:
    """Say what a document is about, and when it was written."""
    return {
        "dataset": facts.reference,
        "version_id": facts.id,
        "root": facts.root,
        "made_at": facts.made_at.isoformat(),
        "tool": facts.tool,
    }


def _json(facts: dict[str, Any]) -> str:
    return json.dumps(facts, ensure_ascii=False, indent=2) + "\n"


def _write(out: Path, contents: dict[str, str]) -> list[str]:
    """Write all files or none: what is there already stays as it is."""
    try:
        there = [name for name in contents if (out / name).exists()]
        if there:
            raise BadInput(
                f"{out}: {', '.join(there)} there already, and not written over; take another folder"
            )
        out.mkdir(parents=True, exist_ok=True)
        for name, text in contents.items():
            (out / name).write_text(text, encoding="utf-8")
    except OSError as error:
        raise StorageError(f"{out}: {error.strerror or error}") from error
    return [str(out / name) for name in contents]
