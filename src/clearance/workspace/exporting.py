"""What goes out: the members of a dataset version, decrypted one by one, for a use that their basis grants.

Source: C1.3, C3.2, C5.1, C5.4.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from clearance.collecting import utc_now
from clearance.curating import (
    CreditFiles,
    Exported,
    ExportedFile,
    ExportFormat,
    Sample,
    Version,
    attribute,
    check_target,
    croissant,
    croissant_findings,
    dataset_card,
    write_samples,
)
from clearance.errors import IntegrityError, StorageError
from clearance.governing import Permission
from clearance.identifiers import sha256_of
from clearance.policy import MetadataDuty
from clearance.register import StoredItem
from clearance.sourcing import Grant, Licence
from clearance.workspace.holding import Holding, one_of
from clearance.workspace.labelling import labelled
from clearance.workspace.leaving import Leaving, check_bulk
from clearance.workspace.origins import Licences, Sources
from clearance.workspace.retention import Retentions
from clearance.workspace.selecting import Selecting
from clearance.workspace.version_facts import VersionFacts

_DESCRIPTION = "croissant.json"
_CARD = "README.md"


class Exports:
    """The exports of a workspace."""

    def __init__(
        self,
        holding: Holding,
        *,
        sources: Sources,
        licences: Licences,
        retention: Retentions,
        facts: VersionFacts,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._holding = holding
        self._sources = sources
        self._licences = licences
        self._retention = retention
        self._facts = facts
        self._clock = clock

    def export(self, reference: str, directory: Path, *, form: str, use: str = "train") -> dict[str, Any]:
        """Export a dataset version for a use; what may not leave today is withheld and counted.

        Steps: 1 the folder is a new one, outside the workspace's own; 2 the version is what was frozen, and
        every member is weighed again; 3 many pictures take two persons; 4 the read is recorded; 5 the index
        of exports and the log know it, before anything leaves; 6 the pictures, and beside them who is to be
        named and what all of it is.

        Raises:
            BadInput: a value cannot be used, or the folder holds something.
            IntegrityError: the version is not what was frozen, or a picture is not what it should be.
            Refused: a newer version followed; so many pictures take two persons, and nobody else has agreed
                so far (C5.1); or another process is changing the workspace.
        """
        self._holding.require(Permission.EXPORT)
        version = self._holding.versions.get(reference)
        grant = one_of(Grant, use, what="--use")
        chosen = one_of(ExportFormat, form, what="--format")
        # 1
        check_target(directory)
        self._holding.check_outside(directory)
        where = directory.resolve()
        # Weighed while nobody else changes anything: what may not leave any more is not on its way out.
        with self._holding.locked():
            # 2
            leaving = Leaving(self._holding, self._selecting())
            cleared = leaving.weigh(version, grant)
            # 3
            check_bulk(
                self._holding,
                cleared,
                f"{version.reference} as {chosen.value} for {grant.value} into {where}",
            )
            # 4
            self._holding.note_read(
                "dataset export",
                items=len(cleared.items),
                version=version.reference,
                use=grant.value,
                format=chosen.value,
            )
            report: dict[str, Any] = {
                "dataset": version.reference,
                "exported": len(cleared.items),
                "withheld": dict(cleared.withheld.most_common()),
                "erased": cleared.erased,
                "format": chosen.value,
                "use": grant.value,
            }
            if not cleared.items:
                return {**report, "files": [], "credits": {}}
            self._holding.publish_policy()
            # 5
            export = self._holding.exports.add(
                sorted(cleared.items),
                project=version.project,
                version=version.id,
                directory=where,
                form=chosen.value,
                use=grant.value,
                now=self._clock(),
            )
            self._holding.log_event("dataset-exported", items=len(cleared.items), use=grant.value)
            # 6
            stored = leaving.stored(version, cleared.items)
            files, credited = self._write(stored, directory, chosen, export=export)
            exported = Exported(
                form=chosen,
                use=grant.value,
                items=len(cleared.items),
                files=files,
                published=self._clock().strftime("%Y-%m-%d"),
            )
            described = self._describe(version, exported, directory)
        return {
            **report,
            "export": export,
            "files": [*(str(file.path) for file in files), *map(str, described)],
            "credits": dict(credited),
        }

    def _selecting(self) -> Selecting:
        return Selecting(self._holding, self._sources, self._licences, self._retention, now=self._clock())

    def _write(
        self, stored: Iterator[StoredItem], directory: Path, form: ExportFormat, *, export: str
    ) -> tuple[tuple[ExportedFile, ...], Mapping[str, int]]:
        with CreditFiles(directory) as credited:
            files = write_samples(self._samples(stored, credited, form), directory, form, export=export)
        return (*files, *credited.files), credited.counts

    def _samples(
        self, stored: Iterator[StoredItem], credited: CreditFiles, form: ExportFormat
    ) -> Iterator[Sample]:
        """Stream pictures out of the vault, each with its rights written into it and read back."""
        vault = self._holding.stores.vault
        duty = self._holding.policy.parameters(MetadataDuty)
        licences: Mapping[str, Licence] = self._licences.by_id()
        organisation = self._holding.configuration.organisation.name
        for each in stored:
            record = each.record
            line = attribute(record, licences.get(record["licence"]), organisation=organisation)
            jpeg = None
            if form.holds_pictures:
                kept = vault.read(each.shard, each.shard_entry)
                if sha256_of(kept) != record["picture"]["kept"]["sha256"]:
                    raise IntegrityError(f"item {line.item_id}: its bytes in the vault are other ones")
                jpeg = labelled(kept, record, line, duty)
            credited.add(line)
            yield Sample.of(record, line, jpeg=jpeg, withheld_columns=duty.withheld_columns)

    def _describe(self, version: Version, exported: Exported, directory: Path) -> tuple[Path, ...]:
        """Write what the export is: in Croissant, and as the card that the Hugging Face Hub reads."""
        facts = self._facts.gather(version)
        document = croissant(facts, exported)
        found = croissant_findings(document)
        if found:
            raise IntegrityError(f"{_DESCRIPTION} does not hold to its own form: {'; '.join(found[:3])}")
        contents = {
            _DESCRIPTION: json.dumps(document, ensure_ascii=False, indent=2) + "\n",
            _CARD: dataset_card(facts, exported),
        }
        try:
            for name, text in contents.items():
                (directory / name).write_text(text, encoding="utf-8")
        except OSError as error:
            raise StorageError(f"{directory}: {error.strerror or error}") from error
        return tuple(directory / name for name in contents)
