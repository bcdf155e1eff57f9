"""Read a risk analysis as a person wrote it, finished or not, and say what is missing and where. Pure.

Whatever stands in the file, the answer is an analysis with what could be read, and a finding for each thing
that could not.

Source: C3.3.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, TypeVar

from clearance.errors import BadInput, printable
from clearance.governing.risk import (
    LICENSING,
    Alternative,
    DataKind,
    Harm,
    HarmAnalysis,
    Heard,
    Likelihood,
    Need,
    PeopleAnalysis,
    Presence,
    RiskAnalysis,
    RiskDecision,
    Severity,
    SourceNeed,
    StatedProject,
)
from clearance.policy import read_strict_yaml

FORM = 1
"""Of the file; a later version of Clearance may ask for more, and still reads what was signed."""
MAX_ANALYSIS_BYTES = 1 << 18
"""A hundred pages of text; more is not written by a person."""
BLANK = "?"
"""What the draft has where a person must write."""

_HIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Control characters, those that turn the direction of text, and halves of characters: a signed page must
show what it says."""
_E = TypeVar("_E", bound=StrEnum)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What stands against signing an analysis, and where in the file."""

    place: str
    what: str


_BLANK = "blank"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadAnalysis:
    """An analysis with what could be read, and all findings."""

    analysis: RiskAnalysis
    findings: tuple[Finding, ...]


def read_analysis(content: bytes, *, where: str) -> ReadAnalysis:
    """Read an analysis.

    Raises:
        BadInput: the file is too large, or no YAML; the message says where.
    """
    loaded = read_strict_yaml(content, where=where, max_bytes=MAX_ANALYSIS_BYTES)
    if not isinstance(loaded, dict):
        raise BadInput(f"{where}: no risk analysis; `clearance risk draft` writes a form to fill in")
    reader = _Reader()
    analysis = _analysis(reader, loaded)
    return ReadAnalysis(analysis=analysis, findings=tuple(reader.findings))


def describe_findings(findings: Iterable[Finding]) -> str:
    """Write findings in one line: what is blank first, then each of the others."""
    found = tuple(findings)
    blank = [finding.place for finding in found if finding.what == _BLANK]
    said = [f"{finding.place}: {finding.what}" for finding in found if finding.what != _BLANK]
    return "; ".join([*([f"blank: {', '.join(blank)}"] if blank else []), *said])


def _analysis(reader: _Reader, loaded: Mapping[Any, Any]) -> RiskAnalysis:
    read = reader.mapping(loaded, "", keys=_KEYS)
    if read.get("form") != FORM or isinstance(read.get("form"), bool):
        reader.found("form", f"{FORM} belongs here: the version of the form")
    return RiskAnalysis(
        project=_project(reader, read.get("project")),
        data=_data(reader, read.get("data")),
        sources=_sources(reader, read.get("sources")),
        people=_people(reader, read.get("people"), "people"),
        minors=_people(reader, read.get("minors"), "minors"),
        alternatives=_alternatives(reader, read.get("alternatives")),
        harms=_harms(reader, read.get("harms")),
        retention=reader.text(read.get("retention"), "retention"),
        heard=_heard(reader, read.get("heard")),
        decision=reader.word(RiskDecision, read.get("decision"), "decision"),
        conditions=reader.texts(_listed(read.get("conditions")), "conditions"),
    )


_KEYS = (
    *("form", "project", "data", "sources", "people", "minors", "alternatives", "harms", "retention"),
    *("heard", "decision", "conditions"),
)


def _project(reader: _Reader, value: object) -> StatedProject:
    keys = ("name", "purpose", "use", "subjects", "target", "owner", "starts", "ends")
    read = reader.mapping(value, "project", keys=keys)
    return StatedProject(
        name=reader.text(read.get("name"), "project.name"),
        purpose=reader.text(read.get("purpose"), "project.purpose"),
        use=reader.text(read.get("use"), "project.use"),
        subjects=reader.texts(_listed(read.get("subjects")), "project.subjects"),
        target=reader.number(read.get("target"), "project.target"),
        owner=reader.text(read.get("owner"), "project.owner"),
        starts=reader.day(read.get("starts"), "project.starts"),
        ends=reader.day(read.get("ends"), "project.ends"),
    )


def _data(reader: _Reader, value: object) -> tuple[Need, ...]:
    needs = tuple(
        Need(
            kind=reader.text(read.get("kind"), f"{place}.kind"),
            need=reader.text(read.get("need"), f"{place}.need"),
        )
        for place, read in reader.entries(value, "data", keys=("kind", "need"))
    )
    kinds = [need.kind for need in needs]
    reader.unique(kinds, "data")
    for kind in DataKind:
        if kind not in kinds:
            reader.found("data", f"{kind} is missing: it is kept, so its need is stated")
    return needs


def _sources(reader: _Reader, value: object) -> tuple[SourceNeed, ...]:
    needs = tuple(
        SourceNeed(
            name=reader.text(read.get("name"), f"{place}.name"),
            basis=reader.text(read.get("basis"), f"{place}.basis"),
            need=reader.text(read.get("need"), f"{place}.need"),
        )
        for place, read in reader.entries(value, "sources", keys=("name", "basis", "need"))
    )
    reader.unique([need.name for need in needs], "sources")
    return needs


def _people(reader: _Reader, value: object, place: str) -> PeopleAnalysis:
    read = reader.mapping(value, place, keys=("pictured", "who", "measures"))
    return PeopleAnalysis(
        pictured=reader.word(Presence, read.get("pictured"), f"{place}.pictured"),
        who=reader.text(read.get("who"), f"{place}.who"),
        measures=reader.needed_texts(read.get("measures"), f"{place}.measures"),
    )


def _alternatives(reader: _Reader, value: object) -> tuple[Alternative, ...]:
    found = tuple(
        Alternative(
            name=reader.text(read.get("alternative"), f"{place}.alternative"),
            considered=reader.text(read.get("considered"), f"{place}.considered"),
        )
        for place, read in reader.entries(value, "alternatives", keys=("alternative", "considered"))
    )
    if not found or found[0].name != LICENSING:
        reader.found("alternatives", f"{LICENSING} comes first (C4.3)")
    if len(found) < 2:
        reader.found("alternatives", f"at least one other than {LICENSING}")
    return found


def _harms(reader: _Reader, value: object) -> tuple[HarmAnalysis, ...]:
    read = reader.mapping(value, "harms", keys=tuple(Harm))
    return tuple(_harm(reader, harm, read.get(harm.value)) for harm in Harm)


def _harm(reader: _Reader, harm: Harm, value: object) -> HarmAnalysis:
    at = f"harms.{harm}"
    keys = ("likelihood", "severity", "why", "measures", "residual_likelihood", "residual_severity")
    read = reader.mapping(value, at, keys=keys)
    return HarmAnalysis(
        harm=harm,
        likelihood=reader.word(Likelihood, read.get("likelihood"), f"{at}.likelihood"),
        severity=reader.word(Severity, read.get("severity"), f"{at}.severity"),
        why=reader.text(read.get("why"), f"{at}.why"),
        measures=reader.needed_texts(read.get("measures"), f"{at}.measures"),
        residual_likelihood=reader.word(
            Likelihood, read.get("residual_likelihood"), f"{at}.residual_likelihood"
        ),
        residual_severity=reader.word(Severity, read.get("residual_severity"), f"{at}.residual_severity"),
    )


def _heard(reader: _Reader, value: object) -> tuple[Heard, ...]:
    return tuple(
        Heard(
            whom=reader.text(read.get("whom"), f"{place}.whom"),
            said=reader.text(read.get("said"), f"{place}.said"),
            answer=reader.text(read.get("answer"), f"{place}.answer"),
        )
        for place, read in reader.entries(_listed(value), "heard", keys=("whom", "said", "answer"))
    )


def _listed(value: object) -> object:
    """Take nothing for an empty list, where a list may be empty."""
    return [] if value is None else value


class _Reader:
    """Takes values of one file apart, and gathers what does not fit."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []

    def found(self, place: str, what: str) -> None:
        """Note what does not fit."""
        self.findings.append(Finding(place=place, what=what))

    def mapping(self, value: object, place: str, *, keys: tuple[str, ...]) -> Mapping[str, Any]:
        """Return a mapping; a key that nobody would read is a finding."""
        if not isinstance(value, dict):
            self.found(place, _BLANK if value is None else f"a mapping of {', '.join(keys)} belongs here")
            return {}
        for key in value:
            if key not in keys:
                named = printable(key) if isinstance(key, str) else f"({type(key).__name__})"
                self.found(f"{place}.{named}".lstrip("."), f"unknown; known here: {', '.join(keys)}")
        return value

    def entries(
        self, value: object, place: str, *, keys: tuple[str, ...]
    ) -> Iterable[tuple[str, Mapping[str, Any]]]:
        """Return each mapping of a list, with its place; places count from 1, as people do."""
        for number, entry in enumerate(self._list(value, place), 1):
            at = f"{place}.{number}"
            yield at, self.mapping(entry, at, keys=keys)

    def text(self, value: object, place: str) -> str:
        """Return text; a blank is a finding."""
        if value is None or (isinstance(value, str) and value.strip() in ("", BLANK)):
            self.found(place, _BLANK)
            return ""
        if not isinstance(value, str):
            self.found(place, "text belongs here; put it in quotes")
            return ""
        if _HIDDEN.search(value):
            self.found(place, "holds a character that cannot be seen")
            return ""
        return value.strip()

    def texts(self, value: object, place: str) -> tuple[str, ...]:
        """Return a list of text, which may be empty."""
        return tuple(
            self.text(entry, f"{place}.{number}") for number, entry in enumerate(self._list(value, place), 1)
        )

    def needed_texts(self, value: object, place: str) -> tuple[str, ...]:
        """Return a list of text that holds one at least."""
        if value == []:
            self.found(place, _BLANK)
        return self.texts(value, place)

    def word(self, kind: type[_E], value: object, place: str) -> _E | None:
        """Return one of the words that belong here; nothing where it is blank or another."""
        stated = self.text(value, place)
        if not stated:
            return None
        try:
            return kind(stated)
        except ValueError:
            self.found(place, f"{printable(stated)!r} is none of {', '.join(kind)}")
            return None

    def number(self, value: object, place: str) -> int | None:
        """Return a whole number."""
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        self.found(place, "a whole number belongs here")
        return None

    def day(self, value: object, place: str) -> date | None:
        """Return a day; nothing means that there is none."""
        if value is None:
            return None
        if isinstance(value, date) and not isinstance(value, datetime):
            return value
        self.found(place, "a day as 2026-12-31, or null")
        return None

    def unique(self, names: list[str], place: str) -> None:
        """Find what stands twice."""
        for name in sorted(name for name, count in Counter(names).items() if name and count > 1):
            self.found(place, f"{printable(name)!r} stands twice")

    def _list(self, value: object, place: str) -> list[Any]:
        if isinstance(value, list):
            return value
        self.found(place, _BLANK if value is None else "a list belongs here")
        return []
