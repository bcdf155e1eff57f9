"""Which members of a dataset version may leave today, and what stands against the others.

A version was cleared when it was frozen; what can have changed since is asked again each time it leaves.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from clearance.curating import Version
from clearance.errors import IntegrityError, Refused
from clearance.governing import SharedAction
from clearance.identifiers import sha256_of
from clearance.parts import in_parts
from clearance.policy import Outcome, TwoPersons
from clearance.register import StoredItem
from clearance.sourcing import Grant
from clearance.workspace.holding import Holding
from clearance.workspace.people import Approvals
from clearance.workspace.selecting import Selecting
from clearance.workspace.verifying import verified

_MAX_SHOWN = 3
"""Problems of a changed version that the message lists; `dataset verify` lists more."""

_AT_ONCE = 1000


@dataclass(slots=True)
class Cleared:
    """What may leave, and what was kept back."""

    items: set[str] = field(default_factory=set)
    erased: int = 0
    withheld: Counter[str] = field(default_factory=Counter)
    """Pictures by reason; one with several counts for each."""

    @property
    def selection(self) -> str:
        """Name exactly these pictures, without naming any of them."""
        return sha256_of("\n".join(sorted(self.items)).encode())


class Leaving:
    """Weighs the members of versions for a use, on one day."""

    def __init__(self, holding: Holding, selecting: Selecting) -> None:
        self._holding = holding
        self._selecting = selecting

    def weigh(self, version: Version, grant: Grant) -> Cleared:
        """Return which members may leave for a use.

        Steps: 1 the version is what was frozen, and none followed it; 2 members that were erased are gone;
        3 the gate that cleared the others for the version weighs them again (`clear_to_leave`).

        Raises:
            IntegrityError: the version is not what was frozen.
            Refused: a newer version took something out of it.
        """
        # 1
        self._check(version)
        # 2
        cleared = Cleared(erased=len(self._holding.versions.manifest(version).erased()))
        # 3
        for item, decision in self._selecting.weigh_again(version, grant):
            if decision.outcome is Outcome.ALLOW:
                cleared.items.add(item)
                continue
            cleared.withheld.update({reason.key for reason in decision.reasons})
        return cleared

    def stored(self, version: Version, items: set[str]) -> Iterator[StoredItem]:
        """Return the records of members, in the order of the version."""
        for few in in_parts(self._holding.versions.members(version), _AT_ONCE):
            ids = [member.item_id for member in few if member.item_id in items]
            known = {each.record["item_id"]: each for each in self._holding.stores.items.by_ids(ids)}
            yield from (known[item] for item in ids if item in known)

    def _check(self, version: Version) -> None:
        found = verified(self._holding, version, pictures=False)
        if not found["ok"]:
            shown = "; ".join(found["problems"][:_MAX_SHOWN])
            raise IntegrityError(f"{version.reference} is not what was frozen: {shown}")
        newest = self._holding.versions.get(version.name)
        if newest.id != version.id:
            raise Refused(
                f"{version.reference} was followed by {newest.reference}, without members that may not stay"
                f" (C5.4): use {newest.reference}"
            )


def check_bulk(holding: Holding, cleared: Cleared, what: str) -> None:
    """Ask for a second person where many pictures would leave; they agree to these and no others (C5.1).

    Raises:
        Refused: nobody else has agreed so far; the message says what the second person runs.
    """
    if len(cleared.items) <= holding.policy.parameters(TwoPersons).bulk_export_items:
        return
    subject = f"{len(cleared.items)} pictures of {what}, selection {cleared.selection}"
    Approvals(holding).needed(SharedAction.BULK_EXPORT, subject)
