"""Terms of service: what a site's pages said when they were looked at, and what a person made of them (C1.4).

Nothing is decided here by reading: a verdict is a named person's, about one text, known by its hash.
"""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from clearance.errors import printable
from clearance.identifiers import Host, Sha256, WebUrl, parse_url, sha256_of
from clearance.sourcing.terms_passages import sentences

MAX_TERMS_CHARS = 1 << 20
"""The longest terms in use stay below a fifth of it; what is longer is not terms that a person can read."""
_MAX_WORD_CHARS = 256
"""Composing characters takes time quadratic in a run of accents; no word that people read is longer."""
_MAX_DIFF_SENTENCES = 4000
"""Comparing takes time quadratic in the worst case; terms of a megabyte have some thousand sentences."""
_CHANGED_CHARS = 4000
"""One sentence of a comparison; the splitter's own bound is lower."""

# Soft hyphens, zero-width characters, direction marks and byte order marks: nobody sees them come and go.
_INVISIBLE = dict.fromkeys(
    [0xAD, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2065), 0xFEFF]
)


class TermsState(StrEnum):
    """What was there when the terms were looked for."""

    FOUND = "found"
    NONE_FOUND = "none-found"
    """The site answered, and has no terms where one would look."""
    UNREADABLE = "unreadable"
    """There is something that could not be read: a login, a refusal, no text, too large."""
    UNREACHABLE = "unreachable"
    """No answer, or a broken one: it says nothing about the terms."""


class TermsVerdict(StrEnum):
    """What a person found the terms to say of collecting."""

    PERMITS = "permits"
    PROHIBITS = "prohibits"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True, kw_only=True)
class TermsSnapshot:
    """A terms page as it was seen."""

    source: str
    url: str
    state: TermsState
    text: str
    """The visible text, a block a line; empty unless found."""
    sha256: Sha256
    """Of the normalised text."""
    fetched_at: datetime
    """When it was first seen like this."""
    seen_at: datetime
    """When it was last seen like this."""
    status: int
    """The HTTP status; 0 where no answer came, or a person handed the page in."""
    why: str
    """Why there is no text, or empty."""
    given_by_hand: bool
    """A person saved the page, for instance behind a login."""
    etag: str = ""
    last_modified: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TermsReview:
    """What a named person found in one text."""

    source: str
    url: str
    sha256: Sha256
    """Of the normalised text that was read."""
    verdict: TermsVerdict
    reviewer: str
    note: str
    reviewed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TermsPage:
    """Where one terms page of a source stands."""

    url: str
    current: TermsSnapshot | None
    """What there is to read; nothing where the page never answered."""
    latest: TermsSnapshot
    """What was seen last; another than `current` where that was an outage."""
    review: TermsReview | None
    """The newest."""
    was_found: bool
    """There was a text here at some time."""

    @property
    def host(self) -> Host:
        """The host that the page is on; empty where its address is none."""
        parsed = parse_url(self.url)
        return parsed.host if isinstance(parsed, WebUrl) else Host("")

    @property
    def sha256(self) -> Sha256:
        """The hash of what there is to read."""
        return self.current.sha256 if self.current is not None else text_sha256("")

    @property
    def is_readable(self) -> bool:
        """Tell whether a person could read what there is, be it that there are no terms."""
        return self.current is not None and self.current.state is not TermsState.UNREADABLE

    @property
    def why(self) -> str:
        """Why there is nothing to read, or empty."""
        return self.current.why if self.current is not None else self.latest.why

    def is_due(self, now: datetime, *, interval_s: float) -> bool:
        """Tell whether it is time to look again."""
        return self.latest.seen_at + timedelta(seconds=interval_s) <= now


def found(
    text: str,
    *,
    source: str,
    url: str,
    at: datetime,
    status: int = 200,
    given_by_hand: bool = False,
    etag: str = "",
    last_modified: str = "",
) -> TermsSnapshot:
    """Make the snapshot of a page with text; one without any, or with too much, is unreadable."""
    readable = _readable(text)
    why = ""
    if len(text) > MAX_TERMS_CHARS:
        why = f"longer than {MAX_TERMS_CHARS} characters"
    elif not normalised(readable):
        why = "no text on the page"
    kept = "" if why else readable
    return TermsSnapshot(
        source=source,
        url=url,
        state=TermsState.UNREADABLE if why else TermsState.FOUND,
        text=kept,
        sha256=text_sha256(kept),
        fetched_at=at,
        seen_at=at,
        status=status,
        why=why,
        given_by_hand=given_by_hand,
        etag=etag,
        last_modified=last_modified,
    )


def without_text(
    state: TermsState, *, source: str, url: str, at: datetime, status: int = 0, why: str = ""
) -> TermsSnapshot:
    """Make the snapshot of a page that gave no text."""
    return TermsSnapshot(
        source=source,
        url=url,
        state=state,
        text="",
        sha256=text_sha256(""),
        fetched_at=at,
        seen_at=at,
        status=status,
        why=printable(why),
        given_by_hand=False,
    )


def normalised(text: str) -> str:
    """Return what the hash is of: words with one space between, composed, without what nobody sees.

    Source: Unicode Standard Annex 15, NFC.
    """
    words = text.translate(_INVISIBLE).split()
    return " ".join(
        unicodedata.normalize("NFC", word) if len(word) <= _MAX_WORD_CHARS else word for word in words
    )


def text_sha256(text: str) -> Sha256:
    """Return the hash that a text is known by."""
    return sha256_of(normalised(text).encode("utf-8", "replace"))


def page_of(snapshots: Sequence[TermsSnapshot], review: TermsReview | None) -> TermsPage:
    """Put together what is known of one address, from all its snapshots (at least one).

    An outage never replaces what was read. Nor does a page that the fetcher may not read replace the text
    that a person has saved of it: that is why it was saved.
    """
    in_order = sorted(snapshots, key=lambda snapshot: snapshot.seen_at)
    current: TermsSnapshot | None = None
    for snapshot in in_order:
        if snapshot.state is TermsState.UNREACHABLE:
            continue
        if snapshot.state is TermsState.UNREADABLE and current is not None and current.given_by_hand:
            continue
        current = snapshot
    return TermsPage(
        url=in_order[-1].url,
        current=current,
        latest=in_order[-1],
        review=review,
        was_found=any(snapshot.state is TermsState.FOUND for snapshot in in_order),
    )


def pages_to_read(pages: Iterable[TermsPage]) -> tuple[TermsPage, ...]:
    """Return the pages that a person must have read.

    Left out is a "none found" at an address that never had any, once the same host has terms elsewhere.
    """
    known = tuple(pages)
    with_text = {page.host for page in known if _state(page) is TermsState.FOUND}
    return tuple(
        page
        for page in known
        if page.was_found or _state(page) is not TermsState.NONE_FOUND or page.host not in with_text
    )


def changes(before: TermsSnapshot, after: TermsSnapshot) -> str:
    """Compare two texts sentence by sentence, as a unified diff; equal texts give an empty one."""
    old, new = _sentences(before.text), _sentences(after.text)
    cut = max(len(old), len(new)) > _MAX_DIFF_SENTENCES
    lines = list(
        difflib.unified_diff(
            old[:_MAX_DIFF_SENTENCES],
            new[:_MAX_DIFF_SENTENCES],
            fromfile=f"{before.url} {before.fetched_at.isoformat()}",
            tofile=f"{after.url} {after.fetched_at.isoformat()}",
            lineterm="",
        )
    )
    if cut:
        lines.append(f"(only the first {_MAX_DIFF_SENTENCES} sentences of each text were compared)")
    return "\n".join(lines)


def _sentences(text: str) -> list[str]:
    return [normalised(text[start:end])[:_CHANGED_CHARS] for start, end in sentences(text)]


def _state(page: TermsPage) -> TermsState | None:
    return page.current.state if page.current is not None else None


def _readable(text: str) -> str:
    """Return text that every database can keep: no null characters, no halves of characters, one line end."""
    whole = text[:MAX_TERMS_CHARS].encode("utf-8", "replace").decode("utf-8").replace("\x00", "")
    return "\n".join(line.strip() for line in whole.splitlines()).strip()
