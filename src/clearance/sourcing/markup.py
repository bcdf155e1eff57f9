"""Read an HTML page: what it says of rights, and its visible text. Pure, bounded, never raises.

libxml2 parses as browsers do, in linear time, fetches nothing and resolves nothing. It cuts off in silence
what is nested too deep; here that is told.

Source: WHATWG HTML (elements, `rel`, microdata); RDFa Lite 1.1; C1.5, C1.4.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

from lxml import etree, html

from clearance.identifiers import Malformed, sha256_of
from clearance.sourcing.observed import Page, PageLink, PageObject, PageScript, ResponseHead

MAX_PAGE_BYTES = 1 << 20
"""Text and markup of a page that people read stay far below; what is beyond it is told as unread."""
_MAX_ATTRIBUTES = 2000
"""Of one element: comparing as many takes some milliseconds, and fifty times more a minute."""
_LONG_TAG = re.compile(r"<[a-zA-Z](?:\"[^\"]*\"|'[^']*'|[^\"'>]){2000,}+")
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
_BETWEEN = re.compile(r"[\s/]+")
_MAX_ELEMENTS = 200_000
_MAX_DEPTH = 2000
"""libxml2 drops what stands deeper than 2048."""
_MAX_METAS = 500
_MAX_LINKS = 2000
_MAX_RIGHTS_LINKS = 100
_MAX_SCRIPTS = 50
_MAX_OBJECTS = 500
_MAX_PROPERTIES = 50
_MAX_STATED = 2000
"""Elements that state a property; each looks for its owner above it."""
_MAX_VALUE_CHARS = 4096
_MAX_SCRIPT_CHARS = 256 << 10
"""JSON-LD of a catalogue page comes to some tens of kilobytes."""

_JSON_LD, _RSL = "application/ld+json", "application/rsl+xml"
_SPEAKS_OF_PICTURES = re.compile(r"license|imageobject|photograph|visualartwork|painting", re.IGNORECASE)
_RIGHTS_META = re.compile(
    r"robot|bot\b|crawl|spider|slurp|archiver|agent|^google|^bing|^yandex|^baidu|tdm|rsl|refresh"
)
_SHORT = 200
"""Under any name a few directives may stand; descriptions and what shops write for others are longer."""
_RIGHTS_RELATIONS = frozenset({"license", "licence", "copyright", "terms-of-service"})
_RIGHTS_PROPERTIES = frozenset(
    {
        *("contentUrl", "license", "acquireLicensePage", "creditText", "creator", "copyrightNotice"),
        *("copyrightHolder", "name", "url", "image"),
    }
)
_HIDDEN = frozenset({"script", "style", "noscript", "template", "svg", "head"})
_BLOCKS = frozenset(
    {
        *(
            "address",
            "article",
            "aside",
            "blockquote",
            "br",
            "dd",
            "div",
            "dl",
            "dt",
            "fieldset",
            "figcaption",
        ),
        *(
            "figure",
            "footer",
            "form",
            "h1",
            "h2",
            "h3",
            "h4",
            "h5",
            "h6",
            "header",
            "hr",
            "li",
            "main",
            "nav",
        ),
        *("ol", "p", "pre", "section", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul"),
    }
)
_LIKE_MARKUP = re.compile(r"\A\s*<[!a-z]|<(?:html|head|body|meta|link|script)\b", re.IGNORECASE)
_SPACE = re.compile(r"\s+")
_ENCODING = re.compile(
    r"utf-8|utf-16(?:-[lb]e)?|ascii|iso8859-\d+|cp(?:125\d|866|874|949|932)|koi8-[ru]|mac-(?:roman|cyrillic)"
    r"|gb2312|gbk|gb18030|big5(?:hkscs)?|euc_(?:jp|kr)|shift_jis|iso2022_jp"
)
"""The encodings of the WHATWG Encoding Standard, by Python's names."""
_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{1,40})", re.IGNORECASE)
_META_CHARSET = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{1,40})", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class PageText:
    """What a person sees of a page: its text, a block a line, and its links in order."""

    title: str
    language: str
    """As the page states it, such as `de`; empty where it does not."""
    text: str
    links: tuple[PageLink, ...]
    asks_for_login: bool
    """There is a field for a password."""


def parse_page(head: ResponseHead, content: bytes) -> Page:
    """Read what a page says of rights, from its answer and its bytes."""
    malformed = [Malformed(where="page", why=f"larger than {MAX_PAGE_BYTES} bytes")] * (
        len(content) > MAX_PAGE_BYTES
    )
    is_markup = _is_markup(head, content)
    if is_markup and _is_crowded(_decoded(head, content[:MAX_PAGE_BYTES])):
        malformed.append(
            Malformed(where="page", why=f"more than {_MAX_ATTRIBUTES} attributes in one element")
        )
        is_markup = False
    root = _parsed(head, content) if is_markup else None
    elements, cut = _elements(root)
    if cut:
        malformed.append(Malformed(where="page", why=cut))
    base = _base(root, head.url.text)
    metas = tuple(_metas(elements))
    links = tuple(link for link in _links(elements, base) if not _RIGHTS_RELATIONS.isdisjoint(link.rel))
    scripts = tuple(_scripts(elements))
    objects = tuple(_objects(elements, base))
    for what, found, bound in (
        ("meta elements", metas, _MAX_METAS),
        ("licence links", links, _MAX_RIGHTS_LINKS),
        ("data scripts", scripts, _MAX_SCRIPTS),
        ("described things", objects, _MAX_OBJECTS),
    ):
        if len(found) > bound:
            malformed.append(Malformed(where="page", why=f"more than {bound} {what}"))
    if any(len(content) > _MAX_VALUE_CHARS for _, content in metas):
        malformed.append(
            Malformed(where="page", why=f"a meta element of more than {_MAX_VALUE_CHARS} characters")
        )
    if any(len(script.text) > _MAX_SCRIPT_CHARS for script in scripts):
        malformed.append(
            Malformed(where="page", why=f"a data script of more than {_MAX_SCRIPT_CHARS} characters")
        )
    return Page(
        head=head,
        metas=tuple((name, content[:_MAX_VALUE_CHARS]) for name, content in metas[:_MAX_METAS]),
        links=links[:_MAX_RIGHTS_LINKS],
        scripts=tuple(script for script in scripts[:_MAX_SCRIPTS] if len(script.text) <= _MAX_SCRIPT_CHARS),
        objects=objects[:_MAX_OBJECTS],
        malformed=tuple(malformed),
        evidence=(sha256_of(content),),
    )


def read_text(head: ResponseHead, content: bytes) -> PageText:
    """Read a page's visible text and its links; text that is no HTML comes back as it is."""
    if not _is_markup(head, content):
        return PageText(title="", language="", text=_decoded(head, content), links=(), asks_for_login=False)
    root = _parsed(head, content) if not _is_crowded(_decoded(head, content[:MAX_PAGE_BYTES])) else None
    if root is None:
        return PageText(title="", language="", text="", links=(), asks_for_login=False)
    elements, _ = _elements(root)
    title = next((_text_of(element) for element in elements if element.tag == "title"), "")
    return PageText(
        title=title[:_MAX_VALUE_CHARS],
        language=str(root.get("lang") or "")[:20].lower(),
        text=_visible(root),
        links=tuple(_links(elements, _base(root, head.url.text)))[:_MAX_LINKS],
        asks_for_login=any(
            element.tag == "input" and (element.get("type") or "").lower() == "password"
            for element in elements
        ),
    )


def _is_markup(head: ResponseHead, content: bytes) -> bool:
    kind = " ".join(head.lower.get("content-type", ())).lower()
    if "html" in kind or "xml" in kind:
        return True
    if kind.startswith("text/plain"):
        return False
    return _LIKE_MARKUP.search(_decoded(head, content[:4096])) is not None


def _parsed(head: ResponseHead, content: bytes) -> Any | None:
    """Return the root element; an empty page has none."""
    # Null characters end the text for some parsers; everything else they repair.
    text = _decoded(head, content[:MAX_PAGE_BYTES]).replace("\x00", "")
    parser = html.HTMLParser(
        no_network=True, remove_comments=True, remove_pis=True, huge_tree=True, recover=True
    )
    try:
        parser.feed(text)
        return parser.close()
    # It has not been seen to raise; if it does, it is one page that has no elements, not the end of a run.
    except (etree.LxmlError, ValueError, AssertionError):  # pragma: no cover
        return None


def _is_crowded(text: str) -> bool:
    """Tell whether an element has more attributes than libxml2, which compares them all, can bear."""
    return any(
        len(_BETWEEN.findall(_QUOTED.sub("", tag[0]))) > _MAX_ATTRIBUTES for tag in _LONG_TAG.finditer(text)
    )


def _elements(root: Any | None) -> tuple[list[Any], str]:
    """Return the elements in their order, and why they are not all of them, if they are not."""
    found: list[Any] = []
    if root is None:
        return found, ""
    depth = deepest = 0
    for event, element in etree.iterwalk(root, events=("start", "end")):
        if event == "end":
            depth -= 1
            continue
        depth += 1
        deepest = max(deepest, depth)
        found.append(element)
        if len(found) >= _MAX_ELEMENTS:
            return found, f"more than {_MAX_ELEMENTS} elements"
    return found, f"nested deeper than {_MAX_DEPTH}" if deepest >= _MAX_DEPTH else ""


def _decoded(head: ResponseHead, content: bytes) -> str:
    """Decode a page: byte order mark, header, meta element, UTF-8, at last Windows-1252 as browsers do."""
    for mark, name in (
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if content.startswith(mark):
            return content.removeprefix(codecs.BOM_UTF8).decode(name, "replace")
    stated = _CHARSET.search(" ".join(head.lower.get("content-type", ())))
    within = _META_CHARSET.search(content[:1024])
    # A page whose meta element could be read is not UTF-16, whatever it says there.
    inside = within[1].decode("ascii").lower() if within else ""
    for name in (stated[1] if stated else "", "utf-8" if inside.startswith("utf-16") else inside):
        known = _known_encoding(name)
        if known:
            return content.decode(known, "replace")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def _known_encoding(name: str) -> str:
    """Return Python's name of an encoding that pages are written in, or nothing.

    Python knows others, some of which take quadratic time.
    """
    try:
        found = codecs.lookup(name).name if name else ""
    except (LookupError, ValueError):
        return ""
    return found if _ENCODING.fullmatch(found) else ""


def _base(root: Any | None, url: str) -> str:
    element = root.find(".//base[@href]") if root is not None else None
    return _absolute(url, element.get("href")) or url if element is not None else url


def _absolute(base: str, href: str) -> str:
    try:
        return urljoin(base, href.strip()[:_MAX_VALUE_CHARS])
    except ValueError:
        return ""


def _metas(elements: list[Any]) -> Iterator[tuple[str, str]]:
    for element in elements:
        if element.tag == "meta":
            name = element.get("name") or element.get("http-equiv") or element.get("property") or ""
            content = element.get("content")
            named = name.strip().lower()[:100]
            if named and content is not None and (len(content) <= _SHORT or _RIGHTS_META.search(named)):
                yield named, content


def _links(elements: list[Any], base: str) -> Iterator[PageLink]:
    for element in elements:
        if element.tag in ("a", "area", "link") and element.get("href"):
            yield PageLink(
                href=_absolute(base, element.get("href")),
                rel=tuple((element.get("rel") or "").lower().split()[:20]),
                type=(element.get("type") or "").strip().lower()[:100],
                text=" ".join(_text_of(element).split())[:200],
            )


def _scripts(elements: list[Any]) -> Iterator[PageScript]:
    for element in elements:
        if element.tag == "script":
            kind = (element.get("type") or "").partition(";")[0].strip().lower()
            text = element.text or ""
            # Shops describe their whole catalogue; what names no picture and no licence says nothing here.
            if kind == _RSL or (kind == _JSON_LD and _SPEAKS_OF_PICTURES.search(text)):
                yield PageScript(type=kind, text=text)


def _objects(elements: list[Any], base: str) -> Iterator[PageObject]:
    """Gather what microdata and RDFa describe: a property belongs to the nearest described thing above it."""
    found: dict[Any, list[tuple[str, str]]] = {}
    stated = 0
    for element in elements:
        if _type_of(element):
            found[element] = []
        name = (element.get("itemprop") or element.get("property") or "").rpartition(":")[2]
        if name not in _RIGHTS_PROPERTIES or stated >= _MAX_STATED:
            continue
        stated += 1
        owner = next((above for above in element.iterancestors() if above in found), None)
        if owner is not None and len(found[owner]) < _MAX_PROPERTIES:
            found[owner].append((name, _value_of(element, base)))
    for element, properties in found.items():
        yield PageObject(type=_type_of(element), properties=tuple(properties))


def _type_of(element: Any) -> str:
    stated = (
        element.get("itemtype") if element.get("itemscope") is not None else element.get("typeof")
    ) or ""
    return re.split(r"[/:#]", stated.split()[0])[-1][:100] if stated.strip() else ""


def _value_of(element: Any, base: str) -> str:
    for attribute in ("href", "src", "resource"):
        if element.get(attribute):
            return _absolute(base, element.get(attribute))
    return " ".join((element.get("content") or _text_of(element)).split())[:_MAX_VALUE_CHARS]


def _text_of(element: Any) -> str:
    parts: list[str] = []
    size = 0
    for part in element.itertext():
        parts.append(part)
        size += len(part)
        if size > _MAX_VALUE_CHARS:
            break
    return "".join(parts)


def _visible(root: Any) -> str:
    """Return the text that is shown, each block on a line of its own."""
    parts: list[str] = []
    hidden = 0
    for event, element in etree.iterwalk(root, events=("start", "end")):
        if event == "start":
            hidden += element.tag in _HIDDEN
            parts += ["\n"] * (element.tag in _BLOCKS)
            if element.text and not hidden:
                parts.append(_SPACE.sub(" ", element.text))
        else:
            hidden -= element.tag in _HIDDEN
            parts += ["\n"] * (element.tag in _BLOCKS)
            if element.tail and not hidden:
                parts.append(_SPACE.sub(" ", element.tail))
    lines = (" ".join(line.split()) for line in "".join(parts).split("\n"))
    return "\n".join(line for line in lines if line)
