"""Checks of the chapter on speed."""

from __future__ import annotations

import numpy as np

from coursework.checks import toys
from coursework.checks.core import Judge, Solution, exercise
from funcnet_utils import graphs, topology

MERGED, NAIVE = 1e-9, 1e-6  # relative errors that tell the two ways apart


def diagrams() -> tuple[np.ndarray, np.ndarray]:
    """Return two small persistence diagrams, sorted along the diagonal.

    Returns
    -------
    tuple of ndarray, shapes (10, 2) and (9, 2)

    Examples
    --------
    >>> one, two = diagrams()
    >>> len(one), len(two), bool((one[:, 0] < one[:, 1]).all())
    (10, 9, True)
    """
    rng = np.random.default_rng(7)
    found = []
    for count in (10, 9):
        births = rng.uniform(0, 0.9, count)
        points = np.column_stack([births, births + rng.uniform(0.02, 0.3, count)])
        found.append(points[np.argsort(points.sum(axis=1))])
    return found[0], found[1]


@exercise("pf-ex-1", "an AND and a count are all that a triangle needs.")
def clustering_of_bits() -> Solution:
    """Clustering of the bridge."""
    right = graphs.clustering(toys.bridge())
    return Solution(
        right,
        [
            (2 * right, "Each triangle is seen from both of its other corners: halve the count."),
            (graphs.transitivity(toys.bridge()), "That is T: average the shares of the nodes."),
        ],
        "For each node, count neighbours of its neighbours that are its neighbours as well.",
    )


@exercise("pf-ex-2", "the small assignment gives the distance of the large one.")
def reduced_assignment() -> Solution:
    """Wasserstein-2 distance of the two diagrams."""
    one, two = diagrams()
    right = topology.wasserstein(one, two)
    ways = [((points[:, 1] - points[:, 0]) ** 2).sum() / 2 for points in (one, two)]
    return Solution(
        right,
        [
            (right**2, "That is the sum of squares: take its root."),
            (
                float(np.sqrt(sum(ways))),
                "All points went to the diagonal: add what matching saves.",
            ),
            (topology.wasserstein(one, two, order=1), "That is order 1: square the distances."),
        ],
        "A way to the diagonal is as long as the life of a point, divided by the root of 2.",
    )


@exercise("pf-ex-3", "merging keeps the digits that the sums of products lose.")
def merged_moments() -> Judge:
    """Accept the relative errors of merged moments and of sums of products."""

    def judge(answer: np.ndarray) -> str | None:
        if answer.shape != (2,):
            return "Give two numbers: the relative error of the merged and of the naive moments."
        merged, naive = answer
        if merged < 0 or naive < 0:
            return "An error is a size: take the largest absolute difference."
        if merged > MERGED:
            return "The merged moments are off: is the share of the means n_A n_B / (n_A + n_B)?"
        if naive < NAIVE:
            return "The sums of products lose digits: did you shift the signals by a million?"
        return None

    return judge
