"""What a signal is: one standard, in one module, that says what to ask for and how to read the answer.

To add one: write its module with one `SIGNAL`, and name it in `signals/evaluation.py`. Nothing else changes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from clearance.sourcing.observed import Embedded, HostFile, ResponseHead
from clearance.sourcing.statements import Reading

HostFiles = Mapping[str, HostFile]
"""A host's files by their path."""


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
class Signal:
    """One standard: its name, the host files it wants, how it is read wherever it may stand."""

    name: str
    host_files: tuple[str, ...] = ()
    parse_host: Callable[[HostFiles, str], HostRules] | None = None
    """From the host's files and our product token."""
    read_response: Callable[[ResponseHead], Reading] | None = None
    read_embedded: Callable[[Embedded], Reading] | None = None
