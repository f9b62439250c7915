"""Networks as points of a plane."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from funcnet_utils.clustering._check import checked_distances


def embed(distances: ArrayLike, n_dimensions: int = 2) -> np.ndarray:
    """Return points whose Euclidean distances resemble the distances: classical scaling.

    Parameters
    ----------
    distances : array_like, shape (n, n)
        Symmetric, finite, >= 0, diagonal 0.
    n_dimensions : int, default=2
        Coordinates of each point, at least 1.

    Returns
    -------
    ndarray, shape (n, n_dimensions)
        Centred, the axis of the largest spread first. In each axis the coordinate farthest from 0
        is positive, so that figures do not flip. An axis without spread is 0.

    Raises
    ------
    ValueError
        If the distances are not as above or n_dimensions is below 1.

    References
    ----------
    Torgerson (1952), doi:10.1007/BF02288916.

    Examples
    --------
    >>> embed([[0, 1, 3], [1, 0, 2], [3, 2, 0]], n_dimensions=1).round(6).ravel().tolist()
    [-1.333333, -0.333333, 1.666667]
    """
    matrix = checked_distances(distances)
    if n_dimensions < 1:
        raise ValueError(f"n_dimensions is {n_dimensions}: choose a whole number >= 1.")
    squares = matrix**2
    products = -0.5 * (
        squares - squares.mean(axis=0) - squares.mean(axis=1, keepdims=True) + squares.mean()
    )
    values, vectors = np.linalg.eigh(products)
    values, vectors = values[::-1][:n_dimensions], vectors[:, ::-1][:, :n_dimensions]
    points = vectors * np.sqrt(np.maximum(values, 0))
    points *= np.where(points.max(axis=0) >= -points.min(axis=0), 1, -1)
    return np.pad(points, ((0, 0), (0, n_dimensions - points.shape[1])))
