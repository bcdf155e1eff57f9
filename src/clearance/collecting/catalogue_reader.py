"""Count a source's catalogue in the site's own sitemaps, asked for under the same rules as everything else.

Only hosts of the source are asked, each hop passes its robots.txt, and every bound makes the count smaller,
never larger: what is not counted cannot widen a quota.

Source: C3.6, C3.7, C5.3; sitemaps.org protocol 0.9.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, replace

from clearance.collecting.client import NoResponse, Response
from clearance.collecting.hosts import REDIRECTS, Hosts, HostState, redirect_target
from clearance.collecting.terms_pages import MAX_HOSTS, home_pages
from clearance.errors import BadInput, printable
from clearance.identifiers import Malformed, WebUrl, parse_url
from clearance.policy import FetchLimits, Policy
from clearance.sourcing import (
    Answer,
    Sitemap,
    Source,
    SourceIndex,
    Use,
    named_sitemaps,
    read_sitemap,
)

_USUAL = "/sitemap.xml"
_MAX_SITEMAPS = 500
"""Files that are asked for of one source: by the protocol's bounds they may list 25 million pages."""
_MAX_LEVELS = 3
"""An index may not name an index, by the protocol; some do."""
_MAX_COUNTED = 5_000_000
"""Addresses that are told apart; at this size the set takes half a gigabyte."""
_MAX_PROBLEMS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedCatalogue:
    """What the sitemaps of a source came to."""

    pictures: int
    """The pictures that they list; where they list none, the pages."""
    how: str
    sitemaps: int
    """Files that were read."""
    problems: tuple[str, ...]
    """What could not be asked for or read; it is not counted."""


class CatalogueReader:
    """Counts one source's catalogue; made, run once, and thrown away."""

    def __init__(self, *, hosts: Hosts, sources: SourceIndex, policy: Policy) -> None:
        self._hosts = hosts
        self._sources = sources
        self._limits = policy.parameters(FetchLimits)
        # 64 bits of hash stand for an address, as in a plan.
        self._pages: set[int] = set()
        self._pictures: set[int] = set()
        self._problems: list[str] = []
        self._read = 0

    async def count(self, source: Source) -> CountedCatalogue:
        """Read the sitemaps that the hosts of a source name, or else those at the usual place.

        Raises:
            BadInput: the source names no single host, or none of its sitemaps could be read.
        """
        starts = [urls for pattern in source.hosts[:MAX_HOSTS] if (urls := home_pages(pattern))]
        if not starts:
            where = ", ".join(pattern.text for pattern in source.hosts)
            raise BadInput(f"source {source.name!r} covers {where}: state its size with --pictures and --how")
        waiting: deque[tuple[str, int]] = deque()
        for urls in starts:
            waiting += [(address, 1) for address in await self._named_by(urls)]
        seen: set[str] = set()
        while waiting and len(seen) < _MAX_SITEMAPS:
            address, level = waiting.popleft()
            if address in seen:
                continue
            seen.add(address)
            found = await self._get(address, source)
            if isinstance(found, str):
                self._problem(address, found)
                continue
            self._count(found, source)
            if found.cut:
                self._problem(address, found.cut)
            if level < _MAX_LEVELS:
                waiting += [(further, level + 1) for further in found.sitemaps[:_MAX_SITEMAPS]]
            elif found.sitemaps:
                self._problem(address, f"an index on level {level} of indexes is not followed")
        if waiting:
            self._problems.append(f"more than {_MAX_SITEMAPS} sitemaps: the rest is not counted")
        return self._counted(source)

    async def _named_by(self, urls: tuple[WebUrl, ...]) -> tuple[str, ...]:
        """Return the sitemaps of one host, over the scheme by which it answers."""
        for url in urls:
            state = await self._hosts.state(url)
            robots = state.files.get("/robots.txt")
            if robots is not None and robots.is_unreachable:
                continue
            return named_sitemaps(state.files) or (replace(url, target=_USUAL).text,)
        self._problem(urls[0].text, "its robots.txt cannot be reached")
        return ()

    async def _get(self, address: str, source: Source) -> Sitemap | str:
        """Ask for one sitemap through its redirects; text says why it is not to be had."""
        url = parse_url(address)
        if isinstance(url, Malformed):
            return url.why
        for _ in range(self._limits.max_redirects + 1):
            if self._sources.match(url.host) != source:
                return f"{url.host} does not belong to source {source.name}"
            state = await self._hosts.state(url)
            against = _refusal(state, url)
            if against:
                return against
            answer = await self._hosts.visit(
                url, state.pace, what="sitemap", max_bytes=self._limits.max_picture_bytes, headers={}
            )
            if not isinstance(answer, Response):
                return answer.why if isinstance(answer, NoResponse) else answer.value
            if answer.status not in REDIRECTS:
                return await self._arrived(answer)
            target = redirect_target(answer)
            if isinstance(target, Malformed):
                return f"redirect: {target.why}"
            url = target
        return "redirects too often"

    async def _arrived(self, answer: Response) -> Sitemap | str:
        if answer.status != 200:
            return f"HTTP {answer.status}"
        # Fifty megabytes of XML take seconds, and other hosts' tasks wait on the same loop.
        read = await asyncio.to_thread(read_sitemap, answer.content)
        if isinstance(read, Malformed):
            return read.why
        self._read += 1
        return read

    def _count(self, sitemap: Sitemap, source: Source) -> None:
        """Tell pages of the source apart, and the pictures on them, wherever those are kept."""
        for page in sitemap.pages:
            if len(self._pages) + len(self._pictures) >= _MAX_COUNTED:
                self._problems.append(f"more than {_MAX_COUNTED} addresses: the rest is not counted")
                return
            url = parse_url(page.address)
            if isinstance(url, Malformed) or self._sources.match(url.host) != source:
                continue
            self._pages.add(hash(url.text))
            shown = (parse_url(picture) for picture in page.pictures)
            self._pictures.update(hash(picture.text) for picture in shown if isinstance(picture, WebUrl))

    def _counted(self, source: Source) -> CountedCatalogue:
        if not self._read:
            why = "; ".join(self._problems[:3]) or "none is named"
            raise BadInput(
                f"no sitemap of source {source.name!r} can be read ({why}): state its size with --pictures"
                " and --how"
            )
        counted = f"{len(self._pictures)} pictures" if self._pictures else f"{len(self._pages)} pages"
        files = f"{self._read} sitemap" + ("s" if self._read > 1 else "")
        least = ", at least: not all could be read" if self._problems else ""
        return CountedCatalogue(
            pictures=len(self._pictures) or len(self._pages),
            how=f"counted {counted} in {files} of its own{least}",
            sitemaps=self._read,
            problems=tuple(self._problems[:_MAX_PROBLEMS]),
        )

    def _problem(self, address: str, why: str) -> None:
        self._problems.append(f"{printable(address, max_chars=100)}: {printable(why, max_chars=100)}")


def _refusal(state: HostState, url: WebUrl) -> str:
    """Say why a host does not leave an address open, or nothing where it does."""
    for each in state.evidence.read(url.target).statements:
        if each.use is Use.FETCH and each.answer is Answer.DENIED:
            return f"{printable(each.where)}: {printable(each.quote)}"
    return ""
