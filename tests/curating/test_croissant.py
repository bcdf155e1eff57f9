"""The description of an export is Croissant 1.1 with RAI, by the public validator and by our stricter check."""

import json
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from clearance.curating import (
    Exported,
    ExportedFile,
    ExportFormat,
    croissant,
    croissant_findings,
    dataset_card,
)
from clearance.curating.handing_on.croissant import licence_terms
from clearance.governing.documents import LicenceShare
from clearance.identifiers import Sha256, sha256_of
from dataset_facts import BARE, FULL

TAR, PARQUET, TABLE = ExportFormat.WEBDATASET, ExportFormat.PARQUET, ExportFormat.CROISSANT


def exported(form: ExportFormat) -> Exported:
    """An export of two files, with the lists beside them."""
    names = (f"data/00000{form.suffix}", f"data/00001{form.suffix}", "attribution.csv", "attribution.txt")
    files = tuple(
        ExportedFile(
            name=name, path=Path("/out") / name, samples=10, size=100, sha256=Sha256(sha256_of(name.encode()))
        )
        for name in names
    )
    return Exported(form=form, use="train", items=19, files=files, published="2026-11-25")


@pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib")
@pytest.mark.control("C2.1", "C4.2")
@pytest.mark.parametrize("form", ExportFormat)
@pytest.mark.parametrize("facts", [FULL, BARE], ids=["full", "bare"])
def test_mlcroissant_has_nothing_to_say(form: ExportFormat, facts: Any, tmp_path: Path) -> None:
    """Neither an error nor a warning, whatever is recorded."""
    import mlcroissant

    document = croissant(facts, exported(form))
    assert croissant_findings(document) == ()
    path = tmp_path / "croissant.json"
    path.write_text(json.dumps(document))
    issues = mlcroissant.Dataset(jsonld=str(path)).metadata.ctx.issues
    assert (set(issues.errors), set(issues.warnings)) == (set(), set())


@pytest.mark.control("C1.3", "C4.2")
def test_it_says_what_is_recorded() -> None:
    """Licences, biases, people and times come from the facts; files carry their hashes."""
    document = croissant(FULL, exported(TAR))
    assert document["conformsTo"] == [
        "http://mlcommons.org/croissant/1.1",
        "http://mlcommons.org/croissant/RAI/1.0",
    ]
    assert document["license"] == [
        "https://creativecommons.org/licenses/by/4.0/",
        "contract licence-0001 with Agency Ltd",
    ]
    assert (document["version"], document["dateCreated"]) == ("2.0.0", "2026-11-23")
    assert document["rai:dataBiases"] == [
        "Balance audit, against stated targets.",
        "country: outside; TVD 0.3, at most 0.25",
    ]
    assert document["rai:dataCollectionTimeFrame"] == ["2026-03-05", "2026-09-07"]
    assert document["rai:dataCollectionMissingData"] == "8 of 20 pictures have no caption."
    assert [each["prov:label"] for each in document["prov:wasDerivedFrom"]] == [
        "agency: agency.example",
        "archive: archive.example, *.archive.example",
        "birds@1",
    ]
    first = document["distribution"][0]
    assert (first["@id"], first["sha256"]) == ("data/00000.tar", sha256_of(b"data/00000.tar"))
    assert [each["@id"] for each in document["recordSet"]] == ["pictures", "credits"]


@pytest.mark.control("C1.3", "C1.4", "C1.5")
def test_collection_is_told_by_its_bases() -> None:
    """What licensors give is not scraped, and reviews of terms are counted."""
    both = croissant(FULL, exported(TAR))
    assert both["rai:dataCollectionType"] == ["Web Scraping", "Software Collection"]
    assert "reviewed by a person for 1 of 2 sources" in both["rai:dataCollection"]
    assert "For the 9 pictures licensed by contract" in both["rai:dataCollection"]
    assert "place more exactly than the country, device" in both["rai:dataPreprocessingProtocol"][1]
    licensed = replace(FULL, sources=FULL.sources[:1], licences=FULL.licences[1:])
    document = croissant(licensed, exported(TAR))
    assert document["rai:dataCollectionType"] == ["Software Collection"]
    assert "for 0 of 1 sources" in document["rai:dataCollection"]
    openly = replace(FULL, sources=FULL.sources[1:], licences=FULL.licences[:1], keeps_country=False)
    document = croissant(openly, exported(TAR))
    assert document["rai:dataCollectionType"] == ["Web Scraping"]
    assert "reservation-lifted" not in document["rai:dataCollection"]
    assert "place, device" in document["rai:dataPreprocessingProtocol"][1]
    assert "rai:dataCollectionType" not in croissant(BARE, exported(TAR))


@pytest.mark.control("C4.2")
def test_it_leaves_out_what_nobody_recorded() -> None:
    """No audit, no statement on bias; nobody looked, no statement on people."""
    document = croissant(BARE, exported(PARQUET))
    absent = {
        *("rai:dataBiases", "rai:personalSensitiveInformation", "rai:dataCollectionTimeFrame", "keywords"),
        *("prov:wasDerivedFrom", "rai:dataCollectionRawData"),
    }
    assert absent & set(document) == set()
    assert document["license"] == ["not recorded"]
    targets = replace(FULL, audit=replace(FULL.audit, targets_stated=False)) if FULL.audit else FULL
    assert (
        croissant(targets, exported(PARQUET))["rai:dataBiases"][0] == "Balance audit, no targets were stated."
    )
    editorial = croissant(replace(FULL, kind="editorial", longest_sides=None), exported(TABLE))
    assert "For editorial use only." in editorial["rai:dataLimitations"]


def test_a_table_without_pictures_has_no_picture_field() -> None:
    """The description alone says nothing of pictures that did not leave."""
    fields = [each["name"] for each in croissant(FULL, exported(TABLE))["recordSet"][0]["field"]]
    with_pictures = [each["name"] for each in croissant(FULL, exported(PARQUET))["recordSet"][0]["field"]]
    assert {*with_pictures} - {*fields} == {"image", "sha256"}


@pytest.mark.parametrize(
    ("basis", "term"),
    [
        ("public-domain", "public domain, as stated by the sources"),
        ("own-work", "own work of Test & Söhne"),
        (
            "tdm-exception",
            "no licence: text-and-data-mining exception, Directive (EU) 2019/790, Articles 3 and 4",
        ),
        ("open-licence", "FAL-1.3"),
    ],
)
def test_every_basis_has_its_terms(basis: str, term: str) -> None:
    """What has no address has words."""
    share = LicenceShare(name="FAL-1.3", basis=basis, url="", licensor="", uses=(), until=None, items=1)
    assert licence_terms(replace(FULL, licences=(share, share))) == [term]


Breaking = Callable[[dict[str, Any]], object]


@pytest.mark.parametrize(
    ("breaking", "place"),
    [
        (lambda d: d.pop("license"), "license"),
        (lambda d: d.update(license=[]), "license"),
        (lambda d: d.update({"rai:dataBiasses": ["x"]}), "rai:dataBiasses"),
        (lambda d: d["distribution"][0].pop("sha256"), "distribution.0"),
        (lambda d: d["distribution"][0].update(sha256="abc"), "distribution.0"),
        (lambda d: d.update(conformsTo=["http://mlcommons.org/croissant/1.0"] * 2), "conformsTo"),
        (lambda d: d.update(url="example.org"), "url"),
        (lambda d: d["recordSet"][0]["field"][0].update(dataType="sc:Float"), "recordSet.0.field.0"),
    ],
)
def test_a_wrong_or_missing_property_is_found(breaking: Breaking, place: str) -> None:
    """Our check finds what the public validator lets pass."""
    document = deepcopy(croissant(FULL, exported(TAR)))
    breaking(document)
    found = croissant_findings(document)
    assert found
    assert all(each.startswith(place) for each in found)


def test_ids_that_lead_nowhere_or_stand_twice_are_found() -> None:
    """A reference needs its thing, and a thing one name."""
    document = deepcopy(croissant(FULL, exported(PARQUET)))
    document["recordSet"][0]["key"]["@id"] = "pictures/nothing"
    document["distribution"][1]["@id"] = "data/00000.parquet"
    assert croissant_findings(document) == (
        "data/00000.parquet: this id stands twice",
        "pictures/nothing: nothing has this id",
    )


@pytest.mark.control("C5.2")
def test_a_card_is_text_whatever_it_quotes() -> None:
    """The samples are found by its YAML, and nothing that it quotes is markup."""
    import yaml

    hostile = "<img src=x> [a](http://b) \n---\n`code`"
    project = replace(FULL.project, purpose=hostile)
    card = dataset_card(replace(FULL, project=project, organisation=hostile), exported(PARQUET))
    _, head, body = card.split("---\n", 2)
    assert yaml.safe_load(head)["configs"][0]["data_files"] == [{"split": "train", "path": "data/*.parquet"}]
    assert "Collected for: \\<img src=x\\> \\[a\\](http://b) --- \\`code\\`\n" in body
    assert body.startswith("\n# birds@2\n\n19 pictures, exported to train on 2026-11-25")
