"""Between adjacency matrices and networkx graphs."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np

from funcnet_utils.graphs._graph import checked, single

if TYPE_CHECKING:
    import networkx as nx


def to_networkx(adjacency: np.ndarray) -> nx.Graph:
    """Return one graph as a networkx graph with nodes 0 to n - 1.

    Parameters
    ----------
    adjacency : ndarray of bool, shape (n, n)

    Returns
    -------
    networkx.Graph

    Examples
    --------
    >>> to_networkx(np.array([[0, 1], [1, 0]])).number_of_edges()
    1
    """
    import networkx as nx

    matrix = single(adjacency).adjacency
    graph: nx.Graph = nx.Graph()
    graph.add_nodes_from(range(len(matrix)))
    graph.add_edges_from((i, j) for i, j in np.argwhere(np.triu(matrix)).tolist())
    return graph


def from_networkx(graph: nx.Graph) -> np.ndarray:
    """Return the adjacency matrix of a networkx graph, nodes in the order of the graph.

    Weights are ignored, so an edge of weight 0 is an edge; directions and parallel edges are too.

    Parameters
    ----------
    graph : networkx.Graph
        A graph without self-loops.

    Returns
    -------
    ndarray of bool, shape (n, n)

    Examples
    --------
    >>> import networkx as nx
    >>> from_networkx(nx.path_graph(3)).astype(int).tolist()
    [[0, 1, 0], [1, 0, 1], [0, 1, 0]]
    """
    adjacency = neighbour_matrix(graph)
    adjacency |= adjacency.T
    checked(adjacency)
    return adjacency


def neighbour_matrix(graph: nx.Graph) -> np.ndarray:
    """Return who is a neighbour of whom, booleans of shape (n, n), nodes in the graph's order."""
    rows = dict(graph.adjacency())
    n = len(rows)
    cells = np.repeat(np.arange(n) * n, np.fromiter(map(len, rows.values()), np.int64, n))
    ends: Iterable[Any] = chain.from_iterable(rows.values())
    if list(rows) != list(range(n)):
        place = dict(zip(rows, range(n), strict=True))
        ends = map(place.__getitem__, ends)
    cells += np.fromiter(ends, np.int64, len(cells))
    adjacency = np.zeros((n, n), dtype=bool)
    adjacency.ravel()[cells] = True
    return adjacency
