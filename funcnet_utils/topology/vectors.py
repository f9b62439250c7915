"""Distances between vectors that stand for networks: curves, images, sorted edge weights."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import minimum_spanning_tree
from scipy.spatial.distance import pdist, squareform


def l2_matrix(vectors: Sequence[np.ndarray] | np.ndarray) -> np.ndarray:
    """Return the Euclidean distances between Betti curves, landscapes, images or silhouettes.

    Parameters
    ----------
    vectors : sequence of N ndarray of one shape
        Flattened first. No step of a grid enters: multiply by its root for an integral.

    Returns
    -------
    ndarray, shape (N, N)
        Symmetric, diagonal 0.

    Raises
    ------
    ValueError
        If the shapes differ.

    Examples
    --------
    >>> l2_matrix([[0, 0], [3, 4]]).tolist()
    [[0.0, 5.0], [5.0, 0.0]]
    """
    shapes = {np.shape(vector) for vector in vectors}
    if len(shapes) > 1:
        raise ValueError(f"vectors have shapes {sorted(shapes)}: use one grid for all.")
    flat = np.array([np.ravel(vector) for vector in vectors], dtype=np.float64)
    return squareform(pdist(flat)) if len(flat) > 1 else np.zeros((len(flat), len(flat)))


def graph_filtration_matrix(weight_matrices: Sequence[np.ndarray] | np.ndarray) -> np.ndarray:
    """Return the graph-filtration Wasserstein distances between weighted graphs of equal size.

    When edges are removed from the weakest to the strongest, each edge of the maximum spanning
    tree gives birth to a component and each other edge ends a loop. On sorted births and sorted
    deaths the 2-Wasserstein distance has a closed form: the Euclidean distance.

    Parameters
    ----------
    weight_matrices : sequence of ndarray, each of shape (n, n)
        Symmetric finite weights of N graphs, for functional networks ``|r|``; the diagonal is
        ignored.

    Returns
    -------
    ndarray, shape (N, N)
        Symmetric, diagonal 0.

    Raises
    ------
    ValueError
        If the matrices are not square, of one size, finite and symmetric.

    References
    ----------
    Songdechakraiwut, Chung (2023), doi:10.1214/22-AOAS1633.

    Examples
    --------
    >>> graph_filtration_matrix([np.zeros((2, 2)), np.array([[0, 3], [3, 0]])]).tolist()
    [[0.0, 3.0], [3.0, 0.0]]
    """
    shapes = {np.shape(weights) for weights in weight_matrices}
    if len(shapes) > 1 or any(len(shape) != 2 or shape[0] != shape[1] for shape in shapes):
        raise ValueError(
            f"weight matrices have shapes {sorted(shapes)}: give square ones of one size, with "
            "weights of 0 for units that are missing."
        )
    return l2_matrix([_births_and_deaths(np.asarray(w, np.float64)) for w in weight_matrices])


def _births_and_deaths(weights: np.ndarray) -> np.ndarray:
    """Return the weights of the edges of the maximum spanning tree, then of the others, sorted."""
    i, j = np.triu_indices(len(weights), 1)
    values = weights[i, j]
    if not np.isfinite(values).all():
        raise ValueError("a weight matrix holds NaN or infinity: drop dead units first.")
    if not np.array_equal(values, weights[j, i]):
        raise ValueError("a weight matrix is not symmetric: use (w + w.T) / 2.")
    order = np.argsort(-values, kind="stable")
    ranks = np.zeros(weights.shape)
    ranks[i[order], j[order]] = np.arange(1, len(order) + 1)
    tree = minimum_spanning_tree(csr_array(ranks)).data.astype(int) - 1
    births = np.zeros(len(order), dtype=bool)
    births[tree] = True
    ordered = values[order]
    return np.concatenate([ordered[births], ordered[~births]])
