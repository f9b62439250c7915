"""From weights to graphs: which pairs become edges."""

from __future__ import annotations

import numba
import numpy as np

ROUNDING = 1e-9


def spanning_density_graph(weights: np.ndarray, density: float) -> np.ndarray:
    """Return the maximum spanning tree plus the strongest other edges, up to a density.

    The graph has exactly ``round(density * n * (n - 1) / 2)`` edges, the n - 1 edges of the tree
    among them, so it is connected. Ties go to the larger weight first, then to the smaller (i, j).
    A weight of 0 can be an edge like any other.

    Parameters
    ----------
    weights : ndarray, shape (..., n, n)
        Symmetric weights >= 0; the diagonal is ignored.
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
    weights = check_weights(weights)
    n = weights.shape[-1]
    n_edges = _n_edges(n, density)
    if n_edges < n - 1:
        raise ValueError(
            f"density {density!r} gives {n_edges} edges, too few for the spanning tree of {n} "
            f"nodes: choose a density in [{minimum_density(n):.6g}, 1]."
        )
    return _per_graph(weights, lambda matrix: _cut(matrix, n_edges, tree=True))


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

    Raises
    ------
    ValueError
        If the weights are not square, symmetric, finite and >= 0, or the density is out of range.

    Examples
    --------
    >>> density_graph(np.array([[0, 0.9, 0.8], [0.9, 0, 0.1], [0.8, 0.1, 0]]), 1 / 3).sum()
    np.int64(2)
    """
    weights = check_weights(weights)
    n_edges = _n_edges(weights.shape[-1], density)
    return _per_graph(weights, lambda matrix: _cut(matrix, n_edges, tree=False))


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

    Raises
    ------
    ValueError
        If the weights are not square, symmetric, finite and >= 0, or the threshold is not finite.

    Examples
    --------
    >>> threshold_graph(np.array([[0, 0.9], [0.9, 0]]), 0.9).any()
    np.True_
    """
    weights = check_weights(weights)
    if not np.isfinite(threshold):
        raise ValueError(f"threshold is {threshold!r}: choose a finite number.")
    adjacency = weights >= threshold
    diagonal = np.arange(weights.shape[-1])
    adjacency[..., diagonal, diagonal] = False
    return adjacency


def spanning_tree(weights: np.ndarray) -> np.ndarray:
    """Return the edges of the maximum spanning tree of one weight matrix.

    Parameters
    ----------
    weights : ndarray, shape (n, n)
        Symmetric weights >= 0; the diagonal is ignored.

    Returns
    -------
    ndarray of int, shape (n - 1, 2)
        Pairs i < j, heaviest first; among equal weights the smaller (i, j) first.

    Raises
    ------
    ValueError
        If the weights are not square, symmetric, finite and >= 0.

    References
    ----------
    Kruskal (1956), doi:10.1090/S0002-9939-1956-0078686-7.

    Examples
    --------
    >>> spanning_tree(np.array([[0, 0.9, 0.8], [0.9, 0, 0.1], [0.8, 0.1, 0]])).tolist()
    [[0, 1], [0, 2]]
    """
    weights = check_weights(weights)
    if weights.ndim != 2:
        raise ValueError(f"weights have shape {weights.shape}: give one matrix of shape (n, n).")
    i, j, order = _sorted_pairs(weights)
    chosen = order[_tree_members(i[order], j[order], len(weights))]
    return np.column_stack([i[chosen], j[chosen]])


def minimum_density(n: int) -> float:
    """Return the density of a spanning tree of n nodes, the least one that connects them.

    Parameters
    ----------
    n : int
        Number of nodes.

    Examples
    --------
    >>> minimum_density(150)
    0.013333333333333334
    """
    return 2 / n if n > 1 else 0.0


def check_weights(weights: np.ndarray) -> np.ndarray:
    """Return the weights as float64 after checking shape, finiteness, sign and symmetry.

    Asymmetry within rounding, as `numpy.corrcoef` leaves it, is averaged away.
    """
    matrix = np.asarray(weights)
    if matrix.dtype.kind not in "fiub":
        raise ValueError(f"weights have type {matrix.dtype}: give real numbers.")
    matrix = matrix.astype(np.float64, copy=False)
    if matrix.ndim < 2 or matrix.shape[-1] != matrix.shape[-2]:
        raise ValueError(f"weights have shape {matrix.shape}: give square matrices (..., n, n).")
    if not np.isfinite(matrix).all():
        raise ValueError("weights hold NaN or infinity: drop dead units before building a graph.")
    if (matrix < 0).any():
        raise ValueError(
            f"weights go down to {matrix.min():g}, and must be >= 0: take np.abs of correlations."
        )
    mirror = np.swapaxes(matrix, -1, -2)
    if np.array_equal(matrix, mirror):
        return matrix
    gap = np.abs(matrix - mirror).max()
    if gap > ROUNDING * matrix.max():
        raise ValueError(
            f"weights are not symmetric, w[i, j] and w[j, i] differ by up to {gap:g}: give "
            "undirected weights, such as (w + w.T) / 2."
        )
    return (matrix + mirror) / 2


def _n_edges(n: int, density: float) -> int:
    if not 0 <= density <= 1:
        raise ValueError(
            f"density is {density!r}: choose a share of all pairs in [{minimum_density(n):.6g}, 1]."
        )
    return round(density * n * (n - 1) / 2)


def _per_graph(weights: np.ndarray, cut) -> np.ndarray:  # type: ignore[no-untyped-def]
    n = weights.shape[-1]
    graphs = [cut(matrix) for matrix in weights.reshape(-1, n, n)] if weights.size else []
    return np.array(graphs, dtype=bool).reshape(weights.shape)


def _sorted_pairs(weights: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    i, j = np.triu_indices(len(weights), 1)
    order = np.argsort(-weights[i, j], kind="stable")
    return i, j, order


def _cut(weights: np.ndarray, n_edges: int, *, tree: bool) -> np.ndarray:
    i, j, order = _sorted_pairs(weights)
    i, j = i[order], j[order]
    if tree:
        members = _tree_members(i, j, len(weights))
        others = np.flatnonzero(~members)[: n_edges - members.sum()]
        chosen = np.concatenate([np.flatnonzero(members), others])
    else:
        chosen = np.arange(n_edges)
    adjacency = np.zeros(weights.shape, dtype=bool)
    adjacency[i[chosen], j[chosen]] = True
    return adjacency | adjacency.T


@numba.njit(cache=True, nogil=True)
def _tree_members(i, j, n):  # type: ignore[no-untyped-def]
    """Kruskal: mark the edges, in the given order, that join two components."""
    parent = np.arange(n)
    members = np.zeros(len(i), np.bool_)
    left = n - 1
    for e in range(len(i)):
        if left <= 0:
            break
        a, b = i[e], j[e]
        while parent[a] != a:
            parent[a] = parent[parent[a]]
            a = parent[a]
        while parent[b] != b:
            parent[b] = parent[parent[b]]
            b = parent[b]
        if a != b:
            parent[max(a, b)] = min(a, b)
            members[e] = True
            left -= 1
    return members
