"""Pictures for training code on this machine: read where they are, decrypted one by one, and never written.

A version is weighed when it is opened. The processes that read it afterwards need the vault and the log and
nothing else: the item store must not be used in a forked process. They stop where the log says something that
may stand against what was weighed.

Source: C1.3, C5.1, C5.4.
"""

from __future__ import annotations

import contextlib
import json
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from clearance.collecting import utc_now
from clearance.curating import Sample, attribute
from clearance.errors import IntegrityError, Refused
from clearance.governing import Permission
from clearance.identifiers import ItemId, VersionId
from clearance.policy import MetadataDuty
from clearance.sourcing import Grant, Licence
from clearance.vault import Vault
from clearance.workspace.holding import Holding
from clearance.workspace.leaving import Leaving, check_bulk
from clearance.workspace.log_watch import LogWatch
from clearance.workspace.origins import Licences, Sources
from clearance.workspace.retention import Retentions
from clearance.workspace.selecting import Selecting


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedVersion:
    """A dataset version as it may be trained on today, with where its pictures are."""

    id: VersionId
    reference: str
    log_size: int
    """How many entries the log had when it was weighed."""
    items: tuple[ItemId, ...]
    """Members that are still there and may be used, in their order."""
    places: tuple[tuple[str, int], ...]
    """The shard of each, and its place in it."""
    packed: tuple[bytes, ...]
    """The facts of each, compressed: about half a kilobyte a picture."""
    withheld: Mapping[str, int]
    erased: int

    def facts(self, index: int) -> dict[str, Any]:
        """Return the facts of one picture, as exports carry them."""
        return dict(json.loads(zlib.decompress(self.packed[index])))


class TrainingReads:
    """Opens dataset versions for training code."""

    def __init__(
        self,
        holding: Holding,
        *,
        sources: Sources,
        licences: Licences,
        retention: Retentions,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._holding = holding
        self._sources = sources
        self._licences = licences
        self._retention = retention
        self._clock = clock

    def open(self, reference: str) -> OpenedVersion:
        """Weigh a version for training, and record that it is read.

        Raises:
            BadInput: there is no such version.
            IntegrityError: it is not what was frozen.
            Refused: a newer version followed, or so many pictures take two persons (C5.1).
        """
        self._holding.require(Permission.EXPORT)
        version = self._holding.versions.get(reference)
        # What is decided while it is weighed counts as decided since.
        self._holding.stores.log.refresh()
        log_size = self._holding.stores.log.size
        leaving = Leaving(
            self._holding,
            Selecting(self._holding, self._sources, self._licences, self._retention, now=self._clock()),
        )
        cleared = leaving.weigh(version, Grant.TRAIN)
        check_bulk(
            self._holding, cleared, f"{version.reference} read for {Grant.TRAIN.value} on this machine"
        )
        self._holding.note_read("dataset training", items=len(cleared.items), version=version.reference)
        licences: Mapping[str, Licence] = self._licences.by_id()
        organisation = self._holding.configuration.organisation.name
        withheld = self._holding.policy.parameters(MetadataDuty).withheld_columns
        items: list[ItemId] = []
        places: list[tuple[str, int]] = []
        packed: list[bytes] = []
        for stored in leaving.stored(version, cleared.items):
            record = stored.record
            line = attribute(record, licences.get(record["licence"]), organisation=organisation)
            facts = Sample.of(record, line, jpeg=None, withheld_columns=withheld).facts()
            items.append(ItemId(record["item_id"]))
            places.append((stored.shard, stored.shard_entry))
            packed.append(zlib.compress(json.dumps(facts).encode(), level=1))
        return OpenedVersion(
            id=version.id,
            reference=version.reference,
            log_size=log_size,
            items=tuple(items),
            places=tuple(places),
            packed=tuple(packed),
            withheld=dict(cleared.withheld.most_common()),
            erased=cleared.erased,
        )


class PictureReader:
    """Reads pictures by their places in the vault, as long as nothing was erased from there, nor decided that
    may stand against them.
    """

    def __init__(self, tombstones: Path, open_vault: Callable[[], Vault], watch: LogWatch) -> None:
        self._watch = watch
        self._tombstones = tombstones
        self._open_vault = open_vault
        self._vault = open_vault()
        self._erasures = self._count()

    def read(self, shard: str, entry: int) -> bytes:
        """Return one picture.

        Raises:
            Refused: it was erased since, was sealed anew beside one that was, or may not be used any more.
        """
        self._watch.check()
        erasures = self._count()
        if erasures != self._erasures:
            # A shard that is open can be read after it is gone: what was erased must not come out of it.
            self.close()
            self._vault, self._erasures = self._open_vault(), erasures
        try:
            return self._vault.read(shard, entry)
        except IntegrityError as error:
            raise Refused(
                "a picture is no longer where it was when the dataset was opened, as after an erasure (C5.4):"
                " open it again"
            ) from error

    def close(self) -> None:
        """Close the shards that are open."""
        self._vault.close()

    def _count(self) -> int:
        return sum(1 for _ in self._tombstones.iterdir())


@contextmanager
def picture_reader(
    tombstones: Path, open_vault: Callable[[], Vault], watch: LogWatch
) -> Iterator[PictureReader]:
    """Open a reader, and close it after."""
    with contextlib.closing(PictureReader(tombstones, open_vault, watch)) as reader:
        yield reader
