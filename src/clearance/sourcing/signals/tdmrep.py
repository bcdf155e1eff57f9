"""TDM Reservation Protocol: `/.well-known/tdmrep.json`, response headers, and XMP.

In the file the first matching rule wins, not the longest; 1 reserves, 0 does not, anything else is no value.
The specification lets a narrower place answer a wider one (file, header, embedded); for a collector every
reservation counts, wherever it stands.

Source: W3C TDMRep, Final Community Group Report of 2 February 2024, sections 6 and 7; C1.5.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from clearance.errors import printable
from clearance.identifiers import Sha256
from clearance.sourcing.observed import Embedded, HostFile, HostFiles, ResponseHead
from clearance.sourcing.signals.patterns import PathPattern
from clearance.sourcing.signals.signal import Everywhere, HostRules, Signal, denied_for_now
from clearance.sourcing.statements import (
    SILENCE,
    Answer,
    Reading,
    Scope,
    Unreadable,
    merge,
    stated,
)
from clearance.sourcing.uses import ALL_USES

NAME = "tdmrep"
PATH = "/.well-known/tdmrep.json"
XMP_NAMESPACE = "http://www.w3.org/ns/tdmrep/"
_MAX_RULES = 10_000
_MAX_UNREAD = 10
"""Broken rules that are named one by one; a person who looks sees the rest in the file."""
_ANSWERS = {
    "1": Answer.DENIED,
    "true": Answer.DENIED,
    "0": Answer.NOT_RESERVED,
    "false": Answer.NOT_RESERVED,
}


class Rules:
    """A host's tdmrep.json: rules in their order."""

    crawl_delay_s = None

    def __init__(self, rules: Sequence[tuple[PathPattern, Reading]], *, everywhere: Reading) -> None:
        self._rules = rules
        self._everywhere = everywhere

    def read(self, target: str) -> Reading:
        """Return what the first matching rule says; what could not be read speaks of every path.

        A rule whose value cannot be read does not hide the next one, which may reserve.
        """
        found = [self._everywhere]
        for pattern, reading in self._rules:
            if pattern.matches(target):
                found.append(reading)
                if reading.statements:
                    break
        return merge(found)


def parse(files: HostFiles, agent: str) -> HostRules:  # noqa: ARG001 - the protocol knows no agents
    """Read a host's tdmrep.json; a host without one does not implement the protocol."""
    file = files.get(PATH)
    if file is not None and file.is_unreachable:
        # The specification would take a failed fetch for silence, and so lose a reservation to an outage.
        return Everywhere(reading=denied_for_now(NAME, file))
    if file is None or not file.is_there:
        return Everywhere(reading=SILENCE)
    try:
        listed: Any = json.loads(file.content.decode("utf-8-sig"), object_pairs_hook=_unambiguous)
    except (ValueError, RecursionError) as error:
        return Everywhere(reading=_unread(file, f"not JSON: {type(error).__name__}"))
    if isinstance(listed, dict):
        listed = [listed]
    if not isinstance(listed, list):
        return Everywhere(reading=_unread(file, "not a list of rules"))
    rules = []
    unread = [_unread(file, f"more than {_MAX_RULES} rules")] if len(listed) > _MAX_RULES else []
    for number, rule in enumerate(listed[:_MAX_RULES], start=1):
        read = _rule(rule, file, where=f"{PATH} rule {number}")
        if read is None:
            unread.append(_unread(file, f"rule {number} has no location that can be read"))
        else:
            rules.append(read)
    return Rules(rules, everywhere=merge(unread[:_MAX_UNREAD]))


def _rule(rule: Any, file: HostFile, *, where: str) -> tuple[PathPattern, Reading] | None:
    location = rule.get("location") if isinstance(rule, dict) else None
    if not isinstance(location, str):
        return None
    pattern = PathPattern(location if location.startswith(("/", "*")) else f"/{location}")
    reading = _reading(rule.get("tdm-reservation"), scope=Scope.SITE, where=where, evidence=(file.sha256,))
    # A pattern that was cut matches more than was written: a denial may widen, an allowance must not.
    return None if not pattern.is_whole and not _reserves(reading) else (pattern, reading)


def _unambiguous(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Build an object; a name given twice with different values says neither."""
    built = dict(pairs)
    if len(built) != len(pairs) and any(built[name] != value for name, value in pairs):
        raise ValueError("a name is given twice")
    return built


def read_response(head: ResponseHead) -> Reading:
    """Read the `tdm-reservation` headers of a response; one that reserves outweighs one that does not."""
    values = head.lower.get("tdm-reservation")
    if values is None:
        return SILENCE
    # Proxies join repeated headers with commas.
    said = [part.strip() for value in values for part in value.split(",")]
    return _strictest(said, where="tdm-reservation header", evidence=())


def read_embedded(embedded: Embedded) -> Reading:
    """Read `tdm:reservation` in XMP, which the protocol defines for PDF and EPUB and others write into
    pictures.
    """
    values = embedded.values(XMP_NAMESPACE, "reservation")
    if not values:
        return SILENCE
    return _strictest(
        [value.strip() for value in values], where="XMP tdm:reservation", evidence=embedded.evidence
    )


def _strictest(values: list[str], *, where: str, evidence: tuple[Sha256, ...]) -> Reading:
    readings = [_reading(value, scope=Scope.ASSET, where=where, evidence=evidence) for value in values]
    return min(readings, key=_permission)


def _permission(reading: Reading) -> int:
    """Rank what a reading permits: a reservation least, then what could not be read."""
    if not reading.statements:
        return 1
    return 0 if _reserves(reading) else 2


def _reserves(reading: Reading) -> bool:
    return any(statement.answer is Answer.DENIED for statement in reading.statements)


def _reading(value: object, *, scope: Scope, where: str, evidence: tuple[Sha256, ...]) -> Reading:
    # JSON writers disagree about numbers, strings and booleans; all three are meant the same.
    if value is None:
        return SILENCE
    # Other types are not turned into text: nested deep enough, that alone would end in an error.
    text = str(value) if isinstance(value, str | int | float) else type(value).__name__
    said = _ANSWERS.get(text.lower())
    if said is None:
        why = f"tdm-reservation is {printable(text, max_chars=40)!r}"
        return Reading(
            unreadable=(Unreadable(signal=NAME, scope=scope, where=where, why=why, evidence=evidence),)
        )
    # The protocol exempts no use: a reservation speaks of all text and data mining, for whatever purpose.
    return Reading(
        statements=stated(
            ALL_USES,
            said,
            signal=NAME,
            scope=scope,
            where=where,
            quote=f"tdm-reservation: {text}",
            evidence=evidence,
        )
    )


def _unread(file: HostFile, why: str) -> Reading:
    unread = Unreadable(signal=NAME, scope=Scope.SITE, where=PATH, why=why, evidence=(file.sha256,))
    return Reading(unreadable=(unread,))


SIGNAL = Signal(
    name=NAME,
    host_files=((PATH,),),
    parse_host=parse,
    read_response=read_response,
    read_embedded=read_embedded,
)
