"""What a picture says of itself, in the form of its record: kept by class, counted, coarsened or only noted."""

import json
import struct
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearance.pictures.containers import Container, PictureFormat, read_container
from clearance.pictures.described import (
    NOTHING_DESCRIBED,
    Described,
    describe,
    read_described,
    record_form,
    without_private,
)
from clearance.pictures.details import NO_DETAILS, Details, joined
from clearance.pictures.exif import read_exif
from clearance.pictures.exif_details import exif_details
from clearance.pictures.iim_details import iim_details, resource_details
from clearance.pictures.inspection import inspect
from clearance.pictures.metadata_classes import (
    AUX,
    CORE,
    DC,
    EXIF,
    EXT,
    FIELD_GROUPS,
    MANAGEMENT,
    MWG_REGIONS,
    PHOTOSHOP,
    PLUS,
    RIGHTS,
    XMP,
    Action,
    MetadataClass,
    Trace,
    group_of,
)
from clearance.pictures.tiff import layout_of
from clearance.pictures.xmp import Xmp, read_xmp
from clearance.register.record import canonical
from pictures_made import photograph

VOCABULARY = "http://ns.useplus.org/ldf/vocab/"
JOB = {
    "formats": list(PictureFormat),
    "max_pixels": 1 << 24,
    "min_side_px": 1,
    "longest_side_px": 64,
    "quality": 90,
}


def packet(*properties: tuple[tuple[str, str], str | tuple[str, ...]]) -> Xmp:
    return Xmp(
        properties={name: (values,) if isinstance(values, str) else values for name, values in properties}
    )


def described(*properties: tuple[tuple[str, str], str | tuple[str, ...]]) -> Described:
    return describe([packet(*properties)], (), NO_DETAILS)


def directory(entries: list[tuple[int, int, bytes]], *, at: int, following: int = 0) -> bytes:
    """One directory of text entries, its longer values behind it."""
    head = struct.pack("<H", len(entries))
    values = b""
    start = at + 2 + 12 * len(entries) + 4
    for tag, kind, value in entries:
        size = {4: 4}.get(kind, 1)
        inline = value.ljust(4, b"\x00")
        if len(value) > 4:
            inline = struct.pack("<I", start + len(values))
            values += value
        head += struct.pack("<HHI", tag, kind, len(value) // size) + inline
    return head + struct.pack("<I", following) + values


def exif_of(
    first: list[tuple[int, int, bytes]],
    *,
    shooting: list[tuple[int, int, bytes]] | None = None,
    gps: list[tuple[int, int, bytes]] | None = None,
    thumbnail: list[tuple[int, int, bytes]] | None = None,
) -> bytes:
    """An Exif block with its further directories at fixed places."""
    entries = list(first)
    parts = {1000: shooting, 2000: gps, 3000: thumbnail}
    for tag, at, part in ((0x8769, 1000, shooting), (0x8825, 2000, gps)):
        if part is not None:
            entries.append((tag, 4, struct.pack("<I", at)))
    block = b"II*\x00" + struct.pack("<I", 8)
    block += directory(entries, at=8, following=3000 if thumbnail is not None else 0)
    for at, part in parts.items():
        if part is not None:
            block = block.ljust(at, b"\x00") + directory(part, at=at)
    return block


@pytest.mark.control("C4.1", "C1.1")
def test_each_class_of_metadata_goes_its_way() -> None:
    """Rights and captions go into the record, persons are counted, places and devices are noted, dates cut."""
    found = described(
        ((DC, "creator"), ("Jane Doe", "J. Roe", "Jane Doe")),
        ((DC, "rights"), "© 2024 Jane Doe"),
        ((PHOTOSHOP, "Credit"), "Doe Pictures"),
        ((PHOTOSHOP, "Source"), "Doe Archive"),
        ((PHOTOSHOP, "TransmissionReference"), "JOB-1"),
        ((PHOTOSHOP, "Headline"), "A harbour"),
        ((PHOTOSHOP, "Country"), "Germany"),
        ((PHOTOSHOP, "City"), "Hamburg"),
        ((PHOTOSHOP, "DateCreated"), "2024-05-17T09:12:44+02:00"),
        ((PHOTOSHOP, "Instructions"), "For editorial use only."),
        ((RIGHTS, "UsageTerms"), "Ask first"),
        ((RIGHTS, "WebStatement"), "https://example.org/rights"),
        ((PLUS, "LicensorName"), "Doe Pictures"),
        ((PLUS, "LicensorURL"), "https://example.org/buy"),
        ((PLUS, "LicensorEmail"), "licensing@example.org"),
        ((PLUS, "LicensorTelephone1"), "+49 40 123456"),
        ((PLUS, "CopyrightOwnerName"), "Jane Doe"),
        ((PLUS, "ImageSupplierName"), "Agency"),
        ((PLUS, "ImageSupplierImageID"), "A-77"),
        ((PLUS, "DataMining"), f"{VOCABULARY}DMI-PROHIBITED"),
        ((PLUS, "OtherConstraints"), "none other"),
        ((PLUS, "ModelReleaseStatus"), f"{VOCABULARY}MR-UMR"),
        ((PLUS, "ModelReleaseID"), ("m1", "m2")),
        ((PLUS, "PropertyReleaseStatus"), "PR-NAP"),
        ((PLUS, "PropertyReleaseID"), "p1"),
        ((PLUS, "MinorModelAgeDisclosure"), f"{VOCABULARY}AG-A25"),
        ((EXT, "ModelAge"), ("34", "x", "999", "27")),
        ((EXT, "DigitalSourceType"), "http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture"),
        ((EXT, "PersonInImage"), ("Ann Alpha", "Ben Beta", "ann alpha ")),
        ((EXT, "AddlModelInfo"), "a trait"),
        ((MWG_REGIONS, "Name"), "Ben Beta"),
        ((CORE, "CountryCode"), "deu"),
        ((CORE, "Location"), "Landungsbrücken"),
        ((EXIF, "GPSLatitude"), "53,32.7N"),
        ((AUX, "SerialNumber"), "0123456789"),
        ((AUX, "OwnerName"), "Jane Doe"),
        ((EXIF, "MakerNote"), "x"),
        ((XMP, "Thumbnails"), "x"),
        ((MANAGEMENT, "DocumentID"), "xmp.did:1"),
        ((DC, "description"), "A harbour at dawn."),
        ((DC, "subject"), ("harbour", "dawn", "harbour", " ")),
    )
    assert found == Described(
        creators=("Jane Doe", "J. Roe"),
        copyright_notice="© 2024 Jane Doe",
        credit_line="Doe Pictures",
        source="Doe Archive",
        usage_terms="Ask first",
        web_statement="https://example.org/rights",
        licensor="Doe Pictures",
        licensor_url="https://example.org/buy",
        licensor_email="licensing@example.org",
        copyright_owner="Jane Doe",
        image_supplier="Agency",
        image_supplier_id="A-77",
        data_mining=(f"{VOCABULARY}DMI-PROHIBITED",),
        other_constraints="none other",
        job_id="JOB-1",
        digital_source_type="http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture",
        headline="A harbour",
        caption="A harbour at dawn.",
        keywords=("harbour", "dawn"),
        country="DEU",
        country_name="Germany",
        taken="2024-05",
        persons_named=2,
        model_release_status="MR-UMR",
        model_release_ids=("m1", "m2"),
        property_release_status="PR-NAP",
        property_release_ids=("p1",),
        minor_disclosure="AG-A25",
        model_ages=(34, 27),
        editorial=("For editorial use",),
        traces=tuple(Trace),
    )
    assert found.has_gps
    form = json.dumps(record_form(found))
    for private in (
        "Ann",
        "Beta",
        "Hamburg",
        "Landung",
        "53,32",
        "0123456789",
        "a trait",
        "2024-05-17",
        "did:1",
    ):
        assert private not in form
    assert read_described(record_form(found)) == found


@pytest.mark.control("C4.1")
def test_a_picture_that_says_nothing_leaves_nothing_in_the_record() -> None:
    """Absence is no statement: no field stands for it, and records of before say nothing either."""
    assert described() == NOTHING_DESCRIBED
    assert record_form(NOTHING_DESCRIBED) == {}
    assert read_described({}) == NOTHING_DESCRIBED
    assert read_described({"traces": ["gps", "of later"], "later": 1}) == Described(traces=(Trace.GPS,))


@pytest.mark.control("C4.1")
@pytest.mark.parametrize(
    ("stated", "taken"),
    [
        ("2024-05-17", "2024-05"),
        ("2024:05:17 09:12:44", "2024-05"),
        ("20240517", "2024-05"),
        ("1968", "1968"),
        ("2024:00:00 00:00:00", "2024"),
        ("0000:00:00 00:00:00", ""),
        ("17 May 2024", ""),
    ],
)
def test_dates_are_cut_to_the_month(stated: str, taken: str) -> None:
    """A day is nobody's business, and a date that is none is not guessed at."""
    assert described(((PHOTOSHOP, "DateCreated"), stated)).taken == taken


@pytest.mark.control("P2.1")
@pytest.mark.parametrize(
    ("stated", "code"),
    [
        ("MR-NON", "MR-NON"),
        (" mr-nap ", "MR-NAP"),
        (f"{VOCABULARY}MR-LMR", "MR-LMR"),
        ("https://ns.useplus.org/ldf/vocab/MR-UMR", "MR-UMR"),
        ("yes", "yes"),
    ],
)
def test_plus_codes_are_read_bare_and_as_addresses(stated: str, code: str) -> None:
    """Writers do both; a value of no vocabulary stands as stated, for others to judge."""
    assert described(((PLUS, "ModelReleaseStatus"), stated)).model_release_status == code


@pytest.mark.control("C1.1", "C1.5")
def test_of_several_data_mining_values_a_denial_comes_first() -> None:
    """One may stand in a copy; it is never the allowance."""
    values = (f"{VOCABULARY}DMI-ALLOWED", f"{VOCABULARY}DMI-PROHIBITED")
    assert described(((PLUS, "DataMining"), values)).data_mining == values[::-1]


@pytest.mark.control("C4.1")
def test_iim_and_exif_speak_where_xmp_is_silent() -> None:
    """Old pictures have no XMP; where both are there, XMP is heard first."""
    details = Details(
        fields=(
            ("iim:caption", "old caption"),
            ("iim:keyword", "old"),
            ("iim:headline", "old headline"),
            ("iim:country-code", "FRA"),
            ("iim:country", "France"),
            ("iim:taken", "19990101"),
            ("exif:taken", "1998:12:31 23:59:59"),
        )
    )
    rights = (("iim:byline", "Old Byline"), ("exif:artist", "Artist"), ("exif:copyright", "(c) Artist"))
    assert describe([], rights, details) == Described(
        creators=("Old Byline", "Artist"),
        copyright_notice="(c) Artist",
        headline="old headline",
        caption="old caption",
        keywords=("old",),
        country="FRA",
        country_name="France",
        taken="1998-12",
    )
    newer = packet(((DC, "description"), "new caption"), ((DC, "creator"), "New"))
    both = describe([newer], rights, details)
    assert (both.caption, both.creators) == ("new caption", ("New", "Old Byline", "Artist"))


def test_iim_of_before_utf_8_is_read_as_latin_1() -> None:
    """Without a statement of its character set, what is no UTF-8 is what old programs wrote."""
    data = b"\x1c\x02\x69\x00\x04K\xf6ln" + b"\x1c\x02\x78\x00\x05K\xc3\xb6ln"
    assert iim_details(data).fields == (("iim:headline", "Köln"), ("iim:caption", "Köln"))


@pytest.mark.control("C4.1")
def test_exif_tells_what_it_holds_and_not_what_it_says() -> None:
    """Coordinates, serial numbers, owners, MakerNote and thumbnail are noted; only caption and month are read."""
    block = exif_of(
        [(0x010E, 2, b"A caption\x00"), (0x013C, 2, b"JANES-LAPTOP\x00")],
        shooting=[
            (0x9003, 2, b"2023:07:01 10:00:00\x00"),
            (0x927C, 7, b"secret maker note"),
            (0x9286, 7, b"ASCII\x00\x00\x00  \x00"),
            (0xA420, 2, b"\x00" * 8),
            (0xA430, 2, b"Jane Doe\x00"),
            (0xA431, 2, b"SN-4711\x00"),
        ],
        gps=[(0, 1, b"\x02\x03\x00\x00"), (2, 5, b"\x00" * 24), (4, 5, b"\x00" * 24)],
        thumbnail=[(0x0201, 4, struct.pack("<I", 4000))],
    )
    assert read_exif(block).details == Details(
        fields=(("exif:description", "A caption"), ("exif:taken", "2023:07:01 10:00:00")),
        traces=frozenset({Trace.GPS, Trace.OWNER, Trace.SERIAL_NUMBER, Trace.MAKER_NOTE, Trace.THUMBNAIL}),
    )


@pytest.mark.control("C4.1")
def test_what_is_empty_is_no_trace() -> None:
    """Many cameras write a GPS directory that holds no more than its version, and blanks for names."""
    block = exif_of([(0x013C, 2, b"   \x00")], gps=[(0, 1, b"\x02\x03\x00\x00")])
    assert read_exif(block).details == NO_DETAILS


@pytest.mark.control("C4.1", "C5.2")
def test_a_directory_that_repeats_itself_is_read_up_to_a_bound() -> None:
    """Hostile Exif states its caption a thousand times."""
    caption = (0x010E, 2, b"a\x00\x00\x00")
    many = exif_of([caption] * 40, shooting=[(0x9003, 2, b"2023:07:01 10:00:00\x00")] * 40)
    layout = layout_of(many)
    assert layout is not None
    assert exif_details(many, layout).fields == (("exif:description", "a"),) * 32
    shooting = exif_of([], shooting=[(0xA431, 2, b"SN-1\x00")] * 40)
    assert exif_details(shooting, layout).traces == {Trace.SERIAL_NUMBER}


@pytest.mark.control("C4.1")
def test_photoshops_resources_tell_of_thumbnails_and_places() -> None:
    """A thumbnail among them may show what was cut off the picture."""
    sets = ((5, b"title"), (90, b"Hamburg"), (118, b"040 123"), (92, b" "), (25, b"k1"), (25, b"k2"))
    stream = b"".join(struct.pack(">BBBH", 0x1C, 2, number, len(value)) + value for number, value in sets)
    stream += struct.pack(">BBBH", 0x1C, 1, 90, 3) + b"\x1b%G" + struct.pack(">BBBH", 0x1C, 7, 25, 1) + b"x"
    stream += b"" if len(stream) % 2 == 0 else b"\x00"
    blocks = b"".join(
        b"8BIM" + struct.pack(">H", number) + b"\x00\x00" + struct.pack(">I", len(data)) + data
        for number, data in ((0x040C, b"jpeg"), (0x0404, stream), (0x0425, b"digest"))
    )
    assert resource_details(blocks) == Details(
        fields=(("iim:title", "title"), ("iim:keyword", "k1"), ("iim:keyword", "k2")),
        traces=frozenset({Trace.THUMBNAIL, Trace.PLACE, Trace.CONTACT}),
    )
    assert resource_details(b"") == NO_DETAILS


@pytest.mark.control("C4.1", "C1.1")
def test_the_evidence_keeps_rights_and_drops_what_is_only_noted() -> None:
    """What the cage hands on of a packet holds no name of a person pictured, no place, no serial number."""
    whole = packet(
        ((PLUS, "DataMining"), "x"),
        ((DC, "creator"), "Jane"),
        ((EXT, "PersonInImage"), "Ann"),
        ((EXIF, "GPSLatitude"), "53"),
        ((AUX, "SerialNumber"), "1"),
        (("https://example.org/ns", "unknown"), "kept: it may be a reservation of tomorrow"),
    )
    assert set(without_private(whole).properties) == {
        (PLUS, "DataMining"),
        (DC, "creator"),
        ("https://example.org/ns", "unknown"),
    }


@pytest.mark.control("C4.1", "C1.5")
def test_no_field_that_a_signal_reads_is_dropped_from_the_evidence() -> None:
    """A replay reads the same rights from the evidence as were read from the picture."""
    from clearance.sourcing.signals.rights_fields import FIELDS

    for field in FIELDS:
        group = group_of((field.namespace, field.name)) if field.namespace else None
        assert group is None or group.action in (Action.KEEP, Action.RESTRICT), field.where
    private = {namespace for group in FIELD_GROUPS if group.trace for namespace, _ in group.xmp}
    assert not private & {"http://www.w3.org/ns/tdmrep/", "https://rslstandard.org/rsl"}


@pytest.mark.control("C4.1")
def test_every_group_says_what_it_is_and_only_noted_ones_have_a_trace() -> None:
    """The table is whole: each class has a group, each trace a group, and a trace means that it is not kept."""
    assert {group.metadata_class for group in FIELD_GROUPS} == set(MetadataClass)
    assert {group.trace for group in FIELD_GROUPS} - {None} == set(Trace)
    assert all((group.trace is not None) == (group.action is Action.NOTE) for group in FIELD_GROUPS)
    assert group_of((EXIF, "GPSAltitude")) is group_of((EXIF, "GPSLatitude"))
    assert group_of((MANAGEMENT, "anything")) is not None
    assert group_of((EXIF, "FNumber")) is None


@pytest.mark.control("C4.1", "C5.2")
@given(
    st.lists(
        st.tuples(
            st.sampled_from(sorted({name for group in FIELD_GROUPS for name in group.xmp})),
            st.lists(st.text(max_size=40), max_size=30).map(tuple),
        ),
        max_size=12,
    ),
    st.lists(st.tuples(st.sampled_from(["iim:caption", "iim:keyword", "exif:taken"]), st.text(max_size=40))),
)
def test_whatever_a_picture_says_has_a_record_form_that_reads_back(
    properties: list[tuple[tuple[str, str], tuple[str, ...]]], details: list[tuple[str, str]]
) -> None:
    """Never an error, never more than the bounds, canonical JSON, and the same when it is read again."""
    found = describe([packet(*properties)], (), joined([Details(fields=tuple(details))]))
    form = record_form(found)
    assert canonical(form)
    assert record_form(read_described(json.loads(json.dumps(form)))) == form
    assert len(found.keywords) <= 50
    assert len(found.creators) <= 20


@pytest.mark.control("C4.1", "C5.2")
@given(st.binary(max_size=300), st.sampled_from([b"II*\x00", b"MM\x00*", b"II+\x00"]))
def test_reading_details_from_any_bytes_never_raises(data: bytes, mark: bytes) -> None:
    """As Exif, as IIM, as image resources."""
    layout = layout_of(mark + data)
    assert layout is not None
    assert isinstance(exif_details(mark + data, layout), Details)
    assert isinstance(iim_details(data), Details)
    assert isinstance(resource_details(b"8BIM" + data), Details)


@pytest.mark.control("C4.1")
def test_the_cage_answers_with_the_record_form(vectors: Path) -> None:
    """IPTC's own reference picture: its fields arrive, its persons, towns and contacts do not."""
    data = (vectors / "images" / "IPTC-PhotometadataRef-Std2024.1.jpg").read_bytes()
    answer, _ = inspect(JOB, data)
    form: dict[str, Any] = answer["described"]
    assert form["creators"] == ["Creator1 (ref2023.2)"]
    assert form["persons_named"] == 6
    assert {"persons", "place", "contact", "person-details"} <= set(form["traces"])
    assert form["model_release_status"].startswith("MR-")
    text = json.dumps(answer["described"]) + json.dumps(answer["xmp"])
    for private in ("Person Shown", "Sublocation (", "Person In Image", "Additional Model Info", "Phone # "):
        assert private not in text, private


@pytest.mark.control("C1.1")
def test_a_manifest_is_recorded_by_the_hash_of_its_file(vectors: Path) -> None:
    """No copy can carry a C2PA manifest on; the record says that there was one, and in which file."""
    data = (vectors / "images" / "c2pa-adobe-20220124-CA.jpg").read_bytes()
    answer, _ = inspect(JOB, data)
    assert answer["described"]["c2pa_sha256"] == answer["sha256"]
    bare, _ = inspect(JOB, photograph(seed=1))
    assert bare["described"] == {}


@pytest.mark.control("C4.1")
@pytest.mark.parametrize("form", ["PNG", "WEBP"])
def test_other_formats_tell_their_details_too(form: str) -> None:
    """Exif stands in each of them."""
    from PIL import Image

    exif = Image.Exif()
    exif[0x010E] = "A caption"
    exif[0x8825] = {1: "N", 2: (53.0, 32.0, 0.0), 3: "E", 4: (9.0, 57.0, 0.0)}
    container = read_container(photograph(seed=1, form=form, exif=exif))
    assert isinstance(container, Container)
    assert container.details == Details(
        fields=(("exif:description", "A caption"),), traces=frozenset({Trace.GPS})
    )
    tiff = read_container(photograph(seed=1, form="TIFF", description="A scan"))
    assert isinstance(tiff, Container)
    assert tiff.details == Details(fields=(("exif:description", "A scan"),))


@pytest.mark.control("C4.1")
def test_structures_of_places_and_persons_are_found_under_their_own_names() -> None:
    """LocationShown and PersonInImageWDetails hold their facts inside."""
    read = read_xmp(
        b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description '
        b'xmlns:e="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"><e:LocationShown><rdf:Bag><rdf:li '
        b'rdf:parseType="Resource"><e:CountryCode>FR</e:CountryCode><e:City>Paris</e:City></rdf:li></rdf:Bag>'
        b'</e:LocationShown><e:PersonInImageWDetails><rdf:Bag><rdf:li rdf:parseType="Resource"><e:PersonName>'
        b"Ann</e:PersonName></rdf:li></rdf:Bag></e:PersonInImageWDetails></rdf:Description></rdf:RDF>"
    )
    assert isinstance(read, Xmp)
    assert describe([read], (), NO_DETAILS) == Described(
        country="FR", persons_named=1, traces=(Trace.PLACE, Trace.PERSONS)
    )


@pytest.mark.control("C5.5")
def test_the_table_that_people_read_is_the_one_that_is_applied() -> None:
    """docs/metadata.md names every group with its class and its action."""
    page = (Path(__file__).parents[2] / "docs" / "metadata.md").read_text()
    for group in FIELD_GROUPS:
        noted = f" (`{group.trace.value}`)" if group.trace is not None else ""
        assert f"| {group.metadata_class.value} | {group.title} | {group.action.value}{noted} |" in page
