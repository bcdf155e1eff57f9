"""What was kept goes out in the forms that stock training code reads, for uses that were granted only."""

import io
import json
import tarfile
import warnings
from pathlib import Path

import pytest
from PIL import Image

import clearance
from clearance.errors import BadInput
from pictures_made import photograph, xmp_packet
from sites import Site
from workspaces import Tried

CREDIT = xmp_packet(
    'xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" photoshop:Credit="A. Person / Archive"'
)


@pytest.fixture
def collected(tried: Tried, site: Site) -> Tried:
    """Three kept pictures, one denied, one held."""
    tried.source("archive", site.host)
    rows = [
        {
            "url": site.serve(f"/{n}.jpg", photograph(seed=n, xmp=CREDIT)),
            "text": f"picture {n} ü",
            "tag": "bird",
        }
        for n in range(3)
    ]
    rows.append(
        {
            "url": site.serve("/no.jpg", photograph(seed=8), headers={"X-Robots-Tag": "noai"}),
            "text": "",
            "tag": "",
        }
    )
    rows.append(
        {
            "url": site.serve("/odd.jpg", photograph(seed=9), headers={"Content-Usage": "A"}),
            "text": "",
            "tag": "",
        }
    )
    table = tried.root / "t.jsonl"
    table.write_text("\n".join(json.dumps(row) for row in rows))
    report = tried.collect(table, caption_col="text")
    assert (report["kept"], report["held"], report["denied"]) == (3, 1, 1)
    return tried


def export(tried: Tried, form: str, **options: str) -> tuple[Path, dict[str, object]]:
    with clearance.open(tried.root) as here:
        return tried.root / form, here.datasets.export(tried.root / form, project="p", form=form, **options)


@pytest.mark.control("C1.3")
def test_webdataset_reads_the_tar(collected: Tried) -> None:
    """Each sample has its picture, its caption and its rights."""
    folder, report = export(collected, "webdataset")
    assert (report["exported"], report["withheld"]) == (3, {})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import webdataset

        samples = list(webdataset.WebDataset(str(folder / "00000.tar"), shardshuffle=False).decode("pil"))
    assert sorted(sample["txt"] for sample in samples) == ["picture 0 ü", "picture 1 ü", "picture 2 ü"]
    for sample in samples:
        assert sample["jpg"].size == (320, 240)
        facts = sample["json"]
        assert (facts["basis"], facts["source"], facts["credit"]) == (
            "public-domain",
            "archive",
            "A. Person / Archive",
        )
        assert facts["extra"] == {"tag": "bird"}
        assert facts["iscc"].startswith("ISCC:")


@pytest.mark.control("C1.3")
def test_datasets_reads_the_parquet(collected: Tried, tmp_path: Path) -> None:
    """The image column decodes by itself, without any configuration."""
    folder, _ = export(collected, "parquet")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import datasets

        loaded = datasets.load_dataset(
            "parquet", data_dir=str(folder), split="train", cache_dir=str(tmp_path / "cache")
        )
    assert loaded.num_rows == 3
    assert loaded[0]["image"].size == (320, 240)
    assert set(loaded["caption"]) == {"picture 0 ü", "picture 1 ü", "picture 2 ü"}
    assert json.loads(loaded[0]["extra"]) == {"tag": "bird"}


@pytest.mark.control("C1.3", "C3.2")
def test_only_granted_uses_leave_the_vault(tried: Tried, site: Site) -> None:
    """A licence to train is no licence to sell; what is withheld is counted by its reason."""
    tried.source("agency", site.host, basis="licence")
    with clearance.open(tried.root) as here:
        here.licences.add(sources=("agency",), licensor="A", uses=("train",), reference="C")
    tried.collect([site.serve("/a.jpg", photograph(seed=1))])
    assert export(tried, "webdataset")[1]["exported"] == 1
    result = tried.run("dataset", "export", "sold", "--project", "p", "--use", "sell", "--json")
    assert result.returncode == 3
    assert json.loads(result.stdout)["withheld"] == {"licence-use": 1}
    assert not list((tried.root / "sold").iterdir())


def test_an_export_needs_a_folder_of_its_own(collected: Tried) -> None:
    """Nothing is written over or mixed in; an unknown project exports nothing."""
    export(collected, "webdataset")
    with pytest.raises(BadInput, match="not empty"):
        export(collected, "webdataset")
    with pytest.raises(BadInput, match="no project"), clearance.open(collected.root) as here:
        here.datasets.export(collected.root / "x", project="q", form="parquet")


@pytest.mark.control("C5.1")
def test_no_picture_lies_in_the_workspace_in_clear(collected: Tried) -> None:
    """Neither the received nor the kept form of a picture stands in any file before it is exported."""
    folder, _ = export(collected, "webdataset")
    with tarfile.open(folder / "00000.tar") as tar:
        member = next(entry for entry in tar if entry.name.endswith(".jpg"))
        file = tar.extractfile(member)
        assert file is not None
        kept = file.read()
    assert Image.open(io.BytesIO(kept)).format == "JPEG"
    middle = kept[len(kept) // 2 : len(kept) // 2 + 64]
    received = photograph(seed=0, xmp=CREDIT)
    for path in collected.root.rglob("*"):
        if path.is_file() and folder not in path.parents:
            content = path.read_bytes()
            assert middle not in content, path
            assert received[len(received) // 2 :][:64] not in content, path


def test_a_large_export_is_cut_into_files(collected: Tried, tmp_path: Path) -> None:
    """Files hold a bounded number of samples and appear whole."""
    from clearance.curating import ExportFormat, Sample, export, write_samples

    sample = Sample(
        item_id="i",
        jpeg=b"x",
        url="u",
        caption="c",
        source="s",
        basis="b",
        licence="l",
        credit="",
        sha256="h",
        content_id="i",
        width=1,
        height=1,
        extra={},
    )
    many = (sample for _ in range(export.SAMPLES_A_FILE + 1))
    files, count = write_samples(many, tmp_path / "many", ExportFormat.PARQUET)
    assert ([file.name for file in files], count) == (
        ["00000.parquet", "00001.parquet"],
        export.SAMPLES_A_FILE + 1,
    )
    assert write_samples(iter(()), tmp_path / "none", ExportFormat.WEBDATASET) == ((), 0)
