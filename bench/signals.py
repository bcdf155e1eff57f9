"""Signals from cached evidence, on one core: hosts and paths apart, with peers that do the part they can."""

from __future__ import annotations

import json
import statistics
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from protego import Protego
from robotstxt import RobotsMatcher

from clearance.identifiers import WebUrl, parse_url, sha256_of
from clearance.pictures import Xmp
from clearance.sourcing import (
    Embedded,
    HostFile,
    HostFiles,
    ResponseHead,
    evaluate_host,
    parse_page,
    read_embedded,
    read_page,
    read_response,
)
from clearance.sourcing.signals import robots

_ORIGIN = "https://example.org"
_AGENT = "ClearanceBot"
DATADILIGENCE = "0.1.7"
"""The peer's version; it runs in the other peer's environment."""
_ROUNDS = 7
_PATHS = 2000
_PEER_PROGRAM = """
import datadiligence, json, sys, time
headers = dict(json.loads(sys.argv[1]))
count, taken = int(sys.argv[2]), []
for _ in range(7):
    started = time.process_time()
    for _ in range(count):
        datadiligence.is_allowed(headers=headers)
    taken.append((time.process_time() - started) / count)
print(json.dumps(sorted(taken)[3]))
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One row of the table; time in seconds of CPU for one of what is named."""

    what: str
    tool: str
    seconds: float


def robots_txt() -> str:
    """Return a robots.txt of 100 rules: 85 plain paths, 15 with wildcards, a fifth of them allowing."""
    lines = ["User-agent: *", "Crawl-delay: 1"]
    for number in range(100):
        field = "Allow" if number % 5 == 4 else "Disallow"
        if number % 20 < 3:
            pattern = ("/*?session{}=", "/section{}/*.jpg$", "/*/print{}/")[number % 20].format(number)
        else:
            pattern = f"/section{number}/private{'/deep' * (number % 4)}"
        lines.append(f"{field}: {pattern}")
    return "\n".join(lines) + "\n"


def paths() -> list[str]:
    """Return picture paths, a little over a third of them disallowed, as protego reads the file above."""
    made = []
    for number in range(_PATHS):
        section, kind = number % 100, number % 3
        made.append(
            (
                f"/pictures/2026/11/{number}/photograph-{number}.jpg",
                f"/section{section}/private/deep/{number}.jpg",
                f"/section{section}/gallery/{number}.jpg?width=1024&session{section}={number}",
            )[kind]
        )
    return made


def measure_signals(peer_python: Path | None) -> list[Line]:
    """Measure everything; without a peer's interpreter its row is left out."""
    return [*_paths(), *_hosts(), *_responses(peer_python), *_pages(), *_pictures()]


def signals_table(lines: list[Line]) -> str:
    """Return the section of the results."""
    rows = [
        f"| {line.what} | {line.tool} | {line.seconds * 1e6:,.1f} | {1 / line.seconds:,.0f} |"
        for line in lines
    ]
    return "\n".join(
        [
            "",
            "## Signals, from cached evidence",
            "",
            "One core, CPU time, median of seven rounds; a little over a third of the paths match a rule, an"
            " eighth is denied. datadiligence reads neither robots.txt nor pages.",
            "",
            "| what | tool | µs | a second |",
            "|---|---|---|---|",
            *rows,
            "",
        ]
    )


def _paths() -> Iterator[Line]:
    text, asked = robots_txt(), paths()
    urls = [_ORIGIN + path for path in asked]
    own = robots.parse(_files({"/robots.txt": text}), _AGENT)
    whole = evaluate_host(_everything(), agent=_AGENT)
    protego, google = Protego.parse(text), RobotsMatcher()
    what = "a path decision, robots.txt of 100 rules"
    yield Line(what=what, tool="clearance", seconds=_each(own.read, asked))
    yield Line(
        what="a path decision, every signal of a host", tool="clearance", seconds=_each(whole.read, asked)
    )
    yield Line(
        what=what,
        tool=f"protego {version('protego')}",
        seconds=_each(lambda url: protego.can_fetch(url, _AGENT), urls),
    )
    yield Line(
        what=what,
        tool=f"fast-robotstxt {version('fast-robotstxt')}",
        seconds=_each(lambda url: google.is_allowed(text, _AGENT, url), urls),
    )


def _hosts() -> Iterator[Line]:
    text = robots_txt()
    yield Line(
        what="a host's evidence parsed, every signal",
        tool="clearance",
        # Other content each time, so that nothing which remembers a file is measured instead.
        seconds=_each(lambda number: evaluate_host(_everything(salt=str(number)), agent=_AGENT), range(200)),
    )
    yield Line(
        what="robots.txt parsed alone",
        tool=f"protego {version('protego')}",
        seconds=_each(lambda number: Protego.parse(f"{text}# {number}"), range(200)),
    )


def _responses(peer_python: Path | None) -> Iterator[Line]:
    headers = (
        ("Content-Type", "image/jpeg"),
        ("Content-Length", "182344"),
        ("Cache-Control", "public, max-age=31536000"),
        ("ETag", '"5f3e-61"'),
        ("Last-Modified", "Mon, 02 Nov 2026 10:00:00 GMT"),
        ("X-Robots-Tag", "noai, noimageai"),
        ("TDM-Reservation", "1"),
    )
    url = _url("/a.jpg")
    what = "a response's headers"
    yield Line(
        what=f"{what}, every signal",
        tool="clearance",
        seconds=_each(
            lambda _: read_response(ResponseHead(url=url, status=200, headers=headers)), range(2000)
        ),
    )
    if peer_python is not None:
        program = [str(peer_python), "-c", _PEER_PROGRAM, json.dumps(headers), "2000"]
        answered = subprocess.run(program, check=True, capture_output=True, text=True)
        yield Line(
            what=f"{what}, X-Robots-Tag and TDM-Reservation",
            tool=f"datadiligence {DATADILIGENCE}",
            seconds=float(answered.stdout.strip().splitlines()[-1]),
        )


def _pages() -> Iterator[Line]:
    described = {
        "@type": "ImageObject",
        "contentUrl": "/a.jpg",
        "license": "https://creativecommons.org/licenses/by/4.0/",
    }
    paragraph = "<p class='c'>A paragraph of <a href='/x'>text</a> about a picture, as pages have them.</p>\n"
    markup = (
        "<!doctype html><html><head><meta name='robots' content='index, follow'>"
        f"<script type='application/ld+json'>{json.dumps(described)}</script></head><body>"
        f"{paragraph * 600}</body></html>"
    ).encode()
    head = ResponseHead(url=_url("/page"), status=200, headers=(("Content-Type", "text/html"),))
    yield Line(
        what=f"a page of {len(markup) // 1024} KB, parsed and read",
        tool="clearance",
        seconds=_each(lambda _: read_page(parse_page(head, markup), _url("/a.jpg")), range(20)),
    )


def _pictures() -> Iterator[Line]:
    plus, rights = "http://ns.useplus.org/ldf/xmp/1.0/", "http://ns.adobe.com/xap/1.0/rights/"
    xmp = Xmp(
        properties={
            (plus, "DataMining"): ("http://ns.useplus.org/ldf/vocab/DMI-UNSPECIFIED",),
            (rights, "UsageTerms"): ("Editorial use only. Credit the photographer.",),
            ("http://purl.org/dc/elements/1.1/", "creator"): ("A. Photographer",),
        }
    )
    embedded = Embedded(
        xmp=(xmp,),
        malformed=(),
        manifests=None,
        evidence=(sha256_of(b""),),
        fields=(("iim:copyright-notice", "© A. Photographer"),),
    )
    yield Line(
        what="a picture's metadata, every signal",
        tool="clearance",
        seconds=_each(lambda _: read_embedded(embedded), range(2000)),
    )


def _everything(*, salt: str = "") -> HostFiles:
    """Return the files of a host that speaks through all of them."""
    tokens = "".join(f"User-agent: {name}\n" for name in ("GPTBot", "CCBot", "ClaudeBot", "Bytespider"))
    tdmrep = [{"location": f"/reserved{n}/*", "tdm-reservation": 1} for n in range(20)]
    rsl = (
        '<rsl xmlns="https://rslstandard.org/rsl"><content url="/premium/*"><license>'
        '<prohibits type="usage">ai-train</prohibits></license></content></rsl>'
    )
    return _files(
        {
            "/robots.txt": f"{robots_txt()}\n{tokens}Disallow: /members/\nLicense: /license.xml\n# {salt}",
            "/license.xml": f"{rsl}<!-- {salt} -->",
            "/.well-known/tdmrep.json": json.dumps(tdmrep) + " " * (int(salt or 0) % 50),
            "/ai.txt": f"# Spawning AI\nUser-Agent: *\nDisallow: *.mp3\nDisallow: *.mov\n# {salt}",
            "/trust.txt": f"contact=https://example.org/\n# {salt}",
        }
    )


def _files(contents: dict[str, str]) -> HostFiles:
    return HostFiles.of(
        _ORIGIN,
        [
            HostFile(
                origin=_ORIGIN,
                path=path,
                status=200,
                headers=(),
                content=text.encode(),
                fetched_at=datetime(2026, 11, 1, tzinfo=UTC),
                failure="",
                sha256=sha256_of(text.encode()),
            )
            for path, text in contents.items()
        ],
    )


def _url(target: str) -> WebUrl:
    parsed = parse_url(_ORIGIN + target)
    if not isinstance(parsed, WebUrl):
        raise TypeError(target)
    return parsed


def _each(do: Callable[[Any], object], over: Sequence[Any]) -> float:
    """Return CPU seconds for one call, the median over rounds."""
    taken = []
    for _ in range(_ROUNDS):
        started = time.process_time()
        for each in over:
            do(each)
        taken.append((time.process_time() - started) / len(over))
    return statistics.median(taken)
