"""Read the rights fields of IPTC IIM, the metadata that stood in pictures before XMP. Pure, bounded, never
raises.

These are fields of prose: no value of theirs is a reservation by its form. One that is cut off or points
outside the file counts as far as it can be read. What is beyond a bound is told under the name `unread`.

Source: IPTC-NAA Information Interchange Model 4.2, chapters 3, 5 and 6; Adobe Photoshop File Formats
Specification, "Image Resource Blocks".
"""

from __future__ import annotations

import codecs
import struct
from collections.abc import Iterable, Iterator

Fields = tuple[tuple[str, str], ...]
"""Rights fields by name, in the order in which they stand."""

UNREAD = "unread"
"""In place of a field's name, before the reason why there is more than was read."""
MAX_FIELD_BYTES = 8192
"""As much as is read of an XMP value; the standard itself allows a copyright notice 128."""
_MAX_VALUES = 20
"""Of one field; a picture with more by-lines than this is made to fill the register."""
MAX_DATASETS = 4096
"""A picture of an agency has some fifty, most of them keywords."""
MAX_RESOURCES = 1024
"""Photoshop writes a few dozen into one picture."""

IIM_RESOURCE = 0x0404
_SIGNATURES = frozenset({b"8BIM", b"PHUT", b"DCSR", b"AgHg", b"MeSa"})
_TAG_MARKER = 0x1C
CHARACTER_SET = (1, 90)
UTF_8 = b"\x1b%G"
_NAMES: dict[tuple[int, int], str] = {
    (2, 40): "iim:instructions",
    (2, 80): "iim:byline",
    (2, 110): "iim:credit",
    (2, 115): "iim:source",
    (2, 116): "iim:copyright-notice",
}


def read_resources(blocks: bytes) -> Fields:
    """Read the rights fields in Photoshop's image resource blocks, from a JPEG's APP13 or a TIFF."""
    fields: list[tuple[str, str]] = []
    for count, (number, data) in enumerate(resources(blocks)):
        if count >= MAX_RESOURCES:
            fields.append((UNREAD, f"more than {MAX_RESOURCES} image resources"))
            break
        if number == IIM_RESOURCE:
            fields += read_iim(data)
    return bounded(fields)


def read_iim(data: bytes) -> Fields:
    """Read the rights fields of one IIM stream."""
    found: list[tuple[str, bytes]] = []
    unread: list[tuple[str, str]] = []
    is_utf_8 = False
    for count, (key, value) in enumerate(datasets(data)):
        if count >= MAX_DATASETS:
            unread.append((UNREAD, f"more than {MAX_DATASETS} data sets of IPTC IIM"))
            break
        if key == CHARACTER_SET:
            is_utf_8 = value == UTF_8
        elif key in _NAMES:
            found.append((_NAMES[key], value))
    fields = (field for name, value in found for field in field_of(name, value, is_utf_8=is_utf_8))
    return bounded([*fields, *unread])


def field_of(name: str, raw: bytes, *, is_utf_8: bool = False) -> Fields:
    """Decode one field; of one beyond the bound, say so beside what was read."""
    field = ((name, _text(raw, is_utf_8=is_utf_8)),)
    return (
        field if len(raw) <= MAX_FIELD_BYTES else (*field, (UNREAD, f"{name}: over {MAX_FIELD_BYTES} bytes"))
    )


def _text(raw: bytes, *, is_utf_8: bool) -> str:
    """Decode as UTF-8 what is that, else as Latin-1, in which every byte is a character."""
    cut = raw[:MAX_FIELD_BYTES]
    try:
        # A character that the bound cuts in two is no sign of another encoding.
        text = codecs.getincrementaldecoder("utf-8")().decode(cut, final=len(cut) == len(raw))
    except UnicodeDecodeError:
        text = cut.decode("utf-8", "replace") if is_utf_8 else cut.decode("latin-1")
    return text.strip("\x00 \t\r\n\ufeff")


def bounded(fields: Iterable[tuple[str, str]]) -> Fields:
    """Keep what says something, each once, and of each field no more values than people write."""
    kept: dict[str, dict[str, None]] = {}
    for name, value in fields:
        values = kept.setdefault(name, {})
        if not value or value in values:
            continue
        if len(values) < _MAX_VALUES:
            values[value] = None
        elif name != UNREAD:
            kept.setdefault(UNREAD, {})[f"{name}: more than {_MAX_VALUES} values"] = None
    return tuple((name, value) for name, values in kept.items() for value in values)


def datasets(data: bytes) -> Iterator[tuple[tuple[int, int], bytes]]:
    """Walk the data sets up to the first thing that is none: record and number, and the value."""
    position = 0
    while position + 5 <= len(data) and data[position] == _TAG_MARKER:
        key = (data[position + 1], data[position + 2])
        length = struct.unpack_from(">H", data, position + 3)[0]
        position += 5
        if length & 0x8000:
            # An extended data set: these bits count the bytes of the length that follows.
            size = length & 0x7FFF
            length = int.from_bytes(data[position : position + size][:8], "big")
            position += size
        yield key, data[position : position + length]
        position += length


def resources(blocks: bytes) -> Iterator[tuple[int, bytes]]:
    """Walk the resource blocks; names and data are padded to an even length."""
    position = 0
    while position + 12 <= len(blocks) and blocks[position : position + 4] in _SIGNATURES:
        number = struct.unpack_from(">H", blocks, position + 4)[0]
        position += 6 + _even(1 + blocks[position + 6])
        if position + 4 > len(blocks):
            return
        length = struct.unpack_from(">I", blocks, position)[0]
        position += 4
        yield number, blocks[position : position + length]
        position += _even(length)


def _even(length: int) -> int:
    return length + length % 2
