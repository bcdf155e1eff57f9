"""Small text files of a host, such as ai.txt and trust.txt, as lines: decoded and bounded."""

from __future__ import annotations

from clearance.sourcing.observed import HostFile

MAX_BYTES = 1 << 20
"""As much as is read of robots.txt; no honest declaration is longer."""
MAX_LINES = 20_000
"""A list of rules longer than this is made to keep its reader busy."""


def decoded(content: bytes) -> str:
    """Decode a small text file: UTF-8, with or without a byte order mark, or UTF-16 with one.

    Editors on Windows save "Unicode" as UTF-16, in which no word would be found byte by byte.
    """
    encoding = "utf-16" if content.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    return content.decode(encoding, "replace").replace("\x00", "")


def text_lines(file: HostFile) -> tuple[tuple[str, ...], str]:
    """Return the lines of a file, and why they are not all of it, or an empty text.

    Line ends of every system count; a byte order mark and what is not text do not.
    """
    text = decoded(file.content[:MAX_BYTES])
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n", MAX_LINES)
    if len(file.content) > MAX_BYTES:
        return tuple(lines[:MAX_LINES]), f"longer than {MAX_BYTES} bytes"
    if len(lines) > MAX_LINES:
        return tuple(lines[:MAX_LINES]), f"more than {MAX_LINES} lines"
    return tuple(lines), ""
