"""Distances between vectors that stand for networks: curves, images, sorted strengths."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.spatial.distance import pdist, squareform

from funcnet_utils._tree import spanning_tree_keys


def l2_matrix(vectors: Sequence[np.ndarray] | np.ndarray) -> np.ndarray:
    """Return the (N, N) Euclidean distances between Betti curves, landscapes or images.

    Parameters
    ----------
    vectors : sequence of N ndarray of one shape
        Flattened first; another shape is a ValueError. No step of a grid enters: multiply by its
        root for an integral.
    """
    shapes = {np.shape(vector) for vector in vectors}
    if len(shapes) > 1:
        raise ValueError(f"vectors have shapes {sorted(shapes)}: use one grid for all.")
    flat = np.array([np.ravel(vector) for vector in vectors], dtype=np.float64)
    return squareform(pdist(flat)) if len(flat) > 1 else np.zeros((len(flat), len(flat)))


def graph_filtration_matrix(strengths: Sequence[np.ndarray] | np.ndarray) -> np.ndarray:
    """Return the (N, N) graph-filtration Wasserstein distances of weighted graphs of one size.

    When edges are removed from the weakest to the strongest, each edge of the maximum spanning
    tree gives birth to a component and each other edge ends a loop. On sorted births and sorted
    deaths the 2-Wasserstein distance has a closed form: the Euclidean distance.

    Parameters
    ----------
    strengths : sequence of ndarray, each of shape (n, n)
        N symmetric, finite matrices, for functional networks ``|r|``; the diagonal is ignored.
        Others are a ValueError.

    References
    ----------
    Songdechakraiwut, Chung (2023), doi:10.1214/22-AOAS1633.

    Examples
    --------
    >>> graph_filtration_matrix([np.zeros((2, 2)), np.array([[0, 3], [3, 0]])]).tolist()
    [[0.0, 3.0], [3.0, 0.0]]
    """
    shapes = {np.shape(matrix) for matrix in strengths}
    if len(shapes) > 1 or any(len(shape) != 2 or shape[0] != shape[1] for shape in shapes):
        raise ValueError(
            f"strengths have shapes {sorted(shapes)}: give square matrices of one size, with 0 for "
            "units that are missing."
        )
    return l2_matrix([_births_and_deaths(np.asarray(matrix, float)) for matrix in strengths])


def _births_and_deaths(strength: np.ndarray) -> np.ndarray:
    """Return the strengths of the maximum spanning tree, then of the other edges, descending."""
    upper = np.triu_indices(len(strength), 1)
    values = strength[upper]
    if not np.isfinite(values).all():
        raise ValueError("strengths hold NaN or infinity: drop dead units first.")
    if not np.array_equal(values, strength.T[upper]):
        raise ValueError("strengths are not symmetric: use (s + s.T) / 2.")
    in_tree = np.zeros(strength.shape, dtype=bool)
    in_tree.flat[spanning_tree_keys(strength)] = True
    births = in_tree[upper]
    return -np.concatenate([np.sort(-values[births]), np.sort(-values[~births])])
