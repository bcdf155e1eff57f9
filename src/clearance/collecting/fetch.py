"""Fetch one picture: every hop asked for in its turn, gated before it is requested, and kept as evidence.

Source: docs/collect.md, step 3; C1.3, C1.5, C5.2, C5.3.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from clearance.collecting.client import NoResponse, Response
from clearance.collecting.hosts import Hosts, HostState, redirect_target
from clearance.collecting.pace import OVERLOADED, Leave
from clearance.errors import printable
from clearance.identifiers import Malformed, Sha256, WebUrl
from clearance.policy import Decision, FetchLimits, Outcome, PaceLimits, Policy, RuleId
from clearance.sourcing import (
    CollectFacts,
    Licence,
    Reading,
    ResponseHead,
    Source,
    SourceIndex,
    Use,
    may_request,
    merge,
    read_response,
)

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A picture's bytes, or a refusal that a gate must weigh, with all that was said on the way."""

    responses: tuple[Response, ...]
    host: Reading
    response: Reading
    host_files: tuple[Sha256, ...]

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
    responses: tuple[Response, ...] = ()
    host: Reading | None = None
    host_files: tuple[Sha256, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Postponed:
    """The host is left alone until a later run; the row stays to be done."""

    why: Leave


class Fetcher:
    """Fetches pictures for one run."""

    def __init__(
        self, *, hosts: Hosts, sources: SourceIndex, policy: Policy, clock: Callable[[], datetime]
    ) -> None:
        self._hosts = hosts
        self._sources = sources
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
            state = await self._hosts.state(url)
            trail.see_host(state, state.evidence.read(url.target))
            decision = may_request(self._facts(asked, url, trail), self._policy)
            if decision.outcome is not Outcome.ALLOW:
                return trail.stopped(decision)
            answer = await self._ask(url, state, conditions=asked.conditions)
            if isinstance(answer, Leave):
                return Postponed(why=answer)
            if state.pace.left is not None and _is_for_now(answer):
                return Postponed(why=state.pace.left)
            if isinstance(answer, NoResponse):
                return trail.stopped(self._nothing(answer))
            trail.see_answer(answer)
            if answer.status not in _REDIRECTS:
                return self._ended(trail)
            target = redirect_target(answer)
            if isinstance(target, Malformed):
                return trail.stopped(self._failed(RuleId.FETCH_FAILED, f"redirect: {target.why}"))
            url = target
        return trail.stopped(
            self._failed(RuleId.FETCH_LIMITS, f"more than {self._limits.max_redirects} redirects")
        )

    def _facts(self, asked: Asked, url: WebUrl, trail: _Trail) -> CollectFacts:
        return CollectFacts(
            url=url,
            project_use=asked.use,
            source=asked.source,
            licences=asked.licences,
            stated_licence=asked.stated_licence,
            host=merge(trail.host),
            response=merge(trail.response),
            embedded=Reading(),
            now=self._clock(),
        )

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

    def _ended(self, trail: _Trail) -> Fetched | Stopped:
        last = trail.responses[-1]
        if last.status in (200, 304) or last.status in _REFUSALS:
            return trail.fetched()
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

    def see_host(self, state: HostState, reading: Reading) -> None:
        self.host.append(reading)
        self.files.update(dict.fromkeys(state.hashes))

    def see_answer(self, answer: Response) -> None:
        self.responses.append(answer)
        self.response.append(read_response(head_of(answer)))

    def fetched(self) -> Fetched:
        return Fetched(
            responses=tuple(self.responses),
            host=merge(self.host),
            response=merge(self.response),
            host_files=tuple(self.files),
        )

    def stopped(self, decision: Decision) -> Stopped:
        return Stopped(
            decision=decision,
            responses=tuple(self.responses),
            host=merge(self.host),
            host_files=tuple(self.files),
        )


def _is_for_now(answer: Response | NoResponse) -> bool:
    """Tell whether an answer speaks of the host's state, not of the picture."""
    if isinstance(answer, Response):
        return answer.status in OVERLOADED
    return not answer.address_refused and not answer.too_large


def head_of(answer: Response) -> ResponseHead:
    """Hand a response to the signal readers, without its body."""
    return ResponseHead(url=answer.url, status=answer.status, headers=answer.headers)
