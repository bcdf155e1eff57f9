"""Local features vote for the items that have one like them."""

import numpy as np
import pytest

from clearance.fingerprints.voting import alike, band_index, score


@pytest.mark.control("C1.2")
def test_near_descriptors_are_found_and_far_ones_are_not() -> None:
    """Of two hundred stored ones with up to 20 bits turned nine in ten are found, and no pair is too far."""
    chance = np.random.default_rng(3)
    stored = chance.integers(0, 256, (5000, 32), dtype=np.uint8)
    chosen = chance.permutation(5000)[:200]
    bits = np.unpackbits(stored[chosen], axis=1)
    for row in bits:
        row[chance.permutation(256)[:20]] ^= 1
    asked = np.packbits(bits, axis=1)
    query, other = alike(asked, stored, band_index(stored), max_bits=40)
    apart = np.unpackbits(asked[query] ^ stored[other], axis=1).sum(axis=1)
    assert apart.max() <= 40
    assert len(set(query[other == chosen[query]].tolist())) >= 180


@pytest.mark.control("C1.2")
def test_a_descriptor_that_is_everywhere_is_looked_at_so_often_only() -> None:
    """A thousand equal ones cost no more than the bound, in each band."""
    stored = np.zeros((1000, 32), np.uint8)
    query, _ = alike(stored[:1], stored, band_index(stored), max_bits=0)
    assert len(query) == 8 * 512


@pytest.mark.control("C1.2")
def test_a_feature_has_one_vote_and_shares_it() -> None:
    """Two items that have the same feature get half a vote each; pairs that come twice count once."""
    query = np.array([0, 0, 1, 1, 1, 2])
    item = np.array([2, 2, 2, 0, 0, 2])
    assert score(query, item, items=4).tolist() == [0.5, 0.0, 2.5, 0.0]
    assert score(query[:0], item[:0], items=2).tolist() == [0.0, 0.0]


def test_no_features_have_no_votes() -> None:
    """Neither side needs to have any."""
    none, some = np.zeros((0, 32), np.uint8), np.ones((3, 32), np.uint8)
    for asked, stored in ((none, some), (some, none), (none, none)):
        query, other = alike(asked, stored, band_index(stored), max_bits=40)
        assert (query.tolist(), other.tolist()) == ([], [])
