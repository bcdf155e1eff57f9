"""IPTC's encoded rights expressions, embedded in XMP or linked from it: ODRL in JSON-LD is read for what it
prohibits.

A prohibition denies, whatever constraints, parties or targets narrow it: who they mean is for people to
tell. A permission is never an allowance, for the same reason, and one with conditions on a use of ours waits
for a person. A language that is not read here is there and unread, and so is an expression behind a link.

Source: IPTC Photo Metadata Standard 2025.1, "Embedded Encoded Rights Expression", "Linked Encoded Rights
Expression"; ODRL Information Model 2.2 sections 2.6 and 2.7, Vocabulary & Expression 2.2; W3C TDMRep section
8; C1.5.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from clearance.errors import printable
from clearance.sourcing.observed import Embedded
from clearance.sourcing.signals.signal import Signal
from clearance.sourcing.statements import SILENCE, Answer, Reading, Scope, Unreadable, merge, stated
from clearance.sourcing.uses import ALL_USES, DATA_USES, TRAINING, Use

NAME = "rights-expressions"
NAMESPACE = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
_EMBEDDED = "XMP Iptc4xmpExt:EmbdEncRightsExpr"
_LINKED = "XMP Iptc4xmpExt:LinkedEncRightsExpr"
_MAX_EXPRESSIONS = 8
"""The standard allows any number; more than a few in one picture is a construction."""
_MAX_CHARS = 64 << 10
"""XMP values are cut long before; this bounds the parser by itself."""
_MAX_OBJECTS = 2000
"""In one expression; a policy of an agency has some hundred."""
_MAX_NOTE_CHARS = 500

_Object = dict[str, Any]

# What an action of ODRL, its profiles or Creative Commons means for our uses: training and mining begin with
# a copy and make something of it.
_ACTIONS: Mapping[str, frozenset[Use]] = {
    "use": ALL_USES,
    "reproduce": ALL_USES,
    "reproduction": ALL_USES,
    "copy": ALL_USES,
    # W3C TDMRep: its reservation exempts no use.
    "mine": ALL_USES,
    "extract": DATA_USES | {Use.INFERENCE},
    "aggregate": DATA_USES,
    "archive": DATA_USES,
    "derive": DATA_USES,
    "derivativeworks": DATA_USES,
    "modify": DATA_USES,
    "transform": DATA_USES,
    "commercialize": DATA_USES,
    "commercialuse": DATA_USES,
    "commericaluse": DATA_USES,  # so it is spelt in the vocabulary
    "index": frozenset({Use.SEARCH}),
}
# One word a line would be a page.
# fmt: off
_OF_NO_USE = frozenset({
    "accepttracking", "annotate", "anonymize", "appendto", "attachpolicy", "attachsource", "attribute",
    "attribution", "concurrentuse", "delete", "digitize", "display", "distribute", "distribution",
    "give", "grantuse", "include", "inform", "install", "lease", "lend", "license", "move",
    "nextpolicy", "notice", "obtainconsent", "pay", "play", "present", "preview", "print", "publish",
    "read", "sell", "share", "sharing", "sharealike", "sourcecode", "stream", "synchronize",
    "texttospeech", "transfer", "translate", "uninstall", "watermark", "write", "writeto",
})
# fmt: on
"""Actions of ODRL, RightsML and Creative Commons that none of our uses performs."""
_TRAINING = re.compile(r"train|learn")
_CONDITIONS = frozenset({"duty", "dutie", "constraint", "assignee", "refinement"})
_NAMING = frozenset({"id", "uid", "value", "name"})
"""Where an action stands that is an object, in the forms of ODRL 2.1 and 2.2."""


def read_embedded(embedded: Embedded) -> Reading:
    """Read the rights expressions of a picture."""
    expressions = _values(embedded, "EncRightsExpr", "EmbdEncRightsExpr")
    links = _values(embedded, "LinkedRightsExpr", "LinkedEncRightsExpr")
    described = _values(embedded, "RightsExprLangId", "RightsExprEncType")
    if not expressions and not links and not described:
        return SILENCE
    readings = [_noted("rights-expression-language", described), _noted("rights-expression-link", links)]
    readings += [_expression(text, embedded) for text in expressions[:_MAX_EXPRESSIONS]]
    readings += [
        _unread(_LINKED, f"a rights expression stands at {printable(link)}", embedded)
        for link in links[:_MAX_EXPRESSIONS]
    ]
    if len(expressions) > _MAX_EXPRESSIONS or len(links) > _MAX_EXPRESSIONS:
        readings.append(_unread(_EMBEDDED, f"more than {_MAX_EXPRESSIONS} rights expressions", embedded))
    if not expressions and not links:
        # Its language is named, and what it says is not where it should be.
        readings.append(_unread(_EMBEDDED, "a rights expression is announced and not found", embedded))
    return merge(readings)


def _values(embedded: Embedded, *names: str) -> tuple[str, ...]:
    found = (value.strip() for name in names for value in embedded.values(NAMESPACE, name))
    return tuple(dict.fromkeys(value for value in found if value))


def _expression(text: str, embedded: Embedded) -> Reading:
    """Read one embedded expression, by what it is and not by what its neighbours call it."""
    if len(text) > _MAX_CHARS:
        return _unread(_EMBEDDED, f"longer than {_MAX_CHARS} characters", embedded)
    try:
        parsed: Any = json.loads(text, object_pairs_hook=_all_values)
    except (ValueError, RecursionError):
        return _unread(
            _EMBEDDED, f"in a language that is not read: {printable(text, max_chars=60)}", embedded
        )
    nodes = list(islice(_objects(parsed), _MAX_OBJECTS + 1))
    readings = [_prohibitions(nodes[:_MAX_OBJECTS], embedded), _permissions(nodes[:_MAX_OBJECTS], embedded)]
    if len(nodes) > _MAX_OBJECTS:
        readings.append(_unread(_EMBEDDED, f"more than {_MAX_OBJECTS} objects in one expression", embedded))
    if not any(True for kind in ("prohibition", "permission") for _ in _rules(nodes, kind)):
        why = f"no prohibition or permission in it: {printable(text, max_chars=60)}"
        readings.append(_unread(_EMBEDDED, why, embedded))
    return merge(readings)


def _prohibitions(objects: Sequence[_Object], embedded: Embedded) -> Reading:
    """Deny what is prohibited; the first action of each meaning is quoted."""
    prohibited: dict[tuple[frozenset[Use], bool], str] = {}
    for actions, _ in _rules(objects, "prohibition"):
        for action in sorted(actions) or [""]:
            if action not in _OF_NO_USE:
                prohibited.setdefault((_uses(action), action in _ACTIONS), action)
    statements = [
        statement
        for (uses, is_specified), action in prohibited.items()
        for statement in stated(
            uses,
            Answer.DENIED,
            signal=NAME,
            scope=Scope.ASSET,
            where=_EMBEDDED,
            quote=f"prohibition: {printable(action or 'no action that is known', max_chars=60)}",
            evidence=embedded.evidence,
            is_specified=is_specified,
        )
    ]
    return Reading(statements=tuple(statements))


def _permissions(objects: Sequence[_Object], embedded: Embedded) -> Reading:
    """Report what a person must read: conditions of a use of ours, and obligations."""
    for actions, is_conditional in _rules(objects, "permission"):
        if not actions:
            return _unread(_EMBEDDED, "a permission without an action that can be read", embedded)
        if is_conditional and actions - _OF_NO_USE:
            return _unread(_EMBEDDED, "a permission with conditions", embedded)
    if any(True for _ in _rules(objects, "obligation")):
        return _unread(_EMBEDDED, "an obligation", embedded)
    return SILENCE


def _uses(action: str) -> frozenset[Use]:
    """Return the uses that a prohibition of an action denies: all of them where the action is unknown."""
    return _ACTIONS.get(action) or (TRAINING if _TRAINING.search(action) else ALL_USES)


def _rules(objects: Sequence[_Object], kind: str) -> Iterator[tuple[frozenset[str], bool]]:
    """Find the rules of one kind: their actions, and whether they have conditions.

    A policy may state an action for all of its rules; a rule may also stand by itself and name its type.
    """
    for policy in objects:
        for name, value in policy.items():
            if _local(name).removesuffix("s") == kind:
                for rule in value if isinstance(value, list) else [value]:
                    if isinstance(rule, dict):
                        yield _actions(rule) or _actions(policy), _is_conditional(rule)
                    elif rule:
                        # Named, and described elsewhere.
                        yield frozenset(), True
            elif _local(name) == "type" and kind in _texts(value):
                yield _actions(policy), _is_conditional(policy)


def _is_conditional(rule: _Object) -> bool:
    return any(
        _local(name).removesuffix("s") in _CONDITIONS
        for each in (rule, *_objects([value for name, value in rule.items() if _local(name) == "action"]))
        for name in each
    )


def _actions(rule: _Object) -> frozenset[str]:
    """Return the local names of a rule's actions, in lower case."""
    return frozenset(
        action for name, value in rule.items() if _local(name) == "action" for action in _texts(value)
    )


def _texts(value: Any) -> Iterator[str]:
    """Find the names that a value gives, as text, as a list, or as an object with an identifier."""
    stack = [value]
    while stack:
        each = stack.pop()
        if isinstance(each, str):
            yield _local(each)
        elif isinstance(each, list):
            stack += each
        elif isinstance(each, dict):
            stack += [inner for name, inner in each.items() if _local(name) in _NAMING]


def _objects(parsed: Any) -> Iterator[_Object]:
    """Walk all objects in a value, without recursion."""
    stack = [parsed]
    while stack:
        each = stack.pop()
        if isinstance(each, dict):
            yield each
            stack += each.values()
        elif isinstance(each, list):
            stack += each


def _local(name: str) -> str:
    """Return the last part of a name, whether it is an IRI, has a prefix, or has neither."""
    return re.sub(r"[^a-z0-9]", "", re.split(r"[#/:]", name.rstrip("/#"))[-1].lower())


def _all_values(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Build an object in which a name that is given twice has both values: neither hides the other."""
    built: dict[str, Any] = {}
    for name, value in pairs:
        built[name] = [built[name], value] if name in built else value
    return built


def _noted(name: str, values: tuple[str, ...]) -> Reading:
    return Reading(notes=tuple((name, value[:_MAX_NOTE_CHARS]) for value in values[:_MAX_EXPRESSIONS]))


def _unread(where: str, why: str, embedded: Embedded) -> Reading:
    return Reading(
        unreadable=(
            Unreadable(signal=NAME, scope=Scope.ASSET, where=where, why=why, evidence=embedded.evidence),
        )
    )


SIGNAL = Signal(name=NAME, read_embedded=read_embedded)
