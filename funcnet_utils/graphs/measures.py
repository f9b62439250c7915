"""Measures of binary graphs, by their names in the literature.

Every measure takes one graph of shape (n, n) and returns a float, or a stack of shape (..., n, n)
and returns an array of shape (...). Graphs are boolean (or 0 and 1), symmetric, without self-loops.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import graspologic_native
import numpy as np

from funcnet_utils.graphs import _kernels

MODULARITY_STARTS = 10
Value = Any


def clustering(adjacency: np.ndarray) -> Value:
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
    return _measure(adjacency, lambda graph: graph.clustering())


def transitivity(adjacency: np.ndarray) -> Value:
    """Return the transitivity T: three times the triangles, divided by the connected triples.

    Not the same as `clustering`, which averages over nodes. A graph without triples has 0.

    Parameters
    ----------
    adjacency : ndarray of bool, shape (..., n, n)

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
    return _measure(adjacency, lambda graph: graph.transitivity())


def characteristic_path_length(adjacency: np.ndarray) -> Value:
    """Return L, the mean number of edges on the shortest way between two connected nodes.

    Pairs that are not connected are left out; `connected_share` tells how many are left. If no
    pair is connected, L is NaN.

    Parameters
    ----------
    adjacency : ndarray of bool, shape (..., n, n)

    Returns
    -------
    float or ndarray, >= 1 or NaN

    References
    ----------
    Watts, Strogatz (1998), doi:10.1038/30918.

    Examples
    --------
    >>> characteristic_path_length(np.array([[0, 1, 0], [1, 0, 1], [0, 1, 0]]))
    1.3333333333333333
    """
    return _measure(adjacency, lambda graph: graph.path_length())


def connected_share(adjacency: np.ndarray) -> Value:
    """Return the share of pairs of nodes that are connected; 1 for fewer than two nodes.

    Parameters
    ----------
    adjacency : ndarray of bool, shape (..., n, n)

    Returns
    -------
    float or ndarray, in [0, 1]

    Examples
    --------
    >>> connected_share(np.zeros((3, 3), dtype=bool))
    0.0
    """
    return _measure(adjacency, lambda graph: graph.connected_share())


def diameter(adjacency: np.ndarray) -> Value:
    """Return the longest shortest path between connected nodes; 0 without edges.

    Parameters
    ----------
    adjacency : ndarray of bool, shape (..., n, n)

    Returns
    -------
    float or ndarray

    Examples
    --------
    >>> diameter(np.array([[0, 1, 0], [1, 0, 1], [0, 1, 0]]))
    2.0
    """
    return _measure(adjacency, lambda graph: graph.diameter())


def global_efficiency(adjacency: np.ndarray) -> Value:
    """Return E_glob, the mean of 1 / distance over all pairs; pairs not connected count 0.

    Parameters
    ----------
    adjacency : ndarray of bool, shape (..., n, n)

    Returns
    -------
    float or ndarray, in [0, 1]
        0 for fewer than two nodes.

    References
    ----------
    Latora, Marchiori (2001), doi:10.1103/PhysRevLett.87.198701.

    Examples
    --------
    >>> global_efficiency(np.array([[0, 1, 0], [1, 0, 1], [0, 1, 0]]))
    0.8333333333333334
    """
    return _measure(adjacency, lambda graph: graph.global_efficiency())


def local_efficiency(adjacency: np.ndarray) -> Value:
    """Return E_loc, the mean over nodes of the global efficiency among the neighbours of a node.

    Ways lead through neighbours only, not through the node or the rest of the graph. Nodes of
    degree below 2 count 0.

    Parameters
    ----------
    adjacency : ndarray of bool, shape (..., n, n)

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
    return _measure(adjacency, lambda graph: graph.local_efficiency())


def modularity(adjacency: np.ndarray, seed: int) -> Value:
    """Return Q, the modularity of the best communities that the Leiden algorithm finds.

    Parameters
    ----------
    adjacency : ndarray of bool, shape (..., n, n)
    seed : int
        Seed of the algorithm, which starts 10 times and keeps the best.

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
    return _measure(adjacency, lambda graph: graph.modularity(seed))


def degree_assortativity(adjacency: np.ndarray) -> Value:
    """Return the correlation of the degrees at the two ends of an edge.

    NaN if all ends have the same degree, or there is no edge.

    Parameters
    ----------
    adjacency : ndarray of bool, shape (..., n, n)

    Returns
    -------
    float or ndarray, in [-1, 1] or NaN

    References
    ----------
    Newman (2002), doi:10.1103/PhysRevLett.89.208701.

    Examples
    --------
    >>> star = np.array([[0, 1, 1], [1, 0, 0], [1, 0, 0]])
    >>> degree_assortativity(star)
    -1.0
    """
    return _measure(adjacency, lambda graph: graph.assortativity())


def participation(adjacency: np.ndarray, labels: np.ndarray) -> Value:
    """Return the mean participation coefficient: how evenly edges spread over groups of nodes.

    For a node, 1 minus the sum over groups of the squared share of its edges that go there; 0 if
    all go to one group, and for nodes without edges.

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
        If there is not one label a node.

    References
    ----------
    Guimera, Amaral (2005), doi:10.1038/nature03288.

    Examples
    --------
    >>> participation(np.array([[0, 1, 1], [1, 0, 0], [1, 0, 0]]), np.array([0, 1, 1]))
    0.0
    """
    return _measure(adjacency, lambda graph: graph.participation(labels))


def within_share(adjacency: np.ndarray, labels: np.ndarray) -> Value:
    """Return the share of edges between nodes of the same group; NaN without edges.

    Parameters
    ----------
    adjacency : ndarray of bool, shape (..., n, n)
    labels : ndarray of int, shape (n,)
        Group of each node, such as its layer.

    Returns
    -------
    float or ndarray, in [0, 1] or NaN

    Raises
    ------
    ValueError
        If there is not one label a node.

    Examples
    --------
    >>> within_share(np.array([[0, 1, 1], [1, 0, 0], [1, 0, 0]]), np.array([0, 0, 1]))
    0.5
    """
    return _measure(adjacency, lambda graph: graph.within_share(labels))


def all_measures(
    adjacency: np.ndarray, seed: int, labels: np.ndarray | None = None
) -> dict[str, Value]:
    """Return every measure of this module, each costly count made once.

    Parameters
    ----------
    adjacency : ndarray of bool, shape (..., n, n)
    seed : int
        Seed of the modularity.
    labels : ndarray of int, shape (n,), optional
        Group of each node; without it, participation and within_share are left out.

    Returns
    -------
    dict of str to float or ndarray

    Examples
    --------
    >>> sorted(all_measures(np.ones((3, 3)) - np.eye(3), seed=0))[:2]
    ['characteristic_path_length', 'clustering']
    """
    chosen: dict[str, Callable[[Graph], float]] = {
        "clustering": Graph.clustering,
        "transitivity": Graph.transitivity,
        "characteristic_path_length": Graph.path_length,
        "connected_share": Graph.connected_share,
        "diameter": Graph.diameter,
        "global_efficiency": Graph.global_efficiency,
        "local_efficiency": Graph.local_efficiency,
        "modularity": lambda graph: graph.modularity(seed),
        "degree_assortativity": Graph.assortativity,
    }
    if labels is not None:
        chosen["participation"] = lambda graph: graph.participation(labels)
        chosen["within_share"] = lambda graph: graph.within_share(labels)
    stack = check_adjacency(adjacency)
    n = stack.shape[-1]
    rows = _kernels.each(
        lambda matrix: [measure(graph) for graph in [Graph(matrix)] for measure in chosen.values()],
        _flat(stack, n),
    )
    values = np.array(rows).reshape(*stack.shape[:-2], len(chosen))
    return {name: _plain(values[..., place]) for place, name in enumerate(chosen)}


class Graph:
    """One graph as bit rows, with the counts that several measures share."""

    def __init__(self, adjacency: np.ndarray) -> None:
        self.adjacency = adjacency
        self.n = len(adjacency)
        self.rows = _kernels.pack(adjacency)
        self.degree, self.triangles = _kernels.degrees_and_triangles(self.rows)
        self._paths: np.ndarray | None = None

    @property
    def paths(self) -> np.ndarray:
        """Ordered pairs at distance 0, 1, 2, ..."""
        if self._paths is None:
            self._paths = _kernels.path_histogram(self.rows)
        return self._paths

    def clustering(self) -> float:
        """C."""
        twice = self.degree * (self.degree - 1)
        local = 2 * self.triangles / np.maximum(twice, 1)
        return float(local.sum() / self.n) if self.n else 0.0

    def transitivity(self) -> float:
        """T."""
        triples = int((self.degree * (self.degree - 1)).sum())
        return float(2 * int(self.triangles.sum()) / triples) if triples else 0.0

    def path_length(self) -> float:
        """L."""
        pairs = int(self.paths[1:].sum())
        total = int((np.arange(len(self.paths)) * self.paths).sum())
        return total / pairs if pairs else float("nan")

    def connected_share(self) -> float:
        """Share of connected pairs."""
        pairs = self.n * (self.n - 1)
        return int(self.paths[1:].sum()) / pairs if pairs else 1.0

    def diameter(self) -> float:
        """Longest shortest path."""
        found = np.flatnonzero(self.paths)
        return float(found[-1]) if self.n else 0.0

    def global_efficiency(self) -> float:
        """E_glob."""
        pairs = self.n * (self.n - 1)
        distance = np.arange(1, len(self.paths))
        return float((self.paths[1:] / distance).sum() / pairs) if pairs else 0.0

    def local_efficiency(self) -> float:
        """E_loc."""
        if self.n == 0:
            return 0.0
        return float(_kernels.local_efficiencies(self.rows, self.degree, self.triangles).mean())

    def modularity(self, seed: int) -> float:
        """Q."""
        heads, tails = np.nonzero(np.triu(self.adjacency))
        if not len(heads):
            return 0.0
        edges = [(str(i), str(j), 1.0) for i, j in zip(heads, tails, strict=True)]
        quality, _ = graspologic_native.leiden(
            edges, None, 1.0, 0.001, 1, True, int(seed), MODULARITY_STARTS
        )
        return float(quality)

    def assortativity(self) -> float:
        """Correlation of degrees over edges."""
        heads, tails = np.nonzero(self.adjacency)
        x, y = self.degree[heads], self.degree[tails]
        if not len(x) or np.ptp(x) == 0:
            return float("nan")
        return float(np.clip(np.corrcoef(x, y)[0, 1], -1, 1))

    def participation(self, labels: np.ndarray) -> float:
        """Mean participation coefficient."""
        groups = self._groups(labels)
        counts = self.adjacency @ groups.astype(np.int64)
        total = np.maximum(self.degree, 1)
        nodal = np.where(self.degree > 0, 1 - (counts**2).sum(1) / total**2, 0.0)
        return float(nodal.mean()) if self.n else 0.0

    def within_share(self, labels: np.ndarray) -> float:
        """Share of edges within groups."""
        groups = self._groups(labels)
        total = int(self.degree.sum())
        within = int((self.adjacency & (groups @ groups.T)).sum())
        return within / total if total else float("nan")

    def _groups(self, labels: np.ndarray) -> np.ndarray:
        marks = np.asarray(labels)
        if marks.shape != (self.n,):
            raise ValueError(
                f"labels have shape {marks.shape}: give one label for each of {self.n} nodes."
            )
        return marks[:, None] == np.unique(marks)[None]


def check_adjacency(adjacency: np.ndarray) -> np.ndarray:
    """Return the adjacency as booleans after checking shape, values, symmetry and diagonal."""
    matrix = np.asarray(adjacency)
    if matrix.ndim < 2 or matrix.shape[-1] != matrix.shape[-2]:
        raise ValueError(f"adjacency has shape {matrix.shape}: give square matrices (..., n, n).")
    if matrix.dtype != bool:
        binary = matrix.dtype.kind in "fiu" and np.isin(matrix, (0, 1)).all()
        if not binary:
            raise ValueError(
                "adjacency holds values other than 0 and 1: cut the weights first, for example "
                "with spanning_density_graph."
            )
        matrix = matrix.astype(bool)
    if np.diagonal(matrix, axis1=-2, axis2=-1).any():
        raise ValueError("adjacency has self-loops: set its diagonal to 0.")
    if not np.array_equal(matrix, np.swapaxes(matrix, -1, -2)):
        raise ValueError("adjacency is not symmetric: use adjacency | adjacency.T.")
    return matrix


def _measure(adjacency: np.ndarray, measure: Callable[[Graph], float]) -> Value:
    stack = check_adjacency(adjacency)
    n = stack.shape[-1]
    values = _kernels.each(lambda matrix: measure(Graph(matrix)), _flat(stack, n))
    return _plain(np.array(values, dtype=float).reshape(stack.shape[:-2]))


def _flat(stack: np.ndarray, n: int) -> list[np.ndarray]:
    count = int(np.prod(stack.shape[:-2]))
    return list(stack.reshape(count, n, n))


def _plain(values: np.ndarray) -> Value:
    return float(values) if values.ndim == 0 else values
