"""From strengths to graphs: which pairs of nodes become edges.

Strengths are real numbers >= 0, symmetric and finite, in matrices of shape (..., n, n) whose
diagonal is ignored; for functional networks ``|r|``. Halves that differ by rounding, as those of
`numpy.corrcoef` do, are averaged. Anything else is a ValueError.
"""

from __future__ import annotations

import numpy as np

from funcnet_utils._bits import map_in_threads
from funcnet_utils._tree import spanning_tree_keys
from funcnet_utils.errors import check_real
from funcnet_utils.graphs._graph import check_strength, flat


def spanning_density_graph(strength: np.ndarray, density: float) -> np.ndarray:
    """Return the maximum spanning tree plus the strongest other edges, up to a density.

    The graph has exactly ``round(density * n * (n - 1) / 2)`` edges, the n - 1 edges of the tree
    among them, so it is connected. Ties go to the larger strength first, then to the smaller
    (i, j). A pair of strength 0 can be an edge like any other.

    Parameters
    ----------
    strength : ndarray, shape (..., n, n)
        Symmetric strengths >= 0 of all pairs.
    density : float
        Share of all pairs that become edges, in [2 / n, 1].

    Returns
    -------
    ndarray of bool, shape (..., n, n)
        Symmetric, no self-loops. No node or one node gives a graph without edges.

    Raises
    ------
    ValueError
        If the strengths are not valid, or the density is too small for the tree or above 1.

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
    return _strongest(check_strength(strength), density, tree=True)


def density_graph(strength: np.ndarray, density: float) -> np.ndarray:
    """Return the graph of the strongest pairs, up to a density; it may be disconnected.

    Parameters
    ----------
    strength : ndarray, shape (..., n, n)
        Symmetric strengths >= 0 of all pairs.
    density : float
        Share of all pairs that become edges, in [0, 1]. Ties go to the smaller (i, j).

    Returns
    -------
    ndarray of bool, shape (..., n, n)
        Symmetric, no self-loops, exactly ``round(density * n * (n - 1) / 2)`` edges.

    References
    ----------
    van Wijk, Stam, Daffertshofer (2010), doi:10.1371/journal.pone.0013701.

    Examples
    --------
    >>> density_graph(np.array([[0, 0.9, 0.8], [0.9, 0, 0.1], [0.8, 0.1, 0]]), 1 / 3).sum()
    np.int64(2)
    """
    return _strongest(check_strength(strength), density, tree=False)


def threshold_graph(strength: np.ndarray, threshold: float) -> np.ndarray:
    """Return the graph of all pairs whose strength is at least a threshold.

    Parameters
    ----------
    strength : ndarray, shape (..., n, n)
        Symmetric strengths >= 0 of all pairs.
    threshold : float
        Least strength of an edge, a finite number.

    Returns
    -------
    ndarray of bool, shape (..., n, n)
        Symmetric, no self-loops.

    References
    ----------
    van Wijk, Stam, Daffertshofer (2010), doi:10.1371/journal.pone.0013701.

    Examples
    --------
    >>> threshold_graph(np.array([[0, 0.9], [0.9, 0]]), 0.9).any()
    np.True_
    """
    stack = check_strength(strength)
    check_real("threshold", threshold, -np.inf, np.inf)
    upper = np.triu(stack >= threshold, 1)
    return upper | np.swapaxes(upper, -1, -2)


def spanning_tree(strength: np.ndarray) -> np.ndarray:
    """Return the edges of the maximum spanning tree of one matrix.

    Parameters
    ----------
    strength : ndarray, shape (n, n)
        Symmetric strengths >= 0 of all pairs.

    Returns
    -------
    ndarray of int, shape (n - 1, 2)
        Pairs i < j, strongest first; among equal ones the smaller (i, j) first. No edges for fewer
        than two nodes.

    References
    ----------
    Boruvka's algorithm: Nesetril, Milkova, Nesetrilova (2001), doi:10.1016/S0012-365X(00)00224-7.

    Examples
    --------
    >>> spanning_tree(np.array([[0, 0.9, 0.8], [0.9, 0, 0.1], [0.8, 0.1, 0]])).tolist()
    [[0, 1], [0, 2]]
    """
    matrix = check_strength(strength, one=True)
    i, j = np.divmod(np.sort(spanning_tree_keys(matrix)), max(len(matrix), 1))
    return np.column_stack([i, j])[np.argsort(-matrix[i, j], kind="stable")]


def edge_count(n: int, density: float, *, tree: bool) -> int:
    """Return the number of edges of a density, checked; enough for a spanning tree if wanted."""
    n_edges = round(check_real("density", density, 0, 1, "a share of all pairs") * n * (n - 1) / 2)
    if tree and n_edges < n - 1:
        raise ValueError(
            f"density {density!r} gives {n_edges} edges, too few for the spanning tree of {n} "
            f"nodes: choose a density in [{2 / n:.6g}, 1]."
        )
    return n_edges


def _strongest(stack: np.ndarray, density: float, *, tree: bool) -> np.ndarray:
    n_edges = edge_count(stack.shape[-1], density, tree=tree)
    graphs = map_in_threads(lambda matrix: _cut(matrix, n_edges, tree=tree), flat(stack))
    return np.array(graphs, dtype=bool).reshape(stack.shape)


def _cut(strength: np.ndarray, n_edges: int, *, tree: bool) -> np.ndarray:
    """Return the graph of one matrix: the tree, then the strongest others."""
    others = np.triu(np.ones(strength.shape, dtype=bool), 1)
    adjacency = np.zeros_like(others)
    if tree:
        keys = spanning_tree_keys(strength)
        adjacency.flat[keys], others.flat[keys] = True, False
        n_edges -= len(keys)
    if n_edges:
        values = strength[others]
        weakest = np.partition(values, len(values) - n_edges)[-n_edges]
        chosen, ties = values >= weakest, np.flatnonzero(values == weakest)
        chosen[ties[len(ties) + n_edges - np.count_nonzero(chosen) :]] = False
        adjacency[others] = chosen
    return adjacency | adjacency.T
