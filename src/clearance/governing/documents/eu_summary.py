"""The public summary of training content, as far as it is about one dataset version. Pure.

The template asks about a model; what is recorded here is one version of a dataset that a model may be trained
on, so that questions about the model have no answer on record.

Source: Regulation (EU) 2024/1689 Article 53(1)(d); template of the AI Office of 24 July 2025.
"""

from __future__ import annotations

from math import ceil

from clearance.governing.documents import text
from clearance.governing.documents.document import Document, DocumentKind, Listing, Section, said
from clearance.governing.documents.facts import DatasetFacts, DomainShare

_IMAGE_BANDS = ((1_000_000, "less than 1 million images"), (1_000_000_000, "1 million to 1 billion images"))
_LISTED_SHARE = 10
"""The template asks for the top 10 % of domains by the size of what was taken."""
_CRAWLED_TITLE = "Data crawled and scraped from online sources"


def eu_summary(facts: DatasetFacts) -> Document:
    """Write the summary of one version."""
    return Document(
        kind=DocumentKind.EU_SUMMARY,
        title=f"Public summary of training content: {facts.reference}",
        standard=(
            "Regulation (EU) 2024/1689, Article 53(1)(d); template for the public summary of training"
            " content, AI Office, 24 July 2025"
        ),
        scope=(
            "It covers one dataset version and no other data of a model. The provider of a model adds what is"
            " marked as not recorded, and answers for the whole."
        ),
        sections=(
            _provider(facts),
            _model(),
            _modalities(facts),
            _public_datasets(),
            _private(facts),
            _crawled(facts),
            _others(facts),
            _reservations(facts),
            _removal(facts),
        ),
    )


def _provider(facts: DatasetFacts) -> Section:
    return Section(
        number="1.1",
        title="Provider identification",
        answers=said(
            ("Provider name and contact details", (facts.organisation, facts.contact)),
            ("Authorised representative name and contact details", None),
            ("Version of the summary, and its last update", f"{facts.reference}, {text.day(facts.made_at)}"),
            ("Links to previous versions of the summary", facts.parent or text.FIRST_VERSION),
        ),
    )


def _model() -> Section:
    return Section(
        number="1.2",
        title="Model identification",
        answers=said(
            ("Versioned model name(s)", None),
            ("Model dependencies, and links to their summaries", None),
            ("Date of placement of the model on the Union market", None),
        ),
    )


def _modalities(facts: DatasetFacts) -> Section:
    captions = f"captions of {text.pictures(facts.captions)}" if facts.captions else "none"
    return Section(
        number="1.3",
        title="Modalities, overall training data size and other characteristics",
        answers=said(
            ("Image: size", f"{_band(facts.items)} ({text.pictures(facts.items)})"),
            ("Image: types of content", "photographs and other pictures as JPEG"),
            ("Text: size and types of content", captions),
            ("Audio, video and other modalities", "none"),
            ("Latest date of data acquisition or collection", text.month(facts.collected_to)),
            ("Is the model continuously trained on new data after this date?", None),
            ("Linguistic characteristics of the captions", None),
            ("Other characteristics: balance as measured", text.audit(facts)),
        ),
    )


def _public_datasets() -> Section:
    return Section(
        number="2.1",
        title="Publicly available datasets",
        answers=said(
            (
                "Publicly available datasets that were used as such",
                None,
                "Pictures are recorded by the website that each came from, not by a list that named them.",
            ),
        ),
    )


def _private(facts: DatasetFacts) -> Section:
    licensed = text.on_basis(facts, "licence")
    return Section(
        number="2.2",
        title="Private non-publicly available datasets obtained from third parties",
        answers=said(
            (
                "2.2.1 Transactional commercial licensing agreements with rightsholders or their"
                " representatives?",
                text.yes_or_no(licensed > 0),
            ),
            (
                "2.2.1 Modalities",
                f"image: {text.pictures(licensed)}" if licensed else "none",
                f"Fetched from the licensors' hosts by {facts.user_agent}; not counted again in section 2.3."
                if licensed
                else "",
            ),
            ("2.2.2 Private datasets obtained from other third parties", None),
        ),
    )


def _crawled(facts: DatasetFacts) -> Section:
    """Count what was taken from public places: what is licensed stands in section 2.2.1, own work in 2.6."""
    crawled = text.on_basis(facts, *text.CRAWLED)
    if not crawled:
        return _not_crawled(facts)
    return Section(
        number="2.3",
        title=_CRAWLED_TITLE,
        answers=said(
            ("Were crawlers used by the provider or on its behalf?", "yes"),
            ("Crawler name(s) and identifier(s)", facts.user_agent),
            ("Purposes of the crawler(s)", f"{facts.project.use}: {facts.project.purpose}"),
            ("General description of crawler behaviour", _behaviour()),
            ("Period of data collection", text.period(facts, *text.CRAWLED)),
            ("Types of content and of online sources", text.sources(facts, *text.CRAWLED)),
            ("Modalities covered", f"image: {text.pictures(crawled)}"),
            (
                f"Top {_LISTED_SHARE} % of domains by the size of the content taken",
                _domains(facts.domains),
                "By host name as recorded, without what is licensed by contract or own work.",
            ),
        ),
    )


def _not_crawled(facts: DatasetFacts) -> Section:
    if not facts.licences:
        # Nothing is left of it that would say how it was collected.
        answer, other, note = None, None, ""
    else:
        answer, other = "no", "none"
        note = "All of it is licensed by contract (section 2.2.1) or own work (section 2.6)."
    questions = (
        *("Crawler name(s) and identifier(s)", "Purposes of the crawler(s)"),
        *("General description of crawler behaviour", "Period of data collection"),
        *("Types of content and of online sources", "Modalities covered"),
        f"Top {_LISTED_SHARE} % of domains by the size of the content taken",
    )
    return Section(
        number="2.3",
        title=_CRAWLED_TITLE,
        answers=said(
            ("Were crawlers used by the provider or on its behalf?", answer, note),
            *((question, other) for question in questions),
        ),
    )


def _others(facts: DatasetFacts) -> Section:
    own = text.on_basis(facts, "own-work")
    synthetic = None
    if facts.synthetic is not None:
        synthetic = f"{text.pictures(facts.synthetic)} whose own metadata states it"
    return Section(
        number="2.4 to 2.6",
        title="User data, synthetic data and other sources",
        answers=said(
            ("2.4 Was data from user interactions with the model used?", None),
            ("2.4 Was data of users of the provider's other services used?", None),
            ("2.5 Was synthetic, AI-generated data created by or for the provider?", None),
            ("2.5 Pictures that state that they were made by an algorithm", synthetic),
            ("2.6 Other sources: own work", text.pictures(own) if own else "none"),
        ),
    )


def _reservations(facts: DatasetFacts) -> Section:
    return Section(
        number="3.1",
        title="Respect of the reservation of rights from the text-and-data-mining exception",
        answers=said(
            ("Is the provider a signatory of the General-Purpose AI Code of Practice?", None),
            (
                "Measures before and during collection: protocols that are read and obeyed",
                facts.signals,
            ),
            (
                "Measures: how a reservation is weighed",
                (*text.reservations(facts), *((text.terms(facts),) if facts.sources else ())),
            ),
            ("Pictures taken on the exception itself", text.pictures(text.on_basis(facts, "tdm-exception"))),
        ),
    )


def _removal(facts: DatasetFacts) -> Section:
    erased = facts.items - facts.present
    return Section(
        number="3.2 and 3.3",
        title="Removal of illegal content, and other information",
        answers=said(
            ("Measures to avoid or remove illegal content", None),
            ("Members that were erased since the version was frozen", f"{erased:,}" if erased else "nothing"),
            ("Policy that the version was cleared under", f"{facts.policy_title}, {facts.policy}"),
            ("Commitment to the members, in a transparency log", facts.root),
        ),
    )


def _behaviour() -> tuple[str, ...]:
    return (
        "It says who it is on every request, with a page to write to, and follows robots.txt (RFC 9309).",
        "It stops at access controls, logins and paywalls, and has no means to pass them.",
        "Requests to a host are paced and limited a day; what has not changed is not fetched again.",
    )


def _domains(shares: tuple[DomainShare, ...]) -> Listing:
    """List the largest domains that something was crawled from, by bytes."""
    found: dict[str, tuple[int, int]] = {}
    for share in shares:
        if share.basis in text.CRAWLED:
            size, items = found.get(share.domain, (0, 0))
            found[share.domain] = (size + share.size, items + share.items)
    total = sum(size for size, _ in found.values()) or 1
    ranked = sorted(found.items(), key=lambda entry: (-entry[1][0], entry[0]))
    listed = ranked[: ceil(len(ranked) * _LISTED_SHARE / 100)]
    return Listing(
        columns=("domain", "pictures", "size", "share"),
        rows=tuple(
            (domain, f"{items:,}", text.size(size), f"{size / total:.1%}") for domain, (size, items) in listed
        ),
    )


def _band(count: int) -> str:
    return next((name for limit, name in _IMAGE_BANDS if count < limit), "more than 1 billion images")
