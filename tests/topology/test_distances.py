"""Distances of diagrams against closed forms, all matchings, persim, POT, and laws of a metric."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal, localcontext
from itertools import combinations, permutations
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist
from scipy.stats import wasserstein_distance

from funcnet_utils import topology

EMPTY = np.zeros((0, 2))
ROUNDING = 1e-9  # sums of some hundred float64 terms of size 1, a root among them


def random_diagram(m: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    births = rng.random(m)
    return np.column_stack([births, births + rng.exponential(0.2, m)])


def diagrams(most: int = 7) -> st.SearchStrategy[np.ndarray]:
    """Small diagrams on a coarse grid, so that ties and equal points are common."""
    ticks = hnp.arrays(
        np.int64, st.tuples(st.integers(0, most), st.just(2)), elements=st.integers(0, 6)
    )
    return ticks.map(lambda t: np.column_stack([t[:, 0], t.sum(axis=1)]) / 4)


def matchings(a: np.ndarray, b: np.ndarray, norm: float) -> Iterator[list[Any]]:
    """Yield the steps of every matching of two diagrams of few points."""
    apart = np.linalg.norm(a[:, None] - b, norm, axis=2)
    home = [np.diff(each)[:, 0] * np.linalg.norm([0.5, 0.5], norm) for each in (a, b)]
    for k in range(min(len(a), len(b)) + 1):
        for i in combinations(range(len(a)), k):
            rest = np.delete(home[0], i)
            for j in permutations(range(len(b)), k):
                yield [0.0, *apart[list(i), list(j)], *rest, *np.delete(home[1], j)]


MATRICES: list[Callable[[list[np.ndarray]], np.ndarray]] = [
    topology.wasserstein_matrix,
    lambda d: topology.wasserstein_matrix(d, order=1),
    lambda d: topology.wasserstein_matrix(d, order=3.5),
    topology.bottleneck_matrix,
    topology.sliced_wasserstein_matrix,
]


@pytest.mark.parametrize("matrix", MATRICES)
class TestEveryDistance:
    def test_of_nothing(self, matrix: Callable) -> None:
        assert matrix([]).shape == (0, 0)
        assert matrix([EMPTY]).tolist() == [[0]]
        assert matrix([EMPTY, EMPTY]).tolist() == [[0, 0], [0, 0]]

    def test_points_that_never_die_are_left_out(self, matrix: Callable) -> None:
        one, other = random_diagram(5, 1), random_diagram(4, 2)
        endless = np.vstack([one, [0, np.inf]])
        np.testing.assert_array_equal(matrix([endless, other]), matrix([one, other]))

    @settings(max_examples=25)
    @given(a=diagrams(), b=diagrams(), c=diagrams())
    def test_is_a_metric(
        self, matrix: Callable, a: np.ndarray, b: np.ndarray, c: np.ndarray
    ) -> None:
        apart = matrix([a, b, c, a[::-1]])
        np.testing.assert_array_equal(apart, apart.T)
        np.testing.assert_array_equal(np.diagonal(apart), 0)
        assert apart[0, 3] <= ROUNDING
        assert (apart >= 0).all()
        assert apart[0, 1] <= apart[0, 2] + apart[2, 1] + ROUNDING

    @settings(max_examples=15)
    @given(a=diagrams(), b=diagrams())
    def test_points_on_the_diagonal_do_not_matter(
        self, matrix: Callable, a: np.ndarray, b: np.ndarray
    ) -> None:
        more = np.vstack([a, [[0.3, 0.3], [2, 2]]])
        assert matrix([more, b])[0, 1] == pytest.approx(matrix([a, b])[0, 1], abs=ROUNDING)

    @settings(max_examples=15)
    @given(a=diagrams(), b=diagrams())
    def test_grows_with_the_unit(self, matrix: Callable, a: np.ndarray, b: np.ndarray) -> None:
        assert matrix([3 * a, 3 * b])[0, 1] == pytest.approx(3 * matrix([a, b])[0, 1], abs=ROUNDING)

    def test_a_wrong_shape_is_refused(self, matrix: Callable) -> None:
        with pytest.raises(ValueError, match="births and deaths"):
            matrix([np.zeros((2, 3)), EMPTY])
        with pytest.raises(ValueError, match="after its death"):
            matrix([np.array([[1.0, 0.5]]), EMPTY])


class TestWasserstein:
    @pytest.mark.parametrize("order", [1, 2, 3])
    def test_to_nothing_is_the_norm_of_the_ways_to_the_diagonal(self, order: float) -> None:
        diagram = random_diagram(20, 0)
        ways = (diagram[:, 1] - diagram[:, 0]) / np.sqrt(2)
        expected = np.linalg.norm(ways, order)
        assert topology.wasserstein(diagram, EMPTY, order) == pytest.approx(expected, rel=1e-12)

    def test_of_two_near_points_is_their_distance(self) -> None:
        one, other = np.array([[0.0, 5.0]]), np.array([[3.0, 9.0]])
        assert topology.wasserstein(one, other) == 5
        # far apart, both go to the diagonal: 5 / sqrt(2) and 1 / sqrt(2)
        other = np.array([[30.0, 31.0]])
        assert topology.wasserstein(one, other) == pytest.approx(np.sqrt(13), rel=1e-12)

    def test_a_point_goes_round_to_let_another_match(self) -> None:
        one, other = np.array([[0.0, 10.0], [1.0, 10.0]]), np.array([[0.0, 9.0], [0.0, 10.0]])
        # both pairs one apart is cheaper than one pair equal and one sqrt(2) apart, at order 3
        assert topology.wasserstein(one, other, 3) == pytest.approx(2 ** (1 / 3), rel=1e-12)

    def test_of_equal_diagrams_is_zero_to_the_last_bit(self) -> None:
        diagram = random_diagram(200, 3)
        assert topology.wasserstein(diagram, diagram[::-1]) == 0

    @pytest.mark.parametrize(("n", "m"), [(1, 1), (6, 3), (40, 60), (150, 140)])
    def test_order_1_equals_persim(self, n: int, m: int) -> None:
        persim = pytest.importorskip("persim")
        a, b = random_diagram(n, n), random_diagram(m, m + 1)
        assert topology.wasserstein(a, b, 1) == pytest.approx(persim.wasserstein(a, b), rel=1e-9)

    @pytest.mark.parametrize("order", [1, 2, 2.5])
    @pytest.mark.parametrize(("n", "m"), [(1, 1), (6, 3), (40, 60), (150, 140)])
    def test_any_order_equals_pot_and_nearly_hera(self, n: int, m: int, order: float) -> None:
        hera = pytest.importorskip("gudhi.hera")
        pytest.importorskip("ot")  # codespell:ignore
        exact = pytest.importorskip("gudhi.wasserstein")
        a, b = random_diagram(n, n), random_diagram(m, m + 1)
        found = topology.wasserstein(a, b, order)
        expected = exact.wasserstein_distance(a, b, order=order, internal_p=2)
        assert found == pytest.approx(expected, rel=1e-6)  # POT's own stopping rule
        nearly = hera.wasserstein_distance(a, b, order=order, internal_p=2, delta=0.001)
        assert found <= nearly * (1 + 1e-12)  # a matching can only be dearer than the best
        assert nearly <= found * 1.001 * (1 + 1e-12)  # by the error that was asked for

    @pytest.mark.parametrize("scale", [1, 2.0**-560, 2.0**530])
    @pytest.mark.parametrize("order", [1, 2, 2.5, 100, 10_000])
    def test_of_any_order_and_unit_is_the_best_of_all_matchings(
        self, order: float, scale: float
    ) -> None:
        near = random_diagram(4, 9)
        pairs = [(random_diagram(n, n), random_diagram(3, n + 7)) for n in range(4)]
        for a, b in [*pairs, (near, near + np.array([0, 1e-7]))]:
            with localcontext(prec=40, Emax=10**8, Emin=-(10**8)):
                sums = (
                    sum(Decimal(float(s)) ** Decimal(order) for s in m) for m in matchings(a, b, 2)
                )
                due = float(min(sums) ** (1 / Decimal(order)))
            found = topology.wasserstein(scale * a, scale * b, order)
            # steps near 1e-7 between places near 1 have 9 digits
            assert found / scale == pytest.approx(due, rel=1e-13 if b is not near else 1e-8)

    @pytest.mark.parametrize("order", [0.5, 0, -1, np.inf, np.nan])
    def test_a_bad_order_is_refused(self, order: float) -> None:
        with pytest.raises(ValueError, match="order is"):
            topology.wasserstein(EMPTY, EMPTY, order)
        with pytest.raises(ValueError, match="order is"):
            topology.wasserstein_matrix([EMPTY], order)


@settings(max_examples=80)
@given(diagrams(), diagrams(), st.sampled_from([1, 2, 3.5]))
def test_the_small_assignment_equals_the_large_one(
    a: np.ndarray, b: np.ndarray, order: float
) -> None:
    """Each point may go to any point or to its own place on the diagonal: (n + m) x (m + n)."""
    n, m = len(a), len(b)
    cost = np.zeros((n + m, m + n))
    cost[:n, :m] = cdist(a, b) ** order
    cost[:n, m:] = ((a[:, 1] - a[:, 0]) / np.sqrt(2))[:, None] ** order
    cost[n:, :m] = ((b[:, 1] - b[:, 0]) / np.sqrt(2)) ** order
    expected = cost[linear_sum_assignment(cost)].sum() ** (1 / order)
    found = topology.wasserstein(a, b, order)
    # the root of a rounding near 0 is larger than the rounding
    assert found**order == pytest.approx(expected**order, abs=1e-12 * (n + m + 1), rel=1e-12)


class TestBottleneck:
    def test_to_nothing_is_half_the_longest_life(self) -> None:
        diagram = random_diagram(20, 0)
        longest = (diagram[:, 1] - diagram[:, 0]).max()
        assert topology.bottleneck(diagram, EMPTY) == longest / 2

    def test_of_two_near_points_is_their_largest_step(self) -> None:
        assert topology.bottleneck(np.array([[0.0, 5.0]]), np.array([[1.0, 8.0]])) == 3

    @pytest.mark.parametrize(("n", "m"), [(1, 1), (6, 3), (40, 60), (150, 140)])
    def test_equals_persim(self, n: int, m: int) -> None:
        persim = pytest.importorskip("persim")
        a, b = random_diagram(n, n), random_diagram(m, m + 1)
        # both choose among the same distances; halves may round once
        assert topology.bottleneck(a, b) == pytest.approx(persim.bottleneck(a, b), rel=1e-12)

    @settings(max_examples=100)
    @given(diagrams(4), diagrams(4))
    def test_equals_the_best_of_all_matchings(self, a: np.ndarray, b: np.ndarray) -> None:
        # not gudhi 3.13.0: its distance is too large for a fifth of pairs of four points each
        assert topology.bottleneck(a, b) == min(map(max, matchings(a, b, np.inf)))

    def test_is_at_most_the_wasserstein_distance(self) -> None:
        a, b = random_diagram(30, 1), random_diagram(35, 2)
        assert topology.bottleneck(a, b) <= topology.wasserstein(a, b)


class TestSliced:
    @pytest.mark.parametrize(("n", "m"), [(0, 4), (1, 1), (6, 3), (60, 50)])
    def test_equals_one_dimensional_distances(self, n: int, m: int) -> None:
        a, b = random_diagram(n, 1), random_diagram(m, 2)
        flat_a, flat_b = (np.repeat(d.mean(axis=1), 2).reshape(-1, 2) for d in (a, b))
        one, other = np.vstack([a, flat_b]), np.vstack([b, flat_a])
        total = 0.0
        for k in range(7):
            line = [np.cos(np.pi * (k / 7 - 0.5)), np.sin(np.pi * (k / 7 - 0.5))]
            total += len(one) * wasserstein_distance(one @ line, other @ line)
        found = topology.sliced_wasserstein_matrix([a, b], n_directions=7)[0, 1]
        assert found == pytest.approx(total / 7, rel=1e-10)

    def test_equals_persim(self) -> None:
        persim = pytest.importorskip("persim")
        a, b = random_diagram(60, 1), random_diagram(50, 2)
        found = topology.sliced_wasserstein_matrix([a, b])[0, 1]
        # persim adds up its angles in single precision
        assert found == pytest.approx(persim.sliced_wasserstein(a, b, M=50), rel=1e-6)

    def test_of_one_point_to_nothing(self) -> None:
        # the point and its projection are 1 / sqrt(2) apart; the mean of |cos| is 2 / pi
        found = topology.sliced_wasserstein_matrix([np.array([[0.0, 1.0]]), EMPTY], 1000)[0, 1]
        # the rule of equal steps is off by at most pi^2 / (12 * 1000^2) of the value
        assert found == pytest.approx(np.sqrt(2) / np.pi, rel=2e-6)

    def test_no_directions_are_refused(self) -> None:
        with pytest.raises(ValueError, match="n_directions is 0"):
            topology.sliced_wasserstein_matrix([EMPTY], 0)
