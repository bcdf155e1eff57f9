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
_ALLOWED = "http://ns.useplus.org/ldf/vocab/DMI-ALLOWED"

_DENIALS: dict[str, frozenset[Use]] = {
    "PROHIBITED-AIMLTRAINING": TRAINING,
    "PROHIBITED-GENAIMLTRAINING": frozenset({Use.GENERATIVE}),
    "PROHIBITED-EXCEPTSEARCHENGINEINDEXING": ALL_USES - {Use.SEARCH},
    "PROHIBITED": ALL_USES,
    # The conditions stand elsewhere and are for people to read: until then nothing is permitted.
    "PROHIBITED-SEECONSTRAINT": ALL_USES,
    "PROHIBITED-SEEEMBEDDEDRIGHTSEXPR": ALL_USES,
    "PROHIBITED-SEELINKEDRIGHTSEXPR": ALL_USES,
}
_DRAFT_DENIALS: dict[str, frozenset[Use]] = {
    # Terms of the 2022 draft, still found in files.
    "ALLOWED-NOAITRAINING": TRAINING,
    "ALLOWED-NOGENAITRAINING": frozenset({Use.GENERATIVE}),
}
_LABEL = re.compile(r"^(?:HTTPS?://NS\.USEPLUS\.ORG/LDF/VOCAB/)?(?:DMI-)?(.*)$", re.DOTALL)
_URI = re.compile(r"https?://ns\.useplus\.org/ldf/vocab/DMI-", re.IGNORECASE)


def read_embedded(embedded: Embedded) -> Reading:
    """Read every Data Mining value in a picture's XMP; a denial stands beside an allowance."""
    values = tuple(dict.fromkeys(embedded.values(NAMESPACE, "DataMining")))
    if not values:
        return SILENCE
    statements: list[Statement] = []
    unreadable = []
    for value in values:
        quote = printable(value, max_chars=120)
        term = _term(value)
        denied = _denied(term)
        if denied:
            uses, said, is_specified = denied, Answer.DENIED, term in _DENIALS and _is_uri(value)
        elif value == _ALLOWED and len(values) == 1:
            uses, said, is_specified = ALL_USES, Answer.NOT_RESERVED, True
        elif term == "ALLOWED" or term.startswith("UNSPECIFIED"):
            # An allowance in other letters, or beside another value where one may stand, is not perfect; it
            # denies nothing either.
            continue
        else:
            why = f"not in the vocabulary: {quote}"
            unreadable.append(
                Unreadable(signal=NAME, scope=Scope.ASSET, where=_WHERE, why=why, evidence=embedded.evidence)
            )
            continue
        statements += stated(
            uses,
            said,
            signal=NAME,
            scope=Scope.ASSET,
            where=_WHERE,
            quote=quote,
            evidence=embedded.evidence,
            is_specified=is_specified,
        )
    return Reading(statements=tuple(statements), unreadable=tuple(unreadable))


def _denied(term: str) -> frozenset[Use]:
    """Return the uses that a term prohibits."""
    known = _DENIALS.get(term) or _DRAFT_DENIALS.get(term)
    if known:
        return known
    # A label such as "Prohibited for AI/ML training", or a term that came later: a denial widens.
    return ALL_USES if "PROHIBITED" in term else frozenset()


def _term(value: str) -> str:
    """Return the vocabulary's term: the last part of the URI, in capitals."""
    match = _LABEL.match(value.strip().upper())
    return match.group(1).strip() if match else ""


def _is_uri(value: str) -> bool:
    """Tell a term of the vocabulary from a label or a bare code; people write its address in several ways."""
    return _URI.match(value.strip()) is not None


SIGNAL = Signal(name=NAME, read_embedded=read_embedded)
