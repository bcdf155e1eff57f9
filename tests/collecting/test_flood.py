"""The window of a host's last pictures: counted as a plain list would, whatever its size."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearance.collecting.flood import Window, distance_bits

CODES = st.lists(st.integers(0, 7).map(lambda bits: bytes([bits, *[0] * 31])), max_size=60)


def counted(one: bytes, other: bytes) -> int:
    return (int.from_bytes(one) ^ int.from_bytes(other)).bit_count()


@pytest.mark.control("C5.2")
@given(codes=CODES, size=st.integers(1, 40), bits=st.integers(0, 3))
def test_near_ones_are_counted_among_the_last_only(codes: list[bytes], size: int, bits: int) -> None:
    """After each picture the window holds the last ones, and counts those that differ in few bits."""
    window = Window(size)
    for done, code in enumerate(codes):
        last = codes[max(0, done - size) : done]
        assert len(window) == len(last)
        assert window.near(code, max_distance_bits=bits) == sum(counted(code, each) <= bits for each in last)
        window.add(code)


@given(earlier=CODES, codes=CODES, size=st.integers(1, 40), bits=st.integers(0, 3))
def test_what_came_before_goes_first(earlier: list[bytes], codes: list[bytes], size: int, bits: int) -> None:
    """Earlier codes put before a window and codes that were added in that order are the same."""
    window, whole = Window(size), Window(size)
    for code in codes:
        window.add(code)
    for code in [*earlier, *codes]:
        whole.add(code)
    joined = window.preceded_by(earlier)
    for code in CODES_OF_ALL:
        for each in (joined, whole):
            each.add(code)
        assert joined.near(code, max_distance_bits=bits) == whole.near(code, max_distance_bits=bits)


CODES_OF_ALL = [bytes([bits, *[0] * 31]) for bits in range(8)]


@given(one=st.binary(min_size=32, max_size=32), other=st.binary(min_size=32, max_size=32))
def test_the_distance_is_the_number_of_differing_bits(one: bytes, other: bytes) -> None:
    """Of all 256, in either order."""
    assert distance_bits(one, other) == distance_bits(other, one) == counted(one, other)
