"""What kind of picture file some bytes are, how large the picture is, and where it says something of its
rights.

Runs inside the cage: JPEG, by far the most frequent, is read by our own walker; the head of every other
format is read by Pillow.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from enum import StrEnum

from PIL import Image

from clearance.identifiers import Malformed
from clearance.pictures.details import Details
from clearance.pictures.exif import Metadata, read_exif
from clearance.pictures.iim import Fields
from clearance.pictures.jpeg import read_jpeg_head
from clearance.pictures.png import read_png_metadata

# Sizes are judged against the policy before anything is decoded; Pillow's own guard would raise on opening
# and knows another limit.
Image.MAX_IMAGE_PIXELS = None

_MAX_SCANNED_PACKETS = 8
_PACKET_START, _PACKET_END = b"<x:xmpmeta", b"</x:xmpmeta>"
_MAX_PACKET_BYTES = 4 << 20


class PictureFormat(StrEnum):
    """The formats that are taken, by Pillow's names."""

    JPEG = "JPEG"
    PNG = "PNG"
    WEBP = "WEBP"
    GIF = "GIF"
    AVIF = "AVIF"
    TIFF = "TIFF"


_MEDIA_TYPES = {
    PictureFormat.JPEG: "image/jpeg",
    PictureFormat.PNG: "image/png",
    PictureFormat.WEBP: "image/webp",
    PictureFormat.GIF: "image/gif",
    PictureFormat.AVIF: "image/avif",
    PictureFormat.TIFF: "image/tiff",
}

_MAGIC: tuple[tuple[bytes, PictureFormat], ...] = (
    (b"\xff\xd8\xff", PictureFormat.JPEG),
    (b"\x89PNG\r\n\x1a\n", PictureFormat.PNG),
    (b"GIF87a", PictureFormat.GIF),
    (b"GIF89a", PictureFormat.GIF),
    (b"II*\x00", PictureFormat.TIFF),
    (b"MM\x00*", PictureFormat.TIFF),
    (b"II+\x00", PictureFormat.TIFF),
    (b"MM\x00+", PictureFormat.TIFF),
)
_REFUSED: tuple[tuple[bytes, str], ...] = (
    (b"BM", "BMP"),
    (b"8BPS", "PSD"),
    (b"%PDF", "PDF"),
    (b"%!PS", "PostScript"),
    (b"\xff\x0a", "JPEG XL"),
    (b"\x00\x00\x00\x0cJXL ", "JPEG XL"),
    (b"\x00\x00\x00\x0cjP  ", "JPEG 2000"),
    (b"\xff\x4f\xff\x51", "JPEG 2000"),
    (b"\x00\x00\x01\x00", "ICO"),
    (b"icns", "ICNS"),
    (b"qoif", "QOI"),
    (b"v/1\x01", "OpenEXR"),
    (b"FORM", "IFF"),
    (b"PK\x03\x04", "ZIP archive"),
    (b"\x1f\x8b", "gzip file"),
    (b"\x1aE\xdf\xa3", "Matroska or WebM video"),
    (b"OggS", "Ogg file"),
    (b"\x7fELF", "program"),
    (b"MZ", "program"),
)
_BRANDS = {
    b"avif": "AVIF",
    b"avis": "AVIF",
    b"heic": "HEIC",
    b"heix": "HEIC",
    b"mif1": "HEIF",
    b"msf1": "HEIF",
}
_MARKUP = re.compile(rb"\s*(?:<\?xml|<!doctype|<html|<svg|<head|<body|<!--)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """A picture file's head; width and height in pixels as stored, before orientation."""

    format: PictureFormat
    width: int
    height: int
    orientation: int
    """As Exif states it, 1 to 8."""
    xmp: tuple[bytes, ...]
    fields: Fields
    """Rights fields of Exif and IPTC IIM, by name."""
    details: Details
    """What Exif and IPTC IIM say beside them."""
    has_c2pa: bool

    @property
    def media_type(self) -> str:
        """The format's media type."""
        return _MEDIA_TYPES[self.format]

    @property
    def shown_size(self) -> tuple[int, int]:
        """Width and height as people see the picture."""
        return (self.height, self.width) if self.orientation >= 5 else (self.width, self.height)


def sniff(data: bytes) -> PictureFormat | Malformed:
    """Tell a format from the first bytes; what is not taken is named."""
    for magic, found in _MAGIC:
        if data.startswith(magic):
            return found
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return PictureFormat.WEBP
    if data[4:8] == b"ftyp":
        brands = {data[8:12], *(data[n : n + 4] for n in range(16, min(len(data), 64), 4))}
        if brands & {b"avif", b"avis"}:
            return PictureFormat.AVIF
        name = next((_BRANDS[brand] for brand in brands if brand in _BRANDS), "ISO media file (video?)")
        return Malformed(where="format", why=f"{name} is not taken")
    for magic, name in _REFUSED:
        if data.startswith(magic):
            return Malformed(where="format", why=f"{name} is not taken")
    if _MARKUP.match(data[:512]):
        name = "SVG" if b"<svg" in data[:2048].lower() else "HTML or XML"
        return Malformed(where="format", why=f"{name} is not taken")
    return Malformed(where="format", why="unknown" if data else "empty file")


def read_container(data: bytes) -> Container | Malformed:
    """Read a picture file's head."""
    found = sniff(data)
    if isinstance(found, Malformed):
        return found
    return _read_jpeg(data) if found is PictureFormat.JPEG else _read_with_pillow(data, found)


def _read_jpeg(data: bytes) -> Container | Malformed:
    head = read_jpeg_head(data)
    if isinstance(head, Malformed):
        return head
    return Container(
        format=PictureFormat.JPEG,
        width=head.width,
        height=head.height,
        orientation=head.orientation,
        xmp=head.xmp or _scanned(data),
        fields=head.fields,
        details=head.details,
        has_c2pa=_has_c2pa(data),
    )


def _read_with_pillow(data: bytes, found: PictureFormat) -> Container | Malformed:
    try:
        with Image.open(io.BytesIO(data), formats=[found.value]) as picture:
            width, height = picture.size
            # Pillow would decode the whole of a PNG to look for metadata behind it.
            metadata = read_png_metadata(data) if found is PictureFormat.PNG else _metadata(picture, data)
    except Exception as error:  # noqa: BLE001 - a decoder may raise anything on hostile bytes; it is one picture
        return Malformed(where=found.value, why=f"{type(error).__name__}: {error}")
    if found is PictureFormat.TIFF and metadata.orientation >= 5:
        # Pillow names a TIFF's size as shown, where every other format's is as stored.
        width, height = height, width
    return Container(
        format=found,
        width=width,
        height=height,
        orientation=metadata.orientation,
        xmp=metadata.xmp or _scanned(data),
        fields=metadata.fields,
        details=metadata.details,
        has_c2pa=_has_c2pa(data),
    )


def _metadata(picture: Image.Image, data: bytes) -> Metadata:
    """Read what stands beside the pixels; orientation as Pillow decides it, for it turns the picture."""
    orientation = picture.getexif().get(0x0112, 1)
    if picture.format == PictureFormat.TIFF:
        read = read_exif(data)
    else:
        block = picture.info.get("exif")
        read = read_exif(block.removeprefix(b"Exif\x00\x00")) if isinstance(block, bytes) else Metadata()
    packet = picture.info.get("xmp")
    packets = (packet,) if isinstance(packet, bytes) and packet else ()
    return Metadata(
        orientation=orientation if orientation in range(1, 9) else 1,
        # Pillow hands a TIFF's packet on as well; the directory's own is the same.
        xmp=read.xmp or packets,
        fields=read.fields,
        details=read.details,
    )


def _has_c2pa(data: bytes) -> bool:
    """Tell whether the names of JUMBF boxes are there, in clear in every format that C2PA is embedded in."""
    return b"jumb" in data and b"c2pa" in data


def _scanned(data: bytes) -> tuple[bytes, ...]:
    """Find XMP packets that stand in clear where the format has no place for one that we read."""
    if b"<x:xmpmeta" not in data:
        return ()
    found: list[bytes] = []
    start = data.find(_PACKET_START)
    while start >= 0 and len(found) < _MAX_SCANNED_PACKETS:
        end = data.find(_PACKET_END, start, start + _MAX_PACKET_BYTES)
        if end < 0:
            # It begins and does not end: what is there cannot be read, and is not silence.
            found.append(data[start : start + 1000])
            break
        found.append(data[start : end + len(_PACKET_END)])
        start = data.find(_PACKET_START, end)
    return tuple(found)
