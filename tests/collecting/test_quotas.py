"""How much a source may give, and how much room a licensed share leaves."""

from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearance.collecting import Amount, Quota, overall_quotas, project_quota
from clearance.collecting.quotas import QuotaKind, part_of, unlicensed_room
from clearance.policy import Policy, RuleId, default_policy_bytes, read_policy
from clearance.sourcing import Basis, Catalogue, Pace, Quotas, Source, parse_host_pattern

POLICY = read_policy(default_policy_bytes())
SOURCE = Source(
    name="archive",
    owner="",
    hosts=(parse_host_pattern("a.example"),),
    basis=Basis.PUBLIC_DOMAIN,
    open_licence="",
    diligence="looked into",
    diligence_sha256="",
    quotas=Quotas(),
    pace=Pace(),
)
CATALOGUE = Catalogue(
    source="archive", pictures=1000, how="its annual report", stated_at=datetime(2026, 1, 1, tzinfo=UTC)
)
TAKEN = Amount(items=7, bytes=900)


def agreed(**quotas: float) -> Source:
    return replace(SOURCE, quotas=Quotas(**quotas))  # type: ignore[arg-type] # items and bytes are given whole


def strict_policy() -> Policy:
    text = default_policy_bytes().decode()
    for old, new in (
        ("max_items: 0", "max_items: 5"),
        ("max_bytes: 0", "max_bytes: 1000"),
        ("max_project_share: 1.0", "max_project_share: 0.5"),
        ("max_catalogue_share: 1.0", "max_catalogue_share: 0.1"),
    ):
        assert old in text
        text = text.replace(old, new)
    return read_policy(text.encode())


@pytest.mark.control("C3.6")
def test_without_a_limit_there_is_no_quota() -> None:
    """Neither agreed nor in the policy: nothing is counted, in a project neither."""
    assert overall_quotas(SOURCE, policy=POLICY, taken=TAKEN, catalogue=None) == ()
    assert project_quota(SOURCE, policy=POLICY, project="p", target=10, taken=7) == ()
    whole = agreed(max_project_share=1.0, max_catalogue_share=1.0)
    assert overall_quotas(whole, policy=strict_policy(), taken=TAKEN, catalogue=None)[2:] == ()
    assert project_quota(whole, policy=strict_policy(), project="p", target=10, taken=7) == ()


@pytest.mark.control("C3.6")
def test_what_was_agreed_goes_before_the_policy() -> None:
    """Each quota says what it counts, who set it and what is left; beyond it the rule of its kind refuses."""
    source = agreed(max_items=10, max_catalogue_share=0.05, max_project_share=0.25)
    quotas = overall_quotas(source, policy=strict_policy(), taken=TAKEN, catalogue=CATALOGUE)
    assert quotas == (
        Quota(kind=QuotaKind.ITEMS, most=10, used=7, is_agreed=True, detail="10 pictures"),
        Quota(kind=QuotaKind.BYTES, most=1000, used=900, is_agreed=False, detail="1000 bytes"),
        Quota(
            kind=QuotaKind.CATALOGUE_SHARE,
            most=50,
            used=7,
            is_agreed=True,
            detail="0.05 of the 1000 pictures in its catalogue (its annual report)",
        ),
    )
    assert [(quota.left, quota.rule) for quota in quotas] == [
        (3, RuleId.QUOTA),
        (100, RuleId.QUOTA),
        (43, RuleId.SHARE),
    ]
    (within,) = project_quota(source, policy=strict_policy(), project="p", target=10, taken=3)
    assert (within.most, within.left, within.rule) == (2, 0, RuleId.SHARE)
    assert within.detail == "0.25 of the 10 pictures that project p needs"
    (default,) = project_quota(SOURCE, policy=strict_policy(), project="p", target=10, taken=3)
    assert (default.most, default.is_agreed) == (5, False)


@pytest.mark.control("C3.6")
def test_a_share_of_an_unknown_catalogue_allows_nothing() -> None:
    """The quota says how the size is stated."""
    (quota,) = overall_quotas(agreed(max_catalogue_share=0.5), policy=POLICY, taken=Amount(), catalogue=None)
    assert (quota.most, quota.left) == (0, 0)
    assert "clearance source catalogue archive --pictures N" in quota.detail


@pytest.mark.control("C3.6")
@pytest.mark.parametrize(
    ("share", "whole", "part"), [(0.3, 10, 3), (0.29, 100, 29), (0.1, 5, 0), (1 / 3, 3, 0), (0.07, 100, 7)]
)
def test_a_share_is_never_rounded_up(share: float, whole: int, part: int) -> None:
    """Tenths are tenths, whatever the nearest binary number is."""
    assert part_of(share, whole) == part


@pytest.mark.control("C4.3")
@given(
    st.integers(1, 1000).map(lambda thousandths: thousandths / 1000),
    st.integers(0, 10_000),
    st.integers(0, 10_000),
)
def test_the_room_beside_licensed_pictures_is_exact(share: float, licensed: int, others: int) -> None:
    """With the room filled the licensed share holds, and with one more it would not."""
    least = Fraction(str(share))
    room = unlicensed_room(share, licensed=licensed, others=others)

    def holds(unlicensed: int) -> bool:
        return licensed >= least * (licensed + unlicensed)

    assert room == 0 or holds(others + room)
    assert not holds(others + room + 1)
