"""The words of Croissant that we write, and the check that a description holds to them. Pure.

The public validator lets a mistyped RAI property pass and only warns of a missing licence; here both are
findings.

Source: MLCommons Croissant 1.1, appendix 1; Croissant RAI 1.0.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

CROISSANT = "http://mlcommons.org/croissant/1.1"
RAI = "http://mlcommons.org/croissant/RAI/1.0"
_ALIASES = (
    *("arrayShape", "citeAs", "column", "containedIn", "equivalentProperty", "extract", "field"),
    *("fileProperty", "fileObject", "fileSet", "format", "includes", "isArray", "isLiveDataset", "jsonPath"),
    *("key", "md5", "parentField", "path", "recordSet", "references", "regex", "repeated", "replace"),
    *("samplingRate", "separator", "source", "subField", "transform"),
)
CONTEXT: Mapping[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "sc": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "dct": "http://purl.org/dc/terms/",
    "prov": "http://www.w3.org/ns/prov#",
    "conformsTo": "dct:conformsTo",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "description": {"@container": "@language"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "name": {"@container": "@language"},
    **{name: f"cr:{name}" for name in _ALIASES},
}

_Text = Annotated[str, StringConstraints(min_length=1)]
_Texts = Annotated[list[_Text], Field(min_length=1)]
_Hash = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
_Day = Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2}$")]
_Url = Annotated[str, StringConstraints(pattern=r"^https?://\S+$")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _Reference(_Strict):
    id: _Text = Field(alias="@id")


class _Organisation(_Strict):
    type: Literal["sc:Organization"] = Field(alias="@type")
    name: _Text
    url: _Url


class _Usage(_Strict):
    type: Literal["sc:CreativeWork"] = Field(alias="@type")
    name: _Text
    text: _Text


class _Activity(_Strict):
    type: Literal["prov:Activity"] = Field(alias="@type")
    label: _Text = Field(alias="prov:label")
    started: _Text | None = Field(None, alias="prov:startedAtTime")
    ended: _Text | None = Field(None, alias="prov:endedAtTime")


class _Entity(_Strict):
    type: Literal["prov:Entity"] = Field(alias="@type")
    label: _Text = Field(alias="prov:label")


class _File(_Strict):
    type: Literal["cr:FileObject"] = Field(alias="@type")
    id: _Text = Field(alias="@id")
    name: _Text
    content_url: _Text = Field(alias="contentUrl")
    content_size: Annotated[str, StringConstraints(pattern=r"^\d+ B$")] = Field(alias="contentSize")
    encoding: _Text = Field(alias="encodingFormat")
    sha256: _Hash


class _Set(_Strict):
    type: Literal["cr:FileSet"] = Field(alias="@type")
    id: _Text = Field(alias="@id")
    name: _Text
    description: _Text
    encoding: _Text = Field(alias="encodingFormat")
    includes: _Text
    contained_in: Annotated[list[_Reference], Field(min_length=1)] | None = Field(None, alias="containedIn")


class _Extract(_Strict):
    column: _Text | None = None
    json_path: _Text | None = Field(None, alias="jsonPath")
    file_property: Literal["content", "filename"] | None = Field(None, alias="fileProperty")


class _Transform(_Strict):
    json_path: _Text | None = Field(None, alias="jsonPath")
    regex: _Text | None = None


class _Source(_Strict):
    file_set: _Reference | None = Field(None, alias="fileSet")
    file_object: _Reference | None = Field(None, alias="fileObject")
    extract: _Extract
    transform: _Transform | None = None


class _Field(_Strict):
    type: Literal["cr:Field"] = Field(alias="@type")
    id: _Text = Field(alias="@id")
    name: _Text
    description: _Text
    data_type: Literal["sc:Text", "sc:Integer", "sc:ImageObject"] = Field(alias="dataType")
    source: _Source


class _RecordSet(_Strict):
    type: Literal["cr:RecordSet"] = Field(alias="@type")
    id: _Text = Field(alias="@id")
    name: _Text
    description: _Text
    key: _Reference
    field: Annotated[list[_Field], Field(min_length=1)]


class _Dataset(_Strict):
    """A description as we write it: no property beside these, and none of the required ones missing."""

    context: dict[str, Any] = Field(alias="@context")
    type: Literal["sc:Dataset"] = Field(alias="@type")
    conforms_to: list[
        Literal["http://mlcommons.org/croissant/1.1", "http://mlcommons.org/croissant/RAI/1.0"]
    ] = Field(alias="conformsTo", min_length=2)
    name: _Text
    description: _Text
    url: _Url
    version: Annotated[str, StringConstraints(pattern=r"^\d+\.\d+\.\d+$")]
    license: _Texts
    creator: _Organisation
    publisher: _Organisation
    created: _Day = Field(alias="dateCreated")
    published: _Day = Field(alias="datePublished")
    is_live: Literal[False] = Field(alias="isLiveDataset")
    cite_as: _Text = Field(alias="citeAs")
    keywords: _Texts | None = None
    usage: _Usage = Field(alias="usageInfo")
    generated_by: _Activity = Field(alias="prov:wasGeneratedBy")
    derived_from: Annotated[list[_Entity], Field(min_length=1)] | None = Field(
        None, alias="prov:wasDerivedFrom"
    )
    collection: _Text = Field(alias="rai:dataCollection")
    collection_type: _Texts | None = Field(None, alias="rai:dataCollectionType")
    missing_data: _Text = Field(alias="rai:dataCollectionMissingData")
    raw_data: _Text | None = Field(None, alias="rai:dataCollectionRawData")
    time_frame: list[_Day] | None = Field(None, alias="rai:dataCollectionTimeFrame")
    preprocessing: _Texts = Field(alias="rai:dataPreprocessingProtocol")
    use_cases: _Texts = Field(alias="rai:dataUseCases")
    biases: _Texts | None = Field(None, alias="rai:dataBiases")
    limitations: _Texts = Field(alias="rai:dataLimitations")
    personal: _Texts | None = Field(None, alias="rai:personalSensitiveInformation")
    maintenance: _Texts = Field(alias="rai:dataReleaseMaintenancePlan")
    distribution: list[_File | _Set]
    record_set: list[_RecordSet] = Field(alias="recordSet")


def croissant_findings(document: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what a description does not hold to; nothing where it holds.

    Every property is one that we know, every reference leads somewhere, and no id stands twice.
    """
    try:
        _Dataset.model_validate(document)
    except ValidationError as error:
        return tuple(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
    ids = list(_ids(document))
    twice = sorted({each for each in ids if ids.count(each) > 1})
    lost = sorted({each for each in _references(document) if each not in ids})
    return (
        *(f"{each}: this id stands twice" for each in twice),
        *(f"{each}: nothing has this id" for each in lost),
    )


def _ids(value: object) -> Iterator[str]:
    for each in _objects(value):
        if "@id" in each and "@type" in each:
            yield str(each["@id"])


def _references(value: object) -> Iterator[str]:
    for each in _objects(value):
        if set(each) == {"@id"}:
            yield str(each["@id"])


def _objects(value: object) -> Iterator[Mapping[str, Any]]:
    """Walk everything below the context."""
    if isinstance(value, Mapping):
        yield value
        for name, below in value.items():
            if name != "@context":
                yield from _objects(below)
    elif isinstance(value, list):
        for below in value:
            yield from _objects(below)
