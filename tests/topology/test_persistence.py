"""Diagrams of spaces whose shape is known, other libraries, and invariants."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_array
from scipy.sparse.csgraph import minimum_spanning_tree
from scipy.spatial.distance import cdist

from funcnet_utils import topology


def polygon(m):
    angles = 2 * np.pi * np.arange(m) / m
    points = np.column_stack([np.cos(angles), np.sin(angles)])
    distances = cdist(points, points)
    return (distances + distances.T) / 2


def random_distances(n, seed, levels=0):
    rng = np.random.default_rng(seed)
    upper = rng.integers(1, levels + 1, (n, n)) / levels if levels else rng.uniform(0.01, 1, (n, n))
    upper = np.triu(upper, 1)
    return upper + upper.T


@pytest.mark.parametrize("m", [5, 8, 20])
def test_polygon_has_one_loop(m):
    h0, h1 = topology.persistence(polygon(m))
    side = 2 * np.sin(np.pi / m)
    np.testing.assert_allclose(h0[:-1, 1], side, atol=1e-12)
    assert np.isinf(h0[-1, 1])
    # the loop closes with the sides and is filled by the triangle that spans a third of the circle
    filled = 2 * np.sin(np.pi * -(-m // 3) / m)
    # ripser works in single precision
    np.testing.assert_allclose(h1, [[side, filled]], atol=1e-6)


def test_square():
    h1 = topology.persistence(polygon(4))[1]
    np.testing.assert_allclose(h1, [[np.sqrt(2), 2]], atol=1e-6)  # single precision


def test_cycle_metric():
    steps = np.abs(np.subtract.outer(np.arange(9), np.arange(9)))
    h1 = topology.persistence(np.minimum(steps, 9 - steps))[1]
    assert h1.tolist() == [[1.0, 3.0]]


@pytest.mark.parametrize("n", [0, 1, 2])
def test_tiny_spaces(n):
    h0, h1 = topology.persistence((1 - np.eye(n)) * 0.5)
    assert h0.tolist() == [[0.0, 0.5], [0.0, np.inf]][2 - n :] if n else h0.shape == (0, 2)
    assert h1.shape == (0, 2)


def test_octahedron_has_a_void():
    distances = np.ones((6, 6)) - np.eye(6)
    for i in range(3):
        distances[i, i + 3] = distances[i + 3, i] = 2
    h2 = topology.persistence(distances, maxdim=2)[2]
    assert h2.tolist() == [[1.0, 2.0]]
    assert len(topology.persistence(distances, maxdim=0)) == 1


@given(st.integers(2, 25), st.integers(0, 10**6))
def test_h0_deaths_are_the_spanning_tree(n, seed):
    distances = random_distances(n, seed)
    tree = minimum_spanning_tree(csr_array(distances)).data
    deaths = topology.persistence(distances)[0][:-1, 1]
    np.testing.assert_array_equal(deaths, np.sort(tree))


@given(st.integers(3, 20), st.integers(0, 10**6), st.sampled_from([0, 3, 6]))
def test_relabelling_changes_nothing(n, seed, levels):
    distances = random_distances(n, seed, levels)
    order = np.random.default_rng(seed).permutation(n)
    for one, other in zip(
        topology.persistence(distances),
        topology.persistence(distances[np.ix_(order, order)]),
        strict=True,
    ):
        np.testing.assert_array_equal(one, other)


@given(st.integers(3, 20), st.integers(0, 10**6))
def test_scaling_by_two_scales_the_diagram(n, seed):
    distances = random_distances(n, seed)
    for one, other in zip(
        topology.persistence(distances), topology.persistence(2 * distances), strict=True
    ):
        np.testing.assert_array_equal(2 * one, other)


@given(st.integers(3, 20), st.integers(0, 10**6))
def test_a_duplicated_point_adds_one_component_of_no_length(n, seed):
    distances = random_distances(n, seed)
    order = [*range(n), 0]
    twice = distances[np.ix_(order, order)]
    (h0, h1), (g0, g1) = topology.persistence(distances), topology.persistence(twice)
    np.testing.assert_array_equal(g1, h1)
    np.testing.assert_array_equal(g0[1:], h0)
    assert g0[0].tolist() == [0, 0]


@given(st.integers(4, 15), st.integers(0, 10**6))
def test_stability(n, seed):
    distances = random_distances(n, seed)
    moved = distances + 0.1 * random_distances(n, seed + 1)
    bound = np.abs(moved - distances).max()
    for one, other in zip(
        topology.persistence(distances), topology.persistence(moved), strict=True
    ):
        # single precision of ripser
        assert topology.bottleneck(one, other) <= bound + 1e-6


@pytest.mark.parametrize("levels", [0, 4])
@pytest.mark.parametrize("seed", range(4))
def test_equal_to_gudhi(seed, levels):
    gudhi = pytest.importorskip("gudhi", reason="gudhi is an optional peer")
    distances = random_distances(40, seed, levels)
    tree = gudhi.RipsComplex(distance_matrix=distances).create_simplex_tree(max_dimension=2)
    tree.compute_persistence(homology_coeff_field=2, min_persistence=0)
    theirs = tree.persistence_intervals_in_dimension(1)
    ours = topology.persistence(distances)[1]
    order = np.lexsort((theirs[:, 0], theirs[:, 1]))
    # single precision of ripser
    np.testing.assert_allclose(ours, theirs[order], atol=1e-6)


@pytest.mark.parametrize(
    ("distances", "message"),
    [
        (np.zeros((2, 3)), "one matrix of shape"),
        (np.zeros((2, 2, 2)), "one matrix of shape"),
        (np.array([[0, np.nan], [np.nan, 0]]), "drop dead units"),
        (np.array([[0, -1.0], [-1.0, 0]]), "use 1 - |r|"),
        (np.eye(2), "1 on the diagonal"),
        (np.array([[0, 1.0], [2.0, 0]]), "not symmetric"),
    ],
)
def test_bad_distances(distances, message):
    with pytest.raises(ValueError, match=message.replace("|", r"\|")):
        topology.persistence(distances)


def test_rounding_of_correlations_is_put_right():
    r = np.corrcoef(np.random.default_rng(0).normal(size=(30, 50)))
    raw = 1 - np.abs(r)
    assert np.diagonal(raw).any() or not np.array_equal(raw, raw.T)
    clean = (raw + raw.T) / 2
    np.fill_diagonal(clean, 0)
    for one, other in zip(topology.persistence(raw), topology.persistence(clean), strict=True):
        np.testing.assert_array_equal(one, other)


def test_bad_dimension():
    with pytest.raises(ValueError, match="maxdim is -1"):
        topology.persistence(np.zeros((2, 2)), maxdim=-1)
