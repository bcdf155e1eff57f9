"""Training and mining assertions in C2PA manifests: CAWG's and the older one of C2PA itself.

A denial counts whoever signed it, broken signatures and ingredients included: an edit does not wash it off.
An allowance counts only from an active manifest that validates.

Source: CAWG Training and Data Mining Assertion 1.1; C2PA 1.x section 18.21; C1.5.
"""

from __future__ import annotations

from clearance.errors import printable
from clearance.sourcing.observed import Embedded
from clearance.sourcing.signals.signal import Signal
from clearance.sourcing.statements import SILENCE, Answer, Reading, Scope, Statement, Unreadable, stated
from clearance.sourcing.uses import ALL_USES, Use

NAME = "c2pa-training-mining"
_SOUND = frozenset({"Trusted"})
"""`Valid` means a sound signature by anybody at all: not enough to believe an allowance."""
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
    for entry in manifests.entries if manifests else ():
        where = f"{entry.label} in the {entry.place} manifest"
        use = _KEYS.get(entry.key.rpartition(".")[2])
        quote = printable(f"{entry.key}: {entry.use} {entry.constraint}".strip(), max_chars=120)
        is_sound = manifests is not None and manifests.state in _SOUND and entry.place == "active"
        match entry.use.lower():
            case "allowed":
                said = Answer.NOT_RESERVED if is_sound and use is not None else None
            case "notallowed" | "constrained":
                # Constrained by conditions that a person must read is, until then, a denial.
                said = Answer.DENIED
            case _:
                said = None
                unreadable.append(
                    Unreadable(
                        signal=NAME, scope=Scope.ASSET, where=where, why=quote, evidence=embedded.evidence
                    )
                )
        if said is not None:
            uses = {use} if use is not None else ALL_USES
            statements += stated(
                uses,
                said,
                signal=NAME,
                scope=Scope.ASSET,
                where=where,
                quote=quote,
                evidence=embedded.evidence,
            )
    if manifests is not None and manifests.has_unreadable:
        why = "a training and mining assertion has another form"
        unreadable.append(
            Unreadable(signal=NAME, scope=Scope.ASSET, where="C2PA", why=why, evidence=embedded.evidence)
        )
    if not statements and not unreadable:
        return SILENCE
    return Reading(statements=tuple(statements), unreadable=tuple(unreadable))


SIGNAL = Signal(name=NAME, read_embedded=read_embedded)
