"""A dataset version goes out in the forms that stock training code reads, for uses that were granted only."""

import csv
import io
import json
import subprocess
import sys
import tarfile
import warnings
from collections.abc import Iterator
from copy import copy
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import yaml
from PIL import Image

import clearance
from clearance.collecting import utc_now
from clearance.curating import ExportFormat, Sample, write_samples
from clearance.curating.handing_on import writing
from clearance.errors import BadInput, IntegrityError, Refused, StorageError, WorkspaceBusy
from clearance.identifiers import ItemId, Malformed, sha256_of
from clearance.keeping import ErasureReason, no_items
from clearance.keeping.suppression import Kind
from clearance.pictures import read_back
from clearance.training import ClearedPictures
from pictures_made import photograph, xmp_packet
from sites import Site
from workspaces import Tried, copied

CREDIT = xmp_packet(
    'xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" photoshop:Credit="A. Person / Archive"'
)
FORMULA = "=HYPERLINK(1) ü"


@pytest.fixture(scope="module")
def frozen(tmp_path_factory: pytest.TempPathFactory) -> Tried:
    """Three pictures, two of an agency and one under an open licence; one of them names nobody."""
    made = Tried(tmp_path_factory.mktemp("frozen") / "workspace")
    made.project()
    with Site() as agency, Site() as commons:
        made.source("agency", agency.host, basis="licence", owner="Agency Ltd")
        made.source("commons", commons.host, basis="open-licence", open_licence="CC-BY-4.0")
        with clearance.open(made.root) as here:
            here.licences.add(
                sources=("agency",),
                licensor="Agency Ltd",
                uses=("train",),
                reference="C-1",
                conditions="name us",
            )
        rows = [
            {"url": agency.serve("/0.jpg", photograph(seed=0, xmp=CREDIT)), "text": FORMULA, "tag": "bird"},
            {"url": agency.serve("/1.jpg", photograph(seed=1)), "text": "", "tag": ""},
            {"url": commons.serve("/2.jpg", photograph(seed=2, xmp=CREDIT)), "text": "owl", "tag": "bird"},
        ]
        table = made.root / "t.jsonl"
        table.write_text("\n".join(json.dumps(row) for row in rows))
        assert made.collect(table, caption_col="text")["kept"] == 3
    with clearance.open(made.root) as here:
        assert here.datasets.freeze("birds", project="p")["items"] == 3
    return made


@pytest.fixture
def birds(frozen: Tried, tmp_path: Path) -> Tried:
    """A copy that a test may change."""
    return copied(frozen.root, tmp_path / "copy")


def exported(tried: Tried, folder: Path, form: str, **options: str) -> dict[str, Any]:
    with clearance.open(tried.root) as here:
        return here.datasets.export("birds", folder, form=form, **options)


def data_file(folder: Path) -> Path:
    (found,) = (folder / "data").iterdir()
    return found


def in_tar(folder: Path) -> dict[str, bytes]:
    """Return the files of the exported shard."""
    with tarfile.open(data_file(folder)) as tar:
        opened = ((entry.name, tar.extractfile(entry)) for entry in tar)
        return {name: file.read() for name, file in opened if file is not None}


def items_by_url(tried: Tried) -> dict[str, str]:
    return {item["url"].rsplit("/", 1)[1]: item["id"] for item in tried.items()}


@pytest.fixture
def quiet() -> Iterator[None]:
    """Other people's libraries warn of each other."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@pytest.mark.usefixtures("quiet")
@pytest.mark.control("C1.3")
def test_webdataset_reads_the_tar(frozen: Tried, tmp_path: Path) -> None:
    """Each sample has its picture, its caption, its rights and the hash of its very bytes."""
    import webdataset

    report = exported(frozen, tmp_path / "out", "webdataset")
    assert (report["exported"], report["withheld"], report["erased"]) == (3, {}, 0)
    assert report["credits"] == {"given": 2, "missing": 1}
    files = in_tar(tmp_path / "out")
    shard = str(data_file(tmp_path / "out"))
    samples = list(webdataset.WebDataset(shard, shardshuffle=False).decode("pil"))
    assert sorted(sample["txt"] for sample in samples) == ["", FORMULA, "owl"]
    for sample in samples:
        assert sample["jpg"].size == (320, 240)
        facts = sample["json"]
        assert facts["sha256"] == sha256_of(files[f"{facts['item_id']}.jpg"])
        assert facts["iscc"].startswith("ISCC:")
    owl = next(sample["json"] for sample in samples if sample["txt"] == "owl")
    assert (owl["basis"], owl["licence"], owl["credit"], owl["extra"]) == (
        "open-licence",
        "CC-BY-4.0",
        "A. Person / Archive",
        {"tag": "bird"},
    )
    assert owl["licence_url"] == "https://creativecommons.org/licenses/by/4.0/"


@pytest.mark.usefixtures("quiet")
@pytest.mark.control("C1.3")
def test_datasets_reads_the_parquet(frozen: Tried, tmp_path: Path) -> None:
    """The folder is loaded as it is, and its image column decodes by itself."""
    import datasets

    exported(frozen, tmp_path / "out", "parquet")
    loaded = datasets.load_dataset(str(tmp_path / "out"), split="train", cache_dir=str(tmp_path / "cache"))
    assert loaded.num_rows == 3
    assert loaded[0]["image"].size == (320, 240)
    assert set(loaded["caption"]) == {"", FORMULA, "owl"}
    assert [json.loads(extra) for extra in loaded["extra"]].count({"tag": "bird"}) == 2


@pytest.mark.usefixtures("quiet")
@pytest.mark.control("C2.1")
@pytest.mark.parametrize("form", ExportFormat)
def test_mlcroissant_loads_the_records(
    frozen: Tried, form: ExportFormat, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The description beside an export is enough to read it, hashes checked, and warns of nothing."""
    import mlcroissant
    from etils import epath

    # What it unpacks goes into the home of whoever runs the tests, otherwise.
    unpacked = "mlcroissant._src.operation_graph.operations.extract.EXTRACT_PATH"
    monkeypatch.setattr(unpacked, epath.Path(tmp_path / "unpacked"))
    exported(frozen, tmp_path / "out", form.value)
    described = mlcroissant.Dataset(jsonld=str(tmp_path / "out" / "croissant.json"))
    assert described.metadata.ctx.issues.warnings == set()
    ids = {item["id"] for item in frozen.items()}
    records = [*described.records("pictures")]
    assert {record["pictures/item_id"].decode() for record in records} == ids
    if form.holds_pictures:
        assert {record["pictures/image"].size for record in records} == {(320, 240)}
    if form is ExportFormat.WEBDATASET:
        credit = {each["credits/item_id"].decode(): each for each in described.records("credits")}
        assert {*credit} == ids
        owl = credit[items_by_url(frozen)["2.jpg"]]
        assert owl["credits/credit"] == b"A. Person / Archive"


@pytest.mark.control("C4.1", "C1.1")
def test_every_picture_carries_its_rights_and_nothing_else(frozen: Tried, tmp_path: Path) -> None:
    """What is read back are creator, licensor and licence; there is no leak in any of them."""
    exported(frozen, tmp_path / "out", "webdataset")
    found = {}
    for name, content in in_tar(tmp_path / "out").items():
        if name.endswith(".jpg"):
            read = read_back(content)
            assert not isinstance(read, Malformed)
            assert read.leaks == ()
            found[read.rights.item] = read.rights
    by_url = items_by_url(frozen)
    agency, owl = found[by_url["0.jpg"]], found[by_url["2.jpg"]]
    assert (agency.credit_line, agency.licensor, agency.usage_terms) == (
        "A. Person / Archive",
        "Agency Ltd",
        "name us",
    )
    assert owl.licence_url == owl.web_statement == "https://creativecommons.org/licenses/by/4.0/"


@pytest.mark.control("C1.3")
def test_whoever_is_to_be_named_is_listed(frozen: Tried, tmp_path: Path) -> None:
    """One line a picture; those whose credit nobody recorded stand apart, and no cell is a formula."""
    exported(frozen, tmp_path / "out", "parquet")
    table = [*csv.DictReader(io.StringIO((tmp_path / "out" / "attribution.csv").read_text()))]
    assert sorted(row["state"] for row in table) == ["given", "given", "missing"]
    assert {row["caption"] for row in table} == {"", f"'{FORMULA}", "owl"}
    assert {row["title"] for row in table} == {""}
    missing = (tmp_path / "out" / "attribution-missing.txt").read_text()
    assert missing.startswith(items_by_url(frozen)["1.jpg"])
    assert len((tmp_path / "out" / "attribution.txt").read_text().splitlines()) == 3
    assert not [*(tmp_path / "out").glob("*.partial")]


@pytest.mark.control("C1.3", "C3.2")
def test_only_granted_uses_leave_the_vault(frozen: Tried, tmp_path: Path) -> None:
    """A licence to train is no licence to sell; what is withheld is counted by its reason."""
    report = exported(frozen, tmp_path / "sold", "parquet", use="sell")
    assert (report["exported"], report["withheld"]) == (1, {"licence-use": 2})
    assert pq.read_table(data_file(tmp_path / "sold")).column("caption").to_pylist() == ["owl"]


@pytest.mark.control("C5.4", "C3.4")
def test_what_was_erased_leaves_no_more(birds: Tried, tmp_path: Path) -> None:
    """An erased member is counted, the index finds the version that held it, and nothing is left to export."""
    gone = items_by_url(birds)["2.jpg"]
    exported(birds, tmp_path / "before", "parquet")
    with clearance.open(birds.root) as here:
        *_, held = here.holding.exports.list()
        assert held.version == here.holding.versions.get("birds").id
        here.erasures.erase(items=(gone,), reason="request")
        *_, held = here.holding.exports.list()
        assert (held.items, held.erased) == (3, 1)
    report = exported(birds, tmp_path / "after", "parquet")
    assert (report["exported"], report["erased"]) == (2, 1)
    assert gone not in (tmp_path / "after" / "attribution.csv").read_text()
    result = birds.run("dataset", "export", "birds", str(tmp_path / "sold"), "--use", "sell", "--json")
    assert (result.returncode, json.loads(result.stdout)["exported"]) == (3, 0)
    assert not (tmp_path / "sold").exists()


def consent_for(tried: Tried, item: str) -> str:
    """Record a model release that covers an item; returns its id."""
    form = {
        "form": 1,
        "kind": "model",
        "document": {"sha256": sha256_of(b"signed"), "reference": "safe", "form": "Own form"},
        "subject": {"name": "Somebody", "age": "AG-A25"},
        "shoot": {"from": date(2026, 5, 1), "to": date(2026, 5, 1), "place": "here"},
        "signed": {"at": date(2026, 5, 1), "method": "wet"},
        "grants": {"uses": ["ai_training"], "territory": "worldwide"},
        "legal_basis": "consent",
        "covers": [{"item": item, "person": 1}],
    }
    file = tried.root.parent / "release.yaml"
    file.write_text(yaml.safe_dump(form))
    with clearance.open(tried.root) as here:
        return str(here.consents.add(file)["id"])


@pytest.mark.control("P2.1", "C5.4")
def test_whose_consent_was_withdrawn_leaves_no_more(birds: Tried, tmp_path: Path) -> None:
    """A model release changes nothing while it is in force; withdrawn, its picture stays in the vault."""
    consent = consent_for(birds, items_by_url(birds)["2.jpg"])
    assert exported(birds, tmp_path / "before", "croissant")["withheld"] == {}
    with clearance.open(birds.root) as here:
        here.consents.withdraw(consent, channel="by mail", effect="no further training")
        said = here.documents.write("birds", ("provenance",))["documents"]["provenance"]
    assert "Somebody" not in json.dumps(said)
    assert "model releases 1, property releases 0, withdrawn of both 1" in json.dumps(said)
    report = exported(birds, tmp_path / "after", "croissant")
    assert (report["exported"], report["withheld"]) == (2, {"people-consent": 1})


@pytest.mark.control("C1.5", "C5.4")
def test_a_record_that_was_replaced_leaves_no_more(birds: Tried, tmp_path: Path) -> None:
    """What a re-check put into quarantine is another record: the frozen one does not go out."""
    with clearance.open(birds.root) as here:
        here.holding.stores.items.mark_superseded([ItemId(items_by_url(birds)["2.jpg"])])
    report = exported(birds, tmp_path / "out", "croissant")
    assert (report["exported"], report["withheld"]) == (2, {"hold-resolved": 1})


@pytest.mark.control("C1.1", "C1.4", "C5.2", "C5.4")
def test_what_stands_against_a_picture_today_keeps_it_in(birds: Tried, tmp_path: Path) -> None:
    """A person's word, terms that prohibit and an erasure elsewhere count for what was frozen, as for a freeze."""
    items = items_by_url(birds)
    with clearance.open(birds.root) as here:
        here.reviews.review(
            items["0.jpg"], finding="mark", verdict="stands", reason="foreign-mark", note="seen"
        )
        here.terms.review("commons", "prohibits", "Test Person")
        erased = here.items.get(items["1.jpg"]).record["sha256"]
        here.holding.keeping.suppression.add(Kind.PICTURE, [(erased, "")], reason="request", now=utc_now())
        checked = here.datasets.check(project="p")["withheld"]
    report = exported(birds, tmp_path / "out", "croissant")
    assert checked == report["withheld"] == {"text-mark": 1, "terms-prohibit": 1, "erased-stays-erased": 1}
    assert (report["exported"], report["files"]) == (0, [])
    assert len(ClearedPictures(birds.root, "birds")) == 0


@pytest.mark.control("C5.1", "C5.4")
def test_nothing_is_weighed_while_somebody_changes_the_workspace(birds: Tried, tmp_path: Path) -> None:
    """What is weighed, agreed to and written is one selection: nobody takes a picture back in between."""
    with clearance.open(birds.root) as here:
        reads = here.reads.list()
        with clearance.open(birds.root) as other, other.holding.locked(), pytest.raises(WorkspaceBusy):
            here.datasets.export("birds", tmp_path / "out", form="croissant")
        assert here.reads.list() == reads
    assert not (tmp_path / "out").exists()


@pytest.mark.control("C5.4")
def test_a_version_that_was_followed_is_refused(birds: Tried, tmp_path: Path) -> None:
    """What a smaller version left out does not go out by way of the larger one."""
    with clearance.open(birds.root) as here:
        here.erasures.erase(items=(items_by_url(birds)["2.jpg"],), reason="request")
        assert here.datasets.shrink("birds")["reference"] == "birds@2"
        with pytest.raises(Refused, match="birds@1 was followed by birds@2"):
            here.datasets.export("birds@1", tmp_path / "out", form="parquet")
        said = here.documents.write("birds", ("provenance",), out=tmp_path / "docs")
    file = json.loads((tmp_path / "docs" / "provenance-file.json").read_text())
    assert (said["dataset"], file["provenance"]["source"]) == ("birds@2", "birds@1")
    assert exported(birds, tmp_path / "out", "parquet")["exported"] == 2
    assert "birds@1" in (tmp_path / "out" / "croissant.json").read_text()


@pytest.mark.control("C5.1")
def test_only_whoever_may_export_reads_for_training(birds: Tried) -> None:
    """Neither opening a version nor reading on is for others."""
    dataset = ClearedPictures(birds.root, "birds")
    with clearance.open(birds.root) as here:
        here.people.change(here.holding.actor.name, take=("curator", "publisher"))
    with pytest.raises(Refused, match="C5.1"):
        dataset[0]
    with pytest.raises(Refused, match="C5.1"):
        ClearedPictures(birds.root, "birds")


@pytest.mark.control("C5.1", "C2.1")
def test_a_changed_version_is_refused(birds: Tried, tmp_path: Path) -> None:
    """Files that are not what was frozen give neither an export, nor a document, nor a training set."""
    with clearance.open(birds.root) as here:
        rows = here.holding.versions.manifest(here.holding.versions.get("birds")).directory / "rows.parquet"
        table = pq.read_table(rows)
        pq.write_table(table.slice(1), rows)
        with pytest.raises(IntegrityError, match="birds@1 is not what was frozen"):
            here.datasets.export("birds", tmp_path / "out", form="parquet")
        with pytest.raises(IntegrityError, match="birds@1 is not what was frozen"):
            here.documents.write("birds", ())
    with pytest.raises(IntegrityError, match="birds@1 is not what was frozen"):
        ClearedPictures(birds.root, "birds")
    result = birds.run("dataset", "export", "birds", str(tmp_path / "out"))
    assert result.returncode == 3
    assert not (tmp_path / "out").exists()


def test_an_export_needs_a_folder_of_its_own(frozen: Tried, tmp_path: Path) -> None:
    """Nothing is written over, mixed in or put among the workspace's own files; unknown names are refused."""
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("mine")
    with clearance.open(frozen.root) as here:
        with pytest.raises(BadInput, match="not empty"):
            here.datasets.export("birds", tmp_path / "full", form="parquet")
        with pytest.raises(BadInput, match="workspace's own folder"):
            here.datasets.export("birds", frozen.root / "datasets" / "x", form="parquet")
        with pytest.raises(BadInput, match="no dataset version 'fish'"):
            here.datasets.export("fish", tmp_path / "x", form="parquet")
        with pytest.raises(BadInput, match="--format 'zip': one of webdataset, parquet, croissant"):
            here.datasets.export("birds", tmp_path / "x", form="zip")
        with pytest.raises(BadInput, match="not a folder"):
            here.datasets.export("birds", tmp_path / "full" / "mine.txt", form="parquet")
        with pytest.raises(StorageError, match="Not a directory"):
            here.datasets.export("birds", tmp_path / "full" / "mine.txt" / "below", form="parquet")


@pytest.mark.control("C5.1")
def test_no_picture_lies_in_the_workspace_in_clear(frozen: Tried, tmp_path: Path) -> None:
    """Neither the received nor the kept form of a picture stands in any file before it is exported."""
    exported(frozen, tmp_path / "out", "webdataset")
    kept = in_tar(tmp_path / "out")[f"{items_by_url(frozen)['0.jpg']}.jpg"]
    assert Image.open(io.BytesIO(kept)).format == "JPEG"
    middle = kept[len(kept) // 2 : len(kept) // 2 + 64]
    received = photograph(seed=0, xmp=CREDIT)
    for path in frozen.root.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert middle not in content, path
            assert received[len(received) // 2 :][:64] not in content, path


TRAINING = """
import json, multiprocessing, sys
from clearance.training import ClearedPictures

def mean(pixels):
    assert pixels.shape == (240, 320, 3)
    return float(pixels.mean())

if __name__ == "__main__":
    dataset = ClearedPictures(sys.argv[1], "birds@1", transform=mean, why="a trial")
    seen = [dataset[n] for n in range(len(dataset))]
    for method in ("fork", "spawn"):
        with multiprocessing.get_context(method).Pool(1) as pool:
            assert pool.map(dataset.__getitem__, [2]) == [seen[2]]
    print(json.dumps([dataset.version.reference, dataset.version.items, seen]))
"""


@pytest.mark.control("C1.3", "C5.1")
def test_training_code_reads_where_the_pictures_are(frozen: Tried, tmp_path: Path) -> None:
    """Pictures come with their facts, in forked and spawned workers too, and one read is recorded."""
    (tmp_path / "train.py").write_text(TRAINING)
    with clearance.open(frozen.root) as here:
        before = len(here.reads.list())
    # A process of its own: one that runs tests has threads that no fork should find.
    trained = subprocess.run(
        [sys.executable, tmp_path / "train.py", frozen.root], capture_output=True, text=True, timeout=120
    )
    assert trained.returncode == 0, trained.stderr
    reference, items, seen = json.loads(trained.stdout)
    assert (reference, items) == ("birds@1", [facts["item_id"] for _, facts in seen])
    assert all(0 < mean < 255 for mean, _ in seen)
    with clearance.open(frozen.root) as here:
        (read,) = here.reads.list()[: len(here.reads.list()) - before]
    assert (read["what"], read["items"], read["why"]) == ("dataset training", 3, "a trial")


@pytest.mark.control("C1.3")
def test_a_training_set_is_a_map(frozen: Tried) -> None:
    """It has a length, ends where it ends, may be closed twice, and is pixels where nothing transforms them."""
    dataset = ClearedPictures(frozen.root, "birds")
    pixels, facts = dataset[2]
    assert (pixels.shape, str(pixels.dtype), facts["width"]) == ((240, 320, 3), "uint8", 320)
    assert len(dataset) == 3
    with pytest.raises(IndexError):
        dataset[3]
    dataset.close()
    dataset.close()
    assert dataset[2][1] == copy(dataset)[2][1] == facts


@pytest.mark.control("C5.4")
def test_training_stops_at_what_was_erased_since(birds: Tried) -> None:
    """An opened dataset refuses an erased picture, however long it has been read; opened again, it is shorter."""
    dataset = ClearedPictures(birds.root, "birds")
    gone = dataset.version.items[1]
    assert dataset[1][1]["item_id"] == gone
    with clearance.open(birds.root) as here:
        here.erasures.erase(items=(gone,), reason="request")
    with pytest.raises(Refused, match="open it again"):
        dataset[1]
    dataset.close()
    again = ClearedPictures(birds.root, "birds")
    assert (len(again), again.version.erased) == (2, 1)


@pytest.mark.control("C5.4", "P2.1")
def test_training_stops_at_what_may_stand_against_it_since(birds: Tried, tmp_path: Path) -> None:
    """Exports, clocks and other datasets do not stop it; a consent and a smaller version do, until it is made anew."""
    dataset = ClearedPictures(birds.root, "birds")
    assert dataset[0][1]["item_id"] == dataset.version.items[0]
    exported(birds, tmp_path / "out", "croissant")
    with clearance.open(birds.root) as here:
        here.datasets.freeze("others", project="p")
        with here.holding.locked():
            here.holding.eraser.erase(
                no_items(), reason=ErasureReason.SPENT, asked_by="retention clocks", others={"visits": 1}
            )
    assert dataset[0][1]["item_id"] == dataset.version.items[0]
    consent = consent_for(birds, items_by_url(birds)["2.jpg"])
    with pytest.raises(Refused, match="open it again"):
        dataset[0]
    dataset.close()
    dataset = ClearedPictures(birds.root, "birds")
    with clearance.open(birds.root) as here:
        here.consents.withdraw(consent, channel="by mail", effect="no further training")
    with pytest.raises(Refused, match="open it again"):
        dataset[0]
    dataset.close()
    dataset = ClearedPictures(birds.root, "birds")
    assert (len(dataset), dataset.version.withheld) == (2, {"people-consent": 1})
    with clearance.open(birds.root) as here:
        assert here.datasets.shrink("birds")["dropped"] == 1
    with pytest.raises(Refused, match="open it again"):
        dataset[0]
    dataset.close()


@pytest.mark.control("C1.5", "C5.4")
def test_training_goes_on_beside_collecting_and_stops_at_a_refusal(tried: Tried, site: Site) -> None:
    """A batch in which pictures are held stops nothing unless it is that of a re-check."""
    tried.source("archive", site.host)
    tried.collect([site.serve("/1.jpg", photograph(seed=1))])
    tried.freeze("birds")
    dataset = ClearedPictures(tried.root, "birds")
    with Site() as unread:
        tried.source("unread", unread.host, reviewed=False)
        tried.sign()
        assert tried.collect([unread.serve("/2.jpg", photograph(seed=2))], signs=False)["held"] == 1
    assert dataset[0][1]["item_id"] == dataset.version.items[0]
    site.serve("/1.jpg", photograph(seed=1), headers={"X-Robots-Tag": "noai"})
    with clearance.open(tried.root) as here:
        assert here.recheck(project="p", older_than_days=0)["quarantined"] == 1
    with pytest.raises(Refused, match="open it again"):
        dataset[0]
    dataset.close()


@pytest.mark.control("C5.1")
def test_many_pictures_take_two_persons(birds: Tried, tmp_path: Path) -> None:
    """Above the policy's number neither an export nor a training set is opened by one person alone."""
    birds.policy("bulk_export_items: 10000", "bulk_export_items: 2")
    with pytest.raises(Refused, match="takes two persons"):
        exported(birds, tmp_path / "out", "webdataset")
    with pytest.raises(Refused, match="takes two persons"):
        ClearedPictures(birds.root, "birds")


def test_a_large_export_is_cut_into_files(tmp_path: Path) -> None:
    """Files hold a bounded number of samples and appear whole."""
    sample = Sample(
        item_id="i",
        jpeg=b"x",
        url="u",
        caption="c",
        source="s",
        basis="b",
        licence="l",
        licence_url="",
        credit="",
        attribution="a",
        content_sha256="h",
        received_sha256="h",
        iscc="i",
        width=1,
        height=1,
        collected_at="t",
        extra={},
    )
    many = (sample for _ in range(writing.SAMPLES_A_FILE + 1))
    files = write_samples(many, tmp_path / "many", ExportFormat.PARQUET, export="e")
    assert [(file.name, file.samples) for file in files] == [
        ("data/e-00000.parquet", writing.SAMPLES_A_FILE),
        ("data/e-00001.parquet", 1),
    ]
    assert [file.sha256 for file in files] == [sha256_of(file.path.read_bytes()) for file in files]
    assert write_samples(iter(()), tmp_path / "none", ExportFormat.WEBDATASET, export="e") == ()
