"""Measures of binary graphs from triangles and distances, by their names in the literature.

Every measure takes one graph of shape (n, n) and returns a float, or a stack of shape (..., n, n)
and returns an array of shape (...). Graphs are boolean (or 0 and 1), symmetric, without self-loops;
anything else is a ValueError.
"""

from __future__ import annotations

from math import fsum
from typing import Any

import numpy as np

from funcnet_utils.graphs._bits import relabelled
from funcnet_utils.graphs._graph import Graph, measure
from funcnet_utils.graphs._neighbourhoods import local_efficiencies
from funcnet_utils.graphs.paths import (
    connected_pairs,
    longest_distance,
    mean_distance,
    mean_efficiency,
)


def clustering(adjacency: np.ndarray) -> Any:
    """Return the mean local clustering coefficient C.

    The local coefficient is the share of pairs of neighbours that are adjacent; it is 0 for nodes
    of degree below 2, which count in the mean (as in networkx). A graph without nodes has 0.

    Parameters
    ----------
    adjacency : ndarray of bool, shape (..., n, n)

    Returns
    -------
    float or ndarray, in [0, 1]

    Raises
    ------
    ValueError
        If the adjacency is not square, boolean, symmetric and free of self-loops.

    References
    ----------
    Watts, Strogatz (1998), doi:10.1038/30918.

    Examples
    --------
    >>> clustering(np.array([[0, 1, 1], [1, 0, 1], [1, 1, 0]]))
    1.0
    """
    return measure(adjacency, mean_clustering)


def transitivity(adjacency: np.ndarray) -> Any:
    """Return the transitivity T: three times the triangles, divided by the connected triples.

    Not the same as `clustering`, which averages over nodes. A graph without triples has 0.

    Parameters
    ----------
    adjacency : ndarray of bool, shape (..., n, n)

    Returns
    -------
    float or ndarray, in [0, 1]

    Raises
    ------
    ValueError
        If the adjacency is not square, boolean, symmetric and free of self-loops.

    References
    ----------
    Newman, Watts, Strogatz (2002), doi:10.1073/pnas.012582999.

    Examples
    --------
    >>> transitivity(np.array([[0, 1, 1], [1, 0, 1], [1, 1, 0]]))
    1.0
    """
    return measure(adjacency, closed_triples)


def characteristic_path_length(adjacency: np.ndarray) -> Any:
    """Return L, the mean number of edges on the shortest way between two connected nodes.

    Pairs that are not connected are left out; `connected_share` tells how many are left. If no
    pair is connected there is nothing to average, and L is NaN (as in igraph).

    Parameters
    ----------
    adjacency : ndarray of bool, shape (..., n, n)

    Returns
    -------
    float or ndarray, >= 1 or NaN

    Raises
    ------
    ValueError
        If the adjacency is not square, boolean, symmetric and free of self-loops.

    References
    ----------
    Watts, Strogatz (1998), doi:10.1038/30918.

    Examples
    --------
    >>> characteristic_path_length(np.array([[0, 1, 0], [1, 0, 1], [0, 1, 0]]))
    1.3333333333333333
    """
    return measure(adjacency, mean_distance)


def connected_share(adjacency: np.ndarray) -> Any:
    """Return the share of pairs of nodes that are connected; 1 for fewer than two nodes.

    Parameters
    ----------
    adjacency : ndarray of bool, shape (..., n, n)

    Returns
    -------
    float or ndarray, in [0, 1]

    Raises
    ------
    ValueError
        If the adjacency is not square, boolean, symmetric and free of self-loops.

    Examples
    --------
    >>> connected_share(np.zeros((3, 3), dtype=bool))
    0.0
    """
    return measure(adjacency, connected_pairs)


def diameter(adjacency: np.ndarray) -> Any:
    """Return the longest shortest path between connected nodes; 0 without edges.

    Parameters
    ----------
    adjacency : ndarray of bool, shape (..., n, n)

    Returns
    -------
    float or ndarray
        A whole number in [0, n - 1].

    Raises
    ------
    ValueError
        If the adjacency is not square, boolean, symmetric and free of self-loops.

    Examples
    --------
    >>> diameter(np.array([[0, 1, 0], [1, 0, 1], [0, 1, 0]]))
    2.0
    """
    return measure(adjacency, longest_distance)


def global_efficiency(adjacency: np.ndarray) -> Any:
    """Return E_glob, the mean of 1 / distance over all pairs; pairs not connected count 0.

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

    References
    ----------
    Latora, Marchiori (2001), doi:10.1103/PhysRevLett.87.198701.

    Examples
    --------
    >>> global_efficiency(np.array([[0, 1, 0], [1, 0, 1], [0, 1, 0]]))
    0.8333333333333334
    """
    return measure(adjacency, mean_efficiency)


def local_efficiency(adjacency: np.ndarray) -> Any:
    """Return E_loc, the mean over nodes of the global efficiency among the neighbours of a node.

    Ways lead through neighbours only, not through the node or the rest of the graph. Nodes of
    degree below 2 count 0, and so does a graph without nodes.

    Parameters
    ----------
    adjacency : ndarray of bool, shape (..., n, n)

    Returns
    -------
    float or ndarray, in [0, 1]

    Raises
    ------
    ValueError
        If the adjacency is not square, boolean, symmetric and free of self-loops.

    References
    ----------
    Latora, Marchiori (2001), doi:10.1103/PhysRevLett.87.198701.

    Examples
    --------
    >>> local_efficiency(np.array([[0, 1, 1], [1, 0, 1], [1, 1, 0]]))
    1.0
    """
    return measure(adjacency, mean_local_efficiency)


def mean_clustering(graph: Graph) -> float:
    """C of one graph."""
    pairs = graph.degree * (graph.degree - 1)
    local = 2 * graph.triangles / np.maximum(pairs, 1)
    return float(local.sum()) / graph.n if graph.n else 0.0


def closed_triples(graph: Graph) -> float:
    """T of one graph."""
    triples = int((graph.degree * (graph.degree - 1)).sum())
    return 2 * int(graph.triangles.sum()) / triples if triples else 0.0


def mean_local_efficiency(graph: Graph) -> float:
    """E_loc of one graph."""
    hubs_first = np.argsort(-graph.degree, kind="stable")
    rows = relabelled(graph.rows, hubs_first)
    local = local_efficiencies(rows, graph.degree[hubs_first], graph.triangles[hubs_first])
    return fsum(local) / graph.n if graph.n else 0.0
