"""A folder of synthetic pictures as rows of an audit: read in the cage, with their prompts beside them.

Source: C4.2, P4.3.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from clearance.curating.audit.columns import PROMPT, ROWS
from clearance.curating.audit.outputs import KIND, Outcome
from clearance.curating.audit.prompts import Prompted, PromptKind
from clearance.errors import BadInput, StorageError
from clearance.pictures import Answer, Cage, Detector, Face, faces_seen
from clearance.policy import PeopleDuty

OUTPUT_EXAMINATION = "clearance.pictures.examination:examine"
"""The second cage's entry."""
SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff", ".avif", ".gif"})
"""What counts as a picture where no list says which files do."""
_AT_ONCE = 32
_MAX_FILES = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Cages:
    """The two cages that a picture goes through: one decodes and reduces it, the other looks for faces."""

    inspecting: Cage
    examining: Cage
    inspection: Mapping[str, Any]
    """The job of the first."""
    examination: Mapping[str, Any]
    """The job of the second."""
    faces: PeopleDuty
    max_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """What came of one prompt."""

    prompted: Prompted
    outcome: Outcome
    width: int = 0
    height: int = 0
    faces: int | None = None


def files_of(folder: Path) -> tuple[Prompted, ...]:
    """List a folder's pictures, each as its own prompt, where nobody says what they were made from.

    Raises:
        BadInput: it is no folder, or holds no picture.
    """
    try:
        found = sorted(
            path.relative_to(folder).as_posix()
            for path in folder.rglob("*")
            if path.suffix.lower() in SUFFIXES and path.is_file() and not path.is_symlink()
        )
    except OSError as error:
        raise StorageError(f"{folder}: {error.strerror or error}") from error
    if not folder.is_dir():
        raise BadInput(f"{folder}: no folder")
    if not found:
        raise BadInput(f"{folder}: nothing to audit: no picture is in it")
    if len(found) > _MAX_FILES:
        raise BadInput(f"{folder}: more than {_MAX_FILES} pictures")
    return tuple(
        Prompted(file=name, prompt=name, seed="", model="", kind=PromptKind.UNSAID, attributes=())
        for name in found
    )


async def look_at(folder: Path, prompts: Sequence[Prompted], cages: Cages) -> tuple[Output, ...]:
    """Read every file that a prompt should have made; one that is missing is an outcome, too."""
    found: list[Output] = []
    for start in range(0, len(prompts), _AT_ONCE):
        few = prompts[start : start + _AT_ONCE]
        found += await asyncio.gather(*(_look(folder, prompted, cages) for prompted in few))
    return tuple(found)


def output_rows(outputs: Sequence[Output]) -> pa.Table:
    """Return the pictures among the outputs as rows of an audit, with prompt and kind beside them."""
    made = [each for each in outputs if each.width]
    table = pa.Table.from_pylist(list(map(_row, made)), schema=ROWS)
    prompts = pa.array([each.prompted.prompt for each in made], pa.string())
    kinds = pa.array([each.prompted.kind.value for each in made], pa.string())
    return table.append_column(PROMPT, prompts).append_column(KIND, kinds)


async def _look(folder: Path, prompted: Prompted, cages: Cages) -> Output:
    content = _content(folder, prompted.file, cages.max_bytes)
    if content is None:
        return Output(prompted=prompted, outcome=Outcome.REFUSED)
    inspected = await cages.inspecting.run(cages.inspection, content)
    if not isinstance(inspected, Answer) or "refused" in inspected.header:
        return Output(prompted=prompted, outcome=Outcome.UNREADABLE)
    width, height = inspected.header["kept_size"]
    examined = await cages.examining.run(cages.examination, inspected.payload)
    faces = _faces(examined.header, cages.faces) if isinstance(examined, Answer) else None
    return Output(
        prompted=prompted, outcome=_outcome(faces), width=int(width), height=int(height), faces=faces
    )


def _outcome(faces: int | None) -> Outcome:
    if faces is None:
        return Outcome.NOT_EXAMINED
    return Outcome.WITH_FACES if faces else Outcome.NO_FACE


def _faces(header: Mapping[str, Any], duty: PeopleDuty) -> int | None:
    if "failure" in header:
        return None
    return faces_seen(
        [Face(**{**face, "detector": Detector(face["detector"])}) for face in header["faces"]],
        yunet_permille=round(duty.candidate_yunet * 1000),
        centerface_permille=round(duty.candidate_centerface * 1000),
    )


def _content(folder: Path, file: str, max_bytes: int) -> bytes | None:
    """Return a file's bytes; nothing where there is none, or where a link leads out of the folder.

    Raises:
        StorageError: it is there and cannot be read.
    """
    path = folder / file
    try:
        if not path.is_file() or not path.resolve().is_relative_to(folder.resolve()):
            return None
        with path.open("rb") as opened:
            # One byte more than may be: what is too large is no picture, not a smaller one.
            content = opened.read(max_bytes + 1)
    except (OSError, ValueError) as error:
        raise StorageError(f"{path}: {error}") from error
    return content if len(content) <= max_bytes else b""


def _row(output: Output) -> dict[str, Any]:
    prompted = output.prompted
    return {
        "item_id": prompted.file,
        "cluster": prompted.file,
        "source": prompted.model,
        **dict.fromkeys(("host", "licence", "basis", "creator", "country"), ""),
        "year": None,
        "width": output.width,
        "height": output.height,
        "keywords": [],
        "people": output.faces,
        "attributes": [{"name": name, "value": value} for name, value in prompted.attributes],
        # What a model makes twice it makes twice: outputs are counted by file, and copies are not looked for.
        "is_compared": False,
    }


def outcome_facts(counted: Mapping[Outcome, int]) -> Iterator[dict[str, Any]]:
    """Return what came of all prompts as plain values."""
    total = sum(counted.values())
    for outcome, n in counted.items():
        yield {"outcome": outcome.value, "n": n, "share": round(n / total, 6)}
