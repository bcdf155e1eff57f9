"""Describe an export in Croissant 1.1 with the RAI vocabulary, from recorded facts only. Pure.

What nobody recorded is left out where the standard lets it be, and said to be not recorded where it must be
there.

Source: MLCommons Croissant 1.1; Croissant RAI 1.0; W3C PROV-O; C2.1, C4.2.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from clearance.curating.handing_on.attribution import ATTRIBUTION_TABLE, COLUMNS
from clearance.curating.handing_on.croissant_terms import CONTEXT, CROISSANT, RAI
from clearance.curating.handing_on.writers import NUMBERS, TEXTS
from clearance.curating.handing_on.writing import DATA_FOLDER, ExportedFile, ExportFormat
from clearance.governing.documents import NOT_RECORDED, DatasetFacts, text

_PARQUET = "application/x-parquet"
"""As the reader of MLCommons knows it."""
_TAR = "application/x-tar"
_ENCODINGS: Mapping[str, str] = {
    ".tar": _TAR,
    ".parquet": _PARQUET,
    ".csv": "text/csv",
    ".txt": "text/plain",
}
_DESCRIBED: Mapping[str, str] = {
    "item_id": "id of the picture in the register",
    "url": "address that it came from",
    "caption": "caption of the table that it was collected by",
    "source": "source that it came from",
    "basis": "why it may be taken",
    "licence": "id of the open licence, or of the contract",
    "licence_url": "address of the open licence",
    "credit": "who is to be named: the credit line, or else the creators, as stated",
    "attribution": "credit line as the licence asks for it",
    "content_sha256": "SHA-256 of the bytes in the vault",
    "received_sha256": "SHA-256 of the bytes as they came",
    "sha256": "SHA-256 of the bytes in this export",
    "iscc": "ISCC (ISO 24138) of the picture as it came",
    "collected_at": "when it was collected",
    "extra": "further columns of the table that it was collected by, as JSON",
    "width": "width in pixels",
    "height": "height in pixels",
    "credit_line": "credit line as the licence asks for it",
    "state": "whether a credit is due, and on record",
    "title": "title, as its own metadata says",
    "creator": "who made it, as stated",
    "copyright_notice": "copyright notice, as stated",
    "licensor": "who licensed it by contract",
    "conditions": "what the contract asks for",
    "changes": "what was done to the picture",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """What an export is made of."""

    form: ExportFormat
    use: str
    items: int
    files: tuple[ExportedFile, ...]
    """The pictures, and beside them the lists of whom to name."""
    published: str
    """The day of the export."""


def croissant(facts: DatasetFacts, exported: Exported) -> dict[str, Any]:
    """Return the description of an export, as JSON-LD."""
    name, _, number = facts.reference.partition("@")
    return {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": [CROISSANT, RAI],
        "name": facts.reference,
        "description": (
            f"{exported.items} pictures of the dataset version {facts.reference}, exported to"
            f" {exported.use}: {facts.project.purpose}"
        ),
        "url": facts.contact,
        "version": f"{number}.0.0",
        "license": licence_terms(facts),
        "creator": _organisation(facts),
        "publisher": _organisation(facts),
        "dateCreated": facts.frozen_at.strftime("%Y-%m-%d"),
        "datePublished": exported.published,
        "isLiveDataset": False,
        "citeAs": f"{facts.organisation}: {name}, version {number}. Root {facts.root}",
        **({"keywords": list(facts.project.subjects)} if facts.project.subjects else {}),
        "usageInfo": {
            "@type": "sc:CreativeWork",
            "name": f"Exported to {exported.use}",
            "text": "Each picture keeps its own licence, credit and rights; attribution.csv lists them.",
        },
        **_provenance(facts),
        **_rai(facts),
        "distribution": _distribution(exported),
        "recordSet": _record_sets(exported),
    }


def licence_terms(facts: DatasetFacts) -> list[str]:
    """Return under what the pictures are used: addresses of open licences, and words for the rest."""
    terms = {
        "licence": "contract {name} with {licensor}",
        "public-domain": "public domain, as stated by the sources",
        "own-work": f"own work of {facts.organisation}",
        "tdm-exception": (
            "no licence: text-and-data-mining exception, Directive (EU) 2019/790, Articles 3 and 4"
        ),
    }
    found = [
        share.url or terms.get(share.basis, "{name}").format(name=share.name, licensor=share.licensor)
        for share in facts.licences
    ]
    return list(dict.fromkeys(found)) or [NOT_RECORDED]


def _organisation(facts: DatasetFacts) -> dict[str, Any]:
    return {"@type": "sc:Organization", "name": facts.organisation, "url": facts.contact}


def _provenance(facts: DatasetFacts) -> dict[str, Any]:
    activity: dict[str, Any] = {"@type": "prov:Activity", "prov:label": f"collection by {facts.user_agent}"}
    if facts.collected_from is not None and facts.collected_to is not None:
        activity["prov:startedAtTime"] = facts.collected_from.isoformat()
        activity["prov:endedAtTime"] = facts.collected_to.isoformat()
    derived = [
        {"@type": "prov:Entity", "prov:label": f"{source.name}: {', '.join(source.hosts)}"}
        for source in facts.sources
    ]
    if facts.parent:
        derived.append({"@type": "prov:Entity", "prov:label": facts.parent})
    return {
        "prov:wasGeneratedBy": activity,
        **({"prov:wasDerivedFrom": derived} if derived else {}),
    }


def _rai(facts: DatasetFacts) -> dict[str, Any]:
    """Answer the properties of RAI that something is recorded for."""
    missing = facts.items - facts.captions
    found: dict[str, Any] = {
        "rai:dataCollection": (
            f"Pictures were collected for the project {facts.project.name} ({facts.project.purpose}) from"
            f" {len(text.source_names(facts))} sources, each on a recorded basis."
            f" {' '.join(text.reservations(facts))} {text.terms(facts)}"
        ),
        "rai:dataCollectionType": _collection_types(facts),
        "rai:dataCollectionMissingData": f"{missing} of {facts.items} pictures have no caption.",
        "rai:dataCollectionRawData": _raw(facts),
        "rai:dataCollectionTimeFrame": _time_frame(facts),
        "rai:dataPreprocessingProtocol": [
            "decoded, reduced to the longest side that the policy allows, encoded anew as JPEG",
            f"rights metadata kept; {text.place(facts)}, device, owner and names of people pictured taken"
            " out",
            *_withheld(facts),
        ],
        "rai:dataUseCases": [f"{facts.project.use}: {facts.project.purpose}"],
        "rai:dataBiases": _biases(facts),
        "rai:dataLimitations": _limitations(facts),
        "rai:personalSensitiveInformation": _people(facts),
        "rai:dataReleaseMaintenancePlan": [
            "A version never changes; what must go is taken out by a new version that names its parent."
        ],
    }
    return {name: value for name, value in found.items() if value}


def _collection_types(facts: DatasetFacts) -> list[str]:
    """Say how it was collected, in the words of RAI: what a contract or ownership gives is not scraped."""
    kinds = []
    if text.on_basis(facts, *text.CRAWLED):
        kinds.append("Web Scraping")
    if text.on_basis(facts, "licence", "own-work"):
        kinds.append("Software Collection")
    return kinds


def _raw(facts: DatasetFacts) -> str:
    listed = "; ".join(
        f"{source.name} ({source.basis}): {', '.join(source.hosts)}" for source in facts.sources
    )
    return listed


def _time_frame(facts: DatasetFacts) -> list[str]:
    if facts.collected_from is None or facts.collected_to is None:
        return []
    return [facts.collected_from.strftime("%Y-%m-%d"), facts.collected_to.strftime("%Y-%m-%d")]


def _withheld(facts: DatasetFacts) -> list[str]:
    return [f"kept out by {name}: {count}" for name, count in sorted(facts.withheld.items())]


def _biases(facts: DatasetFacts) -> list[str]:
    if facts.audit is None:
        return []
    stated = "against stated targets" if facts.audit.targets_stated else "no targets were stated"
    return [
        f"Balance audit, {stated}.",
        *(f"{found.what}: {found.verdict}; {found.detail}" for found in facts.audit.findings),
    ]


def _limitations(facts: DatasetFacts) -> list[str]:
    limits = ["Selected by what sources allow, not drawn at random: it represents no population."]
    if facts.kind == "editorial":
        limits.append("For editorial use only.")
    if facts.longest_sides is not None:
        limits.append(f"Longest side at most {facts.longest_sides[2]} pixels.")
    return limits


def _people(facts: DatasetFacts) -> list[str]:
    known = facts.people
    if known is None or not known.examined:
        return []
    return [
        f"Of {known.examined} pictures that detectors looked at, {known.with_faces} have what may be faces"
        " in them; that none was detected does not mean that nobody is in a picture.",
        f"Consents on record: model releases {known.model_releases}, property releases"
        f" {known.property_releases}, withdrawn of both {known.withdrawn}.",
    ]


def _distribution(exported: Exported) -> list[dict[str, Any]]:
    files = [_file(each, _ENCODINGS[each.path.suffix]) for each in exported.files]
    if exported.form is not ExportFormat.WEBDATASET:
        return [*files, _set("tables", _PARQUET, f"{DATA_FOLDER}/*.parquet", "the pictures, a row each", [])]
    inside = [{"@id": each["@id"]} for each in files if each["encodingFormat"] == _TAR]
    return [
        *files,
        _set("jpeg-files", "image/jpeg", "*.jpg", "the pictures", inside),
        _set("json-files", "application/json", "*.json", "the facts of each picture", inside),
    ]


def _file(file: ExportedFile, encoding: str) -> dict[str, Any]:
    return {
        "@type": "cr:FileObject",
        "@id": file.name,
        "name": file.name,
        "contentUrl": file.name,
        "contentSize": f"{file.size} B",
        "encodingFormat": encoding,
        "sha256": file.sha256,
    }


def _set(
    name: str, encoding: str, includes: str, what: str, inside: Sequence[Mapping[str, str]]
) -> dict[str, Any]:
    described = {
        "@type": "cr:FileSet",
        "@id": name,
        "name": name,
        "description": what,
        "encodingFormat": encoding,
        "includes": includes,
    }
    return {**described, "containedIn": list(inside)} if inside else described


def _record_sets(exported: Exported) -> list[dict[str, Any]]:
    if exported.form is ExportFormat.WEBDATASET:
        return _tar_records()
    fields = [
        _field("pictures", name, {"fileSet": {"@id": "tables"}, "extract": {"column": name}}, _type_of(name))
        for name in _columns(exported.form)
    ]
    if exported.form.holds_pictures:
        source = {
            "fileSet": {"@id": "tables"},
            "extract": {"column": "image"},
            "transform": {"jsonPath": "bytes"},
        }
        fields.append(_field("pictures", "image", source, "sc:ImageObject", what="the picture, as JPEG"))
    return [_record_set("pictures", "the pictures with their facts", "item_id", fields)]


def _tar_records() -> list[dict[str, Any]]:
    """Describe the pictures and, apart, whom to name: both carry the id that joins them.

    The facts inside the archives are described as files only: the reader of MLCommons takes no fields from
    JSON in archives.
    """
    credit = [
        _field(
            "credits",
            name,
            {"fileObject": {"@id": ATTRIBUTION_TABLE}, "extract": {"column": name}},
            "sc:Text",
        )
        for name in COLUMNS
    ]
    key = _field(
        "pictures",
        "item_id",
        {
            "fileSet": {"@id": "jpeg-files"},
            "extract": {"fileProperty": "filename"},
            "transform": {"regex": r"^(.*)\.jpg$"},
        },
        "sc:Text",
    )
    image = _field(
        "pictures",
        "image",
        {"fileSet": {"@id": "jpeg-files"}, "extract": {"fileProperty": "content"}},
        "sc:ImageObject",
        what="the picture, as JPEG",
    )
    return [
        _record_set("pictures", "the pictures", "item_id", [key, image]),
        _record_set("credits", "whom to name for each picture, and under what it is used", "item_id", credit),
    ]


def _columns(form: ExportFormat) -> tuple[str, ...]:
    return (*TEXTS, *(("sha256",) if form.holds_pictures else ()), "extra", *NUMBERS)


def _type_of(name: str) -> str:
    return "sc:Integer" if name in NUMBERS else "sc:Text"


def _record_set(name: str, what: str, key: str, fields: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "@type": "cr:RecordSet",
        "@id": name,
        "name": name,
        "description": what,
        "key": {"@id": f"{name}/{key}"},
        "field": fields,
    }


def _field(
    record_set: str, name: str, source: dict[str, Any], data_type: str, *, what: str = ""
) -> dict[str, Any]:
    return {
        "@type": "cr:Field",
        "@id": f"{record_set}/{name}",
        "name": name,
        "description": what or _DESCRIBED[name],
        "dataType": data_type,
        "source": source,
    }
