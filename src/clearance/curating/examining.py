"""Look at pictures of the vault once each: fingerprints, faces, text; and keep what was found.

Decrypted bytes go into the cage and nowhere else. What was found is kept in parts: a run that is cut off goes
on where it stopped.

Source: C4.1, C4.2, C1.2.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from importlib.util import find_spec
from typing import Any
from urllib.parse import unquote

from clearance.curating.examined import Examined, ExaminedStore
from clearance.curating.marks import find_marks
from clearance.curating.people.face_counts import count_faces
from clearance.curating.personal_data import PersonalData, find_personal_data
from clearance.errors import IntegrityError, printable
from clearance.fingerprints import Fingerprint, Fingerprints
from clearance.identifiers import ItemId, Sha256, sha256_of
from clearance.parts import in_parts
from clearance.pictures import Answer, Cage, TextLine, unpack_features
from clearance.policy import Parameters, PeopleDuty, PictureLimits, Policy, TextMarks
from clearance.register import StoredItem
from clearance.vault import Vault

_ENTRY = "clearance.pictures.examination:examine"
_READING_ENTRY = "clearance.pictures.reading:examine"
_READER = "rapidocr"
_AT_ONCE = 64
_KEPT_AT_ONCE = 512
_MAX_WHY_CHARS = 200


def examination_entry(*, reads_text: bool) -> str:
    """Return the caged entry that looks at pictures; text is read where that is wanted and can be."""
    return _READING_ENTRY if reads_text and find_spec(_READER) is not None else _ENTRY


def marks_method(policy: Policy) -> str:
    """Name the marks that are looked for in text: under another list, a picture is read again."""
    return _named("marks", policy.parameters(TextMarks))


def limits_method(policy: Policy) -> str:
    """Name the limits that pictures are decoded within: under others, what failed is tried again."""
    return _named("limits", policy.parameters(PictureLimits))


def _named(what: str, stated: Parameters) -> str:
    return f"{what}/{sha256_of(stated.model_dump_json().encode())[:16]}"


@dataclass(slots=True)
class ExaminationTally:
    """What came of a run so far."""

    planned: int
    done: int = 0
    failed: int = 0
    with_faces: int = 0
    with_marks: int = 0
    with_personal_data: int = 0
    text_read: int = 0

    def count(self, examined: Examined) -> None:
        """Count one picture."""
        self.done += 1
        self.failed += bool(examined.failure)
        self.with_faces += examined.candidates > 0
        self.with_marks += bool(examined.marks)
        self.with_personal_data += bool(examined.personal_data)
        self.text_read += examined.is_text_read


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """What one look at a picture came to."""

    examined: Examined
    fingerprint: Fingerprint | None = None
    is_final: bool = True
    """Whether another look would find the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Examiner:
    """Looks at pictures; the workspace must be locked."""

    cage: Cage
    vault: Vault
    fingerprints: Fingerprints
    store: ExaminedStore
    policy: Policy
    clock: Callable[[], datetime]

    async def run(
        self, items: Iterable[StoredItem], tally: ExaminationTally, watch: Callable[[ExaminationTally], None]
    ) -> None:
        """Look at items and keep what was found, a part at a time."""
        for part in in_parts(items, _KEPT_AT_ONCE):
            found: list[_Look] = []
            for few in in_parts(part, _AT_ONCE):
                looks = await asyncio.gather(*map(self._look, few))
                for look in looks:
                    tally.count(look.examined)
                # What did not come to an end, a crash or bytes that do not open, is tried again next time.
                found += [look for look in looks if look.is_final]
                watch(tally)
            # Fingerprints first: what is in the store counts as looked at whole.
            self.fingerprints.add([look.fingerprint for look in found if look.fingerprint is not None])
            self.store.add([look.examined for look in found])

    async def _look(self, stored: StoredItem) -> _Look:
        limits = self.policy.parameters(PictureLimits)
        try:
            content = self.vault.read(stored.shard, stored.shard_entry)
        except IntegrityError as error:
            why = f"its bytes cannot be read: {error}"
            return _Look(examined=self._examined(stored, failure=why), is_final=False)
        job = {"max_pixels": limits.max_pixels, "longest_side_px": limits.longest_side_px}
        answer = await self.cage.run(job, content)
        if not isinstance(answer, Answer):
            return _Look(examined=self._examined(stored, failure=answer.why), is_final=False)
        header = answer.header
        if "failure" in header:
            methods = f"{header['methods']} {limits_method(self.policy)}"
            return _Look(examined=self._examined(stored, methods=methods, failure=header["failure"]))
        lines = [TextLine(**line) for line in header["text"]]
        faces = count_faces(header["faces"], self.policy.parameters(PeopleDuty))
        examined = self._examined(
            stored,
            methods=f"{header['methods']} {marks_method(self.policy)}",
            faces=tuple(header["faces"]),
            candidates=faces.candidates,
            confident=faces.confident,
            is_text_read=header["is_text_read"],
            marks=tuple(asdict(mark) for mark in find_marks(lines, self.policy.parameters(TextMarks))),
            personal_data=tuple(asdict(one) for one in _personal_data(stored.record, lines)),
        )
        return _Look(examined=examined, fingerprint=_fingerprint(examined.item, answer.payload))

    def _examined(
        self, stored: StoredItem, *, failure: str = "", methods: str = "", **found: Any
    ) -> Examined:
        record = stored.record
        described: Mapping[str, Any] = record.get("described", {})
        return Examined(
            item=ItemId(record["item_id"]),
            content_sha256=Sha256(record["picture"]["kept"]["sha256"]),
            examined_at=self.clock(),
            methods=methods,
            failure=printable(failure)[:_MAX_WHY_CHARS],
            creator=_creator(record),
            country=described.get("country", ""),
            taken=described.get("taken", ""),
            keywords=tuple(described.get("keywords", ())),
            **found,
        )


def _personal_data(record: Mapping[str, Any], lines: Iterable[TextLine]) -> Iterator[PersonalData]:
    described = record.get("described", {})
    for caption in (record["row"]["caption"], described.get("caption", ""), described.get("headline", "")):
        yield from find_personal_data(caption, "caption")
    address, _, name = record["url"].rpartition("/")
    yield from find_personal_data(unquote(address), "url")
    yield from find_personal_data(unquote(name), "file-name")
    yield from find_personal_data(", ".join(described.get("keywords", ())), "keywords")
    for value in record["row"]["extra"].values():
        yield from find_personal_data(value, "table")
    for line in lines:
        yield from find_personal_data(line.text, "pixels")


def _creator(record: Mapping[str, Any]) -> str:
    """Return who made the picture, as its own rights metadata says."""
    described = record.get("described", {}).get("creators", ())
    rights = dict(reversed(record.get("rights", [])))
    return str(next(iter(described), "") or rights.get("creator", ""))


def _fingerprint(item: ItemId, payload: bytes) -> Fingerprint:
    features = unpack_features(payload)
    return Fingerprint(
        item=item,
        pdq=features.pdq,
        pdq_quality=features.pdq_quality,
        pdq_trimmed=features.pdq_trimmed,
        pdq_trimmed_quality=features.pdq_trimmed_quality,
        iscc=features.iscc,
        width=features.width,
        height=features.height,
        points=features.points,
        descriptors=features.descriptors,
    )
