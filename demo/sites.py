"""The six sites of the demo, what each says about its pictures, and the table of URLs that names them.

The photographs, their authors and their licences are real (`photographs.py`); the sites, their names and
whatever they say beside that are invented, and marked so.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from demo.metadata import PROHIBITED, Rights, with_rights
from demo.photographs import PHOTOGRAPHS, cut, original
from demo.server import Answer

_CC = "https://creativecommons.org/licenses"
_RESERVED = Answer(
    body=json.dumps([{"location": "/", "tdm-reservation": 1}]).encode(), content_type="application/json"
)
_TDMREP = "/.well-known/tdmrep.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One row of the table of URLs."""

    path: str
    """Path on the site, or a whole URL."""
    photograph: str
    caption: str
    licence: str = ""
    """What the table says; empty where it says nothing."""
    page: str = ""
    """Path of the page that shows it; empty where the table names none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """One site: how it is registered as a source, what it answers, and the rows that name its pictures."""

    name: str
    host: str
    basis: str
    diligence: str
    says: str
    """What it says to a crawler, in a few words."""
    terms: str
    """What its terms of service say, and a person will read."""
    answers: Mapping[str, Answer]
    listed: tuple[Listed, ...]


@dataclass(slots=True)
class _Draft:
    """Gathers a site's answers and rows; `folder` goes before each file name."""

    folder: str
    answers: dict[str, Answer] = field(default_factory=dict)
    listed: list[Listed] = field(default_factory=list)

    def add(self, key: str, body: bytes, *, file: str, caption: str, licence: str = "") -> None:
        """Serve bytes as a picture and list it."""
        kind = "image/png" if file.endswith(".png") else "image/jpeg"
        self.answers[f"{self.folder}{file}"] = Answer(body=body, content_type=kind)
        self.list_only(key, file=file, caption=caption, licence=licence)

    def list_only(self, key: str, *, file: str, caption: str, licence: str = "") -> None:
        """List a picture that is served otherwise, or not at all."""
        path = file if "://" in file else f"{self.folder}{file}"
        self.listed.append(Listed(path=path, photograph=key, caption=caption, licence=licence))

    def show_on_page(self, name: str, head: str) -> None:
        """Give the picture that was added last a page that shows it, with something in its head."""
        picture = self.listed[-1]
        page = f"{self.folder}{name}.html"
        body = f"<title>{picture.caption}</title>{head}<img src='{picture.path}'>"
        self.answers[page] = _page(body)
        self.listed[-1] = replace(picture, page=page)

    def originals(self, *keys: str) -> None:
        """Add photographs as their packages carry them."""
        for key in keys:
            photograph = PHOTOGRAPHS[key]
            ending = photograph.file.rpartition(".")[2]
            self.add(key, original(key), file=f"{key}.{ending}", caption=photograph.title)

    def piece(self, name: str, *, rights: Rights | None = None, licence: str = "") -> None:
        """Add a piece, named `photograph/piece`."""
        key, _, piece = name.partition("/")
        photograph = PHOTOGRAPHS[key]
        body = cut(key, piece)
        if rights is not None:
            body = with_rights(body, replace(rights, creator=photograph.author))
        caption = photograph.pieces[piece].caption
        self.add(key, body, file=f"{key}-{piece}.jpg", caption=caption, licence=licence)

    def pieces(self, names: str, *, rights: Rights | None = None) -> None:
        """Add several pieces, a space between."""
        for name in names.split():
            self.piece(name, rights=rights)


def make_sites() -> tuple[Site, ...]:
    """Make the six sites, each with a home page that links to its terms of service."""
    made = (_archive(), _agency(), _photographer(), _news(), _forbidden(), _commons())
    return tuple(
        replace(
            site,
            answers={
                **site.answers,
                "/": _page(f"<title>{site.name}</title><a href='/terms'>Terms of service</a>"),
                "/terms": _page(f"<title>Terms of service</title><p>{site.terms}</p>"),
            },
        )
        for site in made
    )


def _page(body: str) -> Answer:
    return Answer(body=f"<!doctype html>\n{body}\n".encode(), content_type="text/html")


def _robots(rules: str) -> Answer:
    return Answer(body=f"User-agent: *\n{rules}\n".encode(), content_type="text/plain")


def _archive() -> Site:
    draft = _Draft("/pictures/", {"/robots.txt": _robots("Allow: /")})
    draft.originals("astronaut", "rocket", "hubble", "hopper")
    draft.pieces("astronaut/portrait astronaut/shuttle astronaut/helmet hopper/portrait")
    draft.pieces("rocket/pad rocket/mast hubble/northwest hubble/southeast")
    # Not public domain, and its own metadata says so (xmpRights:Marked); nothing was added to the file.
    draft.originals("flower")
    return Site(
        name="archive",
        host="archive.test",
        basis="public-domain",
        diligence="National archive; its catalogue names author and public-domain status of each item.",
        says="robots.txt welcomes crawlers",
        terms="Everybody may copy these pictures, by hand or with a crawler that identifies itself.",
        answers=draft.answers,
        listed=tuple(draft.listed),
    )


def _agency() -> Site:
    draft = _Draft("/library/", {"/robots.txt": _robots("Allow: /"), _TDMREP: _RESERVED})
    credited = Rights(credit="Example Agency (demo metadata)")
    draft.pieces("chelsea/whole chelsea/eyes chelsea/nose chelsea/ear", rights=credited)
    draft.pieces("coffee/whole coffee/cup coffee/spoon coffee/handle", rights=credited)
    draft.pieces("rocket/lights hubble/northeast", rights=credited)
    draft.piece("coffee/crema", rights=Rights(data_mining=PROHIBITED))
    editorial = _Draft("/editorial/", draft.answers, draft.listed)
    editorial.piece("chelsea/profile", rights=credited)
    return Site(
        name="agency",
        host="agency.test",
        basis="licence",
        diligence="Picture agency; framework contract EX-2026-04 warrants the consent of contributors.",
        says="tdmrep.json reserves everything; our contract answers for /library/",
        terms="Pictures are licensed by contract only. Text and data mining is reserved.",
        answers=draft.answers,
        listed=tuple(draft.listed),
    )


def _photographer() -> Site:
    draft = _Draft("/portfolio/", {"/robots.txt": _robots("Allow: /")})
    stated = Rights(licence_url=PHOTOGRAPHS["china"].licence_url, is_fictional=False)
    draft.pieces("china/whole china/roof china/lake china/galleries", rights=stated)
    refused = Rights(licence_url=PHOTOGRAPHS["chelsea"].licence_url, data_mining=PROHIBITED)
    draft.pieces("chelsea/eye chelsea/cheek chelsea/fur", rights=refused)
    # The picture itself says nothing; the page that shows it names its licence.
    draft.piece("grass/clover")
    described = {
        "@type": "ImageObject",
        "contentUrl": f"{draft.folder}grass-clover.jpg",
        "license": PHOTOGRAPHS["grass"].licence_url,
        "creditText": PHOTOGRAPHS["grass"].author,
    }
    json_ld = f'<script type="application/ld+json">{json.dumps(described)}</script>'
    draft.show_on_page("clover", json_ld)
    draft.piece("coffee/handle", rights=Rights(licence_url=PHOTOGRAPHS["coffee"].licence_url))
    draft.show_on_page("handle", "<meta name='robots' content='noai, noimageai'>")
    return Site(
        name="photographer",
        host="photographer.test",
        basis="open-licence",
        diligence="Portfolio of working photographers; each picture states its licence in its metadata.",
        says="some pictures say CC BY, some refuse generative AI, in XMP; one page says noai",
        terms="Each picture states its licence. Crawlers are welcome at a moderate pace.",
        answers=draft.answers,
        listed=tuple(draft.listed),
    )


def _news() -> Site:
    draft = _Draft("/2026/11/", {"/robots.txt": _robots("Allow: /"), _TDMREP: _RESERVED})
    draft.pieces("hubble/southwest hubble/centre rocket/nose astronaut/patch hopper/ribbons hopper/flag")
    return Site(
        name="news",
        host="news.test",
        basis="public-domain",
        diligence="Daily newspaper; its picture desk marks handouts of NASA and US Navy as public domain.",
        says="tdmrep.json reserves everything",
        terms="You may read our pages and follow our links. Automated access at a moderate pace is fine.",
        answers=draft.answers,
        listed=tuple(draft.listed),
    )


def _forbidden() -> Site:
    draft = _Draft("/img/", {"/robots.txt": _robots("Disallow: /")})
    draft.pieces("coffee/whole chelsea/whole rocket/tower hubble/centre")
    return Site(
        name="forbidden",
        host="forbidden.test",
        basis="public-domain",
        diligence="Museum shop; its imprint says that the pictures are free of rights.",
        says="robots.txt disallows everything",
        terms="Please enjoy our shop.",
        answers=draft.answers,
        listed=tuple(draft.listed),
    )


def _commons() -> Site:
    draft = _Draft("/files/", {"/robots.txt": _robots("Allow: /")})
    # Stated as it is
    draft.piece("flower/petals", licence="CC BY 2.0")
    draft.piece("flower/second", licence=f"{_CC}/by/2.0/")
    draft.piece("flower/whole", licence="cc-by-2.0")
    draft.piece("grass/whole", licence="CC0 1.0")
    draft.piece("coffee/tall", licence="https://creativecommons.org/publicdomain/zero/1.0/deed.de")
    # Invented, on copies that are CC0 or public domain: the table is the demo's, and says what it likes
    draft.piece("rocket/tower", licence="CC BY-SA 4.0")
    draft.piece("hubble/centre", licence=f"{_CC}/by-sa/3.0/de/")
    draft.piece("hopper/flag", licence="CC-BY-4.0")
    draft.piece("coffee/saucer", licence="CC BY-NC 4.0")
    draft.piece("chelsea/nose", licence=f"{_CC}/by-nc-sa/3.0/")
    draft.piece("chelsea/ear", licence="CC BY-ND 4.0")
    draft.piece("rocket/nose", licence="free for editorial use")
    draft.piece("coffee/table", licence="CC0 1.0")
    refused = f"{draft.folder}coffee-table.jpg"
    draft.answers[refused] = Answer(
        body=draft.answers[refused].body, content_type="image/jpeg", headers={"X-Robots-Tag": "noai"}
    )
    _add_broken(draft)
    return Site(
        name="commons",
        host="commons.test",
        basis="open-licence",
        diligence="Open-licence collection; uploads are reviewed, the licence of each stands in its table.",
        says="a licence for each picture in the table; one X-Robots-Tag: noai; some broken files",
        terms="Uploads stand under the licence that their page states. Bulk downloads are allowed.",
        answers=draft.answers,
        listed=tuple(draft.listed),
    )


def _add_broken(draft: _Draft) -> None:
    """Add what every large table of URLs holds too."""
    draft.list_only("coffee", file="gone.jpg", caption="A picture that was deleted", licence="CC0 1.0")
    page = b"<!doctype html><title>Sign in</title><p>Please sign in to see this picture.\n"
    draft.add(
        "chelsea", page, file="sign-in.jpg", caption="A web page named like a picture", licence="CC0 1.0"
    )
    whole = cut("chelsea", "whole")
    half = whole[: len(whole) // 2]
    draft.add("chelsea", half, file="half.jpg", caption="An upload that broke off", licence="CC0 1.0")
    draft.list_only("chelsea", file="file:///etc/passwd", caption="Not a web address", licence="CC0 1.0")
    stranger = "http://stranger.test/files/cat.jpg"
    draft.list_only("chelsea", file=stranger, caption="A site that nobody looked into", licence="CC0 1.0")
