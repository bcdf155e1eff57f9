"""Reviews: what a person said of something that was found in a picture, or of its hold.

A review speaks of the very bytes that were looked at: a picture that was made anew is looked at anew. What
clears a picture's text or its rights speaks of them too: the same bytes under another caption, from another
address or source, are looked at anew. The last word on a finding counts, and the earlier ones stay on record.
Pure.

Source: C4.1, P2.1.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from clearance.errors import BadInput, printable
from clearance.identifiers import ItemId, Sha256, sha256_of

MAX_NOTE_CHARS = 1000


class Finding(StrEnum):
    """What was found, and waits for a person."""

    HOLD = "hold"
    """The picture was held when it was collected or asked about again."""
    PEOPLE = "people"
    PROPERTY = "property"
    MARK = "mark"
    PERSONAL_DATA = "personal-data"


class ReviewVerdict(StrEnum):
    """What a person says of it."""

    CLEAR = "clear"
    STANDS = "stands"


class ReviewReason(StrEnum):
    """Why, in one word; the note says the rest."""

    NOT_RECOGNISABLE = "not-recognisable"
    CROWD = "crowd"
    STATUE_OR_ARTWORK = "statue-or-artwork"
    ANIMAL = "animal"
    FALSE_POSITIVE = "false-positive"
    EXCLUSIONS_READ = "exclusions-read"
    """The exclusions of the model releases or property releases were read, and this use is not among them."""
    RELEASE_CHECKED = "release-checked"
    """The model releases or property releases were compared with the picture: they are of it, and of whom or
    what it shows, whatever date or age is not stated.
    """
    RECOGNISABLE = "recognisable"
    NO_PROPERTY = "no-property"
    """Nothing in it needs a property release."""
    PROPERTY_SHOWN = "property-shown"
    IN_THE_SCENE = "in-the-scene"
    """The mark is a thing in the picture, such as the sign of a building."""
    RIGHTS_CLEARED = "rights-cleared"
    FOREIGN_MARK = "foreign-mark"
    RIGHTS_CONTACT = "rights-contact"
    """The data is how a rights holder asks to be named or reached."""
    NOT_A_PERSON = "not-a-person"
    """The data is of no person: a firm's number, a code."""
    PERSONAL = "personal"
    CHECKED = "checked"
    """Whatever held the picture was looked into."""


RECORD_CHECKS = frozenset({ReviewReason.EXCLUSIONS_READ, ReviewReason.RELEASE_CHECKED})
"""What a person says who held model releases or property releases against a picture."""
_OF_THE_BYTES = frozenset({Finding.PEOPLE, Finding.PROPERTY})
"""What a picture shows, wherever it comes from and whatever is written beside it."""

REASONS: Mapping[tuple[Finding, ReviewVerdict], frozenset[ReviewReason]] = {
    (Finding.PEOPLE, ReviewVerdict.CLEAR): frozenset(
        {
            ReviewReason.NOT_RECOGNISABLE,
            ReviewReason.CROWD,
            ReviewReason.STATUE_OR_ARTWORK,
            ReviewReason.ANIMAL,
            ReviewReason.FALSE_POSITIVE,
            ReviewReason.EXCLUSIONS_READ,
            ReviewReason.RELEASE_CHECKED,
        }
    ),
    (Finding.PEOPLE, ReviewVerdict.STANDS): frozenset({ReviewReason.RECOGNISABLE}),
    (Finding.PROPERTY, ReviewVerdict.CLEAR): frozenset(
        {ReviewReason.NO_PROPERTY, ReviewReason.EXCLUSIONS_READ, ReviewReason.RELEASE_CHECKED}
    ),
    (Finding.PROPERTY, ReviewVerdict.STANDS): frozenset({ReviewReason.PROPERTY_SHOWN}),
    (Finding.MARK, ReviewVerdict.CLEAR): frozenset(
        {ReviewReason.IN_THE_SCENE, ReviewReason.RIGHTS_CLEARED, ReviewReason.FALSE_POSITIVE}
    ),
    (Finding.MARK, ReviewVerdict.STANDS): frozenset({ReviewReason.FOREIGN_MARK}),
    (Finding.PERSONAL_DATA, ReviewVerdict.CLEAR): frozenset(
        {ReviewReason.RIGHTS_CONTACT, ReviewReason.NOT_A_PERSON, ReviewReason.FALSE_POSITIVE}
    ),
    (Finding.PERSONAL_DATA, ReviewVerdict.STANDS): frozenset({ReviewReason.PERSONAL}),
    (Finding.HOLD, ReviewVerdict.CLEAR): frozenset({ReviewReason.CHECKED}),
    (Finding.HOLD, ReviewVerdict.STANDS): frozenset({ReviewReason.CHECKED}),
}
"""Which reasons may be given for which answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """One answer of one person about one finding in one picture."""

    item: ItemId
    finding: Finding
    verdict: ReviewVerdict
    reason: ReviewReason
    note: str
    by: str
    at: datetime
    picture_sha256: Sha256
    """Of the bytes in the vault that were looked at."""
    subject_sha256: Sha256
    """Of those bytes with their text and rights (`reviewed_subject`)."""


def reviewed_subject(record: Mapping[str, Any]) -> Sha256:
    """Return a hash over what a reviewer of text and rights looks at: a record's bytes, as received and as
    kept, its address, source and licence, and what its table says of it.
    """
    looked_at = [record["sha256"], record["picture"]["kept"]["sha256"], record["url"], record["source"]]
    looked_at += [record["licence"], record["row"]]
    return sha256_of(json.dumps(looked_at, sort_keys=True).encode())


def checked_review(review: Review) -> Review:
    """Return a review as it is kept, or refuse it.

    Raises:
        BadInput: the reason is none for this finding and verdict, or nothing is said in the note.
    """
    allowed = REASONS[review.finding, review.verdict]
    if review.reason not in allowed:
        known = ", ".join(reason.value for reason in ReviewReason if reason in allowed)
        raise BadInput(
            f"--reason {review.reason.value}: for {review.finding.value} and {review.verdict.value} one of"
            f" {known}"
        )
    note = review.note.strip()
    if not note or len(note) > MAX_NOTE_CHARS or not note.replace("\n", " ").isprintable():
        raise BadInput(
            f"--note {printable(note, max_chars=60)!r}: what was seen, in 1 to {MAX_NOTE_CHARS} printable"
            " characters"
        )
    return review


def speaking_of(reviews: Iterable[Review], *, subject: Sha256) -> tuple[Review, ...]:
    """Return those reviews of some bytes that count for one record of them: all of what the bytes show, and
    all doubts; what clears text or rights only where they are these.
    """
    return tuple(
        review
        for review in reviews
        if review.finding in _OF_THE_BYTES
        or review.verdict is ReviewVerdict.STANDS
        or review.subject_sha256 == subject
    )


def standing(reviews: Iterable[Review], *, picture: str) -> dict[Finding, Review]:
    """Return the last review of each finding that was made of these very bytes."""
    last: dict[Finding, Review] = {}
    for review in reviews:
        known = last.get(review.finding)
        if review.picture_sha256 == picture and (known is None or known.at <= review.at):
            last[review.finding] = review
    return last


def record_checks(
    reviews: Iterable[Review], *, finding: Finding, picture: str
) -> Mapping[ReviewReason, Review]:
    """Return what people last said of the records on a finding in these very bytes, by reason.

    One does not take the place of the other; whatever else is said of the finding takes the place of both.
    """
    checks: dict[ReviewReason, Review] = {}
    for review in sorted(reviews, key=lambda each: each.at):
        if review.finding is not finding or review.picture_sha256 != picture:
            continue
        if review.reason in RECORD_CHECKS:
            checks[review.reason] = review
        else:
            checks.clear()
    return checks
