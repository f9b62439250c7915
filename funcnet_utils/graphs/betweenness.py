"""Betweenness: which nodes lie on the shortest paths of others."""

from __future__ import annotations

from typing import Any

import numpy as np

from funcnet_utils.graphs._bits import kernel, unpack
from funcnet_utils.graphs._graph import Graph, measure


def betweenness(adjacency: np.ndarray) -> np.ndarray:
    """Return the share of shortest paths between other nodes that pass through each node.

    Of a pair with several shortest paths each path counts for its share; a pair without a path
    counts for nothing. One breadth-first search a node, and one walk back (Brandes).

    Parameters
    ----------
    adjacency : ndarray of bool, shape (..., n, n)
        Symmetric, no self-loops.

    Returns
    -------
    ndarray of float, shape (..., n), in [0, 1]
        Divided by the number of pairs of other nodes, (n - 1)(n - 2) / 2; 0 for fewer than three
        nodes.

    Raises
    ------
    ValueError
        If the adjacency is not square, boolean, symmetric and free of self-loops.

    References
    ----------
    Freeman (1977), doi:10.2307/3033543. Brandes (2001), doi:10.1080/0022250X.2001.9990249.

    Examples
    --------
    >>> betweenness(np.array([[0, 1, 1], [1, 0, 0], [1, 0, 0]])).tolist()
    [1.0, 0.0, 0.0]
    """
    return np.asarray(measure(adjacency, shares_of_paths))


def shares_of_paths(graph: Graph) -> np.ndarray:
    """Betweenness of each node of one graph."""
    if graph.n < 3:
        return np.zeros(graph.n)
    heads, tails = np.nonzero(unpack(graph.rows))
    starts = np.searchsorted(heads, np.arange(graph.n + 1))
    return _brandes(starts, tails) / ((graph.n - 1) * (graph.n - 2))


@kernel
def _brandes(starts: Any, tails: Any) -> Any:
    """Add up, over ordered pairs, the shares of shortest paths through each node."""
    n = len(starts) - 1
    found = np.zeros(n)
    for source in range(n):
        distance = np.full(n, -1)
        paths = np.zeros(n)
        share = np.zeros(n)
        order = np.empty(n, np.int64)
        distance[source], paths[source], order[0] = 0, 1.0, source
        seen, done = 1, 0
        while done < seen:
            node = order[done]
            done += 1
            for place in range(starts[node], starts[node + 1]):
                other = tails[place]
                if distance[other] < 0:
                    distance[other] = distance[node] + 1
                    order[seen] = other
                    seen += 1
                if distance[other] == distance[node] + 1:
                    paths[other] += paths[node]
        for place in range(seen - 1, 0, -1):
            node = order[place]
            part = (1 + share[node]) / paths[node]
            for edge in range(starts[node], starts[node + 1]):
                other = tails[edge]
                if distance[other] == distance[node] - 1:
                    share[other] += paths[other] * part
            found[node] += share[node]
    return found
