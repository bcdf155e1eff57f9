"""Keep what terms pages said and what people made of them, in the control database (C1.4)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from sqlalchemy import Connection, RowMapping, Select, insert, select, update

from clearance.database import Database
from clearance.errors import BadInput, printable
from clearance.identifiers import Sha256
from clearance.sourcing.tables import terms_reviews, terms_snapshots
from clearance.sourcing.terms import (
    TermsPage,
    TermsReview,
    TermsSnapshot,
    TermsState,
    TermsVerdict,
    page_of,
)

_MAX_NAME_CHARS = 200
_MAX_NOTE_CHARS = 10_000
_ALL_BUT_TEXT = tuple(column for column in terms_snapshots.c if column.name != "text")


class TermsStore:
    """The terms of one workspace's sources; nothing that was seen or said is ever overwritten."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add_snapshot(self, snapshot: TermsSnapshot) -> bool:
        """Keep a snapshot, and tell whether it says something new.

        What was seen before in the same way gets no second row: only the day on which it was last seen, and
        what the server wants to be asked with next time.
        """
        with self._database.begin() as connection:
            known = _rows(connection, snapshot.source, snapshot.url)
            same = _same(known, snapshot)
            if same is None:
                connection.execute(insert(terms_snapshots).values(_values(snapshot)))
                return True
            connection.execute(
                update(terms_snapshots)
                .where(terms_snapshots.c.id == same["id"])
                .values(
                    seen_at=max(snapshot.seen_at, same["seen_at"]),
                    status=snapshot.status,
                    why=snapshot.why,
                    given_by_hand=snapshot.given_by_hand and same["given_by_hand"],
                    etag=snapshot.etag,
                    last_modified=snapshot.last_modified,
                )
            )
        return False

    def add_review(self, review: TermsReview) -> None:
        """Record what a named person found in the text that stands there now.

        A text that could not be read may be found to prohibit, and nothing else: a no needs no evidence.

        Raises:
            BadInput: nobody is named, the terms were not looked for, could not be read, or are others by now.
        """
        if not review.reviewer.strip():
            raise BadInput("--by is empty: a review names the person who read the terms (C1.4)")
        if len(review.reviewer) > _MAX_NAME_CHARS or len(review.note) > _MAX_NOTE_CHARS:
            raise BadInput(f"--by takes {_MAX_NAME_CHARS} characters at most, --note {_MAX_NOTE_CHARS}")
        page = self.page(review.source, review.url)
        if review.sha256 != page.sha256:
            raise BadInput(
                f"{printable(page.url)}: the text there is {page.sha256[:16]}… now, not"
                f" {printable(review.sha256[:16])}…; `clearance terms diff {review.source}` compares"
            )
        if not page.is_readable and review.verdict is not TermsVerdict.PROHIBITS:
            raise BadInput(
                f"{printable(page.url)}: there is no text to review ({page.why or 'no answer'}); save the"
                f" page with a browser, then `clearance terms fetch {review.source} --url URL --file FILE`"
            )
        with self._database.begin() as connection:
            connection.execute(
                insert(terms_reviews).values(
                    source=review.source,
                    url=page.url,
                    sha256=review.sha256,
                    verdict=review.verdict.value,
                    reviewer=review.reviewer.strip(),
                    note=review.note.strip(),
                    reviewed_at=review.reviewed_at,
                )
            )

    def pages(self, source: str) -> tuple[TermsPage, ...]:
        """Return where each terms page of a source stands, by address."""
        with self._database.begin() as connection:
            rows = _rows(connection, source)
            newest = {review.url: review for review in _reviews(connection, source)}
            pages = [
                page_of([_snapshot(row) for row in rows if row["url"] == url], newest.get(url))
                for url in sorted({row["url"] for row in rows})
            ]
            return tuple(_with_text(connection, pages))

    def page(self, source: str, url: str) -> TermsPage:
        """Return where one page stands.

        Raises:
            BadInput: it was never looked for.
        """
        pages = {page.url: page for page in self.pages(source)}
        if url not in pages:
            known = ", ".join(pages) or "none yet"
            raise BadInput(
                f"source {source!r}: no terms page {printable(url)!r} was looked for; pages: {known};"
                f" `clearance terms fetch {source}` looks"
            )
        return pages[url]

    def reviews(self, source: str) -> tuple[TermsReview, ...]:
        """Return all reviews of a source's terms, oldest first."""
        with self._database.begin() as connection:
            return tuple(_reviews(connection, source))

    def text_before(self, page: TermsPage) -> TermsSnapshot | None:
        """Return the text that the current one is compared with: the one reviewed last, else the one before.

        Nothing where no other text was ever seen.
        """
        query = (
            select(terms_snapshots)
            .where(terms_snapshots.c.source == page.latest.source, terms_snapshots.c.url == page.url)
            .where(terms_snapshots.c.state.in_((TermsState.FOUND.value, TermsState.NONE_FOUND.value)))
            .order_by(terms_snapshots.c.seen_at, terms_snapshots.c.id)
        )
        if page.review is not None:
            query = query.where(terms_snapshots.c.sha256 == page.review.sha256)
        elif page.current is not None:
            query = query.where(terms_snapshots.c.sha256 != page.current.sha256)
        with self._database.begin() as connection:
            found = connection.execute(query).mappings().all()
        return _snapshot(found[-1], text=found[-1]["text"]) if found else None


def _rows(connection: Connection, source: str, url: str = "") -> Sequence[RowMapping]:
    """Read snapshots without their texts, which are large, in the order in which they were first seen."""
    query: Select[tuple[object, ...]] = (
        select(*_ALL_BUT_TEXT).where(terms_snapshots.c.source == source).order_by(terms_snapshots.c.id)
    )
    if url:
        query = query.where(terms_snapshots.c.url == url)
    return connection.execute(query).mappings().all()


def _same(known: Sequence[RowMapping], snapshot: TermsSnapshot) -> RowMapping | None:
    """Find the row that a snapshot only confirms: what there is now, or the outage or refusal seen last."""
    if not known:
        return None
    page = page_of([_snapshot(row) for row in known], None)
    for candidate in (page.latest, page.current):
        if candidate is not None and _confirms(snapshot, candidate):
            return next(
                row
                for row in reversed(known)
                if row["state"] == candidate.state.value
                and row["sha256"] == candidate.sha256
                and row["seen_at"] == candidate.seen_at
            )
    return None


def _confirms(snapshot: TermsSnapshot, known: TermsSnapshot) -> bool:
    return snapshot.state is known.state and snapshot.sha256 == known.sha256


def _reviews(connection: Connection, source: str) -> Iterable[TermsReview]:
    query = select(terms_reviews).where(terms_reviews.c.source == source).order_by(terms_reviews.c.id)
    for row in connection.execute(query).mappings():
        yield TermsReview(
            source=row["source"],
            url=row["url"],
            sha256=Sha256(row["sha256"]),
            verdict=TermsVerdict(row["verdict"]),
            reviewer=row["reviewer"],
            note=row["note"],
            reviewed_at=row["reviewed_at"],
        )


def _with_text(connection: Connection, pages: Iterable[TermsPage]) -> Iterable[TermsPage]:
    """Put the text into what there is to read; what was seen last has either the same or none."""
    for page in pages:
        if page.current is None or page.current.state is not TermsState.FOUND:
            yield page
            continue
        query = (
            select(terms_snapshots.c.text)
            .where(terms_snapshots.c.source == page.current.source, terms_snapshots.c.url == page.url)
            .where(terms_snapshots.c.sha256 == page.current.sha256)
            .where(terms_snapshots.c.state == TermsState.FOUND.value)
            .order_by(terms_snapshots.c.id.desc())
        )
        current = replace(page.current, text=connection.execute(query).scalars().first() or "")
        yield replace(page, current=current, latest=current if page.latest == page.current else page.latest)


def _snapshot(row: RowMapping, *, text: str = "") -> TermsSnapshot:
    return TermsSnapshot(
        source=row["source"],
        url=row["url"],
        state=TermsState(row["state"]),
        text=text,
        sha256=Sha256(row["sha256"]),
        fetched_at=row["fetched_at"],
        seen_at=row["seen_at"],
        status=row["status"],
        why=row["why"],
        given_by_hand=row["given_by_hand"],
        etag=row["etag"],
        last_modified=row["last_modified"],
    )


def _values(snapshot: TermsSnapshot) -> dict[str, object]:
    return {
        "source": snapshot.source,
        "url": snapshot.url,
        "state": snapshot.state.value,
        "text": snapshot.text,
        "sha256": snapshot.sha256,
        "fetched_at": snapshot.fetched_at,
        "seen_at": snapshot.seen_at,
        "status": snapshot.status,
        "why": snapshot.why,
        "given_by_hand": snapshot.given_by_hand,
        "etag": snapshot.etag,
        "last_modified": snapshot.last_modified,
    }
