"""Every command, as a person runs it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from command_line import COMMAND, run
from pictures_made import photograph
from sites import Site
from workspaces import Tried, filled


@pytest.fixture(scope="module")
def used(tmp_path_factory: pytest.TempPathFactory) -> Tried:
    """A workspace in which something was collected by commands alone, made once: its tests only read."""
    tried = Tried(tmp_path_factory.mktemp("used") / "workspace")
    tried.project()
    with Site() as site:
        collect_by_commands(tried, site)
    return tried


def collect_by_commands(tried: Tried, site: Site) -> None:
    made = tried.run(
        *(
            "source",
            "add",
            "archive",
            "--host",
            site.host,
            "--basis",
            "public-domain",
            "--diligence",
            "looked into",
        ),
        *(
            "--min-delay",
            "0",
            "--latency-factor",
            "0",
            "--evidence",
            "clearance.toml",
            "--max-items",
            "50",
            "--json",
        ),
    )
    assert json.loads(made.stdout)["quotas"]["max_items"] == 50
    tried.run(
        "source",
        "add",
        "agency",
        "--host",
        "agency.example",
        "--basis",
        "licence",
        "--diligence",
        "contract seen",
    )
    tried.run(
        *("licence", "add", "--source", "agency", "--licensor", "Agency", "--uses", "train,display"),
        *("--until", "2027-12-31", "--reference", "C-1"),
    )
    site.serve("/", b'<a href="/terms">Terms of service</a>', headers={"Content-Type": "text/html"})
    site.serve("/terms", b"<p>You may copy our pictures.</p>", headers={"Content-Type": "text/html"})
    assert tried.run("terms", "fetch", "archive").returncode == 0
    assert (
        tried.run("terms", "review", "archive", "--verdict", "permits", "--by", "A. Person").returncode == 0
    )
    assert json.loads(tried.run("risk", "draft", "--project", "p", "--json").stdout)["blank"]
    form = tried.root / "risk" / "p.yaml"
    form.write_text(filled(form.read_text()))
    assert tried.run("risk", "sign", "--project", "p", "--by", "A. Person").returncode == 0
    tried.table([site.serve("/a.jpg", photograph(seed=1)), site.serve("/b.jpg", status=404)])
    result = tried.run("collect", "urls.txt", "--project", "p", "--json")
    assert result.returncode == 4, result.stderr
    assert set(json.loads(result.stdout)) >= {
        *(
            "planned",
            "fetched",
            "kept",
            "held",
            "denied",
            "failed",
            "bytes",
            "seconds",
            "by_reason",
            "by_source",
        ),
        *("requests_by_host", "log_size", "checkpoint"),
    }


def test_every_command_prints_for_people_and_as_json(used: Tried) -> None:
    """With --json standard output is one object and nothing else; without it, there is something to read."""
    item = used.items(decision="kept")[0]["id"]
    for arguments in (
        ("project", "list"),
        ("project", "show", "p"),
        ("source", "list"),
        ("source", "show", "archive"),
        ("licence", "list"),
        ("licence", "show", "licence-0001"),
        ("risk", "show", "--project", "p"),
        ("risk", "show", "--project", "p", "--file", "risk/p.yaml"),
        ("items", "list"),
        ("items", "show", item),
        ("items", "count", "--by", "source"),
        ("register", "verify"),
        ("policy", "show"),
        ("policy", "check", "policy.yaml"),
        ("controls",),
    ):
        printed = used.run(*arguments)
        assert (printed.returncode, "Traceback" in printed.stderr) == (0, False), (arguments, printed.stderr)
        assert printed.stdout or printed.stderr
        dumped = used.run(*arguments, "--json")
        assert isinstance(json.loads(dumped.stdout), dict), arguments


@pytest.mark.control("C2.1")
def test_a_proof_written_here_is_checked_elsewhere(used: Tried, tmp_path: object) -> None:
    """The proof and the log's key are all that the checker needs."""
    item = used.items(decision="kept")[0]["id"]
    written = json.loads(used.run("register", "prove", item, "--json").stdout)
    checked = used.run("register", "check", written["proof"], "--key", written["log_key"], "--json")
    assert json.loads(checked.stdout)["record"]["item_id"] == item
    proof = used.root / written["proof"]
    proof.write_text(proof.read_text().replace("index", "indx"))
    assert used.run("register", "check", written["proof"], "--key", written["log_key"]).returncode == 3


def test_a_workspace_under_a_passphrase_opens_with_it_only(tried: Tried) -> None:
    """The passphrase comes from the environment where nobody can type it."""
    import os

    given = {**os.environ, "CLEARANCE_PASSPHRASE": "correct horse battery"}
    folder = tried.root.parent / "secret"
    made = tried.run(
        *(
            "init",
            str(folder),
            "--organisation",
            "O",
            "--contact",
            "https://example.org/",
            "--passphrase",
            "--json",
        ),
        env=given,
    )
    assert made.returncode == 0, made.stderr
    assert tried.run("items", "count", "--workspace", str(folder), env=given).returncode == 0
    wrong = tried.run(
        "items",
        "count",
        "--workspace",
        str(folder),
        env={**given, "CLEARANCE_PASSPHRASE": "wrong horse battery"},
    )
    assert wrong.returncode == 3


def test_a_run_that_mostly_failed_does_not_look_like_a_success(tried: Tried, site: Site) -> None:
    """The human summary is there, the status says that some failed, and no colour where NO_COLOR is set."""
    tried.source("archive", site.host)
    tried.sign()
    tried.table([site.url("/none.jpg")])
    result = tried.run("collect", "urls.txt", "--project", "p")
    assert result.returncode == 4
    assert "0 kept, 0 held, 0 denied, 1 failed of 1 planned" in result.stderr
    assert "archive" in result.stdout
    assert "\x1b" not in result.stdout + result.stderr


def test_the_private_network_is_loudly_shown(tried: Tried) -> None:
    """Whoever allows private addresses is told at every command."""
    assert "private addresses are allowed" in tried.run("items", "count").stderr


def test_help_and_version_do_not_load_the_stores() -> None:
    """The heavy libraries stay away from what only prints a text."""
    program = (
        "import sys; from clearance.cli.app import run; run(['--help']);"
        "print([name for name in ('lance', 'pyarrow', 'aiohttp', 'cv2', 'sqlalchemy', 'duckdb') if name in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout.strip().endswith("[]")


@pytest.mark.parametrize("command", [COMMAND, [str(Path(sys.executable).with_name("clearance"))]])
def test_the_command_runs_on_its_own(tried: Tried, command: list[str]) -> None:
    """Started anew, by Python or as the script that is installed, it says what a forked one says."""
    for arguments in (("--version",), ("project", "list", "--json"), ("nonsense",)):
        started = subprocess.run([*command, *arguments], cwd=tried.root, capture_output=True, text=True)
        forked = tried.run(*arguments)
        assert (started.returncode, started.stdout, started.stderr) == (
            *(forked.returncode, forked.stdout, forked.stderr),
        )


def test_the_nearest_workspace_upward_is_used(tried: Tried) -> None:
    """From a folder inside, and from nowhere there is a clear message."""
    found = run("project", "list", "--json", cwd=tried.root / "vault")
    assert json.loads(found.stdout)["projects"][0]["name"] == "p"
    lost = run("project", "list", cwd="/")
    assert (lost.returncode, "clearance init" in lost.stderr) == (2, True)
