"""The examination of a picture that reads the text in it, too: a caged entry of its own, because a reader
takes seconds to load and some hundred megabytes.

Source: C1.1, C4.1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from clearance.identifiers import Malformed
from clearance.pictures import examination, text


def warm_up() -> None:
    """Load networks and reader before the door is locked: afterwards no file can be opened."""
    examination.warm_up()
    text.load()


def examine(job: Mapping[str, Any], data: bytes) -> tuple[dict[str, Any], bytes]:
    """Run inside the cage: as `examination.examine`, with the lines of text that were found."""
    rgb = examination.decoded(job, data)
    if isinstance(rgb, Malformed):
        return examination.failed(rgb), b""
    answer, payload = examination.examined(rgb)
    lines = [asdict(line) for line in text.read_text(rgb)]
    methods = f"{answer['methods']} {text.TEXT_METHODS}"
    return {**answer, "methods": methods, "is_text_read": True, "text": lines}, payload
