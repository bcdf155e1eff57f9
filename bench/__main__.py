"""`make bench`: both tools in turn, same photographs, same server; writes bench/RESULTS.md."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from bench.audit import audit_at_size, audit_table
from bench.keeping import keep_at_size, keeping_table
from bench.matching import measure_matching
from bench.measure import Measured, machine, measure
from bench.photographs import make_photographs
from bench.server import serving
from bench.signals import DATADILIGENCE, measure_signals, signals_table
from bench.survey import survey_of, survey_table

_ROOT = Path(__file__).parent.parent
_WORK = _ROOT / ".bench"
_PEER = _WORK / "peer"
_PEER_VERSION = "1.47.0"
_TOML = "[network]  # How this machine reaches websites."


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One tool's run over one table."""

    tool: str
    kept: int
    measured: Measured

    @property
    def rate(self) -> float:
        """Pictures a second."""
        return self.kept / self.measured.seconds

    @property
    def cpu_per_thousand(self) -> float:
        """CPU seconds for a thousand pictures."""
        return self.measured.cpu_seconds / self.kept * 1000


def main() -> None:
    """Measure and write the table."""
    options = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    options.add_argument("--rounds", type=int, default=3, help="runs of each tool, in turn")
    options.add_argument(
        "--rows", default="", help="also measure memory over tables of these sizes, as 10000,100000"
    )
    options.add_argument(
        "--photographs", type=Path, help="photographs to measure matching on, instead of the packages'"
    )
    asked = options.parse_args()
    # The logs of thrown-away workspaces are nobody's to remember.
    os.environ["XDG_STATE_HOME"] = str(_WORK / "state")
    names = make_photographs(_WORK / "photographs")
    _install_peer()
    with serving(_WORK / "photographs", _WORK / "server") as (host, server):
        table = _table(names, host, rows=len(names))
        runs = [run for _ in range(asked.rounds) for run in (_ours(table, host), _peers(table))]
        _print(runs)
        sizes = [int(size) for size in asked.rows.split(",") if size]
        memory = [(size, _ours(_table(names, host, rows=size), host)) for size in sizes]
    signals = measure_signals(_PEER / "bin" / "python")
    surveyed = survey_of(100_000, hosts=5_000, work=_WORK)
    kept = keep_at_size(_WORK)
    audited = audit_at_size(_WORK)
    text = "".join(
        (
            _markdown(runs, memory, server=server),
            signals_table(signals),
            survey_table(surveyed),
            keeping_table(kept),
            measure_matching(asked.photographs),
            audit_table(audited),
        )
    )
    (_ROOT / "bench" / "RESULTS.md").write_text(text, encoding="utf-8")
    print(text)


def _table(names: list[str], host: str, *, rows: int) -> Path:
    """Write a table; beyond the files there are, a query makes other URLs of the same ones."""
    urls = [
        f"http://{host}/{names[n % len(names)]}" + (f"?copy={n // len(names)}" if n >= len(names) else "")
        for n in range(rows)
    ]
    path = _WORK / f"urls-{rows}.parquet"
    pq.write_table(pa.table({"url": urls, "caption": [f"photograph {n}" for n in range(rows)]}), path)
    return path


def _ours(table: Path, host: str) -> Run:
    """Collect with every check, record and encryption on, into a new workspace."""
    workspace = _WORK / "workspace"
    shutil.rmtree(workspace, ignore_errors=True)
    command = str(Path(sys.executable).parent / "clearance")

    def do(*arguments: str) -> None:
        subprocess.run([command, *arguments], cwd=_WORK, check=True, capture_output=True)

    do("init", str(workspace), "--organisation", "Bench", "--contact", "https://example.org/bot")
    settings = workspace / "clearance.toml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(
        text.replace("allow_private_addresses = []", 'allow_private_addresses = ["127.0.0.0/8"]'),
        encoding="utf-8",
    )
    at = ("--workspace", str(workspace))
    do(
        "project",
        "create",
        "bench",
        "--purpose",
        "speed",
        "--use",
        "generative-training",
        "--target",
        "10000000",
        *at,
    )
    do(
        *(
            "source",
            "add",
            "local",
            "--host",
            host,
            "--basis",
            "public-domain",
            "--diligence",
            "made by the benchmark",
        ),
        *("--max-concurrent", "32", "--min-delay", "0", "--latency-factor", "0"),
        *("--daily-requests", "10000000", "--daily-bytes", "10000000000000", *at),
    )
    # A person reads the terms of service once; that is no part of the time.
    (_WORK / "terms.html").write_text("<p>Everybody may copy these photographs.</p>", encoding="utf-8")
    terms = ("--url", f"http://{host}/terms", "--file", "terms.html")
    do("terms", "fetch", "local", *terms, *at)
    do("terms", "review", "local", "--verdict", "permits", "--by", "Bench", *at)
    # Nor is the risk analysis.
    risk = str(_ROOT / "bench" / "risk.yaml")
    do("risk", "sign", "--project", "bench", "--by", "Bench", "--file", risk, *at)
    measured = measure(
        [command, "collect", str(table), "--project", "bench", "--caption-col", "caption", "--json", *at],
        cwd=_WORK,
        env=dict(os.environ),
    )
    return Run(tool="clearance", kept=json.loads(measured.output)["kept"], measured=measured)


def _peers(table: Path) -> Run:
    """Download with img2dataset: no check but X-Robots-Tag, its fastest settings on two cores."""
    output = _WORK / "peer-output"
    shutil.rmtree(output, ignore_errors=True)
    measured = measure(
        [
            str(_PEER / "bin" / "img2dataset"),
            *(
                "--url_list",
                str(table),
                "--input_format",
                "parquet",
                "--url_col",
                "url",
                "--caption_col",
                "caption",
            ),
            *("--output_folder", str(output), "--output_format", "webdataset"),
            *(
                "--image_size",
                "512",
                "--resize_mode",
                "keep_ratio_largest",
                "--resize_only_if_bigger",
                "True",
            ),
            *("--encode_quality", "95", "--processes_count", "2", "--thread_count", "32"),
            *("--number_sample_per_shard", "500", "--enable_wandb", "False"),
        ],
        cwd=_WORK,
        # It asks a service for a newer version of one of its libraries, which costs it time where there is no
        # network.
        env={**os.environ, "NO_ALBUMENTATIONS_UPDATE": "1"},
    )
    kept = sum(
        json.loads(path.read_text(encoding="utf-8"))["successes"] for path in output.glob("*_stats.json")
    )
    return Run(tool=f"img2dataset {_PEER_VERSION}", kept=kept, measured=measured)


def _install_peer() -> None:
    if not (_PEER / "bin" / "img2dataset").exists() or not any(
        _PEER.glob("lib/*/site-packages/datadiligence")
    ):
        subprocess.run([sys.executable, "-m", "venv", "--clear", "--without-pip", str(_PEER)], check=True)
        subprocess.run(
            [
                *(str(_ROOT / ".tools" / "bin" / "uv"), "pip", "install", "--compile-bytecode", "--quiet"),
                *("--python", str(_PEER / "bin" / "python"), f"img2dataset=={_PEER_VERSION}"),
                f"datadiligence=={DATADILIGENCE}",
            ],
            check=True,
        )


def _print(runs: list[Run]) -> None:
    for run in runs:
        print(
            f"{run.tool}: {run.kept} kept, {run.rate:.0f}/s, {run.cpu_per_thousand:.1f} CPU s/1000,"
            f" {run.measured.peak_mb:.0f} MB"
        )


def _markdown(runs: list[Run], memory: list[tuple[int, Run]], *, server: str) -> str:
    tools = list(dict.fromkeys(run.tool for run in runs))
    lines = [
        "# Results",
        "",
        f"{datetime.now(UTC):%Y-%m-%d}, {machine()}; Python {sys.version.split()[0]}; server: {server}.",
        "2,500 photographs of 640 to 3072 px, kept at 512 px, JPEG quality 95. Median of the runs, in turn;"
        " least and most in brackets. Clearance with every check, record and encryption on.",
        "",
        "| tool | pictures kept | pictures/s | CPU s per 1,000 | peak memory, MB (whole tree) |",
        "|---|---|---|---|---|",
    ]
    for tool in tools:
        own = [run for run in runs if run.tool == tool]
        columns = (
            [run.rate for run in own],
            [run.cpu_per_thousand for run in own],
            [run.measured.peak_mb for run in own],
        )
        shown = " | ".join(f"{statistics.median(v):.1f} ({min(v):.1f} to {max(v):.1f})" for v in columns)
        lines.append(f"| {tool} | {own[0].kept} | {shown} |")
    pairs = list(zip(runs[::2], runs[1::2], strict=True))
    rate = statistics.median(ours.rate / peer.rate for ours, peer in pairs)
    cpu = statistics.median(ours.cpu_per_thousand / peer.cpu_per_thousand for ours, peer in pairs)
    ratio = f"{rate:.2f} times the pictures a second, {cpu:.2f} times the CPU seconds"
    lines += ["", f"Ratio, median over pairs: {ratio}."]
    if memory:
        lines += ["", "| rows | kept | pictures/s | peak memory, MB |", "|---|---|---|---|"]
        lines += [
            f"| {size} | {run.kept} | {run.rate:.0f} | {run.measured.peak_mb:.0f} |" for size, run in memory
        ]
    libraries = (
        "aiohttp",
        "simplejpeg",
        "opencv-python-headless",
        "pdqhash",
        "iscc-lib",
        "cryptography",
        "pylance",
    )
    lines += ["", "Libraries: " + ", ".join(f"{name} {version(name)}" for name in libraries) + ".", ""]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
