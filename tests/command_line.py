"""Our command line for tests: each command is a process of its own, forked from one that has loaded everything.

To start Python and load the stores takes every command more than a second, and the tests run hundreds of
them. So one server a test process loads them once. A command is its child, with the arguments, the
environment, the folder and the output that it was given, and ends as any process does. The server has one
thread and calls nothing of what it loaded: a fork amid a library's work would hang.
"""

from __future__ import annotations

import contextlib
import functools
import gc
import importlib
import json
import os
import selectors
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Mapping
from pathlib import Path
from subprocess import CompletedProcess

COMMAND = [sys.executable, "-c", "from clearance.cli import main; main()"]
"""The same for tests that signal a command while it runs, or read what it prints meanwhile."""
_LOADED = ("clearance.cli.app", "clearance.workspace", "alembic.command", "sqlalchemy.dialects.sqlite")
"""What every command loads that opens a workspace; what only some need, they load for themselves."""
_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
_MAX_REQUEST_BYTES = 1 << 18
"""More than arguments and environment take; a longer request is refused by the socket, not cut."""
_STATUS = struct.Struct("!i")


def run(*arguments: str, cwd: Path | str, env: Mapping[str, str] | None = None) -> CompletedProcess[str]:
    """Run one command to its end, as `subprocess.run` does that captures text and gives nothing to read."""
    return _commands().run(arguments, cwd=str(cwd), env=dict(os.environ if env is None else env))


def end() -> None:
    """End the server, and wait until it has written down what it covered."""
    if _commands.cache_info().currsize:
        _commands().end()
        _commands.cache_clear()


@functools.cache
def _commands() -> _Commands:
    return _Commands()


class _Commands:
    """This side of a server."""

    def __init__(self) -> None:
        self._requests, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._requests.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _MAX_REQUEST_BYTES)
        with theirs:
            self._server = subprocess.Popen(
                [sys.executable, __file__, str(theirs.fileno())],
                pass_fds=(theirs.fileno(),),
                env={**os.environ, **_ONE_THREAD},
            )

    def run(self, arguments: tuple[str, ...], *, cwd: str, env: dict[str, str]) -> CompletedProcess[str]:
        ended, answer = os.pipe()
        with (
            os.fdopen(ended, "rb") as status,
            tempfile.TemporaryFile() as output,
            tempfile.TemporaryFile() as errors,
        ):
            with os.fdopen(answer, "wb"):
                fds = [output.fileno(), errors.fileno(), answer]
                socket.send_fds(self._requests, [json.dumps([arguments, cwd, env]).encode()], fds)
            told = status.read()
            if not told:
                raise OSError(f"the server of commands is gone, status {self._server.wait()}")
            for stream in (output, errors):
                stream.seek(0)
            said, complained = output.read().decode(), errors.read().decode()
        return CompletedProcess(arguments, _STATUS.unpack(told)[0], said, complained)

    def end(self) -> None:
        self._requests.close()
        self._server.wait()


def _serve(requests: socket.socket) -> list[str] | None:
    """Fork a child for each request: returns its arguments in the child, `None` when nobody asks any more."""
    # Ctrl-C is for the tests and their commands; when those end, this does.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    running: dict[int, tuple[int, int]] = {}
    with selectors.DefaultSelector() as ready:
        ready.register(requests, selectors.EVENT_READ)
        while True:
            for key, _ in ready.select():
                if key.fd in running:
                    ready.unregister(key.fd)
                    _tell(key.fd, *running.pop(key.fd))
                    continue
                message, fds, _, _ = socket.recv_fds(requests, _MAX_REQUEST_BYTES, 3)
                if not message:
                    return None
                *streams, answer = fds
                # The child alone holds the other end: it closes when the child is gone, whatever ended it.
                alive, held = os.pipe()
                child = os.fork()
                if child == 0:
                    for fd in (alive, answer, requests.detach(), *running, *(a for _, a in running.values())):
                        os.close(fd)
                    arguments, folder, environment = json.loads(message)
                    _become(streams, folder=folder, environment=environment)
                    return list(arguments)
                for fd in (held, *streams):
                    os.close(fd)
                running[alive] = (child, answer)
                ready.register(alive, selectors.EVENT_READ)


def _tell(alive: int, child: int, answer: int) -> None:
    os.close(alive)
    _, status = os.waitpid(child, 0)
    with os.fdopen(answer, "wb") as told, contextlib.suppress(BrokenPipeError):
        told.write(_STATUS.pack(os.waitstatus_to_exitcode(status)))


def _become(streams: list[int], *, folder: str, environment: dict[str, str]) -> None:
    """Turn a child into the process that was asked for."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number, fd in enumerate((os.open(os.devnull, os.O_RDONLY), *streams)):
        os.dup2(fd, number)
        os.close(fd)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)


def _load() -> None:
    for name in _LOADED:
        importlib.import_module(name)
    # Arrow's allocator has a thread of its own and knows of forks; any other thread would be lost in a child.
    tasks = Path("/proc/self/task").glob("*")
    others = {task.joinpath("comm").read_text().strip() for task in tasks if task.name != str(os.getpid())}
    if others - {"jemalloc_bg_thd"}:
        raise RuntimeError(f"what commands load starts threads: {sorted(others)}")
    # Lance warns at every fork; here no call was made into it yet.
    warnings.filterwarnings("ignore", message="lance is not fork-safe", category=UserWarning)
    gc.collect()
    gc.freeze()


if __name__ == "__main__":
    _load()
    asked = _serve(socket.socket(fileno=int(sys.argv[1])))
    if asked is not None:
        from clearance.cli import main

        sys.argv = ["clearance", *asked]
        main()
