"""ai.txt: one name for three unlike files; what each denies is obeyed, and only a whole one can allow.

Spawning's is written like robots.txt, a pattern for each kind of file. The Internet-Draft's has fields such
as `Training: deny`. A third is Markdown for assistants and states no rights. Lines of the first two are read
wherever they stand: a denial that can be read counts, whatever is around it.

Source: Spawning, ai.txt (2023); draft-car-ai-txt-wellknown-00 (12 June 2026); C1.5.
"""

from __future__ import annotations

import re

from clearance.sourcing.observed import HostFile, HostFiles
from clearance.sourcing.signals.ai_txt.lines import NAME, lines_of
from clearance.sourcing.signals.ai_txt.spawning import read_rules
from clearance.sourcing.signals.ai_txt.wellknown import read_fields
from clearance.sourcing.signals.signal import Everywhere, HostRules, Signal, denied_for_now, together
from clearance.sourcing.signals.text_file import text_lines
from clearance.sourcing.statements import SILENCE, Reading, Scope, Unreadable

PLACES = ("/ai.txt", "/.well-known/ai.txt")
_MAX_PROSE_CHARS = 1000
"""Of one line: a sentence is shorter, and the search for words must not be made long."""
_REFUSING = re.compile(
    r"\b(?:no|not|never|don['’]t|den(?:y|ied|ies)|prohibit\w*|forbid\w*|disallow\w*|reserve[ds]?|opt[- ]?out"
    r"|refus\w*|exclud\w*|block\w*|false|without (?:\w+ ){0,3}(?:permission|consent|licen[cs]e))\b",
    re.IGNORECASE,
)
_TRAINING = re.compile(
    r"\b(?:train(?:ing|ed|s)?|mining|mined?|tdm|scrap\w+|data ?sets?|machine[- ]learning)\b", re.IGNORECASE
)
_MARKDOWN = re.compile(r"\s{0,3}(?:#{1,6} \S|---\s*$|[-*+] \S|>|\[[^\]]*\]\()")


def parse(files: HostFiles, agent: str) -> HostRules:
    """Read a host's ai.txt in both its places."""
    found = (files.get(place) for place in PLACES)
    return together(_read(file, agent) for file in found if file is not None)


def _read(file: HostFile, agent: str) -> HostRules:
    if file.is_unreachable:
        return Everywhere(reading=denied_for_now(NAME, file))
    if not file.is_there:
        return Everywhere(reading=SILENCE)
    texts, cut = text_lines(file)
    lines = lines_of(texts)
    parts: list[HostRules] = [
        rules
        for rules in (read_rules(lines, file, agent), read_fields(lines, file, agent))
        if rules is not None
    ]
    if not parts:
        parts.append(Everywhere(reading=_of_another_kind(texts, file)))
    if cut:
        parts.append(Everywhere(reading=_unread(file, cut)))
    return together(parts)


def _of_another_kind(texts: tuple[str, ...], file: HostFile) -> Reading:
    """Look at a file that is neither: prose that seems to refuse is for a person to read, not silence."""
    prose = [text[:_MAX_PROSE_CHARS] for text in texts if text.strip()]
    if not prose:
        return SILENCE
    for number, text in enumerate(texts, start=1):
        start = text[:_MAX_PROSE_CHARS]
        if _REFUSING.search(start) and _TRAINING.search(start):
            return _unread(file, f"line {number} seems to refuse, in a form that is none of ai.txt's")
    is_markdown = _MARKDOWN.match(prose[0]) is not None
    kind = "Markdown, which states no rights" if is_markdown else "of an unknown kind"
    return Reading(notes=(("ai.txt", f"{file.path}: {kind}"),))


def _unread(file: HostFile, why: str) -> Reading:
    unread = Unreadable(signal=NAME, scope=Scope.SITE, where=file.path, why=why, evidence=(file.sha256,))
    return Reading(unreadable=(unread,))


SIGNAL = Signal(name=NAME, host_files=tuple((place,) for place in PLACES), parse_host=parse)
