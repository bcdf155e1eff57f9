"""Rights go into every picture that leaves, nothing else does, and reading it back proves both."""

import io
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from clearance.errors import IntegrityError
from clearance.identifiers import Malformed
from clearance.pictures.containers import Container, read_container
from clearance.pictures.encode import encode_jpeg
from clearance.pictures.labelled import Leak, ReadBack, read_back, with_rights
from clearance.pictures.metadata_classes import MetadataClass
from clearance.pictures.pieces import END, SCAN, START, pieces_of
from clearance.pictures.rights_packet import RightsMetadata, bounded_rights
from pictures_made import photograph, pixels, xmp_packet

KEPT = encode_jpeg(pixels(seed=1, width=64, height=48), quality=90)
RIGHTS = RightsMetadata(
    item="0123456789abcdef",
    creators=("Jane Doe", "Jörg Müller & Söhne <Foto>"),
    copyright_notice="© 2024 Jane Doe",
    credit_line="Doe / Agency",
    source="Doe Archive",
    usage_terms="No use without a licence. Zwei\nZeilen.",
    web_statement="https://example.org/rights?a=1&b=2",
    licence_url="https://creativecommons.org/licenses/by/4.0/",
    licensor="Agency",
    licensor_url="https://example.org/buy",
    licensor_email="licensing@example.org",
    copyright_owner="Jane Doe",
    image_supplier="Supplier",
    image_supplier_id="S-1",
    data_mining="http://ns.useplus.org/ldf/vocab/DMI-PROHIBITED-GENAIMLTRAINING",
    other_constraints="None",
    job_id="J-1",
    digital_source_type="http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture",
    country="DEU",
    taken="2024-05",
)


def segment(marker: int, payload: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, 2 + len(payload)) + payload


def with_segment(jpeg: bytes, marker: int, payload: bytes) -> bytes:
    return jpeg[:2] + segment(marker, payload) + jpeg[2:]


def leaks_in(jpeg: bytes) -> tuple[Leak, ...]:
    read = read_back(jpeg)
    assert isinstance(read, ReadBack)
    return read.leaks


@pytest.mark.control("C1.1", "C4.1")
def test_rights_are_written_and_read_back_whole() -> None:
    """Every field, in every script, and no other thing; the picture data is the same to the byte."""
    out = with_rights(KEPT, RIGHTS)
    assert read_back(out) == ReadBack(rights=RIGHTS, leaks=())
    before, after = Image.open(io.BytesIO(KEPT)), Image.open(io.BytesIO(out))
    assert np.array_equal(np.asarray(before), np.asarray(after))
    assert with_rights(out, RIGHTS) == out


@pytest.mark.control("C1.1")
def test_other_readers_find_the_rights() -> None:
    """Pillow reads XMP and IPTC IIM of its own; so does what collects pictures here."""
    out = with_rights(KEPT, RIGHTS)
    picture = Image.open(io.BytesIO(out))
    assert picture.info["xmp"].startswith(b"<?xpacket begin=")
    from PIL import IptcImagePlugin

    fields = IptcImagePlugin.getiptcinfo(picture)
    assert fields is not None
    assert fields[2, 116] == "© 2024 Jane Doe".encode()
    assert fields[2, 80] == [b"Jane Doe", "Jörg Müller & Söhne <Foto>".encode()]
    container = read_container(out)
    assert isinstance(container, Container)
    assert dict(container.fields)["iim:copyright-notice"] == "© 2024 Jane Doe"


@pytest.mark.control("C1.1")
def test_a_picture_without_rights_carries_its_item_id() -> None:
    """Whoever finds the picture finds its record."""
    bare = RightsMetadata(item="0123456789abcdef")
    assert read_back(with_rights(KEPT, bare)) == ReadBack(rights=bare, leaks=())


@pytest.mark.control("C4.1")
@pytest.mark.parametrize(
    ("marker", "payload", "leaks"),
    [
        (0xFE, b"Jane's picture", [("JPEG", "a comment", None)]),
        (0xE2, b"ICC_PROFILE\x00\x01\x01x", [("JPEG", "segment APP2", None)]),
        (0xE2, b"MPF\x00II*\x00", [("JPEG", "segment APP2", None)]),
        (0xEB, b"JP\x00\x01jumb c2pa", [("JPEG", "segment APP11", None)]),
        (0xE0, b"JFXX\x00\x10thumbnail", [("JPEG", "a thumbnail", MetadataClass.DEVICE)]),
        (
            0xE0,
            b"JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x01\x01rgb",
            [("JPEG", "a thumbnail", MetadataClass.DEVICE)],
        ),
        (0xE1, b"Exif\x00\x00none", [("Exif", "a block", None)]),
        (0xE1, b"something else", [("JPEG", "segment APP1", None)]),
        (
            0xED,
            b"Photoshop 3.0\x008BIM\x04\x0c\x00\x00\x00\x00\x00\x02ab",
            [("Photoshop", "resource 0x040c", None)],
        ),
        (
            0xED,
            b"Photoshop 3.0\x008BIM\x04\x04\x00\x00\x00\x00\x00\x0c\x1c\x02\x5a\x00\x07Hamburg",
            [("IIM", "2:90", MetadataClass.PLACE)],
        ),
        (
            0xED,
            b"Photoshop 3.0\x008BIM\x04\x04\x00\x00\x00\x00\x00\x06\x1c\x07\x5a\x00\x01x",
            [("IIM", "7:90", None)],
        ),
        (0xE1, b"http://ns.adobe.com/xap/1.0/\x00<broken", [("XMP", "not well-formed", None)]),
    ],
)
def test_whatever_is_not_on_the_list_is_a_leak_and_is_left_out(
    marker: int, payload: bytes, leaks: list[tuple[str, str, MetadataClass | None]]
) -> None:
    """Told when a picture is read back, gone when rights are written."""
    planted = with_segment(KEPT, marker, payload)
    found = [
        (leak.where, leak.what.partition(":")[0] if leak.where == "XMP" else leak.what, leak.metadata_class)
        for leak in leaks_in(planted)
    ]
    assert found == leaks
    assert leaks_in(with_rights(planted, RIGHTS)) == ()


@pytest.mark.control("C4.1")
@pytest.mark.parametrize(
    ("properties", "what", "metadata_class"),
    [
        (
            'xmlns:e="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" e:PersonInImage="Ann"',
            "PersonInImage",
            MetadataClass.SUBJECTS,
        ),
        ('xmlns:p="http://ns.adobe.com/photoshop/1.0/" p:City="Hamburg"', "City", MetadataClass.PLACE),
        (
            'xmlns:p="http://ns.adobe.com/photoshop/1.0/" p:DateCreated="2024-05-17"',
            "DateCreated",
            MetadataClass.TIME,
        ),
        (
            'xmlns:a="http://ns.adobe.com/exif/1.0/aux/" a:SerialNumber="1"',
            "SerialNumber",
            MetadataClass.DEVICE,
        ),
        ('dc:description="Ann at home"', "description", MetadataClass.SUBJECTS),
        ('xmlns:u="https://example.org/" u:field="?"', "field", None),
    ],
)
def test_an_xmp_property_beyond_rights_is_a_leak(
    properties: str, what: str, metadata_class: MetadataClass | None
) -> None:
    """Persons, places, days, devices, captions, and what nobody knows."""
    packet = xmp_packet('plus:DataMining="x" ' + properties)
    planted = with_segment(KEPT, 0xE1, b"http://ns.adobe.com/xap/1.0/\x00" + packet)
    assert leaks_in(planted) == (Leak(where="XMP", what=what, metadata_class=metadata_class),)


@pytest.mark.control("C4.1")
def test_what_follows_the_end_of_a_picture_is_a_leak() -> None:
    """Phones append films and second pictures there."""
    assert leaks_in(KEPT + b"a film") == (
        Leak(where="JPEG", what="6 bytes after the end of the picture", metadata_class=None),
    )
    assert leaks_in(with_rights(KEPT + b"a film", RIGHTS)) == ()


@pytest.mark.control("C4.1")
def test_exif_is_told_by_what_it_holds() -> None:
    """The block itself, and each kind of trace in it."""
    exif = Image.Exif()
    exif[0x8825] = {1: "N", 2: (53.0, 32.0, 0.0), 3: "E", 4: (9.0, 57.0, 0.0)}
    assert leaks_in(photograph(seed=1, exif=exif)) == (
        Leak(where="Exif", what="a block", metadata_class=None),
        Leak(where="Exif", what="gps", metadata_class=MetadataClass.PLACE),
    )


@pytest.mark.control("C5.2")
def test_progressive_pictures_and_cmyk_keep_what_decoders_need() -> None:
    """Several scans with tables between them, and Adobe's transform."""
    for source in (
        photograph(seed=2, progressive=True),
        with_segment(KEPT, 0xEE, b"Adobe\x00\x64\x00\x00\x00\x00\x01more"),
    ):
        out = with_rights(source, RIGHTS)
        assert leaks_in(out) == ()
        assert np.array_equal(
            np.asarray(Image.open(io.BytesIO(source))), np.asarray(Image.open(io.BytesIO(out)))
        )


@pytest.mark.control("C5.2")
@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"no picture",
        b"\xff\xd8",
        KEPT[:-2],
        KEPT[:200],
        b"\xff\xd8\xff\xe0\x00\x01",
        b"\xff\xd8\xff\x00\x00\x00",
    ],
)
def test_what_is_no_whole_jpeg_is_neither_written_nor_called_clean(broken: bytes) -> None:
    """The vault holds whole pictures only: anything else is an error with its item's name."""
    assert isinstance(read_back(broken), Malformed)
    with pytest.raises(IntegrityError, match="item 0123456789abcdef: "):
        with_rights(broken, RIGHTS)


@pytest.mark.control("C5.2")
def test_fill_bytes_are_passed_over_and_pieces_are_counted() -> None:
    """Any number of 0xFF may stand before a marker; ten thousand comments are too many."""
    split = pieces_of(KEPT[:2] + b"\xff\xff\xff" + KEPT[2:] + b"tail")
    assert not isinstance(split, Malformed)
    assert (split[0][0].marker, split[0][-1].marker, split[1]) == (START, END, b"tail")
    assert SCAN in {piece.marker for piece in split[0]}
    many = KEPT[:2] + segment(0xFE, b"") * 10_001 + KEPT[2:]
    assert pieces_of(many) == Malformed(where="JPEG", why="more than 10000 segments")


@pytest.mark.control("C1.1")
def test_values_are_brought_into_bounds() -> None:
    """Long text is cut; half an address would lead elsewhere, and a day is finer than a month: both go."""
    bounded = bounded_rights(
        RightsMetadata(
            item="i",
            creators=(" a ", "a", "", "b\x00c", *(str(n) for n in range(30))),
            usage_terms="x" * 501,
            web_statement="https://example.org/" + "x" * 1000,
            taken="2024-05-17",
            licensor="DE\ud800",
        )
    )
    assert bounded == RightsMetadata(
        item="i",
        creators=("a", "b c", *(str(n) for n in range(18))),
        usage_terms="x" * 500,
        licensor="DE?",
    )


@pytest.mark.control("C1.1", "C5.2")
@settings(max_examples=50)
@given(st.data())
def test_any_rights_come_back_as_they_were_written(data: st.DataObject) -> None:
    """Whatever the text, what is read back is what was written, within its bounds, and nothing leaks."""
    text = st.text(max_size=60)
    names = [name for name in RightsMetadata.__dataclass_fields__ if name not in ("creators", "item")]
    rights = RightsMetadata(
        item="0123456789abcdef",
        creators=tuple(data.draw(st.lists(text, max_size=5))),
        **{name: data.draw(text) for name in names},
    )
    assert read_back(with_rights(KEPT, rights)) == ReadBack(rights=bounded_rights(rights), leaks=())


@pytest.mark.control("C5.2")
def test_the_largest_rights_fit() -> None:
    """Every character takes five bytes when it is escaped; the packet still fits into one segment."""
    sizes = {
        "creators": 0,
        "taken": 0,
        "item": 64,
        "country": 3,
        "data_mining": 200,
        "digital_source_type": 200,
    }
    rights = RightsMetadata(
        creators=tuple(f"{n:02}" + "&" * 500 for n in range(30)),
        **{
            name: "&" * sizes.get(name, 1000)
            for name in RightsMetadata.__dataclass_fields__
            if name != "creators"
        },
    )
    assert read_back(with_rights(KEPT, rights)) == ReadBack(rights=bounded_rights(rights), leaks=())


@pytest.mark.control("C5.2")
@given(st.data())
def test_reading_back_a_changed_picture_never_raises(data: st.DataObject) -> None:
    """Changed bytes give a value, never an exception."""
    whole = bytearray(with_rights(KEPT, RIGHTS))
    for _ in range(data.draw(st.integers(1, 8))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    assert isinstance(read_back(bytes(whole)), (ReadBack, Malformed))


@pytest.mark.control("C4.1")
def test_the_reference_picture_of_iptc_is_full_of_leaks(vectors: Path) -> None:
    """And of none once its rights were written anew."""
    data = (vectors / "images" / "IPTC-PhotometadataRef-Std2024.1.jpg").read_bytes()
    classes = {leak.metadata_class for leak in leaks_in(data)}
    assert classes >= {MetadataClass.SUBJECTS, MetadataClass.PLACE, MetadataClass.CONTACT, MetadataClass.TIME}
    assert leaks_in(with_rights(data, RIGHTS)) == ()
