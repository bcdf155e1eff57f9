"""The provenance file of the Data & Trust Alliance, and its page, from what is recorded about one dataset
version. Pure.

Elements that the standard requires and nobody recorded say so in its own form; optional ones are left out.

Source: Data & Trust Alliance, Data Provenance Standards 1.0.0; C2.1.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib import resources
from typing import Any

from clearance.governing.documents import text
from clearance.governing.documents.document import NOT_RECORDED, Document, DocumentKind, Section, said
from clearance.governing.documents.facts import DatasetFacts

VERSION = "1.0.0"
_METHODS = {
    "licence": ("licensed", "taken from a licensor's site under a contract"),
    "open-licence": ("open-licence", "taken from websites under open licences"),
    "public-domain": ("public-domain", "taken from websites of works in the public domain"),
    "own-work": ("own-work", "made by the issuer"),
    "tdm-exception": ("text-and-data-mining", "taken from websites under the text-and-data-mining exception"),
}
_SYSTEM = "clearance"
"""The system of our codes: the standard has none for these."""


def provenance_file(facts: DatasetFacts) -> dict[str, Any]:
    """Return the file itself, in the form of the standard's JSON schema."""
    return {
        "source": _filled(
            {
                "version": VERSION,
                "title": facts.reference,
                "id": facts.id,
                "issuer": [{"name": facts.organisation, "address": [facts.contact]}],
                "description": _description(facts),
            }
        ),
        "provenance": _filled(
            {
                "source": facts.parent,
                "origin": _origins(facts),
                "origin-geography": [{"country": NOT_RECORDED}],
                "date": text.day(facts.frozen_at),
                "previous-date": text.day(facts.parent_frozen_at),
                "generation-period": _filled(
                    {"start": text.day(facts.collected_from), "end": text.day(facts.collected_to)}
                ),
                "generation-method": _methods(facts),
                "format": ["image/jpeg"],
            }
        ),
        "use": _filled(
            {
                "classification": _classification(facts),
                "privacy-enhancing": _privacy(facts),
                "license": [_licence_line(each.name, each.url) for each in facts.licences],
                "intended-purpose": [
                    {
                        "code": facts.project.use,
                        "system": _SYSTEM,
                        "description": facts.project.purpose,
                    }
                ],
                "copyright": [f"{status}: {count:,} pictures" for status, count in _by_basis(facts)],
            }
        ),
    }


def provenance(facts: DatasetFacts) -> Document:
    """Write the page of the provenance file: the same elements, under their names."""
    file = provenance_file(facts)
    source, origin, use = file["source"], file["provenance"], file["use"]
    return Document(
        kind=DocumentKind.PROVENANCE,
        title=f"Data provenance: {facts.reference}",
        standard=f"Data & Trust Alliance, Data Provenance Standards {VERSION}",
        scope="The file beside this page holds the same in the form of the standard's schema.",
        sections=(
            Section(
                number="1",
                title="Source",
                answers=said(
                    ("Standards version used", source["version"]),
                    ("Dataset title", source["title"]),
                    ("Unique metadata identifier", source["id"]),
                    ("Metadata location", None),
                    ("Dataset issuer", (facts.organisation, facts.contact)),
                    ("Description of the dataset", source["description"]),
                ),
            ),
            Section(
                number="2",
                title="Provenance",
                answers=said(
                    ("Source metadata for dataset", origin.get("source", text.FIRST_VERSION)),
                    ("Source, if different from the issuer", text.sources(facts)),
                    ("Data origin geography", None),
                    ("Dataset issue date", origin["date"]),
                    ("Date of previously issued version", origin.get("previous-date", text.FIRST_VERSION)),
                    ("Range of dates for data generation", _range(facts)),
                    ("Method", tuple(what for _, what in _found_methods(facts))),
                    ("Data format", tuple(origin["format"])),
                ),
            ),
            Section(
                number="3",
                title="Use",
                answers=said(
                    ("Confidentiality classification", text.people(facts)),
                    ("Consent documentation location", None, "Consents are counted, not located, in public."),
                    ("Privacy-enhancing technologies or tools applied", _privacy_words(facts)),
                    ("Data processing geography, inclusion and exclusion", None),
                    ("Data storage geography, allowed and forbidden", None),
                    ("License to use", text.licences(facts)),
                    ("Intended data use", f"{facts.project.use}: {facts.project.purpose}"),
                    ("Proprietary data presence: copyright", tuple(use.get("copyright", ()))),
                    ("Proprietary data presence: patent", None),
                    ("Proprietary data presence: trademark", None),
                ),
            ),
        ),
    )


def provenance_schema() -> dict[str, Any]:
    """Return the JSON schema that every provenance file of ours holds to."""
    package = resources.files("clearance.governing.documents")
    return dict(json.loads(package.joinpath("provenance.schema.json").read_text(encoding="utf-8")))


def _description(facts: DatasetFacts) -> str:
    return (
        f"{text.pictures(facts.items)} from {len(text.source_names(facts))} sources, cleared to train for the"
        f" project {facts.project.name}: {facts.project.purpose}"
    )


def _origins(facts: DatasetFacts) -> list[dict[str, Any]]:
    names: dict[str, list[str]] = {}
    for source in facts.sources:
        names.setdefault(source.owner or source.name, []).extend(source.hosts)
    return [{"name": name, "address": list(dict.fromkeys(hosts))} for name, hosts in names.items()]


def _methods(facts: DatasetFacts) -> list[dict[str, str]]:
    found = _found_methods(facts)
    if not found:
        return [{"code": NOT_RECORDED}]
    return [{"code": code, "system": _SYSTEM, "description": what} for code, what in found]


def _found_methods(facts: DatasetFacts) -> list[tuple[str, str]]:
    return [_METHODS[basis] for basis in text.counts_by_basis(facts.licences)]


def _classification(facts: DatasetFacts) -> list[dict[str, Any]]:
    """Say that personal data is there where a face was found; that none was found proves nothing."""
    if facts.people is None or not facts.people.with_faces:
        return []
    regulation = {"code": "GDPR", "description": "Regulation (EU) 2016/679: people in pictures"}
    return [{"regulation": regulation, "evaluated": True, "tool": facts.tool}]


def _privacy(facts: DatasetFacts) -> list[dict[str, Any]]:
    words = _privacy_words(facts)
    return [
        {
            "tool-category": {
                "code": "data-minimisation",
                "system": _SYSTEM,
                "description": words[0],
            }
        },
        {"tool-category": {"code": "encryption", "system": _SYSTEM, "description": words[1]}},
    ]


def _privacy_words(facts: DatasetFacts) -> tuple[str, ...]:
    return (
        f"{text.place(facts)}, device, owner and names of people pictured are taken out of every picture's"
        " metadata",
        "pictures are kept encrypted and decrypted one at a time on their way out",
    )


def _by_basis(facts: DatasetFacts) -> list[tuple[str, int]]:
    counts = text.counts_by_basis(facts.licences)
    return [(text.BASES.get(basis, basis), count) for basis, count in sorted(counts.items())]


def _licence_line(name: str, url: str) -> str:
    return f"{name}, {url}" if url else name


def _range(facts: DatasetFacts) -> str | None:
    first, last = text.day(facts.collected_from), text.day(facts.collected_to)
    return f"{first} to {last}" if first and last else None


def _filled(elements: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out the optional elements that nothing is recorded for."""
    return {name: value for name, value in elements.items() if value}
