"""Checked matrices of distances and labels."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike


def checked_distances(distances: ArrayLike) -> np.ndarray:
    """Return distances as floats, or say what is wrong with them."""
    matrix = np.asarray(distances, dtype=float)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or len(matrix) < 2:
        raise ValueError(
            f"distances have shape {matrix.shape}: give a square matrix of at least 2 networks."
        )
    if not np.isfinite(matrix).all() or (matrix < 0).any() or np.diagonal(matrix).any():
        raise ValueError(
            "distances are not all finite and >= 0 with a diagonal of 0: check how they were made."
        )
    if not np.allclose(matrix, matrix.T, rtol=1e-9, atol=0):
        raise ValueError("distances are not symmetric: use (d + d.T) / 2.")
    return (matrix + matrix.T) / 2


def codes(labels: Sequence[object] | np.ndarray, n: int) -> np.ndarray:
    """Return labels as whole numbers from 0, one for each of n networks."""
    if len(labels) != n:
        raise ValueError(f"there are {len(labels)} labels for {n} networks: give one of each.")
    return np.unique(np.asarray(labels), return_inverse=True)[1]
