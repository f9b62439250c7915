"""Lengths of shortest paths: every measure that follows from their histogram, in one pass."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from funcnet_utils.graphs._bits import each
from funcnet_utils.graphs._graph import Graph, check_adjacency, flat, plain


@dataclass(frozen=True)
class PathLengths:
    """What a histogram of distances says; floats for one graph, arrays of shape (...) for a stack.

    Parameters
    ----------
    characteristic_path_length : float or ndarray
        L, the mean distance of connected pairs; NaN if no pair is connected.
    global_efficiency : float or ndarray
        E_glob, the mean of 1 / distance over all pairs, those not connected counting 0.
    connected_share : float or ndarray
        Share of pairs that are connected; 1 for fewer than two nodes.
    diameter : float or ndarray
        Longest distance of a connected pair; 0 without edges.
    histogram : ndarray of int, shape (..., longest + 1)
        Pairs i < j at distance 0 (always 0), 1, 2, ... up to the longest distance in the stack. The
        pairs that are missing from n (n - 1) / 2 are not connected.
    """

    characteristic_path_length: Any
    global_efficiency: Any
    connected_share: Any
    diameter: Any
    histogram: np.ndarray


def path_lengths(adjacency: np.ndarray) -> PathLengths:
    """Return all measures of shortest paths from one search of each graph.

    Asking for the measures one by one gives the same bits, but searches for each of them.

    Parameters
    ----------
    adjacency : ndarray of bool, shape (..., n, n)

    Returns
    -------
    PathLengths

    Raises
    ------
    ValueError
        If the adjacency is not square, boolean, symmetric and free of self-loops.

    References
    ----------
    Watts, Strogatz (1998), doi:10.1038/30918. Latora, Marchiori (2001),
    doi:10.1103/PhysRevLett.87.198701.

    Examples
    --------
    >>> path = np.array([[0, 1, 0], [1, 0, 1], [0, 1, 0]])
    >>> found = path_lengths(path)
    >>> found.characteristic_path_length, found.diameter, found.histogram.tolist()
    (1.3333333333333333, 2.0, [0, 2, 1])
    """
    stack, rows = check_adjacency(adjacency)
    graphs = each(_searched, flat(rows))
    longest = max((len(graph.paths) for graph in graphs), default=1)
    histogram = np.zeros((len(graphs), longest), dtype=np.int64)
    for counts, graph in zip(histogram, graphs, strict=True):
        counts[1 : len(graph.paths)] = graph.paths[1:] // 2
    shape = stack.shape[:-2]

    def field(function: Any) -> Any:
        values = np.array([function(graph) for graph in graphs], dtype=float)
        return plain(values.reshape(shape))

    return PathLengths(
        field(mean_distance),
        field(mean_efficiency),
        field(connected_pairs),
        field(longest_distance),
        histogram.reshape(*shape, longest),
    )


def mean_distance(graph: Graph) -> float:
    """L of one graph."""
    pairs = int(graph.paths[1:].sum())
    return int(graph.paths @ np.arange(len(graph.paths))) / pairs if pairs else float("nan")


def connected_pairs(graph: Graph) -> float:
    """Share of connected pairs of one graph."""
    pairs = graph.n * (graph.n - 1)
    return int(graph.paths[1:].sum()) / pairs if pairs else 1.0


def longest_distance(graph: Graph) -> float:
    """Diameter of one graph."""
    return float(len(graph.paths) - 1)


def mean_efficiency(graph: Graph) -> float:
    """E_glob of one graph."""
    pairs = graph.n * (graph.n - 1)
    near = graph.paths[1:]
    return float((near / np.arange(1, len(near) + 1)).sum()) / pairs if pairs else 0.0


def _searched(rows: np.ndarray) -> Graph:
    graph = Graph(rows)
    _ = graph.paths
    return graph
