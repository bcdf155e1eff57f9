"""Robots directives in a page's `meta` elements: for all crawlers (`robots`) or for one (`googlebot`).

Source: as `x_robots_tag`; C1.5.
"""

from __future__ import annotations

import re

from clearance.identifiers import WebUrl
from clearance.sourcing.observed import Page
from clearance.sourcing.signals.signal import Signal
from clearance.sourcing.signals.x_robots_tag import read_directives
from clearance.sourcing.statements import SILENCE, Reading, merge

NAME = "meta-robots"
_EVERYBODY = frozenset({"robots", "x-robots-tag"})
_CRAWLER = re.compile(
    r"bot\b|robot|crawler|spider|slurp|archiver|agent$|^(?:google|bing|yandex|baidu)[a-z-]*$"
)
# Someone may address a crawler by a name that tells nothing; then the content must be directives alone, so
# that a description that mentions one is not taken for it.
_DIRECTIVES_ALONE = re.compile(
    r"\s*(?:(?:no)?(?:index|follow|archive|snippet|imageindex|translate|cache|ai|imageai|ml)|all|none)"
    r"(?:[\s,;]+(?:(?:no)?(?:index|follow|archive|snippet|imageindex|translate|cache|ai|imageai|ml)|all|none))*\s*",
    re.IGNORECASE,
)


def read_page(page: Page, picture: WebUrl) -> Reading:  # noqa: ARG001 - a page's directives speak of all it shows
    """Read every robots directive of a page."""
    readings = [
        read_directives(
            [content],
            signal=NAME,
            where=f"meta {name}",
            evidence=page.evidence,
            is_for_everybody=name in _EVERYBODY,
        )
        for name, content in page.metas
        if name in _EVERYBODY or _CRAWLER.search(name) or _DIRECTIVES_ALONE.fullmatch(content)
    ]
    return merge(readings) if readings else SILENCE


SIGNAL = Signal(name=NAME, read_page=read_page)
