"""What people said of pictures outlasts the record they said it of: reviews and withdrawals."""

import shutil
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

import clearance
from clearance.errors import BadInput
from clearance.identifiers import ItemId
from clearance.workspace import Restoring, Workspace, restore
from model_releases import NAME, added, files_with, withheld
from pictures_made import photograph
from sites import Site
from workspaces import Tried, sign_risk

SAID: dict[str, Any] = {"note": "seen by the test"}


def reviewed(here: Workspace, item: str, finding: str, verdict: str, reason: str) -> dict[str, Any]:
    return here.reviews.review(item, finding=finding, verdict=verdict, reason=reason, **SAID)


def against(here: Workspace, project: str) -> dict[str, int]:
    """Count what stands against the pictures of a project, by rule."""
    found: dict[str, int] = here.datasets.check(project=project)["withheld"]
    return found


@pytest.fixture
def twice(tried: Tried, site: Site) -> dict[str, str]:
    """One picture in two projects, from two addresses and under two captions; its items by project."""
    tried.source("archive", site.host)
    content = photograph(seed=1)
    with clearance.open(tried.root) as here:
        here.projects.create(name="q", purpose="to test", use="generative-training", target=1000)
    for project, caption in (("p", "Ada: ada.byron@example.org"), ("q", "Jane: jane.doe@example.org")):
        table = tried.root / f"{project}.csv"
        table.write_text(f"url,caption\n{site.serve(f'/{project}.jpg', content)},{caption}\n")
        with clearance.open(tried.root) as here:
            sign_risk(here, project)
            assert here.collect(table, project=project, caption_col="caption")["kept"] == 1
    with clearance.open(tried.root) as here:
        here.examine()
        return {item["project"]: item["id"] for item in here.items.list(decision="kept")}


@pytest.mark.control("C4.1", "C5.4")
def test_what_cleared_one_caption_clears_no_other(tried: Tried, twice: dict[str, str]) -> None:
    """The bytes are the same and the text is not: somebody looks at each. What is doubted stays doubted."""
    with clearance.open(tried.root) as here:
        assert (against(here, "p"), against(here, "q")) == ({"personal-data": 1},) * 2
        reviewed(here, twice["p"], "personal-data", "clear", "rights-contact")
        assert (against(here, "p"), against(here, "q")) == ({}, {"personal-data": 1})
        reviewed(here, twice["q"], "personal-data", "clear", "false-positive")
        assert (against(here, "p"), against(here, "q")) == ({}, {})
        reviewed(here, twice["p"], "mark", "stands", "foreign-mark")
        assert (against(here, "p"), against(here, "q")) == ({"text-mark": 1},) * 2


@pytest.mark.control("C5.2", "C4.1")
def test_a_hold_that_a_person_says_stands_is_taken_back_by_a_person(
    tried: Tried, twice: dict[str, str]
) -> None:
    """Also of a picture that is kept; where nothing was held, there is nothing to clear."""
    with clearance.open(tried.root) as here:
        reviewed(here, twice["p"], "personal-data", "clear", "rights-contact")
        with pytest.raises(BadInput, match="only a held picture"):
            reviewed(here, twice["p"], "hold", "clear", "checked")
        reviewed(here, twice["p"], "hold", "stands", "checked")
        assert against(here, "p") == {"hold-resolved": 1}
        reviewed(here, twice["p"], "hold", "clear", "checked")
        assert against(here, "p") == {}


@pytest.mark.control("C5.4", "C4.1", "C3.4")
def test_a_review_outlasts_one_of_two_records_and_goes_with_the_last(
    tried: Tried, twice: dict[str, str]
) -> None:
    """Somebody was recognised in these bytes; erasing one record of them makes nobody unknown."""
    with clearance.open(tried.root) as here:
        reviewed(here, twice["p"], "people", "stands", "recognisable")
        first = here.erasures.erase(items=(twice["p"],), reason="not-needed")
        assert against(here, "q") == {"people-consent": 1}
        assert [each["item"] for each in here.reviews.of(twice["q"])] == [twice["q"]]
        last = here.erasures.erase(items=(twice["q"],), reason="not-needed")
        gone = [here.erasures.certificate(done["erasure"])["counts"]["reviews"] for done in (first, last)]
    assert gone == [0, 1]
    assert files_with(tried.root, SAID["note"]) == []


@pytest.mark.control("P2.1", "C5.4", "C3.4")
def test_bytes_whose_consent_was_withdrawn_are_known_when_they_come_back(tried: Tried, site: Site) -> None:
    """Erased with their record, collected again: they stay out, until the same person signs anew."""
    tried.source("archive", site.host)
    urls = [site.serve("/1.jpg", photograph(seed=1))]
    tried.collect(urls)
    (item,) = tried.items()
    made = added(tried, item["id"])
    (tried.root / "release.yaml").unlink()
    with clearance.open(tried.root) as here:
        sha256 = here.items.get(item["id"]).record["sha256"]
        here.consents.withdraw(
            made["id"], channel=f"letter of {NAME}", effect="out", at=datetime(2026, 5, 10, tzinfo=UTC)
        )
        here.erasures.erase(items=(item["id"],), reason="not-needed")
        (left,) = here.consents.list()
        assert here.consents.show(made["id"])["personal"] == {}
        here.projects.create(name="q", purpose="to test", use="generative-training", target=1000)
        sign_risk(here, "q")
        assert here.collect(tried.table(urls), project="q")["kept"] == 1
        here.examine()
        assert against(here, "q") == {"people-consent": 1}
        again = here.items.list(project="q")[0]["id"]
    assert (left["state"], left["subject"], left["uses"], left["signed_at"]) == (
        "withdrawn",
        made["subject"],
        [],
        None,
    )
    assert [set(cover) for cover in left["covers"]] == [{"keyed", "person"}]
    assert left["covers"][0]["keyed"] != sha256
    assert files_with(tried.root, NAME, made["document_sha256"]) == []
    for day, stands in ((9, {"people-consent": 1}), (11, {})):
        renewed = added(tried, again, signed={"at": date(2026, 5, day), "method": "wet"})
        assert renewed["subject"] == made["subject"]
        with clearance.open(tried.root) as here:
            assert against(here, "q") == stands


@pytest.mark.control("P2.1", "C4.1")
def test_a_policy_that_became_stricter_counts_faces_anew(tried: Tried, site: Site) -> None:
    """Boxes and scores are what is kept; how many they count for says the policy of today."""
    tried.source("archive", site.host)
    tried.collect([site.serve("/1.jpg", photograph(seed=1))])
    with clearance.open(tried.root) as here:
        here.examine()
        (item,) = (ItemId(each["id"]) for each in here.items.list())
        store = here.holding.examined
        box = {"detector": "yunet", "x": 1, "y": 1, "width": 9, "height": 9, "score_permille": 700}
        store.add([replace(store.of([item])[item], faces=(box,))])
    assert withheld(tried) == {"1.jpg": [("people-review", "hold")]}
    tried.policy("confident: 0.8", "confident: 0.7")
    assert withheld(tried) == {"1.jpg": [("people-consent", "deny")]}
    for name in ("confident: 0.7", "candidate_yunet: 0.6"):
        tried.policy(name, f"{name.partition(':')[0]}: 0.9")
    assert withheld(tried) == {}


@pytest.fixture
def backed_up(tried: Tried, site: Site) -> tuple[Path, list[dict[str, Any]]]:
    """A backup from before one of three consents was withdrawn and another erased, and the three."""
    tried.source("archive", site.host)
    tried.collect([site.serve(f"/{n}.jpg", photograph(seed=n)) for n in range(3)])
    made = [added(tried, item["id"]) for item in tried.items()]
    (tried.root / "release.yaml").unlink()
    with clearance.open(tried.root) as here:
        backup = here.backups.make(tried.root.parent / "backups", with_root_key=True)["backup"]
        here.consents.withdraw(made[0]["id"], channel="letter", effect="out")
        here.consents.erase(made[1]["id"], channel="letter")
    return Path(backup), made


@pytest.mark.control("P2.1", "C5.4", "C3.4", "C2.1")
def test_whoever_withdrew_after_a_backup_has_withdrawn_in_the_restored_workspace(
    tried: Tried, backed_up: tuple[Path, list[dict[str, Any]]]
) -> None:
    """The log says who withdrew and whose record was erased; both are done again before anybody can see it."""
    backup, made = backed_up
    trail = tried.root.parent / "trail"
    for name in ("log", "leaves", "tombstones"):
        shutil.copytree(tried.root / name, trail / name)
    new = Tried.__new__(Tried)
    new.root = tried.root.parent / "new"
    done = restore(backup, new.root, Restoring(trail=trail))
    names = ("can_sign", "consents_withdrawn_again", "consents_erased_again", "consents_unchecked")
    assert [done[name] for name in names] == [True, 1, 1, 0]
    with clearance.open(new.root) as here:
        states = {each["id"]: each for each in here.consents.list()}
        assert [states[each["id"]]["state"] for each in made] == ["withdrawn", "erased", "in force"]
        assert states[made[0]["id"]]["withdrawn"]["channel"].startswith("the log")
        assert here.consents.show(made[1]["id"])["personal"] == {}
        here.examine()
        assert against(here, "p") == {"people-consent": 2}


@pytest.mark.control("P2.1", "C2.1")
def test_without_a_newer_trail_whoever_restores_is_told_that_nobody_knows(
    tried: Tried, backed_up: tuple[Path, list[dict[str, Any]]]
) -> None:
    """What counts as in force is counted aloud."""
    done = restore(backed_up[0], tried.root.parent / "new", Restoring())
    assert (done["consents_withdrawn_again"], done["consents_unchecked"]) == (0, 3)
