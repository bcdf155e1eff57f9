"""Facts in words, as every document says them. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from clearance.governing.documents.document import Listing
from clearance.governing.documents.facts import DatasetFacts, LicenceShare

_UNITS = ("bytes", "kB", "MB", "GB", "TB", "PB")
BASES = {
    "licence": "licensed by contract",
    "open-licence": "open licence",
    "public-domain": "public domain",
    "own-work": "own work",
    "tdm-exception": "text-and-data-mining exception",
}
"""How the documents call the reasons why a picture may be taken."""
CRAWLED = ("open-licence", "public-domain", "tdm-exception")
"""Bases on which pictures are taken from public places; others come from licensors, or are own work."""
FIRST_VERSION = "none: the first version"


def day(moment: datetime | date | None) -> str | None:
    """Write a day; nothing where there is none."""
    return moment.strftime("%Y-%m-%d") if moment is not None else None


def month(moment: datetime | None) -> str | None:
    """Write a month as the EU template does: MM/YYYY."""
    return moment.strftime("%m/%Y") if moment is not None else None


def period(facts: DatasetFacts, *bases: str) -> str | None:
    """Write when the pictures on these bases, or on any, were collected, in months."""
    times = [source for source in facts.sources if not bases or source.basis in bases]
    if not times:
        return None
    first = min(source.collected_from for source in times)
    last = max(source.collected_to for source in times)
    return f"{month(first)} to {month(last)}"


def size(count: int) -> str:
    """Write a number of bytes."""
    value, unit = float(count), 0
    while value >= 1000 and unit < len(_UNITS) - 1:
        value, unit = value / 1000, unit + 1
    return f"{value:.1f} {_UNITS[unit]}" if unit else f"{count} bytes"


def pictures(count: int) -> str:
    """Write a number of pictures."""
    return "1 picture" if count == 1 else f"{count:,} pictures"


def yes_or_no(claim: bool) -> str:  # noqa: FBT001 - it writes the claim, whatever it is
    """Write a claim that the records decide."""
    return "yes" if claim else "no"


def sources(facts: DatasetFacts, *bases: str) -> Listing:
    """List the sources on these bases, or on any."""
    return Listing(
        columns=("source", "owner", "basis", "hosts", "pictures", "size"),
        rows=tuple(
            (
                source.name,
                source.owner or "not recorded",
                BASES.get(source.basis, source.basis),
                ", ".join(source.hosts),
                f"{source.items:,}",
                size(source.size),
            )
            for source in facts.sources
            if not bases or source.basis in bases
        ),
    )


def licences(facts: DatasetFacts) -> Listing:
    """List under what the pictures are used."""
    return Listing(
        columns=("licence", "basis", "address", "licensor", "uses", "until", "pictures"),
        rows=tuple(
            (
                each.name,
                BASES.get(each.basis, each.basis),
                each.url,
                each.licensor,
                ", ".join(each.uses),
                day(each.until) or "",
                f"{each.items:,}",
            )
            for each in facts.licences
        ),
    )


def counts_by_basis(shares: Iterable[LicenceShare]) -> dict[str, int]:
    """Count pictures by the basis that they are used on."""
    counts: dict[str, int] = {}
    for share in shares:
        counts[share.basis] = counts.get(share.basis, 0) + share.items
    return counts


def on_basis(facts: DatasetFacts, *bases: str) -> int:
    """Count the pictures that are used on these bases."""
    counts = counts_by_basis(facts.licences)
    return sum(counts.get(basis, 0) for basis in bases)


def source_names(facts: DatasetFacts) -> tuple[str, ...]:
    """Return the sources, each once."""
    return tuple(dict.fromkeys(source.name for source in facts.sources))


def terms(facts: DatasetFacts) -> str:
    """Say for how many sources a person has read the terms of service."""
    names = source_names(facts)
    read = {source.name for source in facts.sources if source.has_reviewed_terms}
    told = f"Terms of service were reviewed by a person for {len(read)} of {len(names)} sources"
    covered = {each.name for each in facts.sources if each.basis == "licence"} - read
    return f"{told}; of the others a contract covers {len(covered)}." if covered else f"{told}."


def reservations(facts: DatasetFacts) -> tuple[str, ...]:
    """Say how machine-readable reservations were weighed for these pictures."""
    told = [
        "Machine-readable reservations against the use of the project are obeyed, whoever wrote them and"
        " however; what is stated and cannot be read is held until a person has looked."
    ]
    licensed = on_basis(facts, "licence")
    if licensed and facts.lifted_signals:
        told.append(
            f"For the {pictures(licensed)} licensed by contract, the licence may answer reservations that"
            f" speak for a whole site ({', '.join(facts.lifted_signals)}; rule reservation-lifted); a"
            " picture's own is never answered by it."
        )
    first, last = day(facts.signals_read_from), day(facts.signals_read_to)
    if first and last:
        when = f"on {first}" if first == last else f"between {first} and {last}"
        longest = "1 day" if facts.recheck_days == 1 else f"{facts.recheck_days} days"
        told.append(
            f"Signals that were read more than {longest} ago are read again before a picture goes into a"
            " version, and what is refused by then is not in it; when this one was frozen, those of its"
            f" pictures had last been read {when}."
        )
    return tuple(told)


def place(facts: DatasetFacts) -> str:
    """Name the facts of place that do not go along with a picture."""
    return "place more exactly than the country" if facts.keeps_country else "place"


def copies(facts: DatasetFacts) -> str | None:
    """Say what was found of near copies; nothing where nobody looked."""
    if facts.clusters is None:
        return None
    if not facts.clusters:
        return "Near copies were looked for, and none were found with these methods."
    groups = "1 group" if facts.clusters == 1 else f"{facts.clusters:,} groups"
    return f"Near copies: {groups} of two or more pictures; one picture of each is in the version."


def audit(facts: DatasetFacts) -> Listing | None:
    """List what the balance audit found; nothing where the version carries none."""
    if facts.audit is None:
        return None
    return Listing(
        columns=("measure", "verdict", "detail"),
        rows=tuple((found.what, found.verdict, found.detail) for found in facts.audit.findings),
    )


def people(facts: DatasetFacts) -> tuple[str, ...] | None:
    """Say what is known of people in the pictures; nothing where no detector looked."""
    known = facts.people
    if known is None or not known.examined:
        return None
    return (
        f"Detectors looked at {pictures(known.examined)} and found what may be faces in"
        f" {known.with_faces:,};"
        f" in the other {known.examined - known.with_faces:,} no face was detected, which does not mean"
        " that nobody is in them.",
        f"Consents on record that name these pictures: model releases {known.model_releases:,}, property"
        f" releases {known.property_releases:,}, withdrawn of both {known.withdrawn:,}.",
        "Nothing is inferred about anybody: no identity, gender, age, origin or mood, and no face is measured"
        " for recognition.",
    )


def processing(facts: DatasetFacts) -> tuple[str, ...]:
    """Say what was done to the pictures, and which were kept out."""
    told = [
        "Each picture was decoded, reduced to the longest side that the policy allows where it was larger,"
        " and encoded anew as JPEG.",
        f"Of its metadata the rights information is kept; {place(facts)}, device, owner, names of people"
        " pictured and embedded previews are not.",
    ]
    if facts.audit is not None:
        told.append("The balance of the selection was measured and is attached to the version.")
    if facts.withheld:
        kept_out = ", ".join(f"{name}: {count:,}" for name, count in sorted(facts.withheld.items()))
        told.append(f"Kept out before freezing, by reason: {kept_out}.")
    found = copies(facts)
    if found is not None:
        told.append(found)
    return tuple(told)
