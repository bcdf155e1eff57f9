import io
import struct
import zlib

import cv2
import numpy as np
import pdqhash
import pytest
from PIL import Image

from clearance.identifiers import Malformed, sha256_of
from clearance.pictures.containers import Container, PictureFormat, read_container
from clearance.pictures.content_ids import content_ids, pdq, reduced_grey
from clearance.pictures.decode import Rgb, decode
from clearance.pictures.encode import encode_jpeg
from clearance.pictures.inspection import inspect, warm_up
from pictures_made import PROHIBITED, photograph, pixels

JOB = {
    "formats": [form.value for form in PictureFormat],
    "max_pixels": 50_000_000,
    "min_side_px": 16,
    "longest_side_px": 256,
    "quality": 90,
}


def decoded(data: bytes, *, longest: int = 256) -> Rgb:
    container = read_container(data)
    assert isinstance(container, Container)
    rgb = decode(data, container, longest_side_px=longest, max_pixels=50_000_000)
    assert not isinstance(rgb, Malformed), rgb
    return rgb


def reference(seed: int, *, width: int, height: int, longest: int = 256) -> Rgb:
    scale = min(1, longest / max(width, height))
    size = (round(width * scale), round(height * scale))
    return np.asarray(
        cv2.resize(pixels(seed=seed, width=width, height=height), size, interpolation=cv2.INTER_AREA),
        dtype=np.uint8,
    )


@pytest.mark.parametrize("form", [form.value for form in PictureFormat])
@pytest.mark.parametrize("width", [700, 300, 200])
def test_every_format_decodes_to_the_picture_it_shows(form: str, width: int) -> None:
    """Reduced to the longest side and never enlarged, the pixels are those of the original, within the codec's loss."""
    options = {"lossless": True} if form == "WEBP" else {"quality": 95} if form in ("JPEG", "AVIF") else {}
    rgb = decoded(photograph(seed=4, width=width, height=150, form=form, **options))
    expected = reference(4, width=width, height=150)
    assert rgb.shape == expected.shape
    loss = float(np.abs(rgb.astype(int) - expected.astype(int)).mean())
    assert loss < (25 if form == "GIF" else 6), loss


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("form", ["JPEG", "PNG"])
def test_a_picture_is_turned_as_its_exif_says(orientation: int, form: str) -> None:
    """All eight orientations, through both decoders, agree with Pillow's."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = photograph(seed=6, width=120, height=80, form=form, exif=exif, quality=95)
    from PIL import ImageOps

    expected = np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(data))).convert("RGB"), dtype=int)
    rgb = decoded(data)
    assert rgb.shape == expected.shape
    assert np.abs(rgb.astype(int) - expected).mean() < 2


def saved(picture: Image.Image, form: str, **options: object) -> bytes:
    output = io.BytesIO()
    picture.save(output, form, **options)
    return output.getvalue()


def test_transparency_lies_on_white() -> None:
    """A picture without a background gets a white one, as people see it on a page."""
    clear = Image.new("RGBA", (40, 30), (255, 0, 0, 0))
    palette = clear.convert("P")
    palette.info["transparency"] = palette.getpixel((0, 0))
    for data in (saved(clear, "PNG"), saved(clear.convert("LA"), "PNG"), saved(clear, "WEBP", lossless=True)):
        assert (decoded(data) == 255).all()


@pytest.mark.parametrize(
    ("mode", "form"),
    [
        ("L", "PNG"),
        ("L", "JPEG"),
        ("CMYK", "JPEG"),
        ("P", "PNG"),
        ("1", "PNG"),
        ("I;16", "PNG"),
        ("F", "TIFF"),
        ("I;16", "TIFF"),
    ],
)
def test_every_colour_mode_becomes_rgb(mode: str, form: str) -> None:
    """Grey, palette, one bit, 16 bit, floating point and CMYK pictures are kept in colour as shown."""
    grey = Image.fromarray(pixels(seed=7, width=64, height=48)).convert("L")
    if mode == "I;16":
        picture = Image.fromarray(np.asarray(grey, dtype=np.uint16) * 257)
    elif mode == "F":
        picture = grey.convert("F")
    else:
        picture = grey.convert("RGB").convert(mode) if mode == "CMYK" else grey.convert(mode)
    rgb = decoded(saved(picture, form))
    assert rgb.shape == (48, 64, 3)
    if mode not in ("1", "P"):
        assert np.abs(rgb[:, :, 0].astype(int) - np.asarray(grey, dtype=int)).mean() < 5


@pytest.mark.control("C5.2")
@pytest.mark.parametrize("form", [form.value for form in PictureFormat])
@pytest.mark.parametrize("part", [0.3, 0.7, 0.95])
def test_a_truncated_picture_is_refused_not_guessed(form: str, part: float) -> None:
    """Half a picture is no picture."""
    whole = photograph(seed=8, width=400, height=300, form=form)
    answer, content = inspect(JOB, whole[: int(len(whole) * part)])
    assert (answer.get("refused"), content) == ("unreadable", b"")


def png_head(width: int, height: int) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + header
    data = b"IDAT" + zlib.compress(bytes(1000))
    return (
        b"\x89PNG\r\n\x1a\n"
        + struct.pack(">I", 13)
        + chunk
        + struct.pack(">I", zlib.crc32(chunk))
        + struct.pack(">I", len(data) - 4)
        + data
        + struct.pack(">I", zlib.crc32(data))
    )


@pytest.mark.control("C5.2")
def test_a_bomb_is_refused_by_its_announced_size() -> None:
    """30,000 x 30,000 pixels in a small file cost nothing: the head is judged before a byte is decoded."""
    answer, _ = inspect(JOB, png_head(30_000, 30_000))
    assert (answer["refused"], "30000 x 30000" in answer["why"]) == ("limits", True)
    jpeg = bytearray(photograph(seed=1))
    frame = jpeg.index(b"\xff\xc0")
    jpeg[frame + 5 : frame + 9] = struct.pack(">HH", 30_000, 30_000)
    answer, _ = inspect(JOB, bytes(jpeg))
    assert answer["refused"] == "limits"
    container = read_container(png_head(30_000, 30_000))
    assert isinstance(container, Container)
    assert isinstance(decode(b"", container, longest_side_px=256, max_pixels=1000), Malformed)


@pytest.mark.control("C5.2")
def test_pictures_outside_the_policy_are_refused_by_name() -> None:
    """Formats, tiny pictures and lying heads are named."""
    gif = photograph(seed=1, form="GIF")
    assert inspect({**JOB, "formats": ["JPEG"]}, gif)[0]["why"] == "format: GIF is not taken"
    assert "under 16 pixels" in inspect(JOB, photograph(seed=1, width=400, height=8))[0]["why"]
    assert inspect(JOB, b"<html>")[0]["why"] == "format: HTML or XML is not taken"


@pytest.mark.control("C2.1")
def test_an_inspected_picture_comes_with_its_names_and_its_words() -> None:
    """SHA-256 and ISCC of the bytes as received, PDQ, and every XMP packet."""
    data = photograph(seed=9, width=600, height=400, xmp=PROHIBITED)
    answer, content = inspect(JOB, data)
    assert answer["sha256"] == sha256_of(data)
    assert answer["iscc"].startswith("ISCC:K")
    assert [unit[:7] for unit in answer["iscc_units"]] == ["ISCC:EE", "ISCC:GA", "ISCC:IA"]
    assert (answer["size"], answer["kept_size"]) == ((600, 400), [256, 171])
    assert answer["xmp"][0]["properties"][0][1] == "DataMining" or len(answer["xmp"][0]["properties"]) >= 1
    assert Image.open(io.BytesIO(content)).size == (256, 171)


@pytest.mark.control("C2.1")
def test_content_ids_follow_the_content() -> None:
    """The same picture re-encoded keeps its Image-Code and PDQ nearly, and changes Data- and Instance-Code."""
    rgb = pixels(seed=10, width=512, height=384)
    one, two = encode_jpeg(rgb, quality=95), encode_jpeg(rgb, quality=60)
    ids = [
        content_ids(data, reduced_grey(decoded(data, longest=512)), sha256=sha256_of(data))
        for data in (one, two)
    ]
    assert ids[0].iscc_image[:9] == ids[1].iscc_image[:9]
    assert ids[0].iscc_instance != ids[1].iscc_instance
    codes = [pdq(reduced_grey(decoded(data, longest=512))) for data in (one, two)]
    distance = bin(int.from_bytes(codes[0].bits, "big") ^ int.from_bytes(codes[1].bits, "big")).count("1")
    assert distance <= 31


@pytest.mark.control("C2.1")
def test_pdq_stays_near_the_reference_hash_of_the_whole_photograph() -> None:
    """On real photographs our reduction lands within Meta's match distance of the reference implementation."""
    data = pytest.importorskip("skimage.data")
    for name in ("astronaut", "chelsea", "coffee", "rocket"):
        whole = np.ascontiguousarray(getattr(data, name)()[:, :, :3])
        large = np.asarray(cv2.resize(whole, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC), dtype=np.uint8)
        reference_bits, _ = pdqhash.compute(large)
        ours = np.unpackbits(
            np.frombuffer(
                pdq(reduced_grey(decoded(encode_jpeg(large, quality=90), longest=512))).bits, np.uint8
            )
        )
        assert int((ours != reference_bits).sum()) <= 31, name


def test_a_flat_picture_has_no_quality() -> None:
    """Codes of flat pictures collide; their quality says so."""
    assert pdq(np.full((64, 64), 128, dtype=np.uint8)).quality < 50


def test_warming_up_touches_every_format() -> None:
    """What is not loaded before the door is locked could not be loaded after."""
    warm_up()
