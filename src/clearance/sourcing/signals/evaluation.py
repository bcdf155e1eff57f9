"""Read all signals in one place: a host's files, one response, one page, or one picture."""

from __future__ import annotations

from clearance.identifiers import WebUrl
from clearance.sourcing.observed import Embedded, HostFiles, Page, ResponseHead
from clearance.sourcing.signals import (
    ai_crawler_tokens,
    ai_txt,
    aipref,
    c2pa_training_mining,
    content_signals,
    creative_commons,
    http_status,
    meta_robots,
    page_markup,
    plus_data_mining,
    rights_expressions,
    rights_fields,
    robots,
    rsl,
    schema_org,
    tdmrep,
    trust_txt,
    x_robots_tag,
    xmp_packets,
)
from clearance.sourcing.signals.signal import HostRules, Signal, together
from clearance.sourcing.statements import SILENCE, Reading, merge

SIGNALS: tuple[Signal, ...] = (
    robots.SIGNAL,
    ai_crawler_tokens.SIGNAL,
    content_signals.SIGNAL,
    rsl.SIGNAL,
    tdmrep.SIGNAL,
    ai_txt.SIGNAL,
    trust_txt.SIGNAL,
    x_robots_tag.SIGNAL,
    meta_robots.SIGNAL,
    aipref.SIGNAL,
    http_status.SIGNAL,
    plus_data_mining.SIGNAL,
    rights_expressions.SIGNAL,
    c2pa_training_mining.SIGNAL,
    creative_commons.SIGNAL,
    schema_org.SIGNAL,
    rights_fields.SIGNAL,
    xmp_packets.SIGNAL,
    page_markup.SIGNAL,
)
"""Every signal that is read, in the order in which reasons are listed. A new one is one module and one line
here.
"""

HOST_FILES: tuple[tuple[str, ...], ...] = tuple(
    dict.fromkeys(places for signal in SIGNALS for places in signal.host_files)
)
"""What a host is asked for; robots.txt first, which says whether the others may be asked for."""

_RESPONSE = tuple(signal.read_response for signal in SIGNALS if signal.read_response is not None)
_PAGE = tuple(signal.read_page for signal in SIGNALS if signal.read_page is not None)
_EMBEDDED = tuple(signal.read_embedded for signal in SIGNALS if signal.read_embedded is not None)


def evaluate_host(files: HostFiles, *, agent: str) -> HostRules:
    """Read a host's files by every signal, for our product token."""
    return together(signal.parse_host(files, agent) for signal in SIGNALS if signal.parse_host is not None)


def host_leads(files: HostFiles) -> tuple[str, ...]:
    """Return the documents that a host's files lead to, by absolute address."""
    found = (signal.host_leads(files) for signal in SIGNALS if signal.host_leads is not None)
    return tuple(dict.fromkeys(url for urls in found for url in urls))


def response_leads(head: ResponseHead) -> tuple[str, ...]:
    """Return the documents that a response leads to."""
    found = (signal.response_leads(head) for signal in SIGNALS if signal.response_leads is not None)
    return tuple(dict.fromkeys(url for urls in found for url in urls))


def page_leads(page: Page) -> tuple[str, ...]:
    """Return the documents that a page leads to."""
    found = (signal.page_leads(page) for signal in SIGNALS if signal.page_leads is not None)
    return tuple(dict.fromkeys(url for urls in found for url in urls))


def read_response(head: ResponseHead) -> Reading:
    """Read every signal of one response."""
    return merge(read(head) for read in _RESPONSE)


def read_page(page: Page, picture: WebUrl) -> Reading:
    """Read every signal of a page, its own response head included, for one picture that it shows."""
    return merge([read_response(page.head), *(read(page, picture) for read in _PAGE)])


def read_embedded(embedded: Embedded) -> Reading:
    """Read every signal of one picture."""
    if not embedded.xmp and not embedded.malformed and embedded.manifests is None and not embedded.fields:
        return SILENCE
    return merge(read(embedded) for read in _EMBEDDED)
