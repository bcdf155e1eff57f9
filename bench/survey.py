"""A survey of many hosts: one small server under thousands of names, each asked as a site of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from bench.measure import Measured, measure

_SERVER = """
import sys
from aiohttp import web
RULES = "".join(f"Disallow: /private{n}/\\n" for n in range(20))
async def answer(request):
    number = int(request.host.partition(".")[0][1:])
    if request.path == "/robots.txt":
        text = "User-agent: *\\n" + (RULES if number % 11 else "Disallow: /\\n")
        text += "User-agent: GPTBot\\nDisallow: /\\n" if number % 7 == 0 else ""
        return web.Response(text=("Content-Signal: ai-train=no\\n" if number % 13 == 0 else "") + text)
    if request.path == "/.well-known/tdmrep.json" and number % 5 == 0:
        return web.json_response([{"location": "/", "tdm-reservation": 1}])
    return web.Response(status=404)
app = web.Application()
app.router.add_get("/{path:.*}", answer)
web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), print=None, access_log=None)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surveyed:
    """One survey."""

    addresses: int
    hosts: int
    requests: int
    measured: Measured


def survey_of(addresses: int, *, hosts: int, work: Path, port: int = 8177) -> Surveyed:
    """Survey a table of addresses that are spread over hosts."""
    workspace = work / "survey-workspace"
    shutil.rmtree(workspace, ignore_errors=True)
    command = str(Path(sys.executable).parent / "clearance")
    made = ("init", str(workspace), "--organisation", "Bench", "--contact", "https://example.org/bot")
    subprocess.run([command, *made], cwd=work, check=True, capture_output=True)
    settings = workspace / "clearance.toml"
    names = "\n".join(f'"h{number}.example" = "127.0.0.1"' for number in range(hosts))
    lines = [
        'allow_private_addresses = ["127.0.0.0/8"]' if line.startswith("allow_private_addresses") else line
        for line in settings.read_text(encoding="utf-8").splitlines()
    ]
    at = next(n for n, line in enumerate(lines) if line.startswith("[network.hosts]"))
    settings.write_text("\n".join([*lines[: at + 1], names, *lines[at + 1 :]]), encoding="utf-8")
    table = work / "survey.csv"
    urls = (f"http://h{number % hosts}.example:{port}/pictures/{number}.jpg" for number in range(addresses))
    table.write_text("url\n" + "\n".join(urls), encoding="utf-8")
    server = subprocess.Popen([sys.executable, "-c", _SERVER, str(port)])
    try:
        time.sleep(2)
        measured = measure(
            [command, "survey", str(table), "--workspace", str(workspace), "--json"],
            cwd=work,
            env=dict(os.environ),
        )
    finally:
        server.terminate()
        server.wait(timeout=10)
    report = json.loads(measured.output)
    asked = sum(len(host["files"]) for host in report["by_host"])
    return Surveyed(addresses=report["pictures"], hosts=report["hosts"], requests=asked, measured=measured)


def survey_table(surveyed: Surveyed) -> str:
    """Return the section of the results."""
    measured = surveyed.measured
    return "\n".join(
        [
            "",
            "## A survey before collecting",
            "",
            f"{surveyed.addresses:,} addresses on {surveyed.hosts:,} hosts, {surveyed.requests:,} requests at"
            f" the default pace: {measured.seconds:.0f} s, {measured.cpu_seconds:.0f} CPU s,"
            f" {measured.peak_mb:.0f} MB; the report is written as JSON and HTML. No picture is fetched.",
            "",
        ]
    )
