"""Nothing is kept past its clock: status counts it, a sweep ends it with a certificate."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

import clearance
from clearance.collecting import utc_now
from clearance.errors import BadInput, Refused
from clearance.sourcing import Grant
from clearance.workspace import Workspace
from clearance.workspace.leaving import Leaving
from clearance.workspace.retention import Retentions
from clearance.workspace.selecting import Selecting
from pictures_made import PROHIBITED, photograph
from sites import Site
from workspaces import Tried


def clocks(here: Workspace, moment: datetime) -> Retentions:
    """The retention of a workspace, looked at on another day."""
    return Retentions(here.holding, here.projects, here.licences, clock=lambda: moment)


def swept(tried: Tried, moment: datetime) -> dict[str, Any]:
    with clearance.open(tried.root) as here:
        return clocks(here, moment).sweep()


def days_on(days: int) -> datetime:
    return utc_now() + timedelta(days=days)


@pytest.mark.control("C3.2")
def test_a_licensed_picture_goes_when_its_licence_ends(tried: Tried, site: Site) -> None:
    """On the last day it is still there; the day after, a sweep erases it, bytes and record."""
    until = utc_now().date() + timedelta(days=40)
    tried.source("agency", site.host, basis="licence", reviewed=False)
    with clearance.open(tried.root) as here:
        here.licences.add(
            sources=("agency",), licensor="A", uses=("train",), reference="R1", valid_until=until
        )
    assert tried.collect([site.serve("/1.jpg", photograph(seed=1))])["kept"] == 1
    last = datetime.combine(until, datetime.max.time(), tzinfo=UTC)
    with clearance.open(tried.root) as here:
        assert clocks(here, last).status()["due_within_30_days"] == {"licence-end": 1}
        assert clocks(here, last + timedelta(seconds=1)).status()["overdue_by_reason"] == {"licence-end": 1}
    assert swept(tried, last)["erased"] == 0
    report = swept(tried, last + timedelta(seconds=1))
    assert [(entry["reason"], entry["items"], entry["pictures"]) for entry in report["erasures"]] == [
        ("licence-end", 1, 1)
    ]
    assert Path(report["erasures"][0]["certificate"]).is_file()
    verified = tried.verified()
    assert (verified["ok"], verified["items"], verified["erased"]) == (True, 0, 1)
    assert swept(tried, last + timedelta(days=1))["erased"] == 0


@pytest.mark.control("C3.2")
def test_a_licence_that_was_renewed_keeps_its_pictures(tried: Tried, site: Site) -> None:
    """What counts is the licence as it stands; and what went for its end may be collected again."""
    tried.source("agency", site.host, basis="licence", reviewed=False)
    today = utc_now().date()
    with clearance.open(tried.root) as here:
        licence = here.licences.add(
            sources=("agency",),
            licensor="A",
            uses=("train",),
            reference="R1",
            valid_until=today + timedelta(days=10),
        )["id"]
    urls = [site.serve("/1.jpg", photograph(seed=1))]
    tried.collect(urls)
    with clearance.open(tried.root) as here:
        renewed = here.licences.renew(licence, until=today + timedelta(days=30), reference="R2")
        assert (renewed["valid_until"], renewed["reference"]) == (str(today + timedelta(days=30)), "R1; R2")
    assert swept(tried, days_on(20))["erased"] == 0
    assert swept(tried, days_on(40))["erased"] == 1
    assert tried.collect(urls)["kept"] == 1


@pytest.mark.parametrize(
    ("licence", "days", "reference", "message"),
    [
        ("licence-0001", 5, "R2", "runs until"),
        ("licence-0001", 10, "R2", "runs until"),
        ("licence-0001", 30, " ", "--reference is empty"),
        ("licence-0009", 30, "R2", "no licence"),
    ],
)
def test_a_renewal_that_is_none_is_refused(
    tried: Tried, licence: str, days: int, reference: str, message: str
) -> None:
    """An earlier end, no contract and an unknown licence change nothing."""
    tried.source("agency", "agency.example", basis="licence", reviewed=False)
    until = utc_now().date() + timedelta(days=10)
    with clearance.open(tried.root) as here:
        here.licences.add(
            sources=("agency",), licensor="A", uses=("train",), reference="R1", valid_until=until
        )
        with pytest.raises(BadInput, match=message):
            here.licences.renew(licence, until=utc_now().date() + timedelta(days=days), reference=reference)
        assert here.licences.show("licence-0001")["valid_until"] == str(until)


@pytest.mark.control("C3.2")
def test_what_is_past_its_clock_is_not_exported_before_it_is_swept(tried: Tried, site: Site) -> None:
    """An export between the last day and the next sweep hands out nothing that should be gone."""
    tried.source("archive", site.host)
    tried.collect([site.serve("/1.jpg", photograph(seed=1))])
    tried.freeze()
    with clearance.open(tried.root) as here:
        later = clocks(here, days_on(1096))
        selecting = Selecting(here.holding, here.sources, here.licences, later, now=utc_now())
        leaving = Leaving(here.holding, selecting)
        cleared = leaving.weigh(here.holding.versions.get("set"), Grant.TRAIN)
    assert (cleared.items, cleared.withheld) == (set(), {"retention": 1})


@pytest.mark.control("C3.2")
def test_days_end_in_the_policys_time_zone_for_collecting_too(tmp_path: Path, site: Site) -> None:
    """Where the day is over already, the project of that day is; the message says how to go on."""
    tried = Tried(tmp_path / "w")
    tried.policy("time_zone: UTC", "time_zone: Pacific/Kiritimati")
    ahead = utc_now().astimezone(ZoneInfo("Pacific/Kiritimati")).date()
    tried.project(ends=ahead - timedelta(days=1))
    tried.source("archive", site.host)
    with pytest.raises(Refused, match=f"today is {ahead}.*project change p --ends DATE"):
        tried.collect([site.serve("/1.jpg", photograph(seed=1))])


@pytest.mark.control("C3.2", "C3.4", "C3.5")
def test_each_class_has_its_clock(tried: Tried, site: Site) -> None:
    """Held pictures, refused records and kept ones go each at their own time."""
    tried.source("archive", site.host)
    kept = site.serve("/kept.jpg", photograph(seed=1))
    refused = site.serve("/refused.jpg", photograph(seed=2, xmp=PROHIBITED))
    held = site.serve("/held.jpg", photograph(seed=3))
    table = tried.root.parent / "t.csv"
    table.write_text(f"url,sha256\n{kept},\n{refused},\n{held},{'0' * 64}\n")
    report = tried.collect(table, sha256_col="sha256")
    assert (report["kept"], report["denied"], report["held"]) == (1, 1, 1)
    assert swept(tried, days_on(89))["erased"] == 0
    assert [entry["reason"] for entry in swept(tried, days_on(91))["erasures"]] == ["held-too-long"]
    report = swept(tried, days_on(1096))
    assert [entry["reason"] for entry in report["erasures"]] == ["kept-too-long", "refused-too-long", "spent"]
    assert report["others"]["visits"] > 0
    assert tried.items(include_superseded=True) == []
    assert tried.verified()["ok"]


@pytest.mark.control("C3.2")
def test_a_projects_end_ends_its_pictures(tmp_path: Path, site: Site) -> None:
    """After the days that the policy grants, what a finished project collected goes."""
    tried = Tried(tmp_path / "w")
    tried.project(ends=utc_now().date() + timedelta(days=1))
    tried.source("archive", site.host)
    tried.collect([site.serve("/1.jpg", photograph(seed=1))])
    assert swept(tried, days_on(31))["erased"] == 0
    assert [entry["reason"] for entry in swept(tried, days_on(33))["erasures"]] == ["project-end"]


@pytest.mark.control("C3.5")
def test_staged_and_request_files_have_their_clocks(tried: Tried) -> None:
    """Half-written files and old correspondence go; fresh ones, and what a link names, stay."""
    requests = tried.root / "requests"
    requests.mkdir()
    outside = tried.root.parent / "outside.txt"
    made = {
        "old letter": requests / "2020" / "letter.txt",
        "new letter": requests / "new.txt",
        "old shard": tried.root / "vault" / "x.shard.partial",
        "new index": tried.root / "exports" / ".y.parquet.new",
        "outside": outside,
    }
    for name, path in made.items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(name)
        if not name.startswith("new"):
            os.utime(path, (0, 0))
    (requests / "link").symlink_to(outside)
    with clearance.open(tried.root) as here:
        assert here.retention.status()["overdue_by_reason"] == {"staged_files": 1, "request_files": 1}
    report = swept(tried, utc_now())
    assert (report["others"]["staged_files"], report["others"]["request_files"]) == (1, 1)
    assert {name for name, path in made.items() if path.exists()} == {"new letter", "new index", "outside"}
    assert [entry["reason"] for entry in report["erasures"]] == ["spent"]
    assert tried.verified()["ok"]


@pytest.mark.control("C3.2")
def test_a_sweep_that_finds_nothing_writes_nothing(tried: Tried) -> None:
    """A cron job leaves no trace on a day without work but the policy's."""
    swept(tried, utc_now())
    size = tried.verified()["entries"]
    assert swept(tried, utc_now()) == {
        "erased": 0,
        "others": {"staged_files": 0, "request_files": 0, "visits": 0, "reads": 0},
        "erasures": [],
        "blocked": {},
    }
    assert tried.verified()["entries"] == size


@pytest.mark.control("C3.2")
def test_a_sweep_waits_while_another_process_is_at_work(tried: Tried) -> None:
    """Nothing is swept from under a run."""
    with (
        clearance.open(tried.root) as here,
        here.holding.locked(),
        pytest.raises(Refused, match="another process"),
    ):
        swept(tried, utc_now())


@pytest.mark.control("C3.1", "C3.4")
def test_pruning_proposes_then_erases_and_it_is_not_collected_again(tried: Tried, site: Site) -> None:
    """Copies go, the first stays; another run over the same table asks for none of them."""
    tried.source("archive", site.host)
    urls = [site.serve(f"/{n}.jpg", photograph(seed=n % 2)) for n in range(4)]
    assert tried.collect(urls)["kept"] == 4
    with clearance.open(tried.root) as here:
        shown = here.prune.propose(project="p")
        assert shown["by_why"] == {"duplicate": 2}
        assert len(here.items.list()) == 4
        done = here.prune.prune(project="p", by="Curator")
        assert done["erasure"]["reason"] == "not-needed"
        assert here.prune.prune(project="p", by="Curator")["erasure"] is None
    assert len(tried.items()) == 2
    asked = len(site.asked)
    report = tried.collect(urls)
    assert (report["kept"], report["erased_before"]) == (0, 2)
    assert [entry.target for entry in site.asked[asked:]] == []
    # Another project may need the same picture.
    tried.project(name="other")
    with clearance.open(tried.root) as here:
        assert here.holding.keeping.suppression.of("other").has_url(urls[0]) is False
    verified = tried.verified()
    assert (verified["ok"], verified["pictures"], verified["erased"]) == (True, 2, 2)


@pytest.mark.control("C3.1")
def test_a_picture_whose_licence_has_ended_is_not_needed(tried: Tried, site: Site) -> None:
    """What fails a gate today is proposed, with the rule that refuses it."""
    tried.source("archive", site.host)
    tried.collect([site.serve("/1.jpg", photograph(seed=1), headers={"ETag": '"1"'})])
    site.serve("/1.jpg", photograph(seed=1), headers={"X-Robots-Tag": "noai"})
    with clearance.open(tried.root) as here:
        here.recheck(older_than_days=0)
        proposal = here.prune.propose(project="p")["proposals"][0]
        assert (proposal["why"], proposal["detail"]) == ("fails a gate today", "reservation")
        here.prune.prune(project="p", by="Curator")
    assert tried.items(include_superseded=True) == []
    assert tried.verified()["ok"]


def test_pruning_an_unknown_project_is_refused(tried: Tried) -> None:
    """A mistyped name prunes nothing."""
    with clearance.open(tried.root) as here, pytest.raises(BadInput, match="no project"):
        here.prune.propose(project="nobody's")
