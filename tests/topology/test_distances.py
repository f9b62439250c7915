"""Distances between diagrams against closed forms, gudhi, POT and brute force."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from funcnet_utils import topology

EMPTY = np.zeros((0, 2))


def random_diagram(m, seed):
    rng = np.random.default_rng(seed)
    births = rng.random(m)
    return np.column_stack([births, births + rng.exponential(0.2, m)])


def brute(a, b, order, metric):
    """Try every way to match points to points or to the diagonal."""
    size = len(a) + len(b)
    cost = np.zeros((size, size))
    for i in range(size):
        for j in range(size):
            if i < len(a) and j < len(b):
                cost[i, j] = metric(a[i] - b[j])
            elif i < len(a):
                cost[i, j] = metric(np.array([-1, 1]) * (a[i, 1] - a[i, 0]) / 2)
            elif j < len(b):
                cost[i, j] = metric(np.array([-1, 1]) * (b[j, 1] - b[j, 0]) / 2)
    ways = (cost[range(size), list(p)] for p in permutations(range(size)))
    if order == np.inf:
        return min(way.max() for way in ways)
    return min((way**order).sum() for way in ways) ** (1 / order)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("sizes", [(3, 3), (2, 4), (0, 3), (1, 1)])
def test_exact_by_brute_force(sizes, seed):
    a, b = (random_diagram(m, 10 * seed + k) for k, m in enumerate(sizes))
    for order in (1, 2):
        expected = brute(a, b, order, np.linalg.norm)
        assert topology.wasserstein(a, b, order) == pytest.approx(expected, abs=1e-9)
    expected = brute(a, b, np.inf, lambda x: np.abs(x).max())
    assert topology.bottleneck(a, b) == pytest.approx(expected, abs=1e-15)


def test_to_the_empty_diagram():
    a = random_diagram(30, 0)
    lifetimes = a[:, 1] - a[:, 0]
    assert topology.wasserstein(a, EMPTY) == pytest.approx(np.sqrt((lifetimes**2 / 2).sum()))
    assert topology.bottleneck(a, EMPTY) == pytest.approx(lifetimes.max() / 2)
    assert topology.wasserstein(EMPTY, EMPTY) == topology.bottleneck(EMPTY, EMPTY) == 0


@pytest.mark.parametrize("seed", range(3))
def test_equal_to_other_libraries(seed):
    gudhi = pytest.importorskip("gudhi", reason="gudhi is an optional peer")
    pytest.importorskip("ot", reason="POT is an optional peer")
    from gudhi.wasserstein import wasserstein_distance

    a, b = random_diagram(60, seed), random_diagram(45, seed + 100)
    theirs = wasserstein_distance(a, b, order=2, internal_p=2)
    assert topology.wasserstein(a, b) == pytest.approx(theirs, abs=1e-9)
    assert topology.bottleneck(a, b) == pytest.approx(gudhi.bottleneck_distance(a, b, 0), abs=1e-12)


def test_sliced_equals_persim():
    persim = pytest.importorskip("persim", reason="persim is an optional peer")
    a, b = random_diagram(20, 0), random_diagram(30, 1)
    found = topology.sliced_wasserstein_matrix([a, b, EMPTY], n_directions=50)
    assert found[0, 1] == pytest.approx(
        persim.sliced_wasserstein(a, b, M=50), rel=1e-7
    )  # persim adds its angles up


small = st.integers(0, 10**6).map(lambda seed: random_diagram(seed % 7, seed))


@given(small, small, small)
def test_metric_axioms(a, b, c):
    diagrams = [a, b, c]
    for matrix in (
        topology.wasserstein_matrix(diagrams),
        topology.bottleneck_matrix(diagrams),
        topology.sliced_wasserstein_matrix(diagrams),
    ):
        np.testing.assert_array_equal(matrix, matrix.T)
        assert not np.diagonal(matrix).any()
        assert matrix[0, 2] <= matrix[0, 1] + matrix[1, 2] + 1e-9


@given(small, st.randoms())
def test_order_of_points_does_not_matter(a, random):
    order = list(range(len(a)))
    random.shuffle(order)
    # a square root of the rounding error of a sum
    assert topology.wasserstein(a, a[order]) == pytest.approx(0, abs=1e-7)
    assert topology.bottleneck(a, a[order]) == 0


def test_workers_give_the_same_matrix():
    diagrams = [random_diagram(20, k) for k in range(5)]
    np.testing.assert_array_equal(
        topology.wasserstein_matrix(diagrams), topology.wasserstein_matrix(diagrams, workers=2)
    )


def test_graph_filtration_by_hand():
    # the spanning tree of the first is {0.9, 0.8}, the edge that ends a loop 0.1
    first = np.array([[0, 0.9, 0.8], [0.9, 0, 0.1], [0.8, 0.1, 0]])
    second = np.array([[0, 0.5, 0.5], [0.5, 0, 0.5], [0.5, 0.5, 0]])
    expected = np.sqrt(0.4**2 + 0.3**2 + 0.4**2)
    found = topology.graph_filtration_matrix([first, second])
    assert found[0, 1] == pytest.approx(expected)


@given(st.integers(2, 12), st.integers(0, 1000))
def test_graph_filtration_ignores_labels(n, seed):
    weights = np.triu(np.random.default_rng(seed).random((n, n)), 1)
    weights += weights.T
    order = np.random.default_rng(seed).permutation(n)
    assert topology.graph_filtration_matrix([weights, weights[np.ix_(order, order)]])[0, 1] == 0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: topology.wasserstein(EMPTY, EMPTY, 0.5), "order is 0.5"),
        (lambda: topology.wasserstein(EMPTY, EMPTY, np.inf), "use bottleneck"),
        (
            lambda: topology.graph_filtration_matrix([np.full((2, 2), np.nan)]),
            "NaN or infinity",
        ),
        (lambda: topology.wasserstein(np.zeros((2, 3)), EMPTY), "births and deaths"),
        (lambda: topology.sliced_wasserstein_matrix([EMPTY], 0), "n_directions is 0"),
        (lambda: topology.wasserstein_matrix([EMPTY], workers=0), "workers is 0"),
        (
            lambda: topology.graph_filtration_matrix([np.zeros((2, 2)), np.zeros((3, 3))]),
            "square ones of one size",
        ),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(ValueError, match=message):
        call()
