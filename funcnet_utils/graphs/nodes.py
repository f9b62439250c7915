"""Plain counts: edges and triangles of each node, and the share of pairs that are adjacent."""

from __future__ import annotations

from typing import Any

import numpy as np

from funcnet_utils.graphs._graph import Graph, counts, measure


def density(adjacency: np.ndarray) -> Any:
    """Return the share of pairs of nodes that are adjacent.

    Parameters
    ----------
    adjacency : ndarray of bool, shape (..., n, n)

    Returns
    -------
    float or ndarray, in [0, 1]
        0 for fewer than two nodes.

    Raises
    ------
    ValueError
        If the adjacency is not square, boolean, symmetric and free of self-loops.

    Examples
    --------
    >>> density(np.array([[0, 1, 0], [1, 0, 1], [0, 1, 0]]))
    0.6666666666666666
    """
    return measure(adjacency, edge_share)


def degree(adjacency: np.ndarray) -> np.ndarray:
    """Return the number of edges of each node.

    Parameters
    ----------
    adjacency : ndarray of bool, shape (..., n, n)

    Returns
    -------
    ndarray of int, shape (..., n), in [0, n - 1]

    Raises
    ------
    ValueError
        If the adjacency is not square, boolean, symmetric and free of self-loops.

    Examples
    --------
    >>> degree(np.array([[0, 1, 0], [1, 0, 1], [0, 1, 0]])).tolist()
    [1, 2, 1]
    """
    return counts(adjacency, lambda graph: graph.degree)


def triangles(adjacency: np.ndarray) -> np.ndarray:
    """Return the number of triangles at each node: the edges among its neighbours.

    Parameters
    ----------
    adjacency : ndarray of bool, shape (..., n, n)

    Returns
    -------
    ndarray of int, shape (..., n), in [0, (n - 1) (n - 2) / 2]
        Their sum is three times the number of triangles of the graph.

    Raises
    ------
    ValueError
        If the adjacency is not square, boolean, symmetric and free of self-loops.

    Examples
    --------
    >>> triangles(np.array([[0, 1, 1], [1, 0, 1], [1, 1, 0]])).tolist()
    [1, 1, 1]
    """
    return counts(adjacency, lambda graph: graph.triangles)


def edge_share(graph: Graph) -> float:
    """Density of one graph."""
    pairs = graph.n * (graph.n - 1)
    return int(graph.degree.sum()) / pairs if pairs else 0.0
