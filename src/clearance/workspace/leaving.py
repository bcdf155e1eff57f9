"""Which members of a dataset version may leave today, and what stands against the others.

A version was cleared when it was frozen; what can have changed since is asked again each time it leaves.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

import pyarrow as pa

from clearance.collecting import Verdict
from clearance.curating import ConsentIndex, ConsentKind, ConsentState, Version, pictured_of, withdrawn_among
from clearance.errors import IntegrityError, Refused
from clearance.governing import SharedAction
from clearance.identifiers import ItemId, sha256_of
from clearance.policy import Decision, Outcome, Policy, Reason, RuleId, TwoPersons
from clearance.register import StoredItem
from clearance.sourcing import Basis, Grant, Licence, may_use
from clearance.workspace.holding import Holding
from clearance.workspace.origins import Licences
from clearance.workspace.people import Approvals
from clearance.workspace.retention import Retentions
from clearance.workspace.verifying import verified
from clearance.workspace.version_facts import parts

_MAX_SHOWN = 3
"""Problems of a changed version that the message lists; `dataset verify` lists more."""

_RULES = {
    ConsentKind.MODEL: RuleId.PEOPLE_CONSENT,
    ConsentKind.PROPERTY: RuleId.PROPERTY_CONSENT,
}


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

    def __init__(self, holding: Holding, licences: Licences, retention: Retentions, *, now: datetime) -> None:
        self._holding = holding
        self._known_licences = licences
        self._retention = retention
        self._now = now
        self._policy: Policy = holding.policy

    def weigh(self, version: Version, grant: Grant) -> Cleared:
        """Return which members may leave for a use.

        Steps: 1 the version is what was frozen, and none followed it; 2 members that were erased are gone;
        3 each record still stands as kept; 4 its clock has not run out; 5 its basis grants the use today;
        6 whoever consented for it has not withdrawn.

        Raises:
            IntegrityError: the version is not what was frozen.
            Refused: a newer version took something out of it.
        """
        # 1
        self._check(version)
        # 2
        cleared = Cleared(erased=len(self._holding.versions.manifest(version).erased()))
        for few in parts(self._holding.versions.members(version)):
            standing = self._standing([member.item_id for member in few])
            for stored in self._holding.stores.items.by_ids([member.item_id for member in few]):
                item = stored.record["item_id"]
                decision = self._decide(stored, stands=item in standing, grant=grant)
                if decision.outcome is Outcome.ALLOW:
                    cleared.items.add(item)
                    continue
                for reason in decision.reasons:
                    cleared.withheld[reason.key] += 1
        return cleared

    def stored(self, version: Version, items: set[str]) -> Iterator[StoredItem]:
        """Return the records of members, in the order of the version."""
        for few in parts(self._holding.versions.members(version)):
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

    def _standing(self, items: Sequence[ItemId]) -> frozenset[str]:
        """Return which records are kept and have no newer one in their place."""
        rows = self._holding.stores.items.rows(
            ["item_id", "decision", "superseded"], key="item_id", values=pa.array(items, pa.string())
        )
        return frozenset(
            row["item_id"]
            for row in rows.to_pylist()
            if row["decision"] == Verdict.KEPT.value and not row["superseded"]
        )

    def _decide(self, stored: StoredItem, *, stands: bool, grant: Grant) -> Decision:
        record = stored.record
        return self._policy.decide(
            [
                *self._use(record, grant).reasons,
                *self._against_record(record, stands=stands),
                *self._against_consents(record),
            ]
        )

    def _use(self, record: dict[str, Any], grant: Grant) -> Decision:
        return may_use(
            basis=Basis(record["basis"]),
            open_licence=record["licence"],
            licence=self._licences.get(record["licence"]),
            grant=grant,
            now=self._now,
            policy=self._policy,
        )

    def _against_record(self, record: dict[str, Any], *, stands: bool) -> Iterator[Reason]:
        if not stands:
            yield self._policy.reason(RuleId.HOLD_RESOLVED, detail="its record is held, or was replaced")
        if record["item_id"] in self._overdue:
            # What should be gone leaves no more, also before it is swept (C3.2).
            yield self._policy.reason(RuleId.RETENTION)

    def _against_consents(self, record: dict[str, Any]) -> Iterator[Reason]:
        """Say who withdrew, and whose consent is in force no more."""
        lines = self._consents.covering(pictured_of(record))
        taken_back = frozenset(withdrawn_among(lines, at=self._now))
        for kind, person in sorted({(line.consent.kind, line.person) for line in lines}):
            of_person = [line.consent for line in lines if (line.consent.kind, line.person) == (kind, person)]
            if taken_back & {consent.id for consent in of_person}:
                yield self._policy.reason(_RULES[kind], detail="the consent was withdrawn")
            elif all(consent.state(self._now) is not ConsentState.IN_FORCE for consent in of_person):
                yield self._policy.reason(_RULES[kind], detail="no consent is in force any more")

    @cached_property
    def _licences(self) -> dict[str, Licence]:
        return self._known_licences.by_id()

    @cached_property
    def _consents(self) -> ConsentIndex:
        return ConsentIndex(self._holding.consents.all())

    @cached_property
    def _overdue(self) -> frozenset[str]:
        return self._retention.overdue()


def check_bulk(holding: Holding, cleared: Cleared, what: str) -> None:
    """Ask for a second person where many pictures would leave; they agree to these and no others (C5.1).

    Raises:
        Refused: nobody else has agreed so far; the message says what the second person runs.
    """
    if len(cleared.items) <= holding.policy.parameters(TwoPersons).bulk_export_items:
        return
    subject = f"{len(cleared.items)} pictures of {what}, selection {cleared.selection}"
    Approvals(holding).needed(SharedAction.BULK_EXPORT, subject)
