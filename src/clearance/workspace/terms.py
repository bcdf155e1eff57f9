"""Terms of service of the workspace's sources: looked at, read by a person, and what that means today."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from clearance.collecting import TermsReader, utc_now
from clearance.errors import BadInput, printable
from clearance.governing import Permission
from clearance.identifiers import Sha256, WebUrl, parse_url
from clearance.policy import Policy
from clearance.sourcing import (
    AccountStore,
    ResponseHead,
    Source,
    SourceFacts,
    SourceIndex,
    SourceStore,
    TermsPage,
    TermsReview,
    TermsSnapshot,
    TermsState,
    TermsStore,
    TermsVerdict,
    against_source,
    changes,
    found,
    needs_review,
    pages_to_read,
    passages,
)
from clearance.workspace.holding import Holding, one_of
from clearance.workspace.plain import passage_facts, terms_page_facts, terms_review_facts
from clearance.workspace.visiting import visiting

_MAX_FILE_BYTES = 20 << 20
"""A page saved with its pictures inside; what the reader of markup takes of it is bounded there."""
_TEXT_SUFFIXES = frozenset({".txt", ".md"})


class Terms:
    """The terms of a workspace's sources."""

    def __init__(self, holding: Holding) -> None:
        self._holding = holding
        self._sources = SourceStore(holding.database)
        self._accounts = AccountStore(holding.database)
        self._store = TermsStore(holding.database)

    def fetch(self, source: str, *, url: str = "") -> dict[str, Any]:
        """Look for a source's terms: at an address, or from the home page of each of its hosts.

        Raises:
            BadInput: there is no such source, the address is none, or the source names no single host.
        """
        self._holding.require(Permission.REGISTER)
        known = self._sources.get(source)
        policy = self._holding.policy
        index = SourceIndex(self._sources.list())

        async def look() -> tuple[TermsSnapshot, ...]:
            async with visiting(self._holding, policy=policy, sources=index, run="terms") as to:
                reader = TermsReader(hosts=to.hosts, policy=policy, clock=utc_now)
                return (await reader.fetch(known, url),) if url else await reader.find(known)

        with self._holding.locked():
            self._keep(source, asyncio.run(look()))
        return self._facts(known, policy)

    def record_file(self, source: str, file: Path, *, url: str) -> dict[str, Any]:
        """Keep terms that a person saved by hand, for instance behind a login.

        Raises:
            BadInput: there is no such source, the address is none, or the file holds no text.
        """
        self._holding.require(Permission.REGISTER)
        # Loaded here: the parser of markup is needed where a page is read, and nowhere else in a workspace.
        from clearance.sourcing.markup import read_text  # noqa: PLC0415

        parsed = parse_url(url)
        if not isinstance(parsed, WebUrl):
            raise BadInput(
                f"--url {printable(url)!r}: {parsed.why}; the address that the file was saved from"
            )
        kind = "text/plain" if file.suffix.lower() in _TEXT_SUFFIXES else "text/html"
        head = ResponseHead(url=parsed, status=200, headers=(("Content-Type", kind),))
        content = _read_bounded(file)
        if b"\x00" in content and not content.startswith((b"\xff\xfe", b"\xfe\xff")):
            raise BadInput(f"{file}: not text")
        page = read_text(head, content)
        snapshot = found(
            page.text, source=source, url=parsed.text, at=utc_now(), status=0, given_by_hand=True
        )
        if snapshot.state is not TermsState.FOUND:
            raise BadInput(f"{file}: {snapshot.why}")
        return self.record(source, snapshot)

    def record(self, source: str, *snapshots: TermsSnapshot) -> dict[str, Any]:
        """Keep what was seen of a source's terms; returns where they stand."""
        self._holding.require(Permission.REGISTER)
        known = self._sources.get(source)
        with self._holding.locked():
            self._keep(source, snapshots)
        return self._facts(known, self._holding.policy)

    def review(
        self, source: str, verdict: str, reviewer: str, note: str = "", url: str = "", sha256: str = ""
    ) -> dict[str, Any]:
        """Record what a person found in a source's terms, as they stand now.

        With `sha256`, the hash of the text that was read, another text that came in between is refused.

        Raises:
            BadInput: the terms were not looked for, several pages are there and none is named, or the text is
                not the one that was read.
        """
        self._holding.require(Permission.REVIEW_TERMS)
        self._sources.get(source)
        chosen = one_of(TermsVerdict, verdict, what="--verdict")
        page = self._page(source, url)
        review = TermsReview(
            source=source,
            url=page.url,
            sha256=Sha256(sha256) if sha256 else page.sha256,
            verdict=chosen,
            reviewer=reviewer,
            note=note,
            reviewed_at=utc_now(),
        )
        with self._holding.locked():
            self._store.add_review(review)
            self._holding.log_event("terms-reviewed", verdict=chosen.value)
        return terms_review_facts(review)

    def list(self) -> list[dict[str, Any]]:
        """Return where the terms of every source stand."""
        self._holding.require(Permission.VIEW)
        policy = self._holding.policy
        return [self._facts(source, policy) for source in self._sources.list()]

    def show(self, source: str) -> dict[str, Any]:
        """Return a source's terms with their texts, the passages to read first, and all reviews."""
        self._holding.require(Permission.VIEW)
        known = self._sources.get(source)
        pages = [
            {
                **terms_page_facts(page),
                "text": page.current.text if page.current is not None else "",
                "passages": [passage_facts(passage) for passage in passages(page.current.text)]
                if page.current is not None
                else [],
            }
            for page in self._store.pages(source)
        ]
        reviews = [terms_review_facts(review) for review in self._store.reviews(source)]
        return {**self._facts(known, self._holding.policy), "pages": pages, "reviews": reviews}

    def diff(self, source: str) -> dict[str, Any]:
        """Return how each page differs from the text that was reviewed, or from the one before."""
        self._holding.require(Permission.VIEW)
        self._sources.get(source)
        compared = []
        for page in self._store.pages(source):
            before = self._store.text_before(page)
            if before is None or page.current is None:
                continue
            compared.append(
                {
                    "url": page.url,
                    "from": before.sha256,
                    "to": page.current.sha256,
                    "diff": changes(before, page.current),
                }
            )
        return {"source": source, "pages": compared}

    def standing(self, source: str) -> dict[str, Any]:
        """Return what stands against a source today, in the words of the policy."""
        self._holding.require(Permission.VIEW)
        facts = self._facts(self._sources.get(source), self._holding.policy)
        return {"source": source, "may_collect": facts["may_collect"], "reasons": facts["reasons"]}

    def facts(self, source: Source) -> SourceFacts:
        """Return what the source gate weighs, as the stages know it."""
        self._holding.require(Permission.VIEW)
        return SourceFacts(
            source=source,
            pages=self._store.pages(source.name),
            accounts=self._accounts.list(source=source.name),
            now=utc_now(),
        )

    def _keep(self, source: str, snapshots: Sequence[TermsSnapshot]) -> None:
        """Keep snapshots, and log those that say something new; the workspace is locked."""
        for snapshot in snapshots:
            if snapshot.source != source:
                raise BadInput(f"terms of {printable(snapshot.source)!r} are not those of {source!r}")
            if self._store.add_snapshot(snapshot):
                self._holding.log_event("terms-fetched", state=snapshot.state.value)

    def _page(self, source: str, url: str) -> TermsPage:
        if url:
            parsed = parse_url(url)
            return self._store.page(source, parsed.text if isinstance(parsed, WebUrl) else url)
        pages = pages_to_read(self._store.pages(source))
        if not pages:
            raise BadInput(
                f"source {source!r}: its terms were not looked for; `clearance terms fetch {source}` first"
            )
        if len(pages) > 1:
            urls = ", ".join(printable(page.url) for page in pages)
            raise BadInput(f"source {source!r} has several terms pages; --url names one: {urls}")
        return pages[0]

    def _facts(self, source: Source, policy: Policy) -> dict[str, Any]:
        facts = self.facts(source)
        against = against_source(facts, policy)
        return {
            "source": source.name,
            "basis": source.basis.value,
            "needs_review": needs_review(source, policy),
            "may_collect": not against,
            "reasons": [
                {
                    "control": reason.control,
                    "rule": reason.rule.value,
                    "outcome": reason.outcome.value,
                    "text": policy.sentence(reason.rule),
                    "detail": reason.detail,
                }
                for reason in against
            ],
            "pages": [terms_page_facts(page) for page in facts.pages],
        }


def _read_bounded(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            content = opened.read(_MAX_FILE_BYTES + 1)
    except OSError as error:
        raise BadInput(f"{file}: {error.strerror}") from error
    if len(content) > _MAX_FILE_BYTES:
        raise BadInput(f"{file}: larger than {_MAX_FILE_BYTES} bytes; save the page without its pictures")
    return content
