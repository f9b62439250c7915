"""Persistent homology of distance matrices: components, loops, and when they are born and die."""

from __future__ import annotations

import numba
import numpy as np
from ripser import ripser

ROUNDING = 1e-9


def persistence(distances: np.ndarray, maxdim: int = 1) -> list[np.ndarray]:
    """Return the persistence diagrams of the Vietoris-Rips filtration of a distance matrix.

    An edge enters at its distance, a triangle with its longest edge. The filtration is never cut.
    Distances need not be a metric.

    Parameters
    ----------
    distances : ndarray, shape (n, n)
        Symmetric, >= 0, diagonal 0; for functional networks ``1 - |r|``.
    maxdim : int, default=1
        Highest dimension: 0 components, 1 loops, 2 voids.

    Returns
    -------
    list of ndarray of float64, each of shape (m, 2)
        Births and deaths in each dimension, sorted by death, then by birth. H0 has one bar for
        each of the n points: n - 1 die at the edge lengths of the minimum spanning tree, exactly,
        those of length 0 included, and one lives forever (death infinity). In higher dimensions
        bars of length 0 are left out, and values are exact to single precision (about 6e-8).

    Raises
    ------
    ValueError
        If the matrix is not square, symmetric, finite, >= 0 with diagonal 0, or maxdim is below 0.

    References
    ----------
    Bauer (2021), doi:10.1007/s41468-021-00071-5. Tralie, Saul, Bar-On (2018),
    doi:10.21105/joss.00925.

    Examples
    --------
    >>> square = np.array([[0, 1, 2, 1], [1, 0, 1, 2], [2, 1, 0, 1], [1, 2, 1, 0]])
    >>> h0, h1 = persistence(square)
    >>> h0[:, 1].tolist(), h1.tolist()
    ([1.0, 1.0, 1.0, inf], [[1.0, 2.0]])
    """
    matrix = check_distances(distances)
    if not isinstance(maxdim, int) or maxdim < 0:
        raise ValueError(f"maxdim is {maxdim}: choose 0 (components), 1 (loops) or 2 (voids).")
    n = len(matrix)
    deaths = np.sort(_tree_lengths(matrix))
    if n:
        deaths = np.append(deaths, np.inf)
    diagrams = [np.column_stack([np.zeros(len(deaths)), deaths])]
    if maxdim == 0:
        return diagrams
    if n < 2:
        return diagrams + [np.zeros((0, 2)) for _ in range(maxdim)]
    higher = ripser(matrix, distance_matrix=True, maxdim=maxdim)["dgms"][1:]
    return diagrams + [_sorted(diagram.astype(np.float64)) for diagram in higher]


def check_distances(distances: np.ndarray) -> np.ndarray:
    """Return the distances as float64 after checking shape, symmetry, sign and diagonal.

    What rounding leaves, as in ``1 - abs(numpy.corrcoef(x))``, is put right.
    """
    matrix = np.asarray(distances, dtype=np.float64)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1]:
        raise ValueError(f"distances have shape {matrix.shape}: give one matrix of shape (n, n).")
    if not np.isfinite(matrix).all():
        raise ValueError("distances hold NaN or infinity: drop dead units first.")
    slack = ROUNDING * np.abs(matrix).max(initial=0)
    if matrix.min(initial=0) < -slack:
        raise ValueError(f"distances go down to {matrix.min():g}: use 1 - |r|, which is >= 0.")
    if np.abs(np.diagonal(matrix)).max(initial=0) > slack:
        raise ValueError(
            f"distances have {np.abs(np.diagonal(matrix)).max():g} on the diagonal: set it to 0."
        )
    gap = np.abs(matrix - matrix.T).max(initial=0)
    if gap > slack:
        raise ValueError(
            f"distances are not symmetric, d[i, j] and d[j, i] differ by up to {gap:g}: give "
            "symmetric ones, such as (d + d.T) / 2."
        )
    matrix = np.maximum((matrix + matrix.T) / 2, 0)
    np.fill_diagonal(matrix, 0)
    return matrix


def _sorted(diagram: np.ndarray) -> np.ndarray:
    return diagram[np.lexsort((diagram[:, 0], diagram[:, 1]))]


@numba.njit(cache=True, nogil=True)
def _tree_lengths(distances):  # type: ignore[no-untyped-def]
    """Prim: lengths of the edges of a minimum spanning tree, in the order in which they join."""
    n = len(distances)
    lengths = np.zeros(max(n - 1, 0))
    best = np.full(n, np.inf)
    joined = np.zeros(n, np.bool_)
    node = 0
    for step in range(n - 1):
        joined[node] = True
        nearest = -1
        for j in range(n):
            if not joined[j]:
                best[j] = min(best[j], distances[node, j])
                if nearest < 0 or best[j] < best[nearest]:
                    nearest = j
        lengths[step] = best[nearest]
        node = nearest
    return lengths
