"""Stored pictures are looked for among the stored ones by their fingerprints alone."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from clearance.fingerprints import Fingerprint, Fingerprints, Strength, own_queries, search, turned_codes
from clearance.identifiers import ItemId
from clearance.pictures.content_ids import pdq, reduced_grey
from clearance.pictures.features import features_of
from fingerprints_made import LIMITS, bits_between, item
from pictures_made import pixels, textured


def stored(number: int, rgb: NDArray[np.uint8]) -> Fingerprint:
    features = features_of(np.ascontiguousarray(rgb))
    return Fingerprint(item=item(number), **{name: getattr(features, name) for name in features.__slots__})


@pytest.mark.control("C4.2")
def test_copies_parts_and_mirror_images_find_each_other(tmp_path: Path) -> None:
    """A crop by its local features, a mirror image by its turned code, another picture not at all."""
    whole = textured(1, width=400, height=300)
    store = Fingerprints(tmp_path)
    store.add(
        [
            stored(1, whole),
            stored(2, whole[:, ::-1]),
            stored(3, whole[60:260, 100:380]),
            stored(4, textured(2)),
        ]
    )
    found = {
        one: {match.item for match in search(store, query, LIMITS) if match.strength is Strength.MATCH}
        for one, query in own_queries(store, [item(n) for n in (1, 2, 3, 4)])
    }
    assert found == {
        item(1): {item(1), item(2), item(3)},
        item(2): {item(1), item(2)},
        item(3): {item(1), item(3)},
        item(4): {item(4)},
    }
    assert list(own_queries(store, [ItemId("ffff")])) == []


@pytest.mark.control("C4.2")
def test_codes_of_turned_pictures_follow_from_the_stored_one() -> None:
    """Each is nearer to the code of the turned pixels than a copy has to be."""
    for seed in range(5):
        rgb = pixels(seed=seed)
        derived = turned_codes(pdq(reduced_grey(rgb)).bits)
        assert derived[0] == pdq(reduced_grey(rgb)).bits
        for turns in range(4):
            for picture in (np.rot90(rgb, turns), np.rot90(rgb[:, ::-1], turns)):
                code = pdq(reduced_grey(np.ascontiguousarray(picture))).bits
                assert min(bits_between(code, each) for each in derived) <= 31
