"""The rights of a picture as XMP and as IPTC IIM, ready to be written into it. Pure.

XMP holds them all; IIM, for software that reads no XMP, those that fit. Exif is not written: it would be a
third place to say the same, and the one in which cameras say everything else.

Source: IPTC Photo Metadata Standard 2025.1; PLUS LDF 1.2.1; XMP Specification part 1 (ISO 16684-1) section 7;
IPTC IIM 4.2; C1.1.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable
from dataclasses import dataclass

from clearance.pictures.iim import CHARACTER_SET, IIM_RESOURCE, UTF_8
from clearance.pictures.metadata_classes import CC, CORE, DC, EXT, PHOTOSHOP, PLUS, RIGHTS
from clearance.pictures.xmp import Name

_MAX_CREATORS = 20
_MAX_CREATOR_CHARS, _MAX_CHARS = 100, 500
"""With these bounds every packet fits into one segment of 64 KiB, whatever has to be escaped."""
IIM_BYTES = {80: 32, 110: 32, 115: 32, 103: 32, 116: 128, 100: 3}
"""As many as the standard allows; what is longer stands in XMP alone, whole."""
_FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f\ufffe\uffff]")
"""What XML 1.0 cannot carry."""
COARSE_DATE = re.compile(r"\d{4}(?:-\d{2})?")
ITEM: Name = (DC, "identifier")
_NAMESPACES = {
    "dc": DC,
    "photoshop": PHOTOSHOP,
    "xmpRights": RIGHTS,
    "plus": PLUS,
    "Iptc4xmpCore": CORE,
    "Iptc4xmpExt": EXT,
    "cc": CC,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RightsMetadata:
    """What goes back into a picture: who made it, whose it is, whom to ask and what it may be used for."""

    item: str
    """The item's id, by which its record is found."""
    creators: tuple[str, ...] = ()
    copyright_notice: str = ""
    credit_line: str = ""
    source: str = ""
    usage_terms: str = ""
    web_statement: str = ""
    licence_url: str = ""
    """Of an open licence."""
    licensor: str = ""
    licensor_url: str = ""
    licensor_email: str = ""
    copyright_owner: str = ""
    image_supplier: str = ""
    image_supplier_id: str = ""
    data_mining: str = ""
    """plus:DataMining, as stated."""
    other_constraints: str = ""
    job_id: str = ""
    digital_source_type: str = ""
    country: str = ""
    taken: str = ""
    """YYYY-MM or YYYY; anything finer is not written."""


_MAX_WHOLE_CHARS = {
    "web_statement": 1000,
    "licence_url": 1000,
    "licensor_url": 1000,
    "digital_source_type": 200,
    "data_mining": 200,
    "country": 3,
    "item": 64,
}
"""Of addresses and codes: longer ones are left out, for half of one means something else."""
PROPERTIES: tuple[tuple[str, Name], ...] = (
    ("item", ITEM),
    ("copyright_notice", (DC, "rights")),
    ("credit_line", (PHOTOSHOP, "Credit")),
    ("source", (PHOTOSHOP, "Source")),
    ("usage_terms", (RIGHTS, "UsageTerms")),
    ("web_statement", (RIGHTS, "WebStatement")),
    ("licence_url", (CC, "license")),
    ("licensor", (PLUS, "LicensorName")),
    ("licensor_url", (PLUS, "LicensorURL")),
    ("licensor_email", (PLUS, "LicensorEmail")),
    ("copyright_owner", (PLUS, "CopyrightOwnerName")),
    ("image_supplier", (PLUS, "ImageSupplierName")),
    ("image_supplier_id", (PLUS, "ImageSupplierImageID")),
    ("data_mining", (PLUS, "DataMining")),
    ("other_constraints", (PLUS, "OtherConstraints")),
    ("job_id", (PHOTOSHOP, "TransmissionReference")),
    ("digital_source_type", (EXT, "DigitalSourceType")),
    ("country", (CORE, "CountryCode")),
    ("taken", (PHOTOSHOP, "DateCreated")),
)


def bounded_rights(rights: RightsMetadata) -> RightsMetadata:
    """Bring values into the form in which they can be written: bounded, without what XML cannot carry.

    A date finer than a month is left out.
    """
    values: dict[str, str] = {}
    for name, _ in PROPERTIES:
        text, most = _text(getattr(rights, name)), _MAX_WHOLE_CHARS.get(name)
        if most is None:
            values[name] = text[:_MAX_CHARS].strip()
        else:
            values[name] = text if len(text) <= most else ""
    if not COARSE_DATE.fullmatch(values["taken"]):
        values["taken"] = ""
    creators = (_text(creator)[:_MAX_CREATOR_CHARS].strip() for creator in rights.creators)
    named = tuple(dict.fromkeys(creator for creator in creators if creator))[:_MAX_CREATORS]
    return RightsMetadata(creators=named, **values)


def _text(value: str) -> str:
    plain = _FORBIDDEN.sub(" ", value).encode("utf-8", "replace").decode("utf-8")
    return plain.strip()


def rights_packet(rights: RightsMetadata) -> bytes:
    """Write rights, bounded before, as an XMP packet."""
    prefixes = {uri: prefix for prefix, uri in _NAMESPACES.items()}
    simple = {f"{prefixes[name[0]]}:{name[1]}": getattr(rights, field) for field, name in PROPERTIES}
    parts = [_listed("dc:creator", "Seq", rights.creators)]
    parts += [_alternative(name, simple.pop(name)) for name in ("dc:rights", "xmpRights:UsageTerms")]
    for name in ("Licensor", "CopyrightOwner", "ImageSupplier"):
        members = [
            key for key in simple if key.startswith(f"plus:{name}") and key != "plus:ImageSupplierImageID"
        ]
        parts.append(_structure(f"plus:{name}", {key: simple.pop(key) for key in members}))
    parts.append(_alternative("plus:OtherConstraints", simple.pop("plus:OtherConstraints")))
    parts += [f"<{name}>{_escaped(value)}</{name}>" for name, value in simple.items() if value]
    spaces = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in _NAMESPACES.items())
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        f'<rdf:Description rdf:about="" {spaces}>{"".join(parts)}</rdf:Description></rdf:RDF></x:xmpmeta>'
        '<?xpacket end="r"?>'
    ).encode()


def _listed(name: str, kind: str, values: Iterable[str]) -> str:
    items = "".join(f"<rdf:li>{_escaped(value)}</rdf:li>" for value in values)
    return f"<{name}><rdf:{kind}>{items}</rdf:{kind}></{name}>" if items else ""


def _alternative(name: str, value: str) -> str:
    item = f'<rdf:li xml:lang="x-default">{_escaped(value)}</rdf:li>'
    return f"<{name}><rdf:Alt>{item}</rdf:Alt></{name}>" if value else ""


def _structure(name: str, members: dict[str, str]) -> str:
    inner = "".join(f"<{key}>{_escaped(value)}</{key}>" for key, value in members.items() if value)
    if not inner:
        return ""
    return f'<{name}><rdf:Seq><rdf:li rdf:parseType="Resource">{inner}</rdf:li></rdf:Seq></{name}>'


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def rights_resource(rights: RightsMetadata) -> bytes:
    """Write the rights that IPTC IIM has fields for, as Photoshop's image resource."""
    stated = [
        *((80, creator) for creator in rights.creators),
        (100, rights.country),
        (103, rights.job_id),
        (110, rights.credit_line),
        (115, rights.source),
        (116, rights.copyright_notice),
    ]
    data = _dataset(*CHARACTER_SET, UTF_8) + _dataset(2, 0, b"\x00\x04")
    for number, value in stated:
        encoded = value.encode()
        if encoded and len(encoded) <= IIM_BYTES[number]:
            data += _dataset(2, number, encoded)
    padded = data + b"\x00" * (len(data) % 2)
    return b"8BIM" + struct.pack(">H", IIM_RESOURCE) + b"\x00\x00" + struct.pack(">I", len(data)) + padded


def _dataset(record: int, number: int, value: bytes) -> bytes:
    return struct.pack(">BBBH", 0x1C, record, number, len(value)) + value
