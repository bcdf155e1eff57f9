"""TDM Reservation Protocol: `/.well-known/tdmrep.json`, response headers, a page's `meta` elements, and XMP.

In the file the first matching rule wins, not the longest; 1 reserves, 0 does not, anything else is no value.
The specification lets a narrower place answer a wider one (file, header, page, embedded); for a collector
every reservation counts, wherever it stands. A policy tells on what terms mining is offered, and grants
nothing.

Source: W3C TDMRep, Final Community Group Report of 2 February 2024, sections 6 and 7; C1.5.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

from clearance.errors import printable
from clearance.identifiers import Sha256, WebUrl, parse_url
from clearance.sourcing.observed import Documents, Embedded, HostFile, HostFiles, Page, ResponseHead
from clearance.sourcing.signals.patterns import PathPattern
from clearance.sourcing.signals.signal import Everywhere, HostRules, Signal, denied_for_now
from clearance.sourcing.signals.tdm_policy import policy_notes
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
_LIKE_RESERVATION = re.compile(r"(?!tdm-reservation$)tdm[-_ ]?reserv\w*", re.IGNORECASE)
_MAX_RULES = 10_000
_MAX_UNREAD = 10
"""Broken rules that are named one by one; a person who looks sees the rest in the file."""
_MAX_POLICIES = 5
"""Policies of one place that are asked for; a site has one, or one for each of its collections."""
_MAX_POLICY_CHARS = 2048
_MEANT_AS_RESERVED = frozenset({"1", "1.0", "true", "yes"})
"""The protocol knows 1 only; nobody who writes one of the others means that mining is free."""
_FILE, _HEADER, _PAGE, _EMBEDDED = range(4)
"""A nearer place answers a wider one, by the specification's processing priority."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where values stand."""

    scope: Scope
    where: str
    evidence: tuple[Sha256, ...]
    level: int


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
    listed = _listed(file)
    if isinstance(listed, str):
        return Everywhere(reading=_unread(file, listed))
    rules = []
    unread = [_unread(file, f"more than {_MAX_RULES} rules")] if len(listed) > _MAX_RULES else []
    for number, rule in enumerate(listed[:_MAX_RULES], start=1):
        read = _rule(rule, file, files.by_url, where=f"{PATH} rule {number}")
        if read is None:
            unread.append(_unread(file, f"rule {number} cannot be read"))
        else:
            rules.append(read)
    return Rules(rules, everywhere=merge(unread[:_MAX_UNREAD]))


def host_leads(files: HostFiles) -> tuple[str, ...]:
    """Return the policies that a host's rules name."""
    file = files.get(PATH)
    listed = _listed(file) if file is not None and file.is_there else []
    # Where nothing is reserved, the specification has a policy ignored.
    rules = [
        rule
        for rule in listed[:_MAX_RULES]
        if isinstance(rule, dict) and rule.get("tdm-reservation") not in (0, "0")
    ]
    return _absolute([rule.get("tdm-policy") for rule in rules], base=f"{files.origin}/")


def _listed(file: HostFile) -> list[Any] | str:
    """Return the list of rules, or why there is none to read."""
    try:
        listed: Any = json.loads(file.content.decode("utf-8-sig"), object_pairs_hook=_unambiguous)
    except (ValueError, RecursionError) as error:
        return f"not JSON: {type(error).__name__}"
    if isinstance(listed, dict):
        return [listed]
    return listed if isinstance(listed, list) else "not a list of rules"


def _rule(
    rule: Any, file: HostFile, documents: Documents, *, where: str
) -> tuple[PathPattern, Reading] | None:
    location = rule.get("location") if isinstance(rule, dict) else None
    if not isinstance(location, str):
        return None
    if location.startswith(f"{file.origin}/"):
        location = location.removeprefix(file.origin)
    elif "://" in location:
        # Another site's rule, or an address in a form that speaks of nothing here: for a person to read.
        return None
    pattern = PathPattern(location if location.startswith(("/", "*")) else f"/{location}")
    place = Place(scope=Scope.SITE, where=where, evidence=(file.sha256,), level=_FILE)
    reading = _reading(rule.get("tdm-reservation"), place)
    if reading is SILENCE and any(_LIKE_RESERVATION.fullmatch(name) for name in rule):
        # A name one letter off was meant to say something, and says it to nobody.
        return None
    # A pattern that was cut matches more than was written: a denial may widen, an allowance must not.
    if not pattern.is_whole and not _reserves(reading):
        return None
    policy = _policies([rule.get("tdm-policy")], base=f"{file.origin}/", documents=documents)
    return pattern, merge([reading, policy])


def _unambiguous(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Build an object; a name given twice with different values says neither."""
    built = dict(pairs)
    if len(built) != len(pairs) and any(built[name] != value for name, value in pairs):
        raise ValueError("a name is given twice")
    return built


def read_response(head: ResponseHead) -> Reading:
    """Read the `tdm-reservation` headers of a response; one that reserves outweighs one that does not."""
    values = head.lower.get("tdm-reservation", ())
    policies = head.lower.get("tdm-policy", ())
    if not values and not policies:
        return SILENCE
    # Proxies join repeated headers with commas.
    said = [part.strip() for value in values for part in value.split(",")]
    place = Place(scope=Scope.ASSET, where="tdm-reservation header", evidence=(), level=_HEADER)
    return merge([_strictest(said, place), _policies(policies, base=head.url.text, documents=head.documents)])


def response_leads(head: ResponseHead) -> tuple[str, ...]:
    """Return the policies that a response's headers name."""
    return _absolute(head.lower.get("tdm-policy", ()), base=head.url.text)


def read_page(page: Page, picture: WebUrl) -> Reading:  # noqa: ARG001 - it speaks of all that the page shows
    """Read `meta` elements named `tdm-reservation` and `tdm-policy`."""
    values = [content.strip() for name, content in page.metas if name == "tdm-reservation"]
    policies = [content for name, content in page.metas if name == "tdm-policy"]
    place = Place(scope=Scope.ASSET, where="meta tdm-reservation", evidence=page.evidence, level=_PAGE)
    base, documents = page.head.url.text, page.head.documents
    return merge([_strictest(values, place), _policies(policies, base=base, documents=documents)])


def page_leads(page: Page) -> tuple[str, ...]:
    """Return the policies that a page's `meta` elements name."""
    named = [content for name, content in page.metas if name == "tdm-policy"]
    return _absolute(named, base=page.head.url.text)


def read_embedded(embedded: Embedded) -> Reading:
    """Read `tdm:reservation` in XMP, which the protocol defines for PDF and EPUB and others write into
    pictures.
    """
    values = embedded.values(XMP_NAMESPACE, "reservation")
    policies = embedded.values(XMP_NAMESPACE, "policy")
    if not values and not policies:
        return SILENCE
    place = Place(scope=Scope.ASSET, where="XMP tdm:reservation", evidence=embedded.evidence, level=_EMBEDDED)
    said = [value.strip() for value in values]
    return merge([_strictest(said, place), _policies(policies, base="", documents={})])


def _absolute(named: Iterable[object], *, base: str) -> tuple[str, ...]:
    """Return the addresses of policies, each once."""
    found: dict[str, None] = {}
    for value in named:
        if not isinstance(value, str) or not value.strip() or len(found) >= _MAX_POLICIES:
            continue
        try:
            url = parse_url(urljoin(base, value.strip()[:_MAX_POLICY_CHARS]))
        except ValueError:
            continue
        if isinstance(url, WebUrl):
            found[url.text] = None
    return tuple(found)


def _policies(named: Iterable[object], *, base: str, documents: Documents) -> Reading:
    urls = _absolute(named, base=base)
    return Reading(notes=tuple(note for url in urls for note in policy_notes(url, documents)))


def _strictest(values: Sequence[str], place: Place) -> Reading:
    return min((_reading(value, place) for value in values), key=_permission, default=SILENCE)


def _permission(reading: Reading) -> int:
    """Rank what a reading permits: a reservation least, then what could not be read."""
    if not reading.statements:
        return 1
    return 0 if _reserves(reading) else 2


def _reserves(reading: Reading) -> bool:
    return any(statement.answer is Answer.DENIED for statement in reading.statements)


def _reading(value: object, place: Place) -> Reading:
    # JSON writers disagree about numbers, strings and booleans: whatever means 1 is obeyed.
    if value is None:
        return SILENCE
    # Other types are not turned into text: nested deep enough, that alone would end in an error.
    text = str(value) if isinstance(value, str | int | float) else type(value).__name__
    if text == "0":
        said = Answer.NOT_RESERVED
    elif text.strip().lower() in _MEANT_AS_RESERVED:
        said = Answer.DENIED
    else:
        unread = Unreadable(
            signal=NAME,
            scope=place.scope,
            where=place.where,
            why=f"tdm-reservation is {printable(text, max_chars=40)!r}",
            evidence=place.evidence,
        )
        return Reading(unreadable=(unread,))
    # The protocol exempts no use: a reservation speaks of all text and data mining, for whatever purpose.
    return Reading(
        statements=stated(
            ALL_USES,
            said,
            signal=NAME,
            scope=place.scope,
            where=place.where,
            quote=f"tdm-reservation: {printable(text, max_chars=40)}",
            evidence=place.evidence,
            level=place.level,
            is_specified=text in ("0", "1"),
        )
    )


def _unread(file: HostFile, why: str) -> Reading:
    unread = Unreadable(signal=NAME, scope=Scope.SITE, where=PATH, why=why, evidence=(file.sha256,))
    return Reading(unreadable=(unread,))


SIGNAL = Signal(
    name=NAME,
    host_files=((PATH,),),
    host_leads=host_leads,
    parse_host=parse,
    response_leads=response_leads,
    read_response=read_response,
    page_leads=page_leads,
    read_page=read_page,
    read_embedded=read_embedded,
)
