"""TDM policies: on what terms mining is offered, and whom to ask. Reading one grants nothing.

A policy is an ODRL offer in JSON-LD; it is read as plain JSON, by the last part of each name, for prefixes
vary and a context from the network must not decide what is read here. A page for people is told apart.

Source: W3C TDMRep, Final Community Group Report of 2 February 2024, "Expressing a TDM Policy"; ODRL 2.2.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from clearance.errors import printable
from clearance.identifiers import Malformed
from clearance.sourcing.observed import Documents

_MAX_BYTES = 1 << 20
"""As much as is read of a host's other files; policies have one or two kilobytes."""
_MAX_PERMISSIONS = 20
_MAX_VALUES = 10
"""Of one property; each becomes part of a sentence that a person reads."""
_MAX_CHARS = 300
_MAX_DEPTH = 5
"""Of lists and value objects around one text; JSON-LD needs two."""
_FOR_PEOPLE = frozenset({"text/html", "application/xhtml+xml"})
_NAME_PART = re.compile(r"[^:#/]*$")


class Duty(StrEnum):
    """What a permission asks for first."""

    CONSENT = "obtainConsent"
    COMPENSATION = "compensate"
    OTHER = "other"
    """Something that only a person can read."""


class Purpose(StrEnum):
    """What a permission is limited to; both values are experimental."""

    RESEARCH = "research"
    NON_RESEARCH = "non-research"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Assigner:
    """Who offers; empty texts where something is not given."""

    name: str = ""
    email: str = ""
    url: str = ""
    telephone: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Permission:
    """One permission of an offer."""

    is_mining: bool
    """Its action is `tdm:mine`."""
    duties: tuple[Duty, ...]
    purposes: tuple[Purpose, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TdmPolicy:
    """A policy as far as it can be told."""

    uid: str = ""
    assigner: Assigner = Assigner()
    permissions: tuple[Permission, ...] = ()
    has_prohibitions: bool = False
    """It forbids something beside what it offers, which the profile advises against."""
    is_for_people: bool = False
    """A page: nothing of it is read here."""


def read_tdm_policy(content: bytes, media_type: str) -> TdmPolicy | Malformed:
    """Read a policy; what is neither an offer in JSON nor a page for people is `Malformed`."""
    if media_type.partition(";")[0].strip().lower() in _FOR_PEOPLE:
        return TdmPolicy(is_for_people=True)
    if len(content) > _MAX_BYTES:
        return Malformed(where="TDM policy", why=f"larger than {_MAX_BYTES} bytes")
    try:
        found: Any = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        return Malformed(where="TDM policy", why=f"not JSON: {type(error).__name__}")
    offer = next((each for each in _objects(found) if "permission" in each or "assigner" in each), None)
    if offer is None:
        return Malformed(where="TDM policy", why="no offer in it")
    permissions = list(_properties(offer.get("permission")))
    if len(permissions) > _MAX_PERMISSIONS:
        return Malformed(where="TDM policy", why=f"more than {_MAX_PERMISSIONS} permissions")
    assigner = next(_properties(offer.get("assigner")), {})
    return TdmPolicy(
        uid=_first(offer.get("uid", offer.get("id"))),
        assigner=Assigner(
            name=_first(assigner.get("fn")) or _first(assigner.get("nickname")),
            email=_first(assigner.get("hasEmail", assigner.get("email"))),
            url=_first(assigner.get("hasURL", assigner.get("url"))),
            telephone=_first(assigner.get("hasTelephone", assigner.get("tel"))),
            address=_address(assigner.get("hasAddress")),
        ),
        permissions=tuple(_permission(each) for each in permissions),
        has_prohibitions=bool(offer.get("prohibition")),
    )


def sentences(policy: TdmPolicy) -> tuple[str, ...]:
    """Tell a person what a policy offers and whom to ask."""
    if policy.is_for_people:
        return ("The policy is a page for people: read it, and ask there.",)
    whom = _whom(policy.assigner)
    told = [_sentence(each, whom) for each in policy.permissions if each.is_mining]
    if not told:
        told.append(f"No mining is offered that could be read; ask {whom}.")
    if policy.has_prohibitions:
        told.append("The policy forbids something too: a person must read it.")
    return tuple(dict.fromkeys(told))


def policy_notes(url: str, documents: Documents) -> tuple[tuple[str, str], ...]:
    """Return a policy's address as a rights fact, and what it offers where it was asked for."""
    notes = [("tdm-policy", printable(url, max_chars=_MAX_CHARS))]
    file = documents.get(url)
    if file is not None and file.status == 200:
        types = [value for name, value in file.headers if name.lower() == "content-type"]
        policy = read_tdm_policy(file.content, "text/html" if file.is_markup else "".join(types[:1]))
        if isinstance(policy, Malformed):
            notes.append(
                ("tdm-offer", f"The policy cannot be read ({policy.why}): its conditions are not known.")
            )
        else:
            notes += [("tdm-offer", sentence) for sentence in sentences(policy)]
    return tuple(notes)


def _sentence(permission: Permission, whom: str) -> str:
    purposes = {
        Purpose.RESEARCH: " for research",
        Purpose.NON_RESEARCH: " for other purposes than research",
        Purpose.OTHER: " for purposes that only the policy itself tells",
    }
    duties = {
        Duty.CONSENT: f"ask {whom} for consent",
        Duty.COMPENSATION: f"agree on a payment with {whom}",
        Duty.OTHER: f"more is asked for than can be read here, by {whom}",
    }
    what = " and".join(purposes[each] for each in permission.purposes)
    asked = "; ".join(duties[each] for each in permission.duties)
    return f"Mining{what} is offered; {asked or f'nothing is asked for in return by {whom}'}."


def _whom(assigner: Assigner) -> str:
    name = assigner.name or "the rights holder"
    contacts = (assigner.email, assigner.url, assigner.telephone, assigner.address)
    contact = next((each for each in contacts if each), "")
    return f"{name} <{contact}>" if contact else name


def _permission(found: Mapping[str, Any]) -> Permission:
    duties = [
        _duty(action)
        for duty in _properties(found.get("duty", found.get("obligation")))
        for action in _actions(duty.get("action")) or ("",)
    ]
    return Permission(
        is_mining=_actions(found.get("action")) == ("mine",),
        duties=tuple(dict.fromkeys(duties)),
        purposes=tuple(dict.fromkeys(_purpose(each) for each in _properties(found.get("constraint")))),
    )


def _duty(action: str) -> Duty:
    # "obtain-consent" and "ObtainConsent" are found as well.
    known = {each.lower(): each for each in (Duty.CONSENT, Duty.COMPENSATION)}
    return known.get(action.lower().replace("-", ""), Duty.OTHER)


def _purpose(constraint: Mapping[str, Any]) -> Purpose:
    operator = [_local(each) for each in _texts(constraint.get("operator"))]
    operand = [_local(each) for each in _texts(constraint.get("leftOperand"))]
    values = [_local(each) for each in _texts(constraint.get("rightOperand"))]
    if operand != ["purpose"] or operator not in (["eq"], ["isA"], ["isAnyOf"]) or len(values) != 1:
        return Purpose.OTHER
    known = {Purpose.RESEARCH.value: Purpose.RESEARCH, Purpose.NON_RESEARCH.value: Purpose.NON_RESEARCH}
    return known.get(values[0], Purpose.OTHER)


def _actions(value: Any) -> tuple[str, ...]:
    return tuple(_local(each) for each in _texts(value))


def _address(value: Any) -> str:
    parts = ("street-address", "postal-code", "locality", "country-name")
    found = next(_properties(value), None)
    if found is None:
        return _first(value)
    return ", ".join(text for text in (_first(found.get(part)) for part in parts) if text)


def _objects(value: Any) -> Iterator[Mapping[str, Any]]:
    """Return the objects that may be the offer: the one there is, or those of a list or graph."""
    for found in _properties(value):
        yield found
        yield from _properties(found.get("graph"))


def _properties(value: Any) -> Iterator[dict[str, Any]]:
    """Return objects by the last part of their names: `vcard:fn` is `fn`, `@type` is `type`."""
    for each in value if isinstance(value, list) else [value]:
        if isinstance(each, dict):
            yield {_local(name).removeprefix("@"): inner for name, inner in each.items()}


def _local(name: str) -> str:
    match = _NAME_PART.search(name)
    return match[0] if match is not None else ""


def _texts(value: Any, depth: int = 0) -> tuple[str, ...]:
    """Return the texts of a value, in whichever of JSON-LD's forms it is written."""
    if isinstance(value, str):
        return (value,)
    if depth >= _MAX_DEPTH:
        return ()
    inner: Iterable[Any] = ()
    if isinstance(value, list):
        inner = value[:_MAX_VALUES]
    elif isinstance(value, dict):
        inner = [value[name] for name in ("@id", "@value", "id", "rdf:value", "source") if name in value]
    return tuple(text for each in inner for text in _texts(each, depth + 1))[:_MAX_VALUES]


def _first(value: Any) -> str:
    return printable(next(iter(_texts(value)), "").strip(), max_chars=_MAX_CHARS)
