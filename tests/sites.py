"""A real web server on loopback for tests: a table of answers, and a list of what was asked."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Self


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request as the server saw it."""

    method: str
    target: str
    headers: dict[str, str]
    at: float


@dataclass(slots=True, kw_only=True)
class Answer:
    """What the server says to one target, byte by byte: it may lie."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    announced_length: int | None = None
    """A Content-Length other than the body's."""
    wait_s: float = 0.0
    endless: bool = False


class Site:
    """A small threaded HTTP/1.1 server that can misbehave on purpose; use it as a context manager."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer | Callable[[Asked], Answer]] = {}
        self.asked: list[Asked] = []
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self._open: set[socket.socket] = set()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._accept, daemon=True)

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self._listener.getsockname()[1])

    @property
    def host(self) -> str:
        """Its host, as items name it."""
        return f"127.0.0.1:{self.port}"

    def url(self, target: str) -> str:
        """The URL of a target."""
        return f"http://{self.host}{target}"

    def serve(self, target: str, body: bytes = b"", **answer: object) -> str:
        """Answer a target from now on; returns its URL."""
        self.answers[target] = Answer(body=body, **answer)  # type: ignore[arg-type] # the fields of Answer
        return self.url(target)

    def requests(self, target: str) -> list[Asked]:
        """What was asked of a target."""
        return [asked for asked in self.asked if asked.target == target]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        # Closing alone would leave the accepting thread waiting.
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in list(self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self._thread.join(timeout=5)

    def _accept(self) -> None:
        while not self._stopped.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._open.add(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            with connection, connection.makefile("rb") as lines:
                while self._answer(connection, lines):
                    pass
        except OSError:
            pass
        finally:
            self._open.discard(connection)

    def _answer(self, connection: socket.socket, lines: object) -> bool:
        readline: Callable[[], bytes] = lines.readline  # type: ignore[attr-defined] # as above
        first = readline().decode("latin-1").split()
        if len(first) < 2:
            return False
        headers: dict[str, str] = {}
        while (line := readline().decode("latin-1").strip()) != "":
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        asked = Asked(method=first[0], target=first[1], headers=headers, at=time.monotonic())
        self.asked.append(asked)
        answer = self.answers.get(asked.target, Answer(status=404))
        if callable(answer):
            answer = answer(asked)
        if answer.wait_s and self._stopped.wait(answer.wait_s):
            return False
        length = len(answer.body) if answer.announced_length is None else answer.announced_length
        head = [f"HTTP/1.1 {answer.status} Status"]
        head += [f"{name}: {value}" for name, value in answer.headers.items()]
        if not answer.endless:
            head.append(f"Content-Length: {length}")
        connection.sendall("\r\n".join([*head, "", ""]).encode("latin-1") + answer.body)
        while answer.endless and not self._stopped.is_set():
            connection.sendall(b"\x00" * 65536)
        return answer.announced_length is None and not answer.endless
