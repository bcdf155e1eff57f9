"""Ask a host once: fetch the files in which it states its rights and wishes, keep them as evidence, remember
its pace.

Source: RFC 9309 sections 2.3 and 2.4; docs/collect.md, step 2; C1.5, C3.7.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import urljoin

from clearance.collecting.client import Client, NoResponse, Response
from clearance.collecting.host_identities import HostIdentityStore, IdentityWatch
from clearance.collecting.journal import Journal, Visit, packed_host_file
from clearance.collecting.pace import HostLimits, HostPace, Leave, parse_retry_after
from clearance.collecting.tasks import once
from clearance.identifiers import Host, Malformed, Sha256, WebUrl, parse_url, sha256_of
from clearance.policy import FetchLimits, PaceLimits, Policy, Reason
from clearance.sourcing import (
    HOST_FILES,
    HostFile,
    HostFiles,
    HostRules,
    NetworkIndex,
    Pace,
    ResponseHead,
    SourceIndex,
    Use,
    evaluate_host,
    host_leads,
)
from clearance.sourcing import Answer as Said

ROBOTS = "/robots.txt"
_MAX_LEADS = 12
"""Documents that one host, response or page may lead to; more is a construction."""
_MAX_DOCUMENTS = 500
"""Documents remembered in one run; a site has one or two."""
REDIRECTS = frozenset({301, 302, 303, 307, 308})
_KEPT_HEADERS = frozenset({"content-type", "etag", "last-modified", "cache-control", "date"})


@dataclass(frozen=True, slots=True, kw_only=True)
class HostState:
    """What is known of one origin in this run."""

    files: HostFiles
    evidence: HostRules
    pace: HostPace

    @property
    def hashes(self) -> tuple[Sha256, ...]:
        """The hashes of all files that the evidence was read from."""
        return tuple(file.sha256 for file in self.files.by_url.values())


class Hosts:
    """The hosts of one run, each asked once; safe to use from many tasks of one event loop."""

    def __init__(
        self,
        *,
        client: Client,
        journal: Journal,
        policy: Policy,
        sources: SourceIndex,
        networks: NetworkIndex,
        agent: str,
        note: Callable[[Visit], None],
        identities: HostIdentityStore,
        clock: Callable[[], datetime],
        max_age_s: float | None = None,
    ) -> None:
        self._client = client
        self._journal = journal
        self._sources = sources
        self._networks = networks
        self._agent = agent
        self._note = note
        self._clock = clock
        self._identities = IdentityWatch(store=identities, sources=sources, policy=policy, clock=clock)
        self._limits = policy.parameters(FetchLimits)
        # A re-check trusts no copy; a run that collects, one of a day.
        self._max_age_s = self._limits.host_file_max_age_s if max_age_s is None else max_age_s
        self._pace_limits = policy.parameters(PaceLimits)
        self._paces: dict[Host, HostPace] = {}
        self._slots: dict[Host, asyncio.Semaphore] = {}
        self._states: dict[str, asyncio.Task[HostState]] = {}
        self._robots: dict[str, asyncio.Task[HostFile]] = {}
        self._documents: dict[str, asyncio.Task[HostFile | None]] = {}
        self.others: set[asyncio.Task[Any]] = set()
        """What others ask hosts for beside their caller; ended with everything else."""
        self._seen: list[tuple[HostFile, str]] = []
        """Files that were asked for and not written yet, with the address that answered."""

    async def state(self, url: WebUrl) -> HostState:
        """Return what is known of a URL's origin, asking it first where that is needed."""
        return await once(self._states, url.origin, partial(self._ask, url))

    def against(self, host: Host) -> tuple[Reason, ...]:
        """Return what stands against a host itself: a certificate that names another than before (C5.2)."""
        return self._identities.against(host)

    async def documents(self, urls: Sequence[str]) -> tuple[HostFile, ...]:
        """Return documents that signals lead to, such as RSL licences, each asked for once in a run.

        One that may not be asked for, or has no address that can be used, is left out: whoever is led to it
        and does not find it treats it as unreadable.
        """
        while len(self._documents) > _MAX_DOCUMENTS:
            del self._documents[next(iter(self._documents))]
        found = [await once(self._documents, url, partial(self._document, url)) for url in urls[:_MAX_LEADS]]
        return tuple(file for file in found if file is not None)

    def pace(self, host: Host) -> HostPace:
        """Return the pace of a host, with what it has had today over all runs."""
        known = self._paces.get(host)
        if known is None:
            midnight = self._clock().astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
            requests, size = self._journal.visits_since(host, since=midnight)
            limits = HostLimits.of(policy=self._pace_limits, agreed=self._agreed(host), crawl_delay_s=None)
            known = HostPace(limits, requests_today=requests, bytes_today=size)
            self._paces[host] = known
            self._slots[host] = asyncio.Semaphore(limits.max_concurrent)
        return known

    async def visit(
        self, url: WebUrl, pace: HostPace, *, what: str, max_bytes: int, headers: Mapping[str, str]
    ) -> Response | NoResponse | Leave:
        """Make one request in its turn, and write it into the ledger."""
        # A host file may lead to another host, which has no pace of its own here: one request at a time.
        async with self._slots.setdefault(url.host, asyncio.Semaphore(1)):
            wait = pace.reserve(time.monotonic())
            if isinstance(wait, Leave):
                return wait
            if wait > 0:
                await asyncio.sleep(wait)
            at = self._clock()
            try:
                answer = await self._client.get(url, max_bytes=max_bytes, headers=headers)
            except asyncio.CancelledError:
                # The request was made, whoever waits for it no longer.
                answer = NoResponse(url=url, why="stopped", seconds=0, egress="")
                self._record(answer, at=at, what=what, status=0, size=0)
                raise
        if isinstance(answer, Response):
            self._identities.note(url.host, answer.identity)
        status = answer.status if isinstance(answer, Response) else 0
        size = len(answer.content) if isinstance(answer, Response) else answer.received
        retry_after = (
            parse_retry_after(answer.header("retry-after"), now=at) if isinstance(answer, Response) else None
        )
        pace.note(
            time.monotonic(), status=status, seconds=answer.seconds, size=size, retry_after_s=retry_after
        )
        self._record(answer, at=at, what=what, status=status, size=size)
        return answer

    async def close(self) -> None:
        """End what is still being asked, so that the ledger holds every request; keep what was seen."""
        tasks = [*self._states.values(), *self._robots.values(), *self._documents.values(), *self.others]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._write()

    def _record(
        self, answer: Response | NoResponse, *, at: datetime, what: str, status: int, size: int
    ) -> None:
        self._note(
            Visit(
                at=at,
                host=answer.url.host,
                what=what,
                status=status,
                size=size,
                seconds=answer.seconds,
                egress=answer.egress,
                network=self._network(answer.egress, at),
                user_agent=self._client.user_agent,
            )
        )

    async def _ask(self, url: WebUrl) -> HostState:
        """Ask for everything in which an origin states its wishes.

        Steps: 1 robots.txt, which says how slowly and whether the rest may be asked for; 2 the files of every
        signal; 3 the documents that those lead to.
        """
        # 1
        robots = await self._robots_of(url)
        pace = self.pace(url.host)
        files = [robots]
        first = evaluate_host(HostFiles.of(url.origin, files), agent=self._agent)
        # 2; a host that cannot say what it allows is asked for nothing more
        for places in HOST_FILES:
            for path in places:
                if files[-1].is_unreachable or path == ROBOTS or not _may_ask(first, path):
                    continue
                files.append(await self._file(url, path, pace))
                if files[-1].is_there:
                    break
        # 3
        files += await self.documents(host_leads(HostFiles.of(url.origin, files)))
        gathered = HostFiles.of(url.origin, files)
        self._write()
        return HostState(files=gathered, evidence=evaluate_host(gathered, agent=self._agent), pace=pace)

    async def _robots_of(self, url: WebUrl) -> HostFile:
        return await once(self._robots, url.origin, partial(self._ask_robots, url))

    async def _ask_robots(self, url: WebUrl) -> HostFile:
        """Ask for robots.txt, and take the pace that it asks for, before anything else is asked."""
        pace = self.pace(url.host)
        robots = await self._file(url, ROBOTS, pace)
        rules = evaluate_host(HostFiles.of(url.origin, [robots]), agent=self._agent)
        if rules.crawl_delay_s is not None:
            limits = HostLimits.of(
                policy=self._pace_limits, agreed=self._agreed(url.host), crawl_delay_s=rules.crawl_delay_s
            )
            pace.apply(limits)
            self._slots[url.host] = asyncio.Semaphore(limits.max_concurrent)
        return robots

    async def _document(self, text: str) -> HostFile | None:
        """Ask for one document, where its own host's robots.txt leaves it open."""
        url = parse_url(text)
        if isinstance(url, Malformed):
            return None
        if not await self._leaves_open(url):
            return None
        file = await self._file(url, url.target, self.pace(url.host))
        self._write()
        return file

    def _write(self) -> None:
        """Write what was seen, of this host and any other, before anything is decided on it."""
        seen, self._seen = self._seen, []
        self._journal.keep_host_files(seen)

    def _network(self, egress: str, at: datetime) -> str:
        found = self._networks.match(egress, on=at.date()) if egress else None
        return found.name if found is not None else ""

    def _agreed(self, host: Host) -> Pace:
        source = self._sources.match(host)
        return source.pace if source is not None else Pace()

    async def _file(self, url: WebUrl, path: str, pace: HostPace) -> HostFile:
        """Return a host's file: the kept copy while it is fresh, else what the host says now."""
        kept = self._journal.host_file(url.origin, path)
        now = self._clock()
        max_age = timedelta(seconds=self._max_age_s)
        if kept is not None and kept.status and kept.status < 500 and now - kept.fetched_at < max_age:
            return kept
        asked = await self._fetch(url, path, pace, kept)
        if isinstance(asked, Response) and asked.status == 304 and kept is not None:
            content, status, headers, failure = kept.content, kept.status, kept.headers, ""
        elif isinstance(asked, Response):
            content = asked.content if asked.status == 200 else b""
            status, failure = asked.status, ""
            headers = tuple(line for line in asked.headers if line[0].lower() in _KEPT_HEADERS)
        else:
            content, status, headers, failure = (
                b"",
                0,
                (),
                asked.why if isinstance(asked, NoResponse) else asked.value,
            )
        file = HostFile(
            origin=url.origin,
            path=path,
            status=status,
            headers=headers,
            content=content,
            fetched_at=now,
            failure=failure,
            sha256=sha256_of(packed_host_file(url.origin, path, status, content, failure)),
        )
        self._seen.append((file, asked.url.text if not isinstance(asked, Leave) else ""))
        return file

    async def _fetch(
        self, url: WebUrl, path: str, pace: HostPace, kept: HostFile | None
    ) -> Response | NoResponse | Leave:
        """Fetch a host's file through redirects and, after an overload, again."""
        headers = _validators(kept)
        start = WebUrl(scheme=url.scheme, hostname=url.hostname, port=url.port, target=path)
        answer = await self._follow(start, pace, headers)
        for _ in range(self._pace_limits.max_retries):
            if not isinstance(answer, Response) or not pace.is_worth_retrying(answer.status):
                break
            answer = await self._follow(start, pace, headers)
        return answer

    async def _leaves_open(self, url: WebUrl) -> bool:
        robots = HostFiles.of(url.origin, [await self._robots_of(url)])
        return _may_ask(evaluate_host(robots, agent=self._agent), url.target)

    async def _follow(
        self, start: WebUrl, pace: HostPace, headers: Mapping[str, str]
    ) -> Response | NoResponse | Leave:
        url = start
        for _ in range(self._limits.max_redirects + 1):
            answer = await self.visit(
                url, pace, what=url.target[:100], max_bytes=self._limits.max_host_file_bytes, headers=headers
            )
            if not isinstance(answer, Response) or answer.status not in REDIRECTS:
                return answer
            target = redirect_target(answer)
            if isinstance(target, Malformed):
                return NoResponse(url=url, why=f"redirect: {target.why}", seconds=0, egress=answer.egress)
            if target.origin != url.origin:
                # Another host has its own pace, and its own word on what may be asked for.
                pace = self.pace(target.host)
                if start.target != ROBOTS and not await self._leaves_open(target):
                    why = f"redirect: {target.host} does not leave it open"
                    return NoResponse(url=target, why=why, seconds=0, egress="")
            url, headers = target, {}
        return NoResponse(url=url, why="redirects too often", seconds=0, egress="")


def redirect_target(answer: Response) -> WebUrl | Malformed:
    """Read where a redirect leads; from https to http it leads nowhere.

    Source: RFC 9110 section 10.2.2.
    """
    location = answer.header("location")
    if not location:
        return Malformed(where="Location", why="missing")
    try:
        target = parse_url(urljoin(answer.url.text, location))
    except ValueError as error:
        return Malformed(where="Location", why=str(error))
    if isinstance(target, WebUrl) and answer.url.scheme == "https" and target.scheme == "http":
        return Malformed(where="Location", why="leads from https to http")
    return target


def head_of(answer: Response) -> ResponseHead:
    """Hand a response to the signal readers, without its body."""
    return ResponseHead(url=answer.url, status=answer.status, headers=answer.headers)


def _may_ask(evidence: HostRules, path: str) -> bool:
    """Tell whether robots.txt leaves a path open: where it does not, the file counts as absent."""
    return not any(
        statement.use is Use.FETCH and statement.answer is Said.DENIED
        for statement in evidence.read(path).statements
    )


def _validators(kept: HostFile | None) -> dict[str, str]:
    if kept is None or kept.status != 200:
        return {}
    known = {name.lower(): value for name, value in kept.headers}
    asked = {"If-None-Match": known.get("etag", ""), "If-Modified-Since": known.get("last-modified", "")}
    return {name: value for name, value in asked.items() if value and value.isascii() and value.isprintable()}
