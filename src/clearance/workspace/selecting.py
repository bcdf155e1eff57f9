"""Which pictures of a project are cleared to train today, and what stands against the others.

Here the facts are gathered that the train gate weighs; what it answers is counted, and listed so far as a
person can read it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

import pyarrow as pa

from clearance.collecting import Recheck, Verdict, stored_sha256
from clearance.curating import (
    ConsentIndex,
    CopyOf,
    Examined,
    Member,
    PeopleFacts,
    Review,
    SetKind,
    TrainFacts,
    Version,
    against_people,
    best_copy,
    clear_to_leave,
    clear_to_train,
    count_faces,
    credit_of,
    declared_in,
    pictured_of,
    reviewed_subject,
    speaking_of,
    standing,
)
from clearance.identifiers import ItemId, Sha256
from clearance.keeping import Suppressed
from clearance.parts import in_parts
from clearance.policy import Decision, Outcome, PeopleDuty, Policy, Reason
from clearance.register import ItemFilter, StoredItem
from clearance.sourcing import (
    AccountStore,
    Basis,
    Grant,
    Licence,
    SourceFacts,
    TermsStore,
    against_source,
    may_use,
)
from clearance.workspace.holding import Holding
from clearance.workspace.origins import Licences, Sources
from clearance.workspace.retention import Retentions

_AT_ONCE = 1000
MAX_LISTED = 1000
"""Pictures that a report names with their reasons; the counts are of all."""
_ASKED = (Recheck.ALLOWED, Recheck.QUARANTINED, Recheck.GONE)


@dataclass(slots=True)
class Selected:
    """What was chosen, and what was not."""

    considered: int = 0
    clusters: dict[str, str] = field(default_factory=dict)
    """Each chosen item that has copies, with its cluster."""
    items: set[str] = field(default_factory=set)
    checked: dict[str, str] = field(default_factory=dict)
    """When the signals of items that were asked about again were last read; the others when they came."""
    withheld: Counter[str] = field(default_factory=Counter)
    """Pictures by reason; one with several counts for each."""
    listed: list[dict[str, Any]] = field(default_factory=list)

    @property
    def withheld_pictures(self) -> int:
        """How many pictures were not chosen."""
        return self.considered - len(self.items)

    def withhold(self, item: str, url: str, decision: Decision) -> None:
        """Note that a picture was not chosen, and why."""
        self.withheld.update({reason.key for reason in decision.reasons})
        if len(self.listed) < MAX_LISTED:
            self.listed.append({"item": item, "url": url, "decision": decision})


class Selecting:
    """Gathers facts and asks the gate; the workspace is locked, or nothing is changed by what it answers."""

    def __init__(
        self, holding: Holding, sources: Sources, licences: Licences, retention: Retentions, *, now: datetime
    ) -> None:
        self._holding = holding
        self._sources = sources
        self._known_licences = licences
        self._retention = retention
        self._now = now
        self._policy: Policy = holding.policy

    def select(self, project: str, kind: SetKind, *, only: frozenset[str] | None = None) -> Selected:
        """Weigh every picture of a project that is in the vault; `only` leaves out all others."""
        selected = Selected()
        copies: dict[ItemId, list[tuple[CopyOf, str, TrainFacts]]] = {}
        clusters = self._holding.copies.clusters()
        suppressed = self._holding.keeping.suppression.of(project)
        for few in in_parts(self._weighed(project, only), _AT_ONCE):
            for stored, facts in self._facts(few, kind, suppressed):
                record = stored.record
                item = ItemId(record["item_id"])
                selected.considered += 1
                decision = clear_to_train(facts, self._policy, now=self._now)
                if decision.outcome is not Outcome.ALLOW:
                    selected.withhold(item, record["url"], decision)
                    continue
                selected.items.add(item)
                selected.checked[item] = f"{facts.checked_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
                cluster = clusters.get(item)
                if cluster is not None:
                    copies.setdefault(cluster, []).append((_copy_of(record), record["url"], facts))
        self._leave_out_copies(selected, copies)
        return selected

    def members(self, project: str, selected: Selected) -> Iterator[Member]:
        """Return what a manifest says of each chosen picture."""
        for stored in self._in_vault(project, Verdict.KEPT):
            item = stored.record["item_id"]
            if item in selected.items:
                yield _member(
                    stored.record,
                    cluster=selected.clusters.get(item, item),
                    checked_at=selected.checked[item],
                )

    def weigh_again(self, version: Version, grant: Grant) -> Iterator[tuple[ItemId, Decision]]:
        """Weigh the members of a version for a use, as they stand today; those that are gone are left out."""
        items = self._holding.stores.items
        suppressed = self._holding.keeping.suppression.of(version.project)
        for few in in_parts(self._holding.versions.members(version), _AT_ONCE):
            ids = [member.item_id for member in few]
            rows = items.rows(["item_id", "superseded"], key="item_id", values=pa.array(ids, pa.string()))
            replaced = {row["item_id"] for row in rows.to_pylist() if row["superseded"]}
            for stored, facts in self._facts(items.by_ids(ids), version.kind, suppressed):
                item = ItemId(stored.record["item_id"])
                use = self._use(stored.record, grant)
                today = replace(facts, is_replaced=item in replaced)
                yield item, clear_to_leave(today, self._policy, now=self._now, use=use)

    def _leave_out_copies(
        self, selected: Selected, copies: Mapping[ItemId, list[tuple[CopyOf, str, TrainFacts]]]
    ) -> None:
        """Of copies that are all cleared, leave the best one: one that is refused stands in nobody's way."""
        for cluster, members in copies.items():
            best = best_copy([copy for copy, _, _ in members])
            selected.clusters[best.item] = cluster
            for copy, url, facts in members:
                if copy.item != best.item:
                    beside = replace(facts, better_copy=best.item)
                    selected.items.discard(copy.item)
                    selected.withhold(copy.item, url, clear_to_train(beside, self._policy, now=self._now))

    def _weighed(self, project: str, only: frozenset[str] | None) -> Iterator[StoredItem]:
        for verdict in (Verdict.KEPT, Verdict.HELD):
            for stored in self._in_vault(project, verdict):
                if only is None or stored.record["item_id"] in only:
                    yield stored

    def _in_vault(self, project: str, verdict: Verdict) -> Iterator[StoredItem]:
        chosen = ItemFilter(project=project, decision=verdict, has_bytes=True)
        return self._holding.stores.items.records(chosen)

    def _facts(
        self, few: list[StoredItem], kind: SetKind, suppressed: Suppressed
    ) -> Iterator[tuple[StoredItem, TrainFacts]]:
        ids = [ItemId(stored.record["item_id"]) for stored in few]
        examined = self._holding.examined.of(ids)
        reviews = self._holding.reviews.of([stored_sha256(stored.record) for stored in few])
        for item, stored in zip(ids, few, strict=True):
            record = stored.record
            content = stored_sha256(record)
            said = speaking_of(reviews.get(content, ()), subject=reviewed_subject(record))
            found = examined.get(item)
            use = self._use(record, Grant.TRAIN)
            yield (
                stored,
                TrainFacts(
                    verdict=Verdict(record["decision"]),
                    is_replaced=False,
                    use=use,
                    source=self._against_source(record["source"]),
                    checked_at=self._checked.get(item) or datetime.fromisoformat(record["collected_at"]),
                    is_overdue=item in self._overdue,
                    is_suppressed=suppressed.has_url(record["url"])
                    or suppressed.has_picture(record["sha256"]),
                    content_sha256=content,
                    examined=found,
                    better_copy=None,
                    people=self._people(record, found, said, kind, use) if found is not None else (),
                    reviewed={
                        finding: review.verdict for finding, review in standing(said, picture=content).items()
                    },
                ),
            )

    def _people(
        self,
        record: Mapping[str, Any],
        found: Examined,
        said: tuple[Review, ...],
        kind: SetKind,
        use: Decision,
    ) -> tuple[Reason, ...]:
        basis = Basis(record["basis"])
        licence = self._licences.get(record["licence"])
        pictured = pictured_of(record)
        # Under the policy of today, whatever was counted when the picture was examined.
        faces = count_faces(found.faces, self._policy.parameters(PeopleDuty))
        facts = PeopleFacts(
            pictured=pictured,
            picture_sha256=stored_sha256(record),
            candidates=faces.candidates,
            confident=faces.confident,
            declared=declared_in(record, conditions=licence.conditions if licence is not None else ""),
            covered_by=self._consents.covering(pictured),
            reviews=said,
            kind=kind,
            trains_by_licence=use.outcome is Outcome.ALLOW and basis in (Basis.LICENCE, Basis.OWN_WORK),
        )
        return against_people(facts, self._policy, now=self._now)

    def _use(self, record: Mapping[str, Any], grant: Grant) -> Decision:
        return may_use(
            basis=Basis(record["basis"]),
            open_licence=record["licence"],
            licence=self._licences.get(record["licence"]),
            grant=grant,
            now=self._now,
            policy=self._policy,
        )

    def _against_source(self, name: str) -> tuple[Reason, ...]:
        if name not in self._standing:
            source = self._by_name[name]
            facts = SourceFacts(
                source=source,
                pages=TermsStore(self._holding.database).pages(name),
                accounts=AccountStore(self._holding.database).list(source=name),
                now=self._now,
            )
            self._standing[name] = against_source(facts, self._policy)
        return self._standing[name]

    @cached_property
    def _standing(self) -> dict[str, tuple[Reason, ...]]:
        return {}

    @cached_property
    def _by_name(self) -> Mapping[str, Any]:
        return {source.name: source for source in self._sources.all()}

    @cached_property
    def _licences(self) -> Mapping[str, Licence]:
        return self._known_licences.by_id()

    @cached_property
    def _consents(self) -> ConsentIndex:
        return self._holding.consents.index()

    @cached_property
    def _overdue(self) -> frozenset[str]:
        return self._retention.overdue()

    @cached_property
    def _checked(self) -> Mapping[ItemId, datetime]:
        outcomes = [outcome.value for outcome in _ASKED]
        return self._holding.stores.journal.rechecked(outcomes=outcomes)


def _copy_of(record: Mapping[str, Any]) -> CopyOf:
    picture = record["picture"]
    return CopyOf(
        item=ItemId(record["item_id"]),
        basis=Basis(record["basis"]),
        pixels=picture["kept"]["width"] * picture["kept"]["height"],
        received_pixels=picture["width"] * picture["height"],
        collected_at=record["collected_at"],
    )


def _member(record: Mapping[str, Any], *, cluster: str, checked_at: str) -> Member:
    kept = record["picture"]["kept"]
    return Member(
        item_id=ItemId(record["item_id"]),
        url=record["url"],
        host=record["host"],
        source=record["source"],
        basis=record["basis"],
        licence=record["licence"],
        credit=credit_of(record),
        sha256=record["sha256"],
        content_sha256=Sha256(kept["sha256"]),
        iscc=record["iscc"],
        width=kept["width"],
        height=kept["height"],
        caption=record["row"]["caption"],
        cluster=cluster,
        checked_at=checked_at,
        collected_at=record["collected_at"],
    )
