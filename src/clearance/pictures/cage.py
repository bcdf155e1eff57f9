"""Caged workers: processes that decode hostile bytes and can do nothing else.

The process that has the network holds this side. A worker that crashes, hangs or answers garbage costs the
one picture it was working on; it is killed by its process id and replaced, and the picture queued behind it
is asked again.

Source: docs/collect.md, step 4; C5.2.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import subprocess
import sys
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from clearance.errors import ClearanceError
from clearance.pictures.frames import LENGTHS, lengths, pack, unpack_header

_AHEAD = 2
"""Jobs given to a worker at once: the next one waits in the pipe, so that the worker never does."""
_START_TIMEOUT_S = 60.0
_SOCKET_BUFFER_BYTES = 1 << 20
_HANDED_ON = (
    *("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "TMPDIR", "TZ", "LANG", "LC_ALL", "LC_CTYPE"),
    *("VIRTUAL_ENV", "PYTHONHOME", "PYTHONPATH", "PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX"),
)
"""What an interpreter needs to start. Tokens, passphrases and passwords of databases stand in the environment
beside it: a decoder that hostile bytes took over finds none of them in its memory."""
_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


@dataclass(frozen=True, slots=True, kw_only=True)
class CageLimits:
    """What one worker may take."""

    memory_bytes: int
    """On top of what its libraries hold."""
    timeout_s: float
    """For one picture; then the worker is killed."""
    recycle_after: int = 2000
    """Pictures after which a worker is replaced: what leaks or was planted goes with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a worker answered."""

    header: dict[str, Any]
    payload: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Crashed:
    """The worker did not survive this picture, or had to be killed."""

    why: str


@dataclass(slots=True)
class _Job:
    header: Mapping[str, Any]
    payload: bytes
    answer: asyncio.Future[Answer | Crashed]


class Cage:
    """A set of caged workers; use it as an async context manager."""

    def __init__(self, entry: str, limits: CageLimits, *, workers: int) -> None:
        self.has_seccomp = False
        self._entry = entry
        self._limits = limits
        self._count = workers
        self._jobs: asyncio.Queue[_Job] = asyncio.Queue()
        self._tasks: list[asyncio.Task[None]] = []
        self._broken: ClearanceError | None = None

    async def __aenter__(self) -> Self:
        self._tasks = [asyncio.create_task(self._keep_worker()) for _ in range(self._count)]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def run(self, header: Mapping[str, Any], payload: bytes) -> Answer | Crashed:
        """Have one job done.

        Raises:
            ClearanceError: no worker can be started at all.
        """
        job = _Job(header, payload, asyncio.get_running_loop().create_future())
        self._jobs.put_nowait(job)
        if self._broken is not None:
            raise self._broken
        return await job.answer

    async def _keep_worker(self) -> None:
        """Run one worker after another until the cage closes."""
        while True:
            try:
                worker = await _Worker.start(self._entry, self._limits)
            except ClearanceError as error:
                self._refuse_all(error)
                raise
            self.has_seccomp = worker.has_seccomp
            try:
                await self._feed(worker)
            finally:
                await worker.end()

    def _refuse_all(self, error: ClearanceError) -> None:
        """Tell everyone who waits that no worker comes up: none of them would ever be answered."""
        self._broken = error
        while not self._jobs.empty():
            job = self._jobs.get_nowait()
            if not job.answer.done():
                job.answer.set_exception(error)

    async def _feed(self, worker: _Worker) -> None:
        """Give jobs to a worker until it fails or has done its share."""
        given: deque[_Job] = deque()
        done = 0
        try:
            while done < self._limits.recycle_after:
                if not given:
                    given.append(await self._jobs.get())
                    worker.send(given[-1])
                while len(given) < _AHEAD and done + len(given) < self._limits.recycle_after:
                    try:
                        given.append(self._jobs.get_nowait())
                    except asyncio.QueueEmpty:
                        break
                    worker.send(given[-1])
                try:
                    answer: Answer | Crashed = await asyncio.wait_for(
                        worker.receive(), self._limits.timeout_s
                    )
                except TimeoutError:
                    answer = Crashed(why=f"took longer than {self._limits.timeout_s:g} s and was ended")
                except (OSError, EOFError, ValueError) as error:
                    answer = Crashed(why=f"ended without an answer ({type(error).__name__})")
                job = given.popleft()
                if not job.answer.done():
                    job.answer.set_result(answer)
                if isinstance(answer, Crashed):
                    return
                done += 1
        finally:
            for job in given:
                self._jobs.put_nowait(job)


class _Worker:
    """One caged process and the pipe to it."""

    def __init__(
        self, process: subprocess.Popen[bytes], reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.has_seccomp = False
        self._process = process
        self._reader = reader
        self._writer = writer

    @classmethod
    async def start(cls, entry: str, limits: CageLimits) -> _Worker:
        """Start a process and wait until it has locked itself in.

        Raises:
            ClearanceError: it does not come up.
        """
        ours, theirs = socket.socketpair()
        for end in (ours, theirs):
            end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SOCKET_BUFFER_BYTES)
        with theirs:
            # Not the event loop's own way to start processes: it may fork this one with all its threads.
            process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                [
                    *(sys.executable, "-m", "clearance.pictures.caged"),
                    *(entry, str(theirs.fileno()), str(limits.memory_bytes)),
                ],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=(theirs.fileno(),),
                start_new_session=True,  # Ctrl-C is for the process that can stop cleanly
                env={**{name: os.environ[name] for name in _HANDED_ON if name in os.environ}, **_ONE_THREAD},
            )
        try:
            reader, writer = await asyncio.open_connection(sock=ours)
        except BaseException:
            # Cancelled before there was a worker that somebody could end.
            process.kill()
            process.wait()
            ours.close()
            raise
        worker = cls(process, reader, writer)
        try:
            hello = await asyncio.wait_for(worker.receive(), _START_TIMEOUT_S)
        except (TimeoutError, OSError, EOFError, ValueError) as error:
            await worker.end()
            raise ClearanceError(f"the decoder process does not start: {type(error).__name__}") from error
        except BaseException:
            await worker.end()
            raise
        worker.has_seccomp = bool(hello.header.get("seccomp"))
        return worker

    def send(self, job: _Job) -> None:
        """Hand over a job; it waits in the pipe until the worker reads it."""
        self._writer.write(pack(job.header, job.payload))
        self._writer.write(job.payload)

    async def receive(self) -> Answer:
        """Read the next answer."""
        header_length, payload_length = lengths(await self._reader.readexactly(LENGTHS.size))
        header = unpack_header(await self._reader.readexactly(header_length))
        return Answer(header=header, payload=await self._reader.readexactly(payload_length))

    async def end(self) -> None:
        """Kill the process by its id and wait until it is gone."""
        self._writer.close()
        self._process.kill()
        # A killed process is gone at once; waiting in the loop cannot be cancelled half way.
        self._process.wait()
        with contextlib.suppress(OSError):
            await self._writer.wait_closed()
