"""Which scopes of an RSL document cover an address, found quickly among thousands.

Addresses without a wildcard, nearly all, are looked up by every beginning of the path that has a scope's
length; the few with wildcards are tried one by one. Scopes beyond the bounds are taken to cover every path,
and permit nothing there: a prohibition may widen, a permission must not.

Source: RSL 1.0 (10 December 2025) sections 3.3 and 4.6; RFC 9309 section 2.2.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from enum import Enum
from urllib.parse import urljoin

from clearance.identifiers import Host, WebUrl, parse_url
from clearance.sourcing.signals.patterns import MAX_PATTERN_CHARS, PathPattern
from clearance.sourcing.signals.rsl.document import Content

_MAX_WILDCARDS = 100
"""Some hundred patterns cost as many microseconds a request; more are made to cost time."""


class Empty(Enum):
    """What an empty address means where a document was found."""

    NOTHING = "nothing"
    """By the letter; what it prohibits counts all the same."""
    PLACE = "place"
    """The page or answer that leads to the document."""


class Scopes:
    """The scopes of one document that may cover addresses of one host."""

    def __init__(self, contents: Iterable[Content], *, host: Host, origin: str, empty: Empty) -> None:
        self._groups: list[tuple[int, list[Content]]] = []
        self._everywhere: list[int] = []
        self._begins: dict[str, int] = {}
        self._exact: dict[str, int] = {}
        self._wild: dict[str, tuple[PathPattern, int]] = {}
        self._host = host
        self._origin = origin
        for content in contents:
            self._add(content, empty)
        self._lengths = sorted({len(text) for text in self._begins})

    def covering(self, target: str) -> tuple[int, ...]:
        """Return the numbers of the groups of scopes that cover a path and query."""
        found = list(self._everywhere)
        size = len(target)
        for length in self._lengths:
            if length > size:
                break
            group = self._begins.get(target[:length])
            if group is not None:
                found.append(group)
        if target in self._exact:
            found.append(self._exact[target])
        found += [group for pattern, group in self._wild.values() if pattern.matches(target)]
        return tuple(found)

    def contents(self, groups: Iterable[int]) -> list[Content]:
        """Return the scopes of groups, the widest first."""
        chosen = sorted((self._groups[number] for number in groups), key=lambda group: group[0])
        return [content for _, contents in chosen for content in contents]

    def _add(self, content: Content, empty: Empty) -> None:
        if content.url == "" and empty is Empty.PLACE:
            self._put_everywhere(content)
            return
        url = absolute(content.url, f"{self._origin}/") if content.url else None
        if url is None:
            self._put_everywhere(_widened(content))
        elif url.host == self._host:
            self._put(url.target, content)

    def _put(self, text: str, content: Content) -> None:
        if "*" in text:
            self._put_wild(text, content)
        elif len(text) > MAX_PATTERN_CHARS:
            # Cut, it covers more than was written.
            self._put_beginning(text[:MAX_PATTERN_CHARS], _widened(content))
        elif text.endswith("$"):
            self._exact[text[:-1]] = self._into(self._exact.get(text[:-1]), len(text), content)
        else:
            self._put_beginning(text, content)

    def _put_beginning(self, text: str, content: Content) -> None:
        self._begins[text] = self._into(self._begins.get(text), len(text), content)

    def _put_wild(self, text: str, content: Content) -> None:
        if text not in self._wild and len(self._wild) >= _MAX_WILDCARDS:
            self._put_everywhere(_widened(content))
            return
        pattern, known = self._wild.get(text, (PathPattern(text), None))
        kept = content if pattern.is_whole else _widened(content)
        self._wild[text] = (pattern, self._into(known, len(text), kept))

    def _put_everywhere(self, content: Content) -> None:
        known = self._everywhere[0] if self._everywhere else None
        self._everywhere = [self._into(known, 0, content)]

    def _into(self, group: int | None, length: int, content: Content) -> int:
        if group is None:
            self._groups.append((length, []))
            group = len(self._groups) - 1
        self._groups[group][1].append(content)
        return group


def absolute(reference: str, base: str) -> WebUrl | None:
    """Return the address that a reference means; nothing where it means none."""
    try:
        joined = urljoin(base, reference.strip())
    except ValueError:
        return None
    url = parse_url(joined)
    return url if isinstance(url, WebUrl) else None


def _widened(content: Content) -> Content:
    """Let a scope speak where the standard does not: it denies there without force, and permits nothing."""
    return replace(content, is_conformant=False)
