"""Distances between representations: what networks make of the same images."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
from scipy.linalg import svdvals
from scipy.spatial.distance import pdist
from scipy.stats import rankdata

from funcnet_utils.errors import as_numbers


def representation_distances(activations: Sequence[np.ndarray]) -> dict[str, np.ndarray]:
    """Return distances between networks by their activations on the same images.

    Networks may differ in units. 16 n_samples^2 bytes per network are held.

    Parameters
    ----------
    activations : sequence of ndarray, each of shape (n_samples, n_units)
        Activations of each of N networks, images in the same order, at least 3; ValueError if
        their numbers differ or all units of a network are constant.

    Returns
    -------
    dict of str to ndarray, each of shape (N, N)
        "cka", 1 minus linear centred kernel alignment, in [0, 1]; "procrustes", what the best
        rotation leaves between centred activations of norm 1, in [0, sqrt(2)]; "rsa", 1 minus
        Spearman's correlation between the distances of all pairs of images, in [0, 2].

    References
    ----------
    Kornblith et al. (2019), arXiv:1905.00414; Williams et al. (2021), arXiv:2110.14739;
    Kriegeskorte, Mur, Bandettini (2008), doi:10.3389/neuro.06.004.2008.

    Examples
    --------
    >>> one = np.random.default_rng(0).normal(size=(20, 4))
    >>> found = representation_distances([one, 3 * one[:, ::-1] + 1])
    >>> [round(float(matrix[0, 1]), 6) + 0.0 for matrix in found.values()]
    [0.0, 0.0, 0.0]
    """
    name = "activations (n_samples, n_units)"
    given = [as_numbers(name, each, ndim=2).astype(float) for each in activations]
    counts = [len(each) for each in given]
    if min(counts, default=0) < 3 or len(set(counts)) > 1:
        numbers = ", ".join(map(str, counts)) or "no"
        raise ValueError(f"networks saw {numbers} images: give the same ones, at least 3.")
    centred = [each - each.mean(axis=0) for each in given]
    norms = [float(np.linalg.norm(each)) for each in centred]
    if 0 in norms:
        raise ValueError(f"all units of network {norms.index(0)} are constant: leave it out.")
    units = [each / norm for each, norm in zip(centred, norms, strict=True)]
    similar = np.eye(len(units))
    for i, j in combinations(range(len(units)), 2):
        similar[i, j] = similar[j, i] = svdvals(units[i].T @ units[j]).sum()
    ranks = [rankdata(pdist(each)) for each in given]
    return {
        "cka": 1 - _cosines([each @ each.T for each in units]),
        "procrustes": np.sqrt(2 * np.maximum(1 - similar, 0)),
        "rsa": 1 - _cosines([rank - rank.mean() for rank in ranks]),
    }


def _cosines(arrays: Sequence[np.ndarray]) -> np.ndarray:
    """Return the cosines between all pairs of arrays, exactly 1 of each with itself."""
    table = np.array([array.ravel() / (np.linalg.norm(array) or 1.0) for array in arrays])
    found = np.minimum(table @ table.T, 1)
    np.fill_diagonal(found, 1)
    return (found + found.T) / 2
