import io
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from clearance.identifiers import Malformed
from clearance.pictures import Manifests, MiningEntry, Xmp
from clearance.pictures.containers import Container, PictureFormat, read_container, sniff
from clearance.pictures.exif import read_exif
from clearance.pictures.jpeg import read_jpeg_head
from clearance.pictures.manifest import read_assertion, read_manifests
from clearance.pictures.png import read_png_metadata
from clearance.pictures.xmp import read_xmp
from pictures_made import PROHIBITED, photograph, pixels, xmp_packet

PLUS = "http://ns.useplus.org/ldf/xmp/1.0/"
DC = "http://purl.org/dc/elements/1.1/"
FORMATS = [form.value for form in PictureFormat]


@pytest.mark.control("C1.5")
@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
def test_xmp_is_found_in_every_format_that_carries_it(form: str) -> None:
    """A rights holder's packet is read wherever the format keeps it."""
    options: dict[str, Any] = {"tiffinfo": {700: PROHIBITED}} if form == "TIFF" else {"xmp": PROHIBITED}
    if form == "PNG":
        info = PngImagePlugin.PngInfo()
        info.add_itxt("XML:com.adobe.xmp", PROHIBITED.decode(), zip=True)
        options = {"pnginfo": info}
    data = photograph(seed=1, form=form, **options)
    container = read_container(data)
    assert isinstance(container, Container)
    read = [read_xmp(packet) for packet in container.xmp]
    assert any(isinstance(xmp, Xmp) and xmp.values(PLUS, "DataMining") for xmp in read), form


@pytest.mark.control("C1.5")
def test_xmp_without_a_place_is_found_by_its_own_marks() -> None:
    """A packet that stands in clear in a GIF counts."""
    container = read_container(photograph(seed=1, form="GIF") + PROHIBITED)
    assert isinstance(container, Container)
    assert len(container.xmp) == 1


@pytest.mark.control("C1.5")
def test_extended_xmp_is_put_together_in_order() -> None:
    """Packets over 64 KB come in parts, in any order; a part cut short will not parse."""
    packet = PROHIBITED + b" " * 100
    parts = [(0, packet[:300]), (300, packet[300:])]
    head = b"http://ns.adobe.com/xmp/extension/\x00" + b"G" * 32
    segments = b"".join(
        b"\xff\xe1" + struct.pack(">H", 2 + len(body)) + body
        for body in (
            head + struct.pack(">II", len(packet), offset) + part for offset, part in reversed(parts)
        )
    )
    plain = photograph(seed=1)
    found = read_jpeg_head(plain[:2] + segments + plain[2:])
    assert not isinstance(found, Malformed)
    assert found.xmp == (packet,)
    short = b"\xff\xe1" + struct.pack(">H", 2 + 40) + head[:35] + b"short"
    cut = read_jpeg_head(plain[:2] + short + plain[2:])
    assert not isinstance(cut, Malformed)
    assert cut.xmp == ()


@pytest.mark.parametrize("form", FORMATS)
def test_size_and_format_are_told_without_decoding(form: str) -> None:
    """The head of every format names the picture's size."""
    container = read_container(photograph(seed=2, width=123, height=77, form=form))
    assert isinstance(container, Container)
    assert (container.format, container.width, container.height) == (form, 123, 77)
    assert container.media_type == f"image/{form.lower()}"


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_orientation_turns_the_shown_size(form: str) -> None:
    """Width and height are those that people see."""
    exif = Image.Exif()
    exif[0x0112] = 6
    container = read_container(photograph(seed=2, width=120, height=80, form=form, exif=exif))
    assert isinstance(container, Container)
    assert (container.orientation, container.shown_size) == (6, (80, 120))


@pytest.mark.control("C5.2")
@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"", "empty"),
        (b"<!DOCTYPE html><html>", "HTML"),
        (b"  <svg xmlns='http://www.w3.org/2000/svg'/>", "SVG"),
        (b"<?xml version='1.0'?><svg/>", "SVG"),
        (b"BM" + bytes(60), "BMP"),
        (b"8BPS" + bytes(60), "PSD"),
        (b"%PDF-1.7", "PDF"),
        (b"\x00\x00\x00\x18ftypheic" + bytes(40), "HEIC"),
        (b"\x00\x00\x00\x18ftypisom" + bytes(40), "video"),
        (b"PK\x03\x04", "ZIP"),
        (b"hello", "unknown"),
    ],
)
def test_other_formats_are_refused_by_name(data: bytes, name: str) -> None:
    """What is not taken is called what it is."""
    found = sniff(data)
    assert isinstance(found, Malformed)
    assert name in found.why
    assert isinstance(read_container(data), Malformed)


def test_avif_is_known_by_any_of_its_brands() -> None:
    """The major brand may be another."""
    assert sniff(b"\x00\x00\x00\x20ftypmif1\x00\x00\x00\x00mif1avifmiaf") is PictureFormat.AVIF


@pytest.mark.control("C5.2")
@given(
    st.binary(max_size=300),
    st.sampled_from(
        [b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF\x10\x00\x00\x00WEBP", b"GIF89a", b"II*\x00", b""]
    ),
)
@example(data=b"", magic=b"\xff\xd8\xff")
def test_reading_hostile_heads_never_raises(data: bytes, magic: bytes) -> None:
    """Whatever follows the magic bytes, there is an answer."""
    assert isinstance(read_container(magic + data), (Container, Malformed))
    assert 1 <= read_exif(data).orientation <= 8
    read_png_metadata(magic + data)


@pytest.mark.control("C5.2")
@given(st.data())
def test_a_jpeg_with_any_bytes_changed_is_read_or_refused(data: st.DataObject) -> None:
    """Flipped bytes in a real head give a value, never an exception."""
    whole = bytearray(photograph(seed=3, xmp=PROHIBITED, exif=Image.Exif()))
    for _ in range(data.draw(st.integers(1, 8))):
        whole[data.draw(st.integers(0, 900))] = data.draw(st.integers(0, 255))
    assert isinstance(read_container(bytes(whole)), (Container, Malformed))


def exif_block(order: str, tag: int, kind: int, value: int) -> bytes:
    mark = {"<": b"II*\x00", ">": b"MM\x00*"}[order]
    return mark + struct.pack(f"{order}IHHHIHH", 8, 1, tag, kind, 1, value, 0)


def orientation(block: bytes) -> int:
    return read_exif(block).orientation


@pytest.mark.parametrize("order", ["<", ">"])
def test_exif_orientation_is_read_in_both_byte_orders(order: str) -> None:
    """Only a short from 1 to 8 under its tag counts."""
    assert orientation(exif_block(order, 0x0112, 3, 6)) == 6
    assert orientation(exif_block(order, 0x0112, 3, 9)) == 1
    assert orientation(exif_block(order, 0x0112, 4, 6)) == 1
    assert orientation(exif_block(order, 0x0110, 3, 6)) == 1
    assert orientation(exif_block(order, 0x0112, 3, 6)[:12]) == 1
    assert orientation(b"II*\x00" + struct.pack("<I", 5000) + bytes(10)) == 1


@pytest.mark.control("C1.5")
def test_png_text_is_read_plain_and_compressed_and_a_broken_one_is_not_silence() -> None:
    """A packet that does not unpack comes back as it is, so that it is reported as unreadable."""

    def chunk(body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + b"iTXt" + body + bytes(4)

    head, keyword = b"\x89PNG\r\n\x1a\n", b"XML:com.adobe.xmp\x00"
    plain = chunk(keyword + b"\x00\x00\x00\x00" + PROHIBITED)
    packed = chunk(keyword + b"\x01\x00\x00\x00" + zlib.compress(PROHIBITED))
    broken = chunk(keyword + b"\x01\x00\x00\x00nothing packed")
    short = chunk(keyword + b"\x00")
    assert read_png_metadata(head + plain + packed).xmp == (PROHIBITED, PROHIBITED)
    for found in read_png_metadata(head + broken + short).xmp:
        assert isinstance(read_xmp(found), Malformed)


@pytest.mark.control("C1.5")
@pytest.mark.parametrize(
    "rdf",
    [
        f'<rdf:Description xmlns:p="{PLUS}" p:DataMining="v"/>',
        f'<rdf:Description><p:DataMining xmlns:p="{PLUS}">v</p:DataMining></rdf:Description>',
        f'<rdf:Description><p:DataMining xmlns:p="{PLUS}" rdf:resource="v"/></rdf:Description>',
        f'<rdf:Description><p:DataMining xmlns:p="{PLUS}"><rdf:Bag><rdf:li>v</rdf:li></rdf:Bag></p:DataMining></rdf:Description>',
        f'<rdf:Description><p:DataMining xmlns:p="{PLUS}"><rdf:Description rdf:value="x"><rdf:value>v</rdf:value></rdf:Description></p:DataMining></rdf:Description>',
        f'<rdf:Description xmlns:q="urn:q"><q:outer><rdf:Description p:DataMining="v" xmlns:p="{PLUS}"/></q:outer></rdf:Description>',
    ],
)
def test_a_property_is_read_in_every_form_that_rdf_allows(rdf: str) -> None:
    """Attribute, element, resource, bag, nested and structured: one meaning."""
    packet = f'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">{rdf}</rdf:RDF>'
    read = read_xmp(packet.encode())
    assert isinstance(read, Xmp)
    assert "v" in read.values(PLUS, "DataMining")


@pytest.mark.control("C5.2")
@pytest.mark.parametrize(
    ("packet", "why"),
    [
        (b"", "not well-formed"),
        (b"<x", "not well-formed"),
        (b"<x/>", "no rdf:RDF"),
        (b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><x>&b;</x>', "entities"),
        (b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><x/>', "entities"),
        (b"x" * (5 << 20), "larger than"),
        (PROHIBITED.replace(b"plus:DataMining", b"plus:DataMining x y"), "not well-formed"),
        (
            b'<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
            + b"<a>" * 60
            + b"v"
            + b"</a>" * 60
            + b"</r:RDF>",
            "nested too deep",
        ),
        (
            b'<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
            + b"<a>v</a>" * 20_001
            + b"</r:RDF>",
            "more than",
        ),
        (b'<?xml version="1.0" encoding="nonsense"?><x/>', "not well-formed"),
    ],
)
def test_xmp_that_cannot_be_read_is_said_to_be_there(packet: bytes, why: str) -> None:
    """Bombs, foreign entities, nonsense and depth: malformed, bounded, never silence."""
    read = read_xmp(packet)
    assert isinstance(read, Malformed)
    assert why in read.why


@pytest.mark.control("C5.2")
@given(st.binary(max_size=200), st.integers(0, len(PROHIBITED)))
def test_reading_xmp_never_raises(noise: bytes, position: int) -> None:
    """A packet with anything put into it is read or malformed."""
    assert isinstance(read_xmp(PROHIBITED[:position] + noise + PROHIBITED[position:]), (Xmp, Malformed))


@pytest.mark.control("C1.5")
@pytest.mark.parametrize(
    ("assertion", "entries"),
    [
        ({"label": "c2pa.actions"}, []),
        (
            {
                "label": "cawg.training-mining",
                "data": {"entries": {"cawg.ai_training": {"use": "notAllowed"}}},
            },
            [("cawg.training-mining", "cawg.ai_training", "notAllowed", "")],
        ),
        (
            {
                "label": "c2pa.training-mining__2",
                "data": {
                    "c2pa.data_mining": {"use": "constrained", "constraints_info": "ask"},
                    "metadata": {},
                },
            },
            [("c2pa.training-mining", "c2pa.data_mining", "constrained", "ask")],
        ),
        (
            {"label": "c2pa.training-mining", "data": {"entries": {"c2pa.ai_training": "notAllowed"}}},
            [("c2pa.training-mining", "c2pa.ai_training", "notAllowed", "")],
        ),
        ({"label": "cawg.training-mining", "data": "text"}, None),
        ({"label": "cawg.training-mining", "data": {"entries": []}}, None),
        ({"label": "cawg.training-mining", "data": {"entries": {"cawg.ai_training": {"use": 1}}}}, None),
    ],
)
def test_training_mining_assertions_are_read_in_all_their_forms(
    assertion: dict[str, object], entries: list[tuple[str, ...]] | None
) -> None:
    """Both labels, with and without the map around the entries; another form is unreadable, not silence."""
    read = read_assertion(assertion, place="active")
    expected = (
        None
        if entries is None
        else [MiningEntry(label=a, key=b, use=c, constraint=d, place="active") for a, b, c, d in entries]
    )
    assert read == expected


@pytest.mark.control("C1.5")
def test_a_picture_without_a_manifest_says_nothing_and_a_broken_one_is_unreadable() -> None:
    """The names of JUMBF by chance are no manifest; one that cannot be parsed is reported."""
    assert read_manifests(photograph(seed=1), "image/jpeg") is None
    plain = photograph(seed=1)
    body = b"JP\x00\x01\x00\x00\x00\x01\x00\x00\x00\x40jumb\x00\x00\x00\x28jumdc2pa\x00\x11\x00\x10training-mining"
    broken = plain[:2] + b"\xff\xeb" + struct.pack(">H", 2 + len(body)) + body + plain[2:]
    read = read_manifests(broken, "image/jpeg")
    assert isinstance(read, Malformed)
    assert (read.where, "training and mining" in read.why) == ("C2PA", True)


@pytest.mark.control("C1.5", "P2.4")
def test_published_pictures_with_manifests_are_read(vectors: Path) -> None:
    """CAWG's, the older label's, broken and changed ones: a statement, a state, or a report; never a crash."""
    cawg = read_manifests((vectors / "images" / "C_with_CAWG_data.jpg").read_bytes(), "image/jpeg")
    assert isinstance(cawg, Manifests)
    assert ("cawg.ai_generative_training", "notAllowed") in {(entry.key, entry.use) for entry in cawg.entries}
    opted_out = read_manifests((vectors / "images" / "datadiligence-opted-out.png").read_bytes(), "image/png")
    assert isinstance(opted_out, Manifests)
    assert {entry.use for entry in opted_out.entries} == {"notAllowed"}
    for path in sorted((vectors / "images").glob("c2pa-adobe-*.jpg")):
        data = path.read_bytes()
        container = read_container(data)
        assert isinstance(container, Container)
        if container.has_c2pa:
            assert isinstance(read_manifests(data, "image/jpeg"), (Manifests, Malformed)), path.name


@pytest.mark.control("C1.5")
def test_the_reference_pictures_of_iptc_say_what_they_say(vectors: Path) -> None:
    """The picture of 2024 prohibits generative training, that of 2021 is silent."""
    for name, expected in (("2024.1", ["PROHIBITED-GENAIMLTRAINING"]), ("2021.1", [])):
        container = read_container((vectors / "images" / f"IPTC-PhotometadataRef-Std{name}.jpg").read_bytes())
        assert isinstance(container, Container)
        values = [
            value
            for packet in container.xmp
            if isinstance(xmp := read_xmp(packet), Xmp)
            for value in xmp.values(PLUS, "DataMining")
        ]
        assert [value.rpartition("DMI-")[2] for value in values] == expected


def test_pixels_are_made_the_same_for_a_seed() -> None:
    """Tests compare pictures; the same seed gives the same one."""
    assert np.array_equal(pixels(seed=5), pixels(seed=5))
    assert isinstance(read_xmp(xmp_packet('dc:format="x"')), Xmp)
    assert Image.open(io.BytesIO(photograph(seed=5))).format == "JPEG"
