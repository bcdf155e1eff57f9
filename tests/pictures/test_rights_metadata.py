"""Rights fields outside XMP: Exif and IPTC IIM, in every format that carries them, and against hostile bytes."""

import io
import json
import struct
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from PIL import Image

from clearance.identifiers import Malformed
from clearance.pictures.containers import Container, PictureFormat, read_container
from clearance.pictures.exif import read_exif
from clearance.pictures.iim import MAX_FIELD_BYTES, UNREAD, bounded, read_iim, read_resources
from clearance.pictures.inspection import inspect
from clearance.pictures.png import read_png_metadata
from pictures_made import PROHIBITED, photograph

JOB = {
    "formats": list(PictureFormat),
    "max_pixels": 1 << 24,
    "min_side_px": 1,
    "longest_side_px": 64,
    "quality": 90,
}
UTF_8 = (1, 90, b"\x1b%G")


def segment(marker: int, body: bytes) -> bytes:
    return b"\xff" + bytes([marker]) + struct.pack(">H", 2 + len(body)) + body


def with_segments(picture: bytes, *segments: bytes) -> bytes:
    return picture[:2] + b"".join(segments) + picture[2:]


def iim(*sets: tuple[int, int, bytes]) -> bytes:
    return b"".join(
        bytes([0x1C, record, number]) + struct.pack(">H", len(value)) + value
        for record, number, value in sets
    )


def resource(data: bytes, *, number: int = 0x0404, name: bytes = b"", mark: bytes = b"8BIM") -> bytes:
    padded_name = bytes([len(name)]) + name + b"\x00" * ((1 + len(name)) % 2)
    return (
        mark
        + struct.pack(">H", number)
        + padded_name
        + struct.pack(">I", len(data))
        + data
        + b"\x00" * (len(data) % 2)
    )


def tiff(entries: Mapping[int, bytes], *, order: str = "<", kind: int = 2, big: bool = False) -> bytes:
    """A file of one directory and the values after it; 4-byte values stand in their entries."""
    mark = {"<": b"II", ">": b"MM"}[order]
    offset, inline, count = ("Q", 8, "Q") if big else ("I", 4, "H")
    start = 16 if big else 8
    head = mark + (
        struct.pack(f"{order}HHHQ", 43, 8, 0, start) if big else struct.pack(f"{order}HI", 42, start)
    )
    at = start + struct.calcsize(count) + len(entries) * (4 + 2 * inline) + inline
    directory, values = b"", b""
    for tag, value in entries.items():
        where = value.ljust(inline, b"\x00")
        if len(value) > inline:
            where = struct.pack(f"{order}{offset}", at + len(values))
            values += value
        directory += struct.pack(f"{order}HH{offset}", tag, kind, len(value)) + where
    return head + struct.pack(f"{order}{count}", len(entries)) + directory + bytes(inline) + values


def fields_of(data: bytes) -> tuple[tuple[str, str], ...]:
    container = read_container(data)
    assert isinstance(container, Container)
    return container.fields


@pytest.mark.control("C1.5")
@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "AVIF", "TIFF"])
def test_exif_rights_are_read_in_every_format_that_carries_them(form: str) -> None:
    """Copyright and artist come out under their names, the description does not."""
    exif = Image.Exif()
    exif[0x010E], exif[0x013B], exif[0x8298] = "a description", "A. Person", "No AI training"
    assert dict(fields_of(photograph(seed=1, form=form, exif=exif))) == {
        "exif:artist": "A. Person",
        "exif:copyright": "No AI training",
    }


@pytest.mark.control("C1.5")
@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("big", [False, True])
def test_exif_is_read_in_both_byte_orders_and_both_sizes_of_tiff(order: str, big: bool) -> None:
    """Short values stand in their entry, long ones elsewhere; BigTIFF is the same with wider numbers."""
    read = read_exif(tiff({0x013B: b"A B", 0x8298: b"(c) A. Person\x00"}, order=order, big=big))
    assert read.fields == (("exif:artist", "A B"), ("exif:copyright", "(c) A. Person"))


@pytest.mark.control("C1.5")
@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b"photographer\x00editor\x00", ["photographer", "editor"]),
        (b" \x00editor\x00", ["editor"]),
        (b"\x00\x00   ", []),
        ("© Müller".encode(), ["© Müller"]),
        ("© Müller".encode("latin-1"), ["© Müller"]),
        (b"\xef\xbb\xbf(c) somebody", ["(c) somebody"]),
        (b"a\x00" * 100, ["a", "a\x00" * 91 + "a"]),
        ("ü".encode() * 5000, ["ü" * (MAX_FIELD_BYTES // 2)]),
        (b"x" + "ü".encode() * 5000, ["x" + "ü" * (MAX_FIELD_BYTES // 2 - 1)]),
    ],
)
def test_a_copyright_value_is_read_whole_in_either_encoding(value: bytes, expected: list[str]) -> None:
    """Photographer's and editor's part, UTF-8 or Latin-1, cut at a bound and between characters."""
    fields = read_exif(tiff({0x8298: value})).fields
    assert [text for name, text in fields if name == "exif:copyright"] == expected
    assert ((UNREAD, "exif:copyright: over 8192 bytes") in fields) is (len(value) > MAX_FIELD_BYTES)


@pytest.mark.control("C1.5")
def test_iim_is_read_from_app13_in_every_field() -> None:
    """The five rights fields of an application record, other fields and other resources passed over."""
    stream = iim(
        (2, 0, b"\x00\x04"),
        (2, 25, b"keyword"),
        (2, 40, b"TDM reserved"),
        (2, 80, b"A. Person"),
        (2, 80, b"B. Person"),
        (2, 110, b"Agency"),
        (2, 115, b"Archive"),
        (2, 116, b"(c) Agency"),
        (3, 116, b"of another record"),
    )
    blocks = resource(b"odd", number=0x03ED, name=b"a name") + resource(stream, mark=b"PHUT", name=b"ab")
    data = with_segments(photograph(seed=1), segment(0xED, b"Photoshop 3.0\x00" + blocks))
    assert fields_of(data) == (
        ("iim:instructions", "TDM reserved"),
        ("iim:byline", "A. Person"),
        ("iim:byline", "B. Person"),
        ("iim:credit", "Agency"),
        ("iim:source", "Archive"),
        ("iim:copyright-notice", "(c) Agency"),
    )


@pytest.mark.control("C1.5")
def test_image_resources_go_on_in_the_next_segment() -> None:
    """A stream that two segments share is put together; other APP13 segments are none."""
    blocks = resource(iim((2, 116, b"(c) " + b"x" * 200)))
    parts = [segment(0xED, b"Photoshop 3.0\x00" + part) for part in (blocks[:60], blocks[60:])]
    data = with_segments(photograph(seed=1), segment(0xED, b"Adobe_CM\x00other"), *parts)
    assert fields_of(data) == (("iim:copyright-notice", "(c) " + "x" * 200),)


@pytest.mark.control("C1.5")
@pytest.mark.parametrize("kind", [1, 4, 7])
def test_iim_is_read_from_a_tiff_whatever_type_its_entry_has(kind: int) -> None:
    """IPTC-NAA and Photoshop's resources stand in tags of their own."""
    stream = iim((2, 116, b"(c) A. Person"), (2, 40, b"no TDM"))
    stream += b"\x00" * (-len(stream) % 4)
    entries = {33723: stream, 34377: resource(iim((2, 110, b"Agency")))}
    block = bytearray(tiff(entries, kind=kind))
    if kind == 4:
        # A LONG counts four bytes.
        struct.pack_into("<I", block, 8 + 2 + 4, len(stream) // 4)
    names = [name for name, _ in read_exif(bytes(block)).fields]
    assert names[:2] == ["iim:copyright-notice", "iim:instructions"]
    assert "iim:credit" in names


@pytest.mark.control("C1.5")
def test_a_written_tiff_gives_its_iim_and_its_xmp() -> None:
    """End to end through a TIFF file that another library wrote."""
    stream = iim((2, 116, b"(c) A. Person"))
    info = {33723: stream, 700: PROHIBITED, 0x8298: "(c) Exif"}
    container = read_container(photograph(seed=1, form="TIFF", tiffinfo=info))
    assert isinstance(container, Container)
    assert container.xmp == (PROHIBITED,)
    assert set(container.fields) == {
        ("iim:copyright-notice", "(c) A. Person"),
        ("exif:copyright", "(c) Exif"),
    }


@pytest.mark.control("C1.5")
def test_xmp_inside_exif_is_a_packet_too() -> None:
    """Tag 700 counts in a JPEG's and a PNG's Exif block; where it points outside, the packet is unreadable."""
    block = tiff({700: PROHIBITED})
    data = with_segments(photograph(seed=1), segment(0xE1, b"Exif\x00\x00" + block))
    container = read_container(data)
    assert isinstance(container, Container)
    assert container.xmp == (PROHIBITED,)
    png = photograph(seed=1, form="PNG", exif=b"Exif\x00\x00" + block)
    container = read_container(png)
    assert isinstance(container, Container)
    assert container.xmp == (PROHIBITED,)
    assert read_exif(block[:26]).xmp == (b"",)


@pytest.mark.control("C1.5")
@pytest.mark.parametrize(
    ("sets", "expected"),
    [
        ([UTF_8, (2, 116, "© Müller".encode())], "© Müller"),
        ([(2, 116, "© Müller".encode()), UTF_8], "© Müller"),
        ([(2, 116, "© Müller".encode())], "© Müller"),
        ([(2, 116, "© Müller".encode("latin-1"))], "© Müller"),
        ([UTF_8, (2, 116, b"ok \xff")], "ok \ufffd"),
        ([(1, 90, b"\x1b.A"), (2, 116, b"\xe9t\xe9")], "été"),
    ],
)
def test_the_character_set_of_iim_is_obeyed_or_found(
    sets: list[tuple[int, int, bytes]], expected: str
) -> None:
    """Declared UTF-8, UTF-8 that nobody declared, and Latin-1; every byte becomes a character."""
    assert read_iim(iim(*sets)) == (("iim:copyright-notice", expected),)


@pytest.mark.control("C1.5")
def test_an_extended_data_set_states_the_length_of_its_length() -> None:
    """Values over 32 KB have it; one that claims more than there is ends the stream."""
    long = bytes([0x1C, 2, 40]) + struct.pack(">H", 0x8004) + struct.pack(">I", 40_000) + b"y" * 40_000
    assert read_iim(long + iim((2, 116, b"(c)"))) == (
        ("iim:instructions", "y" * MAX_FIELD_BYTES),
        (UNREAD, "iim:instructions: over 8192 bytes"),
        ("iim:copyright-notice", "(c)"),
    )
    endless = bytes([0x1C, 2, 40]) + struct.pack(">H", 0xFFFF) + b"\xff" * 100
    assert read_iim(iim((2, 116, b"(c)")) + endless) == (("iim:copyright-notice", "(c)"),)


@pytest.mark.control("C5.2")
def test_hostile_structures_are_bounded() -> None:
    """Thousands of by-lines, data sets, resources and entries; offsets and lengths beyond the file."""
    many = read_iim(iim(*((2, 80, b"%d" % n) for n in range(4000))))
    assert [name for name, _ in many] == ["iim:byline"] * 20 + [UNREAD]
    assert read_iim(iim(*[(2, 25, b"")] * 5000, (2, 116, b"(c)"))) == (
        (UNREAD, "more than 4096 data sets of IPTC IIM"),
    )
    assert read_resources(resource(b"", number=1) * 2000 + resource(iim((2, 116, b"(c)")))) == (
        (UNREAD, "more than 1024 image resources"),
    )
    assert read_resources(b"8BIM\x04\x04" + b"\xff" * 300) == ()
    assert read_resources(b"8BIM\x04\x04\x06abcdefg") == ()
    assert read_resources(b"nothing of the kind") == ()
    assert read_resources(resource(iim((2, 116, b"(c) whole")))[:-4]) == (("iim:copyright-notice", "(c) w"),)
    crowded = dict.fromkeys(range(0x200, 0x4000), b"xxxx") | {0x8298: b"late"}
    assert ("exif:copyright", "late") in read_exif(tiff(crowded)).fields
    entry = struct.pack("<HHI4s", 0x8298, 2, 4, b"(c) ")
    repeated = b"II*\x00" + struct.pack("<IH", 8, 60_000) + entry * 60_000
    assert read_exif(repeated).fields == (
        ("exif:copyright", "(c)"),
        (UNREAD, "more than 16 entries of Exif for rights and orientation"),
    )
    assert read_exif(tiff({0x8298: b"(c) A. Person"})[:26]).fields == ()
    for start in (0, 4, 8, 0xFFFFFFFF):
        block = (
            b"II*\x00" + struct.pack("<I", start) + b"\x98\x82\x02\x00\xff\xff\xff\xff\xff\xff\xff\xff" * 20
        )
        assert read_exif(block).orientation in range(1, 9)
    for cut in range(20):
        assert read_exif(tiff({0x8298: b"abcdefghij"}, big=True)[:cut]).fields == ()


@pytest.mark.control("C1.5", "C5.2")
def test_what_is_beyond_a_bound_of_the_file_is_told() -> None:
    """More segments, chunks, Exif blocks or image resources than are read: there may be a reservation."""
    plain, exif = (
        photograph(seed=1, width=32, height=32),
        segment(0xE1, b"Exif\x00\x00" + tiff({0x8298: b"(c)"})),
    )
    assert fields_of(with_segments(plain, *[exif] * 20)) == (
        ("exif:copyright", "(c)"),
        (UNREAD, "more than 8 blocks of Exif"),
    )
    # The frame stands before them, so that the size is known.
    frame = segment(0xC0, b"\x08\x00\x20\x00\x20\x03\x01\x22\x00\x02\x11\x01\x03\x11\x01")
    many = b"\xff\xd8" + frame + b"\xff\x01" + segment(0xFE, b"") * 5000
    assert fields_of(many) == ((UNREAD, "more than 4096 segments"),)
    full = segment(0xED, b"Photoshop 3.0\x00" + b"x" * 65_000)
    assert fields_of(with_segments(plain, *[full] * 70)) == (
        (UNREAD, "more than 4194304 bytes of image resources"),
    )
    png = photograph(seed=1, form="PNG", width=32, height=32)
    empty = struct.pack(">I", 0) + b"tEXt" + struct.pack(">I", zlib.crc32(b"tEXt"))
    assert read_png_metadata(png[:33] + empty * 100_001 + png[33:]).fields == (
        (UNREAD, "more than 100000 chunks"),
    )
    assert bounded((UNREAD, f"{n}") for n in range(30)) == tuple((UNREAD, f"{n}") for n in range(20))


@pytest.mark.control("C1.5")
def test_what_stands_between_is_passed_over() -> None:
    """Fill bytes before a marker, and texts of a PNG that are no packet."""
    exif = segment(0xE1, b"Exif\x00\x00" + tiff({0x8298: b"(c)"}))
    data = with_segments(photograph(seed=1), b"\xff" * 100_000 + exif)
    assert fields_of(data) == (("exif:copyright", "(c)"),)
    png = photograph(seed=1, form="PNG", width=32, height=32)
    text = b"Comment\x00\x00\x00\x00\x00no packet"
    chunk = struct.pack(">I", len(text)) + b"iTXt" + text + struct.pack(">I", zlib.crc32(b"iTXt" + text))
    assert read_png_metadata(png[:33] + chunk + png[33:]).xmp == ()


@pytest.mark.control("C1.5")
def test_a_packet_in_clear_that_does_not_end_is_not_silence() -> None:
    """It comes out cut, and will not parse."""
    container = read_container(photograph(seed=1, form="GIF") + b"<x:xmpmeta and no more")
    assert isinstance(container, Container)
    assert container.xmp == (b"<x:xmpmeta and no more",)


@pytest.mark.control("C5.2")
def test_a_directory_that_says_a_value_is_gigabytes_reads_what_there_is() -> None:
    """The length is a claim; the file is what counts."""
    block = bytearray(tiff({0x8298: b"(c) A. Person"}))
    struct.pack_into("<I", block, 8 + 2 + 4, 0xFFFFFFFF)
    assert read_exif(bytes(block)).fields == (("exif:copyright", "(c) A. Person"),)


@pytest.mark.control("C5.2")
@given(st.binary(max_size=400), st.sampled_from([b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+", b""]))
@example(data=b"\x08\x00\x00\x00\x01\x00", mark=b"II*\x00")
def test_reading_any_bytes_never_raises_and_is_bounded(data: bytes, mark: bytes) -> None:
    """As directory, as IIM, as image resources: fields of text, no more than a bound of each."""
    for fields in (read_exif(mark + data).fields, read_iim(data), read_resources(data)):
        assert all(value and len(value) <= MAX_FIELD_BYTES for _, value in fields)
        assert len(fields) <= 20 * 8


@pytest.mark.control("C5.2")
@given(st.data())
def test_a_head_with_any_bytes_changed_is_read_or_refused(data: st.DataObject) -> None:
    """Changed bytes in real Exif and IIM give a value, never an exception."""
    exif = Image.Exif()
    exif[0x8298] = "(c) A. Person"
    block = resource(iim(UTF_8, (2, 116, b"(c)"), (2, 40, b"TDM reserved")))
    whole = bytearray(
        with_segments(photograph(seed=3, exif=exif), segment(0xED, b"Photoshop 3.0\x00" + block))
    )
    for _ in range(data.draw(st.integers(1, 8))):
        whole[data.draw(st.integers(0, 300))] = data.draw(st.integers(0, 255))
    assert isinstance(read_container(bytes(whole)), (Container, Malformed))


@pytest.mark.control("C1.5", "C5.2")
@given(st.lists(st.binary(max_size=60), max_size=5), st.integers(0, 5))
def test_no_other_field_hides_one_that_can_be_read(others: list[bytes], place: int) -> None:
    """Whatever stands in sound data sets beside it, the notice is found."""
    sets = [(2, 25, other) for other in others]
    stream = iim(*sets[:place], (2, 116, b"No AI training"), *sets[place:])
    assert ("iim:copyright-notice", "No AI training") in read_iim(stream)


@pytest.mark.control("C1.5")
def test_the_fields_come_out_of_the_cage_in_a_form_that_json_keeps() -> None:
    """What the caged function answers survives the frame that carries it."""
    exif = Image.Exif()
    exif[0x8298] = "(c) A. Person \x07"
    answer, content = inspect(JOB, photograph(seed=1, exif=exif))
    assert json.loads(json.dumps(answer))["fields"] == [["exif:copyright", "(c) A. Person \x07"]]
    assert Image.open(io.BytesIO(content)).format == "JPEG"
    bare, _ = inspect(JOB, photograph(seed=1))
    assert bare["fields"] == []


@pytest.mark.control("C1.5")
def test_the_reference_pictures_of_iptc_have_their_fields(vectors: Path) -> None:
    """IIM and Exif of both years, as IPTC filled them."""
    for name, mark in (("2021.1", "ref2021.1"), ("2024.1", "ref2023.2")):
        data = (vectors / "images" / f"IPTC-PhotometadataRef-Std{name}.jpg").read_bytes()
        found: dict[str, Any] = dict(fields_of(data))
        assert set(found) >= {
            "iim:copyright-notice",
            "iim:byline",
            "iim:credit",
            "iim:source",
            "iim:instructions",
        }
        assert all(mark in value for value in found.values()), found
