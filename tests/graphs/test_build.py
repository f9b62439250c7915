"""Cutting weights into graphs: tree, count, ties, and weights of 0 and 1."""

import itertools

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from funcnet_utils import graphs
from funcnet_utils._tree import spanning_forest, spanning_tree_keys


def random_weights(n, seed, levels=0):
    rng = np.random.default_rng(seed)
    weights = rng.integers(0, levels, (n, n)) / levels if levels else rng.random((n, n))
    weights = np.triu(weights, 1)
    return weights + weights.T


def plain_cut(weights, density):
    """The definition, word for word, with sorted lists and sets."""
    n = len(weights)
    pairs = sorted(
        ((i, j) for i in range(n) for j in range(i + 1, n)), key=lambda p: (-weights[p], p)
    )
    group = {i: {i} for i in range(n)}
    tree = []
    for i, j in pairs:
        if group[i] is not group[j]:
            tree.append((i, j))
            group[i] |= group[j]
            for member in group[j]:
                group[member] = group[i]
    rest = [pair for pair in pairs if pair not in tree]
    chosen = tree + rest[: round(density * n * (n - 1) / 2) - len(tree)]
    adjacency = np.zeros((n, n), bool)
    for i, j in chosen:
        adjacency[i, j] = adjacency[j, i] = True
    return adjacency


@given(st.integers(2, 14), st.integers(0, 1000), st.sampled_from([0, 2, 4]), st.floats(0, 1))
def test_equals_the_definition(n, seed, levels, share):
    weights = random_weights(n, seed, levels)
    density = 2 / n + share * (1 - 2 / n)
    if round(density * n * (n - 1) / 2) < n - 1:
        return
    np.testing.assert_array_equal(
        graphs.spanning_density_graph(weights, density), plain_cut(weights, density)
    )


@given(st.integers(2, 30), st.integers(0, 1000))
def test_contains_a_maximum_spanning_tree_and_is_connected(n, seed):
    weights = random_weights(n, seed)
    tree = graphs.spanning_tree(weights)
    expected = nx.maximum_spanning_tree(nx.from_numpy_array(weights))
    assert sorted(map(tuple, tree.tolist())) == sorted(tuple(sorted(e)) for e in expected.edges)
    adjacency = graphs.spanning_density_graph(weights, 1.0 if n < 4 else 0.5)
    assert adjacency[tree[:, 0], tree[:, 1]].all()
    assert graphs.connected_share(adjacency) == 1


@pytest.mark.parametrize("weight", [0.0, 1.0])
def test_equal_weights_of_zero_or_one_are_weights(weight):
    weights = np.full((6, 6), weight)
    adjacency = graphs.spanning_density_graph(weights, 0.5)
    assert adjacency.sum() == 2 * round(0.5 * 15)
    # ties go to the smaller (i, j): the tree is the star of node 0
    assert adjacency[0, 1:].all()
    assert graphs.connected_share(adjacency) == 1


def test_stack_and_types():
    stack = np.array([random_weights(8, s) for s in range(6)]).reshape(2, 3, 8, 8)
    cut = graphs.spanning_density_graph(stack, 0.4)
    assert cut.dtype == bool
    assert cut.shape == stack.shape
    np.testing.assert_array_equal(cut[1, 2], graphs.spanning_density_graph(stack[1, 2], 0.4))
    np.testing.assert_array_equal(
        graphs.spanning_density_graph(stack.astype(np.float32), 0.4),
        graphs.spanning_density_graph(stack.astype(np.float32).astype(float), 0.4),
    )


def test_rounding_of_correlations_is_averaged_away():
    raw = np.abs(np.corrcoef(np.random.default_rng(0).normal(size=(30, 50))))
    assert not np.array_equal(raw, raw.T)
    cut = graphs.spanning_density_graph(raw, 0.2)
    np.testing.assert_array_equal(cut, cut.T)
    np.testing.assert_array_equal(cut, graphs.spanning_density_graph((raw + raw.T) / 2, 0.2))
    single = raw.astype(np.float32)
    single[3, 7] *= 1 + np.finfo(np.float32).eps  # one step of its own precision
    assert graphs.spanning_density_graph(single, 0.2).sum() == cut.sum()
    raw[3, 7] += 1e-6  # far above rounding
    with pytest.raises(ValueError, match="differ by up to 1e-06"):
        graphs.spanning_density_graph(raw, 0.2)


def test_two_edges_per_node_are_the_least_density_that_works():
    for n in (2, 7, 50):
        cut = graphs.spanning_density_graph(random_weights(n, n), 2 / n)
        assert cut.sum() == 2 * (n - 1)


@given(st.integers(0, 40), st.sampled_from([0, 3]), st.integers(0, 1000))
def test_a_tree_from_tiles_is_that_of_the_matrix(n, levels, seed):
    # strengths of any sign; nodes -1 are left out
    strength = random_weights(n, seed, levels) - 0.5
    graph = nx.Graph()
    graph.add_nodes_from(range(n))
    ranked = sorted(itertools.combinations(range(n), 2), key=lambda p: (-strength[p], p))
    graph.add_weighted_edges_from((i, j, k) for k, (i, j) in enumerate(ranked))
    expected = sorted(
        i * n + j for i, j in map(sorted, nx.minimum_spanning_edges(graph, data=False))
    )
    assert sorted(spanning_tree_keys(strength).tolist()) == expected
    forest = np.zeros(0), np.zeros(0, np.int64)
    parts = np.array_split(np.arange(n), 3)
    for a, rows in enumerate(parts):
        for columns in parts[a:]:
            tile = np.asfortranarray(np.pad(strength[np.ix_(rows, columns)], ((0, 1), (0, 0))))
            upper = rows is columns
            forest = spanning_forest(*forest, tile, np.append(rows, -1), columns, upper, n)
    assert sorted(forest[1].tolist()) == expected
    i, j = np.divmod(forest[1], max(n, 1))
    np.testing.assert_array_equal(forest[0], strength[i, j])


def test_the_input_and_its_diagonal_stay_as_they_are():
    weights = random_weights(8, 0) + np.eye(8)
    before = weights.copy()
    adjacency = graphs.spanning_density_graph(weights, 0.5)
    np.testing.assert_array_equal(weights, before)
    assert not np.diagonal(adjacency).any()


@pytest.mark.parametrize("n", [0, 1])
def test_tiny(n):
    assert graphs.spanning_density_graph(np.zeros((n, n)), 0.05).shape == (n, n)
    assert graphs.spanning_tree(np.zeros((n, n))).shape == (0, 2)


def test_density_graph_takes_the_strongest():
    weights = random_weights(20, 3)
    adjacency = graphs.density_graph(weights, 0.3)
    assert adjacency.sum() == 2 * round(0.3 * 190)
    chosen = weights[np.triu(adjacency)]
    others = weights[np.triu(~adjacency, 1)]
    assert chosen.min() > others.max()
    assert not graphs.density_graph(weights, 0).any()
    assert graphs.density_graph(weights, 1).sum() == 380


def test_threshold_graph_includes_the_threshold():
    weights = np.array([[0, 0.5, 0.4], [0.5, 0, 0.6], [0.4, 0.6, 0]])
    assert graphs.threshold_graph(weights, 0.5).sum() == 4
    assert graphs.threshold_graph(weights, 0).sum() == 6
    with pytest.raises(ValueError, match="threshold is nan"):
        graphs.threshold_graph(weights, np.nan)


@given(st.sampled_from([2, 128, 129, 300]), st.integers(0, 2**32 - 1))
def test_one_wrong_strength_is_found_wherever_it_is(n, seed):
    strength = random_weights(n, 0)
    i, j = np.random.default_rng(seed).choice(n, 2, replace=False)
    strength[i, j] += 0.25
    with pytest.raises(ValueError, match=r"differ by up to 0\.25"):
        graphs.spanning_tree(strength)


@pytest.mark.parametrize(
    ("weights", "density", "message"),
    [
        (random_weights(150, 0), 0.01, r"choose a density in \[0.0133333, 1\]"),
        (random_weights(5, 0), 1.1, "density is 1.1"),
        (random_weights(5, 0), np.nan, "density is nan"),
        (random_weights(5, 0)[:3], 0.5, "square"),
        (-random_weights(5, 0), 0.5, "take np.abs"),
        (np.full((3, 3), np.nan), 1, "NaN or infinity"),
        (np.full((3, 3), np.inf), 1, "NaN or infinity"),
        (np.triu(random_weights(5, 0)), 0.5, "not symmetric"),
        (np.full((3, 3), 1j), 1, "give real numbers"),
    ],
)
def test_bad_input(weights, density, message):
    with pytest.raises(ValueError, match=message):
        graphs.spanning_density_graph(weights, density)
