"""Rights metadata for the demo's pictures: an XMP packet, and a place for it in a JPEG.

What is fictional here says so in the picture itself (`photoshop:Instructions`), and is put onto copies that
are CC0 or in the public domain only.

Source: XMP Specification part 3, section 1.1.3 (APP1 in JPEG); PLUS LDF 1.2.1 (`plus:DataMining`); ccREL
section 4 (`cc:license`).
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

DEMO_NOTE = "Demo metadata: written for a demonstration, says nothing about the real photograph."
PROHIBITED = "http://ns.useplus.org/ldf/vocab/DMI-PROHIBITED-GENAIMLTRAINING"

_SIGNATURE = b"http://ns.adobe.com/xap/1.0/\x00"
_SOI = b"\xff\xd8"
_APP0 = b"\xff\xe0"
_APP1 = b"\xff\xe1"
_MAX_SEGMENT_BYTES = 65533


@dataclass(frozen=True, slots=True, kw_only=True)
class Rights:
    """What a picture says of itself; an empty text is left out."""

    creator: str = ""
    credit: str = ""
    licence_url: str = ""
    data_mining: str = ""
    is_fictional: bool = True


def packet(rights: Rights) -> bytes:
    """Write rights as an XMP packet."""
    parts = []
    if rights.creator:
        parts.append(f"<dc:creator><rdf:Seq><rdf:li>{escape(rights.creator)}</rdf:li></rdf:Seq></dc:creator>")
    if rights.credit:
        parts.append(f"<photoshop:Credit>{escape(rights.credit)}</photoshop:Credit>")
    if rights.licence_url:
        parts.append(f'<cc:license rdf:resource="{escape(rights.licence_url)}"/>')
    if rights.data_mining:
        parts.append(f"<plus:DataMining>{escape(rights.data_mining)}</plus:DataMining>")
    if rights.is_fictional:
        parts.append(f"<photoshop:Instructions>{escape(DEMO_NOTE)}</photoshop:Instructions>")
    return f"""<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about=""
  xmlns:dc="http://purl.org/dc/elements/1.1/"
  xmlns:cc="http://creativecommons.org/ns#"
  xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/"
  xmlns:plus="http://ns.useplus.org/ldf/xmp/1.0/">
{"".join(parts)}
</rdf:Description>
</rdf:RDF>
</x:xmpmeta>
<?xpacket end="r"?>""".encode()


def with_rights(jpeg: bytes, rights: Rights) -> bytes:
    """Return a JPEG with an XMP packet in an APP1 segment, after the JFIF header where it has one."""
    payload = _SIGNATURE + packet(rights)
    if not jpeg.startswith(_SOI) or len(payload) > _MAX_SEGMENT_BYTES:
        raise ValueError("not a JPEG, or a packet too long for one segment")
    at = len(_SOI)
    if jpeg[at : at + 2] == _APP0:
        at += 2 + int.from_bytes(jpeg[at + 2 : at + 4])
    segment = _APP1 + (len(payload) + 2).to_bytes(2) + payload
    return jpeg[:at] + segment + jpeg[at:]
