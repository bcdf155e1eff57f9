"""Documents about a frozen version, written by the command and by the API."""

import json
from pathlib import Path

import jsonschema
import pytest

import clearance
from clearance.errors import BadInput, StorageError
from pictures_made import photograph, xmp_packet
from sites import Site
from workspaces import Tried

CREATOR = xmp_packet('dc:creator="Ada"')
KINDS = ("eu-summary", "datasheet", "provenance", "ab2013")


@pytest.fixture(scope="module")
def frozen(tmp_path_factory: pytest.TempPathFactory) -> Tried:
    """A version of two pictures, one of them with a caption."""
    made = Tried(tmp_path_factory.mktemp("frozen") / "workspace")
    made.project(subjects=("bird",))
    with Site() as site:
        made.source("archive", site.host, owner="The Archive")
        rows = [
            {"url": site.serve("/0.jpg", photograph(seed=0)), "text": "a bird"},
            {"url": site.serve("/1.jpg", photograph(seed=1, xmp=CREATOR)), "text": "another bird"},
        ]
        table = made.root / "t.jsonl"
        table.write_text("\n".join(json.dumps(row) for row in rows))
        assert made.collect(table, caption_col="text")["kept"] == 2
    with clearance.open(made.root) as here:
        assert here.datasets.freeze("birds", project="p")["items"] == 2
    return made


@pytest.mark.control("C1.2", "C2.1")
def test_the_command_writes_all_documents(frozen: Tried, tmp_path: Path) -> None:
    """Each kind as a page and as JSON, the provenance file with its schema; what is there is not written over."""
    out = tmp_path / "docs"
    result = frozen.run("document", "--all", "--dataset", "birds", "--out", str(out), "--json")
    assert result.returncode == 0, result.stderr
    made = json.loads(result.stdout)
    names = {f"{kind}.{form}" for kind in KINDS for form in ("html", "json")}
    assert {path.name for path in out.iterdir()} == {
        *names,
        "provenance-file.json",
        "provenance-file.schema.json",
    }
    assert sorted(made["files"]) == sorted(str(path) for path in out.iterdir())
    assert made["dataset"] == "birds@1"
    schema = json.loads((out / "provenance-file.schema.json").read_text())
    jsonschema.Draft202012Validator(schema).validate(json.loads((out / "provenance-file.json").read_text()))
    summary = json.loads((out / "eu-summary.json").read_text())
    assert {name: summary[name] for name in ("kind", "root")} == {"kind": "eu-summary", "root": made["root"]}
    again = frozen.run("document", "ab2013", "--dataset", "birds@1", "--out", str(out), "--json")
    assert again.returncode == 2
    assert "not written over" in json.loads(again.stdout)["error"]["message"]


@pytest.mark.control("C1.2", "C3.3", "C4.2")
def test_the_facts_are_those_of_the_records(frozen: Tried) -> None:
    """Source, period, counts, risk analysis and audit come from the workspace itself."""
    with clearance.open(frozen.root) as here:
        made = here.documents.write("birds@1", ("datasheet", "eu-summary", "ab2013"))
        month = here.holding.versions.get("birds").frozen_at.strftime("%m/%Y")
    said = {
        kind: {
            answer["question"]: answer["answer"]
            for section in made["documents"][kind]["sections"]
            for answer in section["answers"]
        }
        for kind in ("datasheet", "eu-summary", "ab2013")
    }
    (source,) = said["datasheet"]["How was the data of each instance acquired?"]
    assert (source["source"], source["owner"], source["pictures"]) == ("archive", "The Archive", "2")
    assert said["datasheet"]["What subjects does it cover?"] == ["bird"]
    assert said["datasheet"]["Were ethical or impact reviews made?"].endswith("current: proceed")
    assert said["datasheet"]["How large are the pictures?"] == (
        "longest side from 320 to 320 pixels, half of them 320 or more"
    )
    assert isinstance(said["datasheet"]["What about its composition may affect uses?"], list)
    assert said["eu-summary"]["Period of data collection"] == f"{month} to {month}"
    assert said["eu-summary"]["Text: size and types of content"] == "captions of 2 pictures"
    measures = said["eu-summary"]["Measures: how a reservation is weighed"]
    assert measures[-1] == "Terms of service were reviewed by a person for 1 of 1 sources."
    assert measures[1].startswith("Signals that were read more than 30 days ago")
    assert said["datasheet"]["Are relationships between instances explicit?"] == (
        "Near copies were looked for, and none were found with these methods."
    )
    personal = said["ab2013"]["7. Whether there is personal information (section 1798.140(v))"]
    assert personal[:2] == [
        "1 picture with a named creator in their metadata",
        "2 pictures with a caption, which may be about people",
    ]
    assert made["files"] == []


def test_what_cannot_be_written_is_said(frozen: Tried, tmp_path: Path) -> None:
    """Unknown versions and kinds, a folder of the workspace, and a place that is no folder are refused."""
    with clearance.open(frozen.root) as here:
        with pytest.raises(BadInput, match="no dataset version 'fish'"):
            here.documents.write("fish", ())
        with pytest.raises(BadInput, match="one of eu-summary, datasheet, provenance, ab2013"):
            here.documents.write("birds", ("poem",))
        with pytest.raises(BadInput, match="workspace's own folder"):
            here.documents.write("birds", (), out=frozen.root / "datasets")
        (tmp_path / "file").write_text("x")
        with pytest.raises(StorageError):
            here.documents.write("birds", (), out=tmp_path / "file")
    for arguments, why in (
        (("document", "datasheet"), "--dataset is missing"),
        (("document", "--dataset", "birds"), "name one document, or --all"),
        (("document", "datasheet", "--all", "--dataset", "birds"), "name one document, or --all"),
    ):
        result = frozen.run(*arguments)
        assert result.returncode == 2
        assert why in result.stderr


def test_a_document_can_be_read_in_the_terminal(frozen: Tried) -> None:
    """Without a folder the answers are printed, and how many there are none for."""
    result = frozen.run("document", "datasheet", "--dataset", "birds")
    assert result.returncode == 0, result.stderr
    assert "Motivation" in result.stdout
    assert "not recorded" in result.stdout
    assert "archive: owner The Archive" in result.stdout
    assert ", ," not in result.stdout
    assert "questions that the records do not answer" in result.stderr
