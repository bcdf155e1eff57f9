"""`clearance status` says what waits for a person, under which control, and which command is next."""

import json
import os
import shutil
from datetime import timedelta

import pytest

import clearance
from clearance.collecting import HostIdentityStore, utc_now
from clearance.errors import Refused
from clearance.governing import SharedAction
from clearance.identifiers import Host, Sha256
from clearance.sourcing import HostIdentity, meet_host
from pictures_made import photograph
from sites import Site
from workspaces import Tried


def waiting(tried: Tried) -> dict[str, str]:
    with clearance.open(tried.root) as here:
        return {each["control"]: f"{each['what']} | {each['next']}" for each in here.status()["waiting"]}


def test_where_nothing_waits_it_says_so(tried: Tried, site: Site) -> None:
    """A signed project with pictures, and nothing overdue, is a quiet page."""
    tried.source("archive", site.host)
    tried.collect([site.serve("/1.jpg", photograph(seed=1))])
    with clearance.open(tried.root) as here:
        status = here.status()
    assert status["waiting"] == []
    assert status["items"] == {"kept": 1}
    assert [(project["name"], project["risk"]) for project in status["projects"]] == [("p", "current")]
    assert status["retention"] == {"overdue": 0, "overdue_by_reason": {}, "due_within_30_days": {}}
    shown = tried.run("status")
    assert (shown.returncode, "0 things wait" in shown.stderr) == (0, True)
    assert json.loads(tried.run("status", "--json").stdout)["waiting"] == []


@pytest.mark.control("C3.3", "C1.4", "C2.2", "C3.2")
def test_duties_of_people_are_named(tried: Tried) -> None:
    """An unsigned analysis, unread terms, an unread mailbox and a licence that ends soon wait, each with a command."""
    tried.source("archive", "archive.example", reviewed=False)
    tried.source("agency", "agency.example", basis="licence", reviewed=False)
    until = utc_now().date() + timedelta(days=10)
    with clearance.open(tried.root) as here:
        here.accounts.add(name="members", source="archive", mailbox="bot@archive.example", responsible="A")
        here.licences.add(
            sources=("agency",), licensor="L", uses=("train",), reference="R", valid_until=until
        )
    said = waiting(tried)
    assert said["C3.3"] == "project p: its risk analysis is none | clearance risk show --project p"
    assert said["C1.4"].endswith("| clearance terms show archive")
    assert said["C2.2"].endswith("| clearance account check members --by NAME")
    assert said["C3.2"] == (
        f"licence licence-0001 of L ends on {until}"
        " | clearance licence renew licence-0001 --reference CONTRACT --until DATE"
    )
    assert "things wait" in tried.run("status").stderr


@pytest.mark.control("C3.2", "C3.4")
def test_overdue_counts_and_held_pictures_are_visible(tried: Tried, site: Site) -> None:
    """What is past its clock stands there with its count, and so does what waits for a look."""
    tried.source("archive", site.host)
    url = site.serve("/1.jpg", photograph(seed=1))
    table = tried.root.parent / "t.csv"
    table.write_text(f"url,sha256\n{url},{'0' * 64}\n")
    assert tried.collect(table, sha256_col="sha256")["held"] == 1
    assert waiting(tried)["C1.1"] == "1 pictures are held | clearance items list --decision held"
    (tried.root / "requests").mkdir()
    letter = tried.root / "requests" / "letter.txt"
    letter.write_text("x")
    os.utime(letter, (0, 0))
    assert waiting(tried)["C3.2"] == "1 past their retention clock | clearance retention sweep"


@pytest.mark.control("C4.3")
def test_a_licensed_share_below_its_floor_is_named(tried: Tried, site: Site) -> None:
    """Where licensed pictures went, the promise is broken, and that is said."""
    tried.source("archive", site.host)
    tried.collect([site.serve("/1.jpg", photograph(seed=1))])
    with clearance.open(tried.root) as here:
        here.projects.change("p", licensed_share=0.5)
    assert waiting(tried)["C4.3"].startswith("project p: 0% licensed, not 50% as promised")


@pytest.mark.control("C5.1", "C5.2", "C5.5")
def test_a_second_person_a_changed_host_and_the_policys_review_are_named(tried: Tried) -> None:
    """Whoever is asked for sees it; a host that changed and a review that is due are not forgotten."""
    tried.policy("review_due: 2027-01-01", "review_due: 2026-01-02")
    with clearance.open(tried.root) as here:
        with pytest.raises(Refused, match="takes two persons"):
            here.approvals.needed(SharedAction.BULK_EXPORT, "everything")
        store = HostIdentityStore(here.holding.database)
        standing = None
        for issuer in ("I", "J"):
            seen = HostIdentity(organisation="A", issuer=issuer, key_sha256=Sha256("0" * 64))
            standing = meet_host(
                standing, seen, host=Host("h.example"), policy=here.holding.policy, now=utc_now()
            )
            store.keep(standing)
    said = waiting(tried)
    assert "asks for a second person: bulk-export | clearance people approve " in said["C5.1"]
    assert said["C5.2"] == (
        "the certificate of host h.example has changed | clearance source confirm-host h.example --by NAME"
    )
    assert said["C5.5"] == "the policy's review was due on 2026-01-02 | edit policy.yaml"


@pytest.mark.control("C2.1")
def test_a_copy_that_is_behind_says_that_it_can_only_be_read(tried: Tried) -> None:
    """Retention stops there, and nobody should learn that from a silent cron job."""
    copy = tried.root.parent / "copy"
    shutil.copytree(tried.root, copy)
    tried.project(name="q")
    with clearance.open(copy) as here:
        said = {each["control"]: each["what"] for each in here.status()["waiting"]}
    assert said["C2.1"] == "another copy of this workspace is newer: this one can only be read"
