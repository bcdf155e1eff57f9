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


def day(moment: datetime | date | None) -> str | None:
    """Write a day; nothing where there is none."""
    return moment.strftime("%Y-%m-%d") if moment is not None else None


def month(moment: datetime | None) -> str | None:
    """Write a month as the EU template does: MM/YYYY."""
    return moment.strftime("%m/%Y") if moment is not None else None


def period(facts: DatasetFacts) -> str | None:
    """Write when the pictures were collected, in months."""
    first, last = month(facts.collected_from), month(facts.collected_to)
    return f"{first} to {last}" if first and last else None


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
        f"Detectors looked at {pictures(known.examined)} and found faces in {known.with_faces:,};"
        f" in the other {known.examined - known.with_faces:,} no face was detected, which does not mean"
        " that nobody is in them.",
        f"Consents on record that name these pictures: model releases {known.model_releases:,}, property"
        f" releases {known.property_releases:,}, withdrawn of both {known.withdrawn:,}.",
        "Nothing is inferred about anybody: no identity, gender, age, origin or mood, and no face is measured"
        " for recognition.",
    )


def processing(facts: DatasetFacts) -> tuple[str, ...]:
    """Say what was done to the pictures and which were kept out; it holds for every version."""
    told = [
        "Each picture was decoded, reduced to the longest side that the policy allows where it was larger,"
        " and encoded anew as JPEG.",
        "Of its metadata the rights information is kept; place, device, owner, names of people pictured and"
        " embedded previews are not.",
        "The balance of the selection was measured and is attached to the version.",
    ]
    if facts.withheld:
        kept_out = ", ".join(f"{name}: {count:,}" for name, count in sorted(facts.withheld.items()))
        told.append(f"Kept out before freezing, by reason: {kept_out}.")
    if facts.clusters is not None:
        told.append(f"Near copies were grouped: {facts.items:,} pictures in {facts.clusters:,} groups.")
    return tuple(told)
