"""Betweenness and modules: closed forms and two libraries."""

import networkx as nx
import numpy as np
import pytest

from funcnet_utils.graphs import betweenness, communities, modularity, paths


@pytest.mark.parametrize(("n", "share"), [(1, 0.5), (2, 0.5), (40, 0.02), (60, 0.1), (70, 0.6)])
def test_betweenness_equals_networkx(n, share):
    graph = nx.fast_gnp_random_graph(n, share, seed=1)
    expected = nx.betweenness_centrality(graph)
    found = betweenness(nx.to_numpy_array(graph, dtype=bool))
    np.testing.assert_allclose(found, [expected[k] for k in range(n)], rtol=1e-12, atol=1e-15)


def test_betweenness_of_a_path_and_of_a_star():
    path = nx.to_numpy_array(nx.path_graph(7), dtype=bool)
    k = np.arange(7)
    np.testing.assert_allclose(betweenness(path), k * (6 - k) / 15, atol=1e-15)
    star = nx.to_numpy_array(nx.star_graph(6), dtype=bool)
    np.testing.assert_array_equal(betweenness(np.stack([star, path]))[0], [1, 0, 0, 0, 0, 0, 0])
    assert betweenness(np.zeros((0, 0), bool)).shape == (0,)


def test_communities_have_the_modularity_that_is_reported():
    graph = nx.connected_caveman_graph(5, 6)
    adjacency = nx.to_numpy_array(graph, dtype=bool)
    label = communities(adjacency, seed=0)
    parts = [set(np.flatnonzero(label == module)) for module in np.unique(label)]
    assert len(parts) == 5
    assert nx.community.modularity(graph, parts) == pytest.approx(modularity(adjacency, seed=0))
    np.testing.assert_array_equal(communities(np.zeros((3, 3), bool), seed=0), [0, 1, 2])


@pytest.mark.parametrize("most", [2.0, 3.0, 2.0**20])
def test_paths_are_counted_in_any_unit(most, monkeypatch):
    graph = nx.fast_gnp_random_graph(60, 0.08, seed=1)
    monkeypatch.setattr(paths, "MOST_PATHS", most)
    expected = nx.betweenness_centrality(graph)
    found = betweenness(nx.to_numpy_array(graph, dtype=bool))
    np.testing.assert_allclose(found, list(expected.values()), rtol=1e-12, atol=1e-15)


def test_more_paths_than_a_float_can_count():
    """Layers of 3 nodes, each joined to the next: 3^699 paths from one end to the other."""
    width, n_layers = 3, 700
    n = width * n_layers
    layer = np.arange(n) // width
    adjacency = np.abs(layer[:, None] - layer) == 1
    found = betweenness(adjacency).reshape(n_layers, width) * ((n - 1) * (n - 2) / 2)
    before = np.arange(n_layers)
    # a third of the paths between earlier and later layers; pairs of one layer meet on both sides
    due = width * before * (n_layers - 1 - before).astype(float)
    sides = np.where((before == 0) | (before == n_layers - 1), 1, 2)
    meeting = width * (width - 1) / 2 / (width * sides)
    due[1:] += meeting[:-1]
    due[:-1] += meeting[1:]
    np.testing.assert_allclose(found, due[:, None].repeat(width, 1), rtol=1e-11)
