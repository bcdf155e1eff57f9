"""Measures, intervals and verdicts of a balance audit, against worked examples and their own laws."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit_tables import CONVENTIONS
from clearance.curating.audit.intervals import (
    Chance,
    Interval,
    by_chance,
    distance,
    drawn_alone,
    drawn_by_unit,
    estimate,
    wilson,
)
from clearance.curating.audit.measures import (
    cramers_v,
    design_effect,
    distinct,
    entropy,
    evenness,
    g_statistic,
    gini,
    hhi,
    jsd,
    shares_of,
    tvd,
    wasserstein,
)
from clearance.curating.audit.scales import least_distance
from clearance.curating.audit.verdicts import AuditVerdict, Basis, Judged, at_most, overall, ratio_within

counts = st.lists(st.integers(0, 1000), min_size=2, max_size=8).filter(lambda each: sum(each) > 0)


@pytest.mark.control("C4.2")
def test_measures_on_worked_examples() -> None:
    """What a textbook computes by hand comes out."""
    quarter = np.array([0.25, 0.25, 0.25, 0.25])
    assert hhi(quarter) == pytest.approx(0.25)
    assert entropy(quarter) == pytest.approx(math.log(4))
    assert evenness(quarter, 4) == pytest.approx(1)
    assert evenness(quarter, 1) == 1
    assert gini(np.array([1, 1, 1, 0])) == 0
    assert gini(np.array([0, 0])) == 0
    assert gini(np.array([1, 3])) == pytest.approx(0.25)
    assert tvd(np.array([0.5, 0.5]), np.array([0.8, 0.2])) == pytest.approx(0.3)
    assert jsd(np.array([1.0, 0.0]), np.array([0.0, 1.0])) == pytest.approx(1)
    # 60 and 40 where 50 and 50 are aimed at, and one where nothing is.
    assert g_statistic(np.array([60, 40, 9]), np.array([0.5, 0.5, 0.0])) == pytest.approx(
        2 * (60 * math.log(1.2) + 40 * math.log(0.8))
    )
    assert wasserstein(np.array([1, 2, 3]), ((0.0, 11.0), (1.0, 11.0))) == pytest.approx(9)
    assert distinct(np.array([3, 1, 3, 2])).tolist() == [1, 2, 3]
    assert shares_of(np.array([0, 0])).tolist() == [0, 0]


@pytest.mark.control("C4.2")
def test_dependence_is_measured_beyond_chance() -> None:
    """Wholly, not at all, and undefined where there is nothing to tell apart."""
    assert cramers_v(np.array([[50, 0], [0, 50]])) == pytest.approx(1)
    assert cramers_v(np.array([[25, 25], [25, 25]])) == 0
    assert cramers_v(np.array([[5, 0], [7, 0]])) == 0
    assert cramers_v(np.array([[0, 1], [1, 0]])) == 0
    alike = np.array([[10, 0], [0, 10], [10, 0], [0, 10]])
    assert design_effect(alike) == pytest.approx(10)
    assert design_effect(np.array([[5, 5], [5, 5]])) == 1
    assert design_effect(np.array([[5, 5]])) == 1
    assert design_effect(np.array([[10, 0], [20, 0]])) == 1


def test_a_share_has_the_interval_of_wilson() -> None:
    """The published example: 81 of 263 is 0.2553 to 0.3662 (Newcombe 1998); what is no share is refused."""
    found = wilson(81, 263, confidence=0.95)
    assert [found.low, found.high] == pytest.approx([0.2553, 0.3662], abs=1e-4)
    assert (wilson(0, 10, confidence=0.95).low, wilson(10, 10, confidence=0.95).high) == (0, 1)
    assert wilson(81, 263, confidence=0.95, comparisons=5).low < found.low
    for count, total in ((0, 0), (2, 1), (-1, 1)):
        with pytest.raises(ValueError, match="no share"):
            wilson(count, total, confidence=0.95)


@given(counts)
def test_an_interval_of_a_share_holds_the_share(each: list[int]) -> None:
    """For whatever counts."""
    found = wilson(each[0], sum(each), confidence=0.95)
    assert 0 <= found.low <= each[0] / sum(each) <= found.high <= 1


@given(counts, st.randoms(use_true_random=False))
def test_measures_stay_in_their_bounds_whatever_the_order(each: list[int], chance: object) -> None:
    """Shuffling categories changes nothing; every index lies where it must."""
    shuffled = list(each)
    chance.shuffle(shuffled)  # type: ignore[attr-defined] # hypothesis hands out random.Random
    shares, other = shares_of(np.array(each)), shares_of(np.array(shuffled))
    assert hhi(shares) == pytest.approx(float(hhi(other)))
    assert 1 / len(each) - 1e-9 <= hhi(shares) <= 1 + 1e-9
    assert gini(np.array(each)) == pytest.approx(gini(np.array(shuffled)))
    assert 0 <= jsd(shares, other) <= 1
    assert 0 <= tvd(shares, other) <= 1
    assert g_statistic(np.array(each), other) >= -1e-6


@pytest.mark.control("C4.2")
def test_intervals_of_a_distance_hold_the_truth_where_percentiles_do_not() -> None:
    """Drawn from the target itself, fifty pictures over ten categories look 0.17 away; the interval knows."""
    rng = np.random.default_rng(7)
    target = np.full(10, 0.1)
    holds = percentile_holds = 0
    for _ in range(60):
        drawn_counts = rng.multinomial(50, target)
        shares = shares_of(drawn_counts)
        drawn = shares_of(drawn_alone(drawn_counts, 200, rng))
        chance = by_chance(drawn_counts, target, draws=200, rng=rng)
        found = distance(tvd, shares, target, drawn_shares=drawn, chance=chance, confidence=0.95)
        holds += found.interval.low <= 0
        percentile_holds += float(np.quantile(tvd(drawn, target), 0.025)) <= 0
        assert found.interval.low <= found.value <= found.interval.high
        assert chance.expected_tvd == pytest.approx(0.17, abs=0.02)
    assert (holds >= 54, percentile_holds) == (True, 0)


def test_draws_are_of_whole_units_and_come_again_with_the_seed() -> None:
    """Every draw takes as many units, with all that is in them, in parts where there are many."""
    by_unit = np.array([[3, 0], [0, 5]])
    drawn = drawn_by_unit(by_unit, 50, np.random.default_rng(1))
    assert {tuple(row) for row in drawn.tolist()} <= {(6, 0), (3, 5), (0, 10)}
    assert drawn.tolist() == drawn_by_unit(by_unit, 50, np.random.default_rng(1)).tolist()
    many = drawn_by_unit(np.ones((3_000_000, 1), dtype=np.int8), 3, np.random.default_rng(1))
    assert many.tolist() == [[3_000_000]] * 3
    assert drawn_alone(np.array([4, 0]), 3, np.random.default_rng(1)).tolist() == [[4, 0]] * 3


def test_an_interval_holds_its_figure_and_is_cut_to_what_can_be() -> None:
    """Where all draws lie on one side, readers still find the figure inside."""
    assert estimate(0.5, np.array([0.6, 0.7]), confidence=0.95).interval.high == 0.5
    assert estimate(0.1, np.array([0.9, 0.9]), confidence=0.95).interval == Interval(low=0.0, high=0.1)


def test_chance_counts_how_often_it_is_as_far_away() -> None:
    """A perfect selection is reached by every draw, a hopeless one by none."""
    rng = np.random.default_rng(1)
    target = np.array([0.5, 0.5])
    assert by_chance(np.array([50, 50]), target, draws=100, rng=rng).p == 1
    far: Chance = by_chance(np.array([100, 0]), target, draws=99, rng=rng)
    assert far.p == pytest.approx(0.01)


ENOUGH = Basis(n=1000, coverage=1.0)
WITHIN, OUTSIDE, UNSURE = AuditVerdict.WITHIN, AuditVerdict.OUTSIDE, AuditVerdict.INSUFFICIENT


@pytest.mark.control("C4.2")
@pytest.mark.parametrize(
    ("interval", "basis", "judged"),
    [
        ((0.1, 0.2), ENOUGH, Judged(verdict=WITHIN, why="at most 0.2")),
        ((0.21, 0.3), ENOUGH, Judged(verdict=OUTSIDE, why="more than 0.2")),
        ((0.2, 0.3), ENOUGH, Judged(verdict=UNSURE, why="the interval lies on both sides of 0.2")),
        ((0.0, 0.0), Basis(n=29, coverage=1.0), Judged(verdict=UNSURE, why="29 pictures; 30 are needed")),
        ((0.9, 0.9), Basis(n=1000, coverage=0.5), Judged(verdict=UNSURE, why="50% of the pictures state it; 80% are needed")),
    ],
)  # fmt: skip
def test_a_bound_is_judged_by_the_interval(
    interval: tuple[float, float], basis: Basis, judged: Judged
) -> None:
    """On both sides is not known, and too little is never enough."""
    assert at_most(Interval(low=interval[0], high=interval[1]), 0.2, basis, CONVENTIONS) == judged


@pytest.mark.control("C4.2")
@pytest.mark.parametrize(
    ("interval", "counted", "basis", "verdict", "why"),
    [
        ((0.46, 0.54), 500, ENOUGH, WITHIN, "0.8 to 1.25 times the target"),
        ((0.1, 0.2), 150, ENOUGH, OUTSIDE, "less than 0.8 times the target"),
        ((0.7, 0.8), 750, ENOUGH, OUTSIDE, "more than 1.25 times the target"),
        ((0.39, 0.45), 420, ENOUGH, UNSURE, "the interval lies on both sides of 0.8 to 1.25 times the target"),
        ((0.5, 0.7), 600, ENOUGH, UNSURE, "the interval lies on both sides of 0.8 to 1.25 times the target"),
        ((0.0, 0.01), 0, ENOUGH, OUTSIDE, "less than 0.8 times the target"),
        ((0.0, 0.1), 3, Basis(n=40, coverage=1.0), UNSURE, "3 pictures, 20 expected; 30 are needed"),
        ((0.5, 0.5), 5, Basis(n=10, coverage=1.0), UNSURE, "10 pictures; 30 are needed"),
    ],
)  # fmt: skip
def test_a_category_is_judged_by_its_ratio(
    interval: tuple[float, float], counted: int, basis: Basis, verdict: AuditVerdict, why: str
) -> None:
    """An empty category where hundreds were expected is outside; a small one of a small selection is not known."""
    found = ratio_within(Interval(low=interval[0], high=interval[1]), 0.5, counted, basis, CONVENTIONS)
    assert found == Judged(verdict=verdict, why=why)


def test_one_that_is_outside_decides() -> None:
    """Then one that is not known; and nothing judged is not known."""
    within, outside, unsure = (Judged(verdict=each, why="") for each in (WITHIN, OUTSIDE, UNSURE))
    assert overall([within, unsure, outside]) is OUTSIDE
    assert overall([within, unsure]) is UNSURE
    assert overall([within]) is WITHIN
    assert overall([]) is UNSURE


STATED = st.lists(st.integers(0, 5), min_size=1, max_size=4, unique=True).flatmap(
    lambda values: st.lists(st.integers(0, 10), min_size=len(values), max_size=len(values), unique=True).map(
        lambda parts: [(part / 10, value) for part, value in zip(sorted(parts), sorted(values), strict=True)]
    )
)
PLACES = st.lists(st.integers(0, 40), min_size=9, max_size=9).filter(any)


@given(STATED, PLACES, PLACES)
def test_the_distance_to_stated_quantiles_keeps_the_laws_of_a_distance(
    aims: list[tuple[float, float]], one: list[int], other: list[int]
) -> None:
    """It lies between 0 and 1, is nothing just where every quantile holds, and is as near as the pictures are."""
    steps = np.array([value for _, value in aims])
    width = 2 * len(steps) + 1
    here, there = (shares_of(np.array([*each[: width - 1], 1])) for each in (one, other))
    far = float(least_distance(here, steps, aims))
    under = np.cumsum(here)
    holds = all(
        under[2 * place] <= part + 1e-12 and part - 1e-12 <= under[2 * place + 1]
        for place, (part, _) in enumerate(aims)
    )
    assert 0 <= far <= 1
    assert (far < 1e-9) is holds
    assert abs(far - float(least_distance(there, steps, aims))) <= float(tvd(here, there)) + 1e-9
    assert least_distance(np.array([here, there]), steps, aims)[0] == pytest.approx(far)
