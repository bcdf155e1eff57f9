"""RSL in a picture's XMP, whose reader is flat: the words that stand in it, without the tree around them.

Which list belongs to which licence cannot be told, so nothing here permits; what is prohibited, and what is
left out of a list of what is permitted, can be told and counts.

Source: RSL 1.0 (10 December 2025) section 4.8; C1.5.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from clearance.errors import printable
from clearance.sourcing.observed import Embedded
from clearance.sourcing.signals.rsl.document import Content, Licence, Payment, Words

_NAMESPACE = "://rslstandard.org/rsl"
_USERS = frozenset({"commercial", "non-commercial", "education", "government", "personal"})
_PAYMENTS = frozenset(
    {
        "purchase",
        "subscription",
        "training",
        "crawl",
        "use",
        "inference",
        "contribution",
        "attribution",
        "free",
    }
)
_LEADING = ("license", "rsl", "link")
_MAX_VALUES = 200
"""Of one property, over all packets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddedRsl:
    """What RSL properties say, and what of them could not be read."""

    contents: tuple[Content, ...]
    problems: tuple[str, ...]


def read_embedded_rsl(embedded: Embedded) -> EmbeddedRsl | None:
    """Read RSL properties; nothing where there are none."""
    found: dict[str, list[str]] = {}
    for packet in embedded.xmp:
        for (namespace, name), values in packet.properties.items():
            if _NAMESPACE in namespace:
                found.setdefault(name.lower(), []).extend(values)
    if not found:
        return None
    problems = []
    if any(len(values) > _MAX_VALUES for values in found.values()):
        problems.append(f"more than {_MAX_VALUES} values")
    problems += [
        f"leads to {printable(value, max_chars=200)}, which is not asked for"
        for name in _LEADING
        for value in found.get(name, ())[:_MAX_VALUES]
        if "://" in value
    ]
    content = _flat(found, embedded)
    if content is None and not problems:
        problems.append("names no terms that can be read")
    contents = () if content is None else (content,)
    return EmbeddedRsl(contents=contents, problems=tuple(dict.fromkeys(problems)))


def _flat(found: dict[str, list[str]], embedded: Embedded) -> Content | None:
    # An attribute without a prefix is in no namespace: `type="crawl"` of a payment is found there.
    loose = {name: embedded.values("", name) for name in ("type", "server", "profile")}
    kinds = [*found.get("type", ()), *found.get("payment", ()), *loose["type"]]
    payment = Payment(
        type=next((kind for kind in sorted(kinds) if _is_priced(kind)), ""),
        standard=_first(found.get("standard", ())),
        custom=_first(found.get("custom", ())),
        amount=_first(found.get("amount", ())),
        accepts=_first(found.get("accepts", ())),
    )
    licence = Licence(
        # Not conformant by the form: a list that may belong to another licence permits nothing.
        permits=tuple(replace(each, is_conformant=False) for each in _lists(found.get("permits", ()))),
        prohibits=tuple(_lists(found.get("prohibits", ()))),
        payments=() if payment == Payment() else (payment,),
        reporting=loose["profile"][:1],
    )
    server = _first([*found.get("server", ()), *loose["server"]])
    if licence == Licence() and not server:
        return None
    return Content(url="", server=server, licences=(licence,), owner=_first(found.get("copyright", ())))


def _is_priced(kind: str) -> bool:
    return kind.lower() in _PAYMENTS and kind.lower() not in ("free", "attribution")


def _lists(values: Iterable[str]) -> list[Words]:
    """Sort words by their vocabulary: the kind of a list is an attribute that has lost its element."""
    tokens = [token for value in values for token in value.replace(",", " ").split()][:_MAX_VALUES]
    users = tuple(token for token in tokens if token.lower() in _USERS)
    places = tuple(token for token in tokens if len(token) == 2 and token.isupper())
    usage = tuple(token for token in tokens if token not in users and token not in places)
    lists = (("usage", usage), ("user", users), ("geo", places))
    return [Words(type=kind, tokens=words, is_conformant=True) for kind, words in lists if words]


def _first(values: Iterable[str]) -> str:
    return next(iter(values), "")
