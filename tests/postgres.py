"""A real PostgreSQL server for tests: Debian's, in a temporary folder, on a loopback port of its own."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

_PLACES = "/usr/lib/postgresql"
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "fsync": "off",
    "full_page_writes": "off",
    "unix_socket_directories": "",
    "max_connections": "40",
}


class Server:
    """A running server; makes empty databases."""

    def __init__(self, port: int, folder: Path) -> None:
        self.port = port
        self.folder = folder
        self._made = 0

    def database(self) -> str:
        """Make an empty database; returns its URL."""
        self._made += 1
        name = f"d{os.getpid()}_{self._made}"
        engine = create_engine(self._url("postgres"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'"))
        engine.dispose()
        return self._url(name)

    def _url(self, name: str) -> str:
        return f"postgresql+psycopg://clearance@127.0.0.1:{self.port}/{name}"


@contextmanager
def running() -> Iterator[Server]:
    """Start a server and stop it; the test is skipped, with a reason, where there is none to start."""
    programs = _programs()
    if programs is None:
        pytest.skip(f"no PostgreSQL server is installed ({_PLACES}/*/bin/initdb)")
    who = _who()
    if who is None:
        pytest.skip("PostgreSQL does not run as root, and there is no user postgres to run it as")
    # Not in pytest's folder: that is closed to the server's user.
    folder = Path(tempfile.mkdtemp(prefix="clearance-postgres-"))
    try:
        if who:
            os.chown(folder, who["user"], who["group"])
        data = folder / "data"
        _run(
            programs / "initdb",
            "-D",
            data,
            "-U",
            "clearance",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--no-sync",
            **who,
        )
        port = _free_port()
        settings = " ".join(f"-c {name}='{value}'" for name, value in _SETTINGS.items())
        start = ("-D", data, "-o", f"-p {port} {settings}", "-l", folder / "log", "-w", "-t", "60", "start")
        _run(programs / "pg_ctl", *start, **who)
        try:
            yield Server(port, data)
        finally:
            _run(programs / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop", **who)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _programs() -> Path | None:
    found = sorted(Path(_PLACES).glob("*/bin/initdb"))
    if found:
        return found[-1].parent
    program = shutil.which("initdb")
    return Path(program).resolve().parent if program and shutil.which("pg_ctl") else None


def _who() -> dict[str, Any] | None:
    """Return whom to run the server as; nothing to change where we are not root."""
    if os.getuid():
        return {}
    with contextlib.suppress(KeyError):
        user = pwd.getpwnam("postgres")
        return {"user": user.pw_uid, "group": user.pw_gid}
    return None


def _run(*command: str | Path, **who: Any) -> None:
    # pg_ctl leaves the server behind with its standard streams: a pipe would never end.
    with tempfile.TemporaryFile() as said:
        done = subprocess.run(
            [str(part) for part in command],
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            extra_groups=[] if who else None,
            **who,
        )
        if done.returncode:
            said.seek(0)
            raise RuntimeError(f"{command[0]}: {said.read().decode(errors='replace')}")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])
