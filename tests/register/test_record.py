import hashlib
import json
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from clearance.register import canonical, commitment

pytestmark = pytest.mark.control("C2.1")
text = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | text,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(text, inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(text, values, max_size=5))
def test_the_canonical_form_is_that_of_rfc_8785(record: dict[str, Any]) -> None:
    """An independent implementation writes the same bytes, and they read back to the same record."""
    written = canonical(record)
    assert written == rfc8785.dumps(record)
    assert json.loads(written) == record


@pytest.mark.parametrize(
    "record",
    [
        {"a": 1.5},
        {"a": [float("nan")]},
        {"a": 2**53},
        {"ä": {"b": 0.1}},
        {"ä": 1, "a": b"bytes"},
        {1: "a"},
        {"ä": {1: "a"}},
        {"a": object()},
    ],
)
def test_what_has_no_canonical_form_is_refused(record: dict[Any, Any]) -> None:
    """Floats, large integers, other types and other keys would read differently elsewhere."""
    with pytest.raises(ValueError, match=r".+"):
        canonical(record)


def test_a_lone_surrogate_is_refused() -> None:
    """It has no UTF-8 form."""
    with pytest.raises(ValueError, match="surrogates"):
        canonical({"a": "\ud800"})


def test_a_commitment_hashes_nonce_and_record() -> None:
    """Anyone who has nonce and record computes it; without the nonce it tells nothing."""
    assert commitment(bytes(16), b"{}") == hashlib.sha256(bytes(16) + b"{}").digest()
    with pytest.raises(ValueError, match="16 bytes"):
        commitment(b"", b"{}")
