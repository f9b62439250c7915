"""Measures of how edges join groups of nodes: communities, layers, and nodes of like degree."""

from __future__ import annotations

from typing import Any

import numpy as np

from funcnet_utils.graphs._bits import unpack
from funcnet_utils.graphs._graph import Graph, counts, measure
from funcnet_utils.graphs._kernels import neighbours
from funcnet_utils.graphs._leiden import best_communities
from funcnet_utils.graphs.nulls import stream_seeds

STARTS = 5
ROUNDS = 10


def modularity(adjacency: np.ndarray, seed: int) -> Any:
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

    Raises
    ------
    ValueError
        If the adjacency is not square, boolean, symmetric and free of self-loops.

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
    return measure(adjacency, lambda graph: best_modularity(graph, seed))


def communities(adjacency: np.ndarray, seed: int) -> np.ndarray:
    """Return the module of each node, of the division whose modularity `modularity` returns.

    Parameters
    ----------
    adjacency : ndarray of bool, shape (..., n, n)
    seed : int
        Seed of the random starts of Leiden, of which the division keeps the best.

    Returns
    -------
    ndarray of int, shape (..., n)
        Modules from 0; without edges each node is a module of its own.

    Raises
    ------
    ValueError
        If the adjacency is not square, boolean, symmetric and free of self-loops.

    References
    ----------
    Traag, Waltman, van Eck (2019), doi:10.1038/s41598-019-41695-z.

    Examples
    --------
    >>> found = communities(np.kron(np.eye(2), [[0, 1], [1, 0]]), seed=0)
    >>> bool(found[0] == found[1]), bool(found[0] == found[2])
    (True, False)
    """

    def divide(graph: Graph) -> np.ndarray:
        return best_partition(graph, seed) if graph.degree.any() else np.arange(graph.n)

    return counts(adjacency, divide)


def degree_assortativity(adjacency: np.ndarray) -> Any:
    """Return the correlation of the degrees at the two ends of an edge.

    Parameters
    ----------
    adjacency : ndarray of bool, shape (..., n, n)

    Returns
    -------
    float or ndarray, in [-1, 1] or NaN
        NaN if all ends have the same degree, or there is no edge.

    Raises
    ------
    ValueError
        If the adjacency is not square, boolean, symmetric and free of self-loops.

    References
    ----------
    Newman (2002), doi:10.1103/PhysRevLett.89.208701.

    Examples
    --------
    >>> degree_assortativity(np.array([[0, 1, 1], [1, 0, 0], [1, 0, 0]]))
    -1.0
    """
    return measure(adjacency, degree_correlation)


def nodal_participation(adjacency: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return the participation coefficient of each node: how evenly its edges spread over groups.

    It is 1 minus the sum over groups of the squared share of the edges of the node that go there;
    0 if all go to one group, and for nodes without edges.

    Parameters
    ----------
    adjacency : ndarray of bool, shape (..., n, n)
    labels : ndarray of int, shape (n,)
        Group of each node, such as its layer.

    Returns
    -------
    ndarray, shape (..., n), in [0, 1)

    Raises
    ------
    ValueError
        If the adjacency is not a graph, or there is not one label a node.

    References
    ----------
    Guimera, Amaral (2005), doi:10.1038/nature03288.

    Examples
    --------
    >>> nodal_participation(np.array([[0, 1, 1], [1, 0, 0], [1, 0, 0]]), np.array([0, 0, 1]))
    array([0.5, 0. , 0. ])
    """
    return counts(adjacency, lambda graph: spread_over_groups(graph, labels), float)


def participation(adjacency: np.ndarray, labels: np.ndarray) -> Any:
    """Return the mean of `nodal_participation` over nodes; 0 for a graph without nodes.

    Parameters
    ----------
    adjacency : ndarray of bool, shape (..., n, n)
    labels : ndarray of int, shape (n,)
        Group of each node, such as its layer.

    Returns
    -------
    float or ndarray, in [0, 1)

    Raises
    ------
    ValueError
        If the adjacency is not a graph, or there is not one label a node.

    References
    ----------
    Guimera, Amaral (2005), doi:10.1038/nature03288.

    Examples
    --------
    >>> participation(np.array([[0, 1, 1], [1, 0, 0], [1, 0, 0]]), np.array([0, 1, 2]))
    0.16666666666666666
    """
    return measure(adjacency, lambda graph: mean_participation(graph, labels))


def within_share(adjacency: np.ndarray, labels: np.ndarray) -> Any:
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

    Raises
    ------
    ValueError
        If the adjacency is not a graph, or there is not one label a node.

    Examples
    --------
    >>> within_share(np.array([[0, 1, 1], [1, 0, 0], [1, 0, 0]]), np.array([0, 0, 1]))
    0.5
    """
    return measure(adjacency, lambda graph: share_within_groups(graph, labels))


def best_modularity(graph: Graph, seed: int) -> float:
    """Q of one graph."""
    ends = int(graph.degree.sum())
    if ends == 0:
        return 0.0
    return _communities(graph, seed)[0] / ends**2


def best_partition(graph: Graph, seed: int) -> np.ndarray:
    """Community of each node of one graph, numbered in the order of their first nodes."""
    _, first, place = np.unique(
        _communities(graph, seed)[1], return_index=True, return_inverse=True
    )
    return np.argsort(np.argsort(first))[place]


def _communities(graph: Graph, seed: int) -> tuple[int, np.ndarray]:
    starts = np.concatenate([[0], np.cumsum(graph.degree)])
    tails = neighbours(graph.rows, int(graph.degree.sum()))
    value, found = best_communities(starts, tails, stream_seeds(seed, STARTS), ROUNDS)
    return int(value), found


def degree_correlation(graph: Graph) -> float:
    """Degree assortativity of one graph, from sums of whole numbers over the ends of edges."""
    k = graph.degree.astype(object)
    heads, tails = np.nonzero(unpack(graph.rows))
    joint = int((graph.degree[heads] * graph.degree[tails]).sum())
    ends, first, second = sum(k), sum(k**2), sum(k**3)
    spread = ends * second - first**2
    return (ends * joint - first**2) / spread if spread else float("nan")


def spread_over_groups(graph: Graph, labels: np.ndarray) -> np.ndarray:
    """Participation coefficient of each node of one graph."""
    members = _members(graph, labels)
    edges = unpack(graph.rows).astype(np.float32) @ members.astype(np.float32)
    squares = (edges.astype(np.int64) ** 2).sum(axis=1)
    return np.where(graph.degree > 0, 1 - squares / np.maximum(graph.degree, 1) ** 2, 0.0)


def mean_participation(graph: Graph, labels: np.ndarray) -> float:
    """Mean participation coefficient of one graph."""
    nodal = spread_over_groups(graph, labels)
    return float(nodal.sum()) / graph.n if graph.n else 0.0


def share_within_groups(graph: Graph, labels: np.ndarray) -> float:
    """Share of edges within groups of one graph."""
    members = _members(graph, labels)
    within = int((unpack(graph.rows) & (members @ members.T)).sum())
    total = int(graph.degree.sum())
    return within / total if total else float("nan")


def _members(graph: Graph, labels: np.ndarray) -> np.ndarray:
    marks = np.asarray(labels)
    if marks.shape != (graph.n,):
        raise ValueError(
            f"labels have shape {marks.shape}: give one label for each of {graph.n} nodes."
        )
    return marks[:, None] == np.unique(marks)[None]
