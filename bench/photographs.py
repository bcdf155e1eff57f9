"""The photographs that both tools fetch: crops and scales of real ones that installed packages carry, made once."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import numpy as np
from PIL import Image

COUNT = 2500
_ORIGINALS = (
    ("skimage.data", ("astronaut.png", "chelsea.png", "coffee.png", "hubble_deep_field.jpg", "ihc.png", "retina.jpg", "rocket.jpg")),
    ("sklearn.datasets.images", ("china.jpg", "flower.jpg")),
    ("matplotlib.mpl-data.sample_data", ("grace_hopper.jpg",)),
)
_SIDES = (640, 2048)
_QUALITIES = (80, 92)


def make_photographs(folder: Path) -> list[str]:
    """Make the photographs where they are not there yet; returns their file names.

    Longest sides from 640 to 2048 px, five aspects, JPEG of quality 80 to 92, one PNG and one WebP in fifty. A fixed seed
    makes the same files on every machine.
    """
    names = [f"{number:05d}.{_ending(number)}" for number in range(COUNT)]
    if all((folder / name).is_file() for name in names):
        return names
    folder.mkdir(parents=True, exist_ok=True)
    chance = np.random.default_rng(2026)
    originals = _originals()
    for number, name in enumerate(names):
        original = originals[number % len(originals)]
        aspect = chance.choice([1.0, 4 / 3, 3 / 2, 16 / 9, 3 / 4])
        width = int(original.width * chance.uniform(0.5, 1.0))
        height = min(original.height, int(width / aspect))
        left, top = (int(chance.integers(0, space + 1)) for space in (original.width - width, original.height - height))
        longest = int(chance.integers(*_SIDES))
        scale = longest / max(width, height)
        picture = original.crop((left, top, left + width, top + height)).resize(
            (max(64, round(width * scale)), max(64, round(height * scale))), Image.Resampling.BICUBIC
        )
        quality = int(chance.integers(*_QUALITIES))
        picture.save(folder / name, quality=quality)
    return names


def _ending(number: int) -> str:
    return {24: "png", 49: "webp"}.get(number % 50, "jpg")


def _originals() -> list[Image.Image]:
    loaded = []
    for package, files in _ORIGINALS:
        root, *below = package.split(".")
        folder = resources.files(root).joinpath(*below)
        for file in files:
            with folder.joinpath(file).open("rb") as opened, Image.open(opened) as picture:
                loaded.append(picture.convert("RGB"))
    return loaded
