"""Hosts that hang, lie or never end, and users that give what cannot be used: clear answers, nothing lost."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import clearance
from clearance.errors import BadInput, ConfigurationError, StorageError, WorkspaceBusy, WrongKey
from command_line import COMMAND
from pictures_made import photograph
from sites import Site
from workspaces import Tried


@pytest.mark.control("C5.2")
def test_hosts_that_hang_lie_or_never_end_cost_only_their_own_picture(tried: Tried, site: Site) -> None:
    """Each ends within its bound with its own reason, and the good picture is kept."""
    tried.policy("timeout_s: 30.0", "timeout_s: 1.0")
    tried.policy("max_picture_bytes: 50000000", "max_picture_bytes: 6000000")
    tried.policy("max_retries: 2", "max_retries: 0")
    tried.policy("backoff_s: 2.0", "backoff_s: 0.01")
    tried.source("archive", site.host)
    good = photograph(seed=1)
    urls = {
        "good": site.serve("/good.jpg", good),
        "hangs": site.serve("/hangs.jpg", good, wait_s=30),
        "endless": site.serve("/endless.jpg", b"", endless=True),
        "announces": site.serve("/announces.jpg", good, announced_length=10**10),
        "short": site.serve("/short.jpg", good, announced_length=len(good) + 500),
        "gzip": site.serve("/gzip.jpg", b"\x1f\x8b" + bytes(100), headers={"Content-Encoding": "gzip"}),
        "text": site.serve("/text.jpg", good, headers={"Content-Type": "text/html; charset=nonsense"}),
        "header": site.serve("/header.jpg", good, headers={"X-Long": "a" * 100_000}),
        "status": site.serve("/status.jpg", good, status=999),
    }
    report = tried.collect(list(urls.values()))
    found = {
        item["url"].rpartition("/")[2][:-4]: (item["decision"], item["reasons"][0]["rule"])
        for item in tried.items()
    }
    assert found == {
        "good": ("kept", "basis-public-domain"),
        "hangs": ("failed", "fetch-failed"),
        "endless": ("failed", "fetch-limits"),
        "announces": ("failed", "fetch-limits"),
        "short": ("failed", "fetch-failed"),
        "gzip": ("failed", "fetch-failed"),
        "text": ("kept", "basis-public-domain"),
        "header": ("failed", "fetch-failed"),
        "status": ("failed", "fetch-failed"),
    }
    assert (report["kept"], report["failed"]) == (2, 7)
    assert tried.verified()["ok"]


@pytest.mark.control("C5.2")
def test_private_addresses_are_not_connected_to_however_they_are_reached(tmp_path: Path, site: Site) -> None:
    """As a literal, through a name, through a redirect: refused before a connection is made."""
    tried = Tried(tmp_path / "workspace")
    tried.configure('["127.0.0.0/8"]', "[]")
    tried.configure("[network.hosts]", "[network.hosts]\n'inner.example' = '127.0.0.1'\n#")
    tried.project()
    tried.source("archive", site.host, f"inner.example:{site.port}", f"localhost:{site.port}")
    picture = photograph(seed=1)
    site.serve("/a.jpg", picture)
    report = tried.collect(
        [site.url("/a.jpg"), f"http://inner.example:{site.port}/a.jpg", f"http://localhost:{site.port}/a.jpg"]
    )
    assert report["kept"] == 0
    assert site.asked == []
    assert {item["reasons"][0]["rule"] for item in tried.items()} == {"host-unreachable"}


@pytest.mark.control("C2.1", "C5.2")
def test_rows_that_hold_no_address_are_recorded_with_their_number(tried: Tried, site: Site) -> None:
    """A row is named by its number, escaped, and the others go on; trying again replaces the record."""
    tried.source("archive", site.host)
    table = [
        site.serve("/a.jpg", photograph(seed=1)),
        "nonsense",
        "file:///etc/passwd",
        "http://x\u202egpj.org/",
    ]
    report = tried.collect(table)
    assert (report["kept"], report["failed"]) == (1, 3)
    details = sorted(item["reasons"][0]["detail"] for item in tried.items(decision="failed"))
    assert details[0].startswith("row 2: 'nonsense'")
    assert tried.collect(table)["failed"] == 3
    assert len(tried.items(decision="failed")) == 3


def test_what_cannot_be_used_is_refused_before_anything_starts(tried: Tried, site: Site) -> None:
    """Missing column, unknown project, unreadable file: exit status 2, one message, no request."""
    tried.sign()
    table = tried.root / "t.csv"
    table.write_text(f"link\n{site.url('/a.jpg')}\n")
    for arguments, why in (
        (("collect", "t.csv", "--project", "p"), "no column 'url' (--url-col); columns: link"),
        (("collect", "t.csv", "--project", "q", "--url-col", "link"), "no project 'q'; projects: p"),
        (("collect", "none.csv", "--project", "p"), "none.csv"),
        (("items", "list", "--decision", "maybe"), "one of kept, held, denied, failed"),
        (("items", "count", "--by", "colour"), "one of decision, source"),
        (("items", "show", "nothing"), "no item 'nothing'"),
        (
            ("source", "add", "x", "--host", "http://x", "--basis", "licence", "--diligence", "d"),
            "host pattern",
        ),
        (("source", "add", "x", "--host", "x.org", "--basis", "hope", "--diligence", "d"), "--basis 'hope'"),
        (
            ("licence", "add", "--source", "none", "--licensor", "l", "--uses", "train", "--reference", "r"),
            "no source",
        ),
        (("dataset", "export", "none", "out"), "no dataset version 'none'"),
        (("dataset", "check", "--project", "p", "--kind", "any"), "--kind 'any'"),
        (("project", "create", "x", "--purpose", "y", "--use", "fun", "--target", "1"), "--use 'fun'"),
        (("policy", "check", "none.yaml"), "none.yaml"),
        (("register", "check", "none.proof", "--key", "k"), "none.proof"),
    ):
        result = tried.run(*arguments, "--json")
        assert result.returncode == 2, (arguments, result.stderr)
        assert why in " ".join(result.stderr.split()), (arguments, result.stderr)
        assert json.loads(result.stdout)["error"]["status"] == 2
    assert tried.run("collect").returncode == 2
    assert tried.run("nonsense", "--json").returncode == 2
    assert site.asked == []


def test_a_workspace_that_does_not_hold_says_where(tmp_path: Path) -> None:
    """Unknown settings, wrong values, a missing file, a folder in use, another key."""
    tried = Tried(tmp_path / "workspace")
    with pytest.raises(BadInput, match="not empty"):
        Tried(tmp_path / "workspace")
    with pytest.raises(ConfigurationError, match="not found"), clearance.open(tmp_path):
        pass
    for old, new, why in (
        ("max_connections = 64", "max_connections = 0", "network.max_connections"),
        ("max_connections = 0", "max_conections = 64", "network.max_conections"),
        ("max_conections = 64", 'hosts = {"a" = "not an address"}', "network.hosts"),
        ('hosts = {"a" = "not an address"}', "=", "clearance.toml"),
    ):
        if "hosts" in new:
            tried.configure("[network.hosts]", "[network_hosts]")
        tried.configure(old, new)
        with pytest.raises(ConfigurationError, match=why), clearance.open(tried.root):
            pass
    other = Tried(tmp_path / "other")
    with clearance.open(other.root):
        pass
    (other.root / "keys" / "root.key").unlink()
    Tried(tmp_path / "third")
    (tmp_path / "third" / "keys" / "root.key").rename(other.root / "keys" / "root.key")
    with pytest.raises(WrongKey), clearance.open(other.root):
        pass
    (other.root / "policy.yaml").write_text("nonsense")
    assert other.run("policy", "show").returncode in (2, 3)


@pytest.mark.parametrize("contact", ["", "example.org", "mailto:a@example.org", "https://u:p@example.org/"])
def test_a_contact_that_is_no_page_is_refused(tmp_path: Path, contact: str) -> None:
    """Rights holders must be able to open it."""
    from clearance.workspace import Workspace

    with pytest.raises(ConfigurationError, match="contact"):
        Workspace.create(tmp_path / "w", organisation="O", contact=contact)
    with pytest.raises(ConfigurationError, match="name"):
        Workspace.create(tmp_path / "v", organisation="O\r\nX: y", contact="https://example.org/")


def test_only_one_process_changes_a_workspace(tried: Tried, site: Site) -> None:
    """A second collect is refused while the first runs; reading goes on."""
    tried.sign()
    with clearance.open(tried.root) as here, here.holding.locked():
        with pytest.raises(WorkspaceBusy, match="another process"):
            tried.collect([site.url("/a.jpg")])
        result = tried.run("collect", "urls.txt", "--project", "p", "--json")
        assert result.returncode == 3
        assert tried.items() == []
    assert site.asked == []


def test_a_full_disk_is_a_clear_error_and_loses_nothing(tried: Tried, site: Site) -> None:
    """The batch that does not fit is undone, what was sealed before stays, and the same command goes on later."""
    tried.source("archive", site.host)
    first = [site.serve("/first.jpg", photograph(seed=1))]
    tried.collect(first)
    urls = [site.serve(f"/{n}.jpg", photograph(seed=n, width=500, height=500)) for n in range(2, 12)]
    table = tried.table(first + urls)
    program = (
        "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "import clearance.cli; resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, resource.RLIM_INFINITY));"
        "clearance.cli.main()"
    )
    result = subprocess.run(
        [sys.executable, "-c", program, "collect", str(table), "--project", "p", "--json"],
        cwd=tried.root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 1, result.stderr
    assert "File too large" in result.stderr
    found = tried.verified()
    assert (found["ok"], found["items"]) == (True, 1)
    assert tried.collect(table)["kept"] == 10
    assert tried.verified()["pictures"] == 11


@pytest.mark.control("C5.1")
def test_a_changed_shard_is_named_and_gives_no_picture(tried: Tried, site: Site) -> None:
    """Verification says which item, and an export stops with an error instead of garbage."""
    tried.source("archive", site.host)
    tried.collect([site.serve("/a.jpg", photograph(seed=1))])
    tried.freeze()
    (shard,) = (tried.root / "vault").iterdir()
    content = bytearray(shard.read_bytes())
    content[100] ^= 1
    shard.write_bytes(content)
    result = tried.run("register", "verify", "--json")
    assert result.returncode == 3
    assert "was changed or cut off" in json.loads(result.stdout)["problems"][0]
    assert tried.run("register", "verify", "--without-pictures").returncode == 0
    assert tried.run("dataset", "export", "set", "out").returncode == 3
    assert tried.run("dataset", "verify", "set").returncode == 3


def test_a_reader_that_goes_away_is_no_error(tried: Tried) -> None:
    """`clearance controls | head` ends quietly."""
    process = subprocess.Popen(
        [*COMMAND, "controls", "--json"], cwd=tried.root, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    assert b"Traceback" not in process.stderr.read()
    process.stderr.close()
    assert process.wait(timeout=30) in (0, -signal.SIGPIPE)


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """Init and export say which."""
    from clearance.workspace import Workspace

    (tmp_path / "file").write_text("x")
    with pytest.raises(StorageError, match="file"):
        Workspace.create(tmp_path / "file" / "w", organisation="O", contact="https://example.org/")
    assert os.path.exists(tmp_path / "file")  # noqa: PTH110 - only that it is there still
