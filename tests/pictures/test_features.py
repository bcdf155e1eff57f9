"""What pictures are found by: codes that the reference gives, local features all over, and bounded bytes."""

from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearance.identifiers import sha256_of
from clearance.pictures.containers import PictureFormat
from clearance.pictures.content_ids import pdq, reduced_grey
from clearance.pictures.embedding import Embedder, Model
from clearance.pictures.features import (
    FEATURE_SIDE,
    POINTS,
    features_of,
    image_code,
    inside_border,
    pack_features,
)
from clearance.pictures.packed_features import read_query, unpack_features
from clearance.pictures.query import describe, described, warm_up
from fingerprints_made import bits_between
from pictures_made import photograph, pixels, textured


def framed(rgb: Any, *, colour: int = 255) -> Any:
    return cv2.copyMakeBorder(rgb, 30, 40, 50, 20, cv2.BORDER_CONSTANT, value=(colour,) * 3)


@pytest.mark.control("C4.1")
def test_features_lie_all_over_the_picture() -> None:
    """Two hundred at most, in every quarter, in the pixels of the reduced picture; codes as collecting has them."""
    rgb = textured(1, width=800, height=600)
    found = features_of(rgb)
    code = pdq(reduced_grey(rgb))
    assert (found.pdq, found.pdq_quality, found.pdq_trimmed) == (code.bits, code.quality, b"")
    assert (found.width, found.height) == (FEATURE_SIDE, 384)
    assert found.points.shape == (POINTS, 2)
    assert found.descriptors.shape == (POINTS, 32)
    quarters = (found.points >= (FEATURE_SIDE // 2, 192)) @ (1, 2)
    assert np.bincount(quarters, minlength=4).min() >= 25


@pytest.mark.control("C4.1")
def test_a_border_of_one_colour_is_left_out_of_the_trimmed_code_and_the_image_code() -> None:
    """Framed and not framed are one picture to both codes; a plain picture has no border, nor has a small thing."""
    rgb = textured(2)
    box = inside_border(framed(rgb))
    assert box == (50, 30, 370, 270)
    found, bare = features_of(framed(rgb)), features_of(rgb)
    assert found.pdq_trimmed == bare.pdq
    assert found.pdq_trimmed_quality == bare.pdq_quality
    assert found.iscc == bare.iscc == image_code(rgb)
    plain = np.full((100, 100, 3), 200, np.uint8)
    assert inside_border(plain) is None
    plain[50:60, 50:60] = 0
    assert inside_border(plain) is None


@pytest.mark.control("C4.1")
def test_a_plain_or_tiny_picture_has_no_local_features() -> None:
    """Its codes are there, of no quality."""
    plain = features_of(np.full((200, 300, 3), 90, np.uint8))
    tiny = features_of(textured(1, width=300, height=20))
    assert (len(plain.points), plain.pdq_quality) == (0, 0)
    assert len(tiny.points) == 0


@pytest.mark.control("C2.1")
def test_the_image_code_is_the_standards() -> None:
    """Its first 64 bits are those that the ISCC of the same pixels has; near pictures have near codes."""
    rgb = pixels(seed=4)
    worse = cv2.imdecode(cv2.imencode(".jpg", rgb, [cv2.IMWRITE_JPEG_QUALITY, 30])[1], cv2.IMREAD_COLOR)
    assert len(image_code(rgb)) == 32
    assert bits_between(image_code(rgb), image_code(np.ascontiguousarray(worse))) <= 31
    assert bits_between(image_code(rgb), image_code(pixels(seed=5))) > 60


@pytest.mark.control("C1.2")
def test_a_query_is_seen_turned_mirrored_and_without_its_border() -> None:
    """The first of eight codes is the picture's own; the others are those of its turns; the mirror image has
    local features of its own.
    """
    rgb = textured(3)
    header, payload = described(framed(rgb))
    query = read_query({**header, "size": [390, 310]}, payload)
    assert query.trimmed_codes[0] == features_of(rgb).pdq
    turned = {pdq(reduced_grey(np.ascontiguousarray(np.rot90(rgb, turns)))).bits for turns in range(4)}
    mirrored = {
        pdq(reduced_grey(np.ascontiguousarray(np.rot90(rgb[:, ::-1], turns)))).bits for turns in range(4)
    }
    for code in turned | mirrored:
        assert min(bits_between(code, each) for each in query.trimmed_codes) <= 8
    assert query.inner == pytest.approx((50 / 390, 30 / 310, 320 / 390, 240 / 310))
    assert len(query.points) > 200 < len(query.mirrored_points)


@pytest.mark.control("C5.2")
def test_features_cross_the_wall_as_they_are() -> None:
    """Packed and read back they are the same, with a border and without."""
    for rgb in (textured(5), framed(textured(5)), np.zeros((40, 40, 3), np.uint8)):
        one = features_of(rgb)
        back = unpack_features(pack_features(one))
        for name in one.__slots__:
            ours, theirs = getattr(one, name), getattr(back, name)
            assert np.array_equal(ours, theirs), name


@pytest.mark.control("C5.2")
@given(st.data())
def test_bytes_that_are_no_features_are_refused(data: st.DataObject) -> None:
    """A decoder that was taken over may answer anything: what is read has its shapes, or is an error."""
    whole = pack_features(features_of(np.zeros((40, 40, 3), np.uint8)))
    raw = data.draw(
        st.one_of(
            st.binary(max_size=300),
            st.integers(0, len(whole) - 1).map(lambda end: whole[:end]),
            st.binary(min_size=1, max_size=8).map(lambda more: whole + more),
            st.integers(0, 65535).map(lambda count: whole[:-2] + count.to_bytes(2, "big")),
        )
    )
    try:
        read = unpack_features(raw)
    except ValueError:
        return
    assert len(read.points) == len(read.descriptors) <= 4096


@pytest.mark.control("C5.2")
def test_an_answer_that_is_no_query_is_refused() -> None:
    """Too few codes, codes of another length, a payload that goes on."""
    header, payload = described(textured(6))
    sized = {**header, "size": [320, 240]}
    assert read_query(sized, payload).shown_width == 320
    for changes, content in (
        ({"codes": header["codes"][:7]}, payload),
        ({"codes": ["00"] * 8}, payload),
        ({"trimmed_codes": header["codes"][:1]}, payload),
        ({}, payload + b"\0"),
        ({}, payload[:-1]),
    ):
        with pytest.raises(ValueError, match=r"."):
            read_query({**sized, **changes}, content)


@pytest.mark.control("C5.2")
def test_a_query_is_described_in_any_format_within_its_limits() -> None:
    """Each format is read; what is no picture, too large, too small or not taken is refused with the reason."""
    warm_up()
    job = {"formats": [form.value for form in PictureFormat], "max_pixels": 100_000, "min_side_px": 16}
    for form in PictureFormat:
        header, payload = describe(job, photograph(seed=1, form=form.value))
        assert read_query(header, payload).shown_width == 320, form
    for changes, data, why in (
        ({}, b"nothing", ""),
        ({"max_pixels": 1000}, photograph(seed=1), "size: 320 x 240 is more than 1000 pixels"),
        ({"min_side_px": 300}, photograph(seed=1), "size: 320 x 240: a side is under 300 pixels"),
        ({"formats": ["PNG"]}, photograph(seed=1), "format: JPEG is not taken"),
        ({}, photograph(seed=1, form="PNG")[:400], ""),
    ):
        header, payload = describe({**job, **changes}, data)
        assert (header["refused"], payload) == (True, b"")
        assert header["why"] == (why or header["why"])


@pytest.mark.control("C5.2")
def test_an_own_model_is_given_and_asked_by_its_hash() -> None:
    """Until it is there a worker says so; a picture that does not decode, a model that fails or answers nothing
    has no vector; a vector has length one.
    """

    def load(data: bytes) -> Model:
        if data == b"broken":
            raise ValueError("no model")
        return lambda batch: batch.mean(axis=(0, 2, 3)) * (0 if data == b"nothing" else 1)

    embedder = Embedder(load)
    job = {
        "do": "embed",
        "model": sha256_of(b"model"),
        "size": 16,
        "layout": "NCHW",
        "mean": [0.0] * 3,
        "std": [1.0] * 3,
        "longest_side_px": 512,
        "max_pixels": 1 << 20,
    }
    assert embedder.answer(job, photograph(seed=1)) == ({"needs_model": True}, b"")
    assert embedder.answer({"do": "load"}, b"broken")[0] == {"failure": "model: ValueError: no model"}
    assert embedder.answer({"do": "load"}, b"model") == ({"loaded": True}, b"")
    header, payload = embedder.answer(job, photograph(seed=1))
    assert header == {"dimensions": 3}
    assert np.linalg.norm(np.frombuffer(payload, "<f4")) == pytest.approx(1)
    for changes, data in (
        ({}, b"nothing"),
        ({}, photograph(seed=1, form="PNG")[:400]),
        # A side of nothing: the library that prepares the picture refuses.
        ({"size": 0}, photograph(seed=1)),
    ):
        assert "failure" in embedder.answer({**job, **changes}, data)[0]
    assert embedder.answer({**job, "model": "0" * 64}, photograph(seed=1)) == ({"needs_model": True}, b"")
    embedder.answer({"do": "load"}, b"nothing")
    failed, _ = embedder.answer({**job, "model": sha256_of(b"nothing")}, photograph(seed=1))
    assert failed == {"failure": "model: a vector of 3 numbers and length 0"}
