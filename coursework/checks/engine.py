"""Checks of the chapter on speed."""

from __future__ import annotations

import numpy as np

from coursework.checks import toys
from coursework.checks.core import Hint, Solution, exercise
from funcnet_utils import graphs, topology

MERGED = 1e-9  # relative error: merging keeps nearly all digits
FACTOR = 10  # between machines, in what sums of products lose


@exercise("pf-ex-1")
def clustering_of_bits() -> Solution:
    """Clustering of the bridge."""
    right = graphs.clustering(toys.bridge())
    return Solution(right, twice=2 * right, transitivity=graphs.transitivity(toys.bridge()))


@exercise("pf-ex-2")
def reduced_assignment() -> Solution:
    """Wasserstein-2 distance of the two diagrams."""
    one, two = toys.diagrams()
    right = topology.wasserstein(one, two)
    ways = [((points[:, 1] - points[:, 0]) ** 2).sum() / 2 for points in (one, two)]
    return Solution(
        right,
        squared=right**2,
        diagonal=float(np.sqrt(sum(ways))),
        order=topology.wasserstein(one, two, order=1),
    )


@exercise("pf-ex-3")
def merged_moments(answer: np.ndarray, signals: np.ndarray) -> Hint | None:
    """Accept the relative errors of merged moments and of sums of products."""
    if answer.shape != (2,):
        return "shape"
    merged, naive = answer
    if merged < 0 or naive < 0:
        return "negative"
    if merged > MERGED:
        return "merging"
    shifted = signals.T + 1e6
    n, means, truth = len(shifted), shifted.mean(axis=0), np.cov(shifted.T, ddof=0) * len(shifted)
    lost = np.abs(shifted.T @ shifted - n * np.outer(means, means) - truth).max()
    expected = lost / np.abs(truth).max()
    return None if expected / FACTOR < naive < expected * FACTOR else "unshifted"
