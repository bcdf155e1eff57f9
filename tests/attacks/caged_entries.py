"""What a decoder that hostile bytes took over might try; each runs inside the cage."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from pathlib import Path
from typing import Any


def attempt(header: dict[str, Any], payload: bytes) -> tuple[dict[str, Any], bytes]:
    """Try one thing and answer how it went."""
    match header["try"]:
        case "echo":
            return {"ok": True, "pid": os.getpid()}, payload
        case "environment":
            return {"ok": True, "environment": dict(os.environ)}, b""
        case "crash":
            os.abort()
        case "exit":
            os._exit(0)
        case "hang":
            time.sleep(3600)
        case "memory":
            hoard = [bytes(64 << 20) for _ in range(100)]
            return {"ok": len(hoard)}, b""
        case "garbage":
            os.write(int(header["fd"]), b"\xff" * 64)
            time.sleep(3600)
    try:
        _TRIES[header["try"]]()
    except OSError as error:
        return {"ok": False, "errno": error.errno}, b""
    return {"ok": True}, b""


def _connect() -> None:
    socket.create_connection(("127.0.0.1", 9), timeout=1)


def _fork() -> None:
    if os.fork() == 0:
        os._exit(0)


_TRIES: dict[str, Any] = {
    "socket": socket.socket,
    "connect": _connect,
    "read": lambda: Path("/etc/passwd").read_bytes(),
    "write": lambda: Path("/tmp/escaped").write_bytes(b"x"),
    "unlink": lambda: Path("/tmp/none").unlink(),
    "fork": _fork,
    "exec": lambda: os.execv("/bin/true", ["true"]),
    "spawn": lambda: subprocess.run(["/bin/true"], check=True),
    "kill": lambda: os.kill(os.getppid(), 0),
}
