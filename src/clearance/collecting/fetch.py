"""Fetch one picture: every hop asked for in its turn, gated before it is requested, and kept as evidence.

Source: docs/collect.md, step 3; C1.3, C1.5, C5.2, C5.3.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from clearance.collecting.client import NoResponse, Response
from clearance.collecting.hosts import REDIRECTS, Hosts, HostState, head_of, redirect_target
from clearance.collecting.pace import OVERLOADED, Leave
from clearance.collecting.pages import Pages, Shown
from clearance.collecting.standing import StandingWatch
from clearance.errors import printable
from clearance.identifiers import Malformed, Sha256, WebUrl, parse_url
from clearance.policy import Decision, FetchLimits, Outcome, PaceLimits, Policy, Reason, RuleId
from clearance.sourcing import (
    SILENCE,
    Answer,
    CollectFacts,
    Licence,
    OptOutRegistry,
    Reading,
    Source,
    SourceIndex,
    Use,
    may_request,
    merge,
    read_response,
    response_leads,
)

_REFUSALS = frozenset({401, 402, 403, 451})


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is to be fetched, and what is known of it beforehand."""

    url: WebUrl
    source: Source
    licences: tuple[Licence, ...]
    stated_licence: str
    use: Use
    conditions: Mapping[str, str]
    """Request headers that ask for a change only; empty on a first visit."""
    page: str = ""
    """Address of the page that shows it, as the table has it, or empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A picture's bytes, or a refusal that a gate must weigh, with all that was said on the way."""

    first: WebUrl
    """The address that was asked for, before any redirect."""
    responses: tuple[Response, ...]
    host: Reading
    response: Reading
    host_files: tuple[Sha256, ...]
    shown: Shown | None
    """The page that shows it, where the table names one."""
    page: Reading
    registry: Reading
    against: tuple[Reason, ...] = ()
    """What stands against a host on the way: a certificate that was first seen with an answer of it."""

    @property
    def last(self) -> Response:
        """The picture's own answer."""
        return self.responses[-1]

    @property
    def is_unchanged(self) -> bool:
        """Tell whether the host says that nothing changed since the last visit."""
        return self.last.status == 304


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped:
    """No picture: a gate denied the request, or nothing usable came."""

    decision: Decision
    at: WebUrl | None = None
    """The hop whose request the gate denied; nothing where nothing usable came."""
    responses: tuple[Response, ...] = ()
    host_files: tuple[Sha256, ...] = ()
    shown: Shown | None = None
    registry: Reading = SILENCE


@dataclass(frozen=True, slots=True, kw_only=True)
class Postponed:
    """The host is left alone until a later run; the row stays to be done."""

    why: Leave


class Fetcher:
    """Fetches pictures for one run."""

    def __init__(
        self,
        *,
        hosts: Hosts,
        standing: StandingWatch,
        sources: SourceIndex,
        registries: Sequence[OptOutRegistry],
        policy: Policy,
        clock: Callable[[], datetime],
    ) -> None:
        self._hosts = hosts
        self._standing = standing
        self._pages = Pages(hosts=hosts, policy=policy)
        self._sources = sources
        self._registries = registries
        self._policy = policy
        self._clock = clock
        self._limits = policy.parameters(FetchLimits)
        self._retries = policy.parameters(PaceLimits).max_retries

    async def fetch(self, asked: Asked) -> Fetched | Stopped | Postponed:
        """Fetch one picture through its redirects; each hop passes the gate before it is requested."""
        trail = _Trail()
        url = asked.url
        for _ in range(self._limits.max_redirects + 1):
            if self._sources.match(url.host) != asked.source:
                reason = self._policy.reason(RuleId.REDIRECT_OUTSIDE, detail=f"leads to {url.host}")
                return trail.stopped(self._policy.decide([reason]))
            met = await self._meet(asked, url, trail)
            if not isinstance(met, HostState):
                return met
            answer = await self._ask(url, met, conditions=asked.conditions)
            if isinstance(answer, Leave):
                return Postponed(why=answer)
            if met.pace.left is not None and _is_for_now(answer):
                return Postponed(why=met.pace.left)
            if isinstance(answer, NoResponse):
                return trail.stopped(self._nothing(answer))
            await self._see(answer, trail)
            trail.against.update(dict.fromkeys(self._hosts.against(url.host)))
            if answer.status not in REDIRECTS:
                return self._ended(asked, trail)
            target = redirect_target(answer)
            if isinstance(target, Malformed):
                return trail.stopped(self._failed(RuleId.FETCH_FAILED, f"redirect: {target.why}"))
            url = target
        return trail.stopped(
            self._failed(RuleId.FETCH_LIMITS, f"more than {self._limits.max_redirects} redirects")
        )

    async def meet(self, asked: Asked) -> Stopped | Postponed | None:
        """Let the gate answer from registries and the host's own files alone; nothing where it allows."""
        met = await self._meet(replace(asked, page=""), asked.url, _Trail())
        return None if isinstance(met, HostState) else met

    async def _meet(self, asked: Asked, url: WebUrl, trail: _Trail) -> HostState | Stopped | Postponed:
        """Let one hop pass the gate, visiting nobody who is known to refuse.

        Steps: 1 what registries hold of the address; 2 what its host says; 3 whether that is still the host
        that it was, which weighs less than a denial of whoever answers there; 4 what its page says.
        """
        # 1
        trail.registry.append(merge(each.of_url(url) for each in self._registries))
        if trail.registry[-1].statements:
            decision = may_request(self._facts(asked, url, trail), self._policy)
            if any(reason.rule is RuleId.OPT_OUT_REGISTERED for reason in decision.reasons):
                return trail.stopped(decision, at=url)
        # 2
        state = await self._hosts.state(url)
        trail.see_host(state, state.evidence.read(url.target))
        stopped = self._stopped(asked, url, trail, state)
        # 3
        changed = self._hosts.against(url.host)
        if stopped is None and changed:
            return trail.stopped(self._policy.decide(changed), at=url)
        # 4
        if stopped is None and asked.page and trail.shown is None:
            against = await self._against_page(asked)
            if against:
                return trail.stopped(self._policy.decide(against))
            trail.see_page(await self._pages.read(asked.page), asked.url)
            stopped = self._stopped(asked, url, trail, state)
        return stopped if stopped is not None else state

    async def _against_page(self, asked: Asked) -> tuple[Reason, ...]:
        """Say what stands against the source that the page is on, where that is another one."""
        page = parse_url(asked.page)
        source = self._sources.match(page.host) if isinstance(page, WebUrl) else None
        if source is None or source == asked.source:
            return ()
        return await self._standing.against(source)

    def _stopped(
        self, asked: Asked, url: WebUrl, trail: _Trail, state: HostState
    ) -> Stopped | Postponed | None:
        """Ask the gate; nothing comes back where the request may be made."""
        decision = may_request(self._facts(asked, url, trail), self._policy)
        if decision.outcome is Outcome.ALLOW:
            return None
        if state.pace.left is not None and _is_an_outage(decision):
            # The host was left before it could say what it allows.
            return Postponed(why=state.pace.left)
        return trail.stopped(decision, at=url)

    def _facts(self, asked: Asked, url: WebUrl, trail: _Trail) -> CollectFacts:
        return CollectFacts(
            url=url,
            project_use=asked.use,
            source=asked.source,
            licences=asked.licences,
            stated_licence=asked.stated_licence,
            host=merge(trail.host),
            response=merge(trail.response),
            embedded=SILENCE,
            page=trail.page,
            registry=merge(trail.registry),
            now=self._clock(),
        )

    async def _see(self, answer: Response, trail: _Trail) -> None:
        """Read what an answer says, with the documents that it leads to."""
        head = head_of(answer)
        leads = response_leads(head)
        if leads:
            documents = await self._hosts.documents(leads)
            head = replace(head, documents={file.url: file for file in documents})
            trail.files.update(dict.fromkeys(file.sha256 for file in documents))
        trail.responses.append(answer)
        trail.response.append(read_response(head))

    async def _ask(
        self, url: WebUrl, state: HostState, *, conditions: Mapping[str, str]
    ) -> Response | NoResponse | Leave:
        tries = 0
        while True:
            answer = await self._hosts.visit(
                url, state.pace, what="picture", max_bytes=self._limits.max_picture_bytes, headers=conditions
            )
            tries += 1
            if isinstance(answer, Leave) or tries > self._retries:
                return answer
            if isinstance(answer, NoResponse) and (answer.address_refused or answer.too_large):
                return answer
            if not state.pace.is_worth_retrying(answer.status if isinstance(answer, Response) else 0):
                return answer

    def _ended(self, asked: Asked, trail: _Trail) -> Fetched | Stopped:
        last = trail.responses[-1]
        # A reservation on an answer without a picture is a reservation.
        is_reserved = any(
            each.use is asked.use and each.answer is Answer.DENIED
            for reading in trail.response
            for each in reading.statements
        )
        if last.status in (200, 304) or last.status in _REFUSALS or is_reserved:
            return trail.fetched(asked.url)
        return trail.stopped(self._failed(RuleId.FETCH_FAILED, f"HTTP {last.status}"))

    def _nothing(self, answer: NoResponse) -> Decision:
        why = printable(answer.why)
        if answer.address_refused:
            return self._policy.decide([self._policy.reason(RuleId.NETWORK_ADDRESS, detail=why)])
        return self._failed(RuleId.FETCH_LIMITS if answer.too_large else RuleId.FETCH_FAILED, why)

    def _failed(self, rule: RuleId, why: str) -> Decision:
        return self._policy.decide([self._policy.reason(rule, detail=why)])


class _Trail:
    """What was seen on the way to one picture."""

    def __init__(self) -> None:
        self.responses: list[Response] = []
        self.host: list[Reading] = []
        self.response: list[Reading] = []
        self.files: dict[Sha256, None] = {}
        self.shown: Shown | None = None
        self.page = SILENCE
        self.registry: list[Reading] = []
        self.against: dict[Reason, None] = {}

    def see_host(self, state: HostState, reading: Reading) -> None:
        self.host.append(reading)
        self.files.update(dict.fromkeys(state.hashes))

    def see_page(self, shown: Shown, picture: WebUrl) -> None:
        self.shown = shown
        self.page = shown.reading(picture)
        self.files.update(dict.fromkeys(shown.files))

    def fetched(self, first: WebUrl) -> Fetched:
        return Fetched(
            first=first,
            responses=tuple(self.responses),
            host=merge(self.host),
            response=merge(self.response),
            host_files=tuple(self.files),
            shown=self.shown,
            page=self.page,
            registry=merge(self.registry),
            against=tuple(self.against),
        )

    def stopped(self, decision: Decision, *, at: WebUrl | None = None) -> Stopped:
        return Stopped(
            decision=decision,
            at=at,
            responses=tuple(self.responses),
            host_files=tuple(self.files),
            shown=self.shown,
            registry=merge(self.registry),
        )


def _is_an_outage(decision: Decision) -> bool:
    return all(reason.rule is RuleId.HOST_UNREACHABLE for reason in decision.reasons)


def _is_for_now(answer: Response | NoResponse) -> bool:
    """Tell whether an answer speaks of the host's state, not of the picture."""
    if isinstance(answer, Response):
        return answer.status in OVERLOADED
    return not answer.address_refused and not answer.too_large
