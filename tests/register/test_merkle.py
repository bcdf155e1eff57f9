import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearance.register.merkle import (
    EMPTY_ROOT,
    consistency_proof,
    inclusion_proof,
    is_consistent,
    is_included,
    leaf_hash,
    root,
)

# The eight leaves and roots that Certificate Transparency implementations are tested with.
LEAVES = [
    bytes.fromhex(leaf)
    for leaf in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]

pytestmark = pytest.mark.control("C2.1")
leaves = st.lists(st.binary(max_size=8), min_size=1, max_size=70).map(
    lambda data: [leaf_hash(each) for each in data]
)


def test_published_roots_are_computed() -> None:
    """The roots over the well-known leaves are those that every implementation of RFC 6962 gives."""
    hashed = [leaf_hash(leaf) for leaf in LEAVES]
    assert [root(hashed[: n + 1]).hex() for n in range(8)] == ROOTS
    assert root([]) == EMPTY_ROOT == hashlib.sha256(b"").digest()


@given(leaves, st.data())
def test_every_leaf_proves_its_place_and_no_other(hashed: list[bytes], data: st.DataObject) -> None:
    """A proof holds for its leaf and index, and for nothing else."""
    index = data.draw(st.integers(0, len(hashed) - 1))
    proof = inclusion_proof(hashed, index)
    top = root(hashed)
    assert is_included(leaf=hashed[index], index=index, size=len(hashed), proof=proof, root=top)
    assert not is_included(leaf=leaf_hash(b"another"), index=index, size=len(hashed), proof=proof, root=top)
    assert not is_included(leaf=hashed[index], index=len(hashed), size=len(hashed), proof=proof, root=top)
    assert not is_included(leaf=hashed[index], index=index, size=len(hashed), proof=(*proof, top), root=top)
    assert not is_included(leaf=hashed[index], index=index, size=len(hashed), proof=(b"short",), root=top)
    if proof:
        assert not is_included(leaf=hashed[index], index=index, size=len(hashed), proof=proof[:-1], root=top)


@given(leaves, st.data())
def test_a_tree_is_consistent_with_its_own_beginning_only(hashed: list[bytes], data: st.DataObject) -> None:
    """A grown tree shows that it kept what it had; a changed one cannot."""
    first = data.draw(st.integers(1, len(hashed)))
    proof = consistency_proof(hashed, first)
    old, new = root(hashed[:first]), root(hashed)
    size = len(hashed)
    assert is_consistent(first_root=old, root=new, first=first, size=size, proof=proof)
    assert not is_consistent(first_root=leaf_hash(b"x"), root=new, first=first, size=size, proof=proof)
    assert not is_consistent(first_root=old, root=leaf_hash(b"x"), first=first, size=size, proof=proof)
    assert not is_consistent(first_root=old, root=new, first=first, size=len(hashed), proof=(*proof, old))
    assert not is_consistent(first_root=old, root=new, first=0, size=len(hashed), proof=proof)


@given(leaves, st.data())
def test_an_independent_verifier_accepts_our_proofs(hashed: list[bytes], data: st.DataObject) -> None:
    """Sigstore's verifier, written by others for another log, computes the same root from our proof."""
    merkle = pytest.importorskip("sigstore._internal.merkle")
    index = data.draw(st.integers(0, len(hashed) - 1))
    proof = inclusion_proof(hashed, index)
    inner, border = merkle._decomp_inclusion_proof(index, len(hashed))
    assert len(proof) == inner + border
    seed = merkle._chain_inner(hashed[index], list(proof[:inner]), index)
    assert merkle._chain_border_right(seed, list(proof[inner:])) == root(hashed)


def test_a_proof_outside_the_tree_is_not_made() -> None:
    """Asking for a leaf that is not there is an error of the caller."""
    with pytest.raises(IndexError):
        inclusion_proof([leaf_hash(b"")], 1)
    with pytest.raises(IndexError):
        consistency_proof([leaf_hash(b"")], 0)
