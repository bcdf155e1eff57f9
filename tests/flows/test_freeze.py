"""From what was kept to a dataset version: what goes in, what stays out and why, and what it takes to change it."""

import hashlib
from datetime import timedelta
from typing import Any

import cv2
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import clearance
from clearance.collecting import utc_now
from clearance.curating import SetKind
from clearance.errors import BadInput, IntegrityError, Refused
from clearance.workspace.selecting import Selecting
from pictures_made import PROHIBITED, jpeg, photograph, real
from sites import Site
from workspaces import Tried


def reasons(report: dict[str, Any]) -> dict[str, list[str]]:
    """Name what keeps each withheld picture out, by the last part of its address."""
    return {
        entry["url"].rpartition("/")[2]: [reason["rule"] for reason in entry["reasons"]]
        for entry in report["withheld_items"]
    }


def check(tried: Tried, **options: Any) -> dict[str, Any]:
    with clearance.open(tried.root) as here:
        return here.datasets.check(**{"project": "p", **options})


def show(tried: Tried, name: str) -> dict[str, Any]:
    with clearance.open(tried.root) as here:
        return here.datasets.show(name)


def verify(tried: Tried, name: str) -> dict[str, Any]:
    with clearance.open(tried.root) as here:
        return here.datasets.verify(name)


def collected(tried: Tried, site: Site, *seeds: int) -> dict[int, str]:
    """Collect made pictures; returns their URLs by seed."""
    tried.source("archive", site.host)
    urls = {seed: site.serve(f"/{seed}.jpg", photograph(seed=seed)) for seed in seeds}
    tried.collect(list(urls.values()))
    return urls


@pytest.mark.control("C1.1", "C2.1", "C3.1", "C4.1", "C4.2", "P2.1")
def test_what_is_cleared_is_frozen_and_the_rest_is_told_why(tried: Tried, site: Site) -> None:
    """Copies and people stay out, everything else goes in, and whoever verifies computes the same version."""
    coffee = real("coffee")
    tried.source("archive", site.host)
    served = {
        "coffee.jpg": jpeg(coffee),
        "cut.jpg": jpeg(coffee[60:360, 100:500]),
        "small.jpg": jpeg(coffee[::2, ::2]),
        "cat.jpg": jpeg(real("chelsea")),
        "person.jpg": jpeg(real("astronaut")),
        "made.jpg": photograph(seed=1),
    }
    tried.collect([site.serve(f"/{name}", body) for name, body in served.items()])
    frozen = tried.freeze("birds")
    assert (frozen["reference"], frozen["items"], frozen["parent"]) == ("birds@1", 3, None)
    assert frozen["withheld"] == {"duplicate": 2, "people-consent": 1}
    assert reasons(frozen) == {
        "cut.jpg": ["duplicate"],
        "small.jpg": ["duplicate"],
        "person.jpg": ["people-consent"],
    }
    assert (frozen["considered"], frozen["withheld_pictures"], frozen["clusters"]) == (6, 3, 1)
    assert frozen["by_basis"] == {"public-domain": 3}
    found = verify(tried, "birds")
    assert found == {
        "ok": True,
        "version": "birds@1",
        "items": 3,
        "erased": 0,
        "pictures_opened": 3,
        "root": frozen["root"],
        "log_index": frozen["log_index"],
        "problems": [],
    }
    assert tried.verified()["problems"] == []
    shown = show(tried, "birds@1")
    assert shown["facts"]["audit_sha256"]
    assert shown["audit"]
    exported = tried.export(tried.root.parent / "out", name="birds")
    assert (exported["exported"], exported["withheld"]) == (3, {})
    with pytest.raises(BadInput, match="a version never grows"):
        tried.freeze("birds")
    again = check(tried)
    assert (again["items"], again["withheld"]) == (3, frozen["withheld"])


@pytest.mark.control("C5.4", "C3.4")
def test_an_erased_picture_leaves_every_version_and_a_smaller_one_follows(tried: Tried, site: Site) -> None:
    """The old version still verifies and tells nothing; the new one names it as its parent."""
    urls = collected(tried, site, 1, 2, 3)
    tried.freeze("birds")
    (item,) = [each for each in tried.items() if each["url"] == urls[2]]
    with clearance.open(tried.root) as here:
        here.erasures.erase(url=urls[2], reason="request", by="a photographer")
    with clearance.open(tried.root) as here:
        waiting = here.status()["waiting"]
    assert [each["next"] for each in waiting if each["control"] == "C5.4"] == [
        "clearance dataset shrink birds"
    ]
    shown = show(tried, "birds")
    assert (shown["items"], shown["erased"], shown["needs_shrinking"]) == (3, 1, True)
    assert verify(tried, "birds")["ok"]
    (tried.root / "urls.txt").unlink()
    raw = b"".join(path.read_bytes() for path in tried.root.rglob("*") if path.is_file())
    assert urls[2].encode() not in raw
    assert hashlib.sha256(photograph(seed=2)).hexdigest().encode() not in raw
    with clearance.open(tried.root) as here:
        smaller = here.datasets.shrink("birds")
        same = here.datasets.shrink("birds")
        diff = here.datasets.diff("birds@1", "birds@2")
        versions = here.datasets.list()
    assert (smaller["reference"], smaller["items"], smaller["dropped"]) == ("birds@2", 2, 1)
    assert smaller["parent"] == shown["id"]
    assert (same["is_new"], same["dropped"]) == (False, 0)
    assert (diff["removed"], diff["added"], diff["kept"]) == ([], [], 2)
    assert diff["erased"] == {"birds@1": 1, "birds@2": 0}
    assert [(each["reference"], each["superseded_by"]) for each in versions] == [
        ("birds@1", "birds@2"),
        ("birds@2", None),
    ]
    assert item["id"] not in {each["id"] for each in tried.items()}
    with clearance.open(tried.root) as here, pytest.raises(BadInput, match="birds@1 was followed by birds@2"):
        here.datasets.shrink("birds@1")


@pytest.mark.control("C1.1", "C1.4", "C1.5", "C5.4")
def test_what_changed_since_it_was_collected_keeps_a_picture_out(tried: Tried, site: Site) -> None:
    """A refusal of today, terms that prohibit, a licence that ended, an erasure elsewhere: each is heard."""
    urls = collected(tried, site, 1, 2, 3)
    with Site() as agency, Site() as strict:
        tried.source("agency", agency.host, basis="licence")
        tried.source("strict", strict.host)
        until = utc_now().date() + timedelta(days=30)
        with clearance.open(tried.root) as here:
            licence = here.licences.add(
                sources=("agency",), licensor="A", uses=("train",), valid_until=until, reference="r"
            )
        more = [
            agency.serve("/licensed.jpg", photograph(seed=4)),
            strict.serve("/strict.jpg", photograph(seed=5)),
        ]
        tried.collect(more)
        assert check(tried)["withheld"] == {"examined": 5}
        tried.freeze("before")
        # Today the rights holder refuses one, the terms of one source prohibit it, and a contract ends.
        site.serve("/1.jpg", photograph(seed=1, xmp=PROHIBITED))
        tried.policy("max_age_days: 30", "max_age_days: 0")
        with clearance.open(tried.root) as here:
            here.terms.review("strict", "prohibits", "Test Person")
        report = tried.freeze("after")
        assert reasons(report) == {"1.jpg": ["hold-resolved"], "strict.jpg": ["terms-prohibit"]}
        assert licence["id"]
        with clearance.open(tried.root) as here:
            smaller = here.datasets.shrink("before")
        assert (smaller["items"], smaller["dropped"]) == (3, 2)
    assert len(urls) == 3


@pytest.mark.control("C1.5")
def test_who_may_not_ask_hosts_finds_old_readings_withheld(tried: Tried, site: Site) -> None:
    """A curator who may not collect freezes what was read lately, and what was not is withheld, not passed over."""
    collected(tried, site, 1)
    with clearance.open(tried.root) as here:
        here.people.change(here.holding.actor.name, give=("curator",), take=("collector",))
    assert tried.freeze("birds")["items"] == 1
    assert len(site.requests("/1.jpg")) == 1
    later = utc_now() + timedelta(days=31)
    with clearance.open(tried.root) as here:
        selecting = Selecting(here.holding, here.sources, here.licences, here.retention, now=later)
        assert selecting.select("p", SetKind.CREATIVE).withheld == {"recheck": 1}


@pytest.mark.control("C1.5", "C5.2")
def test_a_held_picture_is_released_by_a_person_who_says_why(tried: Tried, site: Site) -> None:
    """The released record names who, when and what held it; its evidence still gives the old answer."""
    tried.source("archive", site.host)
    table = tried.root / "urls.csv"
    url = site.serve("/held.jpg", photograph(seed=1))
    table.write_text(f"url,sha256\n{url},{'0' * 64}\n")
    assert tried.collect(table, sha256_col="sha256")["held"] == 1
    (held,) = tried.items(decision="held")
    with pytest.raises(Refused, match="1 hold-resolved"):
        tried.freeze("birds")
    with clearance.open(tried.root) as here:
        said = here.reviews.review(
            held["id"], finding="hold", verdict="clear", reason="checked", note="the table was wrong"
        )
        with pytest.raises(BadInput, match="was replaced by"):
            here.reviews.review(
                held["id"], finding="hold", verdict="clear", reason="checked", note="once more"
            )
        # Whatever the finding: nobody would hear it.
        with pytest.raises(BadInput, match=f"was replaced by {said['item']}; look at that one"):
            here.reviews.review(
                held["id"], finding="people", verdict="stands", reason="recognisable", note="a face"
            )
        assert len(here.reviews.of(said["item"])) == 1
    (kept,) = tried.items(decision="kept")
    assert (said["decision"], kept["id"]) == ("kept", said["item"])
    with clearance.open(tried.root) as here:
        record = here.items.show(kept["id"])["record"]
        explained = here.explain(kept["id"])
    assert record["released"]["note"] == "the table was wrong"
    assert [each["rule"] for each in record["released"]["held_for"]] == ["content-mismatch"]
    assert record["replaces"] == held["id"]
    assert explained["decision"] == "kept"
    assert explained["replay"] is None
    (told,) = [value for name, value in explained["facts"] if name == "released by"]
    assert told.endswith("held for content-mismatch: the table was wrong")
    assert tried.verified()["problems"] == []
    assert tried.freeze("birds")["items"] == 1


@pytest.mark.control("C1.5", "C5.4")
def test_what_was_refused_comes_back_only_when_the_refusal_is_gone(tried: Tried, site: Site) -> None:
    """No person of ours releases what a rights holder denied; a re-check that finds no denial does."""
    urls = collected(tried, site, 1)
    tried.freeze("before")
    site.serve("/1.jpg", photograph(seed=1), headers={"X-Robots-Tag": "noai"})
    with clearance.open(tried.root) as here:
        assert here.recheck(older_than_days=0)["quarantined"] == 1
    shown = show(tried, "before")
    assert (shown["held_or_replaced"], shown["erased"], shown["needs_shrinking"]) == (1, 0, True)
    (held,) = tried.items(decision="held")
    with clearance.open(tried.root) as here, pytest.raises(Refused, match="recheck --quarantined"):
        here.reviews.review(held["id"], finding="hold", verdict="clear", reason="checked", note="fine")
    assert tried.run("items", "recheck", "--quarantined").returncode == 0
    assert [item["id"] for item in tried.items(decision="held")] == [held["id"]]
    site.serve("/1.jpg", photograph(seed=1))
    assert tried.run("items", "recheck", "--quarantined").returncode == 0
    (kept,) = tried.items()
    assert (kept["decision"], kept["url"]) == ("kept", urls[1])
    assert tried.verified()["problems"] == []
    assert tried.freeze("birds")["items"] == 1
    # The version of before goes on under the new record, by a version of its own.
    assert tried.export(tried.root.parent / "old", name="before")["withheld"] == {"hold-resolved": 1}
    with clearance.open(tried.root) as here:
        smaller = here.datasets.shrink("before")
    assert (smaller["reference"], smaller["items"], smaller["is_new"]) == ("before@2", 1, True)
    assert tried.export(tried.root.parent / "new", name="before")["exported"] == 1


@pytest.mark.control("C5.4")
def test_what_was_erased_on_request_trains_in_no_other_project_either(tried: Tried, site: Site) -> None:
    """The same bytes under another address, in another project, are known and kept out."""
    urls = collected(tried, site, 1)
    tried.project(name="q")
    with clearance.open(tried.root) as here:
        other = site.serve("/copy.jpg", photograph(seed=1))
        from workspaces import sign_risk

        sign_risk(here, "q")
        here.collect(tried.table([other], "q.txt"), project="q")
        here.datasets.freeze("other", project="q")
        here.erasures.erase(url=urls[1], reason="request", by="a photographer")
        here.examine(project="q")
        report = here.datasets.check(project="q")
        exported = here.datasets.export("other", tried.root.parent / "out", form="croissant")
    assert reasons(report) == {"copy.jpg": ["erased-stays-erased"]}
    # What was frozen for the other project before leaves no more, either.
    assert (exported["exported"], exported["withheld"]) == (0, {"erased-stays-erased": 1})


@pytest.mark.control("C2.1")
def test_whoever_changes_a_version_is_found_out(tried: Tried, site: Site) -> None:
    """Rows, audit, facts and pictures are each compared with what was frozen."""
    collected(tried, site, 1, 2)
    frozen = tried.freeze("birds")
    folder = tried.root / "datasets" / frozen["id"]
    audit, rows = folder / "audit.json", folder / "rows.parquet"
    kept_audit, kept_rows = audit.read_bytes(), rows.read_bytes()
    audit.write_bytes(kept_audit.replace(b"{", b"{ ", 1))
    assert verify(tried, "birds")["problems"] == ["its audit is not the one that was attached"]
    audit.write_bytes(kept_audit)
    table = pq.read_table(rows)
    for place, name in ((2, "nonce"), (3, "row")):
        values = [None, *table.column(name).to_pylist()[1:]]
        table = table.set_column(place, name, pa.array(values, pa.binary()))
    pq.write_table(table, rows)
    (problem,) = verify(tried, "birds")["problems"]
    assert problem.endswith("taken out, and no tombstone says why")
    rows.write_bytes(kept_rows)
    with clearance.open(tried.root) as here, here.holding.database.begin() as connection:
        connection.exec_driver_sql("UPDATE dataset_versions SET project = 'q'")
    assert verify(tried, "birds")["problems"] == [
        "project: the control database says another one than the head"
    ]
    assert tried.run("dataset", "verify", "birds").returncode == 3


@pytest.mark.control("C2.1", "C5.4")
def test_a_version_that_is_gone_from_the_list_is_missed(tried: Tried, site: Site) -> None:
    """The log knows what followed, when, and who froze it: neither the larger version nor another story passes."""
    urls = collected(tried, site, 1, 2)
    tried.freeze("birds")
    with clearance.open(tried.root, why="for a model") as here:
        here.erasures.erase(url=urls[2], reason="request", by="a photographer")
        smaller = here.datasets.shrink("birds")
        reads = {read["what"]: read for read in here.reads.list()}
    assert (reads["dataset freeze"]["items"], reads["dataset shrink"]["items"]) == (2, 1)
    assert reads["dataset shrink"]["query"] == {"version": "birds@1"}

    def lied(statement: str, lie: str, truth: str) -> list[str]:
        found: list[str] = []
        with clearance.open(tried.root) as here:
            for value in (lie, truth):
                with here.holding.database.begin() as connection:
                    connection.exec_driver_sql(
                        f"UPDATE dataset_versions SET {statement} = '{value}' WHERE number = 2"
                    )
                found += here.datasets.verify("birds@2", pictures=False)["problems"]
        return found

    frozen_at = smaller["frozen_at"].replace("T", " ").removesuffix("+00:00")
    assert lied("frozen_by", "Nobody", smaller["frozen_by"]) == [
        "frozen_by: the control database says another one than the head"
    ]
    assert lied("frozen_at", "2020-01-01 00:00:00.000000", frozen_at) == ["the log says another time"]
    assert lied("log_index", "0", str(smaller["log_index"])) == ["the log has something else in its place"]
    assert tried.verified()["problems"] == []

    def changed(statement: str) -> list[str]:
        with clearance.open(tried.root) as here, here.holding.database.begin() as connection:
            connection.exec_driver_sql(statement)
        return list(verify(tried, "birds@1")["problems"])

    missed = "a smaller version followed it, and the control database does not know that one"
    assert changed("UPDATE dataset_versions SET name = 'others' WHERE number = 2") == [missed]
    assert changed("DELETE FROM dataset_versions WHERE number = 2") == [missed]
    with clearance.open(tried.root) as here:
        with pytest.raises(IntegrityError, match=missed):
            here.datasets.export("birds", tried.root.parent / "out", form="croissant")
        with pytest.raises(Refused, match="birds@1 was followed by a smaller version"):
            here.datasets.shrink("birds")
    unknown = f"dataset version {smaller['id']}: the log has it, and the control database does not know it"
    assert tried.verified()["problems"] == [unknown]
    assert (tried.root / "datasets" / smaller["id"] / "rows.parquet").exists()
    assert changed("UPDATE dataset_versions SET log_index = 0") == ["the log has something else in its place"]
    assert tried.verified()["problems"] == [
        unknown,
        "dataset birds@1: it is not where the log is said to have it",
    ]


def test_a_project_without_pictures_freezes_nothing(tried: Tried) -> None:
    """An empty project, an unknown one and a bad name are each said so."""
    with pytest.raises(Refused, match="it has no pictures"):
        tried.freeze("birds")
    with pytest.raises(BadInput, match="no project"):
        tried.freeze("birds", project="nobody's")
    with pytest.raises(BadInput, match="dataset name"):
        tried.freeze("../birds")
    with pytest.raises(BadInput, match="--kind"):
        tried.freeze("birds", kind="any")


@pytest.mark.control("C4.1", "C1.1")
def test_what_was_looked_at_without_a_reader_is_read_once_there_is_one(tried: Tried, site: Site) -> None:
    """A mark that nobody could read holds the picture as soon as somebody can, until a person clears it."""
    pytest.importorskip("rapidocr")
    tried.source("archive", site.host)
    marked = real("coffee").copy()
    cv2.putText(marked, "alamy", (120, 220), cv2.FONT_HERSHEY_SIMPLEX, 3, (255, 255, 255), 8)
    tried.collect([site.serve("/marked.jpg", jpeg(marked))])
    with clearance.open(tried.root) as here:
        assert (here.examine()["examined"], here.examine()["examined"]) == (1, 0)
    assert check(tried)["items"] == 1
    tried.configure("reads_text = false", "reads_text = true")
    with clearance.open(tried.root) as here:
        again = here.examine()
        assert (again["examined"], again["with_marks"], again["text"]) == (1, 1, "read")
        assert here.examine()["examined"] == 0
    assert reasons(check(tried)) == {"marked.jpg": ["text-mark"]}
    (item,) = tried.items()
    with clearance.open(tried.root) as here:
        here.reviews.review(
            item["id"], finding="mark", verdict="clear", reason="rights-cleared", note="their contract"
        )
    assert check(tried)["items"] == 1
