"""Read from IPTC IIM what a picture says beside its rights. Pure, bounded, never raises.

Towns, streets and contacts are only noted as there.

Source: IPTC-NAA Information Interchange Model 4.2, chapter 6; Adobe Photoshop File Formats Specification,
"Image Resource Blocks"; C4.1.
"""

from __future__ import annotations

from itertools import islice

from clearance.pictures.details import MAX_DETAIL_CHARS, NO_DETAILS, Details, joined
from clearance.pictures.iim import (
    CHARACTER_SET,
    IIM_RESOURCE,
    MAX_DATASETS,
    MAX_RESOURCES,
    UTF_8,
    datasets,
    resources,
)
from clearance.pictures.metadata_classes import FIELD_GROUPS, Trace

_NAMES = {
    5: "iim:title",
    25: "iim:keyword",
    55: "iim:taken",
    100: "iim:country-code",
    101: "iim:country",
    105: "iim:headline",
    120: "iim:caption",
}
_TRACES = {number: group.trace for group in FIELD_GROUPS if group.trace is not None for number in group.iim}
_THUMBNAILS = frozenset({0x0409, 0x040C})
_MAX_BYTES = 4 * MAX_DETAIL_CHARS


def resource_details(blocks: bytes) -> Details:
    """Read Photoshop's image resource blocks."""
    found: list[Details] = []
    for number, data in islice(resources(blocks), MAX_RESOURCES):
        if number == IIM_RESOURCE:
            found.append(iim_details(data))
        elif number in _THUMBNAILS:
            found.append(Details(traces=frozenset({Trace.THUMBNAIL})))
    return joined(found) if found else NO_DETAILS


def iim_details(data: bytes) -> Details:
    """Read one IIM stream."""
    found: list[tuple[str, bytes]] = []
    traces: set[Trace] = set()
    is_utf_8 = False
    for (record, number), value in islice(datasets(data), MAX_DATASETS):
        if (record, number) == CHARACTER_SET:
            is_utf_8 = value == UTF_8
        elif record == 2 and number in _NAMES:
            found.append((_NAMES[number], value))
        elif record == 2 and number in _TRACES and value.strip():
            traces.add(_TRACES[number])
    fields = tuple((name, _text(value[:_MAX_BYTES], is_utf_8=is_utf_8)) for name, value in found)
    return joined([Details(fields=fields, traces=frozenset(traces))])


def _text(raw: bytes, *, is_utf_8: bool) -> str:
    """Decode as UTF-8 what is that, else as Latin-1, in which every byte is a character."""
    try:
        text = raw.decode("utf-8", "replace" if is_utf_8 else "strict")
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    return text.strip("\x00 \t\r\n\ufeff")
