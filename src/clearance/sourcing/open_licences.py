"""The open licences that are known, and how the many ways to write them are read as one.

Source: creativecommons.org/licenses (versions 1.0 to 4.0 and their ports), SPDX licence list,
rightsstatements.org.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenLicence:
    """A known open licence and what it asks."""

    id: str
    """SPDX's id without its port, such as `CC-BY-SA-4.0`."""
    url: str
    is_noncommercial: bool = False
    is_no_derivatives: bool = False
    is_share_alike: bool = False
    needs_attribution: bool = True
    is_public_domain: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownLicence:
    """What was stated as a licence and is none that we know."""

    stated: str
    why: str


_CC_VERSIONS = {"1.0", "2.0", "2.1", "2.5", "3.0", "4.0"}
_CC_KINDS = {
    *("by", "by-sa", "by-nd", "by-nc", "by-nc-sa", "by-nc-nd"),
    *("nc", "nd", "sa", "nc-sa", "nd-nc", "by-nd-nc"),  # 1.0 only
}
# What follows the version (port, deed, legal code, language) changes nothing. A segment cannot hold the slash
# that begins the next, so that there is one way to match and hostile addresses cost no more than others.
_CC_PATH = re.compile(r"/licenses/([a-z-]+)/(\d\.\d)(?:/[a-z0-9._-]*)*")
_CC_DEDICATION = re.compile(r"/publicdomain/(zero|mark)/1\.0(?:/.*)?")
_CC_NAME = re.compile(
    r"(?:cc|creative ?commons)[ -]?(?:attribution|by)"
    r"((?:[ -]?(?:non ?commercial|nc|share ?alike|sa|no ?deriv(?:ative)?s?|nd))*)"
    r"[ -]?v?(\d\.\d)?(?:[ -](?:international|unported|generic|igo|[a-z]{2,5}))?(?: licen[cs]e)?"
)
_CC_PARTS = (("non ?commercial|nc", "nc"), ("share ?alike|sa", "sa"), ("no ?deriv(?:ative)?s?|nd", "nd"))

_CC0 = OpenLicence(
    id="CC0-1.0",
    url="https://creativecommons.org/publicdomain/zero/1.0/",
    needs_attribution=False,
    is_public_domain=True,
)
_PDM = OpenLicence(
    id="PDM-1.0",
    url="https://creativecommons.org/publicdomain/mark/1.0/",
    needs_attribution=False,
    is_public_domain=True,
)
_OTHERS = (
    (
        OpenLicence(
            id="OGL-UK-3.0", url="https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/"
        ),
        (),
    ),
    (
        OpenLicence(
            id="etalab-2.0",
            url="https://www.etalab.gouv.fr/licence-ouverte-open-licence/",
            needs_attribution=True,
        ),
        ("licence ouverte 2.0", "open licence 2.0"),
    ),
    (OpenLicence(id="DL-DE-BY-2.0", url="https://www.govdata.de/dl-de/by-2-0"), ()),
    (
        OpenLicence(
            id="DL-DE-ZERO-2.0", url="https://www.govdata.de/dl-de/zero-2-0", needs_attribution=False
        ),
        (),
    ),
    (
        OpenLicence(id="FAL-1.3", url="https://artlibre.org/licence/lal/en/", is_share_alike=True),
        ("free art license 1.3",),
    ),
)
_NAMES: dict[str, OpenLicence] = {
    **dict.fromkeys(("cc0", "cc0 1.0", "cc0-1.0", "cc zero", "cc-zero", "cc0 1.0 universal"), _CC0),
    **dict.fromkeys(
        ("pdm", "pdm 1.0", "pdm-1.0", "public domain mark", "public domain mark 1.0", "cc-pdm-1.0"), _PDM
    ),
    **{name: licence for licence, names in _OTHERS for name in (licence.id.lower(), *names)},
}
_URLS = {
    urlsplit(licence.url).netloc + urlsplit(licence.url).path.rstrip("/"): licence for licence, _ in _OTHERS
}
_STATED_CHARS = 200
_WITH_SHORT_NAME = re.compile(r"([^()]+) \(([^()]+)\)")


def normalise_licence(text: str) -> OpenLicence | UnknownLicence:
    """Read a licence that somebody stated: a URL, an SPDX id, or a name as people write it."""
    stated = " ".join(text.split())[:_STATED_CHARS]
    if not stated:
        return UnknownLicence(stated="", why="empty")
    lowered = stated.lower().strip(" .;,")
    if "://" in lowered or lowered.startswith(
        ("creativecommons.org", "www.creativecommons.org", "rightsstatements.org")
    ):
        return _from_url(lowered, stated)
    name = lowered.replace("_", "-")
    if name in _NAMES:
        return _NAMES[name]
    if both := _WITH_SHORT_NAME.fullmatch(name):
        # "Creative Commons Attribution 4.0 International (CC BY 4.0)": one licence, if both names say so.
        long, short = (normalise_licence(part) for part in both.groups())
        agree = long == short and isinstance(long, OpenLicence)
        return long if agree else UnknownLicence(stated=stated, why="two names that do not say the same")
    match = _CC_NAME.fullmatch(name)
    if match is None:
        return UnknownLicence(stated=stated, why="not in the table of known licences")
    parts = [short for pattern, short in _CC_PARTS if re.search(pattern, match.group(1))]
    kind = "-".join(["by", *(["nc"] if "nc" in parts else []), *(part for part in parts if part != "nc")])
    return _creative_commons(kind, match.group(2) or "", stated)


def _from_url(lowered: str, stated: str) -> OpenLicence | UnknownLicence:
    try:
        parts = urlsplit(lowered if "://" in lowered else f"https://{lowered}")
    except ValueError as error:
        return UnknownLicence(stated=stated, why=str(error))
    host = parts.netloc.removeprefix("www.")
    path = unquote(parts.path)
    if host == "creativecommons.org":
        if match := _CC_DEDICATION.fullmatch(path):
            return _CC0 if match.group(1) == "zero" else _PDM
        if match := _CC_PATH.fullmatch(path):
            return _creative_commons(match.group(1), match.group(2), stated)
        return UnknownLicence(stated=stated, why="not a Creative Commons licence address")
    if host == "rightsstatements.org":
        return UnknownLicence(stated=stated, why="a rights statement describes, it does not license")
    known = _URLS.get(parts.netloc + path.rstrip("/")) or _URLS.get(f"www.{host}{path.rstrip('/')}")
    return known or UnknownLicence(stated=stated, why="not in the table of known licences")


def _creative_commons(kind: str, version: str, stated: str) -> OpenLicence | UnknownLicence:
    if kind not in _CC_KINDS:
        return UnknownLicence(stated=stated, why=f"Creative Commons has no licence {kind}")
    if version not in _CC_VERSIONS:
        return UnknownLicence(stated=stated, why="a Creative Commons licence without its version")
    elements = kind.split("-")
    return OpenLicence(
        id=f"CC-{kind.upper()}-{version}",
        url=f"https://creativecommons.org/licenses/{kind}/{version}/",
        is_noncommercial="nc" in elements,
        is_no_derivatives="nd" in elements,
        is_share_alike="sa" in elements,
        needs_attribution="by" in elements,
    )
