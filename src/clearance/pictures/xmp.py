"""Read an XMP packet into properties. Pure, bounded, never raises.

All forms that RDF allows are read alike: a property as attribute, as element, as `rdf:resource`, in a bag,
sequence or alternative, and inside structures, whose fields are found under their own names.

Source: Adobe XMP Specification part 1 (ISO 16684-1) sections 7 and C.2.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from clearance.identifiers import Malformed

MAX_PACKET_BYTES = 4 << 20
_MAX_VALUES = 20_000
_MAX_DEPTH = 40
_MAX_VALUE_CHARS = 8192
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_XML = "http://www.w3.org/XML/1998/namespace"
_IGNORED = frozenset({_RDF, _XML, "http://www.w3.org/2000/xmlns/"})

Name = tuple[str, str]
"""A namespace URI and a local name."""
CUT: Name = ("", "cut")
"""Under this name stand those of the properties whose values were too long and were cut."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Xmp:
    """The properties of one packet: every value that stands under a name, in the packet's order."""

    properties: Mapping[Name, tuple[str, ...]]

    def values(self, namespace: str, name: str) -> tuple[str, ...]:
        """Return all values of one property, or none."""
        return self.properties.get((namespace, name), ())


def read_xmp(packet: bytes) -> Xmp | Malformed:
    """Read a packet; anything that is not well-formed XML with RDF in it is `Malformed`."""
    if len(packet) > MAX_PACKET_BYTES:
        return Malformed(where="XMP", why=f"larger than {MAX_PACKET_BYTES} bytes")
    # Padding and a trailing NUL are common; ElementTree reads neither.
    stripped = packet.strip(b"\x00 \t\r\n")
    try:
        tree = fromstring(stripped, forbid_dtd=True)
    except DefusedXmlException:
        return Malformed(where="XMP", why="declares entities or a document type")
    except (ParseError, ValueError, LookupError, RecursionError) as error:
        return Malformed(where="XMP", why=f"not well-formed: {error}")
    found: dict[Name, list[str]] = {}
    roots = [tree] if tree.tag == f"{{{_RDF}}}RDF" else list(tree.iter(f"{{{_RDF}}}RDF"))
    if not roots:
        return Malformed(where="XMP", why="no rdf:RDF in the packet")
    pairs = (pair for rdf in roots for pair in _pairs(rdf))
    for count, (name, value) in enumerate(pairs, start=1):
        if count > _MAX_VALUES:
            return Malformed(where="XMP", why=f"more than {_MAX_VALUES} values, or nested too deep")
        found.setdefault(name, []).append(value[:_MAX_VALUE_CHARS])
        if len(value) > _MAX_VALUE_CHARS:
            found.setdefault(CUT, []).append(name[1])
    return Xmp(properties={name: tuple(values) for name, values in found.items()})


def _pairs(rdf: Any) -> Iterator[tuple[Name, str]]:
    """Walk the tree without recursion; a value belongs to the nearest property above it."""
    stack: list[tuple[Any, Name | None, int]] = [(child, None, 1) for child in reversed(rdf)]
    while stack:
        element, owner, depth = stack.pop()
        namespace, name = _name(element.tag)
        own = owner if namespace in _IGNORED else (namespace, name)
        for key, value in element.attrib.items():
            attribute = _name(key)
            if attribute[0] not in _IGNORED:
                yield attribute, value
            elif attribute == (_RDF, "resource") and own is not None:
                yield own, value
        text = (element.text or "").strip()
        if text and own is not None:
            yield own, text
        if depth >= _MAX_DEPTH and len(element):
            # Nothing real nests so deep: count it as too much rather than read half of it.
            for _ in range(_MAX_VALUES + 1):
                yield ("", ""), ""
        stack += [(child, own, depth + 1) for child in reversed(element)]


def _name(tag: Any) -> Name:
    if not isinstance(tag, str) or not tag.startswith("{"):
        return "", str(tag)
    namespace, _, local = tag[1:].partition("}")
    return namespace, local
