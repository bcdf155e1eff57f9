"""Find the terms of service of a site among the links of its home page. Pure; a suggestion in order of merit.

Source: RFC 6903 section 6 (`rel="terms-of-service"`); C1.4.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from clearance.identifiers import Host, WebUrl, parse_url
from clearance.sourcing.observed import PageLink
from clearance.sourcing.terms_passages import folded_words

RELATION = "terms-of-service"
USUAL_PATHS = ("/terms", "/terms-of-service", "/terms-of-use", "/legal", "/agb", "/cgu")
"""Asked for where a home page links no terms: few, because each is a request that nobody invited."""

_MAX_LINKS = 5000
"""A home page has some hundred; the rest of a longer list is not looked at."""
_MAX_FOUND = 8
_MAX_CHARS = 200
"""Of a link's text and path; a link whose words are longer is an article's headline, not a footer's."""

_STRONG = (
    *("terms of service", "terms of use", "terms and conditions", "terms conditions", "conditions of use"),
    *("terms", "user agreement", "website terms", "site terms", "termsofuse", "termsofservice", "tos", "tou"),
    *("conditions generales d utilisation", "conditions d utilisation", "conditions utilisation", "cgu"),
    *("nutzungsbedingungen", "nutzungsbestimmungen", "allgemeine geschaftsbedingungen", "agb"),
    *("geschaftsbedingungen", "nutzungsbedingung"),
    *("terminos y condiciones", "terminos de uso", "terminos de servicio", "terminos del servicio"),
    *("condiciones de uso", "condiciones generales de uso", "condiciones de utilizacion"),
    *("condizioni d uso", "condizioni di utilizzo", "termini e condizioni", "termini di servizio"),
    *("termini d uso", "termini di utilizzo", "condizioni generali di utilizzo", "condizioni del servizio"),
)
_WEAK = (
    *("legal", "legal notice", "legal information", "copyright", "disclaimer", "rights and permissions"),
    *("conditions generales", "conditions", "mentions legales", "informations legales"),
    *("rechtliche hinweise", "rechtliches", "nutzungshinweise", "impressum"),
    *("aviso legal", "condiciones generales", "condiciones", "informacion legal"),
    *("note legali", "condizioni generali", "condizioni", "avviso legale", "informazioni legali"),
)
_OTHER_MATTERS = frozenset(
    {
        *("privacy", "cookie", "cookies", "datenschutz", "confidentialite", "privacidad", "riservatezza"),
        *(
            "sale",
            "sales",
            "vente",
            "verkauf",
            "lieferung",
            "venta",
            "vendita",
            "shipping",
            "cgv",
            "affiliate",
        ),
        *("jobs", "careers", "newsletter", "press", "blog", "news", "category", "tag"),
    }
)
_NOT_THE_SITES = frozenset({"policies.google.com", "www.google.com"})
"""The terms of a form's spam check, linked from countless sites whose terms they are not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Candidate:
    url: str
    merit: int
    position: int


def terms_links(links: Sequence[PageLink], base_host: Host) -> tuple[str, ...]:
    """Return the addresses that may hold a site's terms, the likeliest first."""
    best: dict[str, _Candidate] = {}
    for position, link in enumerate(links[:_MAX_LINKS]):
        url = parse_url(link.href)
        if not isinstance(url, WebUrl) or url.target == "/":
            continue
        merit = _merit(link, url, base_host)
        if merit > 0 and (url.text not in best or best[url.text].merit < merit):
            best[url.text] = _Candidate(url=url.text, merit=merit, position=position)
    ranked = sorted(best.values(), key=lambda candidate: (-candidate.merit, candidate.position))
    return tuple(candidate.url for candidate in ranked[:_MAX_FOUND])


def _merit(link: PageLink, url: WebUrl, base_host: Host) -> int:
    if RELATION in link.rel:
        return 200
    text = " ".join(folded_words(link.text[:_MAX_CHARS]))
    path = " ".join(folded_words(_spoken(url.target)[:_MAX_CHARS]))
    by_text, by_path = _likeness(text, 100, 50), _likeness(path, 80, 30)
    merit = max(by_text, by_path) + (15 if by_text and by_path else 0)
    if not merit:
        return 0
    if not _OTHER_MATTERS.isdisjoint([*text.split(), *path.split()]):
        merit -= 40
    if _site(url.host) == _site(base_host):
        return merit + (10 if url.host == base_host else 0)
    # Terms may stand with the company that owns the site; then the link says plainly what it is.
    return merit - 60 if by_text == 100 and url.host not in _NOT_THE_SITES else 0


def _likeness(words: str, strong: int, weak: int) -> int:
    spoken = f" {words} "
    if any(f" {phrase} " in spoken for phrase in _STRONG):
        return strong
    return weak if any(f" {phrase} " in spoken for phrase in _WEAK) else 0


def _spoken(target: str) -> str:
    """Return a path as words: `/legal/termsOfUse.html` reads as it is spoken."""
    path = unquote(target.partition("?")[0])
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", path.rpartition(".")[0] if "." in path[-6:] else path)


def _site(host: Host) -> str:
    """Return the part of a host that names the site, near enough to rank by."""
    labels = host.partition(":")[0].split(".")
    is_country_second_level = len(labels) > 2 and len(labels[-1]) == 2 and len(labels[-2]) <= 3
    return ".".join(labels[-3:] if is_country_second_level else labels[-2:])
