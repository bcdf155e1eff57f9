"""What was measured decides, method by method: match, possible, or nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearance.fingerprints import Match, Method, Region, Strength
from clearance.fingerprints.fingerprint import WHOLE, Found, Laid
from clearance.fingerprints.verdicts import match_of, matches
from fingerprints_made import LIMITS, item

INNER = Region(x=0.1, y=0.1, width=0.8, height=0.8)
PART = Region(x=0.5, y=0.5, width=0.5, height=0.5)


def found(**measured: object) -> Found:
    return Found(item=item(1), **measured)  # type: ignore[arg-type] # the fields of Found


@pytest.mark.control("C1.2")
@pytest.mark.parametrize(
    ("measured", "strength", "method", "region"),
    [
        ({"pdq_bits": 0, "pdq_region": INNER}, Strength.MATCH, Method.PDQ, INNER),
        ({"pdq_bits": 31}, Strength.MATCH, Method.PDQ, WHOLE),
        ({"pdq_bits": 32}, Strength.POSSIBLE, Method.PDQ, WHOLE),
        ({"pdq_bits": 60}, Strength.POSSIBLE, Method.PDQ, WHOLE),
        ({"laid": Laid(inliers=15, region=PART)}, Strength.MATCH, Method.LOCAL, PART),
        ({"laid": Laid(inliers=14, region=PART)}, Strength.POSSIBLE, Method.LOCAL, PART),
        ({"laid": Laid(inliers=10, region=PART)}, Strength.POSSIBLE, Method.LOCAL, PART),
        ({"laid": Laid(inliers=15, region=PART), "pdq_bits": 40}, Strength.MATCH, Method.LOCAL, PART),
        ({"laid": Laid(inliers=9, region=PART), "pdq_bits": 40}, Strength.POSSIBLE, Method.PDQ, WHOLE),
        ({"iscc_bits": 0}, Strength.POSSIBLE, Method.ISCC, WHOLE),
        ({"embedding": 0.9, "is_proposed": True}, Strength.POSSIBLE, Method.EMBEDDING, WHOLE),
    ],
)
def test_each_method_has_its_bounds(
    measured: dict[str, object], strength: Strength, method: Method, region: Region
) -> None:
    """The bounds are the policy's; the ISCC and an own model propose and never decide."""
    match = match_of(found(**measured), LIMITS)
    assert match is not None
    assert (match.strength, match.method, match.region) == (strength, method, region)


@pytest.mark.control("C1.2")
@pytest.mark.parametrize(
    "measured",
    [{}, {"pdq_bits": 61}, {"iscc_bits": 61}, {"laid": Laid(inliers=9, region=PART)}, {"embedding": 0.99}],
)
def test_what_is_too_far_is_no_answer(measured: dict[str, object]) -> None:
    """An own model without a calibration record is no proposal, however near its vectors are."""
    assert match_of(found(**measured), LIMITS) is None


@pytest.mark.control("C1.2")
@given(st.integers(0, 256), st.integers(0, 200), st.integers(0, 256))
def test_nearer_is_never_weaker(bits: int, inliers: int, iscc_bits: int) -> None:
    """Less distance, or more inliers, never turns a match into less."""

    def rank(pdq: int, local: int) -> int:
        match = match_of(
            found(pdq_bits=pdq, iscc_bits=iscc_bits, laid=Laid(inliers=local, region=WHOLE)), LIMITS
        )
        return 0 if match is None else 1 + (match.strength is Strength.MATCH)

    assert rank(max(0, bits - 1), inliers) >= rank(bits, inliers) <= rank(bits, inliers + 1)


@pytest.mark.control("C1.2")
def test_the_surest_comes_first() -> None:
    """Matches before possible ones, near codes before far ones, many inliers before few."""
    given_found = [
        Found(item=item(1), pdq_bits=40),
        Found(item=item(2), laid=Laid(inliers=20, region=PART)),
        Found(item=item(3), pdq_bits=200),
        Found(item=item(4), pdq_bits=10),
        Found(item=item(5), laid=Laid(inliers=90, region=PART)),
    ]
    ordered: tuple[Match, ...] = matches(given_found, LIMITS)
    assert [match.item for match in ordered] == [item(4), item(5), item(2), item(1)]
