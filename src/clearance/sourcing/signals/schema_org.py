"""schema.org `ImageObject` in a page: JSON-LD, microdata and RDFa.

It says under which licence a picture stands, where one is sold, and whom to credit; it allows and denies
nothing by itself. It counts for the picture whose address it names.

Source: schema.org `ImageObject`; Google Search Central, "Image license in Google Images"; IPTC 2025.1 maps
`license` to Web Statement of Rights and `acquireLicensePage` to Licensor URL; C1.1, C4.3.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urljoin

from clearance.errors import printable
from clearance.identifiers import WebUrl, parse_url
from clearance.sourcing.observed import Page
from clearance.sourcing.signals.signal import Signal
from clearance.sourcing.statements import SILENCE, Reading, Scope, Unreadable

NAME = "schema-org"
OFFER = "licence-offer"
"""The note that names where a licence can be had."""
_IMAGE_TYPES = frozenset({"ImageObject", "Photograph", "Painting", "VisualArtwork"})
_NOTES = {
    "license": "licence",
    "acquireLicensePage": OFFER,
    "creditText": "credit",
    "creator": "creator",
    "copyrightNotice": "copyright-notice",
    "copyrightHolder": "copyright-owner",
}
_ADDRESSES = ("contentUrl", "url")
_MAX_NODES = 5000
"""A catalogue of a few hundred pictures fits; a page made against the reader does not grow beyond it."""
_MAX_CHARS = 500

_Properties = tuple[tuple[str, str], ...]


def read_page(page: Page, picture: WebUrl) -> Reading:
    """Note what a page's structured data says of one picture."""
    notes: list[tuple[str, str]] = []
    unreadable: list[Unreadable] = []
    for script in page.scripts:
        if script.type != "application/ld+json":
            continue
        try:
            described = list(_described(json.loads(script.text), page.head.url.text))
        except (ValueError, RecursionError) as error:
            if "license" in script.text.lower():
                why = f"JSON-LD that speaks of a licence: {type(error).__name__}"
                unreadable.append(
                    Unreadable(
                        signal=NAME, scope=Scope.ASSET, where="JSON-LD", why=why, evidence=page.evidence
                    )
                )
            continue
        notes += _notes(described, picture)
    notes += _notes([each.properties for each in page.objects if each.type in _IMAGE_TYPES], picture)
    if not notes and not unreadable:
        return SILENCE
    return Reading(notes=tuple(dict.fromkeys(notes)), unreadable=tuple(unreadable))


def _notes(described: list[_Properties], picture: WebUrl) -> Iterator[tuple[str, str]]:
    for properties in described:
        if not any(name in _ADDRESSES and _is_at(value, picture) for name, value in properties):
            continue
        for name, value in properties:
            if name in _NOTES and value.strip():
                yield _NOTES[name], printable(value.strip(), max_chars=_MAX_CHARS)


def _is_at(address: str, picture: WebUrl) -> bool:
    """Tell whether an address is the picture's, whatever the scheme it is written with."""
    parsed = parse_url(address)
    return isinstance(parsed, WebUrl) and (parsed.hostname, parsed.target) == (
        picture.hostname,
        picture.target,
    )


def _described(loaded: Any, base: str) -> Iterator[_Properties]:
    """Walk JSON-LD without recursion, and yield what it says of each picture."""
    stack: list[Any] = [loaded]
    for _ in range(_MAX_NODES):
        if not stack:
            return
        node = stack.pop()
        if isinstance(node, list):
            stack += reversed(node[:_MAX_NODES])
        elif isinstance(node, dict):
            if not _IMAGE_TYPES.isdisjoint(_types(node)):
                yield tuple(_properties(node, base))
            stack += [value for value in node.values() if isinstance(value, dict | list)]
    raise ValueError(f"more than {_MAX_NODES} nodes")


def _types(node: Mapping[str, Any]) -> set[str]:
    stated = node.get("@type")
    named = stated if isinstance(stated, list) else [stated]
    return {name.rpartition("/")[2].rpartition(":")[2] for name in named if isinstance(name, str)}


def _properties(node: Mapping[str, Any], base: str) -> Iterator[tuple[str, str]]:
    for name in (*_ADDRESSES, *_NOTES):
        values = node.get(name)
        for value in values[:20] if isinstance(values, list) else [values]:
            text = _text(value)
            if text:
                yield name, _absolute(base, text) if name in _ADDRESSES else text


def _text(value: Any) -> str:
    """Return a value's text: itself, or the name or address of the thing it is."""
    if isinstance(value, dict):
        value = value.get("@id") or value.get("url") or value.get("name")
    return value if isinstance(value, str) else ""


def _absolute(base: str, address: str) -> str:
    try:
        return urljoin(base, address)
    except ValueError:
        return ""


SIGNAL = Signal(name=NAME, read_page=read_page)
