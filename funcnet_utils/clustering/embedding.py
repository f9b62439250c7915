"""Networks as points of a plane."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from funcnet_utils.clustering.methods import checked_distances
from funcnet_utils.errors import check_int


def embed(distances: ArrayLike, n_dimensions: int = 2) -> np.ndarray:
    """Return points whose Euclidean distances resemble the distances: classical scaling.

    They are centred, the axis of the largest spread comes first, and in each axis the coordinate
    farthest from 0 is positive, so that figures do not flip. An axis without spread is 0.

    Parameters
    ----------
    distances : array_like, shape (n, n)
        Symmetric, finite, >= 0, diagonal 0.
    n_dimensions : int, default=2
        Coordinates of each point, at least 1.

    References
    ----------
    Torgerson (1952), doi:10.1007/BF02288916.

    Examples
    --------
    >>> embed([[0, 1, 3], [1, 0, 2], [3, 2, 0]], n_dimensions=1).round(6).ravel().tolist()
    [-1.333333, -0.333333, 1.666667]
    """
    from sklearn.manifold import ClassicalMDS

    matrix = checked_distances(distances)
    check_int("n_dimensions", n_dimensions, 1)
    scaling = ClassicalMDS(n_dimensions, metric="precomputed")
    with np.errstate(invalid="ignore"):  # roots of values below 0, where there is no such axis
        points = np.nan_to_num(scaling.fit_transform(matrix))
    return np.pad(points, ((0, 0), (0, n_dimensions - points.shape[1])))
