"""What a row's outcome is: fetched bytes inspected in the cage, and all facts weighed together.

Source: docs/collect.md, steps 4 and 5; C1.1, C1.5.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date, datetime

from clearance.collecting.fetch import Fetched, Stopped
from clearance.collecting.inspected import Inspected, NotAPicture, job_of, read_answer
from clearance.collecting.outcome import Considered
from clearance.collecting.pages import Shown
from clearance.collecting.plan import Earlier
from clearance.collecting.table import Row
from clearance.errors import printable
from clearance.identifiers import ItemId, Malformed, Sha256, WebUrl, sha256_of
from clearance.pictures import Answer, Cage, Crashed
from clearance.policy import Decision, Outcome, PictureLimits, Policy, Reason, RuleId
from clearance.sourcing import (
    SILENCE,
    CollectFacts,
    Licence,
    OptOutRegistry,
    Reading,
    Source,
    Use,
    basis_of,
    may_collect,
    may_request,
    merge,
    read_embedded,
)

_SHA256 = re.compile(r"[0-9a-f]{64}")


class Weighing:
    """Turns rows into outcomes, for one run."""

    def __init__(
        self,
        *,
        cage: Cage,
        policy: Policy,
        use: Use,
        longest_side_px: int | None,
        earlier: Mapping[str, Earlier],
        is_erased: Callable[[Sha256], bool],
        registries: Sequence[OptOutRegistry],
        clock: Callable[[], datetime],
    ) -> None:
        self._cage = cage
        self._policy = policy
        self._use = use
        self._bound_px = longest_side_px
        self._earlier = earlier
        self._is_erased = is_erased
        self._registries = registries
        self._clock = clock
        self._limits = policy.parameters(PictureLimits)

    def unreadable(self, row: Row, why: Malformed) -> Considered:
        """Return the outcome of a row that holds no URL; it is named by its number."""
        detail = f"row {row.number}: {printable(row.url, max_chars=80)!r}: {printable(why.why)}"
        return Considered(
            row=row,
            url=None,
            decision=self._only(RuleId.FETCH_FAILED, detail),
            decided_at=self._clock(),
            replaces=self._replaced(row.url[:2048]),
        )

    def stopped(self, row: Row, url: WebUrl, source: Source, stopped: Stopped) -> Considered:
        """Return the outcome of a row that a gate stopped, or for which nothing usable came."""
        return Considered(
            row=row,
            url=url,
            decision=stopped.decision,
            decided_at=self._clock(),
            source=source,
            responses=stopped.responses,
            host_files=stopped.host_files,
            replaces=self._replaced(url.text),
            evidence=stopped_said(stopped),
        )

    def standing_against(
        self, row: Row, url: WebUrl, source: Source, reasons: Sequence[Reason]
    ) -> Considered:
        """Return the outcome of a row whose source is stopped before anything is asked of it (C1.4, C2.2)."""
        return Considered(
            row=row,
            url=url,
            decision=self._policy.decide(reasons),
            decided_at=self._clock(),
            source=source,
            replaces=self._replaced(url.text),
        )

    def against_row(self, row: Row) -> tuple[Reason, ...]:
        """Say that a row announces a SHA-256 which is none: what could not be compared is not asked for."""
        if not row.sha256 or _SHA256.fullmatch(row.sha256):
            return ()
        stated = printable(row.sha256, max_chars=80)
        detail = f"row {row.number}: {stated!r} is no SHA-256, which has 64 hexadecimal digits"
        return (self._policy.reason(RuleId.CONTENT_MISMATCH, detail=detail),)

    def denied(self, row: Row, url: WebUrl, source: Source, rule: RuleId, detail: str) -> Considered:
        """Return the outcome of a row that a rule refuses before anything is asked."""
        return Considered(
            row=row,
            url=url,
            decision=self._only(rule, detail),
            decided_at=self._clock(),
            source=source,
            replaces=self._replaced(url.text),
        )

    def dropped(self, considered: Considered, rule: RuleId, detail: str) -> Considered:
        """Return the outcome of a picture that came and may not be kept all the same; its bytes go."""
        return replace(
            considered,
            decision=self._only(rule, detail),
            basis="",
            licence="",
            expires="",
            inspected=None,
        )

    def unregistered(self, row: Row, url: WebUrl) -> Considered:
        """Return the outcome of a row whose host nobody registered."""
        facts = CollectFacts(
            url=url,
            project_use=self._use,
            source=None,
            licences=(),
            stated_licence=row.licence,
            host=SILENCE,
            response=SILENCE,
            embedded=SILENCE,
            now=self._clock(),
        )
        return Considered(
            row=row,
            url=url,
            decision=may_request(facts, self._policy),
            decided_at=facts.now,
            replaces=self._replaced(url.text),
        )

    async def fetched(
        self,
        row: Row,
        url: WebUrl,
        source: Source,
        licences: tuple[Licence, ...],
        fetched: Fetched,
    ) -> Considered:
        """Let all facts together decide; a denied picture's bytes are dropped here (C1.1, C1.5)."""
        inspected, answer = await self.inspect(fetched, source)
        if isinstance(inspected, Inspected) and self._is_erased(inspected.sha256):
            # Nothing of it is written down again: neither its hash nor what the table says of it (C5.4).
            bare = replace(row, caption="", licence="", sha256="", page="", extra=())
            return self.denied(bare, url, source, RuleId.ERASED_STAYS, "the same bytes as an erased picture")
        now = self._clock()
        registry = [fetched.registry]
        if isinstance(inspected, Inspected):
            registry += [
                each.of_content(sha256=inspected.sha256, iscc=inspected.iscc) for each in self._registries
            ]
        facts = CollectFacts(
            url=url,
            project_use=self._use,
            source=source,
            licences=licences,
            stated_licence=row.licence,
            host=fetched.host,
            response=fetched.response,
            embedded=read_embedded(inspected.embedded) if isinstance(inspected, Inspected) else SILENCE,
            page=fetched.page,
            registry=merge(registry),
            now=now,
        )
        decision = self._weigh(row, facts, inspected, status=fetched.last.status)
        if fetched.against:
            decision = self._policy.decide([*fetched.against, *decision.reasons])
        # What came from a host that waits for a person is not kept: once confirmed, it is asked for again.
        kept = (
            isinstance(inspected, Inspected) and decision.outcome is not Outcome.DENY and not fetched.against
        )
        found = basis_of(facts, self._policy) if kept else None
        return Considered(
            row=row,
            url=url,
            decision=decision,
            decided_at=now,
            source=source,
            basis=found.basis.value if found is not None and found.basis is not None else "",
            licence=found.licence if found is not None else "",
            expires=_month(found.expires) if found is not None else "",
            responses=fetched.responses,
            inspected=inspected if isinstance(inspected, Inspected) and kept else None,
            received_sha256=inspected.sha256 if inspected is not None else None,
            host_files=fetched.host_files,
            reading=merge([facts.embedded, facts.page]),
            replaces=self._replaced(url.text),
            evidence=said_of(answer, fetched.shown, facts.registry),
        )

    async def inspect(
        self, fetched: Fetched, source: Source
    ) -> tuple[Inspected | NotAPicture | None, Answer | None]:
        """Let the cage read received bytes; nothing comes back where none were received."""
        content = fetched.last.content if fetched.last.status == 200 else b""
        if not content:
            return None, None
        job = job_of(self._limits, longest_side_px=self._longest_side(source))
        replied = await self._cage.run(job, content)
        if isinstance(replied, Crashed):
            why = f"the decoder {replied.why}"
            crashed = NotAPicture(sha256=sha256_of(content), rule=RuleId.PICTURE_UNREADABLE, why=why)
            return crashed, None
        return read_answer(replied.header, replied.payload), replied

    def _weigh(
        self, row: Row, facts: CollectFacts, inspected: Inspected | NotAPicture | None, *, status: int
    ) -> Decision:
        decision = may_collect(facts, self._policy)
        if decision.outcome is Outcome.DENY:
            return decision
        if inspected is None:
            return self._only(RuleId.FETCH_FAILED, f"HTTP {status} without a picture")
        if isinstance(inspected, NotAPicture):
            return self._only(inspected.rule, printable(inspected.why))
        if row.sha256 and row.sha256 != inspected.sha256:
            detail = f"row {row.number} announces {row.sha256}, received was {inspected.sha256}"
            mismatch = self._policy.reason(RuleId.CONTENT_MISMATCH, detail=detail)
            return self._policy.decide([mismatch, *decision.reasons])
        return decision

    def _replaced(self, url: str) -> ItemId | None:
        earlier = self._earlier.get(url)
        return earlier.item if earlier is not None else None

    def _only(self, rule: RuleId, detail: str) -> Decision:
        return self._policy.decide([self._policy.reason(rule, detail=detail)])

    def _longest_side(self, source: Source) -> int:
        bounds = (self._limits.longest_side_px, self._bound_px, source.quotas.longest_side_px)
        return min(bound for bound in bounds if bound)


def _month(day: date | None) -> str:
    return "" if day is None else f"{day:%Y-%m}"


def stopped_said(stopped: Stopped) -> dict[str, object]:
    """Keep what was said until the gate stopped, and where that was."""
    said = said_of(None, stopped.shown, stopped.registry)
    return said if stopped.at is None else {**said, "stopped_at": stopped.at.text}


def said_of(answer: Answer | None, shown: Shown | None, registry: Reading) -> dict[str, object]:
    """Keep what picture, page and registries said, in the form that a replay reads again."""
    said: dict[str, object] = {}
    if answer is not None and "xmp" in answer.header:
        kept = ("sha256", "xmp", "too_many_packets", "manifests", "fields")
        said["embedded"] = {name: answer.header[name] for name in kept if name in answer.header}
    if shown is not None:
        said["page"] = shown.evidence()
    if registry.statements:
        said["registry"] = [asdict(statement) for statement in registry.statements]
    return said
