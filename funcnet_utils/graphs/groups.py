"""Measures of how edges join groups of nodes: communities, layers, and nodes of like degree.

See `measures` for their input. Labels are whole numbers, one per node; others are a ValueError.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from funcnet_utils.errors import check_labels
from funcnet_utils.graphs._graph import Adjacency, Graph, Stack, checked, measure, ratio
from funcnet_utils.graphs._leiden import best_communities
from funcnet_utils.graphs.nulls import stream_seeds

STARTS = 5
ROUNDS = 10


def modularity(adjacency: Adjacency, seed: int) -> Any:
    """Return Q, the modularity of the best communities that the Leiden algorithm finds.

    Parameters
    ----------
    adjacency : ndarray of bool, shape (..., n, n)
    seed : int
        Seed >= 0 of the algorithm, which starts 5 times on each graph and keeps the best. Each
        start repeats its passes until one gains nothing, at most 10 times.

    Returns
    -------
    float or ndarray, in [-0.5, 1)
        0 for a graph without edges.

    References
    ----------
    Newman, Girvan (2004), doi:10.1103/PhysRevE.69.026113. Traag, Waltman, van Eck (2019),
    doi:10.1038/s41598-019-41695-z.

    Examples
    --------
    >>> two_pairs = np.kron(np.eye(2), [[0, 1], [1, 0]])
    >>> modularity(two_pairs, seed=0)
    0.5
    """
    return measure(adjacency, lambda graph: ratio(_leiden(graph, seed)[0], graph.ends**2))


def communities(adjacency: Adjacency, seed: int) -> np.ndarray:
    """Return the module of each node, of the division whose modularity `modularity` returns.

    Parameters
    ----------
    adjacency : ndarray of bool, shape (..., n, n)
    seed : int
        Seed >= 0, as that of `modularity`.

    Returns
    -------
    ndarray of int, shape (..., n)
        Modules, numbered from 0 in the order of their first nodes; without edges each node is a
        module of its own.

    References
    ----------
    Traag, Waltman, van Eck (2019), doi:10.1038/s41598-019-41695-z.

    Examples
    --------
    >>> communities(np.kron(np.eye(2), [[0, 1], [1, 0]]), seed=0).tolist()
    [0, 0, 1, 1]
    """
    return measure(adjacency, lambda graph: _leiden(graph, seed)[1], nodes=True, dtype=np.int64)


def degree_assortativity(adjacency: Adjacency) -> Any:
    """Return the correlation of the degrees at the two ends of an edge.

    Returns
    -------
    float or ndarray, in [-1, 1] or NaN
        NaN if all ends have the same degree, or there is no edge.

    References
    ----------
    Newman (2002), doi:10.1103/PhysRevLett.89.208701.

    Examples
    --------
    >>> degree_assortativity(np.array([[0, 1, 1], [1, 0, 0], [1, 0, 0]]))
    -1.0
    """

    def correlation(graph: Graph) -> float:
        k = graph.degree.astype(object)  # whole numbers of any size
        heads, tails = np.repeat(graph.degree, graph.degree), graph.degree[graph.neighbours[1]]
        first, second = int((k**2).sum()), int((k**3).sum())
        spread = graph.ends * second - first**2
        return ratio(graph.ends * int((heads * tails).sum()) - first**2, spread, float("nan"))

    return measure(adjacency, correlation)


def participation(adjacency: Adjacency, labels: np.ndarray) -> Any:
    """Return the mean participation coefficient: how evenly the edges of a node spread over groups.

    That of a node is 1 minus the sum over groups of the squared share of its edges that go there;
    0 if all go to one group, and for nodes without edges. A graph without nodes has 0.

    Parameters
    ----------
    adjacency : ndarray of bool, shape (..., n, n)
    labels : ndarray of int, shape (n,)
        Group of each node, such as its layer.

    Returns
    -------
    float or ndarray, in [0, 1)

    References
    ----------
    Guimera, Amaral (2005), doi:10.1038/nature03288.

    Examples
    --------
    >>> participation(np.array([[0, 1, 1], [1, 0, 0], [1, 0, 0]]), np.array([0, 1, 2]))
    0.16666666666666666
    """
    stack, members = _members(adjacency, labels)

    def mean_of_nodes(graph: Graph) -> float:
        edges = graph.adjacency.astype(np.float32) @ members.astype(np.float32)
        squares = (edges.astype(np.int64) ** 2).sum(axis=1)
        spread = 1 - squares / np.maximum(graph.degree, 1) ** 2
        return ratio(float(np.where(graph.degree > 0, spread, 0.0).sum()), graph.n)

    return measure(stack, mean_of_nodes)


def within_share(adjacency: Adjacency, labels: np.ndarray) -> Any:
    """Return the share of edges between nodes of the same group.

    Parameters
    ----------
    adjacency : ndarray of bool, shape (..., n, n)
    labels : ndarray of int, shape (n,)
        Group of each node, such as its layer.

    Returns
    -------
    float or ndarray, in [0, 1] or NaN
        NaN without edges.

    Examples
    --------
    >>> within_share(np.array([[0, 1, 1], [1, 0, 0], [1, 0, 0]]), np.array([0, 0, 1]))
    0.5
    """
    stack, members = _members(adjacency, labels)

    def share_of_ends(graph: Graph) -> float:
        within = int((graph.adjacency & (members @ members.T)).sum())
        return ratio(within, graph.ends, float("nan"))

    return measure(stack, share_of_ends)


def _leiden(graph: Graph, seed: int) -> tuple[int, np.ndarray]:
    """Return the modularity times the squared number of ends, and the module of each node."""
    value, found = best_communities(*graph.neighbours, stream_seeds(seed, STARTS), ROUNDS)
    return int(value), found


def _members(adjacency: Adjacency, labels: np.ndarray) -> tuple[Stack, np.ndarray]:
    """Return checked graphs, and which node is in which group, shape (n, n_groups)."""
    stack = checked(adjacency)
    codes = check_labels(labels, stack.n, "node")
    return stack, codes[:, None] == np.arange(codes.max(initial=-1) + 1)
