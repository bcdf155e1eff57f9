"""Reviews: a person's word on what was found in a picture, or on its hold."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from clearance.collecting import Verdict, stored_sha256, utc_now
from clearance.curating import (
    RECORD_CHECKS,
    Finding,
    Review,
    ReviewReason,
    ReviewVerdict,
    checked_review,
    declared_in,
    pictured_of,
    require_effect,
    reviewed_subject,
    speaking_of,
    standing,
)
from clearance.errors import BadInput, printable
from clearance.governing import Permission
from clearance.identifiers import ItemId
from clearance.register import StoredItem
from clearance.workspace.holding import Holding, one_of
from clearance.workspace.origins import Licences
from clearance.workspace.records import stored_item
from clearance.workspace.resolving import release, require_newest


class Reviews:
    """The reviews of a workspace."""

    def __init__(
        self, holding: Holding, licences: Licences, *, clock: Callable[[], datetime] = utc_now
    ) -> None:
        self._holding = holding
        self._licences = licences
        self._clock = clock

    def review(self, item: str, *, finding: str, verdict: str, reason: str, note: str) -> dict[str, Any]:
        """Record what a person says of a finding in the bytes that are in the vault now.

        Raises:
            BadInput: there is no such item, a newer record stands for it, it has no picture, a value cannot
                be used, or the review could lift nothing.
            Refused: a hold is cleared that no person of ours may clear.
        """
        self._holding.require(Permission.REVIEW)
        found = one_of(Finding, finding, what="--finding")
        said = one_of(ReviewVerdict, verdict, what="--verdict")
        why = one_of(ReviewReason, reason, what="--reason")
        with self._holding.locked():
            stored = stored_item(self._holding, item)
            require_newest(self._holding, stored)
            if not stored.shard:
                raise BadInput(
                    f"item {printable(item)}: no picture of it is kept, so there is none to look at"
                )
            review = checked_review(
                Review(
                    item=ItemId(stored.record["item_id"]),
                    finding=found,
                    verdict=said,
                    reason=why,
                    note=note,
                    by=self._holding.actor.name,
                    at=self._clock(),
                    picture_sha256=stored_sha256(stored.record),
                    subject_sha256=reviewed_subject(stored.record),
                )
            )
            self._require_effect(stored, review)
            self._holding.note_read("items review", items=1, item=item)
            self._holding.publish_policy()
            # What cannot be released is refused before anything says that it was.
            released = self._released(stored, review)
            self._holding.log_event("finding-reviewed", finding=found.value, verdict=said.value)
            self._holding.reviews.add(review)
        return {**review_facts(review), **released}

    def _require_effect(self, stored: StoredItem, review: Review) -> None:
        """Refuse what is said of model releases or property releases where it could lift nothing."""
        if review.reason not in RECORD_CHECKS:
            return
        pictured = pictured_of(stored.record)
        covered_by = self._holding.consents.index().covering(pictured)
        require_effect(review, pictured, declared_in(stored.record), covered_by, self._holding.policy)

    def _released(self, stored: StoredItem, review: Review) -> dict[str, Any]:
        """Release a held picture whose hold a person cleared; of a kept one they take back that it stands."""
        if review.finding is not Finding.HOLD or review.verdict is not ReviewVerdict.CLEAR:
            return {}
        if stored.record["decision"] == Verdict.KEPT.value and self._has_standing_hold(review):
            return {}
        said = {"by": review.by, "reason": review.reason.value, "note": review.note.strip()}
        return release(self._holding, self._licences, stored, **said)

    def _has_standing_hold(self, review: Review) -> bool:
        known = self._holding.reviews.of([review.picture_sha256]).get(review.picture_sha256, ())
        last = standing(speaking_of(known, subject=review.subject_sha256), picture=review.picture_sha256).get(
            Finding.HOLD
        )
        return last is not None and last.verdict is ReviewVerdict.STANDS

    def of(self, item: str) -> list[dict[str, Any]]:
        """Return the reviews of one item, oldest first; earlier ones of the same finding stay on record.

        Raises:
            BadInput: there is no such item.
        """
        self._holding.require(Permission.READ)
        stored = stored_item(self._holding, item)
        self._holding.note_read("items reviews", items=1, item=item)
        picture = stored_sha256(stored.record)
        return [review_facts(review) for review in self._holding.reviews.of([picture]).get(picture, ())]


def review_facts(review: Review) -> dict[str, Any]:
    """Return a review as plain values."""
    return {
        "item": review.item,
        "finding": review.finding.value,
        "verdict": review.verdict.value,
        "reason": review.reason.value,
        "note": review.note.strip(),
        "by": review.by,
        "at": review.at.isoformat(),
        "picture_sha256": review.picture_sha256,
    }
