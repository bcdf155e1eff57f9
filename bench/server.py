"""The server that both tools fetch from: nginx where it is installed, else a small one of our own."""

from __future__ import annotations

import asyncio
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from typing_extensions import override

_NGINX = """
worker_processes 1; daemon off; error_log stderr crit; pid {work}/nginx.pid;
events {{ worker_connections 1024; }}
http {{
  access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000;
  client_body_temp_path {work}/body; proxy_temp_path {work}/proxy; fastcgi_temp_path {work}/fastcgi;
  uwsgi_temp_path {work}/uwsgi; scgi_temp_path {work}/scgi;
  types {{ image/jpeg jpg; image/png png; image/webp webp; }}
  server {{ listen 127.0.0.1:{port} backlog=1024; root {folder}; }}
}}
"""


@contextmanager
def serving(folder: Path, work: Path) -> Iterator[tuple[str, str]]:
    """Serve a folder; gives the host with its port, and the server's name."""
    port = _free_port()
    nginx = shutil.which("nginx")
    if nginx:
        work.mkdir(parents=True, exist_ok=True)
        settings = work / "nginx.conf"
        settings.write_text(
            _NGINX.format(work=work.resolve(), folder=folder.resolve(), port=port), encoding="utf-8"
        )
        command = [nginx, "-c", str(settings.resolve()), "-p", str(work.resolve())]
    else:
        command = [sys.executable, "-m", "bench.server", str(folder), str(port)]
    process = subprocess.Popen(command)
    try:
        _wait_for(port)
        yield f"127.0.0.1:{port}", "nginx" if nginx else "bench.server (asyncio)"
    finally:
        process.terminate()
        process.wait(timeout=10)


class _Files(asyncio.Protocol):
    """HTTP/1.1 with keep-alive, GET only, from memory: as much as the comparison needs."""

    def __init__(self, files: dict[bytes, bytes]) -> None:
        self._files = files
        self._pending = b""

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    @override
    def data_received(self, data: bytes) -> None:
        self._pending += data
        while b"\r\n\r\n" in self._pending:
            head, _, self._pending = self._pending.partition(b"\r\n\r\n")
            target = head.split(b" ", 2)[1].partition(b"?")[0]
            body = self._files.get(target)
            status = b"404 Not Found" if body is None else b"200 OK"
            body = body or b""
            assert isinstance(self._transport, asyncio.Transport)
            self._transport.write(
                b"HTTP/1.1 %s\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n" % (status, len(body))
                + body
            )


async def _serve(folder: Path, port: int) -> None:
    files = {f"/{path.name}".encode(): path.read_bytes() for path in folder.iterdir()}
    server = await asyncio.get_running_loop().create_server(
        lambda: _Files(files), "127.0.0.1", port, backlog=1024
    )
    await server.serve_forever()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(port: int) -> None:
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise TimeoutError(f"no server on port {port}")


if __name__ == "__main__":
    asyncio.run(_serve(Path(sys.argv[1]), int(sys.argv[2])))
