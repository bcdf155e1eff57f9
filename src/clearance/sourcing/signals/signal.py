"""What a signal is: one standard, in one module, that says what to ask for and how to read the answer.

To add one: write its module with one `SIGNAL`, and name it in `signals/evaluation.py`. Nothing else changes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

from clearance.identifiers import WebUrl
from clearance.sourcing.observed import Embedded, HostFile, HostFiles, Page, ResponseHead
from clearance.sourcing.statements import SILENCE, Answer, Reading, Scope, Statement, merge
from clearance.sourcing.uses import Use


class HostRules(Protocol):
    """What one signal says for a host, parsed once and asked for every path."""

    @property
    def crawl_delay_s(self) -> float | None:
        """Seconds that the host asks for between requests, or nothing."""
        ...

    def read(self, target: str) -> Reading:
        """Return what is said of one path and query."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Everywhere:
    """A host that says one thing of every path, silence included."""

    reading: Reading
    crawl_delay_s: float | None = None

    def read(self, target: str) -> Reading:  # noqa: ARG002 - one answer for every path
        """Return what is said."""
        return self.reading


@dataclass(frozen=True, slots=True, kw_only=True)
class Together:
    """Several places, documents or standards, which all speak."""

    rules: tuple[HostRules, ...]

    @property
    def crawl_delay_s(self) -> float | None:
        """The longest pause that any of them asks for, or nothing."""
        asked = [rules.crawl_delay_s for rules in self.rules if rules.crawl_delay_s is not None]
        return max(asked, default=None)

    def read(self, target: str) -> Reading:
        """Return what any of them says of a path."""
        return merge(rules.read(target) for rules in self.rules)


SILENT = Everywhere(reading=SILENCE)


def together(parts: Iterable[HostRules]) -> HostRules:
    """Put rules together; what says nothing of any path is not asked for each."""
    speaking = tuple(rules for rules in parts if rules != SILENT)
    match speaking:
        case ():
            return SILENT
        case (only,):
            return only
        case _:
            return Together(rules=speaking)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """One standard: its name, the host files it wants, how it is read wherever it may stand."""

    name: str
    host_files: tuple[tuple[str, ...], ...] = ()
    """Paths that are asked for; of several places for one file, later ones where earlier have none."""
    host_leads: Callable[[HostFiles], tuple[str, ...]] | None = None
    """Documents that a host's files lead to, by absolute address; asked for like host files."""
    parse_host: Callable[[HostFiles, str], HostRules] | None = None
    """From the host's files and our product token."""
    response_leads: Callable[[ResponseHead], tuple[str, ...]] | None = None
    read_response: Callable[[ResponseHead], Reading] | None = None
    page_leads: Callable[[Page], tuple[str, ...]] | None = None
    read_page: Callable[[Page, WebUrl], Reading] | None = None
    """From the page and the address of the picture that it shows."""
    read_embedded: Callable[[Embedded], Reading] | None = None


def denied_for_now(signal: str, file: HostFile) -> Reading:
    """Deny every request to a host whose file could not be asked for: an outage loses no reservation.

    Source: RFC 9309 section 2.3.1.4, applied to every file in which a host states its wishes.
    """
    return Reading(
        statements=(
            Statement(
                signal=signal,
                use=Use.FETCH,
                answer=Answer.DENIED,
                scope=Scope.SITE,
                where=file.path,
                quote=file.failure or f"HTTP {file.status}",
                evidence=(file.sha256,),
                is_temporary=True,
            ),
        )
    )
