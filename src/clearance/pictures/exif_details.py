"""Read from Exif what a picture says beside its rights: its caption, when it was taken, and whether it tells
of places, owners and devices. Pure, bounded, never raises.

What concerns people's private affairs is only noted as there: no coordinate, serial number or name of an
owner leaves this module, nor a byte of a MakerNote or thumbnail.

Source: Exif 3.0 section 4.6 (tags), 4.6.6 (GPS); C4.1.
"""

from __future__ import annotations

from clearance.pictures.details import MAX_DETAIL_CHARS, Details
from clearance.pictures.iim import field_of
from clearance.pictures.metadata_classes import FIELD_GROUPS, Trace
from clearance.pictures.tiff import Layout, block, entries, first_directory, next_directory, size_of

_DESCRIPTION, _HOST_COMPUTER = 0x010E, 0x013C
_EXIF_DIRECTORY, _GPS_DIRECTORY = 0x8769, 0x8825
_TAKEN = 0x9003
_LATITUDE, _LONGITUDE = 2, 4
_THUMBNAIL = 0x0201
_TRACES = {
    tag: group.trace
    for group in FIELD_GROUPS
    if group.trace is not None
    for tag in group.exif
    if tag != _GPS_DIRECTORY
}
_WANTED_FIRST = frozenset({_DESCRIPTION, _EXIF_DIRECTORY, _GPS_DIRECTORY, *_TRACES})
_WANTED_EXIF = frozenset({_TAKEN, *_TRACES})
_WANTED_GPS = frozenset({_LATITUDE, _LONGITUDE})
_MAX_READ = 32
"""Wanted entries of one directory: each stands there once, if it is sound."""
_EMPTY = b"\x00 "
_CHARACTER_CODES = (b"ASCII\x00\x00\x00", b"UNICODE\x00", b"JIS\x00\x00\x00\x00\x00")
"""A UserComment begins with one, also where nothing follows."""


def exif_details(tiff: bytes, layout: Layout) -> Details:
    """Read the first directory and those that it points to."""
    fields: list[tuple[str, str]] = []
    traces: set[Trace] = set()
    first = first_directory(tiff, layout)
    for count, (tag, kind, number, inline) in enumerate(entries(tiff, layout, first, wanted=_WANTED_FIRST)):
        if count >= _MAX_READ:
            break
        if tag == _DESCRIPTION:
            fields += field_of("exif:description", _value(tiff, layout, kind, number, inline))[:1]
        elif tag == _EXIF_DIRECTORY:
            fields += _taken(tiff, layout, layout.offset.unpack(inline)[0], traces)
        elif tag == _GPS_DIRECTORY:
            # Many cameras write a directory that holds no more than its version.
            if any(entries(tiff, layout, layout.offset.unpack(inline)[0], wanted=_WANTED_GPS)):
                traces.add(Trace.GPS)
        elif _says_something(_value(tiff, layout, kind, number, inline)):
            traces.add(_TRACES[tag])
    if any(entries(tiff, layout, next_directory(tiff, layout, first), wanted=frozenset({_THUMBNAIL}))):
        traces.add(Trace.THUMBNAIL)
    return Details(fields=tuple(fields), traces=frozenset(traces))


def _taken(tiff: bytes, layout: Layout, start: int, traces: set[Trace]) -> tuple[tuple[str, str], ...]:
    """Read the directory of the shooting; returns when it was, and adds to the traces."""
    fields: tuple[tuple[str, str], ...] = ()
    for count, (tag, kind, number, inline) in enumerate(entries(tiff, layout, start, wanted=_WANTED_EXIF)):
        if count >= _MAX_READ:
            break
        value = _value(tiff, layout, kind, number, inline)
        if tag == _TAKEN:
            fields = field_of("exif:taken", value[:20])
        elif _says_something(value):
            traces.add(_TRACES[tag])
    return fields


def _value(tiff: bytes, layout: Layout, kind: int, number: int, inline: bytes) -> bytes:
    return block(tiff, layout, size=min(size_of(kind, number), MAX_DETAIL_CHARS), inline=inline)


def _says_something(value: bytes) -> bool:
    for code in _CHARACTER_CODES:
        value = value.removeprefix(code)
    return bool(value.strip(_EMPTY))
