"""Training and mining assertions in C2PA manifests: CAWG's and the older one of C2PA itself.

A denial counts whoever signed it, broken signatures and ingredients included: an edit does not wash it off.
An allowance counts only from an active manifest that validates. To the standard itself only the active
manifest speaks, where it holds, and only of the four uses that it names.

Source: CAWG Training and Data Mining Assertion 1.1 section 3; C2PA 1.x section 18.21; C1.5.
"""

from __future__ import annotations

from clearance.errors import printable
from clearance.pictures import MiningEntry
from clearance.sourcing.observed import Embedded
from clearance.sourcing.signals.signal import Signal
from clearance.sourcing.statements import SILENCE, Answer, Reading, Scope, Statement, Unreadable, stated
from clearance.sourcing.uses import ALL_USES, Use

NAME = "c2pa-training-mining"
_TRUSTED = "Trusted"
"""`Valid` means a sound signature by anybody at all: not enough to believe an allowance."""
_HOLDING = frozenset({_TRUSTED, "Valid"})
# The assertion is defined as part of a signed manifest, whose validation is left to C2PA, and nothing that a
# failed manifest asserts can be relied on there: a denial in it has no force by the standard. It is obeyed:
# most manifests fail because an honest tool changed the picture after signing.
_KEYS: dict[str, Use] = {
    "data_mining": Use.MINING,
    "ai_inference": Use.INFERENCE,
    # In this vocabulary "training" is of models that do not generate.
    "ai_training": Use.NON_GENERATIVE,
    "ai_generative_training": Use.GENERATIVE,
}


def read_embedded(embedded: Embedded) -> Reading:
    """Read every training and mining assertion of a picture's manifests, and note what could not be read."""
    statements: list[Statement] = []
    unreadable = [
        Unreadable(
            signal=NAME, scope=Scope.ASSET, where=found.where, why=found.why, evidence=embedded.evidence
        )
        for found in embedded.malformed
        if found.where == "C2PA"
    ]
    manifests = embedded.manifests
    state = manifests.state if manifests is not None else ""
    for entry in manifests.entries if manifests is not None else ():
        where = f"{entry.label} in the {entry.place} manifest"
        use = _use(entry)
        quote = printable(f"{entry.key}: {entry.use} {entry.constraint}".strip(), max_chars=120)
        match "".join(char for char in entry.use.lower() if char.isalpha()):
            case "allowed":
                is_perfect = entry.use == "allowed" and use is not None and state == _TRUSTED
                said = Answer.NOT_RESERVED if is_perfect and entry.place == "active" else None
            case "notallowed" | "constrained":
                # The standard takes `constrained` for `notAllowed` where nothing more is known, and what more
                # there may be is text for people.
                said = Answer.DENIED
            case _:
                said = None
                unreadable.append(
                    Unreadable(
                        signal=NAME, scope=Scope.ASSET, where=where, why=quote, evidence=embedded.evidence
                    )
                )
        if said is not None:
            statements += stated(
                # A key of somebody's own, or of a later version, is not known: its denial widens.
                ALL_USES if use is None else {use},
                said,
                signal=NAME,
                scope=Scope.ASSET,
                where=where,
                quote=quote,
                evidence=embedded.evidence,
                is_specified=use is not None and entry.place == "active" and state in _HOLDING,
            )
    if manifests is not None and manifests.has_unreadable:
        why = "a training and mining assertion has another form"
        unreadable.append(
            Unreadable(signal=NAME, scope=Scope.ASSET, where="C2PA", why=why, evidence=embedded.evidence)
        )
    if not statements and not unreadable:
        return SILENCE
    return Reading(statements=tuple(statements), unreadable=tuple(unreadable))


def _use(entry: MiningEntry) -> Use | None:
    """Return the use that a key of the assertion's own vocabulary, or of the other one, names."""
    prefix, _, name = entry.key.rpartition(".")
    return _KEYS.get(name) if prefix in ("cawg", "c2pa") else None


SIGNAL = Signal(name=NAME, read_embedded=read_embedded)
