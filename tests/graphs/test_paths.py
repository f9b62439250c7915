"""One search of a graph gives every measure of shortest paths, with the same bits."""

from unittest.mock import patch

import networkx as nx
import numba
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse.csgraph import shortest_path
from scipy.stats import binom

from funcnet_utils import graphs
from funcnet_utils.graphs._graph import single


def random_graph(n, density, seed):
    upper = np.triu(np.random.default_rng(seed).random((n, n)) < density, 1)
    return upper | upper.T


@given(st.integers(0, 90), st.floats(0, 1), st.integers(0, 2**32 - 1))
def test_equals_the_measures_and_scipy(n, density, seed):
    adjacency = random_graph(n, density**3, seed)
    found = graphs.path_lengths(adjacency)
    for name in ("characteristic_path_length", "global_efficiency", "connected_share", "diameter"):
        np.testing.assert_equal(found[name], getattr(graphs, name)(adjacency))
    lengths = np.zeros(0)
    if n:
        lengths = shortest_path(adjacency, unweighted=True)[np.triu_indices(n, 1)]
    near = lengths[np.isfinite(lengths)].astype(int)
    counts = 2 * np.bincount(near, minlength=1)  # ordered pairs at distance 0, 1, 2, ...
    counts[0] = n
    np.testing.assert_array_equal(single(adjacency).distances, counts)


@given(st.integers(2, 90), st.floats(0, 1), st.integers(0, 2**32 - 1))
def test_paths_from_all_sources_are_exact(n, density, seed):
    adjacency = random_graph(n, density**3, seed)
    for name, found in graphs.sampled_paths(adjacency, n, seed).items():
        np.testing.assert_allclose(found, 3 * [getattr(graphs, name)(adjacency)], rtol=1e-14)


def test_intervals_of_sampled_paths_cover_the_truth_as_often_as_they_say():
    """The graph has parts, so L is a ratio, and a third of its nodes is sampled."""
    adjacency = np.zeros((180, 180), bool)
    adjacency[:150, :150] = random_graph(150, 0.03, 0)
    adjacency[150:, 150:] = random_graph(30, 0.2, 1)
    trials = 500
    runs = [graphs.sampled_paths(adjacency, 60, seed) for seed in range(trials)]
    least, most = binom.ppf([0.0005, 0.9995], trials, 0.95)
    for name in runs[0]:
        estimates, low, high = np.array([run[name] for run in runs]).T
        truth = getattr(graphs, name)(adjacency)
        assert least <= np.count_nonzero((low <= truth) & (truth <= high)) <= most, name
        np.testing.assert_allclose(estimates, (low + high) / 2)
        assert abs(estimates.mean() - truth) < 4 * estimates.std() / trials**0.5


def test_intervals_of_sampled_paths_stay_possible():
    star = np.zeros((30, 30), bool)
    star[0, 1:] = star[1:, 0] = True
    for adjacency in (star, np.kron(np.eye(10, dtype=bool), star[:3, :3])):
        for seed in range(20):
            found = graphs.sampled_paths(adjacency, 2, seed)
            (length, low, _), (efficiency, least, most) = found.values()
            assert 1 <= low <= length
            assert 0 <= least <= efficiency <= most <= 1
    with pytest.raises(ValueError, match=r"the number of nodes is 1: choose a whole number >= 2"):
        graphs.sampled_paths(np.zeros((1, 1), bool), 2)


def test_sampled_paths_of_no_edges_and_of_threads():
    none = graphs.sampled_paths(np.zeros((5, 5), bool), 3)
    np.testing.assert_equal(none["characteristic_path_length"], 3 * (np.nan,))
    assert none["global_efficiency"] == (0, 0, 0)
    adjacency = random_graph(70, 0.1, 1)
    both = graphs.sampled_paths(adjacency, 69, seed=3)
    with patch.object(numba.config, "NUMBA_NUM_THREADS", 1):
        assert graphs.sampled_paths(adjacency, 69, seed=3) == both
    with pytest.raises(ValueError, match=r"n_sources is 71: choose a whole number in \[2, 70\]"):
        graphs.sampled_paths(adjacency, 71)


def test_stacks_of_graphs_of_different_diameter():
    path, ring, none = (
        graphs.from_networkx(g) for g in (nx.path_graph(6), nx.cycle_graph(6), nx.empty_graph(6))
    )
    found = graphs.path_lengths(np.array([[path, ring, none]]))
    assert found["diameter"].tolist() == [[5, 3, 0]]
    # pairs at distance 1, 2, ...: 5, 4, 3, 2, 1 in the path, 6, 6, 3 in the ring
    lengths = found["characteristic_path_length"]
    np.testing.assert_array_equal(lengths, [[35 / 15, 27 / 15, np.nan]])
    assert found["connected_share"].tolist() == [[1, 1, 0]]
    assert graphs.path_lengths(np.zeros((0, 4, 4), bool))["diameter"].shape == (0,)


def test_threads_do_not_matter():
    stack = np.array([random_graph(70, d, 1) for d in (0.02, 0.1, 0.5)])
    both = graphs.path_lengths(stack)
    with patch.object(numba.config, "NUMBA_NUM_THREADS", 1):
        one = graphs.path_lengths(stack)
    for name, values in one.items():
        np.testing.assert_array_equal(values, both[name])


@pytest.mark.parametrize(
    "graph", [nx.gnp_random_graph(80, 0.1, seed=1), nx.star_graph(6), nx.empty_graph(3)]
)
def test_degree_and_triangles_equal_networkx(graph):
    adjacency = graphs.from_networkx(graph)
    degree, triangles = graphs.degree(adjacency), graphs.triangles(adjacency)
    assert degree.tolist() == [d for _, d in graph.degree]
    assert triangles.tolist() == list(nx.triangles(graph).values())
    assert degree.dtype == triangles.dtype == np.int64
    stack = np.array([[adjacency, np.zeros_like(adjacency)]])
    np.testing.assert_array_equal(graphs.degree(stack)[0, 0], degree)
    np.testing.assert_array_equal(graphs.triangles(stack)[0, 0], triangles)
    assert not graphs.triangles(stack)[0, 1].any()
    assert graphs.degree(stack).shape == (1, 2, len(adjacency))
    assert graphs.degree(np.zeros((0, 3, 3), bool)).shape == (0, 3)
