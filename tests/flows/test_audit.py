"""Balance audits of whole projects and folders: stated, audited, written, and refused."""

import json
from pathlib import Path

import pyarrow as pa
import pytest

import clearance
from clearance.collecting import utc_now
from clearance.curating import Examined
from clearance.errors import BadInput, StorageError
from clearance.identifiers import ItemId, Sha256
from clearance.register import Event, read_entry
from pictures_made import photograph
from sites import Site
from workspaces import Tried

TARGETS = "form: 1\ndimensions: {country: {DE: 0.5, FR: 0.5}, orientation: [landscape, portrait, square]}\n"


def collected(tried: Tried, site: Site) -> list[str]:
    """Collect four pictures, one upright, one a copy, and note what was found in three; returns their ids."""
    tried.source("archive", site.host)
    sizes = [(96, 72), (72, 96), (120, 90), (96, 72)]
    tried.collect(
        [
            site.serve(f"/{seed}.jpg", photograph(seed=seed, width=width, height=height))
            for seed, (width, height) in enumerate(sizes)
        ]
    )
    kept = sorted(tried.items(decision="kept"), key=lambda each: each["url"])
    ids = [each["id"] for each in kept]
    with clearance.open(tried.root) as here:
        found = [
            Examined(
                item=ItemId(item),
                content_sha256=Sha256("0" * 64),
                examined_at=utc_now(),
                methods="test",
                failure="" if number else "took too long",
                candidates=number,
                creator="A. Photographer",
                country="DEU",
                taken="2019-05" if number else "unclear",
                keywords=("City",),
            )
            for number, item in enumerate(ids[:3])
        ]
        here.holding.examined.add(found)
        here.holding.copies.link([(ItemId(ids[0]), ItemId(ids[2]))], looked_at=[ItemId(ids[0])], known={})
    return ids


@pytest.mark.control("C4.2")
def test_a_project_is_audited_against_what_it_stated(tried: Tried, site: Site, tmp_path: Path) -> None:
    """Targets are kept and logged, later runs use them, the report is written as JSON, page and charts."""
    ids = collected(tried, site)
    stated = tmp_path / "targets.yaml"
    stated.write_text(TARGETS)
    out = tmp_path / "report"
    first = tried.run("audit", "--project", "p", "--json")
    assert first.returncode == 0, first.stderr
    assert json.loads(first.stdout)["has_targets"] is False
    result = tried.run(
        "audit", "--project", "p", "--targets", str(stated), "--out", str(out), "--why", "test", "--json"
    )
    assert result.returncode == 0, result.stderr
    told = json.loads(result.stdout)
    assert (told["of"], told["files_audited"], told["pictures"], told["verdict"]) == (
        "project p",
        4,
        3,
        "insufficient evidence",
    )
    counted = "Copies were looked for in 1 of 4 files; those that were found count once,"
    assert told["files_compared"] == 1
    assert told["counted"].startswith(counted)
    dimensions = {each["of"]: each for each in told["dimensions"]}
    assert {row["name"]: row["n"] for row in dimensions["country"]["categories"]} == {"DE": 2, "FR": 0}
    assert dimensions["country"]["unknown"] == 1
    assert (dimensions["people"]["known"], dimensions["people"]["unknown"]) == (2, 1)
    assert dimensions["creator"]["categories"][0]["name"] == "A. Photographer"
    assert dimensions["licence"]["categories"][0]["name"] == "public-domain"
    assert sum(row["n"] for row in dimensions["orientation"]["categories"]) == 3
    assert {Path(name).name for name in told["files"]} >= {"audit.json", "audit.html", "country.svg"}
    kept = json.loads((out / "audit.json").read_bytes())
    assert kept == {name: value for name, value in told.items() if name != "files"}
    assert "<script" not in (out / "audit.html").read_text()
    assert counted in (out / "audit.html").read_text()
    with clearance.open(tried.root, why="again") as here:
        again = here.audits.audit("p")
        assert again["targets_sha256"] == told["targets_sha256"]
        reads = {(read["what"], read["items"], read["why"]) for read in here.reads.list()}
        assert reads >= {("audit", 4, ""), ("audit", 4, "test"), ("audit", 4, "again")}
        attached = here.audits.attach("p", pa.array(ids[:1]))
        entries = [read_entry(raw) for raw in here.holding.stores.log.entries()]
    assert [each.facts for each in entries if isinstance(each, Event) and each.kind == "targets-stated"] == [
        {}
    ]
    assert (attached.verdict, attached.has_targets) == ("insufficient evidence", True)
    assert json.loads(attached.content)["pictures"] == 1
    shown = tried.run("audit", "--project", "p")
    assert shown.returncode == 0
    assert "insufficient evidence" in shown.stdout
    assert "source: concentration" in shown.stdout
    assert "Copies were looked for in 1 of 4 files" in " ".join(shown.stdout.split())


@pytest.mark.control("C4.2", "P4.3")
def test_a_folder_of_synthetic_pictures_is_held_against_a_project(
    tried: Tried, site: Site, tmp_path: Path
) -> None:
    """Sizes and faces come out of the cage; a missing file is a refusal, a broken one is no picture."""
    collected(tried, site)
    folder = tmp_path / "made"
    folder.mkdir()
    for number in range(3):
        (folder / f"{number}.png").write_bytes(photograph(seed=90 + number, width=72, height=96, form="PNG"))
    (folder / "broken.jpg").write_bytes(b"no picture")
    prompts = tmp_path / "prompts.jsonl"
    prompts.write_text(
        "\n".join(
            json.dumps({"file": name, "prompt": "a street", "kind": "neutral"})
            for name in ("0.png", "1.png", "2.png", "broken.jpg", "never.png")
        )
    )
    arguments = ("audit", "--folder", str(folder), "--prompts", str(prompts), "--against", "p")
    result = tried.run(*arguments, "--out", str(tmp_path / "report"), "--json")
    assert result.returncode == 0, result.stderr
    told = json.loads(result.stdout)
    assert (told["of"], told["pictures"], told["targets_sha256"]) == ("folder made", 3, None)
    assert {each["outcome"]: each["n"] for each in told["outputs"]["outcomes"]} == {
        "no_face_detected": 3,
        "refused: no file was made": 1,
        "a file that is no picture": 1,
    }
    assert (told["files_compared"], told["counted"]) == (
        0,
        "Copies were not looked for: every file counts as a picture.",
    )
    compared = {each["of"]: each for each in told["outputs"]["comparisons"]}
    portrait = next(row for row in compared["orientation"]["categories"] if row["name"] == "portrait")
    assert (portrait["outputs"], portrait["trained"]) == (1, pytest.approx(1 / 3, abs=1e-5))
    assert (compared["orientation"]["prompts"], compared["orientation"]["n_prompts"]) == ("neutral", 1)
    assert "Amplification is the share" in (tmp_path / "report" / "audit.html").read_text()
    shown = tried.run("audit", "--folder", str(folder), "--against", "p")
    assert shown.returncode == 0, shown.stderr
    assert "Amplification against p" in shown.stdout


def test_an_example_of_targets_is_printed(tried: Tried) -> None:
    """It needs no workspace, and is what the reader reads."""
    text = tried.run("audit", "--template").stdout
    assert text.startswith("# What this project wants")
    assert json.loads(tried.run("audit", "--template", "--json").stdout) == {"template": text}


WRONG = (
    ((), "either --project NAME or --folder DIR"),
    (("--project", "p", "--folder", "."), "either --project NAME or --folder DIR"),
    (("--project", "p", "--against", "p"), "--prompts and --against go with --folder"),
    (("--project", "p"), "nothing to audit: no picture is kept"),
    (("--project", "q"), "q"),
    (("--project", "p", "--targets", "none.yaml"), "none.yaml: No such file"),
    (
        ("--project", "p", "--targets", "wrong.yaml"),
        "targets that do not sum up: the shares make 1.1, not 1",
    ),
    (("--project", "p", "--out", "vault"), "vault"),
    (("--project", "p", "--out", "broken"), "broken: not empty; a report goes into a folder of its own"),
    (("--folder", "nowhere"), "nowhere: no folder"),
    (("--folder", "empty"), "nothing to audit: no picture is in it"),
    (("--folder", "broken"), "nothing to audit: none of the files can be read as a picture"),
    (("--folder", "broken", "--prompts", "empty"), "empty: Is a directory"),
    (("--folder", "broken", "--against", "d@1"), "no dataset version 'd@1'"),
    (("--folder", "broken", "--targets", "wrong.yaml"), "targets that do not sum up"),
)


def test_what_cannot_be_audited_says_why(tried: Tried) -> None:
    """Exit status 2, and what is wrong with what."""
    (tried.root / "wrong.yaml").write_text("form: 1\ndimensions: {source: {a: 0.5, b: 0.6}}\n")
    (tried.root / "empty").mkdir()
    (tried.root / "broken").mkdir()
    (tried.root / "broken" / "a.jpg").write_bytes(b"x")
    for arguments, says in WRONG:
        result = tried.run("audit", *arguments)
        assert (result.returncode, says in result.stderr) == (2, True), result.stderr


@pytest.mark.control("C5.2")
def test_a_list_of_prompts_does_not_lead_out_of_its_folder(tried: Tried, tmp_path: Path) -> None:
    """A link to somewhere else is no output, whatever the list says; a huge file is no picture."""
    folder = tmp_path / "made"
    folder.mkdir()
    secret = tmp_path / "secret.jpg"
    secret.write_bytes(photograph(seed=1))
    (folder / "link.jpg").symlink_to(secret)
    (folder / "a.jpg").write_bytes(photograph(seed=2, width=72, height=72))
    prompts = tmp_path / "prompts.csv"
    prompts.write_text("file,prompt\nlink.jpg,x\na.jpg,y\n")
    with clearance.open(tried.root) as here:
        told = here.audits.audit_folder(folder, prompts=prompts)
        outcomes = {each["outcome"]: each["n"] for each in told["outputs"]["outcomes"]}
        assert outcomes == {"no_face_detected": 1, "refused: no file was made": 1}
        with pytest.raises((BadInput, StorageError)):
            here.audits.audit_folder(folder, out=folder / "a.jpg" / "report")
