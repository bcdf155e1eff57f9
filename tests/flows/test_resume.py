"""Interrupted at any moment, the same command goes on: nothing twice, nothing lost."""

import json
import os
import random
import signal
import subprocess
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from command_line import COMMAND
from pictures_made import photograph
from sites import Site
from workspaces import Tried

PICTURES = 60


@pytest.fixture
def table(tried: Tried, site: Site) -> Path:
    """Sixty pictures of one host, sealed a few at a time."""
    tried.configure("batch_items = 1000", "batch_items = 7")
    tried.source("archive", site.host, pace={"max_concurrent": 3, "min_delay_s": 0.02, "latency_factor": 0.0})
    tried.sign()
    urls = [site.serve(f"/{n}.jpg", photograph(seed=n, width=120, height=90)) for n in range(PICTURES)]
    return tried.table(urls)


def start(tried: Tried, table: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*COMMAND, "collect", str(table), "--project", "p", "--json"],
        cwd=tried.root,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


def wait_until_busy(site: Site, *, pictures: int) -> None:
    deadline = time.monotonic() + 60
    while len([asked for asked in site.asked if asked.target.endswith(".jpg")]) < pictures:
        assert time.monotonic() < deadline, "the collection never began"
        time.sleep(0.005)


def sealed(tried: Tried) -> set[str]:
    return {item["url"].rpartition("/")[2] for item in tried.items(decision="kept")}


def asked_twice(site: Site, names: set[str]) -> dict[str, int]:
    times = Counter(asked.target[1:] for asked in site.asked)
    return {name: times[name] for name in names if times[name] > 1}


@pytest.mark.control("C2.1", "C3.7")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_seals_what_is_finished_and_says_how_to_go_on(
    tried: Tried, site: Site, table: Path, number: signal.Signals
) -> None:
    """Exit status 130, a report that says so, a register that holds; then the rest, and nothing twice."""
    process = start(tried, table)
    wait_until_busy(site, pictures=12)
    process.send_signal(number)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 130
    report: dict[str, Any] = json.loads(output)
    assert report["interrupted"] is True
    before = sealed(tried)
    assert len(before) == report["kept"] > 0
    assert tried.verified()["ok"]
    rest = tried.collect(table)
    assert (rest["kept"], rest["already_held"]) == (PICTURES - len(before), len(before))
    assert asked_twice(site, before) == {}
    found = tried.verified()
    assert (found["ok"], found["pictures"]) == (True, PICTURES)


@pytest.mark.control("C2.1", "C5.2")
@pytest.mark.parametrize("seed", range(4))
def test_killed_at_any_moment_it_goes_on_with_nothing_lost(
    tried: Tried, site: Site, table: Path, seed: int
) -> None:
    """Killed three times at random points, then run to its end: every picture once, and the register verifies."""
    chance = random.Random(seed)
    for _ in range(3):
        process = start(tried, table)
        done = len(site.asked)
        wait_until_busy(site, pictures=min(done + chance.randrange(1, 15), PICTURES - 5))
        time.sleep(chance.random() * 0.1)
        before_kill = sealed(tried) if chance.random() < 0.3 else set()
        process.kill()
        process.communicate()
        after = sealed(tried)
        assert before_kill <= after
        assert tried.run("register", "verify", "--json").returncode == 0
    kept_before = sealed_by_log(tried)
    asked_before = Counter(asked.target[1:] for asked in site.asked)
    tried.collect(table)
    again = Counter(asked.target[1:] for asked in site.asked) - asked_before
    assert not kept_before & set(again)
    assert sealed(tried) == {f"{n}.jpg" for n in range(PICTURES)}
    found = tried.verified()
    assert (found["ok"], found["items"], found["pictures"], found["problems"]) == (
        True,
        PICTURES,
        PICTURES,
        [],
    )
    assert not list((tried.root / "vault").glob("*.partial"))


def sealed_by_log(tried: Tried) -> set[str]:
    """Return what the log holds: only that is sealed."""
    import clearance
    from clearance.register import BatchEntry, read_entry

    with clearance.open(tried.root) as here:
        log = here.holding.stores.log
        logged = {entry.batch for raw in log.entries() if isinstance(entry := read_entry(raw), BatchEntry)}
        return {
            item["url"].rpartition("/")[2]
            for item in here.items.list()
            if here.items.get(item["id"]).batch in logged
        }


@pytest.mark.parametrize("step", ["shards", "leaves", "records", "log"])
def test_a_crash_at_each_step_of_sealing_is_undone_or_finished(tried: Tried, site: Site, step: str) -> None:
    """Before the checkpoint nothing of the batch stays, after it everything does."""
    tried.source("archive", site.host)
    tried.sign()
    table = tried.table([site.serve(f"/{n}.jpg", photograph(seed=n)) for n in range(3)])
    target = {
        "shards": "clearance.register.leaves.Leaves.write",
        "leaves": "clearance.register.items.ItemStore.append",
        "records": "clearance.register.log.Log.append",
        "log": "clearance.collecting.journal.Journal.seal_batch",
    }[step]
    module, kind, name = target.rsplit(".", 2)
    program = (
        f"import os, sys, importlib; import clearance.cli; kind = getattr(importlib.import_module({module!r}), {kind!r})\n"
        f"real = kind.{name}\n"
        "def crash(self, *given, **named):\n"
        # The policy is logged before the batch is; only the batch's own append is the one that crashes.
        f"    if {name!r} == 'append' and given and b'policy-published' in bytes(given[0][0] if isinstance(given[0][0], bytes) else b''):\n"
        "        return real(self, *given, **named)\n"
        "    os._exit(9)\n"
        f"kind.{name} = crash\n"
        "clearance.cli.main()\n"
    )
    import sys

    crashed = subprocess.run(
        [sys.executable, "-c", program, "collect", str(table), "--project", "p"],
        cwd=tried.root,
        check=False,
        capture_output=True,
        env={**os.environ},
    )
    assert crashed.returncode == 9, crashed.stderr
    site.asked.clear()
    report = tried.collect(table)
    assert report["kept"] + report["already_held"] == 3
    assert (report["already_held"] == 3) is (step == "log")
    found = tried.verified()
    assert (found["ok"], found["items"], found["pictures"]) == (True, 3, 3)
