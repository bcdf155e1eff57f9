"""One picture lies in another where its local features agree on one turn, scale and shift."""

import numpy as np
import pytest

from clearance.fingerprints import Region, View
from clearance.fingerprints.geometry import Stored, laid_onto
from fingerprints_made import features, moved


def stored(seed: int = 1, count: int = 60) -> Stored:
    points, descriptors = features(seed, count)
    return Stored(width=400, height=300, points=points, descriptors=descriptors)


def sides(region: Region) -> tuple[float, ...]:
    return region.x, region.y, region.width, region.height


@pytest.mark.control("C1.2")
def test_a_turned_and_reduced_picture_is_found_with_its_place() -> None:
    """A quarter turn and half the size: all features agree, and the region is where the picture lies."""
    one = stored()
    view = moved(one.points, one.descriptors, factor=0.5j, shift=500 + 100j)
    laid = laid_onto(one, view, width=1000, height=800)
    assert laid is not None
    # Places within four pixels of each other count once.
    assert 45 <= laid.inliers <= 60
    assert sides(laid.region) == pytest.approx((0.35, 0.125, 0.15, 0.25), abs=0.01)


@pytest.mark.control("C1.2")
def test_a_mirrored_view_gives_the_region_in_the_query_as_it_is() -> None:
    """What lies at the left of the mirror image lies at the right of the query, and is cut to it."""
    one = stored()
    view = moved(one.points, one.descriptors, factor=1, shift=0, is_mirrored=True)
    laid = laid_onto(one, view, width=800, height=250)
    assert laid is not None
    assert sides(laid.region) == pytest.approx((0.5, 0.0, 0.5, 1.0), abs=0.01)


@pytest.mark.control("C1.2")
def test_the_same_question_has_the_same_answer() -> None:
    """Chance has a fixed seed: among many correspondences the same pairs are tried every time."""
    one = stored(count=150)
    noise = np.random.default_rng(5).integers(0, 900, one.points.shape)
    places = np.where(np.arange(150)[:, None] % 3 == 0, noise, one.points + 7).astype(np.uint16)
    view = View(points=places, descriptors=one.descriptors, is_mirrored=False)
    first = laid_onto(one, view, width=900, height=900)
    assert first is not None
    assert first.inliers >= 80
    assert laid_onto(one, view, width=900, height=900) == first


@pytest.mark.control("C1.2")
def test_repeated_texture_counts_once() -> None:
    """Sixty features that pile up on a few spots are a few places, not sixty."""
    one = stored()
    piled = Stored(
        width=400,
        height=300,
        points=(one.points // 100 * 100 + np.arange(60)[:, None] % 3).astype(np.uint16),
        descriptors=one.descriptors,
    )
    laid = laid_onto(piled, moved(piled.points, piled.descriptors, factor=1, shift=0), width=400, height=300)
    assert laid is None or laid.inliers <= 12


@pytest.mark.control("C1.2")
@pytest.mark.parametrize(
    "view",
    [
        View(points=np.zeros((0, 2), np.uint16), descriptors=np.zeros((0, 32), np.uint8), is_mirrored=False),
        moved(*features(2), factor=1, shift=0),
        # All on one spot: nothing tells turn and scale.
        View(points=np.full((60, 2), 9, np.uint16), descriptors=features(1)[1], is_mirrored=False),
        # Three correspondences are chance.
        View(points=features(1)[0][:3], descriptors=features(1)[1][:3], is_mirrored=False),
        # Alike, but every one somewhere else.
        View(points=features(77)[0] * 9, descriptors=features(1)[1], is_mirrored=False),
    ],
    ids=["nothing", "another picture", "one spot", "three", "scattered"],
)
def test_nothing_or_little_is_found_where_nothing_lies(view: View) -> None:
    """What agrees by chance stays far below what counts."""
    laid = laid_onto(stored(), view, width=400, height=300)
    assert laid is None or laid.inliers < 8


@pytest.mark.control("C1.2")
def test_a_stored_picture_with_all_its_features_near_each_other_lies_nowhere() -> None:
    """Without two places that are apart there is no turn and no scale."""
    points, descriptors = features(1, 8)
    near = Stored(width=400, height=300, points=points // 100, descriptors=descriptors)
    view = View(points=points, descriptors=descriptors, is_mirrored=False)
    assert laid_onto(near, view, width=400, height=300) is None
