import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearance.errors import WrongKey
from clearance.vault import open_text, seal_text

KEY, OTHER = bytes(32), bytes([1]) * 32


@pytest.mark.control("C5.1", "C4.1")
@given(st.text(max_size=200))
def test_a_text_opens_with_its_key_at_its_place_and_nowhere_else(text: str) -> None:
    """Neither under another key, nor moved to another record, nor changed by a bit, nor cut."""
    sealed = seal_text(KEY, text, place="a record")
    assert open_text(KEY, sealed, place="a record") == text
    assert seal_text(KEY, text, place="a record") != sealed
    changed = sealed[:-1] + bytes([sealed[-1] ^ 1])
    for key, content, place in (
        (OTHER, sealed, "a record"),
        (KEY, sealed, "another record"),
        (KEY, changed, "a record"),
        (KEY, sealed[:-1], "a record"),
        (KEY, b"", "a record"),
    ):
        with pytest.raises(WrongKey, match=f"{place}: it does not open"):
            open_text(key, content, place=place)
