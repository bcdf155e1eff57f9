"""Near codes are found exactly, as a comparison of all with all finds them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearance.fingerprints import near_pairs


def distance(one: bytes, other: bytes) -> int:
    return (int.from_bytes(one) ^ int.from_bytes(other)).bit_count()


@st.composite
def codes(draw: st.DrawFn) -> list[bytes]:
    """Some codes, and others that differ from them in a few bits."""
    bases = draw(st.lists(st.binary(min_size=32, max_size=32), min_size=0, max_size=6))
    found = list(bases)
    for base in bases:
        flipped = draw(st.lists(st.sets(st.integers(0, 255), max_size=40), max_size=4))
        found += [(int.from_bytes(base) ^ sum(1 << bit for bit in flips)).to_bytes(32) for flips in flipped]
    return found


@pytest.mark.control("C3.1")
@given(codes(), st.integers(0, 31))
def test_exactly_the_near_pairs_are_found_each_once(given_codes: list[bytes], max_bits: int) -> None:
    """Bands are a short cut, not an approximation."""
    found = sorted(near_pairs(given_codes, max_bits=max_bits))
    expected = [
        (one, other)
        for one in range(len(given_codes))
        for other in range(one + 1, len(given_codes))
        if distance(given_codes[one], given_codes[other]) <= max_bits
    ]
    assert found == expected


def test_many_equal_codes_are_compared_in_blocks() -> None:
    """A flood of one picture is found whole, block by block, each pair once."""
    found = list(near_pairs([bytes(32)] * 700, max_bits=0))
    assert len(found) == len(set(found)) == 700 * 699 // 2


def test_a_distance_that_bands_cannot_find_is_refused() -> None:
    """Thirty-two bits may differ two in each band."""
    with pytest.raises(ValueError, match="up to 31"):
        list(near_pairs([bytes(32)] * 2, max_bits=32))
