"""Rights fields of XMP, IPTC IIM and Exif: who made it, who owns it, whom to ask. No value of theirs is a
standard's reservation; one that speaks plainly against training or mining is obeyed all the same.

Source: IPTC Photo Metadata Standard 2025.1; PLUS LDF 1.2.1; XMP Specification part 1 section 8.7 (xmpRights);
IPTC IIM 4.2 chapter 6; Exif 3.0 section 4.6.4; Directive (EU) 2019/790 Article 4(3); C1.5.
"""

from __future__ import annotations

from dataclasses import dataclass

from clearance.errors import printable
from clearance.sourcing.observed import Embedded
from clearance.sourcing.signals.plain_refusals import MAX_CHARS, refusal_in
from clearance.sourcing.signals.signal import Signal
from clearance.sourcing.statements import SILENCE, Answer, Reading, Scope, Statement, Unreadable, stated

NAME = "rights-fields"
_RIGHTS = "http://ns.adobe.com/xap/1.0/rights/"
_DC = "http://purl.org/dc/elements/1.1/"
_PHOTOSHOP = "http://ns.adobe.com/photoshop/1.0/"
_PLUS = "http://ns.useplus.org/ldf/xmp/1.0/"
_UNREAD = "unread"
"""The name under which the reader of a picture tells that there was more than it reads."""
_MAX_CHARS = 500
_MAX_VALUES = 20
"""Of one field; a picture with more creators than this is made to fill the register."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One place in a picture's metadata that states a rights fact."""

    note: str
    """Our name for the fact."""
    where: str
    namespace: str
    """Of the XMP property; empty for a field outside XMP."""
    name: str
    """The property's local name, or the field's whole name outside XMP."""
    is_prose: bool = False
    """Whether rights holders write terms into it."""

    def values(self, embedded: Embedded) -> tuple[str, ...]:
        """Return what stands in it, each value once."""
        if self.namespace:
            return tuple(dict.fromkeys(embedded.values(self.namespace, self.name)))
        return tuple(dict.fromkeys(value for name, value in embedded.fields if name == self.name))


def _xmp(note: str, namespace: str, name: str, *, prefix: str, is_prose: bool = False) -> Field:
    return Field(note=note, where=f"XMP {prefix}:{name}", namespace=namespace, name=name, is_prose=is_prose)


def _other(note: str, name: str, where: str, *, is_prose: bool = False) -> Field:
    return Field(note=note, where=where, namespace="", name=name, is_prose=is_prose)


FIELDS: tuple[Field, ...] = (
    _xmp("creator", _DC, "creator", prefix="dc"),
    _xmp("copyright-notice", _DC, "rights", prefix="dc", is_prose=True),
    _xmp("credit", _PHOTOSHOP, "Credit", prefix="photoshop"),
    _xmp("source", _PHOTOSHOP, "Source", prefix="photoshop"),
    _xmp("instructions", _PHOTOSHOP, "Instructions", prefix="photoshop", is_prose=True),
    _xmp("copyrighted", _RIGHTS, "Marked", prefix="xmpRights"),
    _xmp("web-statement", _RIGHTS, "WebStatement", prefix="xmpRights", is_prose=True),
    _xmp("usage-terms", _RIGHTS, "UsageTerms", prefix="xmpRights", is_prose=True),
    _xmp("copyright-owner", _PLUS, "CopyrightOwnerName", prefix="plus"),
    _xmp("licensor", _PLUS, "LicensorName", prefix="plus"),
    _xmp("licensor-url", _PLUS, "LicensorURL", prefix="plus"),
    _xmp("licensor-email", _PLUS, "LicensorEmail", prefix="plus"),
    _xmp("other-constraints", _PLUS, "OtherConstraints", prefix="plus", is_prose=True),
    _xmp("model-release-status", _PLUS, "ModelReleaseStatus", prefix="plus"),
    _xmp("property-release-status", _PLUS, "PropertyReleaseStatus", prefix="plus"),
    _other("creator", "iim:byline", "IIM 2:80 By-line"),
    _other("copyright-notice", "iim:copyright-notice", "IIM 2:116 Copyright Notice", is_prose=True),
    _other("credit", "iim:credit", "IIM 2:110 Credit"),
    _other("source", "iim:source", "IIM 2:115 Source"),
    _other("instructions", "iim:instructions", "IIM 2:40 Special Instructions", is_prose=True),
    _other("creator", "exif:artist", "Exif Artist"),
    _other("copyright-notice", "exif:copyright", "Exif Copyright", is_prose=True),
)
"""Fields of structures (`Licensor`, `CopyrightOwner`) are found under their own names."""


def read_embedded(embedded: Embedded) -> Reading:
    """Note what the rights fields say, and deny where one of them refuses training or mining."""
    found = [(field, values) for field in FIELDS if (values := field.values(embedded))]
    unread = tuple(
        _unread(why, embedded, where="metadata") for name, why in embedded.fields if name == _UNREAD
    )
    if not found and not unread:
        return SILENCE
    notes: dict[str, dict[str, None]] = {}
    for field, values in found:
        noted = notes.setdefault(field.note, {})
        for value in values:
            if len(noted) < _MAX_VALUES:
                noted[value[:_MAX_CHARS]] = None
    statements, unreadable = _refusals(
        [(field, value) for field, values in found if field.is_prose for value in values], embedded
    )
    return Reading(
        statements=statements,
        unreadable=unread + unreadable,
        notes=tuple((name, value) for name, values in notes.items() for value in values),
    )


def _refusals(
    prose: list[tuple[Field, str]], embedded: Embedded
) -> tuple[tuple[Statement, ...], tuple[Unreadable, ...]]:
    """Find plain refusals; the vocabulary of no standard, so that the policy alone gives them force."""
    statements: list[Statement] = []
    left = MAX_CHARS
    for field, value in prose:
        refusal = refusal_in(value[:left])
        if refusal is not None:
            statements += stated(
                refusal.uses,
                Answer.DENIED,
                signal=NAME,
                scope=Scope.ASSET,
                where=field.where,
                quote=printable(refusal.words, max_chars=120),
                evidence=embedded.evidence,
                is_specified=False,
            )
        left -= len(value)
        if left < 0:
            why = f"more than {MAX_CHARS} characters of terms"
            return tuple(statements), (_unread(why, embedded, where=field.where),)
    return tuple(statements), ()


def _unread(why: str, embedded: Embedded, *, where: str) -> Unreadable:
    why = printable(why, max_chars=120)
    return Unreadable(signal=NAME, scope=Scope.ASSET, where=where, why=why, evidence=embedded.evidence)


SIGNAL = Signal(name=NAME, read_embedded=read_embedded)
