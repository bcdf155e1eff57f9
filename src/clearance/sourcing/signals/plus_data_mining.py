"""PLUS Data Mining, the IPTC photo metadata property: nine values, one of which allows.

Source: PLUS LDF 1.2.1 vocabulary `DMI`; IPTC Photo Metadata Standard 2025.1, "Data Mining"; C1.5.
"""

from __future__ import annotations

import re

from clearance.errors import printable
from clearance.sourcing.observed import Embedded
from clearance.sourcing.signals.signal import Signal
from clearance.sourcing.statements import SILENCE, Answer, Reading, Scope, Statement, Unreadable, stated
from clearance.sourcing.uses import ALL_USES, TRAINING, Use

NAME = "plus-data-mining"
NAMESPACE = "http://ns.useplus.org/ldf/xmp/1.0/"
_WHERE = "XMP plus:DataMining"

_DENIALS: dict[str, frozenset[Use]] = {
    "PROHIBITED-AIMLTRAINING": TRAINING,
    "PROHIBITED-GENAIMLTRAINING": frozenset({Use.GENERATIVE}),
    "PROHIBITED-EXCEPTSEARCHENGINEINDEXING": ALL_USES - {Use.SEARCH},
    "PROHIBITED": ALL_USES,
    # The conditions stand elsewhere and are for people to read: until then nothing is permitted.
    "PROHIBITED-SEECONSTRAINT": ALL_USES,
    "PROHIBITED-SEEEMBEDDEDRIGHTSEXPR": ALL_USES,
    "PROHIBITED-SEELINKEDRIGHTSEXPR": ALL_USES,
    # Terms of the 2022 draft, still found in files.
    "ALLOWED-NOAITRAINING": TRAINING,
    "ALLOWED-NOGENAITRAINING": frozenset({Use.GENERATIVE}),
}
_LABEL = re.compile(r"^(?:HTTPS?://NS\.USEPLUS\.ORG/LDF/VOCAB/)?(?:DMI-)?(.*)$")


def read_embedded(embedded: Embedded) -> Reading:
    """Read every Data Mining value in a picture's XMP; a denial stands beside an allowance."""
    values = embedded.values(NAMESPACE, "DataMining")
    if not values:
        return SILENCE
    statements: list[Statement] = []
    unreadable = []
    for value in dict.fromkeys(values):
        quote = printable(value, max_chars=120)
        term = _term(value)
        if term.startswith("UNSPECIFIED") or (term == "ALLOWED" and not _is_uri(value)):
            # A label in place of the vocabulary's URI is no perfect allowance; it denies nothing either.
            continue
        if term == "ALLOWED":
            uses, said = ALL_USES, Answer.NOT_RESERVED
        elif term in _DENIALS:
            uses, said = _DENIALS[term], Answer.DENIED
        elif "PROHIBITED" in term:
            # A label such as "Prohibited for AI/ML training", or a term that came later: a denial widens.
            uses, said = ALL_USES, Answer.DENIED
        else:
            why = f"not in the vocabulary: {quote}"
            unreadable.append(
                Unreadable(signal=NAME, scope=Scope.ASSET, where=_WHERE, why=why, evidence=embedded.evidence)
            )
            continue
        statements += stated(
            uses, said, signal=NAME, scope=Scope.ASSET, where=_WHERE, quote=quote, evidence=embedded.evidence
        )
    return Reading(statements=tuple(statements), unreadable=tuple(unreadable))


def _term(value: str) -> str:
    """Return the vocabulary's term: the last part of the URI, in capitals."""
    match = _LABEL.match(value.strip().upper())
    return match.group(1).strip() if match else ""


def _is_uri(value: str) -> bool:
    return value.strip().lower().startswith(("http://ns.useplus.org/", "https://ns.useplus.org/"))


SIGNAL = Signal(name=NAME, read_embedded=read_embedded)
