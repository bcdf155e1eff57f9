"""Text in pictures: found where a reader is installed, and never said to be absent."""

import cv2
import numpy as np
import pytest

from clearance.pictures.decode import Rgb
from clearance.pictures.text import AVAILABLE, TEXT_METHODS, load, read_text
from clearance.pictures.text_lines import MAX_LINES, TextLine, merged
from pictures_made import pixels

needs_reader = pytest.mark.skipif(not AVAILABLE, reason="the extra `ocr` is not installed")


def marked(text: str, *, opacity: float, width: int = 512, height: int = 384, scale: float = 2.0) -> Rgb:
    """A picture with words laid over it in white."""
    layer = np.zeros((height, width), dtype=np.uint8)
    cv2.putText(layer, text, (30, height // 2), cv2.FONT_HERSHEY_SIMPLEX, scale, 255, 4, cv2.LINE_AA)
    share = layer[..., None].astype(np.float32) / 255 * opacity
    ground = pixels(seed=5, width=width, height=height).astype(np.float32)
    return np.asarray((ground * (1 - share) + 255 * share).round(), dtype=np.uint8)


def line(text: str, *, x: int = 0, y: int = 0, score: int = 900) -> TextLine:
    return TextLine(text=text, x=x, y=y, width=100, height=20, score_permille=score)


@needs_reader
@pytest.mark.control("C1.1")
def test_words_laid_over_a_picture_are_read_with_their_place() -> None:
    """Boldly or faintly, in pixels of the picture that was handed in."""
    load()
    assert TEXT_METHODS.startswith("rapidocr/")
    for opacity in (0.9, 0.4):
        found = [each for each in read_text(marked("gettyimages", opacity=opacity)) if "getty" in each.text]
        assert found, opacity
        assert all(each.score_permille > 500 for each in found)
        assert 0 <= found[0].x < 60
        assert 110 < found[0].y < 192
        assert 300 < found[0].width < 512


@needs_reader
@pytest.mark.control("C5.2")
@pytest.mark.parametrize(("height", "width"), [(1, 1), (2, 2000), (2000, 2), (24, 24)])
def test_pictures_of_any_shape_are_read_in_bounded_memory(height: int, width: int) -> None:
    """A strip of two pixels is not enlarged until it fills the memory."""
    assert read_text(np.zeros((height, width, 3), dtype=np.uint8)) == ()


@pytest.mark.control("C1.1")
def test_what_two_passes_read_is_told_once() -> None:
    """The surest reading of a line stays; the same words elsewhere are another line."""
    lines = [
        line("Alamy", y=50, score=700),
        line("alamy", x=5, y=52, score=950),
        line("alamy", y=300),
        line("other", y=50),
    ]
    assert merged(lines) == (line("other", y=50), line("alamy", x=5, y=52, score=950), line("alamy", y=300))


@pytest.mark.control("C5.2")
def test_lines_of_one_picture_are_bounded() -> None:
    """A picture of many pages is cut to its surest lines."""
    lines = [line(str(n), y=n, score=n) for n in range(MAX_LINES + 50)]
    assert merged(lines) == tuple(lines[50:])
