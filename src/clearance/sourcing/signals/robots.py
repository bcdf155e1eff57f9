"""robots.txt: whether a path may be requested, and how slowly. Two engines read it; if either denies, it is
denied.

Engines disagree on real files: on a byte order mark, on misspelt rules, on groups split by unknown lines.
Each alone would sometimes allow what the site's owner meant to forbid.

Source: RFC 9309; C1.5, C3.7, C5.3.
"""

from __future__ import annotations

from protego import Protego
from robotstxt import RobotsMatcher

from clearance.sourcing.observed import HostFile
from clearance.sourcing.signals.signal import HostFiles, Signal
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


class Unreachable:
    """A host that could not say: everything counts as disallowed (RFC 9309 section 2.3.1.4)."""

    crawl_delay_s = None

    def __init__(self, file: HostFile) -> None:
        why = file.failure or f"HTTP {file.status}"
        self._reading = _denied(file, quote=why, is_temporary=True)

    def read(self, target: str) -> Reading:  # noqa: ARG002 - one answer for every path
        """Deny the request for now."""
        return self._reading


class Silent:
    """A host without a robots.txt: no statement, which is not a permission."""

    crawl_delay_s = None

    def __init__(self, reading: Reading = SILENCE) -> None:
        self._reading = reading

    def read(self, target: str) -> Reading:  # noqa: ARG002 - one answer for every path
        """Say nothing."""
        return self._reading


def parse(files: HostFiles, agent: str) -> Robots | Unreachable | Silent:
    """Read a host's robots.txt."""
    file = files.get(PATH)
    if file is None:
        return Silent()
    if file.is_unreachable:
        return Unreachable(file)
    if file.status != 200 or file.is_markup:
        # A page in place of the file is an answer to everything, not a policy: as if there were none.
        return Silent()
    try:
        return Robots(file, agent)
    # Neither engine has been seen to raise; if one does, it must not end the run, nor pass for silence.
    except Exception as error:  # noqa: BLE001  # pragma: no cover
        unread = Unreadable(
            signal=NAME, scope=Scope.SITE, where=PATH, why=type(error).__name__, evidence=(file.sha256,)
        )
        return Silent(Reading(unreadable=(unread,)))


def _denied(file: HostFile, *, quote: str, is_temporary: bool = False) -> Reading:
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
                is_temporary=is_temporary,
            ),
        )
    )


SIGNAL = Signal(name=NAME, host_files=(PATH,), parse_host=parse)
