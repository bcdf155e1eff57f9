"""RSL, Really Simple Licensing: documents that robots.txt, a response, a page or a picture leads to or holds.

A document that is named and cannot be had is no silence: terms are stated, and nobody here has read them. Of
documents in several places the strictest counts, by the letter too (section 4.9).

Source: RSL 1.0 (10 December 2025) sections 3 and 4; C1.5.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import TypeVar

from clearance.errors import printable
from clearance.identifiers import Host, Malformed, Sha256, WebUrl
from clearance.sourcing.observed import Documents, Embedded, HostFiles, Page, ResponseHead
from clearance.sourcing.signals.robots.file import PATH as ROBOTS
from clearance.sourcing.signals.robots.file import site_lines
from clearance.sourcing.signals.rsl.document import read_rsl
from clearance.sourcing.signals.rsl.embedded import read_embedded_rsl
from clearance.sourcing.signals.rsl.scopes import Empty, Scopes, absolute
from clearance.sourcing.signals.rsl.terms import Terms, terms_of
from clearance.sourcing.signals.signal import Everywhere, HostRules, Signal, denied_for_now, together
from clearance.sourcing.statements import SILENCE, Answer, Reading, Scope, Unreadable, merge, stated

NAME = "rsl"
MEDIA_TYPE = "application/rsl+xml"
MAX_LEADS = 5
"""Documents that one place may lead to; a site has one, or one for each of a few crawlers."""
_MAX_NAMED = 10
"""Documents that are looked for; more than are ever asked for, so that it shows where there are too many."""
_MAX_REMEMBERED = 256
"""Sets of scopes whose terms are kept; a site has a few kinds of pages."""
_MAX_HEADER_CHARS = 16_384
Kept = TypeVar("Kept")
_LINK = re.compile(r"<([^<>]*)>([^<>]*)")
_PARAMETER = re.compile(r";\s*([\w*-]+)\s*=\s*(?:\"([^\"]*)\"|([^\s\",;]*))")


class Document:
    """One document as it speaks of one host; terms are put together once for each set of scopes."""

    def __init__(self, scopes: Scopes, problems: Sequence[str]) -> None:
        self._scopes = scopes
        self._terms: dict[tuple[int, ...], Terms] = {}
        self.problems = tuple(problems)

    def covering(self, target: str) -> tuple[int, ...]:
        """Return the groups of scopes that cover a path and query."""
        return self._scopes.covering(target)

    def terms(self, groups: tuple[int, ...]) -> Terms:
        """Return what groups of scopes say together."""
        known = self._terms.get(groups)
        if known is None:
            known = terms_of(self._scopes.contents(groups))
            _remember(self._terms, groups, known)
        return known


class Place:
    """A document, and how what it says is told."""

    crawl_delay_s = None

    def __init__(self, document: Document, *, scope: Scope, where: str, evidence: tuple[Sha256, ...]) -> None:
        self._document = document
        self._scope = scope
        self._where = where
        self._evidence = evidence
        self._told: dict[tuple[int, ...], Reading] = {}

    def read(self, target: str) -> Reading:
        """Return what the document says of a path and query."""
        groups = self._document.covering(target)
        known = self._told.get(groups)
        if known is None:
            known = _told(
                self._document.terms(groups),
                self._document.problems,
                scope=self._scope,
                where=self._where,
                evidence=self._evidence,
            )
            _remember(self._told, groups, known)
        return known


def _remember(known: dict[tuple[int, ...], Kept], groups: tuple[int, ...], value: Kept) -> None:
    """Keep a value; where too many are kept, begin anew."""
    if len(known) >= _MAX_REMEMBERED:
        known.clear()
    known[groups] = value


def host_leads(files: HostFiles) -> tuple[str, ...]:
    """Return the documents that robots.txt names."""
    return tuple(url.text for url in _named(files) if url is not None)[:MAX_LEADS]


def parse(files: HostFiles, agent: str) -> HostRules:  # noqa: ARG001 - lines for other agents are obeyed too
    """Read the documents that robots.txt leads to."""
    robots = files.get(ROBOTS)
    origin = absolute("/", files.origin)
    if robots is None or origin is None:
        return Everywhere(reading=SILENCE)
    parts: list[HostRules] = []
    for url in _named(files):
        if url is None:
            why = "a License line with no address that can be read"
            parts.append(Everywhere(reading=_unread(why, Scope.SITE, ROBOTS, (robots.sha256,))))
            continue
        parts.append(_place(url, files.by_url, of=origin, base=origin, scope=Scope.SITE, by=(robots.sha256,)))
    return together(parts)


def response_leads(head: ResponseHead) -> tuple[str, ...]:
    """Return the documents that `Link` headers name."""
    return tuple(url.text for url in _linked(head) if url is not None)[:MAX_LEADS]


def read_response(head: ResponseHead) -> Reading:
    """Read the documents that `Link` headers lead to, for the address that answered."""
    urls = _linked(head)
    return merge(_of_place(url, head.documents, of=head.url, base=head.url, by=()) for url in urls)


def page_leads(page: Page) -> tuple[str, ...]:
    """Return the documents that a page's `link` elements name."""
    return tuple(url.text for url in _links(page) if url is not None)[:MAX_LEADS]


def read_page(page: Page, picture: WebUrl) -> Reading:
    """Read the documents of a page, linked and inline, for a picture that it shows."""
    base = page.head.url
    found = []
    for url in _links(page):
        found.append(_of_place(url, page.head.documents, of=picture, base=base, by=page.evidence))
        found.append(_denying(_of_place(url, page.head.documents, of=base, base=base, by=page.evidence)))
    for script in [each for each in page.scripts if _is_rsl(each.type)][:_MAX_NAMED]:
        content = script.text.strip().encode("utf-8", "replace")
        for url in (picture, base):
            document = _document(content, base.origin, url.host, Empty.PLACE)
            reading = _inline(document, url, page.evidence)
            found.append(reading if url is picture else _denying(reading))
    return merge(found)


def read_embedded(embedded: Embedded) -> Reading:
    """Read RSL in a picture's XMP."""
    read = read_embedded_rsl(embedded)
    if read is None:
        return SILENCE
    return _told(
        terms_of(read.contents), read.problems, scope=Scope.ASSET, where="XMP rsl", evidence=embedded.evidence
    )


def _named(files: HostFiles) -> list[WebUrl | None]:
    values = dict.fromkeys(line.value for line in site_lines(files, "license"))
    urls = [
        absolute(value, f"{files.origin}/") if value else None for value in list(values)[: _MAX_NAMED + 1]
    ]
    return list(dict.fromkeys(urls))


def _linked(head: ResponseHead) -> list[WebUrl | None]:
    values = head.lower.get("link")
    if values is None:
        return []
    whole = ", ".join(values)
    if MEDIA_TYPE not in whole.lower():
        return []
    field = whole[:_MAX_HEADER_CHARS]
    found: list[WebUrl | None] = []
    for match in _LINK.finditer(field):
        parameters = {name.lower(): (quoted or plain) for name, quoted, plain in _PARAMETER.findall(match[2])}
        if _is_rsl(parameters.get("type", "")) and "license" in parameters.get("rel", "").lower().split():
            found.append(absolute(match[1], head.url.text))
    # The header speaks of RSL, and no link in it can be read.
    return list(dict.fromkeys(found))[:_MAX_NAMED] or [None]


def _links(page: Page) -> list[WebUrl | None]:
    found = [link for link in page.links if "license" in link.rel and _is_rsl(link.type)]
    return list(dict.fromkeys(absolute(link.href, page.head.url.text) for link in found))[:_MAX_NAMED]


def _is_rsl(media_type: str) -> bool:
    return media_type.partition(";")[0].strip().lower() == MEDIA_TYPE


def _place(
    url: WebUrl, documents: Documents, *, of: WebUrl, base: WebUrl, scope: Scope, by: tuple[Sha256, ...]
) -> HostRules:
    """Return what a named document says of one host, or why that is not known."""
    file = documents.get(url.text)
    where = printable(url.text)
    if file is None:
        return Everywhere(reading=_unread("named, and not asked for", scope, where, by))
    evidence = (*by, file.sha256)
    if file.is_unreachable:
        return Everywhere(reading=denied_for_now(NAME, file))
    if not file.is_there:
        why = "a page in its place" if file.is_markup else f"HTTP {file.status}"
        return Everywhere(reading=_unread(f"named, and not there: {why}", scope, where, evidence))
    empty = Empty.NOTHING if scope is Scope.SITE else Empty.PLACE
    document = _document(file.content, base.origin, of.host, empty)
    if isinstance(document, Malformed):
        return Everywhere(reading=_unread(document.why, scope, where, evidence))
    return Place(document, scope=scope, where=where, evidence=evidence)


def _of_place(
    url: WebUrl | None, documents: Documents, *, of: WebUrl, base: WebUrl, by: tuple[Sha256, ...]
) -> Reading:
    if url is None:
        return _unread("a license link with no address that can be read", Scope.ASSET, "license link", by)
    return _place(url, documents, of=of, base=base, scope=Scope.ASSET, by=by).read(of.target)


def _inline(document: Document | Malformed, url: WebUrl, evidence: tuple[Sha256, ...]) -> Reading:
    if isinstance(document, Malformed):
        return _unread(document.why, Scope.ASSET, "inline RSL", evidence)
    return Place(document, scope=Scope.ASSET, where="inline RSL", evidence=evidence).read(url.target)


@lru_cache(maxsize=16)  # some fifteen megabytes each, where ten thousand scopes were put in
def _document(content: bytes, origin: str, host: Host, empty: Empty) -> Document | Malformed:
    """Read a document once for all pictures of a host that come with it."""
    read = read_rsl(content)
    if isinstance(read, Malformed):
        return read
    return Document(Scopes(read.contents, host=host, origin=origin, empty=empty), read.problems)


def _told(
    terms: Terms, problems: Iterable[str], *, scope: Scope, where: str, evidence: tuple[Sha256, ...]
) -> Reading:
    statements = [
        statement
        for claim in terms.claims
        for statement in stated(
            claim.uses,
            claim.answer,
            signal=NAME,
            scope=scope,
            where=where,
            quote=claim.quote,
            evidence=evidence,
            is_specified=claim.is_specified,
        )
    ]
    unread = [
        each
        for why in (*problems, *terms.unclear)
        for each in _unread(why, scope, where, evidence).unreadable
    ]
    return Reading(statements=tuple(statements), unreadable=tuple(unread), notes=terms.notes)


def _denying(reading: Reading) -> Reading:
    """Keep what denies: a page that permits its own use has not permitted the picture's."""
    return Reading(
        statements=tuple(each for each in reading.statements if each.answer is Answer.DENIED),
        unreadable=reading.unreadable,
        notes=reading.notes,
    )


def _unread(why: str, scope: Scope, where: str, evidence: tuple[Sha256, ...]) -> Reading:
    unread = Unreadable(signal=NAME, scope=scope, where=where, why=why, evidence=evidence)
    return Reading(unreadable=(unread,))


SIGNAL = Signal(
    name=NAME,
    host_leads=host_leads,
    parse_host=parse,
    response_leads=response_leads,
    read_response=read_response,
    page_leads=page_leads,
    read_page=read_page,
    read_embedded=read_embedded,
)
