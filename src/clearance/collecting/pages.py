"""Read the page that shows a picture: its own host, its answer and its markup speak for the picture too.

A page is asked for once in a run, whoever shows how many pictures on it, under the same rules as everything
else: its host's robots.txt, pace and budget. It is read and dropped; what it says of rights is kept.

Source: docs/collect.md, step 3; C1.5, C3.7.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from clearance.collecting.client import NoResponse, Response
from clearance.collecting.hosts import REDIRECTS, Hosts, head_of, redirect_target
from clearance.collecting.pace import OVERLOADED, Leave
from clearance.errors import printable
from clearance.identifiers import Malformed, Sha256, WebUrl, parse_url
from clearance.policy import FetchLimits, Policy
from clearance.sourcing import (
    Answer,
    Page,
    PageLink,
    PageObject,
    PageScript,
    Reading,
    ResponseHead,
    Scope,
    Statement,
    Unreadable,
    Use,
    merge,
    page_leads,
    parse_page,
    read_page,
    read_response,
)

NAME = "page"
_KEPT = 256
"""Pages remembered in one run; rows that share a page mostly stand together."""
_IN_A_THREAD_BYTES = 64 << 10
"""Larger pages are parsed beside the event loop, which would otherwise stand still."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What was found where a page should be: every answer on the way, and the page, if there is one."""

    asked: str
    """The address as the table has it."""
    heads: tuple[ResponseHead, ...] = ()
    page: Page | None = None
    failure: str = ""
    """Why no page came, or empty; it speaks of the moment, not of the page."""
    hosts: tuple[Reading, ...] = ()
    """What the hosts on the way say of it."""
    files: tuple[Sha256, ...] = ()

    def reading(self, picture: WebUrl) -> Reading:
        """Return all that page and hosts say of one picture."""
        return merge([*self.hosts, self.said(picture)])

    def said(self, picture: WebUrl) -> Reading:
        """Return what the page and the answers on the way say, without their hosts."""
        parts = [read_response(head) for head in self.heads]
        if self.page is not None:
            parts.append(read_page(self.page, picture))
        if self.failure:
            parts.append(_for_now(self.asked, self.failure))
        if isinstance(read := parse_url(self.asked), Malformed):
            parts.append(_unread(self.asked, read.why))
        return merge(parts)

    def evidence(self) -> dict[str, Any]:
        """Return what was seen in the form that `shown_from` reads again."""
        return {
            "asked": self.asked,
            "heads": [_packed_head(head) for head in self.heads],
            "failure": self.failure,
            "page": None if self.page is None else _packed_page(self.page),
        }


def shown_from(evidence: Mapping[str, Any], *, documents: Mapping[str, Any]) -> Shown:
    """Rebuild what was seen of a page from its evidence, without the hosts' own words."""
    packed = evidence["page"]
    return Shown(
        asked=evidence["asked"],
        heads=tuple(_head_from(head, documents) for head in evidence["heads"]),
        failure=evidence["failure"],
        page=None if packed is None else _page_from(packed, documents),
    )


class Pages:
    """The pages of one run; safe to use from many tasks of one event loop."""

    def __init__(self, *, hosts: Hosts, policy: Policy) -> None:
        self._hosts = hosts
        self._limits = policy.parameters(FetchLimits)
        self._known: dict[str, asyncio.Task[Shown]] = {}

    async def read(self, address: str) -> Shown:
        """Return what stands at an address, asking for it once."""
        known = self._known.get(address)
        if known is None:
            if len(self._known) >= _KEPT:
                del self._known[next(iter(self._known))]
            known = self._known[address] = asyncio.create_task(self._ask(address))
            self._hosts.others.add(known)
            known.add_done_callback(self._hosts.others.discard)
        return await asyncio.shield(known)

    async def _ask(self, address: str) -> Shown:
        url = parse_url(address)
        seen = Shown(asked=address)
        if isinstance(url, Malformed):
            return seen
        for _ in range(self._limits.max_redirects + 1):
            state = await self._hosts.state(url)
            said = state.evidence.read(url.target)
            seen = replace(seen, hosts=(*seen.hosts, said), files=(*seen.files, *state.hashes))
            if any(each.use is Use.FETCH and each.answer is Answer.DENIED for each in said.statements):
                # The host does not want its page visited; that is its word on what the page shows, too.
                return seen
            answer = await self._hosts.visit(
                url,
                state.pace,
                what="page",
                max_bytes=self._limits.max_host_file_bytes,
                headers={"Accept": "text/html,application/xhtml+xml"},
            )
            if isinstance(answer, Leave):
                return replace(seen, failure=answer.value)
            if isinstance(answer, NoResponse):
                return replace(seen, failure="" if answer.too_large else answer.why, page=_too_large(answer))
            seen = replace(seen, heads=(*seen.heads, head_of(answer)))
            if answer.status not in REDIRECTS:
                return await self._arrived(seen, answer)
            target = redirect_target(answer)
            if isinstance(target, Malformed):
                return replace(seen, failure=f"redirect: {target.why}")
            url = target
        return replace(seen, failure="redirects too often")

    async def _arrived(self, seen: Shown, answer: Response) -> Shown:
        if answer.status in OVERLOADED or not (answer.status in (200, 204) or 400 <= answer.status < 500):
            return replace(seen, failure=f"HTTP {answer.status}")
        if answer.status != 200:
            # A page that is gone says nothing; one that is refused has answered, in its head.
            return seen
        head = head_of(answer)
        if len(answer.content) > _IN_A_THREAD_BYTES:
            page = await asyncio.to_thread(parse_page, head, answer.content)
        else:
            page = parse_page(head, answer.content)
        documents = await self._hosts.documents(page_leads(page))
        page = replace(page, head=replace(head, documents={file.url: file for file in documents}))
        return replace(
            seen,
            heads=seen.heads[:-1],
            page=page,
            files=(*seen.files, *(file.sha256 for file in documents)),
        )


def _too_large(answer: NoResponse) -> Page | None:
    if not answer.too_large:
        return None
    head = ResponseHead(url=answer.url, status=200, headers=())
    unread = Malformed(where="page", why=answer.why)
    return Page(head=head, metas=(), links=(), scripts=(), objects=(), malformed=(unread,), evidence=())


def _for_now(address: str, why: str) -> Reading:
    return Reading(
        statements=(
            Statement(
                signal=NAME,
                use=Use.FETCH,
                answer=Answer.DENIED,
                scope=Scope.ASSET,
                where=printable(address, max_chars=100),
                quote=printable(why, max_chars=100),
                is_temporary=True,
            ),
        )
    )


def _unread(address: str, why: str) -> Reading:
    where = f"page column: {printable(address, max_chars=80)!r}"
    return Reading(unreadable=(Unreadable(signal=NAME, scope=Scope.ASSET, where=where, why=why),))


def _packed_head(head: ResponseHead) -> dict[str, Any]:
    return {
        "url": head.url.text,
        "status": head.status,
        "headers": [list(line) for line in head.headers],
        "documents": list(head.documents),
    }


def _head_from(packed: Mapping[str, Any], documents: Mapping[str, Any]) -> ResponseHead:
    url = parse_url(packed["url"])
    if isinstance(url, Malformed):
        raise ValueError(f"no URL was recorded: {url.why}")  # noqa: TRY004 - the record holds a value, not a type
    return ResponseHead(
        url=url,
        status=packed["status"],
        headers=tuple((name, value) for name, value in packed["headers"]),
        documents={address: documents[address] for address in packed["documents"] if address in documents},
    )


def _packed_page(page: Page) -> dict[str, Any]:
    return {
        "head": _packed_head(page.head),
        "metas": [list(meta) for meta in page.metas],
        "links": [[link.href, list(link.rel), link.type, link.text] for link in page.links],
        "scripts": [[script.type, script.text] for script in page.scripts],
        "objects": [[each.type, [list(pair) for pair in each.properties]] for each in page.objects],
        "malformed": [[each.where, each.why] for each in page.malformed],
        "sha256": list(page.evidence),
    }


def _page_from(packed: Mapping[str, Any], documents: Mapping[str, Any]) -> Page:
    return Page(
        head=_head_from(packed["head"], documents),
        metas=tuple((name, content) for name, content in packed["metas"]),
        links=tuple(
            PageLink(href=href, rel=tuple(rel), type=kind, text=text)
            for href, rel, kind, text in packed["links"]
        ),
        scripts=tuple(PageScript(type=kind, text=text) for kind, text in packed["scripts"]),
        objects=tuple(
            PageObject(type=kind, properties=tuple((name, value) for name, value in properties))
            for kind, properties in packed["objects"]
        ),
        malformed=tuple(Malformed(where=where, why=why) for where, why in packed["malformed"]),
        evidence=tuple(Sha256(sha256) for sha256 in packed["sha256"]),
    )
