"""Only what is needed, over all runs: subjects, quotas, shares, and enough licensed pictures."""

import json
import subprocess
import time
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import clearance
from clearance.collecting import utc_now
from clearance.errors import BadInput
from clearance.register import ItemStore
from command_line import COMMAND
from pictures_made import photograph
from sites import Site
from workspaces import Tried

CAPTIONS = ("An owl at night", "a cat", "Barn OWL, and a cat", "a bowl of cats", "dog")


def changed(tried: Tried, **changes: Any) -> dict[str, Any]:
    with clearance.open(tried.root) as here:
        return here.projects.change("p", **changes)


def captioned(
    tried: Tried, site: Site, captions: list[str], *, first: int = 0, name: str = "t.jsonl"
) -> Path:
    """Serve a small picture for each caption, and write the table of them."""
    rows = [
        {"url": site.serve(f"/{n}.jpg", photograph(seed=n, width=120, height=90)), "caption": caption}
        for n, caption in enumerate(captions, start=first)
    ]
    path = tried.root / name
    path.write_text("\n".join(json.dumps(row) for row in rows))
    return path


def pictures(site: Site) -> list[str]:
    return sorted(asked.target for asked in site.asked if asked.target.endswith(".jpg"))


def licensed(tried: Tried, agency: Site) -> None:
    tried.source("agency", agency.host, basis="licence")
    with clearance.open(tried.root) as here:
        here.licences.add(sources=("agency",), licensor="A", uses=("train",), reference="C")


@pytest.mark.control("C3.1")
def test_only_rows_of_subjects_that_are_not_full_are_asked_for(tried: Tried, site: Site) -> None:
    """Each row counts for one subject, by whole words of its caption; the rest is left, and counted."""
    tried.source("archive", site.host)
    changed(tried, subjects=("owls=2:owl", "cat=2"))
    table = captioned(tried, site, [*CAPTIONS, *CAPTIONS])
    report = tried.collect(table, caption_col="caption")
    assert (report["kept"], report["no_subject"], report["over_target"]) == (4, 4, 2)
    assert sum(report["over_target_by_subject"].values()) == 2
    assert report["progress"]["subjects"] == [
        {"name": "owls", "target": 2, "kept": 2, "left": 0},
        {"name": "cat", "target": 2, "kept": 2, "left": 0},
    ]
    assert report["progress"]["left"] == 0
    assert len(pictures(site)) == 4
    assert not {"/3.jpg", "/4.jpg", "/8.jpg", "/9.jpg"} & set(pictures(site))
    owls = tried.items(subject="owls")
    assert [item["subject"] for item in owls] == ["owls", "owls"]
    assert all("owl" in item["caption"].lower() for item in owls)
    with clearance.open(tried.root) as here:
        assert here.items.count(by="subject") == {"items": 4, "by": {"owls": 2, "cat": 2}}
        assert here.items.show(owls[0]["id"])["record"]["subject"] == "owls"
    assert tried.verified()["ok"]


@pytest.mark.control("C3.1")
def test_the_promise_holds_over_runs(tried: Tried, site: Site) -> None:
    """What one run kept counts in the next; a raised target goes on where the last one stopped."""
    tried.source("archive", site.host)
    changed(tried, subjects=("owl=3",))
    first = captioned(tried, site, ["owl", "owl"], name="first.jsonl")
    assert tried.collect(first, caption_col="caption")["progress"]["left"] == 1
    second = captioned(tried, site, ["owl"] * 4, first=2, name="second.jsonl")
    report = tried.collect(second, caption_col="caption")
    assert (report["kept"], report["over_target_by_subject"]) == (1, {"owl": 3})
    assert tried.collect(second, caption_col="caption")["over_target"] == 3
    assert len(pictures(site)) == 3
    changed(tried, subjects=("owl=4",))
    assert tried.collect(second, caption_col="caption")["kept"] == 1


@pytest.mark.control("C3.1")
def test_a_column_may_name_the_subject(tried: Tried, site: Site) -> None:
    """Then captions do not count; a value that is no subject leaves the row."""
    tried.source("archive", site.host)
    changed(tried, subjects=("owl=5", "cat=5"))
    table = tried.root / "t.csv"
    rows = [
        (n, caption, kind)
        for n, (caption, kind) in enumerate([("a cat", "OWL"), ("owl", "dog"), ("", "cat"), ("owl", "")])
    ]
    table.write_text(
        "url,caption,kind\n"
        + "".join(
            f"{site.serve(f'/{n}.jpg', photograph(seed=n))},{caption},{kind}\n" for n, caption, kind in rows
        )
    )
    report = tried.collect(table, caption_col="caption", subject_col="kind")
    assert (report["kept"], report["no_subject"]) == (2, 2)
    assert sorted((item["subject"], item["caption"]) for item in tried.items()) == [
        ("cat", ""),
        ("owl", "a cat"),
    ]
    with pytest.raises(BadInput, match="--subject-col"):
        tried.collect(table, subject_col="none")


@pytest.mark.control("C3.1")
def test_subjects_without_targets_are_only_noted(tried: Tried, site: Site) -> None:
    """Every row is asked for; what it pictures stands in its record."""
    tried.source("archive", site.host)
    changed(tried, subjects=("owl",))
    report = tried.collect(captioned(tried, site, ["owl", "cat"]), caption_col="caption")
    assert (report["kept"], report["no_subject"]) == (2, 0)
    assert Counter(item["subject"] for item in tried.items()) == {"owl": 1, None: 1}


@pytest.mark.control("C3.1", "C3.6")
def test_killed_and_run_again_no_promise_is_broken(tried: Tried, site: Site) -> None:
    """Killed twice in the middle, then run to its end: exactly as many of each subject as were promised."""
    tried.configure("batch_items = 1000", "batch_items = 3")
    tried.source(
        "archive",
        site.host,
        pace={"max_concurrent": 3, "min_delay_s": 0.02, "latency_factor": 0.0},
        quotas={"max_items": 17},
    )
    changed(tried, subjects=("owl=7", "cat=30"))
    table = captioned(tried, site, ["owl", "cat", "an owl and a cat"] * 15)
    tried.sign()
    for _ in range(2):
        before = len(pictures(site))
        process = subprocess.Popen(
            [*COMMAND, "collect", str(table), "--project", "p", "--caption-col", "caption", "--json"],
            cwd=tried.root,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + 60
        while len(pictures(site)) < before + 6:
            assert time.monotonic() < deadline, "the collection never began"
            time.sleep(0.005)
        process.kill()
        process.wait()
    report = tried.collect(table, caption_col="caption")
    kept = Counter(item["subject"] for item in tried.items(decision="kept"))
    assert kept == {"owl": 7, "cat": 10}
    assert report["progress"]["kept"] == 17
    assert report["quotas"]["archive"] == [
        {
            "quota": "items",
            "most": 17,
            "used": 17,
            "left": 0,
            "from": "source",
            "rule": "quota",
            "detail": "17 pictures",
        }
    ]
    assert tried.verified()["ok"]


@pytest.mark.control("C4.3")
def test_others_are_kept_only_beside_enough_licensed_pictures(tried: Tried, site: Site) -> None:
    """Licensed sources go first, whatever the table's order; the floor holds over runs, and is shown."""
    with Site() as agency:
        tried.source("archive", site.host)
        licensed(tried, agency)
        changed(tried, licensed_share=0.6)
        others = captioned(tried, site, [""] * 4, name="others.jsonl")
        alone = tried.collect(others)
        assert (alone["kept"], alone["left_for_licensed_share"], pictures(site)) == (0, 4, [])
        with_contract = captioned(tried, agency, [""] * 3, first=10, name="agency.jsonl")
        both = tried.root / "both.jsonl"
        both.write_text(others.read_text() + "\n" + with_contract.read_text())
        report = tried.collect(both)
        assert report["by_source"] == {"agency": {"kept": 3}, "archive": {"kept": 2}}
        assert report["left_for_licensed_share"] == 2
        assert report["progress"]["licensed"] == {"kept": 3, "share": 0.6, "floor": 0.6}
        assert tried.collect(others)["left_for_licensed_share"] == 2
        assert len(pictures(site)) == 2
    shown = tried.run("project", "show", "p")
    assert "3 licensed, 60.0% of 5; at least 60.0% is promised" in shown.stderr


@pytest.mark.control("C4.3")
def test_the_policys_floor_holds_where_a_project_states_none(tried: Tried, site: Site) -> None:
    """A project may state its own, higher or lower."""
    tried.policy("min_share: 0.0", "min_share: 0.5")
    tried.source("archive", site.host)
    table = captioned(tried, site, ["", ""])
    assert tried.collect(table)["left_for_licensed_share"] == 2
    changed(tried, licensed_share=0.0)
    assert tried.collect(table)["kept"] == 2


@pytest.mark.control("C3.6")
def test_a_source_gives_no_more_than_its_share_of_a_project(tried: Tried, site: Site) -> None:
    """Over two runs; another project has a share of its own; `source show` tells what is left of each."""
    tried.source("archive", site.host, quotas={"max_project_share": 0.3})
    changed(tried, target=10)
    assert tried.collect(captioned(tried, site, [""] * 2))["kept"] == 2
    report = tried.collect(captioned(tried, site, [""] * 3, first=2))
    assert report["by_reason"] == {"basis-public-domain": 1, "share": 2}
    (refused, _) = tried.items(reason="share")
    assert refused["reasons"][0]["detail"] == (
        "archive may give at most 0.3 of the 10 pictures that project p needs"
    )
    assert refused["reasons"][0]["control"] == "C3.6"
    assert len(pictures(site)) == 3
    tried.project(name="other", target=5)
    with clearance.open(tried.root) as here:
        shown = here.sources.show("archive")["quota_use"]
    assert [(each["project"], each["most"], each["used"], each["left"]) for each in shown] == [
        ("p", 3, 3, 0),
        ("other", 1, 0, 1),
    ]


@pytest.mark.control("C3.6")
def test_a_share_of_the_catalogue_needs_its_size(tried: Tried, site: Site) -> None:
    """Unknown, nothing is taken and the record says how to state it; known, it holds over all projects."""
    tried.policy("max_catalogue_share: 1.0", "max_catalogue_share: 0.1")
    tried.source("archive", site.host)
    table = captioned(tried, site, [""] * 3)
    assert tried.collect(table)["by_reason"] == {"share": 3}
    assert pictures(site) == []
    assert "clearance source catalogue archive --pictures N" in tried.items()[0]["reasons"][0]["detail"]
    with clearance.open(tried.root) as here:
        stated = here.catalogues.state("archive", pictures=29, how="its annual report, page 4")
    assert stated["catalogue"]["pictures"] == 29
    report = tried.collect(table)
    assert (report["kept"], report["by_reason"]["share"]) == (2, 1)
    assert report["quotas"]["archive"][0]["detail"] == (
        "0.1 of the 29 pictures in its catalogue (its annual report, page 4)"
    )
    assert report["quotas"]["archive"][0]["from"] == "policy"
    assert tried.verified()["ok"]


@pytest.mark.control("C3.6")
def test_not_one_byte_beyond_the_quota_is_kept(tried: Tried, site: Site) -> None:
    """A picture that does not fit is dropped, with its record; the next run counts what is there."""
    tried.source("archive", site.host)
    table = captioned(tried, site, [""] * 4)
    assert tried.collect(captioned(tried, site, [""], name="one.jsonl"))["kept"] == 1
    size = stored_bytes(tried)
    tried.policy("max_bytes: 0", f"max_bytes: {2 * size + size // 2}")
    report = tried.collect(table)
    used = report["quotas"]["archive"][0]["used"]
    assert (report["by_reason"]["quota"], used <= 2 * size + size // 2) == (2, True)
    assert stored_bytes(tried) == used
    assert tried.verified()["ok"]


def stored_bytes(tried: Tried) -> int:
    with clearance.open(tried.root) as here:
        return here.holding.stores.vault.amounts()["archive"][1]


@pytest.mark.control("C3.1")
def test_a_project_may_change_what_it_promises(tried: Tried) -> None:
    """What is not named stays; the log says that it changed, without a word of the purpose."""
    result = tried.run(
        *("project", "change", "p", "--purpose", "owls only", "--use", "analysis", "--target", "7"),
        *("--subject", "owl=5:owl,Eule", "--ends", "2030-01-31", "--licensed-share", "0.25", "--json"),
    )
    assert result.returncode == 0, result.stderr
    after = json.loads(result.stdout)
    assert (after["purpose"], after["use"], after["target"]) == ("owls only", "analysis", 7)
    assert after["subjects"] == [{"name": "owl", "target": 5, "keywords": ["owl", "Eule"]}]
    assert (after["ends"], after["licensed_share"]) == ("2030-01-31", 0.25)
    assert changed(tried, target=8) == {**after, "target": 8}
    with clearance.open(tried.root) as here:
        entries = [bytes(raw) for raw in here.holding.stores.log.entries()]
    events = [entry for entry in entries if b'"project-changed"' in entry]
    assert len(events) == 2
    assert all(b"owl" not in entry for entry in events)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({}, "nothing to change"),
        ({"purpose": " "}, "--purpose is empty"),
        ({"use": "fun"}, "--use 'fun'"),
        ({"target": 0}, "--target 0"),
        ({"target": 10**12}, "--target"),
        ({"subjects": ("owl=1", "cat")}, "has no target"),
        ({"subjects": ("=1",)}, "a name of 1 to"),
        ({"starts": date(2030, 1, 1), "ends": date(2029, 1, 1)}, "before it starts"),
        ({"licensed_share": 1.5}, "--licensed-share 1.5"),
        ({"licensed_share": float("nan")}, "--licensed-share nan"),
    ],
)
def test_a_change_that_cannot_be_kept_is_refused(tried: Tried, changes: dict[str, Any], says: str) -> None:
    """Nothing of it is recorded."""
    with clearance.open(tried.root) as here:
        before = here.projects.list()
        with pytest.raises(BadInput, match=says):
            here.projects.change("p", **changes)
        with pytest.raises(BadInput, match="no project"):
            here.projects.change("none", target=5)
        assert here.projects.list() == before


@pytest.mark.parametrize("share", [0.0, -0.1, 1.1, float("nan")])
def test_a_share_that_is_none_is_refused(tried: Tried, share: float) -> None:
    """Of a project and of a catalogue."""
    for name in ("max_project_share", "max_catalogue_share"):
        with pytest.raises(BadInput, match="above 0 and up to 1"):
            tried.source("archive", "archive.example", quotas={name: share})


def test_a_workspace_from_before_there_were_subjects_goes_on(tried: Tried, site: Site) -> None:
    """Its item store gets the column, its records still verify, its projects' subjects are still read."""
    from sqlalchemy import update

    from clearance.governing.tables import projects

    tried.source("archive", site.host)
    tried.collect([site.serve("/a.jpg", photograph(seed=1))])
    without_subject(tried)
    with clearance.open(tried.root) as here:
        with here.holding.database.begin() as connection:
            connection.execute(update(projects).values(subjects=["owl", "a=b"]))
        assert here.projects.show("p")["subjects"] == [
            {"name": "owl", "target": None, "keywords": ["owl"]},
            {"name": "a=b", "target": None, "keywords": ["a=b"]},
        ]
        assert not here.holding.stores.items.lacks_columns()
        assert here.items.count(by="subject") == {"items": 1, "by": {"": 1}}
    report = tried.collect(captioned(tried, site, ["owl"], first=5), caption_col="caption")
    assert report["kept"] == 1
    assert [item["subject"] for item in tried.items()] == [None, "owl"]
    assert tried.verified()["ok"]


def without_subject(tried: Tried) -> None:
    """Take the column out of the item store, as an earlier version made it."""
    import lance

    lance.dataset(str(tried.root / "items" / "items.lance")).drop_columns(["subject"])
    assert ItemStore.open(tried.root / "items").lacks_columns()


def test_a_catalogue_is_stated_by_a_person_who_says_how_it_is_known(tried: Tried) -> None:
    """The newest statement counts; what says nothing is refused; each goes into the log without a name."""
    tried.source("archive", "archive.example")
    for arguments, status, says in (
        (("archive",), 0, "is not known"),
        (("archive", "--pictures", "5"), 2, "--how is empty"),
        (("archive", "--how", "its report"), 2, "--how goes with --pictures"),
        (("archive", "--from-sitemap", "--pictures", "5"), 2, "--from-sitemap counts"),
        (("archive", "--pictures", "3000000000", "--how", "x"), 2, "from 0 to 2000000000"),
        (("archive", "--pictures", "5", "--how", "a\x1b[31m"), 2, "can be printed"),
        (("none", "--pictures", "5", "--how", "x"), 2, "no source 'none'"),
        (("archive", "--pictures", "5", "--how", "its report"), 0, "5 pictures, its report"),
        (("archive", "--pictures", "6", "--how", "asked them"), 0, "6 pictures, asked them"),
        (("archive",), 0, "6 pictures, asked them"),
    ):
        result = tried.run("source", "catalogue", *arguments)
        assert (result.returncode, says in result.stderr) == (status, True), (arguments, result.stderr)
        assert "\x1b" not in result.stderr
    with clearance.open(tried.root) as here:
        entries = [bytes(raw) for raw in here.holding.stores.log.entries()]
        assert here.sources.show("archive")["catalogue"]["stated_at"][:10] <= utc_now().isoformat()[:10]
    assert len([entry for entry in entries if b'"catalogue-stated"' in entry]) == 2
