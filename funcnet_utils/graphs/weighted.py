"""Measures of weighted graphs, without a cut."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.sparse.csgraph import shortest_path

from funcnet_utils.graphs._weights import check_weights


def onnela_clustering(weights: np.ndarray) -> Any:
    """Return the mean weighted clustering coefficient by the geometric mean of triangles.

    Weights are divided by the largest one. Nodes with fewer than two edges count 0.

    Parameters
    ----------
    weights : ndarray, shape (..., n, n)
        Symmetric weights >= 0; 0 means no edge; the diagonal is ignored.

    Returns
    -------
    float or ndarray, in [0, 1]

    Raises
    ------
    ValueError
        If the weights are not square, symmetric, finite and >= 0.

    References
    ----------
    Onnela, Saramaki, Kertesz, Kaski (2005), doi:10.1103/PhysRevE.71.065103.

    Examples
    --------
    >>> onnela_clustering(np.array([[0, 1, 1], [1, 0, 1], [1, 1, 0]]))
    1.0
    """
    return _per_graph(weights, _onnela)


def weighted_efficiency(weights: np.ndarray) -> Any:
    """Return the global efficiency with lengths 1 / w: the mean of 1 / distance over pairs.

    Parameters
    ----------
    weights : ndarray, shape (..., n, n)
        Symmetric weights >= 0; 0 means no edge; the diagonal is ignored.

    Returns
    -------
    float or ndarray, >= 0
        0 for fewer than two nodes.

    Raises
    ------
    ValueError
        If the weights are not square, symmetric, finite and >= 0.

    References
    ----------
    Latora, Marchiori (2001), doi:10.1103/PhysRevLett.87.198701.

    Examples
    --------
    >>> weighted_efficiency(np.array([[0, 0.5], [0.5, 0]]))
    0.5
    """
    return _per_graph(weights, _efficiency)


def _per_graph(weights: np.ndarray, measure: Any) -> Any:
    matrices = check_weights(weights)
    n = matrices.shape[-1]
    count = int(np.prod(matrices.shape[:-2]))
    values = [measure(matrix.copy()) for matrix in matrices.reshape(count, n, n)]
    found = np.array(values, dtype=float).reshape(matrices.shape[:-2])
    return float(found) if found.ndim == 0 else found


def _onnela(weights: np.ndarray) -> float:
    np.fill_diagonal(weights, 0)
    if not weights.any():
        return 0.0
    root = np.cbrt(weights / weights.max())
    cycles = ((root @ root) * root).sum(1)
    degree = (weights > 0).sum(1)
    return float((cycles / np.maximum(degree * (degree - 1), 1)).mean())


def _efficiency(weights: np.ndarray) -> float:
    n = len(weights)
    if n < 2:
        return 0.0
    np.fill_diagonal(weights, 0)
    edges = weights > 0
    lengths = np.where(edges, 1 / np.where(edges, weights, 1), np.inf)
    distances = shortest_path(lengths, directed=False)
    i, j = np.triu_indices(n, 1)
    return float((1 / distances[i, j]).mean())
