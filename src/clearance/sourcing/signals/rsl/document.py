"""Read an RSL document: XML that says what may be done with which addresses, and on what terms.

Pure and bounded. What the standard does not know is not conformant: it grants nothing, and what it prohibits
is kept apart, for others to obey all the same. Elements of other vocabularies say nothing here.

Source: RSL 1.0 (10 December 2025) section 3 and appendix A.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from clearance.errors import printable
from clearance.identifiers import Malformed

NAMESPACE = "https://rslstandard.org/rsl"
MAX_BYTES = 1 << 20
"""As much as is read of a host's other files."""
MAX_SCOPES = 10_000
"""Sites with more kinds of terms than this have not been seen; each may hold several licences."""
_MAX_LICENCES = 50
"""In one scope."""
_MAX_LISTS = 10
"""In one licence; the standard knows three of each."""
_MAX_TOKENS = 100
"""In one list; the vocabularies have six words, and some two hundred countries in groups."""
_MAX_CHARS = 2048
_MAX_PROBLEMS = 10
_PARTS = {
    "rsl": {"content"},
    "content": {"license", "alternate", "schema", "copyright", "terms"},
    "license": {"permits", "prohibits", "payment", "reporting", "legal"},
    "payment": {"standard", "custom", "amount", "accepts"},
}
"""What each element may hold, by the standard's grammar."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """One `permits` or `prohibits`."""

    type: str
    """`usage`, `user` or `geo`; as written."""
    tokens: tuple[str, ...]
    is_conformant: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """What is asked for; empty texts where something is not named."""

    type: str = ""
    standard: str = ""
    custom: str = ""
    amount: str = ""
    accepts: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Licence:
    """One set of terms."""

    permits: tuple[Words, ...] = ()
    prohibits: tuple[Words, ...] = ()
    payments: tuple[Payment, ...] = ()
    reporting: tuple[str, ...] = ()
    contacts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """One scope: an address or pattern, and the licences that it carries."""

    url: str | None
    """Empty where the scope is that of the place which leads to the document; nothing where it is missing."""
    server: str = ""
    is_encrypted: bool = False
    licences: tuple[Licence, ...] = ()
    owner: str = ""
    terms: str = ""
    is_conformant: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class RslDocument:
    """All scopes of a document, and what in it could not be read."""

    contents: tuple[Content, ...]
    problems: tuple[str, ...]


def read_rsl(content: bytes) -> RslDocument | Malformed:
    """Read a document; anything that is not well-formed XML with `rsl` at its root is `Malformed`."""
    if len(content) > MAX_BYTES:
        return Malformed(where="RSL", why=f"larger than {MAX_BYTES} bytes")
    try:
        root = fromstring(content.strip(b"\x00 \t\r\n"), forbid_dtd=True)
    except DefusedXmlException:
        return Malformed(where="RSL", why="declares entities or a document type")
    except (ParseError, ValueError, LookupError, RecursionError) as error:
        return Malformed(where="RSL", why=f"not well-formed: {printable(str(error), max_chars=80)}")
    namespace, name = _name(root)
    if name != "rsl":
        return Malformed(where="RSL", why=f"begins with {printable(name, max_chars=40)!r}, not with rsl")
    reader = _Reader(namespace)
    contents = reader.contents(root)
    if namespace != NAMESPACE:
        # Left out, or of a version to come: what it prohibits is plain all the same.
        reader.problem("the namespace is not that of RSL 1.0")
    if not contents:
        reader.problem("no content element")
    if reader.problems:
        contents = [replace(each, is_conformant=False) for each in contents]
    return RslDocument(contents=tuple(contents), problems=tuple(reader.problems[:_MAX_PROBLEMS]))


class _Reader:
    """Walks one document, level by level, and gathers what does not belong."""

    def __init__(self, namespace: str) -> None:
        self._namespace = namespace
        self.problems: list[str] = []

    def problem(self, what: str) -> None:
        if what not in self.problems and len(self.problems) < _MAX_PROBLEMS:
            self.problems.append(what)

    def contents(self, root: Any) -> list[Content]:
        children = list(self._children(root, "rsl"))
        found = [element for name, element in children if name == "content"]
        if len(found) > MAX_SCOPES:
            self.problem(f"more than {MAX_SCOPES} content elements")
        contents = [self._content(element) for element in found[:MAX_SCOPES]]
        astray = self._licence([pair for pair in children if pair[0] != "content"])
        if astray.permits or astray.prohibits:
            contents.append(Content(url=None, licences=(astray,)))
        return contents

    def _content(self, element: Any) -> Content:
        children = list(self._children(element, "content"))
        licences = [
            self._licence(list(self._children(child, "license")))
            for name, child in children
            if name == "license"
        ]
        if len(licences) > _MAX_LICENCES:
            self.problem(f"more than {_MAX_LICENCES} licences in one content element")
        astray = self._licence([pair for pair in children if pair[0] in _PARTS["license"]])
        if astray != Licence():
            licences.insert(0, astray)
        if not licences:
            self.problem("a content element without a licence")
        url = _attribute(element, "url")
        if url is None:
            self.problem("a content element without an address")
        return Content(
            url=url,
            server=_attribute(element, "server") or "",
            is_encrypted=(_attribute(element, "encrypted") or "").lower() == "true",
            licences=tuple(licences[:_MAX_LICENCES]),
            owner=_first(children, "copyright"),
            terms=_first(children, "terms"),
        )

    def _licence(self, children: list[tuple[str, Any]]) -> Licence:
        permits = [_words(element) for name, element in children if name == "permits"]
        prohibits = [_words(element) for name, element in children if name == "prohibits"]
        if any(len(words.tokens) > _MAX_TOKENS for words in (*permits, *prohibits)):
            self.problem(f"more than {_MAX_TOKENS} words in one list")
        if len(permits) > _MAX_LISTS or len(prohibits) > _MAX_LISTS:
            self.problem(f"more than {_MAX_LISTS} lists in one licence")
        return Licence(
            permits=tuple(permits[:_MAX_LISTS]),
            prohibits=tuple(prohibits[:_MAX_LISTS]),
            payments=tuple(self._payment(element) for name, element in children if name == "payment"),
            reporting=tuple(
                _attribute(element, "profile") or _attribute(element, "type") or "reporting"
                for name, element in children
                if name == "reporting"
            ),
            contacts=tuple(
                _text(element)
                for name, element in children
                if name == "legal" and _attribute(element, "type") == "contact"
            ),
        )

    def _payment(self, element: Any) -> Payment:
        children = list(self._children(element, "payment"))
        amount = next((each for name, each in children if name == "amount"), None)
        currency = "" if amount is None else _attribute(amount, "currency") or ""
        accepts = next((each for name, each in children if name == "accepts"), None)
        return Payment(
            type=(_attribute(element, "type") or "").strip(),
            standard=_first(children, "standard"),
            custom=_first(children, "custom"),
            amount=f"{_first(children, 'amount')} {currency}".strip(),
            accepts="" if accepts is None else _attribute(accepts, "type") or "unnamed",
        )

    def _children(self, element: Any, parent: str) -> Iterable[tuple[str, Any]]:
        """Return the children of our vocabulary by name; one that has no place there is a problem."""
        for child in element:
            namespace, name = _name(child)
            if namespace == self._namespace:
                if name not in _PARTS[parent]:
                    self.problem(f"{printable(name, max_chars=40)!r} does not belong in {parent}")
                yield name, child


def _words(element: Any) -> Words:
    written = _attribute(element, "type")
    kind = (written or "usage").strip()
    text = _text(element)
    tokens = tuple(text.replace(",", " ").replace(";", " ").split())
    if not tokens and kind.lower() not in ("usage", "user", "geo"):
        # The word itself stands where its kind should be: `<prohibits type="ai-train"/>`.
        return Words(type="usage", tokens=(kind,), is_conformant=False)
    is_conformant = written in ("usage", "user", "geo") and "," not in text and ";" not in text
    return Words(type=kind.lower(), tokens=tokens[: _MAX_TOKENS + 1], is_conformant=is_conformant)


def _first(children: Iterable[tuple[str, Any]], wanted: str) -> str:
    for name, element in children:
        if name == wanted:
            contact = _attribute(element, "contactUrl") or _attribute(element, "contactEmail") or ""
            return f"{_text(element)} {contact}".strip()[:_MAX_CHARS]
    return ""


def _text(element: Any) -> str:
    """Return an element's own text, not that of what stands in it."""
    return ((element.text or "") + "".join(child.tail or "" for child in element)).strip()[: 8 * _MAX_CHARS]


def _attribute(element: Any, name: str) -> str | None:
    value = element.get(name, element.get(f"{{{NAMESPACE}}}{name}"))
    return None if value is None else str(value).strip()


def _name(element: Any) -> tuple[str, str]:
    tag = str(element.tag)
    if not tag.startswith("{"):
        return "", tag
    namespace, _, local = tag[1:].partition("}")
    return namespace, local
