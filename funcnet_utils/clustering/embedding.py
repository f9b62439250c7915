"""Networks as points of a plane."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from funcnet_utils.errors import check_distances


def embed(distances: ArrayLike) -> np.ndarray:
    """Return points of a plane whose Euclidean distances resemble the distances: classical scaling.

    They are centred, the axis of the largest spread comes first, and in each axis the coordinate
    farthest from 0 is positive, so that figures do not flip. An axis without spread is 0.

    Parameters
    ----------
    distances : array_like, shape (n, n)
        Symmetric, finite, >= 0, diagonal 0.

    Returns
    -------
    ndarray, shape (n, 2)

    References
    ----------
    Torgerson (1952), doi:10.1007/BF02288916.

    Examples
    --------
    >>> embed([[0, 1, 3], [1, 0, 2], [3, 2, 0]])[:, 0].round(6).tolist()
    [-1.333333, -0.333333, 1.666667]
    """
    from sklearn.manifold import ClassicalMDS

    matrix = check_distances(distances, least=2)
    scaling = ClassicalMDS(2, metric="precomputed")
    with np.errstate(invalid="ignore"):  # roots of values below 0, where there is no such axis
        points = np.nan_to_num(scaling.fit_transform(matrix))
    return np.pad(points, ((0, 0), (0, 2 - points.shape[1])))
