"""One search of a graph gives every measure of shortest paths, with the same bits."""

import networkx as nx
import numba
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse.csgraph import shortest_path

from funcnet_utils import graphs


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
    np.testing.assert_array_equal(found["histogram"], np.bincount(near, minlength=1))


def test_stacks_of_graphs_of_different_diameter():
    path, ring, none = (
        graphs.from_networkx(g) for g in (nx.path_graph(6), nx.cycle_graph(6), nx.empty_graph(6))
    )
    found = graphs.path_lengths(np.array([[path, ring, none]]))
    assert found["diameter"].tolist() == [[5, 3, 0]]
    assert found["histogram"].tolist() == [[[0, 5, 4, 3, 2, 1], [0, 6, 6, 3, 0, 0], [0] * 6]]
    assert found["connected_share"].tolist() == [[1, 1, 0]]
    assert graphs.path_lengths(np.zeros((0, 4, 4), bool))["histogram"].shape == (0, 1)


def test_threads_do_not_matter():
    stack = np.array([random_graph(70, d, 1) for d in (0.02, 0.1, 0.5)])
    threads = numba.get_num_threads()
    both = graphs.path_lengths(stack)
    try:
        numba.set_num_threads(1)
        one = graphs.path_lengths(stack)
    finally:
        numba.set_num_threads(threads)
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
