"""Write the form of a risk analysis, filled in with what is recorded; a person writes the rest. Pure.

Source: C3.3.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from datetime import date

import yaml

from clearance.errors import printable
from clearance.governing.projects import Project
from clearance.governing.risk import (
    DATA_KINDS,
    HARMS,
    LICENSING,
    MATRIX,
    Harm,
    Likelihood,
    Presence,
    RiskDecision,
    Severity,
)
from clearance.governing.risk_reading import BLANK, FORM
from clearance.governing.risk_standing import SourceOnRecord

_WIDTH = 100


def draft_analysis(project: Project, sources: Iterable[SourceOnRecord], *, licences: Iterable[str]) -> str:
    """Return the form as YAML: what is recorded stands in it, `?` where a person writes.

    `licences` are sentences of ours about the contracts on record; they stand as comments beside the sources.
    """
    return "\n".join(
        (
            *_head(project),
            *_project(project),
            *_data(),
            *_sources(sources, licences),
            *_people(),
            *_alternatives(),
            *_harms(),
            *_rest(project),
            "",
        )
    )


def _head(project: Project) -> Iterator[str]:
    yield f"# Risk analysis of the project {printable(project.name)}, before anything is collected (C3.3)."
    yield from _comment(
        f'A person writes what stands as "{BLANK}", and corrects what is wrong; then'
        f" `clearance risk sign --project {project.name} --by NAME` keeps it as it is and signs it. A changed"
        " purpose, use or source asks for a new signature."
    )
    yield f"form: {FORM}"


def _project(project: Project) -> Iterator[str]:
    yield ""
    yield from _comment("As recorded; `clearance project show` prints it, and the two must agree.")
    yield "project:"
    yield f"  name: {_quoted(project.name)}"
    yield f"  purpose: {_quoted(project.purpose.strip())}"
    yield f"  use: {project.use.value}"
    yield f"  subjects: [{', '.join(_quoted(subject.name) for subject in project.subjects)}]"
    yield f"  target: {project.target}"
    yield f"  owner: {_quoted(project.owner.strip() or BLANK)}  # who answers for the project"
    yield f"  starts: {_day(project.starts)}"
    yield f"  ends: {_day(project.ends)}"


def _data() -> Iterator[str]:
    yield ""
    yield from _comment(
        "Why each kind of data is needed for the purpose, and why less would not do (C3.1). Kinds of your own"
        " may be added."
    )
    yield "data:"
    for kind, what in DATA_KINDS.items():
        yield f"  - kind: {kind}  # {what}"
        yield f'    need: "{BLANK}"'


def _sources(sources: Iterable[SourceOnRecord], licences: Iterable[str]) -> Iterator[str]:
    known = tuple(sources)
    yield ""
    yield from _comment(
        "The sources that this analysis covers; nothing is collected from others. Take out those that the"
        " purpose does not need, and say why each of the rest is needed."
    )
    for licence in licences:
        yield f"# On record: {printable(licence, max_chars=500)}"
    yield "sources:" if known else "sources: []"
    for source in known:
        licence = f", {source.open_licence}" if source.open_licence else ""
        hosts = ", ".join(source.hosts)
        yield f"  - name: {_quoted(source.name)}  # {printable(hosts + licence, max_chars=300)}"
        yield f"    basis: {source.basis}"
        yield f'    need: "{BLANK}"'


def _people() -> Iterator[str]:
    yield ""
    yield from _comment(
        f"Whether people are to be seen: {', '.join(Presence)}. Who they are and where, and how you know;"
        " what protects them."
    )
    yield from _presence("people")
    yield ""
    yield from _comment("The same for those under age.")
    yield from _presence("minors")


def _presence(name: str) -> Iterator[str]:
    yield f"{name}:"
    yield f'  pictured: "{BLANK}"'
    yield f'  who: "{BLANK}"'
    yield f'  measures: ["{BLANK}"]'


def _alternatives() -> Iterator[str]:
    yield ""
    yield from _comment(
        f"Other ways to the purpose, {LICENSING} first (C4.3), then others, such as commissioning pictures,"
        " own work, open collections, fewer pictures or none at all; and why each was taken, in part or not."
    )
    yield "alternatives:"
    for name in (LICENSING, _quoted(BLANK)):
        yield f"  - alternative: {name}"
        yield f'    considered: "{BLANK}"'


def _harms() -> Iterator[str]:
    yield ""
    yield from _comment(
        f"Likelihood is one of {', '.join(Likelihood)}; severity one of {', '.join(Severity)}: as it would be"
        " without measures, and, as residual, with them. The risk follows from the two:"
    )
    yield f"#   {'':16}{''.join(f'{severity:12}' for severity in Severity)}".rstrip()
    for likelihood, row in MATRIX.items():
        yield f"#   {likelihood:16}{''.join(f'{level:12}' for level in row.values())}".rstrip()
    yield "harms:"
    for harm in Harm:
        yield f"  {harm}:  # {HARMS[harm]}"
        for name in ("likelihood", "severity", "why"):
            yield f'    {name}: "{BLANK}"'
        yield f'    measures: ["{BLANK}"]'
        for name in ("residual_likelihood", "residual_severity"):
            yield f'    {name}: "{BLANK}"'


def _rest(project: Project) -> Iterator[str]:
    until = f"; the project ends on {project.ends}" if project.ends else ""
    yield ""
    yield from _comment(
        "How long pictures and records are kept, and why no shorter (C3.2); the clocks stand in policy.yaml,"
        f" rule retention{until}."
    )
    yield f'retention: "{BLANK}"'
    yield ""
    yield from _comment(
        "Who was asked, such as a data protection officer, rights holders or people pictured; may stay empty."
        " One entry each: whom, said, answer."
    )
    yield "heard: []"
    yield ""
    yield from _comment(
        f"{', '.join(RiskDecision)}. A residual risk that is very-high needs conditions, and conditions need"
        f" {RiskDecision.PROCEED_WITH_CONDITIONS}; what is to stop is not signed."
    )
    yield f'decision: "{BLANK}"'
    yield "conditions: []"


def _comment(text: str) -> Iterator[str]:
    for line in textwrap.wrap(text, _WIDTH, break_on_hyphens=False, break_long_words=False):
        yield f"# {line}"


def _quoted(text: str) -> str:
    """Write text as YAML on one line, whatever stands in it."""
    written: str = yaml.safe_dump(text, default_style='"', allow_unicode=True, width=2**31)
    return written.rstrip("\n")


def _day(day: date | None) -> str:
    return day.isoformat() if day else "null"
