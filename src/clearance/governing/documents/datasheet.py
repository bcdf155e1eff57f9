"""A datasheet: the questions of Gebru et al., answered from what is recorded about one dataset version. Pure.

Source: Gebru et al., Datasheets for Datasets, Communications of the ACM 64(12), 2021; C1.2, C4.2.
"""

from __future__ import annotations

from clearance.governing.documents import text
from clearance.governing.documents.document import Document, DocumentKind, Listing, Section, counted, said
from clearance.governing.documents.facts import DatasetFacts


def datasheet(facts: DatasetFacts) -> Document:
    """Write the datasheet of one version."""
    return Document(
        kind=DocumentKind.DATASHEET,
        title=f"Datasheet: {facts.reference}",
        standard="Gebru et al., Datasheets for Datasets, Communications of the ACM 64(12), 2021",
        scope="It is written from the records of the workspace; what people know beside them is not in it.",
        sections=(
            _motivation(facts),
            _composition(facts),
            _people(facts),
            _collection(facts),
            _processing(facts),
            _uses(facts),
            _distribution(facts),
            _maintenance(facts),
        ),
    )


def _motivation(facts: DatasetFacts) -> Section:
    return Section(
        number="1",
        title="Motivation",
        answers=said(
            ("For what purpose was the dataset created?", facts.project.purpose),
            ("Who created it, and on behalf of whom?", facts.organisation),
            ("Who funded its creation?", None),
            ("What is it made for?", f"{facts.kind} use; project {facts.project.name}, {facts.project.use}"),
        ),
    )


def _composition(facts: DatasetFacts) -> Section:
    subjects = facts.project.subjects
    return Section(
        number="2",
        title="Composition",
        answers=said(
            ("What do the instances represent?", "pictures: photographs and other images, as JPEG"),
            ("How many are there?", f"{facts.items:,} when it was frozen, {facts.present:,} of them today"),
            ("Is it a sample of a larger set, and is it representative?", _sample(facts)),
            ("What does each instance consist of?", _instance()),
            (
                "Is there a label or target with each?",
                "none was added; captions are as their sources gave them",
            ),
            ("Is information missing from instances?", f"{facts.items - facts.captions:,} have no caption"),
            ("Are relationships between instances explicit?", text.copies(facts)),
            ("Are there recommended splits?", "none"),
            ("Are there errors, noise or redundancies?", text.audit(facts)),
            ("Is it self-contained, or does it rely on others?", "self-contained: the pictures are kept"),
            ("What subjects does it cover?", subjects or None, "As the project asks for them."),
            ("How large are the pictures?", _sides(facts)),
        ),
    )


def _people(facts: DatasetFacts) -> Section:
    risk = facts.risk
    return Section(
        number="2, people",
        title="People in the dataset",
        answers=said(
            ("Does it contain data that may be confidential?", None),
            ("Does it contain what may be offensive, insulting or threatening?", None),
            ("Does it relate to people?", text.people(facts)),
            ("Were people expected in it before collecting?", risk.people if risk else None),
            ("Were minors expected in it?", risk.minors if risk else None),
            ("Does it identify subpopulations, such as by age or gender?", _subpopulations()),
            ("Is it possible to identify individuals?", None),
            ("Does it contain data that is sensitive in another way?", None),
        ),
    )


def _collection(facts: DatasetFacts) -> Section:
    risk = facts.risk
    consents = text.people(facts)
    return Section(
        number="3",
        title="Collection process",
        answers=said(
            ("How was the data of each instance acquired?", text.sources(facts)),
            ("What mechanisms were used?", f"the crawler {facts.user_agent}, and the gates of {facts.tool}"),
            ("If it is a sample, what was the strategy?", _sample(facts)),
            ("Who was involved, and how were they paid?", None),
            ("Over what time was it collected?", text.period(facts)),
            ("Were ethical or impact reviews made?", _review(facts)),
            ("Were the people pictured asked?", consents[1:2] if consents else None),
            ("May they withdraw?", "yes; a withdrawal takes their pictures out of every later version"),
            (
                "Was the effect on the people concerned analysed?",
                Listing(
                    columns=("harm", "before measures", "measures", "left"),
                    rows=tuple((h.harm, h.before, "; ".join(h.measures), h.left) for h in risk.harms),
                )
                if risk
                else None,
            ),
        ),
    )


def _processing(facts: DatasetFacts) -> Section:
    return Section(
        number="4",
        title="Preprocessing, cleaning and labelling",
        answers=said(
            ("Was anything done to the data?", text.processing(facts)),
            ("Was the raw data kept?", "no: pictures are kept as they were encoded anew, with its hash"),
            ("Is the software available?", facts.tool),
        ),
    )


def _uses(facts: DatasetFacts) -> Section:
    return Section(
        number="5",
        title="Uses",
        answers=said(
            ("Has it been used already?", _exports(facts)),
            ("Where are uses of it listed?", None),
            ("What could it be used for?", f"{facts.project.use}: {facts.project.purpose}"),
            ("What about its composition may affect uses?", text.audit(facts)),
            ("What should it not be used for?", _not_for(facts)),
        ),
    )


def _distribution(facts: DatasetFacts) -> Section:
    return Section(
        number="6",
        title="Distribution",
        answers=said(
            ("Is it given to third parties?", None),
            ("How is it distributed?", "as files that each carry licence and credit of every picture"),
            ("When?", f"frozen on {text.day(facts.frozen_at)}"),
            ("Under what licence?", text.licences(facts), "Each picture keeps its own."),
            ("How do the pictures stand with credits?", counted(facts.credits, "credit")),
            ("Do export controls apply?", None),
        ),
    )


def _maintenance(facts: DatasetFacts) -> Section:
    erased = facts.items - facts.present
    return Section(
        number="7",
        title="Maintenance",
        answers=said(
            ("Who maintains it, and how can they be reached?", (facts.organisation, facts.contact)),
            ("Is there an erratum?", f"{erased:,} members were erased since" if erased else "nothing"),
            ("Will it be updated?", "a version never changes; it can only shrink, by a new version"),
            (
                "Is there a limit to how long data is kept?",
                Listing(
                    columns=("what", "days"),
                    rows=tuple((name, str(days)) for name, days in sorted(facts.retention.items())),
                ),
                "Licensed pictures go with their licence, whatever the clocks say.",
            ),
            ("Are older versions supported?", _parent(facts)),
            ("Can others extend it?", "no: a version never grows"),
            (
                "What was erased in this workspace, by reason?",
                counted(facts.erasures, "reason") if facts.erasures else "nothing",
            ),
        ),
    )


def _sample(facts: DatasetFacts) -> str:
    return (
        f"a selection: what the gates cleared of what was collected for the project, whose target is"
        f" {text.pictures(facts.project.target)}"
    )


def _instance() -> tuple[str, ...]:
    return (
        "the picture as JPEG, with its rights metadata",
        "address, source, basis, licence, credit line, caption where there is one",
        "content IDs: SHA-256 as received and as kept, ISCC (ISO 24138)",
    )


def _sides(facts: DatasetFacts) -> str | None:
    if facts.longest_sides is None:
        return None
    least, median, most = facts.longest_sides
    return f"longest side from {least} to {most} pixels, half of them {median} or more"


def _subpopulations() -> str:
    return "nothing is inferred about people; only what model releases declare is counted, in groups"


def _review(facts: DatasetFacts) -> str | None:
    risk = facts.risk
    if risk is None:
        return None
    return f"a risk analysis, signed on {risk.signed_at}, {risk.state}: {risk.decision.replace('-', ' ')}"


def _not_for(facts: DatasetFacts) -> tuple[str, ...]:
    told = ["what a picture's licence does not grant: uses are checked again at every export"]
    told.append("recognition of people: no consent on record is taken for it unless it says so")
    if facts.kind == "editorial":
        told.append("anything but editorial use")
    return tuple(told)


def _exports(facts: DatasetFacts) -> str:
    if not facts.exports:
        return "it was not exported"
    return "exported once" if facts.exports == 1 else f"exported {facts.exports:,} times"


def _parent(facts: DatasetFacts) -> str:
    return f"its parent is {facts.parent}" if facts.parent else text.FIRST_VERSION
