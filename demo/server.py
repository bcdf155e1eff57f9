"""Real web servers on loopback for the demo's sites, and a ledger of what they were asked for."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

ADDRESS = "127.0.0.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a site answers on one path."""

    body: bytes
    content_type: str
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One request, as the site saw it."""

    host: str
    path: str
    user_agent: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """Sites that answer: the port of each host, and the visits in their order."""

    ports: Mapping[str, int]
    visits: list[Visit]


@asynccontextmanager
async def serving(sites: Iterable[tuple[str, Mapping[str, Answer]]]) -> AsyncIterator[Running]:
    """Serve each host on a free port of its own; what a site does not have is a 404."""
    runners: list[web.AppRunner] = []
    ports: dict[str, int] = {}
    visits: list[Visit] = []
    try:
        for host, answers in sites:
            app = web.Application()
            app.router.add_get("/{path:.*}", _handler(host, answers, visits))
            runner = web.AppRunner(app, access_log=None)
            await runner.setup()
            runners.append(runner)
            await web.TCPSite(runner, ADDRESS, 0).start()
            ports[host] = runner.addresses[0][1]
        yield Running(ports=ports, visits=visits)
    finally:
        for runner in runners:
            await runner.cleanup()


def _handler(
    host: str, answers: Mapping[str, Answer], visits: list[Visit]
) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def answer(request: web.Request) -> web.Response:
        visits.append(Visit(host=host, path=request.path, user_agent=request.headers.get("User-Agent", "")))
        found = answers.get(request.path)
        if found is None:
            return web.Response(status=404, text="not found\n")
        return web.Response(body=found.body, content_type=found.content_type, headers=found.headers)

    return answer
