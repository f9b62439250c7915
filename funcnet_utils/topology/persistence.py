"""Persistent homology of distance matrices: components, loops, voids, their births and deaths."""

from __future__ import annotations

import numpy as np

from funcnet_utils.errors import check_distances, check_int, check_square
from funcnet_utils.topology._edges import MAX_POINTS
from funcnet_utils.topology._reduced_rips import reduced_rips
from funcnet_utils.topology.memory import refuse_if_too_large, refuse_or_announce


def persistence(distances: np.ndarray, maxdim: int = 1) -> list[np.ndarray]:
    """Return the persistence diagrams of the Vietoris-Rips filtration of a distance matrix.

    An edge enters at its distance, a triangle with its longest edge. Homology is over Z/2. The
    filtration is never cut below the enclosing radius, where one point is joined to all others
    and nothing but one component is left. Distances need not be a metric.

    Parameters
    ----------
    distances : ndarray, shape (n, n)
        Symmetric, >= 0, diagonal 0; for functional networks ``1 - |r|``. What rounding leaves, up
        to 1e-9 of the largest distance, is put right: the two halves are averaged.
    maxdim : int, default=1
        Highest dimension: 0 components, 1 loops, 2 voids. All are exact in double precision, by the
        reduced Vietoris-Rips filtration.

    Returns
    -------
    list of ndarray of float64, each of shape (m, 2)
        Births and deaths in each dimension, sorted by death, then by birth. H0 has one bar for
        each of the n points: n - 1 die at the edge lengths of the minimum spanning tree, those of
        length 0 included, and one lives forever (death infinity). In higher dimensions bars of
        length 0 are left out. No points: all diagrams are empty.

    Raises
    ------
    ValueError
        If the matrix is not square, symmetric, finite, >= 0 with diagonal 0, or the dimension is
        none of these.
    MemoryError
        If the computation would not fit; see `memory_estimate`.

    Warns
    -----
    LongComputationWarning
        If it is going to take more than a minute; see `time_estimate`.

    References
    ----------
    Koyama, Memoli, Robins, Turner (2023), arXiv:2307.16333 (reduced). Busaryev, Cabello, Chen, Dey,
    Wang (2012), arXiv:1107.3793 (annotations).

    Examples
    --------
    >>> square = np.array([[0, 1, 2, 1], [1, 0, 1, 2], [2, 1, 0, 1], [1, 2, 1, 0]])
    >>> h0, h1 = persistence(square)
    >>> h0[:, 1].tolist(), h1.tolist()
    ([1.0, 1.0, 1.0, inf], [[1.0, 2.0]])
    """
    n = len(check_square("the matrix of distances", distances, one=True))
    check_int("the number of points", n, 0, MAX_POINTS)
    check_int("maxdim", maxdim, 0, 2)
    refuse_if_too_large(n, 0, maxdim)
    matrix = check_distances(distances)
    refuse_or_announce(matrix, maxdim)
    deaths, *bars = reduced_rips(matrix, maxdim)
    # all components are born at 0, and one never dies
    h0 = np.column_stack([np.zeros(n), np.append(np.sort(deaths), np.full(min(n, 1), np.inf))])
    return [h0, *(pairs[np.lexsort(pairs.T)] for pairs in bars)][: maxdim + 1]
