"""What the log says since pictures were weighed: whether it may stand against one of them.

Whoever holds a weighed selection cannot weigh it again where the item store must not be used (in a forked
process). The log can be read there: everything that changes how a picture stands leaves an entry in it.

Source: C5.4, C1.3.
"""

from __future__ import annotations

from clearance.collecting import Journal, Verdict
from clearance.curating import FROZEN_EVENT
from clearance.errors import Refused
from clearance.identifiers import VersionId
from clearance.keeping import ErasureReason
from clearance.register import BatchEntry, ErasureEntry, Event, Log, read_entry

_BESIDE = frozenset(
    {
        *("project-created", "source-added", "licence-added", "licence-renewed", "network-added"),
        *("account-checked", "catalogue-stated", "targets-stated", "risk-signed", "dataset-exported"),
        *("person-added", "person-changed", "token-issued", "token-revoked", "approval-given"),
        "keys-rotated",
    }
)
"""Events that stand against no picture; every other one may, those of later kinds too."""
_FOR_GOOD = frozenset(reason.value for reason in ErasureReason if reason.is_for_good)


class LogWatch:
    """Watches the log on behalf of one weighed version, in one process."""

    def __init__(self, log: Log, journal: Journal, *, version: VersionId, size: int) -> None:
        """Watch the log from the size that it had before the version was weighed."""
        self._log = log
        self._journal = journal
        self._version = version
        self._seen = size
        self._checkpoint = ""

    def check(self) -> None:
        """See that nothing was decided since that may stand against a picture of the version.

        Raises:
            Refused: something was; the version is to be weighed again.
        """
        checkpoint = self._log.checkpoint_text
        if checkpoint == self._checkpoint:
            return
        self._log.refresh()
        bears = self._log.size < self._seen or any(
            self._bears(self._log.entry(index)) for index in range(self._seen, self._log.size)
        )
        if bears:
            raise Refused(
                "what was decided since the dataset was opened may stand against a picture of it (C5.4): open"
                " it again"
            )
        self._seen, self._checkpoint = self._log.size, checkpoint

    def _bears(self, raw: bytes) -> bool:
        entry = read_entry(raw)
        if isinstance(entry, BatchEntry):
            # What is collected stands for itself; a re-check puts a held record in the place of a kept one.
            return bool(entry.counts.get(Verdict.HELD.value)) and not self._journal.is_collected(entry.batch)
        if isinstance(entry, ErasureEntry):
            # Erased for good is also every other copy of the same bytes; what a clock ends is only itself.
            return entry.reason in _FOR_GOOD
        return not _is_beside(entry, self._version)


def _is_beside(event: Event, version: VersionId) -> bool:
    if event.kind == FROZEN_EVENT:
        return event.facts.get("parent") != version
    return event.kind in _BESIDE
