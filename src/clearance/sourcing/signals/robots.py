"""robots.txt: whether a path may be requested, and how slowly. Two engines read it; if either denies, it is
denied.

Engines disagree on real files: on a byte order mark, on misspelt rules, on groups split by unknown lines.
Each alone would sometimes allow what the site's owner meant to forbid.

Source: RFC 9309; C1.5, C3.7, C5.3.
"""

from __future__ import annotations

from protego import Protego
from robotstxt import RobotsMatcher

from clearance.sourcing.observed import HostFile, HostFiles
from clearance.sourcing.signals.signal import Everywhere, HostRules, Signal, denied_for_now
from clearance.sourcing.statements import SILENCE, Answer, Reading, Scope, Statement, Unreadable
from clearance.sourcing.uses import Use

NAME = "robots.txt"
PATH = "/robots.txt"
_MAX_BYTES = 1 << 20
"""RFC 9309 section 2.5 asks for 500 KiB at least."""


class Robots:
    """One robots.txt, read by both engines for our product token."""

    def __init__(self, file: HostFile, agent: str) -> None:
        # A byte order mark would make one engine miss the first group.
        text = file.content[:_MAX_BYTES].decode("utf-8-sig", "replace").replace("\x00", "")
        self._file = file
        self._agent = agent
        self._protego = Protego.parse(text)
        self._text = text
        self._google = RobotsMatcher()
        delay = self._protego.crawl_delay(agent)
        self.crawl_delay_s = float(delay) if delay is not None else None

    def read(self, target: str) -> Reading:
        """Deny the request if either engine does."""
        url = f"{self._file.origin}{target}"
        denying = [
            name
            for name, allowed in (
                ("protego", self._protego.can_fetch(url, self._agent)),
                ("google", self._google.is_allowed(self._text, self._agent, url)),
            )
            if not allowed
        ]
        if not denying:
            return SILENCE
        return _denied(self._file, quote=f"disallowed for {self._agent} ({' and '.join(denying)})")


def parse(files: HostFiles, agent: str) -> HostRules:
    """Read a host's robots.txt; a missing one is no statement, which is not a permission."""
    file = files.get(PATH)
    if file is not None and file.is_unreachable:
        return Everywhere(reading=denied_for_now(NAME, file))
    if file is None or not file.is_there:
        return Everywhere(reading=SILENCE)
    try:
        return Robots(file, agent)
    # Neither engine has been seen to raise; if one does, it must not end the run, nor pass for silence.
    except Exception as error:  # noqa: BLE001  # pragma: no cover
        unread = Unreadable(
            signal=NAME, scope=Scope.SITE, where=PATH, why=type(error).__name__, evidence=(file.sha256,)
        )
        return Everywhere(reading=Reading(unreadable=(unread,)))


def _denied(file: HostFile, *, quote: str) -> Reading:
    return Reading(
        statements=(
            Statement(
                signal=NAME,
                use=Use.FETCH,
                answer=Answer.DENIED,
                scope=Scope.SITE,
                where=PATH,
                quote=quote,
                evidence=(file.sha256,),
            ),
        )
    )


SIGNAL = Signal(name=NAME, host_files=((PATH,),), parse_host=parse)
