"""Ask again about what is kept: politely and conditionally, and find what is denied now.

A picture that its rights holder refuses now goes into quarantine: its record is replaced by one that is held,
with the reasons; its bytes stay sealed until they are erased, and leave no more. An outage is no refusal, nor
is a picture that is gone: what was granted stays granted.

Source: docs/collect.md; C1.5, C5.4; draft-ietf-aipref-attach-05 (a preference is that of the time of
fetching, which this asks for anew before each use).
"""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from clearance.collecting.client import Response
from clearance.collecting.fetch import Asked, Fetched, Fetcher, Postponed, Stopped
from clearance.collecting.flood import distance_bits
from clearance.collecting.inspected import Inspected, NotAPicture, embedded_of
from clearance.collecting.outcome import Recheck, Rechecked, Verdict, is_failure, recheck_of
from clearance.collecting.records import read_evidence, validators
from clearance.collecting.standing import StandingWatch
from clearance.collecting.tasks import side_by_side
from clearance.collecting.weighing import Weighing, said_of, stopped_said
from clearance.errors import printable
from clearance.identifiers import Malformed, Sha256, parse_url
from clearance.policy import Decision, Outcome, Policy, Reason, RuleId
from clearance.register import StoredItem
from clearance.sourcing import (
    SILENCE,
    CollectFacts,
    LicenceIndex,
    OptOutRegistry,
    Source,
    Use,
    may_collect,
    merge,
    read_embedded,
)

_HOSTS_AT_ONCE = 64


@dataclass(slots=True, kw_only=True)
class RecheckTally:
    """How far a re-check is."""

    planned: int
    outcomes: Counter[Recheck] = field(default_factory=Counter)
    by_reason: Counter[str] = field(default_factory=Counter)

    def count(self, rechecked: Rechecked) -> None:
        """Take in one item's outcome."""
        self.outcomes[rechecked.outcome] += 1
        if rechecked.outcome is not Recheck.ALLOWED:
            against = (reason for reason in rechecked.decision.reasons if not is_failure(reason))
            self.by_reason.update({reason.key for reason in against})


class Rechecker:
    """One re-check; made, run once, and thrown away."""

    def __init__(
        self,
        *,
        fetcher: Fetcher,
        standing: StandingWatch,
        weighing: Weighing,
        sources: Mapping[str, Source],
        licences: LicenceIndex,
        registries: Sequence[OptOutRegistry],
        policy: Policy,
        clock: Callable[[], datetime],
    ) -> None:
        self._fetcher = fetcher
        self._standing = standing
        self._weighing = weighing
        self._sources = sources
        self._licences = licences
        self._registries = registries
        self._policy = policy
        self._clock = clock

    async def run(self, items: Iterable[StoredItem], note: Callable[[Rechecked], None]) -> None:
        """Ask about every item, each host's in turn; `note` is told of each as it is known."""
        by_host: dict[str, list[StoredItem]] = {}
        for item in items:
            by_host.setdefault(item.record["host"], []).append(item)
        waiting = iter(by_host.values())

        async def worker() -> None:
            for group in waiting:
                for item in group:
                    note(await self._ask(item))

        await side_by_side(worker() for _ in range(min(_HOSTS_AT_ONCE, len(by_host))))

    async def _ask(self, item: StoredItem) -> Rechecked:
        record = item.record
        url = parse_url(record["url"])
        source = self._sources.get(record["source"])
        if isinstance(url, Malformed) or source is None:
            # What was kept has an address and a source; without them nobody can be asked.
            failed = self._policy.reason(RuleId.FETCH_FAILED, detail="its source is not registered any more")
            return self._judged(item, self._policy.decide([failed]))
        asked = Asked(
            url=url,
            source=source,
            licences=self._licences.covering(source.name, url.target),
            stated_licence=record["row"]["licence"],
            use=Use(record["use"]),
            conditions=validators(record),
            page=record["row"].get("page", ""),
        )
        against = await self._standing.against(source)
        if against:
            return await self._against_source(item, asked, self._policy.decide(against))
        fetched = await self._fetcher.fetch(asked)
        match fetched:
            case Postponed():
                failed = self._policy.reason(RuleId.FETCH_FAILED, detail=fetched.why.value)
                return replace(self._judged(item, self._policy.decide([failed])), outcome=Recheck.POSTPONED)
            case Stopped():
                return self._stopped(item, fetched)
            case Fetched():
                return await self._fetched(item, fetched, source)

    async def _against_source(self, item: StoredItem, asked: Asked, decision: Decision) -> Rechecked:
        """Ask for no picture of a source that is stopped.

        What its terms prohibit goes into quarantine, and so does what its host or a registry denies while a
        person has yet to look.
        """
        if decision.outcome is Outcome.DENY:
            return self._judged(item, decision)
        met = await self._fetcher.meet(asked)
        if isinstance(met, Stopped) and recheck_of(met.decision) is Recheck.QUARANTINED:
            return self._stopped(item, met)
        return Rechecked(item=item, outcome=Recheck.POSTPONED, at=self._clock(), decision=decision)

    def _stopped(self, item: StoredItem, stopped: Stopped) -> Rechecked:
        return self._judged(
            item,
            stopped.decision,
            responses=stopped.responses,
            host_files=stopped.host_files,
            evidence=stopped_said(stopped),
        )

    async def _fetched(self, item: StoredItem, fetched: Fetched, source: Source) -> Rechecked:
        """Weigh everything anew; without new bytes that can be read, the picture says what it said before."""
        record, kept = item.record, read_evidence(item.evidence).get("embedded")
        inspected, answer = await self._weighing.inspect(fetched, source)
        if isinstance(inspected, Inspected):
            embedded = read_embedded(inspected.embedded)
        else:
            embedded = read_embedded(embedded_of(kept)) if kept else SILENCE
        sha256 = inspected.sha256 if inspected is not None else Sha256(record["sha256"])
        registry = merge(
            [
                fetched.registry,
                *(each.of_content(sha256=sha256, iscc=record["iscc"]) for each in self._registries),
            ]
        )
        now = self._clock()
        facts = CollectFacts(
            url=fetched.first,
            project_use=Use(record["use"]),
            source=source,
            licences=self._licences.covering(source.name, fetched.first.target),
            stated_licence=record["row"]["licence"],
            host=fetched.host,
            response=fetched.response,
            embedded=embedded,
            page=fetched.page,
            registry=registry,
            now=now,
        )
        said = said_of(answer, fetched.shown, registry)
        if "embedded" not in said and kept:
            said["embedded"] = kept
        decision = may_collect(facts, self._policy)
        if decision.outcome is Outcome.ALLOW and not (
            fetched.is_unchanged or isinstance(inspected, Inspected)
        ):
            # No bytes, or others that are no picture: what they would say is not known; it is still due.
            rule = inspected.rule if inspected is not None else RuleId.FETCH_FAILED
            why = printable(inspected.why) if inspected is not None else "an answer without a picture"
            decision = self._policy.decide([self._policy.reason(rule, detail=why)])
        against = [*fetched.against, *self._against_bytes(record, inspected)]
        if against:
            decision = self._policy.decide([*against, *decision.reasons])
        return self._judged(
            item,
            decision,
            responses=fetched.responses,
            host_files=fetched.host_files,
            evidence=said,
        )

    def _against_bytes(
        self, record: Mapping[str, Any], inspected: Inspected | NotAPicture | None
    ) -> Iterator[Reason]:
        """Say that another picture came than was recorded; how alike they look helps whoever must decide.

        Bytes that were only encoded anew are other bytes too: what was hidden in them cannot be told.
        """
        if not isinstance(inspected, Inspected) or inspected.sha256 == record["sha256"]:
            return
        bits = distance_bits(inspected.pdq, base64.b64decode(record["picture"]["pdq"]))
        recorded = record["collected_at"][:10]
        detail = f"other bytes than on {recorded}; {bits} of 256 bits of the PDQ code differ"
        yield self._policy.reason(RuleId.CONTENT_CHANGED, detail=detail)

    def _judged(
        self,
        item: StoredItem,
        decision: Decision,
        *,
        responses: tuple[Response, ...] = (),
        host_files: tuple[Sha256, ...] = (),
        evidence: Mapping[str, object] | None = None,
    ) -> Rechecked:
        """Return the outcome; its evidence is needed only where it changes how a picture stands, its bytes
        never.
        """
        outcome = recheck_of(decision)
        comes_back = outcome is Recheck.ALLOWED and item.record["decision"] == Verdict.HELD.value
        if outcome is not Recheck.QUARANTINED and not comes_back:
            return Rechecked(item=item, outcome=outcome, at=self._clock(), decision=decision)
        return Rechecked(
            item=item,
            outcome=outcome,
            at=self._clock(),
            decision=decision,
            responses=tuple(replace(answer, content=b"") for answer in responses),
            host_files=host_files,
            evidence=evidence or {},
        )
