"""Open licences that travel with a picture: `cc:license` and `xmpRights:WebStatement` in XMP, `rel="license"`
in a header or on the page that shows it.

A licence is no signal for or against training; it is noted, and the gate decides whether it is a basis.

Source: ccREL sections 3 (HTML) and 4 (XMP); RFC 8288 (Link), IANA link relation `license`.
"""

from __future__ import annotations

import re

from clearance.identifiers import WebUrl
from clearance.sourcing.observed import Embedded, Page, ResponseHead
from clearance.sourcing.open_licences import OpenLicence, normalise_licence
from clearance.sourcing.signals.signal import Signal
from clearance.sourcing.statements import SILENCE, Reading

NAME = "creative-commons"
NOTE = "licence"
_CC = "http://creativecommons.org/ns#"
_RIGHTS = "http://ns.adobe.com/xap/1.0/rights/"
_LINK = re.compile(r"<([^<>]{1,2048})>([^<]{0,2048})")
_REL = re.compile(r";\s*rel\s*=\s*(?:\"([^\"]*)\"|([^\s;,]+))", re.IGNORECASE)
_MAX_CHARS = 500


def read_embedded(embedded: Embedded) -> Reading:
    """Note the licences that a picture's XMP names, web statements included where they are one."""
    statements = embedded.values(_RIGHTS, "WebStatement")
    return _noted([*embedded.values(_CC, "license"), *(value for value in statements if _is_licence(value))])


def read_response(head: ResponseHead) -> Reading:
    """Note the licences that a response's Link headers name for the picture."""
    values = head.lower.get("link")
    if values is None:
        return SILENCE
    links = (match.groups() for value in values for match in _LINK.finditer(value))
    return _noted([target for target, parameters in links if _says_licence(parameters)])


def read_page(page: Page, picture: WebUrl) -> Reading:  # noqa: ARG001 - a page's licence speaks of all it shows
    """Note the licences that a page links to as its own; where there are several, none is left out."""
    return _noted(
        [
            link.href
            for link in page.links
            if not {"license", "licence"}.isdisjoint(link.rel) and "rsl+xml" not in link.type
        ]
    )


def _is_licence(statement: str) -> bool:
    return (
        isinstance(normalise_licence(statement), OpenLicence) or "creativecommons.org/" in statement.lower()
    )


def _says_licence(parameters: str) -> bool:
    """Tell a licence link from others; RSL announces its own files by the same relation, which are no
    licences.
    """
    relation = _REL.search(parameters)
    if relation is None or "rsl+xml" in parameters.lower():
        return False
    return "license" in (relation.group(1) or relation.group(2) or "").lower().split()


def _noted(stated: list[str]) -> Reading:
    notes = tuple((NOTE, value.strip()[:_MAX_CHARS]) for value in dict.fromkeys(stated) if value.strip())
    return Reading(notes=notes) if notes else SILENCE


SIGNAL = Signal(name=NAME, read_response=read_response, read_page=read_page, read_embedded=read_embedded)
