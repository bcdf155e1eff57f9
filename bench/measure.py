"""Run a command and account for its whole process tree: seconds, CPU seconds, memory."""

from __future__ import annotations

import os
import resource
import subprocess
import threading
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep

_SAMPLE_S = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One run."""

    seconds: float
    cpu_seconds: float
    """User and system time of the command and everything it started and waited for."""
    peak_mb: float
    """Most memory held at once by the whole tree; pages that processes share count once."""
    output: str
    status: int


def measure(command: list[str], *, cwd: Path, env: dict[str, str]) -> Measured:
    """Run a command to its end and measure it."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = monotonic()
    with (cwd / "bench.out").open("w+") as output:
        process = subprocess.Popen(command, cwd=cwd, env=env, stdout=output, stderr=subprocess.DEVNULL)
        peak = [0.0]
        watching = threading.Thread(target=_watch, args=(process.pid, peak), daemon=True)
        watching.start()
        status = process.wait()
        seconds = monotonic() - started
        output.seek(0)
        printed = output.read()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    watching.join()
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Measured(seconds=seconds, cpu_seconds=cpu, peak_mb=peak[0], output=printed, status=status)


def _watch(pid: int, peak: list[float]) -> None:
    while True:
        tree = _tree(pid)
        if not tree:
            return
        peak[0] = max(peak[0], sum(_pss_mb(each) for each in tree))
        sleep(_SAMPLE_S)


def _tree(root: int) -> list[int]:
    """List a process and all below it."""
    found = []
    waiting = [root]
    while waiting:
        pid = waiting.pop()
        try:
            state = (
                Path(f"/proc/{pid}/stat")
                .read_text(encoding="ascii", errors="replace")
                .rpartition(")")[2]
                .split()[0]
            )
            tasks = list(Path(f"/proc/{pid}/task").iterdir())
            children = [task.joinpath("children").read_text(encoding="ascii").split() for task in tasks]
        except OSError:
            continue
        if state == "Z":
            continue
        found.append(pid)
        waiting += [int(child) for listed in children for child in listed]
    return found


def _pss_mb(pid: int) -> float:
    """Proportional memory: pages that several processes share count once in the sum."""
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1024
    except OSError:
        pass
    return 0.0


def machine() -> str:
    """Describe this machine in one line."""
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
            if line.startswith("model name")
        ),
        "unknown processor",
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} cores of {model}, {memory:.0f} GiB, Linux {os.uname().release}"
