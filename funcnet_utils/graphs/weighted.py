"""Measures of weighted graphs, without a cut.

Both take strengths of pairs of nodes, symmetric and >= 0, in matrices of shape (..., n, n) whose
diagonal is ignored; a strength of 0 is no edge. Anything else is a ValueError.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.sparse.csgraph import shortest_path

from funcnet_utils.errors import power_of_2
from funcnet_utils.graphs._graph import as_float, check_strength, flat


def onnela_clustering(strength: np.ndarray) -> Any:
    """Return the mean weighted clustering coefficient by the geometric mean of triangles.

    Strengths are divided by the largest one. Nodes with fewer than two edges count 0.

    Parameters
    ----------
    strength : ndarray, shape (..., n, n)

    Returns
    -------
    float or ndarray, in [0, 1]

    References
    ----------
    Onnela, Saramaki, Kertesz, Kaski (2005), doi:10.1103/PhysRevE.71.065103.

    Examples
    --------
    >>> onnela_clustering(np.array([[0, 1, 1], [1, 0, 1], [1, 1, 0]]))
    1.0
    """

    def mean_of_nodes(edges: np.ndarray) -> float:
        if not edges.any():
            return 0.0
        root = np.cbrt(edges / edges.max())
        cycles = ((root @ root) * root).sum(1)
        degree = (edges > 0).sum(1)
        return float((cycles / np.maximum(degree * (degree - 1), 1)).mean())

    return _per_graph(strength, mean_of_nodes)


def weighted_efficiency(strength: np.ndarray) -> Any:
    """Return the global efficiency with lengths 1 / strength: the mean of 1 / distance over pairs.

    Parameters
    ----------
    strength : ndarray, shape (..., n, n)

    Returns
    -------
    float or ndarray, >= 0
        In the units of the strength; 0 for fewer than two nodes.

    References
    ----------
    Latora, Marchiori (2001), doi:10.1103/PhysRevLett.87.198701.

    Examples
    --------
    >>> weighted_efficiency(np.array([[0, 0.5], [0.5, 0]]))
    0.5
    """

    def mean_inverse(edges: np.ndarray) -> float:
        if len(edges) < 2:
            return 0.0
        # SciPy takes a length below 1e-8 for no edge; a power of 2 changes no digit
        scale = power_of_2(edges.max())
        lengths = np.divide(scale, edges, where=edges > 0, out=np.full(edges.shape, np.inf))
        distances = shortest_path(lengths, directed=False)
        return float((1 / distances[np.triu_indices(len(edges), 1)]).mean() * scale)

    return _per_graph(strength, mean_inverse)


def _per_graph(strength: np.ndarray, function: Callable[[np.ndarray], float]) -> Any:
    """Apply a function of one matrix with an empty diagonal to each of a stack."""
    stack = check_strength(strength)
    stack = stack * (1 - np.eye(stack.shape[-1]))
    values = np.array([function(matrix) for matrix in flat(stack)], dtype=float)
    return as_float(values.reshape(stack.shape[:-2]))
