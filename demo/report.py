"""The page that the demo leaves: what was taken, what was not and why; one file, no script, no request."""

from __future__ import annotations

import base64
import io
import json
import tarfile
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from PIL import Image

from demo.answers import VERDICTS, Item, Reason, count_decisions, count_reasons
from demo.photographs import PHOTOGRAPHS, Photograph
from demo.server import Visit
from demo.sites import Site

_THUMBNAIL_PX = 160
_TEMPLATE = "report.html.jinja"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """One picture of the contact sheet."""

    item: Item
    thumbnail: str
    """A data URI."""
    width: int
    height: int
    credit: str
    stands_on: str
    """The basis, as people say it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceLine:
    """What became of one source, and what its site saw of us; rows without a source are a line too."""

    name: str
    host: str
    says: str
    basis: str
    counts: Counter[str]
    rights_requests: int
    picture_requests: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """The register after the run, as `clearance register verify` found it."""

    is_whole: bool
    entries: int
    items: int
    checkpoint: str
    log_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Everything that the page tells of."""

    organisation: str
    contact: str
    purpose: str
    at: datetime
    items: tuple[Item, ...]
    kept: tuple[Kept, ...]
    sources: tuple[SourceLine, ...]
    register: Register
    user_agents: tuple[str, ...]
    """Every name that the sites saw us under."""
    credits: tuple[Photograph, ...]

    @property
    def decisions(self) -> dict[str, int]:
        """Items by decision, in the order of `VERDICTS`."""
        counted = count_decisions(self.items)
        return {verdict: counted[verdict] for verdict in VERDICTS}

    @property
    def refused(self) -> tuple[Item, ...]:
        """What was not taken: held, denied, failed."""
        return tuple(item for verdict in VERDICTS[1:] for item in self.items if item.decision == verdict)

    @property
    def refusals(self) -> list[tuple[Reason, int]]:
        """Why, and how often."""
        return [(reason, count) for reason, count in count_reasons(self.refused) if not reason.is_allowing]


def write_report(run: Run, target: Path) -> None:
    """Write the page."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    target.write_text(environment.get_template(_TEMPLATE).render(run=run), encoding="utf-8")


def read_kept(tar: Path, items: Iterable[Item]) -> tuple[Kept, ...]:
    """Read the contact sheet's pictures out of an exported WebDataset shard."""
    known = {item.id: item for item in items}
    kept = []
    with tarfile.open(tar) as shard:
        for member in shard.getmembers():
            name = member.name.removesuffix(".jpg")
            if name == member.name:
                continue
            facts = json.loads(_read(shard, f"{name}.json"))
            thumbnail, width, height = _thumbnail(_read(shard, member.name))
            kept.append(
                Kept(
                    item=known[name],
                    thumbnail=thumbnail,
                    width=width,
                    height=height,
                    credit=facts["extra"]["credit"],
                    stands_on=_stands_on(facts["basis"], facts["licence"]),
                )
            )
    return tuple(sorted(kept, key=lambda each: each.item.source))


def source_lines(
    sites: tuple[Site, ...], items: Iterable[Item], visits: Iterable[Visit]
) -> tuple[SourceLine, ...]:
    """Put side by side what was decided about each source's pictures and what its site was asked for."""
    listed = tuple(items)
    pictures = frozenset(row.path for site in sites for row in site.listed)
    asked = Counter((visit.host, visit.path in pictures) for visit in visits)
    lines = tuple(
        SourceLine(
            name=site.name,
            host=site.host,
            says=site.says,
            basis=site.basis,
            counts=count_decisions(item for item in listed if item.source == site.name),
            rights_requests=asked[site.host, False],
            picture_requests=asked[site.host, True],
        )
        for site in sites
    )
    strangers = SourceLine(
        name="no source",
        host="",
        says="rows of the table that no registered source covers",
        basis="",
        counts=count_decisions(item for item in listed if not item.source),
        rights_requests=0,
        picture_requests=0,
    )
    return (*lines, strangers)


def credits_of(sites: Iterable[Site]) -> tuple[Photograph, ...]:
    """Return the photographs that the sites serve, in the manifest's order."""
    used = {row.photograph for site in sites for row in site.listed}
    return tuple(photograph for key, photograph in PHOTOGRAPHS.items() if key in used)


def _read(shard: tarfile.TarFile, name: str) -> bytes:
    member = shard.extractfile(name)
    if member is None:
        raise ValueError(f"{name} is not a file in the shard")
    return member.read()


def _thumbnail(jpeg: bytes) -> tuple[str, int, int]:
    with Image.open(io.BytesIO(jpeg)) as picture:
        picture.thumbnail((_THUMBNAIL_PX, _THUMBNAIL_PX))
        written = io.BytesIO()
        picture.save(written, "JPEG", quality=85)
        width, height = picture.size
    return f"data:image/jpeg;base64,{base64.b64encode(written.getvalue()).decode()}", width, height


def _stands_on(basis: str, licence: str) -> str:
    if basis == "licence":
        return f"the contract {licence}"
    return f"{licence}, as stated" if licence else basis.replace("-", " ")
