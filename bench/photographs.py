"""The photographs that both tools fetch: crops and scales of real ones from installed packages."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

Rgb = NDArray[np.uint8]

COUNT = 2500
_ORIGINALS = (
    (
        "skimage.data",
        (
            "astronaut.png",
            "chelsea.png",
            "coffee.png",
            "hubble_deep_field.jpg",
            "ihc.png",
            "retina.jpg",
            "rocket.jpg",
        ),
    ),
    ("sklearn.datasets.images", ("china.jpg", "flower.jpg")),
    ("matplotlib.mpl-data.sample_data", ("grace_hopper.jpg",)),
)
_SIDES = (640, 3072)
_QUALITIES = (80, 92)


def make_photographs(folder: Path) -> list[str]:
    """Make the photographs where they are not there yet; returns their file names.

    Longest sides from 640 to 3072 px, five aspects, JPEG of quality 80 to 92, one PNG and one WebP in fifty.
    A little sensor noise gives enlarged ones the detail, and the file size, of real ones. A fixed seed makes
    the same on every machine.
    """
    names = [f"{number:05d}.{_ending(number)}" for number in range(COUNT)]
    if all((folder / name).is_file() for name in names):
        return names
    folder.mkdir(parents=True, exist_ok=True)
    chance = np.random.default_rng(2026)
    noise = chance.normal(0, 3, (4096, 4096, 3)).astype(np.int16)
    originals = _originals()
    for number, name in enumerate(names):
        original = originals[number % len(originals)]
        height, width = original.shape[:2]
        aspect = chance.choice([1.0, 4 / 3, 3 / 2, 16 / 9, 3 / 4])
        crop_width = int(width * chance.uniform(0.5, 1.0))
        crop_height = min(height, int(crop_width / aspect))
        left, top = (
            int(chance.integers(0, space + 1)) for space in (width - crop_width, height - crop_height)
        )
        longest = int(chance.integers(*_SIDES)) if _ending(number) == "jpg" else _SIDES[0]
        scale = longest / max(crop_width, crop_height)
        size = (max(64, round(crop_width * scale)), max(64, round(crop_height * scale)))
        crop = original[top : top + crop_height, left : left + crop_width]
        picture = cv2.resize(crop, size, interpolation=cv2.INTER_CUBIC).astype(np.int16)
        y, x = (int(chance.integers(0, 4096 - side + 1)) for side in (size[1], size[0]))
        picture += noise[y : y + size[1], x : x + size[0]]
        shot = Image.fromarray(picture.clip(0, 255).astype(np.uint8))
        shot.save(folder / name, quality=int(chance.integers(*_QUALITIES)))
    return names


def _ending(number: int) -> str:
    return {24: "png", 49: "webp"}.get(number % 50, "jpg")


def _originals() -> list[Rgb]:
    loaded = []
    for package, files in _ORIGINALS:
        root, *below = package.split(".")
        folder = resources.files(root).joinpath(*below)
        for file in files:
            with folder.joinpath(file).open("rb") as opened, Image.open(opened) as picture:
                loaded.append(np.asarray(picture.convert("RGB")))
    return loaded
