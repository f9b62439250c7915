"""From weights to graphs: which pairs become edges."""

from __future__ import annotations

import numpy as np

from funcnet_utils.graphs._bits import each, kernel
from funcnet_utils.graphs._weights import check_weights


def spanning_density_graph(weights: np.ndarray, density: float) -> np.ndarray:
    """Return the maximum spanning tree plus the strongest other edges, up to a density.

    The graph has exactly ``round(density * n * (n - 1) / 2)`` edges, the n - 1 edges of the tree
    among them, so it is connected. Ties go to the larger weight first, then to the smaller (i, j).
    A weight of 0 can be an edge like any other.

    Parameters
    ----------
    weights : ndarray, shape (..., n, n)
        Symmetric weights >= 0; the diagonal is ignored. Halves that differ by rounding, as those
        of `numpy.corrcoef` do, are averaged.
    density : float
        Share of all pairs that become edges, in [2 / n, 1].

    Returns
    -------
    ndarray of bool, shape (..., n, n)
        Symmetric, no self-loops. No node or one node gives a graph without edges.

    Raises
    ------
    ValueError
        If the weights are not square, symmetric, finite and >= 0, or the density is too small for
        the tree or above 1.

    References
    ----------
    Zhang, Dong, Zhang, Lin (2023), arXiv:2205.11702.

    Examples
    --------
    >>> w = np.array([[0, 0.9, 0.8], [0.9, 0, 0.1], [0.8, 0.1, 0]])
    >>> spanning_density_graph(w, 2 / 3).astype(int)
    array([[0, 1, 1],
           [1, 0, 0],
           [1, 0, 0]])
    """
    stack = check_weights(weights)
    n = stack.shape[-1]
    n_edges = edge_count(n, density, tree=True)
    return _per_matrix(stack, n_edges, tree=True)


def density_graph(weights: np.ndarray, density: float) -> np.ndarray:
    """Return the graph of the strongest pairs, up to a density; it may be disconnected.

    Parameters
    ----------
    weights : ndarray, shape (..., n, n)
        Symmetric weights >= 0; the diagonal is ignored.
    density : float
        Share of all pairs that become edges, in [0, 1]. Ties go to the smaller (i, j).

    Returns
    -------
    ndarray of bool, shape (..., n, n)
        Symmetric, no self-loops, exactly ``round(density * n * (n - 1) / 2)`` edges.

    Raises
    ------
    ValueError
        If the weights are not square, symmetric, finite and >= 0, or the density is out of range.

    References
    ----------
    van Wijk, Stam, Daffertshofer (2010), doi:10.1371/journal.pone.0013701.

    Examples
    --------
    >>> density_graph(np.array([[0, 0.9, 0.8], [0.9, 0, 0.1], [0.8, 0.1, 0]]), 1 / 3).sum()
    np.int64(2)
    """
    stack = check_weights(weights)
    return _per_matrix(stack, edge_count(stack.shape[-1], density, tree=False), tree=False)


def threshold_graph(weights: np.ndarray, threshold: float) -> np.ndarray:
    """Return the graph of all pairs whose weight is at least a threshold.

    Parameters
    ----------
    weights : ndarray, shape (..., n, n)
        Symmetric weights >= 0; the diagonal is ignored.
    threshold : float
        Least weight of an edge, a finite number.

    Returns
    -------
    ndarray of bool, shape (..., n, n)
        Symmetric, no self-loops.

    Raises
    ------
    ValueError
        If the weights are not square, symmetric, finite and >= 0, or the threshold is not finite.

    References
    ----------
    van Wijk, Stam, Daffertshofer (2010), doi:10.1371/journal.pone.0013701.

    Examples
    --------
    >>> threshold_graph(np.array([[0, 0.9], [0.9, 0]]), 0.9).any()
    np.True_
    """
    stack = check_weights(weights)
    if not np.isfinite(threshold):
        raise ValueError(f"threshold is {threshold!r}: choose a finite number.")
    upper = np.triu(stack >= threshold, 1)
    return upper | np.swapaxes(upper, -1, -2)


def spanning_tree(weights: np.ndarray) -> np.ndarray:
    """Return the edges of the maximum spanning tree of one weight matrix.

    Parameters
    ----------
    weights : ndarray, shape (n, n)
        Symmetric weights >= 0; the diagonal is ignored.

    Returns
    -------
    ndarray of int, shape (n - 1, 2)
        Pairs i < j, heaviest first; among equal weights the smaller (i, j) first. No edges for
        fewer than two nodes.

    Raises
    ------
    ValueError
        If the weights are not one matrix, square, symmetric, finite and >= 0.

    References
    ----------
    Prim (1957), doi:10.1002/j.1538-7305.1957.tb01515.x.

    Examples
    --------
    >>> spanning_tree(np.array([[0, 0.9, 0.8], [0.9, 0, 0.1], [0.8, 0.1, 0]])).tolist()
    [[0, 1], [0, 2]]
    """
    matrix = check_weights(weights)
    if matrix.ndim != 2:
        raise ValueError(f"weights have shape {matrix.shape}: give one matrix of shape (n, n).")
    edges = _prim(matrix)
    i, j = edges.T
    return edges[np.lexsort((j, i, -matrix[i, j]))]


def minimum_density(n: int) -> float:
    """Return the density of a spanning tree, the least one that connects all nodes.

    Parameters
    ----------
    n : int
        Number of nodes, >= 0.

    Returns
    -------
    float
        2 / n, and 0 for fewer than two nodes.

    Examples
    --------
    >>> minimum_density(150)
    0.013333333333333334
    """
    return 2 / n if n > 1 else 0.0


def edge_count(n: int, density: float, *, tree: bool) -> int:
    """Return the number of edges of a density, checked; enough for a spanning tree if wanted."""
    if not 0 <= density <= 1:
        raise ValueError(f"density is {density!r}: choose a share of all pairs in [0, 1].")
    n_edges = round(density * n * (n - 1) / 2)
    if tree and n_edges < n - 1:
        raise ValueError(
            f"density {density!r} gives {n_edges} edges, too few for the spanning tree of {n} "
            f"nodes: choose a density in [{minimum_density(n):.6g}, 1]."
        )
    return n_edges


def _per_matrix(stack: np.ndarray, n_edges: int, *, tree: bool) -> np.ndarray:
    n = stack.shape[-1]
    adjacency = np.zeros(stack.shape, dtype=bool)
    if n > 1 and stack.size:
        graphs = zip(stack.reshape(-1, n, n), adjacency.reshape(-1, n, n), strict=True)
        each(lambda pair: _cut(*pair, n_edges, tree=tree), graphs)
    return adjacency


def _cut(weights: np.ndarray, adjacency: np.ndarray, n_edges: int, *, tree: bool) -> None:
    """Write the edges into an empty adjacency matrix: the tree, then the strongest others."""
    if tree:
        i, j = _prim(weights).T
        adjacency[i, j] = adjacency[j, i] = True
        n_edges -= len(i)
    if n_edges:
        others = _open_pairs(weights, adjacency)
        others.partition(len(others) - n_edges)
        weakest = others[-n_edges]
        ties = n_edges - int((others[-n_edges:] > weakest).sum())
        _add_strongest(weights, adjacency, weakest, ties)


@kernel
def _prim(weights):  # type: ignore[no-untyped-def]
    """Grow the maximum spanning tree from node 0; the order of pairs is total, so it is unique."""
    n = len(weights)
    edges = np.empty((max(n - 1, 0), 2), np.int64)
    outside = np.arange(1, n)
    best = np.full(n, -1.0)
    link = np.zeros(n, np.int64)
    new = 0
    for k in range(n - 1):
        at = 0
        for p in range(n - 1 - k):
            v = outside[p]
            w = weights[new, v]
            if w > best[v] or (w == best[v] and new < link[v]):
                best[v] = w
                link[v] = new
            u = outside[at]
            if best[v] > best[u]:
                at = p
            elif best[v] == best[u] and p != at:
                a, b = min(v, link[v]), min(u, link[u])
                if a < b or (a == b and max(v, link[v]) < max(u, link[u])):
                    at = p
        new = outside[at]
        outside[at] = outside[n - 2 - k]
        edges[k] = min(new, link[new]), max(new, link[new])
    return edges


@kernel
def _open_pairs(weights, adjacency):  # type: ignore[no-untyped-def]
    """Return the weights of the pairs i < j that are no edges yet."""
    n = len(weights)
    values = np.empty(n * (n - 1) // 2)
    filled = 0
    for i in range(n):
        for j in range(i + 1, n):
            if not adjacency[i, j]:
                values[filled] = weights[i, j]
                filled += 1
    return values[:filled]


@kernel
def _add_strongest(weights, adjacency, weakest, ties):  # type: ignore[no-untyped-def]
    """Add all pairs above the weakest weight, and the first `ties` pairs that equal it."""
    n = len(weights)
    for i in range(n):
        for j in range(i + 1, n):
            if weights[i, j] < weakest or adjacency[i, j]:
                continue
            if weights[i, j] == weakest:
                if ties == 0:
                    continue
                ties -= 1
            adjacency[i, j] = adjacency[j, i] = True
