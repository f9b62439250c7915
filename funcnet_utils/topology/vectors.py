"""Distances between vectors that stand for networks: curves, images, sorted strengths."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.spatial.distance import pdist, squareform

from funcnet_utils._tree import spanning_tree_keys
from funcnet_utils.errors import as_numbers, check_matrix, power_of_2


def l2_matrix(vectors: Sequence[np.ndarray] | np.ndarray) -> np.ndarray:
    """Return the (N, N) Euclidean distances between Betti curves, landscapes or images.

    Parameters
    ----------
    vectors : sequence of N ndarray of one shape
        Flattened first; another shape is a ValueError. No step of a grid enters: multiply by its
        root for an integral.
    """
    arrays = [as_numbers("a vector", vector) for vector in vectors]
    if len(shapes := {array.shape for array in arrays}) > 1:
        raise ValueError(f"vectors have shapes {sorted(shapes)}: use one grid for all.")
    flat = np.array([array.ravel() for array in arrays], dtype=np.float64)
    if len(flat) < 2:
        return np.zeros((len(flat), len(flat)))
    scale = power_of_2(np.abs(flat).max(initial=0))  # no square is 0 or inf
    return squareform(pdist(flat / scale)) * scale


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
    matrices = [check_matrix("a strength", matrix, one=True) for matrix in strengths]
    if len(sizes := {len(matrix) for matrix in matrices}) > 1:
        raise ValueError(
            f"strengths are of {sorted(sizes)} units: give matrices of one size, with 0 for units "
            "that are missing."
        )
    return l2_matrix([_births_and_deaths(matrix) for matrix in matrices])


def _births_and_deaths(strength: np.ndarray) -> np.ndarray:
    """Return the strengths of the maximum spanning tree, then of the other edges, descending."""
    upper = np.triu_indices(len(strength), 1)
    values = strength[upper]
    in_tree = np.zeros(strength.shape, dtype=bool)
    in_tree.flat[spanning_tree_keys(strength)] = True
    births = in_tree[upper]
    return -np.concatenate([np.sort(-values[births]), np.sort(-values[~births])])
