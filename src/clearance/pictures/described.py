"""What a picture's metadata says: who made it, what it shows, where and when, and which consents it names.

What goes into the record of an item is made here, inside the cage, by the table of `metadata_classes`: names
of people pictured are counted, places and devices are noted as there, dates are cut to the month. Pure,
bounded.

Source: IPTC Photo Metadata Standard 2025.1; PLUS LDF 1.2.1; CEPIC guidelines, Transparency; C4.1, C1.1.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from clearance.pictures.details import Details
from clearance.pictures.iim import Fields
from clearance.pictures.metadata_classes import (
    CORE,
    DC,
    EXIF,
    EXT,
    MICROSOFT_REGION,
    MWG_REGIONS,
    PHOTOSHOP,
    PLUS,
    RIGHTS,
    XMP,
    Action,
    Trace,
    group_of,
)
from clearance.pictures.xmp import Name, Xmp

_MAX_VALUES = 20
"""Of one field; of keywords `_MAX_KEYWORDS`."""
_MAX_KEYWORDS = 50
_MAX_CHARS = 500
_MAX_CAPTION_CHARS = 2000
_MAX_KEYWORD_CHARS = 64
_MAX_URL_CHARS = 1000
_MAX_AGE = 150
_MAX_COUNTED = 1000
_TAKEN = re.compile(r"((?:1[89]|20)\d{2})(?:[:\-]?(0[1-9]|1[0-2]))?")
"""A year that photography has seen, and a month; written 2024-05-17, 2024:05:17 or 20240517."""
_COUNTRY = re.compile(r"[A-Za-z]{2,3}")
_EDITORIAL = re.compile(
    r"editorial (?:use )?only|for editorial (?:use|purposes)|nur (?:für |zur )?redaktionelle"
    r"|usage éditorial (?:uniquement|exclusif)|solo (?:para )?uso editorial",
    re.IGNORECASE,
)
_CODE = re.compile(
    r"(?:https?://ns\.useplus\.org/ldf/vocab/)?((?:AG|MR|PR|DMI)-[A-Z0-9-]{2,60})", re.IGNORECASE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """What a picture says of itself, in the order of IPTC's own groups; empty where it says nothing."""

    creators: tuple[str, ...] = ()
    copyright_notice: str = ""
    credit_line: str = ""
    source: str = ""
    usage_terms: str = ""
    web_statement: str = ""
    licensor: str = ""
    licensor_url: str = ""
    licensor_email: str = ""
    copyright_owner: str = ""
    image_supplier: str = ""
    image_supplier_id: str = ""
    data_mining: tuple[str, ...] = ()
    """plus:DataMining as stated; denials first, where a picture states more than the one that may stand."""
    other_constraints: str = ""
    job_id: str = ""
    digital_source_type: str = ""
    """IPTC's term, as stated: a URI of its vocabulary where it is one."""
    headline: str = ""
    caption: str = ""
    keywords: tuple[str, ...] = ()
    country: str = ""
    """ISO 3166 code, of two or three letters, as stated; never found out from coordinates."""
    country_name: str = ""
    taken: str = ""
    """YYYY-MM, or YYYY."""
    persons_named: int = 0
    """How many different names of people pictured it holds; the names are not kept."""
    model_release_status: str = ""
    """A code of PLUS, such as MR-UMR; what is none of its codes stands as stated."""
    model_release_ids: tuple[str, ...] = ()
    property_release_status: str = ""
    property_release_ids: tuple[str, ...] = ()
    minor_disclosure: str = ""
    """PLUS code of the youngest model's age, such as AG-A25."""
    model_ages: tuple[int, ...] = ()
    editorial: tuple[str, ...] = ()
    """The words, of instructions or terms, that keep it to editorial use."""
    traces: tuple[Trace, ...] = ()
    """What was there and is not kept."""
    c2pa_sha256: str = ""
    """Hash of the file as received where it carried a C2PA manifest, which no copy of it can carry on."""

    @property
    def has_gps(self) -> bool:
        """Tell whether it held coordinates; what they were is not kept."""
        return Trace.GPS in self.traces


NOTHING_DESCRIBED = Described()
_FIELDS = tuple(field.name for field in fields(Described))
_KEPT_AS_STATED = frozenset(_FIELDS) - {"traces"}
_TRACES = {trace.value: trace for trace in Trace}


@dataclass(frozen=True, slots=True)
class _Said:
    """All of a picture's metadata, by name."""

    packets: Sequence[Xmp]
    fields: Fields

    def xmp(self, *names: Name) -> list[str]:
        found: list[str] = []
        for name in names:
            for packet in self.packets:
                found += packet.properties.get(name, ())
        return found

    def other(self, *names: str) -> list[str]:
        if not self.fields:
            return []
        return [value for name in names for each, value in self.fields if each == name]


def describe(packets: Sequence[Xmp], rights: Fields, details: Details) -> Described:
    """Put together what XMP, IPTC IIM and Exif say; XMP speaks first, as IPTC asks of readers."""
    said = _Said(packets, (*rights, *details.fields))
    if not said.packets and not said.fields and not details.traces:
        return NOTHING_DESCRIBED
    terms = _first(said.xmp((RIGHTS, "UsageTerms")))
    return Described(
        creators=_several([*said.xmp((DC, "creator")), *said.other("iim:byline", "exif:artist")]),
        copyright_notice=_first(
            [*said.xmp((DC, "rights")), *said.other("iim:copyright-notice", "exif:copyright")]
        ),
        credit_line=_first([*said.xmp((PHOTOSHOP, "Credit")), *said.other("iim:credit")]),
        source=_first([*said.xmp((PHOTOSHOP, "Source")), *said.other("iim:source")]),
        usage_terms=terms,
        web_statement=_url(said.xmp((RIGHTS, "WebStatement"))),
        licensor=_first(said.xmp((PLUS, "LicensorName"))),
        licensor_url=_url(said.xmp((PLUS, "LicensorURL"))),
        licensor_email=_first(said.xmp((PLUS, "LicensorEmail"))),
        copyright_owner=_first(said.xmp((PLUS, "CopyrightOwnerName"))),
        image_supplier=_first(said.xmp((PLUS, "ImageSupplierName"))),
        image_supplier_id=_first(said.xmp((PLUS, "ImageSupplierImageID"), (PLUS, "ImageSupplierID"))),
        data_mining=_several(sorted(said.xmp((PLUS, "DataMining")), key=_is_no_denial)),
        other_constraints=_first(said.xmp((PLUS, "OtherConstraints"))),
        job_id=_first(said.xmp((PHOTOSHOP, "TransmissionReference"))),
        digital_source_type=_first(said.xmp((EXT, "DigitalSourceType"))),
        headline=_first(
            [*said.xmp((PHOTOSHOP, "Headline"), (DC, "title")), *said.other("iim:headline", "iim:title")]
        ),
        caption=_first(
            [*said.xmp((DC, "description")), *said.other("iim:caption", "exif:description")],
            max_chars=_MAX_CAPTION_CHARS,
        ),
        keywords=_several(
            [*said.xmp((DC, "subject")), *said.other("iim:keyword")],
            most=_MAX_KEYWORDS,
            max_chars=_MAX_KEYWORD_CHARS,
        ),
        country=_country(
            [*said.xmp((EXT, "CountryCode"), (CORE, "CountryCode")), *said.other("iim:country-code")]
        ),
        country_name=_first(
            [*said.xmp((EXT, "CountryName"), (PHOTOSHOP, "Country")), *said.other("iim:country")]
        ),
        taken=_taken(
            [
                *said.xmp((PHOTOSHOP, "DateCreated"), (EXIF, "DateTimeOriginal")),
                *said.other("exif:taken", "iim:taken"),
                *said.xmp((XMP, "CreateDate")),
            ]
        ),
        persons_named=_count_persons(packets),
        model_release_status=_code(said.xmp((PLUS, "ModelReleaseStatus"))),
        model_release_ids=_several(said.xmp((PLUS, "ModelReleaseID"))),
        property_release_status=_code(said.xmp((PLUS, "PropertyReleaseStatus"))),
        property_release_ids=_several(said.xmp((PLUS, "PropertyReleaseID"))),
        minor_disclosure=_code(said.xmp((PLUS, "MinorModelAgeDisclosure"))),
        model_ages=_ages(said.xmp((EXT, "ModelAge"))),
        editorial=_editorial(
            [
                terms,
                *said.xmp((PHOTOSHOP, "Instructions"), (PLUS, "OtherConstraints"), (PHOTOSHOP, "Headline")),
            ],
            said.other("iim:instructions"),
        ),
        traces=_traces(packets, details),
    )


def without_private(packet: Xmp) -> Xmp:
    """Leave out of a packet what is noted or coarsened in the record: no evidence of rights stands in it."""
    return Xmp(
        properties={
            name: values
            for name, values in packet.properties.items()
            if (group := group_of(name)) is None or group.action in (Action.KEEP, Action.RESTRICT)
        }
    )


def record_form(described: Described) -> dict[str, Any]:
    """Return what goes into the record of an item: text, whole numbers, lists of them; nothing empty."""
    form: dict[str, Any] = {}
    for name in _FIELDS:
        value = getattr(described, name)
        if not value:
            continue
        if isinstance(value, tuple):
            form[name] = [_readable(each) if isinstance(each, str) else each for each in value]
        else:
            form[name] = _readable(value) if isinstance(value, str) else value
    if described.has_gps:
        form["has_gps"] = True
    return form


def read_described(form: Mapping[str, Any]) -> Described:
    """Read what `record_form` wrote; records of before have none, and say nothing."""
    values: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in form.items()
        if name in _KEPT_AS_STATED
    }
    traces = tuple(_TRACES[each] for each in form.get("traces", ()) if each in _TRACES)
    return Described(**values, traces=traces)


def _readable(text: str) -> str:
    """Replace what canonical JSON cannot carry (lone surrogates) in text from outside."""
    return str(text) if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def _is_no_denial(value: str) -> bool:
    return "PROHIBITED" not in value.upper()


def _several(
    values: Iterable[str], *, most: int = _MAX_VALUES, max_chars: int = _MAX_CHARS
) -> tuple[str, ...]:
    stated = dict.fromkeys(value.strip()[:max_chars] for value in values)
    stated.pop("", None)
    return tuple(stated)[:most]


def _first(values: Iterable[str], *, max_chars: int = _MAX_CHARS) -> str:
    return next((stripped[:max_chars] for value in values if (stripped := value.strip())), "")


def _url(values: Iterable[str]) -> str:
    """Return the first address whole, for half of one leads elsewhere; a longer one stays in the evidence."""
    return next((url for value in values if 0 < len(url := value.strip()) <= _MAX_URL_CHARS), "")


def _country(values: Iterable[str]) -> str:
    return next((value.strip().upper() for value in values if _COUNTRY.fullmatch(value.strip())), "")


def _taken(values: Iterable[str]) -> str:
    for value in values:
        match = _TAKEN.match(value.strip())
        if match is not None:
            return f"{match[1]}-{match[2]}" if match[2] else match[1]
    return ""


def _code(values: Iterable[str]) -> str:
    """Return a PLUS code bare: writers put it with and without the address of its vocabulary."""
    stated = _first(values, max_chars=100)
    match = _CODE.fullmatch(stated)
    return match[1].upper() if match is not None else stated


def _ages(values: Iterable[str]) -> tuple[int, ...]:
    ages = [int(value) for value in values if value.isascii() and value.isdigit() and len(value) <= 3]
    return tuple(age for age in ages[:_MAX_VALUES] if age <= _MAX_AGE)


def _editorial(xmp: Iterable[str], other: Iterable[str]) -> tuple[str, ...]:
    found = (match[0] for value in (*xmp, *other) if (match := _EDITORIAL.search(value)))
    return tuple(dict.fromkeys(found))[:_MAX_VALUES]


def _count_persons(packets: Sequence[Xmp]) -> int:
    """Count different names; regions of MWG name pets and objects, too, and count all the same."""
    sources = ((EXT, "PersonInImage"), (EXT, "PersonName"), (MWG_REGIONS, "Name"))
    names = [
        value.strip().casefold()
        for packet in packets
        for name in (*sources, (MICROSOFT_REGION, "PersonDisplayName"))
        for value in packet.values(*name)
    ]
    return min(len({name for name in names if name}), _MAX_COUNTED)


def _traces(packets: Sequence[Xmp], details: Details) -> tuple[Trace, ...]:
    found = set(details.traces)
    for packet in packets:
        for name, values in packet.properties.items():
            group = group_of(name)
            if group is not None and group.trace is not None and any(value.strip() for value in values):
                found.add(group.trace)
    return tuple(trace for trace in Trace if trace in found)
