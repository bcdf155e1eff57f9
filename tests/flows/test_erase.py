"""What is erased is gone from the bytes of every store; its tombstone stays, and the register holds."""

import csv
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import clearance
from clearance.collecting import utc_now
from clearance.errors import BadInput, IntegrityError, Refused, ShardDamaged
from clearance.governing import Permission, TokenStore
from clearance.register import Verifier, check_proof
from clearance.workspace.actors import os_user
from clearance.workspace.retention import Retentions
from pictures_made import photograph
from sites import Site
from workspaces import Tried

NAME = "Q7-Marker-Name"


def erase(tried: Tried, **wanted: Any) -> dict[str, Any]:
    with clearance.open(tried.root) as here:
        return here.erasures.erase(**{"reason": "request", "by": "Test Person", **wanted})


def agreed(tried: Tried) -> None:
    """A second person, a privacy officer, agrees to whatever was asked for."""
    with clearance.open(tried.root) as here:
        if "Second" not in {person["name"] for person in here.people.list()}:
            here.people.add("Second", roles=["privacy-officer"])
        _, token = TokenStore(here.holding.database).issue(
            person="Second",
            label="test",
            scopes=frozenset({Permission.DESTROY_KEYS}),
            issued_by="Second",
            now=utc_now(),
            expires_at=utc_now() + timedelta(hours=1),
        )
        open_requests = [each["id"] for each in here.approvals.list() if each["state"] == "asked"]
    with clearance.open(tried.root, token=token) as here:
        for request in open_requests:
            here.approvals.approve(request)


def erase_by_two(tried: Tried, **wanted: Any) -> dict[str, Any]:
    with pytest.raises(Refused, match="takes two persons"):
        erase(tried, **wanted)
    agreed(tried)
    return erase(tried, **wanted)


def hits(root: Path, markers: Mapping[str, bytes]) -> dict[str, list[str]]:
    """Search every raw file below a folder; returns which markers stand in which files."""
    found: dict[str, list[str]] = {name: [] for name in markers}
    for path in sorted(root.rglob("*")):
        if path.is_file():
            content = path.read_bytes()
            for name, marker in markers.items():
                if marker in content or marker in path.name.encode():
                    found[name].append(path.relative_to(root).parts[0])
    return found


def collected(tried: Tried, site: Site, folder: Path, *, count: int = 6) -> list[str]:
    """Collect pictures whose second one carries the marked name in its address, caption and columns."""
    urls = [site.serve(f"/{n}.jpg", photograph(seed=n)) for n in range(count)]
    urls[1] = site.serve(f"/by/{NAME}.jpg?u=1", photograph(seed=1))
    table = folder / "table.csv"
    with table.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["url", "caption", "credit"])
        for n, url in enumerate(urls):
            writer.writerow(
                [url, f"{NAME} in the harbour" if n == 1 else "a harbour", NAME if n == 1 else "x"]
            )
    tried.source("archive", site.host)
    report = tried.collect(table, caption_col="caption")
    assert report["kept"] == count
    return urls


def markers_of(tried: Tried, url: str) -> dict[str, bytes]:
    """Return what a raw search looks for: address, name, hashes, fingerprint, evidence, sealed bytes, nonce."""
    with clearance.open(tried.root) as here:
        item = next(item for item in here.items.list() if item["url"] == url)
        stored = here.items.get(item["id"])
        shard = (tried.root / "vault" / f"{stored.shard}.shard").read_bytes()
        with here.holding.database.begin() as connection:
            key = connection.exec_driver_sql(
                "SELECT wrapped FROM keys WHERE id = ?", (f"shard:{stored.shard}",)
            ).scalar_one()
    return {
        "url": url.encode(),
        "name": NAME.encode(),
        "sha256": stored.record["sha256"].encode(),
        "iscc": stored.record["iscc"].encode(),
        "pdq": stored.record["picture"]["pdq"].encode(),
        "nonce": stored.nonce,
        "evidence": stored.evidence,
        "sealed bytes": shard[200:264],
        "wrapped key": key,
    }


@pytest.mark.control("C3.4", "C5.4", "C5.1")
def test_an_erased_item_is_gone_from_the_raw_files_of_every_store(
    tried: Tried, site: Site, tmp_path: Path
) -> None:
    """The search that finds it before finds nothing after; the others stay, and the register verifies."""
    urls = collected(tried, site, tmp_path)
    markers = markers_of(tried, urls[1])
    before = hits(tried.root, markers)
    assert all(before.values()), before
    item = next(item["id"] for item in tried.items() if item["url"] == urls[1])
    done = erase(tried, items=(item,))
    assert (done["items"], done["pictures"]) == (1, 1)
    assert done["bytes"] > 1000
    assert hits(tried.root, markers) == {name: [] for name in markers}
    verified = tried.verified()
    assert (verified["ok"], verified["items"], verified["erased"], verified["pictures"]) == (True, 5, 1, 5)
    assert sorted(item["url"] for item in tried.items()) == sorted(set(urls) - {urls[1]})


@pytest.mark.control("C3.4", "C5.4")
def test_a_whole_source_goes_with_its_keys(tried: Tried, site: Site, tmp_path: Path) -> None:
    """Its key is destroyed, so that a copy of its shards opens nowhere; another source's pictures stay."""
    urls = collected(tried, site, tmp_path)
    markers = markers_of(tried, urls[1])
    copy = tmp_path / "copy"
    subprocess.run(["cp", "-r", str(tried.root / "vault"), str(copy)], check=True)
    with Site() as other:
        tried.source("other", other.host)
        assert tried.collect([other.serve("/o.jpg", photograph(seed=40))])["kept"] == 1
    done = erase_by_two(tried, source="archive")
    with clearance.open(tried.root) as here:
        certificate = here.erasures.certificate(done["erasure"])
    assert certificate["keys_destroyed"] == ["source:archive:"]
    assert "keys" in certificate["methods"]
    assert hits(tried.root, markers) == {name: [] for name in markers}
    verified = tried.verified()
    assert (verified["ok"], verified["items"], verified["erased"], verified["pictures"]) == (True, 1, 6, 1)
    with clearance.open(tried.root) as here:
        for path in copy.iterdir():
            (tried.root / "vault" / path.name).write_bytes(path.read_bytes())
        with pytest.raises(IntegrityError):
            here.holding.stores.vault.read(next(copy.iterdir()).stem, 0)


@pytest.mark.control("C3.4")
@pytest.mark.parametrize(
    ("wanted", "left"),
    [
        ({"url": "{1}"}, 5),
        ({"host": "{host}"}, 0),
        ({"source": "archive"}, 0),
        ({"project": "p"}, 0),
        ({"keyword": NAME.lower()}, 5),
        ({"keyword": "harbour", "source": "archive"}, 0),
    ],
)
def test_each_way_of_naming_takes_what_it_means(
    tried: Tried, site: Site, tmp_path: Path, wanted: dict[str, str], left: int
) -> None:
    """By address, host, source, project and keyword; the preview says what will go, and changes nothing."""
    urls = collected(tried, site, tmp_path)
    named = {key: value.format(*urls, host=site.host) for key, value in wanted.items()}
    with clearance.open(tried.root) as here:
        preview = here.erasures.preview(**named)
    assert preview["items"] == 6 - left
    assert len(tried.items()) == 6
    (erase_by_two if wanted.keys() == {"source"} else erase)(tried, **named)
    assert len(tried.items()) == left
    assert tried.verified()["ok"]


@pytest.mark.control("C3.4")
def test_the_tombstone_names_source_batch_reason_and_time_and_can_be_proven(
    tried: Tried, site: Site, tmp_path: Path
) -> None:
    """Whoever asks later is told that the item was erased, and can check that against the log."""
    urls = collected(tried, site, tmp_path)
    with clearance.open(tried.root) as here:
        stored = here.items.get(next(item["id"] for item in here.items.list() if item["url"] == urls[1]))
    item = stored.record["item_id"]
    erase(tried, items=(item,), reason="mistake")
    with clearance.open(tried.root) as here:
        shown = here.items.show(item)
        proof, key = here.register.prove(item)
    stone = shown["tombstone"]
    assert (stone["source"], stone["batch"], stone["reason"], stone["decision"]) == (
        "archive",
        stored.batch,
        "mistake",
        "kept",
    )
    proven = check_proof(proof, Verifier.parse(key))
    assert proven.record["item_id"] == item
    assert proven.record["kind"] == "tombstone"
    assert urls[1] not in json.dumps(shown) + proof


@pytest.mark.control("C5.4", "C3.4")
def test_what_was_erased_on_request_is_not_collected_again(tried: Tried, site: Site, tmp_path: Path) -> None:
    """Neither under its address nor, byte for byte, under another one; nothing of it is asked for or kept."""
    urls = collected(tried, site, tmp_path)
    erase(tried, url=urls[1])
    with pytest.raises(BadInput, match="was erased before, and is not collected again"):
        erase(tried, url=urls[1])
    asked = len(site.requests(f"/by/{NAME}.jpg?u=1"))
    report = tried.collect(tmp_path / "table.csv", caption_col="caption")
    assert (report["kept"], report["erased_before"]) == (0, 1)
    assert len(site.requests(f"/by/{NAME}.jpg?u=1")) == asked
    assert hits(tried.root, {"url": urls[1].encode()}) == {"url": []}
    again = tried.collect([site.serve("/elsewhere.jpg", photograph(seed=1))])
    assert (again["denied"], again["by_reason"]) == (1, {"erased-stays-erased": 1})


@pytest.mark.control("C5.4")
def test_an_export_that_holds_an_erased_picture_is_named(tried: Tried, site: Site, tmp_path: Path) -> None:
    """The index tells where copies went, and forgets the item."""
    urls = collected(tried, site, tmp_path)
    tried.export(tmp_path / "out")
    done = erase(tried, url=urls[1])
    assert [(export["directory"], export["items"]) for export in done["exports"]] == [
        (str(tmp_path / "out"), 1)
    ]
    with clearance.open(tried.root) as here:
        assert [(export.items, export.erased) for export in here.holding.exports.list()] == [(6, 1)]


@pytest.mark.control("C5.4")
def test_other_items_with_the_same_bytes_are_named(tried: Tried, site: Site, tmp_path: Path) -> None:
    """Whoever asks for one address may mean the picture: the others are shown, and stay until they are named."""
    urls = collected(tried, site, tmp_path, count=2)
    tried.collect([site.serve("/copy.jpg", photograph(seed=1)), site.serve("/other.jpg", photograph(seed=9))])
    done = erase(tried, url=urls[1])
    assert [(other["url"], other["project"]) for other in done["same_bytes"]] == [
        (site.url("/copy.jpg"), "p")
    ]
    assert len(tried.items()) == 3


def test_a_certificate_says_what_went_and_stands_in_the_log(tried: Tried, site: Site, tmp_path: Path) -> None:
    """It counts, names the reason and the method, and holds no address and no name of the picture."""
    urls = collected(tried, site, tmp_path)
    done = erase(tried, url=urls[1])
    with clearance.open(tried.root) as here:
        certificate = here.erasures.certificate(done["erasure"])
        entry = here.holding.stores.log.entry(done["log_index"])
    assert certificate["counts"]["by_source"] == {"archive": 1}
    assert set(certificate["methods"]) == {"pictures", "records", "control data", "copies"}
    assert (certificate["asked_by"], certificate["keys_destroyed"]) == ("Test Person", [])
    assert certificate["recorded_by"] == os_user(os.getuid())
    assert certificate["checked"] == {"records_found": 0, "pictures_tried": 1, "pictures_opened": 0}
    assert json.loads(entry)["certificate"] in entry.decode()
    text = json.dumps(certificate)
    assert NAME not in text
    assert urls[1] not in text


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ({}, "state what is to be erased"),
        ({"items": ("0000",)}, "no item '0000'"),
        ({"url": "ftp://x/"}, "nothing is meant by this: no record"),
        ({"host": "nowhere.example"}, "nothing is meant by this"),
        ({"source": "archive", "reason": "whim"}, "--reason 'whim'"),
        (
            {"source": "archive", "reason": "kept-too-long"},
            "only a sweep gives it; by hand: request, mistake",
        ),
        ({"keyword": "?!"}, "holds no word"),
    ],
)
def test_a_wrong_erasure_is_refused_and_nothing_goes(
    tried: Tried, site: Site, tmp_path: Path, wanted: dict[str, Any], message: str
) -> None:
    """Nothing stated does not mean everything; an unknown name is an error, not an empty success."""
    collected(tried, site, tmp_path, count=2)
    with pytest.raises(BadInput, match=message):
        erase(tried, **wanted)
    assert len(tried.items()) == 2


def shard_file(tried: Tried) -> Path:
    (path,) = (tried.root / "vault").glob("*.shard")
    return path


@pytest.mark.control("C3.4", "C5.1")
@pytest.mark.parametrize("damage", ["flipped", "removed"])
def test_what_is_damaged_can_be_erased_whole_and_nothing_is_half_done(
    tried: Tried, site: Site, tmp_path: Path, damage: str
) -> None:
    """One picture of a damaged shard is refused before anything begins; everything in it goes."""
    urls = collected(tried, site, tmp_path, count=3)
    shard = shard_file(tried)
    if damage == "removed":
        shard.unlink()
    else:
        content = bytearray(shard.read_bytes())
        content[500] ^= 1
        shard.write_bytes(content)
    with pytest.raises(ShardDamaged, match="restore the file from a backup"):
        erase(tried, url=urls[1])
    with pytest.raises(ShardDamaged):
        # Before anybody is asked for a second opinion on the whole source minus one.
        erase(tried, items=(tried.items()[0]["id"],))
    assert len(tried.items()) == 3
    assert erase(tried, project="p")["items"] == 3
    assert tried.items() == []
    assert tried.verified()["ok"]


@pytest.mark.control("C3.2")
def test_a_sweep_goes_on_beside_a_damaged_shard(tried: Tried, site: Site, tmp_path: Path) -> None:
    """What lies in it with others that are not due stays and is named; everything else goes."""
    tried.source("first", site.host)
    with Site() as other:
        tried.source("second", other.host)
        one = site.serve("/1.jpg", photograph(seed=1))
        two = site.serve("/2.jpg", photograph(seed=2))
        three = other.serve("/3.jpg", photograph(seed=3))
        table = tmp_path / "t.csv"
        table.write_text(f"url,sha256\n{one},{'0' * 64}\n{two},\n{three},{'0' * 64}\n")
        report = tried.collect(table, sha256_col="sha256")
        assert (report["kept"], report["held"]) == (1, 2)
    with clearance.open(tried.root) as here:
        shard = here.items.get(next(item["id"] for item in here.items.list() if item["url"] == one)).shard
        path = tried.root / "vault" / f"{shard}.shard"
        path.write_bytes(path.read_bytes()[:-50])
        later = utc_now() + timedelta(days=100)
        swept = Retentions(here.holding, here.projects, here.licences, clock=lambda: later).sweep()
    assert (swept["erased"], list(swept["blocked"])) == (1, [shard])
    assert {item["url"] for item in tried.items()} == {one, two}


@pytest.mark.control("C3.4")
def test_an_erasure_that_cannot_be_finished_lets_people_read(
    tried: Tried, site: Site, tmp_path: Path
) -> None:
    """Damaged between the note and the end, it stands in the way of changes only, and says why."""
    urls = collected(tried, site, tmp_path, count=3)
    item = next(item["id"] for item in tried.items() if item["url"] == urls[1])
    names = KILLED.index("NAMES = {")
    at_its_first_step = f'{KILLED[:names]}NAMES = {{"_take"}}\n{KILLED[KILLED.index("with clearance") :]}'
    ran = subprocess.run(
        [sys.executable, "-c", at_its_first_step, str(tried.root), "1", repr({"items": (item,)})],
        capture_output=True,
        check=False,
    )
    assert ran.returncode == -9
    path = shard_file(tried)
    whole = path.read_bytes()
    path.write_bytes(whole[:400] + b"?" + whole[401:])
    assert len(tried.items()) == 3
    with clearance.open(tried.root) as here, pytest.raises(ShardDamaged, match="chunk"):
        here.projects.create(name="q", purpose="x", use="analysis", target=1)
    path.write_bytes(whole)
    assert len(tried.items()) == 2
    assert tried.verified()["ok"]


@pytest.mark.control("C5.4")
def test_the_address_that_answered_is_erased_and_left_out_too(
    tried: Tried, site: Site, tmp_path: Path
) -> None:
    """Whoever asks by the address that a redirect led to is heard; neither is collected again."""
    tried.source("archive", site.host)
    served = site.serve("/by-ada.jpg", photograph(seed=1))
    asked = site.serve("/r.jpg", status=302, headers={"Location": served})
    assert tried.collect([asked])["kept"] == 1
    assert erase(tried, url=served)["items"] == 1
    site.serve("/by-ada.jpg", photograph(seed=2))
    assert tried.collect([asked, served])["erased_before"] == 2


@pytest.mark.control("C5.4")
def test_a_row_that_holds_no_address_stays_erased(tried: Tried, tmp_path: Path) -> None:
    """What stood in the table in place of an address is known again as it stood there."""
    table = tmp_path / "t.csv"
    table.write_text(f"url,caption\nhttp://exa mple.org/{NAME}.jpg,{NAME}\n")
    assert tried.collect(table, caption_col="caption")["failed"] == 1
    assert erase(tried, url=f"http://exa mple.org/{NAME}.jpg")["items"] == 1
    assert tried.collect(table, caption_col="caption")["erased_before"] == 1
    assert hits(tried.root, {"name": NAME.encode()}) == {"name": []}


@pytest.mark.control("C5.4")
def test_a_refused_copy_repeats_nothing_of_its_row(tried: Tried, site: Site, tmp_path: Path) -> None:
    """The record of the refusal holds neither page nor caption nor any other column."""
    urls = collected(tried, site, tmp_path, count=2)
    erase(tried, url=urls[1])
    table = tmp_path / "again.csv"
    page = site.serve(f"/people/{NAME}", b"<p>x</p>", headers={"Content-Type": "text/html"})
    copy = site.serve("/copy.jpg", photograph(seed=1))
    table.write_text(f"url,page,caption,credit\n{copy},{page},{NAME},{NAME}\n")
    assert tried.collect(table, caption_col="caption", page_col="page")["denied"] == 1
    (item,) = tried.items(decision="denied")
    assert NAME not in json.dumps(item)
    with clearance.open(tried.root) as here:
        assert NAME not in json.dumps(here.items.show(item["id"])["record"])


@pytest.mark.parametrize("folder", ["vault", "tombstones/x", "exports", "items/items.lance/y"])
def test_an_export_into_the_workspaces_own_folders_is_refused(tried: Tried, folder: str) -> None:
    """What lies there is ours, and is cleared away with it."""
    with clearance.open(tried.root) as here, pytest.raises(BadInput, match="own folder"):
        here.holding.check_outside(tried.root / folder / "out")


@pytest.mark.control("C5.4")
def test_an_export_that_breaks_off_is_in_the_index(tried: Tried, site: Site, tmp_path: Path) -> None:
    """Copies that left before the fault are known, and no half file is left."""
    urls = collected(tried, site, tmp_path, count=3)
    tried.freeze()
    path = shard_file(tried)
    whole = path.read_bytes()
    path.write_bytes(whole[:400] + b"?" + whole[401:])
    with pytest.raises(ShardDamaged):
        tried.export(tmp_path / "out")
    assert [path for path in (tmp_path / "out").rglob("*") if path.is_file()] == []
    path.write_bytes(whole)
    assert [export["items"] for export in erase(tried, url=urls[1])["exports"]] == [1]


@pytest.mark.control("C2.1", "C3.4")
def test_changed_certificates_policies_and_evidence_are_found(
    tried: Tried, site: Site, tmp_path: Path
) -> None:
    """What a decision or an erasure stands on cannot be changed beside the log."""
    urls = collected(tried, site, tmp_path, count=2)
    done = erase(tried, url=urls[1])
    certificate = Path(done["certificate"])
    whole = certificate.read_bytes()
    certificate.write_bytes(whole.replace(b'"pictures":1', b'"pictures":7'))
    assert "its certificate is not the one that the log names" in "".join(tried.verified()["problems"])
    certificate.unlink()
    assert "its certificate is missing" in "".join(tried.verified()["problems"])
    certificate.write_bytes(whole)
    assert tried.verified()["ok"]
    for table, key in (("policies", "policy"), ("host_evidence", "host file")):
        with clearance.open(tried.root) as here, here.holding.database.begin() as connection:
            connection.exec_driver_sql(f"UPDATE {table} SET content = CAST(content || x'20' AS BLOB)")
        assert f"{key} " in "".join(tried.verified()["problems"])


KILLED = """
import os, sys
import clearance
from pathlib import Path
kill_at, count = int(sys.argv[2]), 0
def tracer(frame, event, argument):
    global count
    if event == "call" and "/clearance/" in frame.f_code.co_filename and frame.f_code.co_name in NAMES:
        count += 1
        if count == kill_at:
            os.kill(os.getpid(), 9)
NAMES = {"write", "begin", "finish", "_suppress", "_erase_bytes", "_seal_anew", "_forget", "_close", "forget",
         "erase", "_purge", "remove_leftovers", "forget_deleted", "_check", "_log", "append", "note", "end"}
with clearance.open(Path(sys.argv[1])) as here:
    sys.setprofile(tracer)
    here.erasures.erase(keyword="harbour", project="p", reason="request", by="x", **eval(sys.argv[3]))
    sys.setprofile(None)
print("done")
"""


@pytest.mark.control("C3.4", "C2.1")
@pytest.mark.parametrize("start", range(1, 8))
def test_an_erasure_that_is_killed_is_brought_to_its_end(
    tried: Tried, site: Site, tmp_path: Path, start: int
) -> None:
    """Wherever the process dies, the next opening leaves either everything as it was or the item gone."""
    urls = collected(tried, site, tmp_path, count=3)
    item = next(item["id"] for item in tried.items() if item["url"] == urls[1])
    outcome = "killed"
    for kill_at in range(start, 80, 7):
        ran = subprocess.run(
            [sys.executable, "-c", KILLED, str(tried.root), str(kill_at), repr({"items": (item,)})],
            capture_output=True,
            text=True,
            check=False,
        )
        left = len(tried.items())
        verified = tried.verified()
        assert verified["ok"], (kill_at, verified["problems"])
        assert verified["items"] + verified["erased"] == 3
        assert left == verified["items"] == verified["pictures"]
        if left == 2:
            outcome = "erased"
            break
        assert ran.returncode == -9, ran.stderr
    assert outcome == "erased"
    assert hits(tried.root, {"url": urls[1].encode(), "name": NAME.encode()}) == {"url": [], "name": []}
