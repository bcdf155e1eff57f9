"""`clearance terms`, `account` and `network`, as a person uses them."""

import json
import os
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert

import clearance
from clearance.collecting import utc_now
from clearance.collecting.tables import visits
from clearance.errors import BadInput
from clearance.sourcing import TermsState, found, without_text
from workspaces import Tried

URL = "https://archive.example/terms"
HTML = """<!doctype html><html lang="en"><head><title>Terms</title><script>robots()</script></head>
<body><h1>Terms of use</h1><p>Be kind.</p><p>Use of robots needs our consent.</p></body></html>"""


@pytest.fixture
def archive(tried: Tried) -> Tried:
    """A workspace with a source that nobody has looked at yet."""
    tried.source("archive", "archive.example", reviewed=False)
    return tried


_BEFORE = ("person-added", "project-created", "source-added")
"""What the fixture did."""


def answer(tried: Tried, *arguments: str) -> dict[str, Any]:
    """Run a command that must succeed; returns its one JSON object."""
    result = tried.run(*arguments, "--json")
    assert result.returncode == 0, result.stderr
    loaded: dict[str, Any] = json.loads(result.stdout)
    return loaded


def table(tried: Tried, *arguments: str) -> str:
    """Run a command that prints a table, on a wide terminal."""
    result = tried.run(*arguments, env={**os.environ, "COLUMNS": "400"})
    assert result.returncode == 0, result.stderr
    return result.stdout


def save(tried: Tried, text: str, name: str = "saved.html") -> dict[str, Any]:
    """Hand in a page that was saved by hand."""
    (tried.root / name).write_text(text)
    return answer(tried, "terms", "fetch", "archive", "--url", URL, "--file", name)


def rules(standing: dict[str, Any]) -> list[str]:
    return [reason["rule"] for reason in standing["reasons"]]


@pytest.mark.control("C1.4")
def test_terms_are_saved_read_changed_and_read_again(archive: Tried) -> None:
    """From nothing looked for to permitted, and held again once the text has changed."""
    (listed,) = answer(archive, "terms", "list")["terms"]
    assert (listed["may_collect"], rules(listed), listed["pages"]) == (False, ["terms-reviewed"], [])
    saved = save(archive, HTML)
    assert (saved["pages"][0]["state"], saved["pages"][0]["given_by_hand"]) == ("found", True)
    assert rules(saved) == ["terms-reviewed"]

    shown = answer(archive, "terms", "show", "archive")["pages"][0]
    assert shown["text"] == "Terms of use\nBe kind.\nUse of robots needs our consent."
    (passage,) = shown["passages"]
    assert (passage["topic"], passage["sentence"]) == ("automated-access", "Use of robots needs our consent.")

    made = answer(
        archive,
        *("terms", "review", "archive", "--verdict", "permits", "--by", "Ada", "--note", "consent of 3 May"),
        *("--sha256", shown["sha256"]),
    )
    assert (made["verdict"], made["reviewer"], made["note"], made["sha256"]) == (
        *("permits", "Ada", "consent of 3 May"),
        shown["sha256"],
    )
    (listed,) = answer(archive, "terms", "list")["terms"]
    assert (listed["may_collect"], listed["reasons"]) == (True, [])

    changed = save(archive, HTML.replace("needs our consent", "is forbidden"))
    assert (rules(changed), changed["pages"][0]["changed"]) == (["terms-changed"], True)
    diff = answer(archive, "terms", "diff", "archive")["pages"][0]["diff"]
    assert "-Use of robots needs our consent." in diff
    assert "+Use of robots is forbidden." in diff
    stale = archive.run(
        *("terms", "review", "archive", "--verdict", "permits", "--by", "Ada", "--sha256", shown["sha256"])
    )
    assert (stale.returncode, "clearance terms diff" in stale.stderr) == (2, True)
    answer(archive, "terms", "review", "archive", "--verdict", "prohibits", "--by", "Grace")
    shown = answer(archive, "terms", "show", "archive")
    assert rules(shown) == ["terms-prohibit"]
    assert [review["reviewer"] for review in shown["reviews"]] == ["Ada", "Grace"]


@pytest.mark.control("C1.4")
def test_the_same_is_there_to_read_for_people(archive: Tried) -> None:
    """Tables, the text with its marks, a diff; what a page says cannot forge what is printed."""
    save(archive, HTML.replace("Be kind.", "Be kind [bold]\x1b[31mreally[/bold]."))
    assert "nobody has read them yet" in table(archive, "terms", "list")
    shown = archive.run("terms", "show", "archive")
    assert "[automated-access] Use of robots needs our consent." in shown.stdout
    assert "\x1b" not in shown.stdout
    assert "[bold]" in shown.stdout
    assert "the verdict is a person's" in shown.stderr
    reviewed = archive.run("terms", "review", "archive", "--verdict", "unclear", "--by", "Ada")
    assert reviewed.stderr.endswith(f"{URL}: unclear, read by Ada\n")
    assert "nothing has changed" in archive.run("terms", "diff", "archive").stderr
    (archive.root / "new.txt").write_text("All new.")
    fetched = archive.run("terms", "fetch", "archive", "--url", URL, "--file", "new.txt")
    assert fetched.returncode == 0
    assert "+All new." in archive.run("terms", "diff", "archive").stdout


@pytest.mark.control("C1.4")
@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("fetch", "nobody", "--url", URL, "--file", "clearance.toml"), "no source 'nobody'"),
        (("fetch", "archive", "--file", "clearance.toml"), "--file goes with --url"),
        (("fetch", "archive", "--url", "terms", "--file", "clearance.toml"), "--url 'terms'"),
        (("fetch", "archive", "--url", URL, "--file", "none.html"), "No such file"),
        (("fetch", "archive", "--url", URL, "--file", "empty.html"), "no text on the page"),
        (("fetch", "archive", "--url", URL, "--file", "huge.html"), "larger than"),
        (("review", "archive", "--verdict", "permits", "--by", "Ada"), "clearance terms fetch archive"),
        (("review", "archive", "--verdict", "permits", "--by", "Ada", "--url", URL), "no terms page"),
        (("review", "archive", "--verdict", "fine", "--by", "Ada"), "permits, prohibits, unclear"),
        (("review", "nobody", "--verdict", "permits", "--by", "Ada"), "no source 'nobody'"),
        (("show", "nobody"), "no source 'nobody'"),
        (("diff", "nobody"), "no source 'nobody'"),
    ],
)
def test_wrong_usage_is_told_and_keeps_nothing(archive: Tried, arguments: tuple[str, ...], told: str) -> None:
    """Exit status 2, with what to do next."""
    (archive.root / "empty.html").write_text("<html><script>x</script></html>")
    with (archive.root / "huge.html").open("wb") as file:
        file.truncate((20 << 20) + 1)
    result = archive.run("terms", *arguments)
    assert (result.returncode, told in " ".join(result.stderr.split())) == (2, True), result.stderr
    with clearance.open(archive.root) as here:
        assert here.terms.show("archive")["pages"] == []


@pytest.mark.control("C1.4")
def test_a_source_with_several_pages_is_reviewed_page_by_page(archive: Tried) -> None:
    """One must be named, in whatever writing; terms of another source are refused."""
    other = "https://archive.example/images/terms"
    with clearance.open(archive.root) as here:
        snapshots = [found("A.", source="archive", url=url, at=utc_now()) for url in (URL, other)]
        here.terms.record("archive", *snapshots)
        with pytest.raises(BadInput, match="several terms pages"):
            here.terms.review("archive", "permits", "Ada")
        here.terms.review("archive", "permits", "Ada", url="https://ARCHIVE.example:443/terms#top")
        assert [reason["detail"] for reason in here.terms.standing("archive")["reasons"]] == [
            f"{other}: nobody has read them yet"
        ]
        with pytest.raises(BadInput, match="are not those of"):
            here.terms.record("archive", found("A.", source="other", url=URL, at=utc_now()))


@pytest.mark.control("C1.4")
def test_a_page_out_of_reach_is_shown_with_why(archive: Tried) -> None:
    """There is nothing to read, to mark or to compare, and the list says so."""
    with clearance.open(archive.root) as here:
        lost = without_text(TermsState.UNREACHABLE, source="archive", url=URL, at=utc_now(), why="timed out")
        here.terms.record("archive", lost)
        (page,) = here.terms.show("archive")["pages"]
        assert (page["state"], page["why"], page["text"], page["passages"], page["fetched_at"]) == (
            *("unreachable", "timed out", "", []),
            None,
        )
        assert here.terms.diff("archive") == {"source": "archive", "pages": []}
    assert "never reached, timed out" in table(archive, "terms", "list")


@pytest.mark.control("C1.4", "C5.1")
def test_what_was_done_is_in_the_log_and_names_nobody(archive: Tried) -> None:
    """Kinds, verdicts and counts; no person, no address, no text. What is seen again is no event."""
    save(archive, HTML)
    save(archive, HTML)
    answer(archive, "terms", "review", "archive", "--verdict", "permits", "--by", "Ada Lovelace")
    answer(
        archive,
        *("account", "add", "members", "--source", "archive", "--mailbox", "bot@archive.example"),
        *("--responsible", "Grace Hopper"),
    )
    answer(archive, "account", "check", "members", "--by", "Grace Hopper")
    answer(
        archive,
        *("network", "add", "line", "--provider", "A Provider", "--address", "192.0.2.0/24"),
        *("--bandwidth", "1 Gbit/s"),
    )
    with clearance.open(archive.root) as here:
        logged = list(here.holding.stores.log.entries())
    told = [entry for entry in map(json.loads, logged) if entry["kind"] not in _BEFORE]
    assert [{name: entry[name] for name in set(entry) - {"time", "version"}} for entry in told] == [
        {"kind": "terms-fetched", "state": "found"},
        {"kind": "terms-reviewed", "verdict": "permits"},
        {"kind": "account-added"},
        {"kind": "account-checked"},
        {"kind": "network-added", "addresses": 1},
    ]
    for secret in (b"Lovelace", b"Hopper", b"archive", b"members", b"Provider", b"192.0.2", b"kind."):
        assert secret not in b"".join(logged)
    assert archive.verified()["ok"]


@pytest.mark.control("C2.2")
def test_an_account_is_registered_checked_and_overdue(archive: Tried) -> None:
    """An overdue mailbox stands against the source, a check clears it."""
    long_ago = (utc_now() - timedelta(days=8)).date().isoformat()
    made = answer(
        archive,
        *("account", "add", "members", "--source", "archive", "--mailbox", "bot@archive.example"),
        *("--responsible", "Grace", "--checked", long_ago),
    )
    assert (made["last_checked"], made["checked_by"], made["overdue"]) == (long_ago, "Grace", True)
    assert "overdue: nothing is collected" in table(archive, "account", "list")
    with clearance.open(archive.root) as here:
        assert "account-monitored" in rules(here.terms.standing("archive"))
    assert "checked on" in archive.run("account", "check", "members", "--by", "Ada").stderr
    (listed,) = answer(archive, "account", "list")["accounts"]
    assert (listed["overdue"], listed["checked_by"]) == (False, "Ada")
    with clearance.open(archive.root) as here:
        assert rules(here.terms.standing("archive")) == ["terms-reviewed"]
    refused = archive.run(
        *("account", "add", "x", "--source", "nobody", "--mailbox", "a@b.example", "--responsible", "A")
    )
    assert refused.returncode == 2
    back = answer(archive, "account", "check", "members", "--by", "Ada", "--on", long_ago)
    assert back["last_checked"] == utc_now().date().isoformat()
    said = archive.run(
        *("account", "add", "second", "--source", "archive", "--mailbox", "a@b.example", "--responsible", "A")
    )
    assert "account second at archive registered" in said.stderr
    assert "never" in archive.run("account", "list").stdout


@pytest.mark.control("C2.3")
def test_the_network_register_shows_what_was_bought_and_what_was_used(archive: Tried) -> None:
    """Addresses from the ledger with their counts, and those that nobody registered."""
    made = answer(
        archive,
        *("network", "add", "line", "--provider", "A Provider", "--address", "192.0.2.0/24"),
        *("--address", "2001:db8::/48", "--address", "192.0.2.0/24", "--bandwidth", "500"),
        *("--from", "2026-01-01", "--until", "2030-12-31"),
    )
    assert (made["addresses"], made["bandwidth"], made["valid_until"]) == (
        *(["192.0.2.0/24", "2001:db8::/48"], "500 Mbit/s"),
        "2030-12-31",
    )
    said = archive.run(
        "network", "add", "spare", "--provider", "B", "--address", "198.51.100.7", "--bandwidth", "1 Gbit/s"
    )
    assert "network spare registered: B, 198.51.100.7/32" in said.stderr
    assert "that nobody registered" not in archive.run("network", "list").stderr
    with clearance.open(archive.root) as here, here.holding.database.begin() as connection:
        for name, egress in (("line", "192.0.2.1"), ("line", "192.0.2.1"), ("", "203.0.113.9"), ("", "")):
            connection.execute(
                insert(visits).values(
                    at=utc_now(),
                    host="archive.example",
                    what="picture",
                    status=200,
                    bytes=1,
                    seconds=0.1,
                    egress=egress,
                    user_agent="x",
                    run="r",
                    network=name,
                )
            )
    listed = answer(archive, "network", "list")
    assert [(entry["name"], entry["used"]) for entry in listed["networks"]] == [
        ("line", {"192.0.2.1": 2}),
        ("spare", {}),
    ]
    assert listed["unregistered"] == {"203.0.113.9": 1}
    printed = archive.run("network", "list")
    assert "203.0.113.9 (1)" in printed.stderr
    assert "192.0.2.1 (2)" in table(archive, "network", "list")
    assert (
        archive.run(
            "network", "add", "all", "--provider", "B", "--address", "0.0.0.0/0", "--bandwidth", "1"
        ).returncode
        == 2
    )
    with clearance.open(archive.root) as here:
        matched = here.networks.index().match("192.0.2.77", utc_now().date())
        assert matched is not None
        assert matched.name == "line"


def test_a_page_saved_as_text_is_taken_as_text(archive: Tried) -> None:
    """What looks like markup in a text file is shown, not parsed."""
    text = "Be <b>kind</b>.\nUse of robots: ask."
    assert save(archive, text, "saved.txt")["pages"][0]["characters"] == len(text)
