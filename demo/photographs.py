"""The photographs of the demo: where each comes from, whose it is, and the pieces that are cut from it.

They come out of installed Python packages, so that nothing is fetched. Only true photographs whose origin
and licence the package documents are used. Left out of scikit-image: `moon`, `motorcycle` (no licence
stated), `coins`, `ihc` ("no known restrictions" is not a licence), `camera`, `retina` (a private person),
and what is not a photograph or not surely one (`brick`, `gravel`, `cell`, `page`, `text`, drawings).

Several distinct pieces of one photograph are cut, to have more pictures: a `Piece` names its box.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType

from PIL import Image, ImageOps

_CC0 = "https://creativecommons.org/publicdomain/zero/1.0/"
_PDM = "https://creativecommons.org/publicdomain/mark/1.0/"
_CC_BY_2 = "https://creativecommons.org/licenses/by/2.0/"
_JPEG_QUALITY = 92


class PhotographMissing(Exception):
    """A package of the demo group is not installed, or no longer carries a photograph."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A part of a photograph; the box is left, top, right, bottom as shares of width and height."""

    caption: str
    box: tuple[float, float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Photograph:
    """One photograph as a package carries it, with the facts that its documentation states."""

    package: str
    file: str
    title: str
    author: str
    licence: str
    licence_url: str
    origin: str
    """Where the package says that it has it from."""
    documented: str
    """Where the package says so."""
    pieces: Mapping[str, Piece]

    @property
    def credit(self) -> str:
        """The line that stands beside every copy."""
        return f"{self.author} ({self.licence})"


def _pieces(**pieces: tuple[str, tuple[float, float, float, float]]) -> Mapping[str, Piece]:
    return MappingProxyType({name: Piece(caption=text, box=box) for name, (text, box) in pieces.items()})


_SKIMAGE = "scikit-image 0.26, docstring in skimage/data/_fetchers.py"
_SKLEARN = "scikit-learn, sklearn/datasets/images/README.txt"

PHOTOGRAPHS: Mapping[str, Photograph] = MappingProxyType(
    {
        "astronaut": Photograph(
            package="skimage",
            file="data/astronaut.png",
            title="Astronaut Eileen Collins, official portrait",
            author="NASA",
            licence="public domain",
            licence_url=_PDM,
            origin="NASA Great Images, https://flic.kr/p/r9qvLn",
            documented=_SKIMAGE,
            pieces=_pieces(
                portrait=("Portrait of astronaut Eileen Collins", (0.2, 0.0, 0.75, 0.47)),
                shuttle=("Model of the Space Shuttle in a portrait studio", (0.68, 0.0, 1.0, 0.6)),
                helmet=("Black visor of a launch suit's helmet", (0.5, 0.64, 1.0, 1.0)),
                patch=("Name tag and mission patch on an orange launch suit", (0.15, 0.55, 0.6, 1.0)),
            ),
        ),
        "rocket": Photograph(
            package="skimage",
            file="data/rocket.jpg",
            title="Falcon 9 with DSCOVR on the launch pad at dusk",
            author="SpaceX",
            licence="public domain",
            licence_url=_PDM,
            origin="https://www.flickr.com/photos/spacexphotos/16511594820/",
            documented=_SKIMAGE,
            pieces=_pieces(
                pad=("A rocket between two lightning towers", (0.28, 0.15, 0.74, 1.0)),
                mast=("Lightning tower against the evening sky", (0.8, 0.0, 1.0, 0.75)),
                lights=("Floodlights of a launch pad at dusk", (0.1, 0.62, 0.75, 1.0)),
                tower=("Steel lattice of a tower at the launch site", (0.0, 0.0, 0.22, 0.95)),
                nose=("Nose cone of a rocket under a blue sky", (0.36, 0.18, 0.66, 0.62)),
            ),
        ),
        "hubble": Photograph(
            package="skimage",
            file="data/hubble_deep_field.jpg",
            title="Hubble eXtreme Deep Field",
            author="NASA",
            licence="public domain",
            licence_url=_PDM,
            origin="http://hubblesite.org/newscenter/archive/releases/2012/37/image/a/",
            documented=_SKIMAGE,
            pieces=_pieces(
                northwest=("Galaxies in the deep field, north-west", (0.0, 0.0, 0.4, 0.4)),
                northeast=("Galaxies in the deep field, north-east", (0.6, 0.0, 1.0, 0.4)),
                southwest=("Galaxies in the deep field, south-west", (0.0, 0.6, 0.4, 1.0)),
                southeast=("Galaxies in the deep field, south-east", (0.6, 0.6, 1.0, 1.0)),
                centre=("Galaxies in the centre of the deep field", (0.32, 0.3, 0.68, 0.7)),
            ),
        ),
        "hopper": Photograph(
            package="matplotlib",
            file="mpl-data/sample_data/grace_hopper.jpg",
            title="Commodore Grace M. Hopper, official portrait",
            author="US Navy",
            licence="public domain",
            licence_url=_PDM,
            origin="US Navy photograph of 1984, NH 96919-KN",
            documented="https://github.com/matplotlib/matplotlib/pull/1599",
            pieces=_pieces(
                portrait=("Portrait of Commodore Grace Hopper", (0.2, 0.0, 0.85, 0.62)),
                ribbons=("Ribbons and a brass button on a navy uniform", (0.45, 0.72, 1.0, 1.0)),
                flag=("Flag with gold fringe in a portrait studio", (0.0, 0.0, 0.27, 0.6)),
            ),
        ),
        "chelsea": Photograph(
            package="skimage",
            file="data/chelsea.png",
            title="Chelsea the cat",
            author="Stefan van der Walt",
            licence="CC0-1.0",
            licence_url=_CC0,
            origin="given by the photographer",
            documented=_SKIMAGE,
            pieces=_pieces(
                whole=("A tabby cat looks past the camera", (0.0, 0.0, 1.0, 1.0)),
                eyes=("Green eyes of a tabby cat", (0.24, 0.18, 0.82, 0.6)),
                nose=("Nose and whiskers of a cat", (0.38, 0.5, 0.8, 1.0)),
                ear=("Forehead and ear of a tabby cat", (0.4, 0.0, 0.9, 0.5)),
                eye=("One eye of a cat, close", (0.26, 0.2, 0.56, 0.6)),
                cheek=("White whiskers of a cat against its fur", (0.0, 0.45, 0.5, 1.0)),
                fur=("Striped fur on a cat's forehead", (0.1, 0.0, 0.7, 0.35)),
                profile=("A cat's face, cut tall", (0.3, 0.0, 0.8, 1.0)),
            ),
        ),
        "coffee": Photograph(
            package="skimage",
            file="data/coffee.png",
            title="Coffee cup",
            author="Rachel Michetti",
            licence="CC0-1.0",
            licence_url=_CC0,
            origin="given by the photographer, courtesy of Pikolo Espresso Bar",
            documented=_SKIMAGE,
            pieces=_pieces(
                whole=("Espresso in a red cup on a wooden table", (0.0, 0.0, 1.0, 1.0)),
                cup=("White rim of an espresso cup", (0.26, 0.0, 0.72, 0.62)),
                spoon=("Spoon on a red saucer", (0.5, 0.45, 0.85, 1.0)),
                handle=("Handle of a red cup", (0.12, 0.45, 0.55, 1.0)),
                crema=("Crema of an espresso, close", (0.32, 0.15, 0.64, 0.55)),
                table=("Grain of a wooden table", (0.72, 0.0, 1.0, 0.7)),
                saucer=("Edge of a red saucer on wood", (0.0, 0.3, 0.4, 1.0)),
                tall=("A red cup, cut tall", (0.25, 0.0, 0.65, 1.0)),
            ),
        ),
        "china": Photograph(
            package="sklearn",
            file="datasets/images/china.jpg",
            title="Tower above a lake",
            author="danielbuechele",
            licence="CC-BY-2.0",
            licence_url=_CC_BY_2,
            origin="https://www.flickr.com/photos/danielbuechele/6061409035/",
            documented=_SKLEARN,
            pieces=_pieces(
                whole=("A tower with four roofs above a lake", (0.0, 0.0, 1.0, 1.0)),
                roof=("Tiled roofs of a tower", (0.1, 0.03, 0.55, 0.55)),
                lake=("A lake in haze behind trees", (0.5, 0.2, 1.0, 0.9)),
                galleries=("Red galleries of a tower among trees", (0.05, 0.45, 0.62, 1.0)),
            ),
        ),
        "flower": Photograph(
            package="sklearn",
            file="datasets/images/flower.jpg",
            title="Dahlia",
            # The README's attribution line repeats the other photograph's name; its links lead here.
            author="vultilion",
            licence="CC-BY-2.0",
            licence_url=_CC_BY_2,
            origin="https://www.flickr.com/photos/vultilion/6056698931/",
            documented=_SKLEARN,
            pieces=_pieces(
                whole=("An orange dahlia before dark leaves", (0.0, 0.0, 1.0, 1.0)),
                petals=("Petals of an orange dahlia", (0.25, 0.15, 0.72, 0.87)),
                heart=("Heart of a dahlia, close", (0.36, 0.3, 0.62, 0.7)),
                second=("A second dahlia at the edge of the picture", (0.35, 0.55, 0.85, 1.0)),
            ),
        ),
        "grass": Photograph(
            package="skimage",
            file="data/grass.png",
            title="Grass",
            author="linolafett",
            licence="CC0-1.0",
            licence_url=_CC0,
            origin="https://www.deviantart.com/linolafett/art/Grass-01-434853879",
            documented=_SKIMAGE,
            pieces=_pieces(
                whole=("A lawn from above", (0.0, 0.0, 1.0, 1.0)),
                clover=("Clover in a lawn", (0.1, 0.1, 0.7, 0.6)),
            ),
        ),
    }
)


def original(key: str) -> bytes:
    """Return a photograph's file as its package carries it.

    Raises:
        PhotographMissing: the package is not installed, or the file is gone.
    """
    photograph = PHOTOGRAPHS[key]
    found = find_spec(photograph.package)
    if found is None or found.origin is None:
        raise PhotographMissing(f"{photograph.package} is not installed; `make demo` installs the demo group")
    try:
        return (Path(found.origin).parent / photograph.file).read_bytes()
    except OSError as error:
        raise PhotographMissing(f"{photograph.package}: {photograph.file}: {error.strerror}") from error


def cut(key: str, piece: str) -> bytes:
    """Return a piece of a photograph as a JPEG without metadata."""
    with Image.open(io.BytesIO(original(key))) as opened:
        picture = opened.convert("RGB")
    left, top, right, bottom = PHOTOGRAPHS[key].pieces[piece].box
    width, height = picture.size
    box = (round(left * width), round(top * height), round(right * width), round(bottom * height))
    written = io.BytesIO()
    picture.crop(box).save(written, "JPEG", quality=_JPEG_QUALITY)
    return written.getvalue()


def found_elsewhere(key: str) -> bytes:
    """Return a photograph as it turns up on another site: a part of it, mirrored, small, in a white frame."""
    with Image.open(io.BytesIO(original(key))) as opened:
        picture = ImageOps.mirror(opened.convert("RGB"))
    width, height = picture.size
    part = picture.crop((width // 8, height // 8, width * 7 // 8, height * 7 // 8))
    part.thumbnail((480, 480))
    written = io.BytesIO()
    ImageOps.expand(part, border=24, fill="white").save(written, "JPEG", quality=60)
    return written.getvalue()
