"""Measures of binary graphs from edges and triangles, by their names in the literature.

Here, in `paths` and in `groups`, the `adjacency` of a measure is one graph of shape (n, n), and a
float (or one number per node) is returned, or a stack of shape (..., n, n), and an array of shape
(...) is returned. Graphs are boolean (or 0 and 1), symmetric and without self-loops; anything else
is a ValueError.
"""

from __future__ import annotations

from math import fsum
from typing import Any

import numpy as np

from funcnet_utils.graphs._graph import Adjacency, Graph, measure, ratio
from funcnet_utils.graphs._neighbourhoods import local_efficiencies


def density(adjacency: Adjacency) -> Any:
    """Return the share of pairs of nodes that are adjacent.

    Returns
    -------
    float or ndarray, in [0, 1]
        0 for fewer than two nodes.

    Examples
    --------
    >>> density(np.array([[0, 1, 0], [1, 0, 1], [0, 1, 0]]))
    0.6666666666666666
    """
    return measure(adjacency, lambda graph: ratio(graph.ends, graph.pairs))


def degree(adjacency: Adjacency) -> np.ndarray:
    """Return the number of edges of each node.

    Returns
    -------
    ndarray of int, shape (..., n), in [0, n - 1]

    Examples
    --------
    >>> degree(np.array([[0, 1, 0], [1, 0, 1], [0, 1, 0]])).tolist()
    [1, 2, 1]
    """
    return measure(adjacency, lambda graph: graph.degree, nodes=True, dtype=np.int64)


def triangles(adjacency: Adjacency) -> np.ndarray:
    """Return the number of triangles at each node: the edges among its neighbours.

    Returns
    -------
    ndarray of int, shape (..., n), in [0, (n - 1) (n - 2) / 2]
        Their sum is three times the number of triangles of the graph.

    Examples
    --------
    >>> triangles(np.array([[0, 1, 1], [1, 0, 1], [1, 1, 0]])).tolist()
    [1, 1, 1]
    """
    return measure(adjacency, lambda graph: graph.triangles, nodes=True, dtype=np.int64)


def clustering(adjacency: Adjacency) -> Any:
    """Return the mean local clustering coefficient C.

    The local coefficient is the share of pairs of neighbours that are adjacent; it is 0 for nodes
    of degree below 2, which count in the mean (as in networkx). A graph without nodes has 0.

    Returns
    -------
    float or ndarray, in [0, 1]

    References
    ----------
    Watts, Strogatz (1998), doi:10.1038/30918.

    Examples
    --------
    >>> clustering(np.array([[0, 1, 1], [1, 0, 1], [1, 1, 0]]))
    1.0
    """

    def mean_of_nodes(graph: Graph) -> float:
        pairs = graph.degree * (graph.degree - 1)
        return ratio(float((2 * graph.triangles / np.maximum(pairs, 1)).sum()), graph.n)

    return measure(adjacency, mean_of_nodes)


def transitivity(adjacency: Adjacency) -> Any:
    """Return the transitivity T: three times the triangles, divided by the connected triples.

    Not the same as `clustering`, which averages over nodes. A graph without triples has 0.

    Returns
    -------
    float or ndarray, in [0, 1]

    References
    ----------
    Newman, Watts, Strogatz (2002), doi:10.1073/pnas.012582999.

    Examples
    --------
    >>> transitivity(np.array([[0, 1, 1], [1, 0, 1], [1, 1, 0]]))
    1.0
    """

    def closed_triples(graph: Graph) -> float:
        triples = int((graph.degree * (graph.degree - 1)).sum())
        return ratio(2 * int(graph.triangles.sum()), triples)

    return measure(adjacency, closed_triples)


def local_efficiency(adjacency: Adjacency) -> Any:
    """Return E_loc, the mean over nodes of the global efficiency among the neighbours of a node.

    Paths lead through neighbours only, not through the node or the rest of the graph. Nodes of
    degree below 2 count 0, and so does a graph without nodes.

    Returns
    -------
    float or ndarray, in [0, 1]

    References
    ----------
    Latora, Marchiori (2001), doi:10.1103/PhysRevLett.87.198701.

    Examples
    --------
    >>> local_efficiency(np.array([[0, 1, 1], [1, 0, 1], [1, 1, 0]]))
    1.0
    """

    def mean_of_nodes(graph: Graph) -> float:
        order, rows = graph.hubs_first  # nodes of many edges share few words
        local = local_efficiencies(rows, graph.degree[order], graph.triangles[order])
        return ratio(fsum(local), graph.n)

    return measure(adjacency, mean_of_nodes)
