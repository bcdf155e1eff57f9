"""`python -m demo`: serve six sites, collect from them with the command line, and leave a report."""

from __future__ import annotations

import asyncio
import csv
import json
import os
import shutil
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from posixpath import basename

from rich.console import Console
from rich.table import Table
from rich.text import Text

from demo.answers import VERDICTS, count_decisions, read_items
from demo.photographs import PHOTOGRAPHS, PhotographMissing, found_elsewhere
from demo.report import Register, Run, credits_of, read_kept, source_lines, write_report
from demo.server import ADDRESS, Running, serving
from demo.sites import Site, make_sites
from demo.terminal import DONE, SOME_FAILED, CommandFailed, Terminal

WORKSPACE = Path("demo-workspace")
_MARK = "THIS-IS-A-DEMO"
"""A file of this name makes a folder recognisable as ours, which the next run may remove."""
_ORGANISATION = "Example Museum Lab"
_CONTACT = "https://example.org/our-crawler"
_PURPOSE = "A small model that draws still lifes, for a museum workshop"
_LICENSED_PATH = "/library/*"
_RISKS = Path(__file__).with_name("risk.yaml")
"""What a person wrote into the form of the risk analysis."""
_TARGETS = Path(__file__).with_name("targets.yaml")
"""What a person wants the pictures to be made of."""


class NotOurs(Exception):
    """The folder that the demo wants to write holds something else."""


async def demonstrate(console: Console) -> None:
    """Tell the whole story once.

    Raises:
        NotOurs: the workspace's folder holds something else.
        CommandFailed: a command ended otherwise than expected.
        PhotographMissing: a package with photographs is not installed.
    """
    started = time.monotonic()
    sites = make_sites()
    _clear(WORKSPACE)
    async with serving((site.host, site.answers) for site in sites) as running:
        terminal = Terminal(console)
        _show_sites(terminal, sites, running)
        await _prepare(terminal, sites, running)
        _write_table(WORKSPACE / "urls.csv", sites, running)
        await _read_terms(terminal, sites)
        await _survey(terminal)
        await _weigh_risks(terminal)
        run = await _collect(terminal, sites, running)
    write_report(run, WORKSPACE / "report.html")
    _show_outcome(terminal, run)
    console.print()
    console.print(
        f"[bold]The whole story[/bold]: {(WORKSPACE / 'report.html').resolve().as_uri()}", soft_wrap=True
    )
    console.print(f"[dim]{time.monotonic() - started:.0f} seconds[/dim]")


def _clear(folder: Path) -> None:
    """Remove the workspace of a former run, and nothing else."""
    if not folder.exists():
        return
    if folder.is_symlink() or not (folder / _MARK).is_file():
        raise NotOurs(f"{folder} is not the workspace of a former demo; move it away and run again")
    shutil.rmtree(folder)


async def _prepare(terminal: Terminal, sites: tuple[Site, ...], running: Running) -> None:
    """Make a workspace, and record what people decide: purpose, sources, licence."""
    terminal.heading("1. A workspace of our own")
    await terminal.runs("init", str(WORKSPACE), "--organisation", _ORGANISATION, "--contact", _CONTACT)
    (WORKSPACE / _MARK).write_text("python -m demo may remove this folder.\n", encoding="utf-8")
    terminal.enters(WORKSPACE)
    terminal.shows("editor clearance.toml")
    for line in _allow_loopback(WORKSPACE / "clearance.toml", [*running.ports]):
        terminal.console.print(Text(f"  + {line}", style="dim"))

    terminal.heading("2. What for, from where, by what right")
    await terminal.runs(
        "project", "create", "demo", "--purpose", _PURPOSE, "--use", "generative-training", "--target", "1000"
    )
    for site in sites:
        host = f"{site.host}:{running.ports[site.host]}"
        told = ("--basis", site.basis, "--diligence", site.diligence)
        await terminal.runs("source", "add", site.name, "--host", host, *told)
    await terminal.runs(
        *(
            "licence",
            "add",
            "--source",
            "agency",
            "--licensor",
            "Example Agency Ltd",
            "--uses",
            "train,display",
        ),
        *("--until", "2027-12-31", "--reference", "EX-2026-04", "--path", _LICENSED_PATH),
    )


async def _read_terms(terminal: Terminal, sites: tuple[Site, ...]) -> None:
    """Look for each site's terms of service, and record what a person found in them."""
    terminal.heading("3. A person reads the terms of service; the agency's contract goes before them")
    for site in sites:
        if site.basis != "licence":
            found = json.loads(await terminal.asks("terms", "fetch", site.name))
            for page in found["pages"]:
                terminal.console.print(f"  {page['state']}: {page['url']} {page['why']}", soft_wrap=True)
                if page["state"] != "found":
                    # Its robots.txt forbids the visit: a person looks with a browser and saves the page.
                    (WORKSPACE / "saved.html").write_bytes(site.answers["/terms"].body)
                    saved = ("--url", page["url"], "--file", "saved.html")
                    await terminal.runs("terms", "fetch", site.name, *saved)
            verdict = ("--verdict", "permits", "--by", "A. Person")
            await terminal.runs("terms", "review", site.name, *verdict)


async def _survey(terminal: Terminal) -> None:
    """See what the table would yield, before a single picture is fetched."""
    terminal.heading("4. What would it yield? No picture is fetched")
    columns = ("--licence-col", "licence", "--page-col", "page")
    where = ("--project", "demo", "--output", "survey")
    report = json.loads(await terminal.asks("survey", "urls.csv", *where, *columns))
    counts = report["outcomes"]
    terminal.console.print(f"  {counts['allow']} may be asked for, {counts['deny']} are left alone")
    terminal.console.print(f"  {report['files']['html']}")


async def _weigh_risks(terminal: Terminal) -> None:
    """Weigh what collecting needs and may harm, and sign it; nothing is collected before."""
    terminal.heading("5. What may it harm? A person writes the risk analysis, and signs it")
    await terminal.runs("risk", "draft", "--project", "demo")
    terminal.shows("editor risk/demo.yaml")
    shutil.copyfile(_RISKS, WORKSPACE / "risk" / "demo.yaml")
    await terminal.runs("risk", "sign", "--project", "demo", "--by", "A. Person")
    shown = json.loads(await terminal.asks("risk", "show", "--project", "demo", "--html", "risk.html"))
    for harm in shown["analysis"]["harms"]:
        terminal.console.print(f"  {harm['harm']}: {harm['risk']}, with measures {harm['residual_risk']}")
    terminal.console.print(f"  {(WORKSPACE / shown['html']).resolve().as_uri()}", soft_wrap=True)


def _allow_loopback(file: Path, hosts: list[str]) -> list[str]:
    """Let the fetcher talk to the demo's own servers; returns the lines that were written."""
    allowed = 'allow_private_addresses = ["127.0.0.0/8"]'
    named = [f'"{host}" = "{ADDRESS}"' for host in hosts]
    lines: list[str] = []
    for line in file.read_text(encoding="utf-8").splitlines():
        if line.startswith("allow_private_addresses"):
            lines.append(allowed)
        elif line.startswith("[network.hosts]"):
            lines += [line, *named]
        else:
            lines.append(line)
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return [allowed, *named]


def _write_table(file: Path, sites: tuple[Site, ...], running: Running) -> None:
    """Write the table of URLs that a user would bring along."""
    with file.open("w", encoding="utf-8", newline="") as opened:
        rows = csv.writer(opened)
        rows.writerow(("url", "page", "caption", "licence", "credit"))
        for site in sites:
            origin = f"http://{site.host}:{running.ports[site.host]}"
            for row in site.listed:
                url = row.path if "://" in row.path else origin + row.path
                page = origin + row.page if row.page else ""
                rows.writerow((url, page, row.caption, row.licence, PHOTOGRAPHS[row.photograph].credit))


async def _collect(terminal: Terminal, sites: tuple[Site, ...], running: Running) -> Run:
    """Collect, look at what was recorded, prove it, hand it on."""
    terminal.heading("6. Collect")
    table = (
        *("urls.csv", "--project", "demo", "--licence-col", "licence", "--caption-col", "caption"),
        *("--page-col", "page"),
    )
    await terminal.watches("collect", *table, expected=(DONE, SOME_FAILED))
    seen = tuple(running.visits)

    terminal.heading("7. The same command again: nothing is taken twice, and a refusal is asked about anew")
    again = json.loads(await terminal.asks("collect", *table, expected=(DONE, SOME_FAILED)))
    terminal.console.print(f"  {again['already_held']} held already, {again['kept']} more kept")

    terminal.heading("8. What was recorded, and that it was not changed")
    await terminal.runs("items", "count", "--by", "decision", "--project", "demo")
    items = read_items(await terminal.asks("items", "list", "--project", "demo"))
    found = json.loads(await terminal.asks("register", "verify"))
    terminal.console.print(f"  ok: {found['ok']}, {found['entries']} entries, {found['items']} items")
    first = next(item.id for item in items if item.decision == "kept")
    proof = json.loads(await terminal.asks("register", "prove", first))
    proven = json.loads(await terminal.asks("register", "check", proof["proof"], "--key", proof["log_key"]))
    terminal.console.print(f"  the proof holds: entry {proven['log_index']} of {proven['log_size']}")

    terminal.heading("9. Why not this one? And is what was allowed still allowed?")
    refused = next(item.id for item in items if item.decision == "denied" and "handle" in item.url)
    told = json.loads(await terminal.asks("explain", refused))
    for reason in told["reasons"]:
        terminal.console.print(f"  {reason['control']}: {reason['text']} {reason['detail']}", soft_wrap=True)
    asked = json.loads(await terminal.asks("items", "recheck", "--older-than", "0"))
    terminal.console.print(
        f"  {asked['checked']} asked about again, {asked['quarantined']} in quarantine now"
    )

    await _match(terminal)
    await _curate(terminal)
    kept = read_kept(next((WORKSPACE / "export" / "webdataset" / "data").glob("*.tar")), items)
    await _erase(terminal, next(item.url for item in items if item.id == kept[0].item.id))
    return Run(
        organisation=_ORGANISATION,
        contact=_CONTACT,
        purpose=_PURPOSE,
        at=datetime.now(UTC),
        items=items,
        kept=kept,
        sources=source_lines(sites, items, seen),
        register=Register(
            is_whole=found["ok"],
            entries=found["entries"],
            items=found["items"],
            checkpoint=found["checkpoint"],
            log_key=proof["log_key"],
        ),
        user_agents=tuple(sorted({visit.user_agent for visit in running.visits})),
        credits=credits_of(sites),
    )


async def _match(terminal: Terminal) -> None:
    """Ask for a picture that somebody found elsewhere: a part of one of ours, mirrored, small, in a frame."""
    terminal.heading("10. Somebody found this elsewhere: is it in our vault?")
    await terminal.watches("items", "examine", "--project", "demo")
    (WORKSPACE / "found.jpg").write_bytes(found_elsewhere("rocket"))
    told = json.loads(await terminal.asks("match", "found.jpg"))
    terminal.console.print(f"  {told['answer']}")
    for match in told["matches"]:
        inliers = f", {match['inliers']} local features agree" if match["inliers"] else ""
        terminal.console.print(f"  {match['verdict']} by {match['method']}{inliers}: {match['url']}")


async def _curate(terminal: Terminal) -> None:
    """Weigh what was kept, state and measure its balance, freeze a version, hand it on with its documents."""
    terminal.heading("11. What of it is fit to train? People need model releases, copies go in once")
    weighed = json.loads(await terminal.asks("dataset", "check", "--project", "demo"))
    for entry in weighed["withheld_items"]:
        why = "; ".join(f"{reason['control']} {reason['rule']}" for reason in entry["reasons"])
        terminal.console.print(f"  {basename(entry['url'])}: {why}", soft_wrap=True)

    terminal.heading("12. Is it balanced? Targets first, then the audit; then a version that never changes")
    shutil.copyfile(_TARGETS, WORKSPACE / "targets.yaml")
    measured = json.loads(
        await terminal.asks(
            *("audit", "--project", "demo", "--targets", "targets.yaml", "--out", "audit"),
        )
    )
    terminal.console.print(
        f"  {measured['verdict']}: {(WORKSPACE / 'audit' / 'audit.html').resolve().as_uri()}"
    )
    await terminal.runs("dataset", "freeze", "stills", "--project", "demo")
    await terminal.runs("dataset", "verify", "stills")

    terminal.heading("13. Hand it on, credited, and say in public what is in it")
    for form in ("webdataset", "parquet"):
        await terminal.runs("dataset", "export", "stills", f"export/{form}", "--format", form)
    await terminal.runs("document", "--all", "--dataset", "stills", "--out", "documents")


async def _erase(terminal: Terminal, url: str) -> None:
    """Take one picture out again, as its photographer asks."""
    terminal.heading("14. A photographer asks for one picture: it goes, also from the dataset")
    await terminal.runs("erase", "--url", url)
    done = json.loads(await terminal.asks("erase", "--url", url, "--yes"))
    found = json.loads(await terminal.asks("register", "verify"))
    terminal.console.print(
        f"  {done['bytes']} bytes erased, certificate {done['erasure']};"
        f" exports to make anew: {len(done['exports'])}; register ok: {found['ok']}, {found['erased']} erased"
    )
    await terminal.runs("dataset", "shrink", "stills")
    await terminal.runs("dataset", "diff", "stills@1", "stills@2")
    await terminal.runs("status")


def _show_sites(terminal: Terminal, sites: tuple[Site, ...], running: Running) -> None:
    table = Table(
        title="Six sites on this machine (real photographs, invented sites)",
        title_justify="left",
        header_style="bold",
    )
    for column in ("site", "pictures", "what it says"):
        table.add_column(column)
    for site in sites:
        table.add_row(f"{site.host}:{running.ports[site.host]}", str(len(site.listed)), site.says)
    terminal.console.print(table)


def _show_outcome(terminal: Terminal, run: Run) -> None:
    """Print what was taken, and why the rest was not."""
    taken = Table(title="What was taken", title_justify="left", header_style="bold")
    taken.add_column("source")
    for verdict in (*VERDICTS, "requests: rights", "requests: pictures"):
        taken.add_column(verdict, justify="right")
    for line in run.sources:
        counts = (str(line.counts[verdict]) for verdict in VERDICTS)
        taken.add_row(line.name, *counts, str(line.rights_requests), str(line.picture_requests))
    taken.add_section()
    total = count_decisions(run.items)
    taken.add_row("all rows", *(str(total[verdict]) for verdict in VERDICTS), "", "")
    why = Table(title="Why the rest was not", title_justify="left", header_style="bold")
    for column in ("rows", "control", "rule", "the public sentence"):
        why.add_column(column, justify="right" if column == "rows" else "left")
    for reason, count in run.refusals:
        rule = f"{reason.rule}:{reason.signal}" if reason.signal else reason.rule
        why.add_row(str(count), reason.control, Text(rule), Text(reason.text))
    terminal.console.print()
    terminal.console.print(taken)
    terminal.console.print(why)


def main() -> int:
    """Run the demo; returns the exit status."""
    console = Console(highlight=False)
    try:
        # The log of a workspace that the next run throws away is not to be remembered.
        with tempfile.TemporaryDirectory() as state:
            os.environ["XDG_STATE_HOME"] = state
            asyncio.run(demonstrate(console))
    except (NotOurs, CommandFailed, PhotographMissing) as error:
        Console(stderr=True).print(Text(f"demo: {error}", style="red"))
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
