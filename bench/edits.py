"""What people do to a picture before it comes back: 32 edits, each a pure function of pixels.

The list is that of the copy-detection literature: re-encoding, size, crops, turns, overlays, colour, frames,
and a picture within another one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Rgb = NDArray[np.uint8]
_FONT = cv2.FONT_HERSHEY_SIMPLEX
_WHITE = (255, 255, 255)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Edited:
    """What an edit works on: the picture, others that it may be put into, and chance."""

    rgb: Rgb
    others: Sequence[Rgb]
    chance: np.random.Generator


def _jpeg(rgb: Rgb, quality: int) -> Rgb:
    encoded = cv2.imencode(".jpg", rgb, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return np.asarray(cv2.imdecode(encoded, cv2.IMREAD_COLOR), np.uint8)


def _sized(rgb: Rgb, width: int, height: int) -> Rgb:
    way = cv2.INTER_AREA if width < rgb.shape[1] else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(rgb, (max(1, width), max(1, height)), interpolation=way), np.uint8)


def _scaled(rgb: Rgb, scale: float) -> Rgb:
    return _sized(rgb, round(rgb.shape[1] * scale), round(rgb.shape[0] * scale))


def _cropped(rgb: Rgb, gone: float, chance: np.random.Generator) -> Rgb:
    side = np.sqrt(1 - gone)
    height, width = (int(length * side) for length in rgb.shape[:2])
    top, left = (
        int(chance.integers(0, whole - part + 1))
        for whole, part in zip(rgb.shape[:2], (height, width), strict=True)
    )
    return np.ascontiguousarray(rgb[top : top + height, left : left + width])


def _turned(rgb: Rgb, degrees: float) -> Rgb:
    height, width = rgb.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1)
    return np.asarray(cv2.warpAffine(rgb, matrix, (width, height)), np.uint8)


def _mirrored(rgb: Rgb) -> Rgb:
    return np.ascontiguousarray(rgb[:, ::-1])


def _text(rgb: Rgb) -> Rgb:
    made, (height, width) = rgb.copy(), rgb.shape[:2]
    for line, words in enumerate(("SUMMER SALE", "only today", "www.example.org")):
        place = (width // 12, int(height * (0.25 + 0.25 * line)))
        colour = _WHITE if line % 2 else (200, 0, 0)
        cv2.putText(made, words, place, _FONT, width / 400, colour, max(2, width // 150))
    return made


def _logo(rgb: Rgb) -> Rgb:
    made, (height, width) = rgb.copy(), rgb.shape[:2]
    side = min(height, width) // 4
    cv2.rectangle(made, (width - side - 10, height - side - 10), (width - 10, height - 10), (30, 160, 30), -1)
    cv2.circle(made, (width - 10 - side // 2, height - 10 - side // 2), side // 3, (240, 240, 240), -1)
    return made


def _watermark(rgb: Rgb) -> Rgb:
    over, (height, width) = rgb.copy(), rgb.shape[:2]
    for y in range(40, height, 120):
        for x in range(0, width, 260):
            cv2.putText(over, "(c) AGENCY", (x, y), _FONT, 1, _WHITE, 2)
    return np.asarray(cv2.addWeighted(rgb, 0.65, over, 0.35, 0), np.uint8)


def _brighter(rgb: Rgb) -> Rgb:
    return np.asarray(np.clip(rgb.astype(np.float32) * 1.3 + 25, 0, 255), np.uint8)


def _grey(rgb: Rgb) -> Rgb:
    return np.asarray(cv2.cvtColor(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB), np.uint8)


def _noisy(rgb: Rgb, chance: np.random.Generator) -> Rgb:
    return np.asarray(np.clip(rgb + chance.normal(0, 25, rgb.shape), 0, 255), np.uint8)


def _framed(rgb: Rgb) -> Rgb:
    side = int(0.1 * max(rgb.shape[:2]))
    return np.asarray(
        cv2.copyMakeBorder(rgb, side, side, side, side, cv2.BORDER_CONSTANT, value=_WHITE), np.uint8
    )


def _meme(rgb: Rgb) -> Rgb:
    height, width = rgb.shape[:2]
    bar = height // 5
    made = cv2.copyMakeBorder(rgb, bar, bar, 0, 0, cv2.BORDER_CONSTANT, value=_WHITE)
    cv2.putText(made, "WHEN THE PICTURE", (width // 20, int(bar * 0.7)), _FONT, width / 420, (0, 0, 0), 2)
    cv2.putText(made, "IS A MEME", (width // 5, height + int(bar * 1.7)), _FONT, width / 420, (0, 0, 0), 2)
    return np.asarray(made, np.uint8)


def _screenshot(rgb: Rgb) -> Rgb:
    page = np.full((900, 1440, 3), 255, np.uint8)
    cv2.rectangle(page, (0, 0), (1440, 70), (60, 60, 60), -1)
    cv2.putText(page, "https://example.org/gallery/picture.html", (120, 45), _FONT, 0.8, (230, 230, 230), 2)
    for y in range(120, 880, 28):
        words = "Lorem ipsum dolor sit amet, consectetur adipiscing"
        cv2.putText(page, words, (30, y), _FONT, 0.55, (20, 20, 20), 1)
    shown = _scaled(rgb, min(620 / rgb.shape[1], 500 / rgb.shape[0]))
    page[150 : 150 + shown.shape[0], 700 : 700 + shown.shape[1]] = shown
    return page


def _leaning(rgb: Rgb) -> Rgb:
    height, width = rgb.shape[:2]
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    moved = np.array(
        [[width * 0.06, height * 0.04], [width * 0.97, 0], [width * 0.93, height], [0, height * 0.95]],
        np.float32,
    )
    matrix = cv2.getPerspectiveTransform(corners, moved)
    return np.asarray(cv2.warpPerspective(rgb, matrix, (width, height)), np.uint8)


def _collage(edited: Edited) -> Rgb:
    made = np.zeros((600, 800, 3), np.uint8)
    for place, rgb in enumerate((edited.rgb, *edited.others[:3])):
        top, left = place // 2 * 300, place % 2 * 400
        made[top : top + 300, left : left + 400] = _sized(rgb, 400, 300)
    return made


def _within(edited: Edited, share: float) -> Rgb:
    """Put the picture into another one, so that it takes a share of the whole."""
    made = _sized(edited.others[3], 1000, 750)
    aspect = edited.rgb.shape[1] / edited.rgb.shape[0]
    height = min(740, int(np.sqrt(share * 1000 * 750 / aspect)))
    width = min(990, int(height * aspect))
    top, left = (750 - height) // 3, (1000 - width) * 2 // 3
    made[top : top + height, left : left + width] = _sized(edited.rgb, width, height)
    return made


def _half_replaced(edited: Edited) -> Rgb:
    made, (height, width) = edited.rgb.copy(), edited.rgb.shape[:2]
    made[:, width // 2 :] = _sized(edited.others[4], width, height)[:, width // 2 :]
    return made


def _strong(edited: Edited) -> Rgb:
    return _jpeg(_text(_turned(_cropped(_mirrored(edited.rgb), 0.2, edited.chance), 8)), 30)


EDITS: dict[str, Callable[[Edited], Rgb]] = {
    "JPEG 75": lambda edited: _jpeg(edited.rgb, 75),
    "JPEG 30": lambda edited: _jpeg(edited.rgb, 30),
    "JPEG 10": lambda edited: _jpeg(edited.rgb, 10),
    "resize to 50 %": lambda edited: _scaled(edited.rgb, 0.5),
    "resize to 20 %, JPEG 50": lambda edited: _jpeg(_scaled(edited.rgb, 0.2), 50),
    "aspect to 1:1": lambda edited: _sized(edited.rgb, *[min(edited.rgb.shape[:2])] * 2),
    "crop away 10 %": lambda edited: _cropped(edited.rgb, 0.1, edited.chance),
    "crop away 25 %": lambda edited: _cropped(edited.rgb, 0.25, edited.chance),
    "crop away 50 %": lambda edited: _cropped(edited.rgb, 0.5, edited.chance),
    "crop away 75 %": lambda edited: _cropped(edited.rgb, 0.75, edited.chance),
    "rotate 3 degrees": lambda edited: _turned(edited.rgb, 3),
    "rotate 10 degrees": lambda edited: _turned(edited.rgb, 10),
    "rotate 90 degrees": lambda edited: np.ascontiguousarray(np.rot90(edited.rgb)),
    "mirror": lambda edited: _mirrored(edited.rgb),
    "text": lambda edited: _text(edited.rgb),
    "logo": lambda edited: _logo(edited.rgb),
    "watermark": lambda edited: _watermark(edited.rgb),
    "brighter": lambda edited: _brighter(edited.rgb),
    "grey": lambda edited: _grey(edited.rgb),
    "channels swapped": lambda edited: np.ascontiguousarray(edited.rgb[..., ::-1]),
    "colours inverted": lambda edited: 255 - edited.rgb,
    "blur, sigma 3": lambda edited: np.asarray(cv2.GaussianBlur(edited.rgb, (0, 0), 3), np.uint8),
    "noise, sigma 25": lambda edited: _noisy(edited.rgb, edited.chance),
    "border 10 %": lambda edited: _framed(edited.rgb),
    "meme bars": lambda edited: _meme(edited.rgb),
    "in a page's screenshot": lambda edited: _screenshot(edited.rgb),
    "perspective": lambda edited: _leaning(edited.rgb),
    "one of four in a collage": _collage,
    "30 % of a composite": lambda edited: _within(edited, 0.3),
    "10 % of a composite": lambda edited: _within(edited, 0.1),
    "half replaced": _half_replaced,
    "mirror, crop, turn, text, JPEG 30": _strong,
}
"""Each edit by its name, in the order of the table."""
