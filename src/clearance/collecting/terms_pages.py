"""Find and fetch a site's terms of service, under the same rules as everything else that is asked for.

Source: C1.4, C3.7, C5.3; RFC 6903 section 6.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from clearance.collecting.client import NoResponse, Response
from clearance.collecting.hosts import REDIRECTS, Hosts, head_of, redirect_target
from clearance.collecting.pace import OVERLOADED, Leave
from clearance.errors import BadInput, printable
from clearance.identifiers import Malformed, WebUrl, parse_url
from clearance.policy import FetchLimits, Policy
from clearance.sourcing import (
    USUAL_PATHS,
    Answer,
    HostPattern,
    PageText,
    Source,
    TermsSnapshot,
    TermsState,
    Use,
    found,
    read_text,
    terms_links,
    without_text,
)

_MAX_CANDIDATES = 3
"""Links that are followed from a home page: the likeliest are almost always among the first."""
MAX_HOSTS = 20
"""Hosts of one source that are asked for their terms, or for their sitemaps."""
_LOGIN_CHARS = 2000
"""A page with a field for a password and less text than this is a login; more is terms beside one."""
_REFUSALS = frozenset({401, 402, 403, 407, 451})
_READABLE = ("text/", "application/xhtml", "application/xml")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """What stood at one address: a page, or the state that says why there is none."""

    state: TermsState
    page: PageText | None = None
    status: int = 0
    why: str = ""
    etag: str = ""
    last_modified: str = ""
    url: WebUrl | None = None
    is_unchanged: bool = False


class TermsReader:
    """Looks for terms of service; safe to use from many tasks of one event loop."""

    def __init__(self, *, hosts: Hosts, policy: Policy, clock: Callable[[], datetime]) -> None:
        self._hosts = hosts
        self._limits = policy.parameters(FetchLimits)
        self._clock = clock

    async def find(self, source: Source) -> tuple[TermsSnapshot, ...]:
        """Look for the terms of every host of a source; a host that has none gives a snapshot that says so.

        Raises:
            BadInput: the source names no single host; then a person says where its terms are.
        """
        starts = [urls for pattern in source.hosts[:MAX_HOSTS] if (urls := home_pages(pattern))]
        if not starts:
            where = ", ".join(pattern.text for pattern in source.hosts)
            raise BadInput(f"source {source.name!r} covers {where}: name its terms page with --url")
        return tuple([await self._find_at(source, each) for each in starts])

    async def fetch(self, source: Source, url: str, *, kept: TermsSnapshot | None = None) -> TermsSnapshot:
        """Fetch one terms page; conditionally where it is known already.

        Raises:
            BadInput: the address is none.
        """
        parsed = parse_url(url)
        if isinstance(parsed, Malformed):
            raise BadInput(f"--url {printable(url)!r}: {parsed.why}")
        seen = await self._get(parsed, headers=_validators(kept))
        if seen.is_unchanged and kept is not None:
            return replace(kept, seen_at=self._clock())
        return self._snapshot(source, parsed.text, seen)

    async def _find_at(self, source: Source, starts: tuple[WebUrl, ...]) -> TermsSnapshot:
        """Look at a host's home page for a link to its terms, then where terms usually are.

        Steps: 1 the home page, over https or else http; 2 the likeliest links on it; 3 the usual paths; 4
        there are none.
        """
        # 1
        home, start = _Seen(state=TermsState.UNREACHABLE), starts[0]
        for each in starts:
            if home.state is TermsState.UNREACHABLE:
                home, start = await self._get(each), each
        if home.state is TermsState.UNREACHABLE:
            return self._snapshot(source, start.text, home)
        # 2
        base = home.url or start
        links = terms_links(home.page.links, base.host) if home.page is not None else ()
        unreadable: TermsSnapshot | None = None
        for url in links[:_MAX_CANDIDATES]:
            linked = await self.fetch(source, url)
            if linked.state is TermsState.FOUND:
                return linked
            unreadable = unreadable or linked
        if unreadable is not None:
            # The site says that it has terms: what could not be read is not "none".
            return unreadable
        # 3
        for path in USUAL_PATHS:
            address = replace(base, target=path)
            seen = await self._get(address)
            if seen.state in (TermsState.FOUND, TermsState.UNREACHABLE):
                return self._snapshot(source, address.text, seen)
        # 4
        if home.state is TermsState.UNREADABLE:
            return self._snapshot(source, start.text, home)
        return without_text(
            TermsState.NONE_FOUND, source=source.name, url=start.text, at=self._clock(), status=home.status
        )

    def _snapshot(self, source: Source, url: str, seen: _Seen) -> TermsSnapshot:
        if seen.page is None:
            return without_text(
                seen.state, source=source.name, url=url, at=self._clock(), status=seen.status, why=seen.why
            )
        return found(
            seen.page.text,
            source=source.name,
            url=url,
            at=self._clock(),
            status=seen.status,
            etag=seen.etag,
            last_modified=seen.last_modified,
        )

    async def _get(self, url: WebUrl, *, headers: Mapping[str, str] | None = None) -> _Seen:
        """Ask for a page through its redirects; robots.txt holds for terms as for everything else."""
        asked = dict(headers or {})
        for _ in range(self._limits.max_redirects + 1):
            state = await self._hosts.state(url)
            refused = [
                each
                for each in state.evidence.read(url.target).statements
                if each.use is Use.FETCH and each.answer is Answer.DENIED
            ]
            if refused:
                is_for_now = any(each.is_temporary for each in refused)
                return _Seen(
                    state=TermsState.UNREACHABLE if is_for_now else TermsState.UNREADABLE,
                    why=f"{refused[0].where}: {refused[0].quote}",
                )
            answer = await self._hosts.visit(
                url,
                state.pace,
                what="terms",
                max_bytes=self._limits.max_host_file_bytes,
                headers={"Accept": "text/html,application/xhtml+xml,text/plain", **asked},
            )
            if isinstance(answer, Leave):
                return _Seen(state=TermsState.UNREACHABLE, why=answer.value)
            if isinstance(answer, NoResponse):
                state_of = TermsState.UNREADABLE if answer.too_large else TermsState.UNREACHABLE
                return _Seen(state=state_of, why=answer.why)
            if answer.status not in REDIRECTS:
                return await _arrived(url, answer)
            target = redirect_target(answer)
            if isinstance(target, Malformed):
                return _Seen(state=TermsState.UNREADABLE, why=f"redirect: {target.why}")
            url, asked = target, {}
        return _Seen(state=TermsState.UNREADABLE, why="redirects too often")


async def _arrived(url: WebUrl, answer: Response) -> _Seen:
    """Judge what stands at the end of the redirects."""
    status = answer.status
    if status == 304:
        return _Seen(state=TermsState.FOUND, is_unchanged=True, status=status)
    if status in OVERLOADED or status in (202, 206):
        return _Seen(state=TermsState.UNREACHABLE, status=status, why=f"HTTP {status}")
    if status in _REFUSALS:
        return _Seen(state=TermsState.UNREADABLE, status=status, why=f"HTTP {status}")
    if status != 200:
        return _Seen(state=TermsState.NONE_FOUND, status=status, url=url)
    kind = answer.header("content-type").lower()
    is_binary = b"\x00" in answer.content and not answer.content.startswith((b"\xff\xfe", b"\xfe\xff"))
    if is_binary or (kind and not kind.startswith(_READABLE)):
        why = f"{printable(kind, max_chars=60) or 'it'} is not text"
        return _Seen(state=TermsState.UNREADABLE, status=status, why=why)
    page = await asyncio.to_thread(read_text, head_of(answer), answer.content)
    if page.asks_for_login and len(page.text) < _LOGIN_CHARS:
        return _Seen(state=TermsState.UNREADABLE, status=status, why="behind a login")
    return _Seen(
        state=TermsState.FOUND,
        page=page,
        status=status,
        etag=answer.header("etag"),
        last_modified=answer.header("last-modified"),
        url=url,
    )


def home_pages(pattern: HostPattern) -> tuple[WebUrl, ...]:
    """Return the home pages that a host pattern may mean, the likelier scheme first; none for `*`."""
    name = pattern.text.removeprefix("*.")
    if name.startswith("*"):
        return ()
    _, _, port = name.rpartition(":")
    # A server on a port of its own mostly speaks plain HTTP; every other one speaks TLS today.
    schemes = ("http", "https") if port.isdigit() and port != "443" else ("https", "http")
    parsed = [parse_url(f"{scheme}://{name}/") for scheme in schemes]
    return tuple(url for url in parsed if isinstance(url, WebUrl))


def _validators(kept: TermsSnapshot | None) -> dict[str, str]:
    if kept is None or kept.state is not TermsState.FOUND or kept.given_by_hand:
        return {}
    asked = {"If-None-Match": kept.etag, "If-Modified-Since": kept.last_modified}
    return {name: value for name, value in asked.items() if value and value.isascii() and value.isprintable()}
