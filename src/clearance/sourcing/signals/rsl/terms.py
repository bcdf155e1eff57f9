"""What RSL licences say of each use, over all scopes that cover an address.

A prohibition beats every permission, and a narrower scope cannot take it back. Where uses are permitted by
name, the others are not. A permission on conditions (a payment, a server that hands out licences, a report)
is a denial until a person has met them, and a note says whom to ask.

Source: RSL 1.0 (10 December 2025) sections 3.1.1, 3.4.1, 3.5 to 3.7 and 3.12; C1.5.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from clearance.errors import printable
from clearance.sourcing.signals.rsl.document import Content, Licence, Payment
from clearance.sourcing.statements import Answer
from clearance.sourcing.uses import ALL_USES, DATA_USES, TRAINING, Use

_AI = DATA_USES | {Use.INFERENCE}
# "Search, but no AI" is written as a prohibition of `ai-all`: it leaves search alone.
USES: Mapping[str, frozenset[Use]] = {
    "all": ALL_USES,
    "ai-all": _AI,
    "ai-train": TRAINING,
    "ai-input": frozenset({Use.INFERENCE}),
    "ai-index": frozenset({Use.SEARCH}),
    "search": frozenset({Use.SEARCH}),
}
"""The standard's words for usage."""
_OTHER_WORDS: Mapping[str, frozenset[Use]] = {
    "train-ai": TRAINING,
    "ai-training": TRAINING,
    "training": TRAINING,
    "train": TRAINING,
    "train-genai": frozenset({Use.GENERATIVE}),
    "ai-use": frozenset({Use.INFERENCE}),
    "ai-inference": frozenset({Use.INFERENCE}),
    "inference": frozenset({Use.INFERENCE}),
    "ai": _AI,
    "tdm": DATA_USES,
    "mining": DATA_USES,
    "data-mining": DATA_USES,
    "crawl": ALL_USES,
    "index": frozenset({Use.SEARCH}),
}
"""Words of drafts and neighbouring standards, found in RSL files: they prohibit, and permit nothing."""
_WITHOUT_PRICE = frozenset({"free", "attribution"})
_MAX_NOTES = 20
_MAX_NOTE_CHARS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One thing said of some uses."""

    uses: frozenset[Use]
    answer: Answer
    quote: str
    is_specified: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """All that scopes say together: of uses, what a person must look at, and whom to ask."""

    claims: tuple[Claim, ...]
    unclear: tuple[str, ...]
    notes: tuple[tuple[str, str], ...]


def terms_of(contents: Sequence[Content]) -> Terms:
    """Put together what all scopes say that cover one address, the widest first."""
    licences = [(content, licence) for content in contents for licence in content.licences]
    prohibited = [claim for content, licence in licences for claim in _prohibitions(content, licence)]
    narrowest = max((n for n, content in enumerate(contents) if _permitted(content) is not None), default=0)
    omitted = [
        claim
        for n, content in enumerate(contents)
        for claim in _omissions(content, is_specified=n == narrowest)
    ]
    free = [claim for content, licence in licences for claim in _allowances(content, licence)]
    freely = frozenset(use for claim in free for use in claim.uses)
    offered = [claim for content, licence in licences for claim in _offers(content, licence, freely)]
    banned = frozenset(use for claim in prohibited for use in claim.uses)
    allowed = [
        Claim(uses=claim.uses - banned, answer=claim.answer, quote=claim.quote)
        for claim in free
        if claim.uses - banned
    ]
    return Terms(
        claims=tuple(dict.fromkeys([*prohibited, *omitted, *offered, *allowed])),
        unclear=tuple(dict.fromkeys(why for _, licence in licences for why in _unclear(licence))),
        notes=tuple(dict.fromkeys(note for content in contents for note in _notes(content)))[:_MAX_NOTES],
    )


def conditions(content: Content, licence: Licence) -> tuple[str, ...]:
    """Return what a licence asks for before anything may be used; attribution is no condition."""
    asked = [text for payment in licence.payments for text in _price(payment)]
    if content.server:
        asked.append(f"a licence from {content.server}")
    return (*asked, *(f"reports ({profile})" for profile in licence.reporting))


def _price(payment: Payment) -> Iterator[str]:
    kind = payment.type.lower()
    if kind and kind not in _WITHOUT_PRICE:
        yield payment.type
    if payment.amount and payment.amount.split()[0].strip("0.,"):
        yield payment.amount
    if payment.custom:
        yield payment.custom
    if payment.accepts:
        yield f"payment by {payment.accepts}"
    if payment.standard and kind not in _WITHOUT_PRICE:
        yield payment.standard


def _prohibitions(content: Content, licence: Licence) -> Iterator[Claim]:
    for words in licence.prohibits:
        for token in words.tokens if words.type == "usage" else ():
            uses = USES.get(token.lower()) or _OTHER_WORDS.get(token.lower())
            if uses is not None:
                is_specified = content.is_conformant and words.is_conformant and token in USES
                quote = f"prohibits {printable(token, max_chars=40)}"
                yield Claim(uses=uses, answer=Answer.DENIED, quote=quote, is_specified=is_specified)


def _permitted(content: Content) -> frozenset[Use] | None:
    """Return the uses that a scope's licences permit by name; nothing where none is named."""
    listed = [words for licence in content.licences for words in licence.permits if words.type == "usage"]
    if not listed:
        return None
    return frozenset(use for words in listed for token in words.tokens for use in _uses(token))


def _uses(token: str) -> frozenset[Use]:
    return USES.get(token.lower()) or _OTHER_WORDS.get(token.lower()) or frozenset()


def _omissions(content: Content, *, is_specified: bool) -> Iterator[Claim]:
    """What is not on a list of what is permitted, is not permitted (section 3.5)."""
    permitted = _permitted(content)
    if permitted is None or permitted == ALL_USES:
        return
    tokens = [token for licence in content.licences for words in licence.permits for token in words.tokens]
    quote = f"permits only: {printable(' '.join(tokens), max_chars=80)}"
    yield Claim(
        uses=ALL_USES - permitted,
        answer=Answer.DENIED,
        quote=quote,
        is_specified=is_specified and content.is_conformant,
    )


def _allowances(content: Content, licence: Licence) -> Iterator[Claim]:
    """A permission counts where it is whole: in the standard's words, for everyone, and for nothing."""
    is_for_all = all(words.type == "usage" and words.is_conformant for words in licence.permits)
    is_plain = not any(words.type != "usage" for words in licence.prohibits)
    if not (content.is_conformant and is_for_all and is_plain) or conditions(content, licence):
        return
    for token in (token for words in licence.permits for token in words.tokens):
        if token in USES:
            yield Claim(uses=USES[token], answer=Answer.NOT_RESERVED, quote=f"permits {token}")


def _offers(content: Content, licence: Licence, freely: frozenset[Use]) -> Iterator[Claim]:
    asked = conditions(content, licence)
    if not asked:
        return
    named = [words for words in licence.permits if words.type == "usage"]
    uses = frozenset(use for words in named for token in words.tokens for use in _uses(token))
    quote = f"offered for: {printable('; '.join(asked), max_chars=120)}"
    # Another licence of the same scopes gives some uses for nothing: by the letter that one may be taken.
    for part, is_specified in (((uses if named else ALL_USES) - freely, True), (uses & freely, False)):
        if part:
            yield Claim(
                uses=part,
                answer=Answer.DENIED,
                quote=quote,
                is_specified=is_specified and content.is_conformant,
            )


def _unclear(licence: Licence) -> Iterator[str]:
    """What is prohibited in words that are not known, or to some of whom we may be."""
    for words in licence.prohibits:
        shown = printable(" ".join(words.tokens), max_chars=80)
        if words.type != "usage":
            kind = printable(words.type, max_chars=20)
            yield f"prohibits {kind}: {shown}; a person must say whether that is us"
        # A word with a prefix is an extension's, and says nothing to who does not know it (section 3.4.1).
        elif any(not _uses(token) and ":" not in token for token in words.tokens):
            yield f"prohibits in words that are not known: {shown}"


def _notes(content: Content) -> Iterator[tuple[str, str]]:
    for licence in content.licences:
        asked = conditions(content, licence)
        kinds = [payment.type for payment in licence.payments if payment.type.lower() == "attribution"]
        if asked or kinds:
            yield _note("licence-offer", "; ".join((*asked, *kinds)))
        for words in licence.permits:
            if words.type != "usage":
                yield _note("licence-condition", f"only {words.type}: {' '.join(words.tokens)}")
        yield from (_note("licence-contact", contact) for contact in licence.contacts)
    for name, value in (("copyright-owner", content.owner), ("licence-terms", content.terms)):
        if value:
            yield _note(name, value)
    if content.is_encrypted:
        yield _note("encrypted", "the licensed copy is encrypted")


def _note(name: str, value: str) -> tuple[str, str]:
    return name, printable(value, max_chars=_MAX_NOTE_CHARS)
