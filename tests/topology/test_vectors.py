"""Distances of vectors and of graph filtrations against closed forms and networkx."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest

from funcnet_utils import topology


def random_strength(n: int, seed: int, ties: bool = False) -> np.ndarray:
    rng = np.random.default_rng(seed)
    upper = np.triu(rng.integers(0, 4, (n, n)) / 4 if ties else rng.random((n, n)), 1)
    return upper + upper.T


def test_euclidean_distances_of_arrays_of_any_shape() -> None:
    images = np.array([np.zeros((2, 2)), np.full((2, 2), 2.0)])
    assert topology.l2_matrix(images).tolist() == [[0, 4], [4, 0]]
    assert topology.l2_matrix([]).shape == (0, 0)
    assert topology.l2_matrix([[1, 2]]).tolist() == [[0]]
    with pytest.raises(ValueError, match="one grid"):
        topology.l2_matrix([[1, 2], [1, 2, 3]])


@pytest.mark.parametrize("ties", [False, True])
def test_graph_filtration_equals_networkx_and_one_dimensional_transport(ties: bool) -> None:
    several = [random_strength(12, seed, ties) for seed in range(3)]
    births, deaths = [], []
    for weights in several:
        graph = nx.from_numpy_array(weights + 1)  # no edge is left out for its weight 0
        tree = nx.maximum_spanning_tree(graph)
        births.append(np.sort([w - 1 for _, _, w in tree.edges.data("weight")]))
        graph.remove_edges_from(tree.edges)
        deaths.append(np.sort([w - 1 for _, _, w in graph.edges.data("weight")]))
    found = topology.graph_filtration_matrix(several)
    for i in range(3):
        for j in range(3):
            # on a line the cheapest matching is the sorted one
            expected = ((births[i] - births[j]) ** 2).sum() + ((deaths[i] - deaths[j]) ** 2).sum()
            assert found[i, j] == pytest.approx(np.sqrt(expected), abs=1e-12)


def test_graph_filtration_by_hand() -> None:
    # births 3 and 2, death 1, against births 3 and 3, death 0
    one = np.array([[0, 3, 1], [3, 0, 2], [1, 2, 0]])
    other = np.array([[0, 3, 0], [3, 0, 3], [0, 3, 0]])
    found = topology.graph_filtration_matrix([one, other])
    np.testing.assert_allclose(found, np.sqrt(2) * (1 - np.eye(2)), rtol=1e-15)


def test_graph_filtration_ignores_names_and_the_diagonal() -> None:
    weights = random_strength(15, 0)
    names = np.random.default_rng(1).permutation(15)
    renamed = weights[np.ix_(names, names)] + np.eye(15)
    assert topology.graph_filtration_matrix([weights, renamed])[0, 1] == 0


def test_graph_filtration_of_nothing() -> None:
    assert topology.graph_filtration_matrix([]).shape == (0, 0)
    assert topology.graph_filtration_matrix([np.zeros((1, 1))] * 2).tolist() == [[0, 0], [0, 0]]


@pytest.mark.parametrize(
    ("matrices", "words"),
    [
        ([np.zeros((2, 2)), np.zeros((3, 3))], "of one size"),
        ([np.zeros((2, 3))], "square"),
        ([np.array([[0, np.nan], [np.nan, 0]])], "NaN"),
        ([np.array([[0, 1], [2, 0]])], "not symmetric"),
    ],
)
def test_bad_strengths_give_one_clear_error(matrices: list, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        topology.graph_filtration_matrix(matrices)
