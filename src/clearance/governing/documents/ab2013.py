"""The statement on training data that California asks of generative systems, as far as it is about one
dataset version. Pure.

Source: California Civil Code section 3111 (AB 2013), points 1 to 12.
"""

from __future__ import annotations

from clearance.governing.documents import text
from clearance.governing.documents.document import Document, DocumentKind, Section, said
from clearance.governing.documents.facts import DatasetFacts


def ab2013(facts: DatasetFacts) -> Document:
    """Write the statement about one version: the twelve points, in their order."""
    return Document(
        kind=DocumentKind.AB2013,
        title=f"Training data statement: {facts.reference}",
        standard="California Civil Code section 3111 (AB 2013)",
        scope=(
            "It is a high-level summary of one dataset version. The developer of a system adds other data"
            " that it was trained on, and what is marked as not recorded."
        ),
        sections=(
            _sources_and_data(facts),
            _rights(facts),
            _people_and_processing(facts),
            _times(facts),
        ),
    )


def _sources_and_data(facts: DatasetFacts) -> Section:
    purpose = f"collected for {facts.project.use}: {facts.project.purpose}"
    return Section(
        number="1 to 4",
        title="Sources and data points",
        answers=said(
            ("1. Sources or owners of the datasets", text.sources(facts)),
            ("2. How the datasets further the intended purpose of the system", purpose),
            ("3. Number of data points", text.pictures(facts.items)),
            ("4. Types of data points", _types(facts)),
        ),
    )


def _rights(facts: DatasetFacts) -> Section:
    free = text.on_basis(facts, "public-domain")
    return Section(
        number="5 and 6",
        title="Rights",
        answers=said(
            (
                "5. Whether data is protected by copyright, trademark or patent, or is in the public domain",
                (
                    f"{text.pictures(free)} in the public domain, as their sources state",
                    f"{text.pictures(facts.items - free)} that copyright may protect, used as listed below",
                ),
                "Trademarks and patents are not recorded.",
            ),
            ("5. What the pictures are used under", text.licences(facts)),
            ("6. Whether the datasets were purchased or licensed", _licensed(facts)),
        ),
    )


def _people_and_processing(facts: DatasetFacts) -> Section:
    return Section(
        number="7 to 9",
        title="Personal information, and what was done to the data",
        answers=said(
            ("7. Whether there is personal information (section 1798.140(v))", _personal(facts)),
            ("8. Whether there is aggregate consumer information (section 1798.140(b))", None),
            ("9. Cleaning, processing or other modification, and its purpose", text.processing(facts)),
        ),
    )


def _times(facts: DatasetFacts) -> Section:
    synthetic = None
    if facts.synthetic is not None:
        synthetic = f"{text.pictures(facts.synthetic)} state in their metadata that an algorithm made them"
    day = text.day(facts.project.ends)
    ends = f"the project ends on {day}" if day else "the project states no end"
    return Section(
        number="10 to 12",
        title="Times, and synthetic data",
        answers=said(
            ("10. Time period during which the data was collected", text.period(facts)),
            ("10. Whether the collection is ongoing", ends, "This version is frozen and does not grow."),
            ("11. Dates the datasets were first used in the development of the system", None),
            ("12. Whether the system uses synthetic data generation", None),
            ("12. Synthetic pictures among the data points", synthetic),
        ),
    )


_LICENSED = {
    "licence": "{pictures} licensed by contract: {names}; what was paid is not recorded",
    "open-licence": "{pictures} under open licences: {names}",
    "public-domain": "{pictures} in the public domain, as their sources state: no licence, no purchase",
    "own-work": "{pictures} of own work: no licence, no purchase",
    "tdm-exception": "{pictures} under the text-and-data-mining exception: no licence, no purchase",
}


def _licensed(facts: DatasetFacts) -> tuple[str, ...]:
    """Say it by the bases: a public licence is one, too."""
    told = []
    for basis, count in text.counts_by_basis(facts.licences).items():
        shares = [share for share in facts.licences if share.basis == basis]
        names = (f"{each.name} with {each.licensor}" if each.licensor else each.name for each in shares)
        told.append(_LICENSED[basis].format(pictures=text.pictures(count), names=", ".join(names)))
    if told and not text.on_basis(facts, "licence"):
        told.insert(0, "not purchased")
    return tuple(told)


def _personal(facts: DatasetFacts) -> tuple[str, ...]:
    return (
        f"{text.pictures(facts.named_creators)} with a named creator in their metadata",
        f"{text.pictures(facts.captions)} with a caption, which may be about people",
        *(text.people(facts) or ()),
    )


def _types(facts: DatasetFacts) -> tuple[str, ...]:
    return (
        "pictures, without labels",
        f"captions: {text.pictures(facts.captions)} with one",
        "facts of each picture: address, source, basis, licence, credit, content IDs",
    )
