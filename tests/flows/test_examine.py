"""Examinations: what is cut off is gone on with, what failed is tried again, what changed is looked at anew."""

import re
from pathlib import Path

import pytest

import clearance
from clearance.policy import TextMarks
from pictures_made import photograph
from sites import Site
from workspaces import Tried


@pytest.fixture
def collected(tried: Tried, site: Site) -> Tried:
    tried.source("archive", site.host)
    tried.collect([site.serve(f"/{seed}.jpg", photograph(seed=seed)) for seed in (1, 2)])
    return tried


def examined(tried: Tried) -> tuple[int, int, int]:
    with clearance.open(tried.root) as here:
        report = here.examine()
    return report["examined"], report["failed"], report["left"]


@pytest.mark.control("C4.1", "C5.2")
def test_a_decoder_that_does_not_end_is_tried_again(collected: Tried) -> None:
    """A look that was cut short is none: the picture waits for the next one, and goes into no version meanwhile."""
    limits = (collected.root / "policy.yaml").read_text()
    (collected.root / "policy.yaml").write_text(limits.replace("timeout_s: 20.0", "timeout_s: 0.001"))
    assert (collected.root / "policy.yaml").read_text() != limits
    assert examined(collected)[:2] == (2, 2)
    with clearance.open(collected.root) as here:
        assert here.datasets.check(project="p")["withheld"] == {"examined": 2}
    (collected.root / "policy.yaml").write_text(limits)
    assert examined(collected) == (2, 0, 0)
    assert examined(collected) == (0, 0, 0)


@pytest.mark.control("C4.1")
def test_what_cannot_be_decoded_is_tried_again_under_other_limits(collected: Tried) -> None:
    """A failure is final only for the limits that it failed under."""
    limits = (collected.root / "policy.yaml").read_text()
    low = re.sub(r"max_pixels: \d+", "max_pixels: 4096", limits)
    (collected.root / "policy.yaml").write_text(low)
    assert examined(collected) == (2, 2, 0)
    assert examined(collected) == (0, 0, 0)
    (collected.root / "policy.yaml").write_text(limits)
    assert examined(collected) == (2, 0, 0)


@pytest.mark.control("C3.4")
@pytest.mark.parametrize("left", ["data/half.lance.tmp", "_transactions/0.txn"])
def test_a_first_examination_that_was_killed_stands_in_nobodys_way(collected: Tried, left: str) -> None:
    """What it left is no store: it is begun anew, and an erasure finds nothing to erase in it."""
    file: Path = collected.root / "items" / "examined.lance" / left
    file.parent.mkdir(parents=True)
    file.write_bytes(b"cut off")
    url = collected.items()[0]["url"]
    with clearance.open(collected.root) as here:
        assert here.erasures.erase(url=url, reason="request")["items"] == 1
    assert examined(collected) == (1, 0, 0)
    assert not file.exists()


@pytest.mark.control("C1.1")
def test_pictures_are_read_again_for_other_marks(collected: Tried) -> None:
    """What was looked for under one list of marks says nothing of another."""
    assert examined(collected) == (2, 0, 0)
    with clearance.open(collected.root) as here:
        holding = here.holding
        stated = holding.policy.parameters(TextMarks)
        whole = holding.examined.whole
        fingerprinted = holding.fingerprints.examined_items()
        assert len(whole(fingerprinted=fingerprinted, reading="", within="-")) == 2
        # Their text was not read at all here.
        assert len(whole(fingerprinted=fingerprinted, reading="marks/other", within="-")) == 0
        assert len(whole(fingerprinted=fingerprinted.slice(1), reading="", within="-")) == 1
        methods = holding.examined.columns(["methods"]).column("methods").to_pylist()
    assert stated.marks
    assert len({each.rpartition(" ")[2] for each in methods}) == 1


@pytest.mark.control("C4.1")
def test_personal_data_beside_a_picture_is_found_and_columns_of_places_stay_behind(
    tried: Tried, site: Site, tmp_path: Path
) -> None:
    """A mail address in a further column holds the picture; a column of coordinates leaves with no export."""
    tried.source("archive", site.host)
    table = tmp_path / "table.csv"
    first, second = (site.serve(f"/{seed}.jpg", photograph(seed=seed)) for seed in (1, 2))
    table.write_text(
        "url,alt,GPS,colour\n"
        f"{first},Jane Doe jane.doe@example.com,,red\n"
        f'{second},a bird,"52.5163,13.3777",blue\n'
    )
    tried.collect(table)
    report = tried.freeze()
    assert report["withheld"] == {"personal-data": 1}
    tried.export(tmp_path / "out", form="parquet")
    raw = b"".join(path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file())
    import pyarrow.parquet as pq

    (extra,) = pq.read_table(next((tmp_path / "out" / "data").iterdir())).column("extra").to_pylist()
    assert extra == '{"alt": "a bird", "colour": "blue"}'
    assert b"52.5163" not in raw
