"""What is not needed is proposed with its reason; what stays is licensed first, then larger, then earlier."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearance.identifiers import ItemId, Sha256
from clearance.keeping import Candidate, NotNeeded, propose
from clearance.policy import PruneLimits, default_policy_bytes, read_policy

pytestmark = pytest.mark.control("C3.1", "C3.4")
LIMITS = read_policy(default_policy_bytes()).parameters(PruneLimits)
START = datetime(2026, 11, 1, tzinfo=UTC)


def candidate(name: str, **changes: Any) -> Candidate:
    stated: dict[str, Any] = {
        "subject": "",
        "sha256": Sha256(name),
        "pdq": (hash(name) & (2**64 - 1)).to_bytes(8) * 4,
        "pdq_quality": 100,
        "width": 512,
        "height": 384,
        "is_kept": True,
        "is_licensed": False,
        "collected_at": START,
        "refused": "",
    }
    return Candidate(item=ItemId(name), **{**stated, **changes})


def proposed(*candidates: Candidate, target: int = 100, **subjects: int) -> dict[str, tuple[str, str | None]]:
    found = propose(candidates, LIMITS, target=target, subject_targets=subjects)
    return {proposal.item: (proposal.why.value, proposal.stays) for proposal in found}


def test_of_copies_the_licensed_then_the_larger_then_the_earlier_stays() -> None:
    """The same bytes or a near fingerprint make a copy; which one stays does not depend on the order."""
    one, near, far = bytes(32), b"\x0f" + bytes(31), b"\xff" * 32
    later = {"collected_at": START + timedelta(days=1)}
    assert proposed(
        candidate("a", pdq=one, **later),
        candidate("b", pdq=near, is_licensed=True, width=100, height=100),
        candidate("c", pdq=far, width=256, height=256, sha256=Sha256("same")),
        candidate("d", pdq=far, width=512, height=512, sha256=Sha256("same")),
    ) == {"a": ("duplicate", "b"), "c": ("duplicate", "d")}


def test_pictures_with_too_little_in_them_are_no_copies_of_each_other() -> None:
    """Two blank walls have the same fingerprint; only equal bytes make them copies."""
    blank = {"pdq": bytes(32), "pdq_quality": 3}
    assert proposed(candidate("a", **blank), candidate("b", **blank)) == {}
    assert proposed(
        candidate("a", **blank, sha256=Sha256("x")), candidate("b", **blank, sha256=Sha256("x"))
    ) == {"b": ("duplicate", "a")}


def test_what_fails_a_gate_today_and_what_is_too_small_goes_first() -> None:
    """A refused picture is no copy that stays."""
    assert proposed(
        candidate("a", refused="licence-term", width=900, pdq=bytes(32)),
        candidate("b", width=63, height=400),
        candidate("c", pdq=bytes(32)),
        candidate("d", is_kept=False, refused="reservation"),
        candidate("e", is_kept=False),
    ) == {
        "a": (NotNeeded.REFUSED.value, None),
        "b": (NotNeeded.TOO_SMALL.value, None),
        "d": (NotNeeded.REFUSED.value, None),
    }


def test_over_a_subjects_target_and_over_the_projects() -> None:
    """Each subject keeps what it needs; the rest counts for the project."""
    many = [candidate(f"{n}", subject="lion", collected_at=START + timedelta(hours=n)) for n in range(4)]
    others = [candidate(f"x{n}", collected_at=START + timedelta(days=9, hours=n)) for n in range(3)]
    assert proposed(*many, *others, target=4, lion=2) == {
        "2": ("over target", None),
        "3": ("over target", None),
        "x2": ("over target", None),
    }


@given(
    st.lists(
        st.tuples(
            st.sampled_from("abc"), st.integers(0, 3), st.booleans(), st.booleans(), st.integers(50, 70)
        ),
        max_size=12,
    ),
    st.integers(0, 8),
    st.randoms(use_true_random=False),
)
def test_a_second_pruning_finds_nothing_and_order_does_not_matter(
    drawn: list[tuple[str, int, bool, bool, int]], target: int, chance: Any
) -> None:
    """What is proposed is enough, and each copy that goes names one that stays."""
    candidates = [
        candidate(
            f"i{n}",
            sha256=Sha256(sha256),
            pdq=bytes(31) + bytes([code]),
            is_licensed=licensed,
            is_kept=kept,
            width=width,
        )
        for n, (sha256, code, licensed, kept, width) in enumerate(drawn)
    ]
    found = propose(candidates, LIMITS, target=target, subject_targets={})
    shuffled = list(candidates)
    chance.shuffle(shuffled)
    assert set(propose(shuffled, LIMITS, target=target, subject_targets={})) == set(found)
    gone = {proposal.item for proposal in found}
    left = [each for each in candidates if each.item not in gone]
    assert propose(left, LIMITS, target=target, subject_targets={}) == ()
    copies = [proposal for proposal in found if proposal.why is NotNeeded.DUPLICATE]
    over = {proposal.item for proposal in found if proposal.why is NotNeeded.OVER_TARGET}
    assert all(proposal.stays not in gone - over for proposal in copies)
