"""People pictured: a model release from its form to its withdrawal, and what a reviewer says of a picture."""

import json
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

import clearance
from clearance.collecting import utc_now
from clearance.errors import BadInput, Refused, StorageError
from clearance.identifiers import sha256_of
from model_releases import ATTRIBUTE, DOCUMENT, NAME, added, events, files_with, form, withheld
from pictures_made import jpeg, photograph, real, xmp_packet
from sites import Site
from workspaces import Tried


@pytest.fixture
def collected(tried: Tried, site: Site) -> list[str]:
    """The ids of two pictures in the vault."""
    tried.source("archive", site.host)
    tried.collect([site.serve(f"/{n}.jpg", photograph(seed=n)) for n in range(2)])
    return [item["id"] for item in tried.items()]


@pytest.mark.control("P2.1", "C4.1", "C5.1")
def test_a_release_is_listed_by_pseudonym_and_opened_on_record(tried: Tried, collected: list[str]) -> None:
    """Names stand in no file of the workspace; who opens the record is on the list of reads."""
    made = added(tried, collected[0])
    (tried.root / "release.yaml").unlink()
    assert files_with(tried.root, NAME, ATTRIBUTE) == []
    with clearance.open(tried.root, why="a question") as here:
        (listed,) = here.consents.list()
        shown = here.consents.show(made["id"])
        sha256 = here.items.get(collected[0]).record["sha256"]
        reads = [(read["what"], read["items"], read["why"]) for read in here.reads.list()]
    assert listed == {key: value for key, value in made.items() if key != "is_document_compared"}
    assert listed["covers"] == [
        {"item": collected[0], "person": 1},
        {"sha256": sha256, "person": 1},
    ]
    assert (listed["state"], listed["age"]) == ("in force", "http://ns.useplus.org/ldf/vocab/AG-A25")
    assert listed["subject"].startswith("P-")
    assert shown["personal"]["subject"]["name"] == NAME
    assert shown["personal"]["document_reference"] == f"safe of {NAME}"
    assert ("consent list", 1, "a question") in reads
    assert ("consent show", 1, "a question") in reads
    assert events(tried, "consent-") == [("consent-recorded", {"consent": made["id"]})]


@pytest.mark.control("P2.1")
def test_a_release_with_the_wrong_document_is_refused(tried: Tried, collected: list[str]) -> None:
    """The hash in the form is that of the paper, at the recording and at any time after; the paper is not kept."""
    right, wrong = tried.root / "right.pdf", tried.root / "wrong.pdf"
    right.write_bytes(DOCUMENT)
    wrong.write_bytes(b"%PDF-1.7 another")
    with clearance.open(tried.root) as here:
        file = form(tried.root, covers=[{"item": collected[0]}])
        size = here.holding.stores.log.size
        with pytest.raises(BadInput, match=f"wrong.pdf: its SHA-256 is {sha256_of(wrong.read_bytes())}"):
            here.consents.add(file, document=wrong)
        assert (here.consents.list(), here.holding.stores.log.size) == ([], size)
        made = here.consents.add(file, document=right)
        assert made["is_document_compared"] is True
        assert here.consents.check(made["id"], document=right)["state"] == "in force"
        with pytest.raises(BadInput, match="not the document that was signed"):
            here.consents.check(made["id"], document=wrong)
        with pytest.raises(BadInput, match="is not there"):
            here.consents.check(made["id"], document=tried.root / "none.pdf")
        with pytest.raises(StorageError):
            here.consents.check(made["id"], document=tried.root)
        right.unlink()
        with pytest.raises(BadInput, match="no consent 'MR-none'"):
            here.consents.show("MR-none")
        with pytest.raises(BadInput, match="covers: no item ffffffffffffffff"):
            here.consents.add(form(tried.root, covers=[{"item": "f" * 16}]))
    wrong.unlink()
    assert files_with(tried.root, DOCUMENT.decode()) == []


@pytest.mark.control("P2.1")
def test_one_document_never_speaks_for_two_people(tried: Tried, collected: list[str]) -> None:
    """It may speak twice for one, who has one pseudonym, however the name is written."""
    first = added(tried, collected[0])
    again = added(tried, collected[1], subject={"name": f" {NAME.upper()} ", "age": "AG-A25"})
    assert again["subject"] == first["subject"]
    with pytest.raises(BadInput, match=f"{first['id']} names the same document for somebody else"):
        added(tried, collected[0], subject={"name": "Somebody Else", "age": "AG-A25"})
    other = added(
        tried,
        collected[0],
        subject={"name": NAME, "reference": "2", "age": "AG-A25"},
        document={"sha256": "0" * 64, "reference": "safe", "form": "Own form"},
    )
    assert other["subject"] != first["subject"]


@pytest.mark.control("P2.1", "C5.4")
def test_a_withdrawal_is_noted_once_and_never_in_advance(tried: Tried, collected: list[str]) -> None:
    """It has a channel and an effect, and names the dataset versions that were frozen with the picture."""
    made = added(tried, collected[0])
    said: Any = {"channel": "letter", "effect": "no further training; what is trained stays"}
    with clearance.open(tried.root) as here:
        with pytest.raises(BadInput, match="in the future"):
            here.consents.withdraw(made["id"], **said, at=utc_now() + timedelta(days=1))
        with pytest.raises(BadInput, match="--channel ' '"):
            here.consents.withdraw(made["id"], channel=" ", effect="none")
        withdrawn = here.consents.withdraw(made["id"], **said, at=utc_now() - timedelta(days=1))
        assert (withdrawn["state"], withdrawn["versions"]) == ("withdrawn", [])
        assert {key: withdrawn["withdrawn"][key] for key in said} == said
        with pytest.raises(BadInput, match=r"was withdrawn on \d{4}-\d\d-\d\d already"):
            here.consents.withdraw(made["id"], **said)
    assert events(tried, "consent-") == [
        ("consent-recorded", {"consent": made["id"]}),
        ("consent-withdrawn", {"consent": made["id"]}),
    ]


@pytest.mark.control("P2.1", "C4.1", "C5.4")
def test_a_person_who_asks_is_erased_and_their_pictures_stay_out(tried: Tried, collected: list[str]) -> None:
    """Nothing that could be opened or guessed stays, and the record goes on standing against its pictures."""
    made = added(tried, collected[0])
    (tried.root / "release.yaml").unlink()
    with clearance.open(tried.root) as here:
        erased = here.consents.erase(made["id"], channel="e-mail")
        assert (erased["state"], erased["uses"]) == ("erased", [])
        assert erased["covers"] == made["covers"]
        assert here.consents.show(made["id"])["personal"] == {}
        assert here.consents.erase(made["id"], channel="e-mail")["state"] == "erased"
    assert files_with(tried.root, made["subject"], made["document_sha256"]) == []
    assert events(tried, "consent-erased") == [("consent-erased", {"consent": made["id"]})] * 2


@pytest.mark.control("C4.2", "C4.1")
def test_declared_attributes_are_for_audits_with_a_consent_of_their_own(
    tried: Tried, collected: list[str]
) -> None:
    """Only where somebody said yes to just that, and only while the record is in force."""
    from clearance.curating import pictured_of

    first = added(tried, collected[0])
    added(
        tried,
        collected[1],
        attributes={"is_consented": False, "consented_at": date(2026, 5, 1), "values": {"monk-scale": "3"}},
    )
    with clearance.open(tried.root) as here:
        pictured = [pictured_of(here.items.get(item).record) for item in collected]
        store = here.holding.consents
        assert store.declared_attributes(pictured, at=utc_now()) == {
            collected[0]: [("monk-scale", ATTRIBUTE)]
        }
        here.consents.withdraw(first["id"], channel="letter", effect="none")
        assert store.declared_attributes(pictured, at=utc_now()) == {}


@pytest.mark.control("C5.4", "C4.1")
def test_what_is_said_of_an_erased_picture_goes_with_it(tried: Tried, collected: list[str]) -> None:
    """A record that speaks of nothing else goes whole; one that speaks of another picture stays for that."""
    alone, both = added(tried, collected[0]), added(tried, *collected)
    with clearance.open(tried.root) as here:
        for item in collected:
            here.reviews.review(
                item, finding="people", verdict="clear", reason="crowd", note=f"{NAME} in a crowd"
            )
        done = here.erasures.erase(items=(collected[0],), reason="request", by="Test Person")
        assert [each["id"] for each in here.consents.list()] == [both["id"]]
        (left,) = here.consents.list()
        assert {next(iter(cover.values())) for cover in left["covers"]} == {
            collected[1],
            here.items.get(collected[1]).record["sha256"],
        }
        certificate = here.erasures.certificate(done["erasure"])
        assert (here.reviews.of(collected[1])[0]["reason"], certificate["counts"]["consents"]) == ("crowd", 1)
        with pytest.raises(BadInput, match="was erased"):
            here.reviews.of(collected[0])
        assert here.holding.reviews.of([collected[0]]) == {}
    assert alone["id"] != both["id"]


@pytest.mark.control("P2.1", "C4.1")
def test_a_review_is_kept_with_the_bytes_that_were_looked_at(tried: Tried, collected: list[str]) -> None:
    """Who, when, why and what; the log says that a finding was reviewed, not in which picture."""
    with clearance.open(tried.root) as here:
        for reason in ("statue-or-artwork", "crowd"):
            here.reviews.review(
                collected[0], finding="people", verdict="clear", reason=reason, note="a bronze\nof a rider"
            )
        said = here.reviews.of(collected[0])
        kept = here.items.get(collected[0]).record["picture"]["kept"]["sha256"]
        assert [(each["reason"], each["by"], each["picture_sha256"]) for each in said] == [
            (reason, here.holding.actor.name, kept) for reason in ("statue-or-artwork", "crowd")
        ]
        for wrong, says in (
            ({"finding": "face"}, "--finding 'face': one of hold, people"),
            ({"verdict": "ok"}, "--verdict 'ok'"),
            ({"reason": "rights-cleared"}, "--reason rights-cleared: for people and clear one of"),
            ({"note": ""}, "--note ''"),
        ):
            given = {"finding": "people", "verdict": "clear", "reason": "crowd", "note": "seen", **wrong}
            with pytest.raises(BadInput, match=says):
                here.reviews.review(collected[0], **given)
        with pytest.raises(BadInput, match="no item 'none'"):
            here.reviews.review("none", finding="people", verdict="clear", reason="crowd", note="seen")
    assert events(tried, "finding-") == [
        ("finding-reviewed", {"finding": "people", "verdict": "clear"}),
        ("finding-reviewed", {"finding": "people", "verdict": "clear"}),
    ]
    assert tried.verified()["ok"]


def portrait(name: str, xmp: str) -> bytes:
    """A photograph with one face in it, and what its metadata says of model releases."""
    return jpeg(real(name), xmp=xmp_packet(xmp))


@pytest.mark.control("P2.1", "C4.1", "C5.4")
def test_a_face_trains_with_a_release_and_never_after_its_withdrawal(tried: Tried, site: Site) -> None:
    """No release, no training; with one the picture is frozen; after the withdrawal the version is named."""
    taken = 'photoshop:DateCreated="2026-05-01" xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/"'
    tried.source("archive", site.host)
    tried.collect(
        [
            site.serve(
                "/released.jpg",
                portrait("astronaut", f'plus:ModelReleaseStatus="MR-UMR" {taken}'),
            ),
            site.serve("/contradicts.jpg", portrait("camera", 'plus:ModelReleaseStatus="MR-NAP"')),
            site.serve("/nobody.jpg", photograph(seed=1)),
        ]
    )
    items = {item["url"].rpartition("/")[2]: item["id"] for item in tried.items()}
    with clearance.open(tried.root) as here:
        here.examine(project="p")
    needed = [("people-consent", "deny")]
    assert withheld(tried) == {"released.jpg": needed, "contradicts.jpg": needed}
    # A reviewer found that the second one is no portrait of a living person; the first one has a release.
    made = added(tried, items["released.jpg"])
    with clearance.open(tried.root) as here:
        here.reviews.review(
            items["contradicts.jpg"],
            finding="people",
            verdict="clear",
            reason="statue-or-artwork",
            note="a wax figure",
        )
        frozen = here.datasets.freeze("portraits", project="p")
        assert frozen["items"] == 3
        gone = here.consents.withdraw(made["id"], channel="letter", effect="no further training")
    assert gone["versions"] == ["portraits@1"]
    assert withheld(tried) == {"released.jpg": [("people-consent", "deny")] * 2}
    with clearance.open(tried.root) as here:
        assert here.datasets.shrink("portraits")["items"] == 2


@pytest.mark.control("P2.1", "C4.1")
def test_a_valid_record_clears_a_picture_without_a_date_once_somebody_compared_it(
    tried: Tried, site: Site
) -> None:
    """Not before there is a record, and not for an exclusion that it does not have; property alike."""
    tried.source("archive", site.host)
    tried.collect(
        [
            site.serve("/face.jpg", portrait("astronaut", 'plus:ModelReleaseStatus="MR-UMR"')),
            site.serve("/house.jpg", photograph(seed=1, xmp=xmp_packet('plus:PropertyReleaseStatus="PR-UPR"'))),
        ]
    )  # fmt: skip
    items = {item["url"].rpartition("/")[2]: item["id"] for item in tried.items()}
    with clearance.open(tried.root) as here:
        here.examine(project="p")
    assert withheld(tried, kind="editorial") == withheld(tried)
    for name, finding, kind in (("face.jpg", "people", "model"), ("house.jpg", "property", "property")):
        said = {"finding": finding, "verdict": "clear", "note": "the same person, the same studio"}
        with clearance.open(tried.root) as here:
            size = here.holding.stores.log.size
            with pytest.raises(BadInput, match=f"release-checked: no {kind} release that is in force"):
                here.reviews.review(items[name], reason="release-checked", **said)
            assert (here.reviews.of(items[name]), here.holding.stores.log.size) == ([], size)
        document = {"sha256": sha256_of(name.encode()), "reference": "safe", "form": "Own form"}
        made = added(tried, items[name], kind=kind, attributes=None, document=document)
        with clearance.open(tried.root) as here:
            (against,) = [
                reason["detail"]
                for each in here.datasets.check(project="p")["withheld_items"]
                for reason in each["reasons"]
                if each["item"] == items[name]
            ]
            assert against.endswith(f"; {made['id']}: when the picture was taken is not known well enough")
            with pytest.raises(BadInput, match=f"no {kind} release of this picture leaves anything out"):
                here.reviews.review(items[name], reason="exclusions-read", **said)
            here.reviews.review(items[name], reason="release-checked", **said)
    assert withheld(tried) == {}


@pytest.mark.control("C5.1")
def test_nobody_records_or_opens_a_release_without_the_role_for_it(
    tried: Tried, collected: list[str]
) -> None:
    """Who may read records sees pseudonyms; names take the role that records them."""
    made = added(tried, collected[0])
    with clearance.open(tried.root) as here:
        here.people.add("Reader", roles=["viewer"])
        token = here.tokens.issue(person="Reader", label="test", scopes=["read"], days=1)["token"]
    with clearance.open(tried.root, token=token) as here:
        assert [each["id"] for each in here.consents.list()] == [made["id"]]
        attempts: tuple[Callable[[], Any], ...] = (
            lambda: here.consents.show(made["id"]),
            lambda: here.consents.add(form(tried.root)),
            lambda: here.consents.withdraw(made["id"], channel="letter", effect="none"),
            lambda: here.consents.erase(made["id"], channel="letter"),
            lambda: here.reviews.review("x", finding="people", verdict="clear", reason="crowd", note="n"),
        )
        for attempt in attempts:
            with pytest.raises(Refused, match=r"\(C5.1\)"):
                attempt()


@pytest.mark.control("P2.1", "C4.1")
def test_the_command_line_walks_the_whole_way(tried: Tried, collected: list[str]) -> None:
    """From the form to the withdrawal, for people and as JSON; bad input is exit status 2."""
    assert "clearance consent add FILE" in tried.run("consent", "template").stdout
    assert json.loads(tried.run("consent", "template", "--json").stdout)["form"].startswith(
        "# A model release"
    )
    document = tried.root / "signed.pdf"
    document.write_bytes(DOCUMENT)
    form(tried.root, covers=[{"item": collected[0]}])
    said = tried.run("consent", "add", "release.yaml", "--document", "signed.pdf", "--json")
    made = json.loads(said.stdout)
    assert said.returncode == 0
    again = tried.run("consent", "add", "release.yaml")
    assert "the document was not compared with its hash" in again.stderr
    assert "release.yaml holds names: delete it" in again.stderr
    assert made["id"] in tried.run("consent", "list").stdout
    listed = json.loads(tried.run("consent", "list", "--json").stdout)["consents"]
    assert made["id"] in [each["id"] for each in listed]
    assert NAME in tried.run("consent", "show", made["id"], "--why", "a question").stdout
    assert json.loads(tried.run("consent", "show", made["id"], "--json").stdout)["personal"]["place"] == NAME
    checked = tried.run("consent", "check", made["id"], "--document", "signed.pdf")
    assert f"signed.pdf is the document of {made['id']}, which is in force" in checked.stderr
    assert json.loads(tried.run("consent", "check", made["id"], "--document", "signed.pdf", "--json").stdout)[
        "is_document_compared"
    ]
    options = ("--channel", "letter", "--effect", "none")
    withdrawn = tried.run("consent", "withdraw", made["id"], *options, "--at", "2026-06-01")
    assert "withdrawn; its pictures train nothing more" in withdrawn.stderr
    twice = tried.run("consent", "withdraw", made["id"], *options, "--json")
    assert (twice.returncode, json.loads(twice.stdout)["error"]["kind"]) == (2, "BadInput")
    erased = tried.run("consent", "erase", made["id"], "--channel", "letter", "--json")
    assert json.loads(erased.stdout)["state"] == "erased"
    review = ("items", "review", collected[0], "--finding", "mark", "--verdict", "clear", "--note", "a shop")
    shown = tried.run(*review, "--reason", "in-the-scene")
    assert f"item {collected[0]}: mark clear (in-the-scene), by " in shown.stderr
    refused = tried.run(*review, "--reason", "crowd", "--json")
    assert (refused.returncode, json.loads(refused.stdout)["error"]["status"]) == (2, 2)
